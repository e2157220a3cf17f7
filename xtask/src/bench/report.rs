//! The figures as tables and as JSON, and whether the goals are met.

use std::time::Duration;

use serde_json::{Value, json};

use super::life::Contestant;
use super::verbs::{Times, VERBS};

/// The goals for `holm-oci run`: at most so many times the floor, so many times crun, so many KiB.
const TIMES_FLOOR: f64 = 1.6;
const TIMES_CRUN: f64 = 0.5;
const PEAK_KIB: u64 = 3 * 1024;

/// Prints the tables; gives them as JSON.
pub(super) fn print(rounds: usize, life: &[Contestant], verbs: &[Times]) -> Value {
    let whole = print_life(life);
    let (goals, single) = (print_goals(life), print_verbs(verbs));
    json!({ "rounds": rounds, "work": "run /bin/true", "results": whole, "goals": goals, "verbs": single })
}

fn print_life(life: &[Contestant]) -> Vec<Value> {
    let floor = of(life, "floor").map_or(1.0, |floor| median(&floor.times));
    // On a busy machine the shortest times still compare.
    let shortest_floor = of(life, "floor").map_or(1.0, |floor| shortest(&floor.times));
    let head = ("program", "median ms", "x floor", "least ms", "x floor", "peak RSS KiB");
    println!("\n{:<10} {:>10} {:>9} {:>10} {:>9} {:>13}", head.0, head.1, head.2, head.3, head.4, head.5);
    let row = |contestant: &Contestant| {
        let (name, median, peak) = (contestant.name, median(&contestant.times), contestant.peak_kib);
        let (ratio, least) = (median / floor, shortest(&contestant.times));
        let least_ratio = least / shortest_floor;
        println!("{name:<10} {median:>10.2} {ratio:>9.2} {least:>10.2} {least_ratio:>9.2} {peak:>13}");
        json!({
            "program": name, "median_ms": median, "times_floor": ratio,
            "least_ms": least, "least_times_floor": least_ratio, "peak_rss_kib": peak
        })
    };
    life.iter().map(row).collect()
}

fn print_goals(life: &[Contestant]) -> Vec<Value> {
    println!();
    let Some(holm) = of(life, "holm-oci") else { return Vec::new() };
    let mut goals = Vec::new();
    let mut goal = |what: &str, is: f64, most: f64| {
        let met = is <= most;
        println!("goal: {what} at most {most:.1}, is {is:.2}: {}", if met { "met" } else { "MISSED" });
        goals.push(json!({ "goal": what, "most": most, "is": is, "met": met }));
    };
    for (peer, most) in [("floor", TIMES_FLOOR), ("crun", TIMES_CRUN)] {
        if let Some(peer) = of(life, peer) {
            goal(&format!("holm-oci run / {}", peer.name), median(&holm.times) / median(&peer.times), most);
        }
    }
    if let (Ok(is), Ok(most)) = (u32::try_from(holm.peak_kib), u32::try_from(PEAK_KIB)) {
        goal("peak RSS in MiB", f64::from(is) / 1024.0, f64::from(most) / 1024.0);
    }
    goals
}

fn print_verbs(verbs: &[Times]) -> Vec<Value> {
    print!("\n{:<16}", "verb, median ms");
    verbs.iter().for_each(|times| print!(" {:>10}", times.name));
    println!();
    let rows = VERBS.iter().enumerate().map(|(index, (verb, _))| {
        print!("{verb:<16}");
        let medians = verbs.iter().map(|times| {
            let median = times.times.get(index).map_or(0.0, |times| median(times));
            print!(" {median:>10.2}");
            (times.name.to_owned(), json!(median))
        });
        let medians: serde_json::Map<_, _> = medians.collect();
        println!();
        json!({ "verb": verb, "median_ms": medians })
    });
    rows.collect()
}

fn of<'a>(life: &'a [Contestant], name: &str) -> Option<&'a Contestant> {
    life.iter().find(|contestant| contestant.name == name)
}

/// In milliseconds.
fn shortest(times: &[Duration]) -> f64 {
    times.iter().min().copied().unwrap_or_default().as_secs_f64() * 1000.0
}

/// In milliseconds.
fn median(times: &[Duration]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1000.0
}
