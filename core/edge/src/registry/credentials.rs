//! Where credentials come from, in order; the first source that has something for a host is used
//! (5-oci, "Credentials").

use std::collections::{BTreeSet, HashMap};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pacto_core::contract::reference::DOCKER_HUB;
use pacto_core::fact::Failure;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::bundle::format_digest;
use crate::read_plain_text;

const HELPER_TIMEOUT: Duration = Duration::from_secs(10);
const GH_TIMEOUT: Duration = Duration::from_secs(5);
/// What a helper or `gh` may answer.
const MAX_ANSWER: u64 = 64 << 10;
/// Larger credential files are none.
const MAX_FILE: u64 = 4 << 20;

/// What to show a registry. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    Basic {
        user: String,
        password: String,
    },
    /// A refresh token of the token service.
    IdentityToken(String),
    /// Sent to the registry as it is.
    Bearer(String),
}

impl Credential {
    pub fn kind(&self) -> &'static str {
        match self {
            Credential::Basic { .. } => "user and password",
            Credential::IdentityToken(_) => "identity token",
            Credential::Bearer(_) => "token",
        }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// The places to look in. Everything of the environment is handed in, so that tests can say what
/// it is.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// From flags or the environment, with the words for it, and the hosts that it is for; `None`
    /// is every host.
    pub explicit: Vec<(Credential, String, Option<BTreeSet<String>>)>,
    /// The file that `pacto login` writes.
    pub pacto_config: Option<PathBuf>,
    /// The credential helper that the user's configuration names, by host.
    pub helpers: std::collections::BTreeMap<String, String>,
    /// `GH_TOKEN` or `GITHUB_TOKEN`.
    pub github_token: Option<String>,
    /// Whether `gh` may be asked.
    pub use_gh: bool,
    /// Docker's and Podman's files, in order.
    pub docker_configs: Vec<PathBuf>,
    /// Whether helpers of clouds may be asked where they are installed.
    pub use_cloud_helpers: bool,
}

/// Stands for a set of credentials where answers are remembered by whose they are. It does not give
/// them away.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity(Arc<str>);

impl Sources {
    /// What stands for these sources: equal for equal credentials of equal places. Files are told
    /// apart by their paths; they are not read.
    pub fn identity(&self) -> Identity {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        for (credential, _, hosts) in &self.explicit {
            add(credential.kind().as_bytes());
            match credential {
                Credential::Basic { user, password } => {
                    add(user.as_bytes());
                    add(password.as_bytes());
                }
                Credential::IdentityToken(token) | Credential::Bearer(token) => {
                    add(token.as_bytes())
                }
            }
            match hosts {
                None => add(b"every host"),
                Some(hosts) => hosts.iter().for_each(|host| add(host.as_bytes())),
            }
            add(b"");
        }
        for (host, helper) in &self.helpers {
            add(host.as_bytes());
            add(helper.as_bytes());
        }
        add(b"");
        for file in self.pacto_config.iter().chain(&self.docker_configs) {
            add(file.as_os_str().as_encoded_bytes());
        }
        add(b"");
        add(self.github_token.as_deref().unwrap_or("").as_bytes());
        add(&[u8::from(self.use_gh), u8::from(self.use_cloud_helpers)]);
        Identity(format_digest(&hash.finalize()).into())
    }
}

/// Finds credentials, each host's once.
#[derive(Clone, Default)]
pub struct Credentials {
    sources: Arc<Sources>,
    /// The words for the source that was used, by host and scope.
    found: Arc<Mutex<HashMap<(String, String), String>>>,
    /// The parts of hosts that files have entries for.
    scopes: Arc<Mutex<HashMap<String, Arc<[String]>>>>,
}

impl Credentials {
    pub fn new(sources: Sources) -> Credentials {
        Credentials { sources: Arc::new(sources), ..Credentials::default() }
    }

