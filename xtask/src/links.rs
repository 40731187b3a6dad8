//! Links in the documentation lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// Checks every relative link of the Markdown files that users read.
pub fn check() -> Result<()> {
    let mut pages: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(PathBuf::from).into();
    for entry in fs::read_dir("docs")?.flatten() {
        if entry.path().extension().is_some_and(|e| e == "md") {
            pages.push(entry.path());
        }
    }
    let mut dead = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page)?;
        for target in targets(&text) {
            if let Some(problem) = problem(&page, &text, &target) {
                dead.push(format!("{}: {target}: {problem}", page.display()));
            }
        }
    }
    if !dead.is_empty() {
        bail!("dead links:\n{}", dead.join("\n"));
    }
    Ok(())
}

/// The targets of `[text](target)`, outside of code.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_fence = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_fence = !in_fence;
        }
        if in_fence {
            continue;
        }
        // Every second piece between back quotes is code.
        let prose: Vec<&str> = line.split('`').step_by(2).collect();
        let prose = prose.join("");
        let mut rest = prose.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let Some(end) = rest.find(')') else { break };
            found.push(rest[..end].to_owned());
        }
    }
    found
}

fn problem(page: &Path, text: &str, target: &str) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = page.parent().unwrap_or(Path::new("")).join(file);
    let other;
    let text = if file.is_empty() {
        text
    } else {
        if !path.exists() {
            return Some("no such file");
        }
        if anchor.is_empty() {
            return None;
        }
        other = fs::read_to_string(&path).unwrap_or_default();
        &other
    };
    let is_there =
        text.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == anchor);
    (!is_there).then_some("no such heading")
}

/// The anchor of a heading, as GitHub makes it.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().replace(' ', "-")
}
