//! What does not belong to a bundle although it lies in its folder.

use std::path::Path;

use ::ignore::Match;
use ::ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The file with a bundle's own patterns.
pub const IGNORE_FILE: &str = ".pactoignore";

const BUILT_IN: &[&str] = &[
    ".git/",
    ".hg/",
    ".svn/",
    ".jj/",
    ".pactoignore",
    ".DS_Store",
    "Thumbs.db",
    "node_modules/",
    "__pycache__/",
    ".venv/",
    ".terraform/",
    "/target/",
    "/venv/",
    ".idea/",
    ".vscode/",
    "*.swp",
    "*~",
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "id_rsa*",
    ".npmrc",
    ".netrc",
    ".pacto.yaml",
    "/*-output/",
];

/// Of the built-in patterns, those that keep secrets out.
const SECRETS: &[&str] = &[".env", ".env.", ".pem", ".key", "id_rsa", ".npmrc", ".netrc"];

/// The patterns of one bundle, in the syntax of gitignore: the last match wins.
pub struct Ignores {
    own: Gitignore,
    built_in: Gitignore,
}

/// Why a path stays out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    BuiltIn,
    /// The pattern and its one-based line in `.pactoignore`.
    Own {
        pattern: String,
        line: usize,
    },
}

impl Ignores {
    /// The built-in patterns, those for archives of the service `name`, and the bundle's own.
    ///
    /// # Errors
    /// A pattern that is none, with its line.
    pub fn new(root: &Path, name: Option<&str>, own: &str) -> Result<Ignores, String> {
        let mut built_in = GitignoreBuilder::new(root);
        let archives = name.map(|name| format!("/{name}-*.tar.gz"));
        for pattern in BUILT_IN.iter().copied().chain(archives.as_deref()) {
            built_in.add_line(None, pattern).map_err(|error| error.to_string())?;
        }
        let mut builder = GitignoreBuilder::new(root);
        for (i, line) in own.lines().enumerate() {
            builder
                .add_line(None, line)
                .map_err(|error| format!("{IGNORE_FILE}:{}: {error}", i + 1))?;
        }
        let build = |builder: GitignoreBuilder| builder.build().map_err(|error| error.to_string());
        Ok(Ignores { own: build(builder)?, built_in: build(built_in)? })
    }

    /// Whether `path`, seen from the root, stays out. Its folders were asked before.
    pub fn matched(&self, path: &str, is_dir: bool, own_text: &str) -> Option<Ignored> {
        match self.own.matched(path, is_dir) {
            Match::Whitelist(_) => return None,
            Match::Ignore(glob) => {
                let pattern = glob.original().to_owned();
                let lines: Vec<&str> = own_text.lines().collect();
                let line = lines.iter().rposition(|line| line.trim_end() == pattern);
                return Some(Ignored::Own { pattern, line: line.map_or(0, |n| n + 1) });
            }
            Match::None => {}
        }
        self.built_in.matched(path, is_dir).is_ignore().then_some(Ignored::BuiltIn)
    }
}

/// Whether a file that stays out looks like one that holds secrets.
pub fn is_secret(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    SECRETS.iter().any(|part| name == *part || name.ends_with(part) || name.starts_with(part))
}