    /// The part of a host's repositories whose credentials are for `path`: the longest prefix that a
    /// file has an entry for; empty for the host as a whole.
    pub fn scope(&self, host: &str, path: &str) -> String {
        let scopes = {
            let mut known = self.scopes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let list = || self.sources.scopes(host).into();
            Arc::clone(known.entry(host.to_owned()).or_insert_with(list))
        };
        let holds = |scope: &&String| {
            path.strip_prefix(scope.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        scopes.iter().filter(holds).max_by_key(|scope| scope.len()).cloned().unwrap_or_default()
    }

    /// The words for the source that was used for a scope of a host.
    pub fn source_of(&self, host: &str, scope: &str) -> Option<String> {
        let found = self.found.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        found.get(&(host.to_owned(), scope.to_owned())).cloned()
    }

    /// What there is for a scope of a host. Asks helpers, so that it may take seconds.
    pub fn find(&self, host: &str, scope: &str) -> Option<Credential> {
        let (credential, source) = self.sources.find(host, scope)?;
        tracing::debug!(target: "pacto", "{host}: credentials from {source}");
        let mut found = self.found.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        found.insert((host.to_owned(), scope.to_owned()), source);
        Some(credential)
    }
}

impl Sources {
    /// The parts of a host that files have entries for, as prefixes of repositories' paths.
    fn scopes(&self, host: &str) -> Vec<String> {
        let files = self.pacto_config.iter().chain(&self.docker_configs);
        let configs = files.filter_map(|file| read_json(file).ok().flatten());
        let mut found = Vec::new();
        for config in configs {
            for key in config["auths"].as_object().into_iter().flat_map(|auths| auths.keys()) {
                let (name, path) = key
                    .split_once("://")
                    .map_or(&**key, |(_, rest)| rest)
                    .split_once('/')
                    .unwrap_or_default();
                let path = path.trim_end_matches('/');
                if name == host && !matches!(path, "" | "v1" | "v2") {
                    found.push(path.to_owned());
                }
            }
        }
        found
    }

    fn find(&self, host: &str, scope: &str) -> Option<(Credential, String)> {
        for (credential, source, hosts) in &self.explicit {
            if hosts.as_ref().is_none_or(|hosts| hosts.contains(host)) {
                return Some((credential.clone(), source.clone()));
            }
        }
        if let Some(helper) = self.helpers.get(host)
            && let Some(credential) = ask_helper(helper, host)
        {
            return Some((credential, format!("the helper {helper}")));
        }
        if let Some(file) = &self.pacto_config
            && let Some(found) = from_file(file, host, scope)
        {
            return Some(found);
        }
        if let Some(found) = self.github(host) {
            return Some(found);
        }
        for file in &self.docker_configs {
            if let Some(found) = from_file(file, host, scope) {
                return Some(found);
            }
        }
        self.cloud(host)
    }

    fn github(&self, host: &str) -> Option<(Credential, String)> {
        if !matches!(host, "ghcr.io" | "docker.pkg.github.com") {
            return None;
        }
        let (token, source) = match &self.github_token {
            Some(token) => (token.clone(), "GH_TOKEN"),
            None if self.use_gh => {
                let answer =
                    run("gh", &["auth", "token", "--hostname", "github.com"], "", GH_TIMEOUT)?;
                (answer.trim().to_owned(), "gh")
            }
            None => return None,
        };
        let user = "x-access-token".to_owned();
        (!token.is_empty())
            .then(|| (Credential::Basic { user, password: token }, source.to_owned()))
    }

    fn cloud(&self, host: &str) -> Option<(Credential, String)> {
        if !self.use_cloud_helpers {
            return None;
        }
        let is_ecr = host == "public.ecr.aws"
            || host.contains(".dkr.ecr.") && host.contains(".amazonaws.com");
        let helper = if is_ecr {
            "ecr-login"
        } else if host == "gcr.io" || host.ends_with(".gcr.io") || host.ends_with(".pkg.dev") {
            "gcloud"
        } else if host.ends_with(".azurecr.io") {
            "acr-env"
        } else {
            return None;
        };
        Some((ask_helper(helper, host)?, format!("docker-credential-{helper}")))
    }
}

/// The keys under which files hold a host's credentials.
fn keys_of(host: &str) -> Vec<String> {
    let hosts: Vec<&str> = match host == DOCKER_HUB[0] {
        true => DOCKER_HUB.to_vec(),
        false => vec![host],
    };
    let spellings = ["", "https://", "http://"];
    let mut keys = Vec::new();
    for host in hosts {
        for scheme in spellings {
            for tail in ["", "/", "/v1/", "/v2/", "/v1", "/v2"] {
                keys.push(format!("{scheme}{host}{tail}"));
            }
        }
    }
    keys
}

/// What a file in Docker's format has for a scope of a host: Podman also keeps entries for a part of a
/// host's repositories, which come before the host's own.
fn from_file(file: &Path, host: &str, scope: &str) -> Option<(Credential, String)> {
    let shown = file.display().to_string();
    let config = match read_json(file) {
        Ok(config) => config?,
        Err(why) => {
            tracing::debug!(target: "pacto", "{shown}: {why}");
            return None;
        }
    };
    let keys = keys_of(host);
    for key in &keys {
        if let Some(helper) = config["credHelpers"][key].as_str()
            && let Some(credential) = ask_helper(helper, host)
        {
            return Some((credential, format!("docker-credential-{helper}")));
        }
    }
    let entries = config["auths"].as_object();
    let entry = entries.and_then(|auths| {
        let part = keys_of(&format!("{host}/{scope}"));
        let part = part.iter().filter(|_| !scope.is_empty()).find_map(|key| auths.get(key));
        part.or_else(|| keys.iter().find_map(|key| auths.get(key)))
    });
    if let Some(credential) = entry.and_then(from_entry) {
        return Some((credential, shown));
    }
    let store = config["credsStore"].as_str()?;
    // Only helpers know whether they hold something for a host; Docker's own key for the Hub is
    // the old address.
    let asked = if host == DOCKER_HUB[0] { "https://index.docker.io/v1/" } else { host };
    Some((ask_helper(store, asked)?, format!("docker-credential-{store}")))
}

fn from_entry(entry: &Value) -> Option<Credential> {
    if let Some(token) = entry["identitytoken"].as_str().filter(|token| !token.is_empty()) {
        return Some(Credential::IdentityToken(token.to_owned()));
    }
    if let Some(token) = entry["registrytoken"].as_str().filter(|token| !token.is_empty()) {
        return Some(Credential::Bearer(token.to_owned()));
    }
    let text = |key: &str| entry[key].as_str().map(str::to_owned);
    if let Some(auth) = entry["auth"].as_str().filter(|auth| !auth.is_empty()) {
        let decoded = STANDARD.decode(auth.trim_end_matches('\0')).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (user, password) = decoded.split_once(':')?;
        return Some(Credential::Basic {
            user: user.to_owned(),
            password: password.trim_end_matches('\0').to_owned(),
        });
    }
    Some(Credential::Basic { user: text("username")?, password: text("password")? })
}

fn read_json(file: &Path) -> Result<Option<Value>, String> {
    let text = match read_plain_text(file, MAX_FILE) {
        Ok(text) => text,
        Err(Failure::NotFound) => return Ok(None),
        Err(failure) => return Err(failure.to_string()),
    };
    // The position of a syntax error is said, its text is not: it may be a secret.
    serde_json::from_str(&text).map(Some).map_err(|e| format!("not JSON, line {}", e.line()))
}

/// Asks `docker-credential-NAME get` (docker-credential-helpers protocol). One that is missing,
/// slow or fails has nothing.
fn ask_helper(name: &str, host: &str) -> Option<Credential> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let answer = run(&format!("docker-credential-{name}"), &["get"], host, HELPER_TIMEOUT)?;
    let answer: Value = serde_json::from_str(&answer).ok()?;
    let text = |key: &str| answer[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let (user, secret) = (text("Username")?, text("Secret")?);
    Some(match user.as_str() {
        "<token>" => Credential::IdentityToken(secret),
        _ => Credential::Basic { user, password: secret },
    })
}

/// What a program prints within a time limit.
fn run(program: &str, args: &[&str], input: &str, limit: Duration) -> Option<String> {
    let child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            tracing::debug!(target: "pacto", "{program}: {error}");
            return None;
        }
    };
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input.as_bytes());
    }
    let stdout = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.take(MAX_ANSWER).read_to_string(&mut text).ok().map(|_| text)
    });
    let end = Instant::now() + limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(10)),
            _ => break None,
        }
    };
    let Some(status) = status else {
        let _ = child.kill();
        let _ = child.wait();
        tracing::debug!(target: "pacto", "{program}: no answer within {} s", limit.as_secs());
        return None;
    };
    if !status.success() {
        tracing::debug!(target: "pacto", "{program}: {status}");
        return None;
    }
    reader.join().ok().flatten()
}

