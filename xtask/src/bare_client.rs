//! A client that fetches bundles and does nothing else: as fast as the registry and the machine let
//! anybody be.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Fetches manifest and layer of each of `bundles` (repository path and digest) over so many
/// `connections` to a port of loopback, in whatever order. Nothing is checked and nothing is kept.
pub fn fetch(port: u16, bundles: &[(String, String)], connections: usize) -> Result<Duration> {
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            let mut connection = Connection::open(port)?;
            while let Some((path, digest)) = bundles.get(next.fetch_add(1, Ordering::Relaxed)) {
                let manifest = connection.get(&format!("/v2/{path}/manifests/{digest}"))?;
                let manifest = String::from_utf8(manifest)?;
                let (_, layer) = manifest.split_once("\"layers\"").context("layers")?;
                let (_, layer) = layer.split_once("\"digest\":\"").context("a digest")?;
                let layer = layer.split('"').next().unwrap_or_default();
                connection.get(&format!("/v2/{path}/blobs/{layer}"))?;
            }
            Ok(())
        };
        let all: Vec<_> = (0..connections).map(|_| scope.spawn(work)).collect();
        for one in all {
            one.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        }
        Ok(begin.elapsed())
    })
}

struct Connection {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Connection {
    fn open(port: u16) -> Result<Connection> {
        let writer = TcpStream::connect(("127.0.0.1", port))?;
        writer.set_nodelay(true)?;
        Ok(Connection { reader: BufReader::new(writer.try_clone()?), writer })
    }

    /// The body of an answer that says how long it is.
    fn get(&mut self, target: &str) -> Result<Vec<u8>> {
        let accept = pacto_edge::bundle::artifact::MANIFEST_TYPE;
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n");
        self.writer.write_all(request.as_bytes())?;
        let mut length = None;
        let mut first = String::new();
        self.reader.read_line(&mut first)?;
        if !first.contains(" 200 ") {
            bail!("{target}: {first}");
        }
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse()?);
            }
        }
        let mut body = vec![0; length.with_context(|| format!("{target}: no length"))?];
        self.reader.read_exact(&mut body)?;
        Ok(body)
    }
}
