//! `spec`.

use std::io::Write as _;

use crate::arguments::SpecArguments;
use crate::default_config::default_config;
use crate::failure::Failure;

pub(super) fn spec(arguments: &SpecArguments) -> Result<(), Failure> {
    let path = arguments.bundle.join("config.json");
    let config = default_config(arguments.rootless);
    let text = serde_json::to_string_pretty(&config).map_err(|error| Failure::new(error.to_string()))?;
    // What stands there may be somebody's work.
    let file = std::fs::File::create_new(&path);
    file.and_then(|mut file| writeln!(file, "{text}")).map_err(|error| {
        Failure::new(match error.kind() {
            std::io::ErrorKind::AlreadyExists => format!("{} exists already: remove it first", path.display()),
            _ => {
                let errno = rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO);
                let call = linux::Error::new(format!("open({path:?}, O_CREAT|O_EXCL)"), errno);
                format!("could not write the configuration: {call}")
            }
        })
    })
}
