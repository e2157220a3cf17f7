//! Terminals: in the foreground raw and resized, detached through a console socket.

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{IoSliceMut, Read as _, Write as _};
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant};

    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
    use rustix::pty::OpenptFlags;
    use rustix::termios::{LocalModes, Winsize, isatty, tcgetattr, tcsetwinsize};
    use serde_json::json;
    use test_support::{Bundle, is_root, program, skip};

    /// A terminal of the test's own, with `holm-oci` on its other side.
    struct Watched {
        master: File,
        slave: File,
        child: Child,
        seen: String,
    }

    fn size(rows: u16, columns: u16) -> Winsize {
        Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
    }

    fn terminal() -> (File, File) {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = rustix::pty::openpt(flags).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let slave = rustix::pty::ioctl_tiocgptpeer(&master, flags).unwrap();
        tcsetwinsize(&master, size(24, 80)).unwrap();
        (master.into(), slave.into())
    }

    impl Watched {
        /// Runs the container with that terminal as its caller's controlling terminal.
        fn new(bundle: &Bundle) -> Option<Self> {
            bundle.write();
            Self::of(bundle, bundle.directory())
        }

        /// The same for another bundle's directory.
        fn of(bundle: &Bundle, directory: &Path) -> Option<Self> {
            let Some(setsid) = program("setsid") else {
                skip("setsid is not installed");
                return None;
            };
            let (master, slave) = terminal();
            let words = bundle.words(&["run", "-b", &directory.to_string_lossy(), &bundle.id]);
            let words: Vec<_> = [&setsid.to_string_lossy(), "--ctty", "--wait"]
                .into_iter()
                .chain(words.iter().map(String::as_str))
                .map(str::to_owned)
                .collect();
            let side = || Stdio::from(slave.try_clone().unwrap());
            let mut command = test_support::command(&words.iter().map(String::as_str).collect::<Vec<_>>());
            let child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
            Some(Self { master, slave, child, seen: String::new() })
        }

        /// Reads until that text has come.
        fn await_text(&mut self, text: &str) {
            let begin = Instant::now();
            while !self.seen.contains(text) {
                assert!(begin.elapsed() < Duration::from_secs(120), "no {text:?} in {:?}", self.seen);
                self.seen.push_str(&read_some(&mut self.master));
            }
        }

        fn type_text(&mut self, text: &str) {
            self.master.write_all(text.as_bytes()).unwrap();
        }

        fn is_raw(&self) -> bool {
            !tcgetattr(&self.slave).unwrap().local_modes.intersects(LocalModes::ECHO | LocalModes::ICANON)
        }

        /// The exit code, once the container has ended.
        fn end(mut self) -> (Option<i32>, String) {
            // What is written meanwhile must be read, or the writer would wait.
            let status = loop {
                self.seen.push_str(&read_some(&mut self.master));
                if let Some(status) = self.child.try_wait().unwrap() {
                    break status;
                }
            };
            self.seen.push_str(&read_some(&mut self.master));
            assert!(!self.is_raw(), "the caller's terminal has its mode back");
            (status.code(), std::mem::take(&mut self.seen))
        }
    }

    /// What comes within a moment.
    fn read_some(master: &mut File) -> String {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        let ready = poll(&mut [PollFd::new(master, PollFlags::IN)], Some(&moment)).unwrap();
        let mut buffer = [0; 4096];
        let length = if ready == 0 { 0 } else { master.read(&mut buffer).unwrap_or(0) };
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    fn bundle(text: &str) -> Option<Bundle> {
        let mut bundle = Bundle::shell(text)?;
        bundle.set("/process/terminal", json!(true));
        Some(bundle)
    }

    #[test]
    fn keys_go_to_the_container_and_the_callers_terminal_gets_its_mode_back() {
        let text = "trap 'echo interrupted' INT; echo ready; until read line && test -n \"$line\"; do :; done; \
                    echo \"read $line\"; read line; exit 5";
        let Some(bundle) = bundle(text) else { return };
        let Some(mut watched) = Watched::new(&bundle) else { return };
        watched.await_text("ready");
        assert!(watched.is_raw());
        // The container's terminal makes the signal of the key, and not the caller's.
        watched.type_text("\u{3}");
        watched.await_text("interrupted");
        watched.type_text("words\r");
        watched.await_text("read words");
        watched.type_text("\r");
        assert_eq!(watched.end().0, Some(5));
        bundle.leftovers().assert_none();
    }

    #[test]
    fn what_spec_writes_runs_as_it_stands() {
        let Some(bundle) = bundle("") else { return };
        let directory = bundle.directory().join("fresh");
        std::fs::create_dir_all(&directory).unwrap();
        std::os::unix::fs::symlink("../rootfs", directory.join("rootfs")).unwrap();
        let path = directory.to_string_lossy().into_owned();
        let words = ["spec", "-b", &path, "--rootless"];
        assert_eq!(bundle.oci(if is_root() { &words[..3] } else { &words }).code, 0);
        let Some(mut watched) = Watched::of(&bundle, &directory) else { return };
        watched.await_text("# ");
        watched.type_text("echo $((6 * 7)); exit 3\r");
        let (code, text) = watched.end();
        assert!(code == Some(3) && text.contains("42"), "{code:?} {text:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_change_of_size_reaches_the_container() {
        let Some(bundle) = bundle("trap 'stty size' WINCH; stty size; while true; do sleep 0.1; done") else { return };
        let Some(mut watched) = Watched::new(&bundle) else { return };
        watched.await_text("24 80");
        tcsetwinsize(&watched.master, size(50, 132)).unwrap();
        watched.await_text("50 132");
        assert_eq!(bundle.oci(&["kill", &bundle.id, "KILL"]).code, 0);
        assert_eq!(watched.end().0, Some(137));
        bundle.leftovers().assert_none();
    }

    #[test]
    fn nothing_of_a_long_output_is_lost() {
        let Some(bundle) = bundle("seq 1 20000") else { return };
        let Some(watched) = Watched::new(&bundle) else { return };
        let (code, text) = watched.end();
        assert_eq!((code, text.lines().count()), (Some(0), 20_000));
        assert!(text.ends_with("\r\n20000\r\n"), "{}", &text[text.len() - 40..]);
        bundle.leftovers().assert_none();
    }

    /// What the receiver of a console socket gets: the descriptor, and the bytes beside it.
    fn receive(listener: &UnixListener) -> (OwnedFd, Vec<u8>) {
        let (stream, _) = listener.accept().unwrap();
        let mut bytes = [0_u8; 4096];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let length =
            rustix::net::recvmsg(&stream, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC);
        let length = length.unwrap().bytes;
        let mut descriptors: Vec<_> = control
            .drain()
            .filter_map(|message| match message {
                RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(descriptors.len(), 1, "one descriptor comes");
        (descriptors.remove(0), bytes[..length].to_vec())
    }

    /// Makes the container with these words, and gives the terminal that comes through the socket.
    fn detached(bundle: &Bundle, verb: &[&str]) -> File {
        bundle.write();
        // A socket's path is short; the test's directory is in /tmp.
        let path = bundle.directory().join("console");
        let listener = UnixListener::bind(&path).unwrap();
        let output = bundle.oci(&[verb, &["--console-socket", &path.to_string_lossy(), &bundle.id]].concat());
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
        let (master, name) = receive(&listener);
        assert_eq!(String::from_utf8_lossy(&name), "/dev/ptmx", "the message names the descriptor, as runc's does");
        assert!(isatty(&master));
        master.into()
    }

    #[test]
    fn a_detached_containers_terminal_goes_through_the_console_socket() {
        let Some(bundle) = bundle("tty; stty size; read line; echo \"read $line\"; exec sleep 1000") else { return };
        for verbs in [&["run", "--detach"][..], &["create"]] {
            let mut master = detached(&bundle, verbs);
            tcsetwinsize(&master, size(33, 77)).unwrap();
            if verbs == ["create"] {
                assert_eq!(bundle.oci(&["start", &bundle.id]).code, 0);
            }
            master.write_all(b"words\r").unwrap();
            let (begin, mut seen) = (Instant::now(), String::new());
            while !seen.contains("read words") {
                assert!(begin.elapsed() < Duration::from_secs(120), "{seen:?}");
                seen.push_str(&read_some(&mut master));
            }
            assert!(seen.contains("/dev/pts/0"), "{seen:?}");
            // As created: only then is the size certain to have come before the program.
            assert!(verbs != ["create"] || seen.contains("33 77"), "{seen:?}");
            assert_eq!(bundle.oci(&["delete", "--force", &bundle.id]).code, 0);
            std::fs::remove_file(bundle.directory().join("console")).unwrap();
        }
        bundle.leftovers().assert_none();
    }
}
