//! Errors, in the words and in the file that the caller wants: containerd and CRI-O parse runc's JSON lines.

use std::fs::{File, OpenOptions};
use std::io::Write as _;

use crate::arguments::{Global, LogFormat};
use crate::failure::Failure;

/// Where errors go.
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<File>,
    format: LogFormat,
}

impl Log {
    /// Opens the log; where that is not possible, errors go to standard error alone.
    pub(crate) fn open(global: &Global) -> Self {
        let open = |path| OpenOptions::new().append(true).create(true).open(path).ok();
        Self { file: global.log.as_ref().and_then(open), format: global.log_format }
    }

    /// Writes what failed. With a log file people see it on standard error too, as in runc.
    pub(crate) fn error(&self, failure: &Failure) {
        let time = jiff::Timestamp::now().to_string();
        let line = match self.format {
            LogFormat::Json => {
                serde_json::json!({ "level": "error", "msg": failure.message, "time": time }).to_string()
            }
            LogFormat::Text if self.file.is_some() => {
                format!("time={time:?} level=error msg={:?}", failure.message)
            }
            LogFormat::Text => String::new(),
        };
        if let Some(mut file) = self.file.as_ref() {
            // A log that cannot be written does not change what happened.
            let _written = writeln!(file, "{line}");
        }
        if self.file.is_none() && self.format == LogFormat::Json {
            crate::output::error_line(&line);
        } else {
            crate::output::error(failure);
        }
    }
}