/// The credential file of `pacto login`, changed in memory by `change` and written back whole.
///
/// # Errors
/// What keeps it from being read or written.
pub fn edit_file(file: &Path, change: impl FnOnce(&mut Value) -> bool) -> Result<bool, String> {
    let mut config = read_json(file)?.unwrap_or_else(|| serde_json::json!({}));
    if !config.is_object() {
        return Err("it holds no JSON object".into());
    }
    if !change(&mut config) {
        return Ok(false);
    }
    let folder = file.parent().ok_or("it has no folder")?;
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder, private).map_err(|error| error.to_string())?;
    }
    // Temporary files are made with mode 0600.
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(|e| e.to_string())?;
    let text = serde_json::to_string_pretty(&config).unwrap_or_default() + "\n";
    temporary.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    temporary.as_file().sync_all().map_err(|error| error.to_string())?;
    temporary.persist(file).map_err(|error| error.error.to_string())?;
    Ok(true)
}

/// Stores user and password for a host, under the one key that all spellings of it have.
///
/// # Errors
/// As [`edit_file`].
pub fn store(file: &Path, host: &str, user: &str, password: &str) -> Result<(), String> {
    edit_file(file, |config| {
        forget(config, host);
        config["auths"][host] =
            serde_json::json!({"auth": STANDARD.encode(format!("{user}:{password}"))});
        true
    })
    .map(|_| ())
}

