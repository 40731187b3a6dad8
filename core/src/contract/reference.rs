//! References to other contracts, images and charts.

use std::fmt;
use std::ops::Range;

use crate::root::Root;
use crate::text::credentials;

/// Where another contract is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ContractRef {
    Oci(OciReference),
    /// A path from the bundle; `file://` is taken off.
    Local(String),
}

/// `host[:port]/path[:tag][@digest]` (OCI distribution specification 1.1, "Pulling manifests").
///
/// The host is in lower case; every spelling of Docker Hub is `docker.io`. With a digest, the tag is
/// a label for people: nothing is looked up by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OciReference {
    pub host: String,
    pub path: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
}

/// Why a text is not a reference, and the bytes of it that are at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    pub at: Range<usize>,
    pub message: String,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ContractRef {
    /// Parses `oci://…`, `file://…` or a bare path.
    pub fn parse(text: &str) -> Result<ContractRef, ReferenceError> {
        if let Some(rest) = text.strip_prefix("oci://") {
            return OciReference::parse_at(rest, 6, HostRule::Required).map(ContractRef::Oci);
        }
        let path = text.strip_prefix("file://").unwrap_or(text);
        if path.is_empty() {
            return Err(error(0..text.len(), "the reference is empty"));
        }
        if let Some((scheme, _)) = path.split_once("://") {
            let message = format!("unknown scheme `{scheme}://`; write oci://… or a local path");
            let start = text.len() - path.len();
            return Err(error(start..start + scheme.len() + 3, message));
        }
        if path.contains('\0') {
            return Err(error(0..text.len(), "a path holds no NUL characters"));
        }
        Ok(ContractRef::Local(path.to_owned()))
    }

    pub fn is_local(&self) -> bool {
        matches!(self, ContractRef::Local(_))
    }

    /// The last path segment, without tag and digest: the name of a dependency that has none.
    pub fn default_name(&self) -> &str {
        let path = match self {
            ContractRef::Oci(oci) => &oci.path,
            ContractRef::Local(path) => path,
        };
        path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
    }

    /// What it leads to, whichever version: the repository, or for a local one the root that it
    /// led to.
    pub fn identity(&self, root: &Root) -> String {
        match self {
            ContractRef::Oci(oci) => oci.repository(),
            ContractRef::Local(_) => root.to_string(),
        }
    }

    /// What tells two references to the same contract: repository or path.
    pub fn repository(&self) -> String {
        match self {
            ContractRef::Oci(oci) => format!("oci://{}", oci.repository()),
            ContractRef::Local(path) => path.trim_end_matches('/').to_owned(),
        }
    }
}

impl fmt::Display for OciReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HostRule {
    /// As in `oci://`: the host is named, and looks like one.
    Required,
    /// As in `docker pull`: a first part without dot or colon belongs to the path.
    Optional,
}

impl OciReference {
    /// Parses an image reference, whose host may be left out (`nginx:1.27`).
    pub fn parse_image(text: &str) -> Result<OciReference, ReferenceError> {
        OciReference::parse_at(text, 0, HostRule::Optional)
    }

    /// Parses `host/path…` without a scheme.
    pub fn parse(text: &str) -> Result<OciReference, ReferenceError> {
        OciReference::parse_at(text, 0, HostRule::Required)
    }

    /// `host/path`: what tags and digests are asked of.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.host, self.path)
    }

    /// The same repository with another tag, or none, and no digest.
    pub fn with_tag(&self, tag: Option<&str>) -> OciReference {
        OciReference { tag: tag.map(str::to_owned), digest: None, ..self.clone() }
    }

    fn parse_at(text: &str, base: usize, rule: HostRule) -> Result<OciReference, ReferenceError> {
        let err = |range: Range<usize>, message: String| {
            Err(error(range.start + base..range.end + base, message))
        };
        let has_scheme = rule == HostRule::Required;
        if let Some(at) = credentials(text, has_scheme) {
            let message =
                "a reference holds no user and no password; store them with `pacto login`";
            return err(0..at, message.to_owned());
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        if let Some(digest) = digest
            && let Err(message) = check_digest(digest, rule)
        {
            return err(name.len() + 1..text.len(), message);
        }
        let slash = name.find('/');
        let first = &name[..slash.unwrap_or(name.len())];
        let looks_like_host = first.contains(['.', ':']) || first.eq_ignore_ascii_case("localhost");
        let has_host = slash.is_some() && (rule == HostRule::Required || looks_like_host);
        let (host, rest_at) = if has_host { (first, first.len() + 1) } else { ("", 0) };
        if rule == HostRule::Required && !has_host {
            let message = "a repository path is missing: write oci://host/path[:tag]".to_owned();
            return err(0..text.len(), message);
        }
        if has_host && !is_host(host) {
            return err(0..host.len(), format!("`{host}` is not a host"));
        }
        if rule == HostRule::Required && !looks_like_host {
            let name = text.to_ascii_lowercase();
            let message =
                format!("`{host}` is not a registry; did you mean oci://docker.io/{name}?");
            return err(0..host.len(), message);
        }
        let rest = &name[rest_at..];
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (rest, None),
        };
        if let Err(message) = check_path(path) {
            return err(rest_at..rest_at + path.len(), message);
        }
        if let Some(tag) = tag
            && !is_tag(tag)
        {
            let start = rest_at + path.len() + 1;
            let message = if tag.is_empty() {
                "the tag after `:` is empty".to_owned()
            } else {
                format!("`{tag}` is not a tag: letters, digits, `_`, `.` and `-`, at most 128")
            };
            return err(start.min(name.len())..name.len(), message);
        }
        if rest_at + path.len() > 255 {
            return err(0..rest_at + path.len(), "the repository is longer than 255 bytes".into());
        }
        let host = host.to_ascii_lowercase();
        let is_docker = DOCKER_HUB.contains(&host.as_str());
        let path = if is_docker && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        Ok(OciReference {
            host: if is_docker { DOCKER_HUB[0].to_owned() } else { host },
            path,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }
}

/// The spellings of Docker Hub; the first is the one that is shown.
pub const DOCKER_HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

fn error(at: Range<usize>, message: impl Into<String>) -> ReferenceError {
    ReferenceError { at, message: message.into() }
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let port_ok = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|port| port > 0));
    let is_v6 = name.starts_with('[')
        && name.ends_with(']')
        && name[1..name.len() - 1].bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    port_ok && (is_v6 || name.split('.').all(is_label))
}

