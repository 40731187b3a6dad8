//! Bundle → tar → gzip, byte for byte the same on every machine (5-oci, "Packing").

use std::io::Write;

use flate2::{Compression, GzBuilder};

use super::Bundle;

const BLOCK: usize = 512;

/// The tar of a bundle: USTAR, directory order, nothing of the machine in it.
pub fn tar(bundle: &Bundle) -> Vec<u8> {
    let mut out = Vec::with_capacity(bundle.size() as usize + bundle.files.len() * 2 * BLOCK);
    // A map of whole paths sorts `a-b` before `a/b`; directory order compares part by part.
    let mut files: Vec<(Vec<&str>, &[u8])> =
        bundle.files.iter().map(|(path, bytes)| (path.split('/').collect(), &**bytes)).collect();
    files.sort();
    let mut open: Vec<&str> = Vec::new();
    for (parts, bytes) in &files {
        let (_, folders) = parts.split_last().unwrap_or((&"", &[]));
        let common = open.iter().zip(folders).take_while(|(a, b)| a == b).count();
        for depth in common + 1..=folders.len() {
            entry(&mut out, &folders[..depth].join("/"), Kind::Directory, &[]);
        }
        open = folders.to_vec();
        entry(&mut out, &parts.join("/"), Kind::File, bytes);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

/// The tar, compressed: header without time and name, one encoder at one level.
pub fn gzip(tar: &[u8]) -> Vec<u8> {
    let out = Vec::with_capacity(tar.len() / 4);
    let mut encoder =
        GzBuilder::new().mtime(0).operating_system(255).write(out, Compression::new(6));
    // Writing to memory does not fail.
    let _ = encoder.write_all(tar);
    encoder.finish().unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Directory,
    Pax,
}

fn entry(out: &mut Vec<u8>, path: &str, kind: Kind, bytes: &[u8]) {
    let fitting = split_path(path);
    if fitting.is_none() {
        let record = pax_record("path", path);
        header(out, ("", "PaxHeaders.0/path"), Kind::Pax, record.len());
        content(out, record.as_bytes());
    }
    header(out, fitting.unwrap_or(("", "PaxPath")), kind, bytes.len());
    content(out, bytes);
}

/// Prefix and name of a header; none where the path needs a record of its own.
fn split_path(path: &str) -> Option<(&str, &str)> {
    if !path.is_ascii() {
        return None;
    }
    if path.len() <= 100 {
        return Some(("", path));
    }
    let slashes = path.match_indices('/').map(|(at, _)| at);
    let mut fitting = slashes.filter(|at| *at <= 155 && path.len() - at - 1 <= 100);
    fitting.next().map(|at| (&path[..at], &path[at + 1..]))
}

/// `LENGTH KEY=VALUE\n`, the length counting itself (POSIX.1-2017, pax).
fn pax_record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    loop {
        let total = rest.len() + length.to_string().len();
        if total == length {
            return format!("{length}{rest}");
        }
        length = total;
    }
}

fn header(out: &mut Vec<u8>, (prefix, name): (&str, &str), kind: Kind, size: usize) {
    let mut block = [0u8; BLOCK];
    block[..name.len()].copy_from_slice(name.as_bytes());
    let (mode, flag) = match kind {
        Kind::File => (0o644, b'0'),
        Kind::Directory => (0o755, b'5'),
        Kind::Pax => (0o644, b'x'),
    };
    octal(&mut block[100..108], mode);
    octal(&mut block[108..116], 0);
    octal(&mut block[116..124], 0);
    octal(&mut block[124..136], size as u64);
    octal(&mut block[136..148], 0);
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    octal(&mut block[329..337], 0);
    octal(&mut block[337..345], 0);
    block[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend_from_slice(&block);
}

/// Zero-padded octal digits and a final NUL.
fn octal(field: &mut [u8], value: u64) {
    let digits = format!("{value:0width$o}\0", width = field.len() - 1);
    field.copy_from_slice(digits.as_bytes());
}

fn content(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{sha256, unpack_to_memory};

    fn bundle(paths: &[(&str, &str)]) -> Bundle {
        let files = paths.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().into()));
        Bundle { files: files.collect() }
    }

    /// Pins bytes: a change here means that everybody's digests change.
    #[test]
    fn the_bytes_of_a_bundle_are_pinned() {
        let bundle = bundle(&[
            ("pacto.yaml", "pactoVersion: \"1.0\"\nservice: {name: a, version: 1.0.0}\n"),
            ("interfaces/openapi.yaml", "openapi: 3.1.0\n"),
            ("interfaces-old.txt", "x"),
            ("docs/é.md", "# é\n"),
        ]);
        let tar = tar(&bundle);
        assert_eq!(
            sha256(&tar),
            "sha256:e4ace4b4cc35242fb32bd2c0a48f3d7fd997633c88b75b36202e570b2375de4b"
        );
        assert_eq!(
            sha256(&gzip(&tar)),
            "sha256:ad5ba42304ea8870c19262d64a45384f1680828fc759a77446135ac15f5892a8"
        );
    }

    #[test]
    fn entries_stand_in_directory_order() {
        let bundle = bundle(&[("a/b", ""), ("a-c", ""), ("a/z/y", ""), ("b", "")]);
        let tar = tar(&bundle);
        let mut archive = ::tar::Archive::new(&tar[..]);
        let names: Vec<String> = archive
            .entries()
            .unwrap()
            .map(|e| e.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(names, ["a", "a/b", "a/z", "a/z/y", "a-c", "b"]);
    }

    #[test]
    fn long_and_foreign_names_come_back() {
        let long = format!("{}/{}", "d".repeat(120), "f".repeat(90));
        let longer = format!("{}/{}", "d".repeat(200), "f".repeat(200));
        let mut bundle =
            bundle(&[("pacto.yaml", ""), ("docs/ü.md", "ü"), (&long, "1"), (&longer, "2")]);
        let layer = gzip(&tar(&bundle));
        let back = unpack_to_memory(&layer[..], &Default::default(), "test").unwrap();
        assert_eq!(back, bundle);
        bundle.files.clear();
    }
}
