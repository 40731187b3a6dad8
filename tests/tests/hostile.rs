//! Archives that mean harm, and archives of other tools: refused with their name and nothing left on
//! disk, or read.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use pacto_core::fact::RegistryCode;
use pacto_edge::bundle::{Limits, unpack_to_directory, unpack_to_memory};
use pacto_tests::TempDir;
use pacto_tests::registry::{Guard, Raw, Registry, User, contract};
use tar::{Builder, EntryType, Header};

/// One entry of an archive, written as it is.
struct Entry {
    name: Vec<u8>,
    kind: EntryType,
    link: &'static str,
    body: Vec<u8>,
    /// The size that the header claims.
    size: Option<u64>,
}

fn file(name: &str, body: &str) -> Entry {
    Entry { name: name.into(), kind: EntryType::Regular, link: "", body: body.into(), size: None }
}

fn special(name: &str, kind: EntryType, link: &'static str) -> Entry {
    Entry { name: name.into(), kind, link, body: Vec::new(), size: None }
}

fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for entry in entries {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(&entry.name);
        header.as_old_mut().linkname[..entry.link.len()].copy_from_slice(entry.link.as_bytes());
        header.set_entry_type(entry.kind);
        header.set_size(entry.size.unwrap_or(entry.body.len() as u64));
        header.set_mode(0o6777);
        header.set_uid(1000);
        header.set_mtime(1_700_000_000);
        header.set_cksum();
        builder.append(&header, &entry.body[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn good() -> Entry {
    file("pacto.yaml", &contract("pay", "1.0.0", &[]))
}

fn with(entry: Entry) -> Vec<u8> {
    gzip(&tar(&[good(), entry]))
}

/// Each line of the table of 5-oci, "Pull and unpacking": what it is, its layer, code, words.
fn corpus() -> Vec<(&'static str, Vec<u8>, RegistryCode, &'static str)> {
    use RegistryCode::{InvalidBundle, TooLarge, UnsafeArchive};
    let pax = |records: &str| {
        let mut body = Vec::new();
        for record in records.split(';') {
            let mut length = record.len() + 3;
            length = format!("{length} {record}\n").len();
            body.extend(format!("{length} {record}\n").bytes());
        }
        body
    };
    let pax_entry = |kind, records| Entry {
        name: b"pax".to_vec(),
        kind,
        link: "",
        body: pax(records),
        size: None,
    };
    let mut truncated = with(file("a", &"x".repeat(5000)));
    truncated.truncate(truncated.len() / 2);
    let mut cut_tar = tar(&[good(), file("a", &"x".repeat(5000))]);
    cut_tar.truncate(1024 + 2048);
    let mut trailing = tar(&[good()]);
    trailing.extend_from_slice(&[0; 512]);
    trailing.extend_from_slice(b"more");
    let many: Vec<Entry> = (0..10_001).map(|i| file(&format!("f{i}"), "")).collect();
    let deep = format!("{}f", "d/".repeat(40));
    vec![
        ("parent", with(file("../evil", "x")), UnsafeArchive, "`..`"),
        ("inner parent", with(file("a/../../evil", "x")), UnsafeArchive, "`..`"),
        ("absolute", with(file("/etc/evil", "x")), UnsafeArchive, "absolute"),
        ("drive", with(file("C:/evil", "x")), UnsafeArchive, "absolute"),
        ("backslash", with(file("a\\b", "x")), UnsafeArchive, "backslash"),
        ("control", with(file("a\nb", "x")), UnsafeArchive, "control"),
        ("empty part", with(file("a//b", "x")), UnsafeArchive, "empty part"),
        (
            "not UTF-8",
            with(Entry { name: vec![b'a', 0xff], ..file("", "x") }),
            UnsafeArchive,
            "UTF-8",
        ),
        (
            "symbolic link",
            with(special("l", EntryType::Symlink, "/etc/passwd")),
            UnsafeArchive,
            "symbolic link",
        ),
        (
            "hard link",
            with(special("l", EntryType::Link, "pacto.yaml")),
            UnsafeArchive,
            "hard link",
        ),
        ("device", with(special("d", EntryType::Char, "")), UnsafeArchive, "device"),
        ("block device", with(special("d", EntryType::Block, "")), UnsafeArchive, "device"),
        ("pipe", with(special("p", EntryType::Fifo, "")), UnsafeArchive, "pipe"),
        ("twice", with(file("pacto.yaml", "x")), UnsafeArchive, "twice"),
        ("twice by another spelling", with(file("./pacto.yaml", "x")), UnsafeArchive, "twice"),
        (
            "file as folder",
            gzip(&tar(&[good(), file("a", ""), file("a/b", "")])),
            UnsafeArchive,
            "is a file",
        ),
        (
            "folder as file",
            gzip(&tar(&[good(), file("a/b", ""), file("a", "")])),
            UnsafeArchive,
            "folder",
        ),
        (
            "link below a link",
            gzip(&tar(&[good(), special("d", EntryType::Symlink, "/tmp"), file("d/x", "")])),
            UnsafeArchive,
            "symbolic link",
        ),
        ("too deep", with(file(&deep, "x")), UnsafeArchive, "folders deep"),
        (
            "path by PAX",
            gzip(&tar(&[good(), pax_entry(EntryType::XHeader, "path=../evil"), file("a", "x")])),
            UnsafeArchive,
            "`..`",
        ),
        (
            "long part by PAX",
            gzip(&tar(&[
                good(),
                Entry {
                    body: pax(&format!("path={}", "n".repeat(300))),
                    ..pax_entry(EntryType::XHeader, "x=y")
                },
                file("a", "x"),
            ])),
            UnsafeArchive,
            "255",
        ),
        (
            "global path",
            gzip(&tar(&[good(), pax_entry(EntryType::XGlobalHeader, "path=evil")])),
            UnsafeArchive,
            "global header",
        ),
        (
            "a file over its limit",
            with(Entry { size: Some(11 << 20), ..file("big", "") }),
            TooLarge,
            "limit 10.0 MiB",
        ),
        (
            "gzip bomb",
            with(Entry { body: vec![0; 11 << 20], ..file("big", "") }),
            TooLarge,
            "limit 10.0 MiB",
        ),
        (
            "many files",
            gzip(&tar(&[&[good()][..], &many].concat_entries())),
            TooLarge,
            "number of entries",
        ),
        (
            "a size that lies",
            with(Entry { size: Some(5000), ..file("a", "short") }),
            InvalidBundle,
            "",
        ),
        ("truncated gzip", truncated, InvalidBundle, ""),
        ("truncated tar", gzip(&cut_tar), InvalidBundle, ""),
        ("data behind the end", gzip(&trailing), InvalidBundle, ""),
        ("no contract", gzip(&tar(&[file("x", "")])), InvalidBundle, "no pacto.yaml"),
        (
            "contract below",
            gzip(&tar(&[file("bundle/pacto.yaml", "")])),
            InvalidBundle,
            "no pacto.yaml",
        ),
        ("no archive", b"hello world".repeat(100), InvalidBundle, ""),
        ("nothing", Vec::new(), InvalidBundle, ""),
    ]
}

trait ConcatEntries {
    fn concat_entries(&self) -> Vec<Entry>;
}

impl ConcatEntries for [&[Entry]] {
    fn concat_entries(&self) -> Vec<Entry> {
        let copy = |e: &Entry| Entry {
            name: e.name.clone(),
            kind: e.kind,
            link: e.link,
            body: e.body.clone(),
            size: e.size,
        };
        self.iter().flat_map(|entries| entries.iter().map(copy)).collect()
    }
}

#[test]
fn hostile_archives_are_refused_by_name() {
    for (name, layer, code, words) in corpus() {
        let outside = TempDir::new("hostile");
        let target = outside.path().join("inside");
        std::fs::create_dir(&target).unwrap();
        for failure in [
            unpack_to_memory(&layer[..], &Limits::default(), "r/a:1").err(),
            unpack_to_directory(&layer[..], &target, &Limits::default(), "r/a:1").err(),
        ] {
            let failure = failure.unwrap_or_else(|| panic!("{name} was unpacked"));
            assert_eq!(failure.code, code, "{name}: {failure}");
            assert!(failure.message.contains(words), "{name}: {failure}");
            assert!(failure.message.starts_with("r/a:1"), "{name}: {failure}");
        }
        let beside: Vec<_> =
            std::fs::read_dir(outside.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(beside, ["inside"], "{name} wrote outside");
    }
}

#[test]
fn nothing_of_a_hostile_bundle_is_left_on_disk() {
    let registry = Registry::start(Guard::Open);
    let raw = Raw { registry: &registry, repository: "acme/evil" };
    let user = User::new();
    for (i, (name, layer, code, _)) in corpus().into_iter().enumerate() {
        if layer.is_empty() {
            continue;
        }
        raw.bundle(&format!("1.0.{i}"), &layer);
        let reference = format!("{}/acme/evil:1.0.{i}", registry.host());
        let run =
            user.run(&["pull", &reference, "-o", "out", "--output-format", "json"]).ends_with(2);
        let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!(error["error"]["code"], code.text(), "{name}: {run:?}");
        let left: Vec<String> =
            user.files("").into_iter().filter(|path| !path.contains(".cache/")).collect();
        assert!(left.is_empty(), "{name}: {left:?}");
        let kept: Vec<String> =
            user.files(".cache").into_iter().filter(|path| path.ends_with(".gz")).collect();
        assert!(kept.is_empty(), "{name}: {kept:?}");
    }
}

#[test]
fn bundles_of_other_tools_are_read() {
    let registry = Registry::start(Guard::Open);
    let raw = Raw { registry: &registry, repository: "acme/old" };
    let user = User::new();
    let text = contract("pay", "1.0.0", &[]);
    // As the published tool lays it out: `./` before names, user ids, times, folders with and
    // without a slash at their end, a Docker image's config.
    let published = tar(&[
        special("./", EntryType::Directory, ""),
        file("./pacto.yaml", &text),
        special("./docs", EntryType::Directory, ""),
        special("./interfaces/", EntryType::Directory, ""),
        file("./docs/a.md", "a"),
    ]);
    let config = br#"{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],"os":"","rootfs":{"type":"layers","diff_ids":["sha256:0"]},"config":{"Labels":{"io.pacto.name":"pay"}}}"#;
    let ours = "application/vnd.pacto.bundle.layer.v1.tar+gzip";
    let docker = "application/vnd.docker.container.image.v1+json";
    raw.layered("1.0.0", ours, docker, config, &[&gzip(&published)]);
    // Plain and zstd layers of the standard types, several gzip members.
    raw.layered("1.0.1", "application/vnd.oci.image.layer.v1.tar", docker, config, &[&published]);
    let (head, tail) = published.split_at(1024);
    let members = [gzip(head), gzip(tail)].concat();
    raw.layered(
        "1.0.2",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        docker,
        config,
        &[&members],
    );
    for tag in ["1.0.0", "1.0.1", "1.0.2"] {
        let reference = format!("{}/acme/old:{tag}", registry.host());
        user.run(&["pull", &reference, "-o", tag]).ends_with(0);
        assert_eq!(user.files(tag), ["docs/a.md", "pacto.yaml"]);
        user.run(&["validate", &format!("oci://{reference}")]).ends_with(0);
        let graph = user.run(&["graph", &format!("oci://{reference}")]).ends_with(0);
        assert_eq!(graph.stdout, "pay@1.0.0\n");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(user.folder.path().join("1.0.0/pacto.yaml")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o7111, 0, "no bit of the archive's mode is taken over");
    // Pushing the same content finds it identical, although nothing is annotated.
    let run = user
        .run(&[
            "push",
            &format!("{}/acme/old:1.0.0", registry.host()),
            "-p",
            "1.0.0",
            "--output-format",
            "json",
        ])
        .ends_with(0);
    assert_eq!(run.json()["status"], "identical", "{run:?}");
}

#[test]
fn labels_that_say_something_else_than_the_contract_are_told() {
    let registry = Registry::start(Guard::Open);
    let raw = Raw { registry: &registry, repository: "acme/pay" };
    let user = User::new();
    let layer = gzip(&tar(&[file("pacto.yaml", &contract("pay", "1.0.0", &[]))]));
    let descriptor = |kind: &str, bytes: &[u8]| serde_json::json!({"mediaType": kind, "digest": raw.blob(bytes), "size": bytes.len()});
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = serde_json::json!({
        "schemaVersion": 2, "mediaType": kind,
        "config": descriptor("application/vnd.pacto.bundle.config.v1+json", b"{}"),
        "layers": [descriptor("application/vnd.pacto.bundle.layer.v1.tar+gzip", &layer)],
        "annotations": {"io.pacto.name": "pay", "io.pacto.version": "9.9.9\u{1b}[2J"},
    });
    raw.manifest("1.0.0", kind, &manifest);
    let target = format!("{}/acme/pay:1.0.0", registry.host());
    let oci = format!("oci://{target}");
    for args in [&["pull", &target][..], &["explain", &oci], &["graph", &oci], &["validate", &oci]]
    {
        // Fetched, and from the cache.
        for _ in 0..2 {
            let run = user.run(args).ends_with(0);
            let label =
                "is labelled io.pacto.version \"9.9.9\\u{1b}[2J\", and its contract says \"1.0.0\"";
            assert!(run.stderr.contains(label), "{args:?}: {run:?}");
            assert!(!run.stderr.contains("io.pacto.name"), "{args:?}: {run:?}");
        }
    }
}

#[test]
fn foreign_artifacts_are_refused_by_name() {
    let registry = Registry::start(Guard::Open);
    let raw = Raw { registry: &registry, repository: "acme/foreign" };
    let user = User::new();
    let layer = gzip(&tar(&[file("x", "")]));
    let gz = "application/vnd.oci.image.layer.v1.tar+gzip";
    let image = "application/vnd.oci.image.config.v1+json";
    raw.layered("image", gz, image, b"{}", &[&layer, &gzip(&tar(&[good()]))]);
    raw.layered("single", gz, image, b"{}", &[&layer]);
    raw.layered(
        "chart",
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        "application/vnd.cncf.helm.config.v1+json",
        b"{}",
        &[&layer],
    );
    raw.layered(
        "signature",
        "application/vnd.dev.cosign.simplesigning.v1+json",
        image,
        b"{}",
        &[b"{}"],
    );
    raw.layered("odd", "application/x-odd", image, b"{}", &[&layer]);
    for (tag, words, code) in [
        ("image", "is a container image, not a Pacto bundle", "WRONG_ARTIFACT"),
        ("single", "no pacto.yaml", "INVALID_BUNDLE"),
        ("chart", "is a Helm chart, not a Pacto bundle", "WRONG_ARTIFACT"),
        ("signature", "is a signature, not a Pacto bundle", "WRONG_ARTIFACT"),
        ("odd", "is a foreign artifact, not a Pacto bundle", "WRONG_ARTIFACT"),
    ] {
        let reference = format!("{}/acme/foreign:{tag}", registry.host());
        let run = user.run(&["pull", &reference, "--output-format", "json"]).ends_with(2);
        assert!(run.stderr.contains(words) && run.stderr.contains(code), "{tag}: {run:?}");
    }
    // An index is followed only where one entry is a bundle.
    let digest = raw.bundle("one", &gzip(&tar(&[good()])));
    let index = "application/vnd.oci.image.index.v1+json";
    let entry = |digest: &str| serde_json::json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 500});
    let other = raw.layered("other", gz, image, b"{}", &[&layer]);
    let both = serde_json::json!({"schemaVersion": 2, "mediaType": index, "manifests": [entry(&digest), entry(&other)]});
    raw.manifest("both", index, &both);
    let single =
        serde_json::json!({"schemaVersion": 2, "mediaType": index, "manifests": [entry(&digest)]});
    raw.manifest("index", index, &single);
    user.run(&["pull", &format!("{}/acme/foreign:index", registry.host())]).ends_with(0);
    let run = user.run(&["pull", &format!("{}/acme/foreign:both", registry.host())]).ends_with(2);
    assert!(run.stderr.contains("multi-platform container image"), "{run:?}");
}
