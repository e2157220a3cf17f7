//! `list`.

use std::fmt::Write as _;
use std::path::Path;

use runtime::lifecycle::{self, ContainerState};

use crate::arguments::{ListArguments, ListFormat};
use crate::failure::Failure;
use crate::output;

pub(super) fn list(arguments: &ListArguments, root: &Path) -> Result<(), Failure> {
    let containers = lifecycle::list(root)?;
    if arguments.quiet {
        output::text(&containers.iter().map(|container| format!("{}\n", container.id)).collect::<String>());
        return Ok(());
    }
    match arguments.format {
        ListFormat::Json => {
            let text = serde_json::to_string(&containers).map_err(|error| Failure::new(error.to_string()))?;
            output::text(&format!("{text}\n"));
        }
        ListFormat::Table => output::text(&table(&containers)),
    }
    Ok(())
}

/// runc's columns: each as wide as its widest entry and three blanks, and at least twelve.
fn table(containers: &[ContainerState]) -> String {
    let head = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"].map(str::to_owned);
    let rows = containers.iter().map(|container| {
        [
            container.id.clone(),
            container.pid.to_string(),
            container.status.to_string(),
            container.bundle.display().to_string(),
            container.created.clone(),
            container.owner.clone(),
        ]
    });
    let rows: Vec<_> = [head].into_iter().chain(rows).collect();
    let longest = |column: usize| rows.iter().map(|row| row.get(column).map_or(0, String::len)).max().unwrap_or(0);
    let width = |column: usize| (longest(column) + 3).max(12);
    let mut text = String::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            let width = if column + 1 == row.len() { 0 } else { width(column) };
            // Writing into a String cannot fail.
            let _written = write!(text, "{cell:<width$}");
        }
        text.push('\n');
    }
    text
}