/// Removes what is stored for a host; all hosts for `None`. Returns whether there was anything.
///
/// # Errors
/// As [`edit_file`].
pub fn remove(file: &Path, host: Option<&str>) -> Result<bool, String> {
    if !file.exists() {
        return Ok(false);
    }
    edit_file(file, |config| match host {
        Some(host) => forget(config, host),
        None => config.as_object_mut().is_some_and(|map| map.remove("auths").is_some()),
    })
}

fn forget(config: &mut Value, host: &str) -> bool {
    let Some(auths) = config["auths"].as_object_mut() else { return false };
    let before = auths.len();
    for key in keys_of(host) {
        auths.remove(&key);
    }
    auths.len() != before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn all_spellings_of_docker_hub_are_one_key() {
        let auth = STANDARD.encode("me:pass");
        for key in ["docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"] {
            let file = file(&format!("{{\"auths\": {{\"{key}\": {{\"auth\": \"{auth}\"}}}}}}"));
            let (found, _) = from_file(file.path(), "docker.io", "").unwrap();
            assert!(found == Credential::Basic { user: "me".into(), password: "pass".into() });
        }
    }

    #[test]
    fn the_longest_prefix_of_a_repository_has_its_credentials() {
        let entry =
            |user: &str| format!("{{\"auth\": \"{}\"}}", STANDARD.encode(format!("{user}:p")));
        let auths = [
            ("r.example", "host"),
            ("r.example/team-a", "team"),
            ("r.example/team-a/deep", "deep"),
            ("other.example/team-a", "other"),
        ];
        let auths = auths.map(|(key, user)| format!("\"{key}\": {}", entry(user))).join(",");
        let file = file(&format!("{{\"auths\": {{{auths}}}}}"));
        let docker_configs = vec![file.path().to_owned()];
        let credentials = Credentials::new(Sources { docker_configs, ..Sources::default() });
        for (path, expected) in [
            ("team-a/x", "team"),
            ("team-a", "team"),
            ("team-a/deep/x", "deep"),
            ("team-ab/x", "host"),
            ("x", "host"),
            ("", "host"),
        ] {
            let scope = credentials.scope("r.example", path);
            let Some(Credential::Basic { user, .. }) = credentials.find("r.example", &scope) else {
                panic!("{path}")
            };
            assert_eq!(user, expected, "{path}");
        }
        assert_eq!(
            credentials.find("other.example", &credentials.scope("other.example", "x")),
            None
        );
    }

    #[test]
    fn explicit_credentials_stay_with_their_hosts() {
        let own = Credential::Bearer("t".into());
        let hosts = Some(BTreeSet::from(["ghcr.io".to_owned()]));
        let sources =
            Sources { explicit: vec![(own, "flags".into(), hosts)], ..Sources::default() };
        let credentials = Credentials::new(sources);
        assert!(credentials.find("ghcr.io", "").is_some());
        assert_eq!(credentials.find("evil.example", ""), None);
    }

    #[test]
    fn a_broken_file_has_nothing() {
        for text in
            ["", "{", "[]", "{\"auths\": 1}", "{\"auths\": {\"ghcr.io\": {\"auth\": \"%\"}}}"]
        {
            assert!(from_file(file(text).path(), "ghcr.io", "").is_none(), "{text}");
        }
    }

    #[test]
    fn storing_keeps_other_keys_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pacto/config.json");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "{\"other\": 1, \"auths\": {\"https://index.docker.io/v1/\": {}}}")
            .unwrap();
        store(&path, "docker.io", "me", "pass").unwrap();
        let config = read_json(&path).unwrap().unwrap();
        assert_eq!(config["other"], 1);
        assert_eq!(config["auths"].as_object().unwrap().len(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(remove(&path, Some("docker.io")), Ok(true));
        assert_eq!(remove(&path, Some("docker.io")), Ok(false));
    }
}
