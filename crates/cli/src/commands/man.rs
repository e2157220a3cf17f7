//! `man`: the manual pages, made from the same table as the help.

use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output;

/// Prints the page of a verb, or of holm itself.
pub(super) fn man(verb: Option<&str>) -> Result<u8, Failure> {
    let mut command = Arguments::command();
    command.build();
    let page = match verb {
        None => command,
        Some(verb) => command
            .find_subcommand(verb)
            .cloned()
            .ok_or_else(|| Failure::new(format!("there is no verb `{verb}`; `holm --help` lists them")))?
            .name(format!("holm-{verb}")),
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| Failure::new(format!("could not write the manual page: {error}")))?;
    output::text(&String::from_utf8_lossy(&text))?;
    Ok(0)
}