fn check_path(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("the repository path is empty".into());
    }
    for part in path.split('/') {
        if part.is_empty() {
            return Err("the repository path has an empty part".into());
        }
        if part.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(format!("`{part}` has upper-case letters; repositories are lower-case"));
        }
        if !is_path_part(part) {
            return Err(format!("`{part}` is not a repository name"));
        }
    }
    Ok(())
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_path_part(part: &str) -> bool {
    let bytes = part.as_bytes();
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if !bytes.first().copied().is_some_and(is_word) || !bytes.last().copied().is_some_and(is_word) {
        return false;
    }
    let mut separators = part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    separators.all(|s| matches!(s, "" | "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

fn is_tag(tag: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=128).contains(&tag.len())
        && is_word(tag.as_bytes()[0])
        && tag.bytes().all(|b| is_word(b) || b == b'.' || b == b'-')
}

fn check_digest(digest: &str, rule: HostRule) -> Result<(), String> {
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return Err("a digest is written sha256:…".into());
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" if rule == HostRule::Optional => 128,
        _ => {
            return Err(format!("the digest algorithm `{algorithm}` is not supported; use sha256"));
        }
    };
    if !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err("a digest is written in lower-case hexadecimal digits".into());
    }
    if hex.len() != length {
        return Err(format!("a {algorithm} digest has {length} digits, this one {}", hex.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_have_parts() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!("oci://ghcr.io:443/acme/auth_v2/x--y:1.0.0@{digest}");
        let ContractRef::Oci(oci) = ContractRef::parse(&text).unwrap() else { panic!() };
        assert_eq!((oci.host.as_str(), oci.path.as_str()), ("ghcr.io:443", "acme/auth_v2/x--y"));
        assert_eq!((oci.tag.as_deref(), oci.digest), (Some("1.0.0"), Some(digest)));
        assert_eq!(ContractRef::parse("file://../auth").unwrap().default_name(), "auth");
    }

    #[test]
    fn docker_hub_has_one_spelling() {
        for (written, normal) in [
            ("oci://index.docker.io/acme/auth:1", "docker.io/acme/auth:1"),
            ("oci://Docker.IO/auth", "docker.io/library/auth"),
            ("oci://LOCALHOST:5000/a", "localhost:5000/a"),
            ("oci://[::1]:5000/a/b", "[::1]:5000/a/b"),
        ] {
            let ContractRef::Oci(oci) = ContractRef::parse(written).unwrap() else { panic!() };
            assert_eq!(oci.to_string(), normal);
        }
        let error = ContractRef::parse("oci://acme/auth").unwrap_err();
        assert!(error.message.ends_with("did you mean oci://docker.io/acme/auth?"), "{error}");
    }

    #[test]
    fn errors_point_at_the_wrong_part() {
        for (text, part) in [
            ("oci://ghcr.io", "ghcr.io"),
            ("oci://gh_cr.io/a", "gh_cr.io"),
            ("oci://ghcr.io/Acme/x", "Acme/x"),
            ("oci://ghcr.io/a..b", "a..b"),
            ("oci://ghcr.io/a:-1", "-1"),
            ("oci://ghcr.io/a@sha256:123", "sha256:123"),
            ("oci://ghcr.io/a@md5:12", "md5:12"),
            ("oci://bob:s3cret@ghcr.io/a:1", "bob:s3cret"),
            ("http://ghcr.io/a", "http://"),
        ] {
            let error = ContractRef::parse(text).unwrap_err();
            assert_eq!(&text[error.at.clone()], part, "{text}: {error}");
        }
    }

    #[test]
    fn images_may_lack_a_host() {
        for text in ["nginx", "nginx:1.27", "library/nginx", "localhost:5000/a:b", "ghcr.io/a/b"] {
            assert!(OciReference::parse_image(text).is_ok(), "{text}");
        }
        for text in ["", "nginx:", "NGINX", "a b", "ghcr.io/", ":tag"] {
            assert!(OciReference::parse_image(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_names_its_place(text in "(oci://|file://)?[a-zA-Z0-9.:/@_é-]{0,24}|.{0,12}") {
            if let Err(error) = ContractRef::parse(&text) {
                prop_assert!(text.get(error.at).is_some());
            }
            if let Err(error) = OciReference::parse_image(&text) {
                prop_assert!(text.get(error.at).is_some());
            }
        }
    }
}
