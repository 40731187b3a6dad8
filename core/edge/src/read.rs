//! Files of this machine that are named by a path: regular ones, within a limit. Every file that is
//! read whole is read here.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use pacto_core::fact::{Failure, TextProblem};

/// Larger files are not read at all.
pub(crate) const MAX_FILE: u64 = 64 << 20;

/// The bytes of a regular file of at most `limit` bytes: devices and pipes, which may never end,
/// are not opened.
///
/// # Errors
/// It is not there, not a regular file, too large, or cannot be read.
pub fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let metadata = fs::metadata(path).map_err(failure)?;
    if !metadata.is_file() {
        return Err(Failure::NotAFile { kind: kind(&metadata) });
    }
    if metadata.len() > limit {
        return Err(Failure::TooLarge { size: metadata.len(), limit });
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    let file = File::open(path).map_err(failure)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failure)?;
    within(bytes, limit)
}

/// A regular file, open at its start, for what is too large to be read whole. Devices and pipes are
/// not opened.
///
/// # Errors
/// It is not there, not a regular file, or cannot be read.
pub fn open_regular(path: &Path) -> Result<File, Failure> {
    let metadata = fs::metadata(path).map_err(failure)?;
    match metadata.is_file() {
        true => File::open(path).map_err(failure),
        false => Err(Failure::NotAFile { kind: kind(&metadata) }),
    }
}

/// The text of a regular file, as an editor holds it.
///
/// # Errors
/// As [`read_regular`], or it is not UTF-8.
pub fn read_regular_text(path: &Path) -> Result<Arc<str>, Failure> {
    decode(read_regular(path, MAX_FILE)?)
}

/// The text of a regular file of at most `limit` bytes, without a mark of its encoding: for parsers
/// to which the mark would be text.
///
/// # Errors
/// As [`read_regular`], or it is not UTF-8.
pub fn read_plain_text(path: &Path, limit: u64) -> Result<String, Failure> {
    let text = decode(read_regular(path, limit)?)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// The bytes of what a person named on a command line: a regular file, or a pipe, as a shell makes
/// of `<(…)`.
///
/// # Errors
/// As [`read_regular`], or nothing comes out of the pipe for ten seconds.
pub fn read_named(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    #[cfg(unix)]
    if fs::metadata(path).is_ok_and(|metadata| is_pipe(&metadata)) {
        return pipe::read(path, limit, pipe::PATIENCE);
    }
    read_regular(path, limit)
}

/// Bytes as UTF-8 text, or what they are instead.
pub fn decode(bytes: Vec<u8>) -> Result<Arc<str>, Failure> {
    let reason = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        Some(TextProblem::Utf16)
    } else if bytes.iter().take(8192).any(|&b| b == 0) {
        // Text in UTF-16 without its mark has a NUL in every other byte.
        let nuls = bytes.iter().take(512).filter(|&&b| b == 0).count();
        let is_utf16 = bytes.len() >= 4 && nuls * 5 >= bytes.len().min(512) * 2;
        Some(if is_utf16 { TextProblem::Utf16 } else { TextProblem::Binary })
    } else {
        None
    };
    if let Some(reason) = reason {
        return Err(Failure::NotText { reason });
    }
    String::from_utf8(bytes).map(Arc::from).map_err(|error| Failure::NotText {
        reason: TextProblem::InvalidUtf8 { offset: error.utf8_error().valid_up_to() },
    })
}

fn within(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, Failure> {
    match bytes.len() as u64 {
        size if size > limit => Err(Failure::TooLarge { size, limit }),
        _ => Ok(bytes),
    }
}

/// What a thing is that is not a regular file.
pub(crate) fn kind(metadata: &fs::Metadata) -> &'static str {
    match () {
        () if metadata.is_dir() => "a directory",
        () if is_pipe(metadata) => "a pipe",
        () => "a device or a socket",
    }
}

#[cfg(unix)]
fn is_pipe(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &fs::Metadata) -> bool {
    false
}

fn failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Failure::NotFound,
        _ => Failure::Unreadable { cause: error.to_string() },
    }
}

/// Pipes, which may be empty for ever.
#[cfg(unix)]
mod pipe {
    use std::io::{ErrorKind, Read};
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use pacto_core::fact::Failure;

    /// How long a pipe may stay without a byte.
    pub const PATIENCE: Duration = Duration::from_secs(10);
    const PAUSE: Duration = Duration::from_millis(2);

    pub fn read(path: &Path, limit: u64, patience: Duration) -> Result<Vec<u8>, Failure> {
        // To open a pipe that nobody writes to would wait for somebody who does.
        let mut options = std::fs::OpenOptions::new();
        let file = options.read(true).custom_flags(libc::O_NONBLOCK).open(path);
        let mut file = file.map_err(super::failure)?;
        // What a shell passes on has its writer already; a named pipe may get one.
        let awaits_writer = path.canonicalize().is_ok();
        let mut bytes = Vec::new();
        let mut piece = [0; 64 << 10];
        let mut last = Instant::now();
        loop {
            match file.read(&mut piece) {
                Ok(0) if !(awaits_writer && bytes.is_empty()) => {
                    return super::within(bytes, limit);
                }
                Ok(0) => {}
                Ok(count) => {
                    bytes.extend_from_slice(&piece[..count]);
                    if bytes.len() as u64 > limit {
                        return super::within(bytes, limit);
                    }
                    last = Instant::now();
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(super::failure(error)),
            }
            if last.elapsed() > patience {
                let cause = format!("nothing came out of the pipe for {} s", patience.as_secs());
                return Err(Failure::Unreadable { cause });
            }
            std::thread::sleep(PAUSE);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_read_to_its_end_and_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(read_regular(&path, 10), Err(Failure::NotAFile { kind: "a pipe" }));
        let patience = std::time::Duration::from_millis(50);
        assert!(matches!(pipe::read(&path, 10, patience), Err(Failure::Unreadable { .. })));
        for (text, expected) in [("abc", Ok(b"abc".to_vec())), ("more than ten bytes", Err(()))] {
            let writer = path.clone();
            let thread = std::thread::spawn(move || fs::write(writer, text));
            assert_eq!(read_named(&path, 10).map_err(|_| ()), expected);
            let _ = thread.join();
        }
    }

    #[test]
    fn a_mark_of_the_encoding_is_no_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "\u{feff}a").unwrap();
        assert_eq!(read_plain_text(&path, 10).unwrap(), "a");
        fs::write(&path, b"\xff\xfea\0").unwrap();
        assert!(matches!(read_plain_text(&path, 10), Err(Failure::NotText { .. })));
        assert!(matches!(read_regular(&path, 3), Err(Failure::TooLarge { .. })));
        assert_eq!(
            read_regular(Path::new("/dev/zero"), 3).unwrap_err(),
            Failure::NotAFile { kind: "a device or a socket" }
        );
    }
}
