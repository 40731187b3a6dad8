//! Releases of the program, served to those that update it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

/// A server of releases: path → body.
fn serve(files: Vec<(String, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let base = address.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            let _ = reader.read_line(&mut first);
            let path = first.split(' ').nth(1).unwrap_or("").to_owned();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
            }
            let found = files.iter().find(|(name, _)| *name == path);
            let body = found
                .map(|(_, body)| String::from_utf8_lossy(body).replace("BASE", &base).into_bytes());
            let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
            let body = body.unwrap_or_default();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&body);
        }
    });
    address
}

/// A program of the release 1.2.0.
pub const NEW_PROGRAM: &[u8] = b"#!/bin/sh\necho pacto version v1.2.0\n";

/// The address of a feed with the release 1.2.0, whose program has this checksum.
pub fn feed(sum: &str) -> String {
    let name = pacto_edge::release::asset_name();
    let asset = |name: &str| {
        format!("{{\"name\": \"{name}\", \"browser_download_url\": \"BASE/files/{name}\"}}")
    };
    let release = |tag: &str| {
        format!(
            "{{\"tag_name\": \"{tag}\", \"assets\": [{}, {}]}}",
            asset(&name),
            asset("checksums.txt")
        )
    };
    let latest = release("v1.2.0");
    serve(vec![
        ("/releases/latest".into(), latest.clone().into_bytes()),
        ("/releases/tags/v1.2.0".into(), latest.clone().into_bytes()),
        ("/repos/pacto/pacto/releases/latest".into(), latest.clone().into_bytes()),
        ("/repos/pacto/pacto/releases/tags/v1.2.0".into(), latest.into_bytes()),
        (
            "/releases".into(),
            format!("[{}, {}]", release("v1.2.0"), release("v1.3.0-rc.1")).into_bytes(),
        ),
        (format!("/files/{name}"), NEW_PROGRAM.to_vec()),
        ("/files/checksums.txt".into(), format!("{sum}  {name}\n").into_bytes()),
    ])
}

/// The checksum of [`NEW_PROGRAM`].
pub fn good_sum() -> String {
    pacto_edge::bundle::sha256(NEW_PROGRAM).trim_start_matches("sha256:").to_owned()
}
