//! Errors and warnings, in the words and in the file that the caller wants: containerd and CRI-O parse runc's JSON lines.

use std::fs::{File, OpenOptions};
use std::io::Write as _;

use crate::arguments::{Global, LogFormat};
use crate::failure::Failure;
use crate::output;

/// Where errors and warnings go.
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<File>,
    format: LogFormat,
    debug: bool,
}

impl Log {
    /// Opens the log. Whoever asks for one reads it and nothing else: without it nothing is done, as in runc.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        let open = |path| {
            OpenOptions::new().append(true).create(true).open(path).map_err(|error| {
                let errno = rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO);
                let call = linux::Error::new(format!("open({path:?}, O_APPEND|O_CREAT)"), errno);
                Failure::new(format!("could not open the log: {call}"))
            })
        };
        Ok(Self { file: global.log.as_ref().map(open).transpose()?, format: global.log_format, debug: global.debug })
    }

    /// Writes what failed. With a log file people see it on standard error too, as in runc.
    pub(crate) fn error(&self, failure: &Failure) {
        let line = self.line("error", &failure.message);
        self.write(&line);
        if self.file.is_none() && self.format == LogFormat::Json {
            output::error_line(&line);
        } else {
            output::error(failure);
        }
    }

    /// Writes what was asked for and has no effect.
    pub(crate) fn warning(&self, sentence: &str) {
        self.note("warning", sentence);
    }

    /// Writes with `--debug` what is done.
    pub(crate) fn debug(&self, sentences: impl FnOnce() -> Vec<String>) {
        if self.debug {
            sentences().iter().for_each(|sentence| self.note("debug", sentence));
        }
    }

    /// Into the log alone where there is one, as in runc.
    fn note(&self, level: &str, sentence: &str) {
        let line = self.line(level, sentence);
        match (&self.file, self.format) {
            (Some(_), _) => self.write(&line),
            (None, LogFormat::Json) => output::error_line(&line),
            (None, LogFormat::Text) => output::error_line(&format!("holm-oci: {level}: {sentence}")),
        }
    }

    fn line(&self, level: &str, message: &str) -> String {
        let time = jiff::Timestamp::now().to_string();
        match self.format {
            LogFormat::Json => serde_json::json!({ "level": level, "msg": message, "time": time }).to_string(),
            LogFormat::Text => format!("time={time:?} level={level} msg={message:?}"),
        }
    }

    fn write(&self, line: &str) {
        if let Some(mut file) = self.file.as_ref() {
            // A log that cannot be written does not change what happened.
            let _written = writeln!(file, "{line}");
        }
    }
}
