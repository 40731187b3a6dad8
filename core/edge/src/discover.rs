//! Finding the contracts of a workspace.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::UNIX_EPOCH;

use pacto_core::CONTRACT_FILE;

/// Upper bound on the folders that are searched.
const MAX_FOLDERS: usize = 20_000;

/// The folders below `root` that hold a `pacto.yaml`. Hidden folders, build outputs and links are
/// passed over.
pub fn contracts_below(root: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(root, |folder, _, files| {
        if files.iter().any(|name| name == CONTRACT_FILE) {
            found.push(folder.to_owned());
        }
    });
    found.sort();
    found
}

/// The same, each with a mark that is another when a file of the bundle was changed, added or
/// removed, as far as names, sizes and times tell.
pub fn bundles_below(root: &str) -> BTreeMap<String, u64> {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    walk(root, |folder, bundle, files| {
        let is_contract = files.iter().any(|name| name == CONTRACT_FILE);
        let Some(owner) = (if is_contract { Some(folder) } else { bundle }) else { return };
        let mut hasher = DefaultHasher::new();
        let mut sorted: Vec<&String> = files.iter().collect();
        sorted.sort();
        for name in sorted {
            let metadata = Path::new(folder).join(name).metadata().ok();
            let time = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
            let time = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            (name, metadata.map(|metadata| metadata.len()), time).hash(&mut hasher);
        }
        folder.hash(&mut hasher);
        // The order of folders does not count.
        let mark = found.entry(owner.to_owned()).or_default();
        *mark = mark.wrapping_add(hasher.finish());
    });
    found
}

/// Calls `see` with every folder, the folder of the contract that it belongs to, if any, and its files.
fn walk(root: &str, mut see: impl FnMut(&str, Option<&str>, &[String])) {
    let mut queue: VecDeque<(String, Option<String>)> = VecDeque::from([(root.to_owned(), None)]);
    let mut looked_at = 0;
    while let Some((folder, bundle)) = queue.pop_front() {
        looked_at += 1;
        if looked_at > MAX_FOLDERS {
            break;
        }
        let Ok(entries) = std::fs::read_dir(Path::new(&folder)) else { continue };
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        for entry in entries.flatten() {
            let name = entry.file_name();
            let (Some(name), Ok(kind)) = (name.to_str(), entry.file_type()) else { continue };
            if kind.is_dir() && !name.starts_with('.') && !matches!(name, "node_modules" | "target")
            {
                folders.push(format!("{}/{name}", folder.trim_end_matches('/')));
            } else if kind.is_file() {
                files.push(name.to_owned());
            }
        }
        see(&folder, bundle.as_deref(), &files);
        let is_contract = files.iter().any(|name| name == CONTRACT_FILE);
        let bundle = if is_contract { Some(folder) } else { bundle };
        folders.sort();
        queue.extend(folders.into_iter().map(|folder| (folder, bundle.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_has_another_mark_when_a_file_of_it_changes() {
        let folder = std::env::temp_dir().join(format!("pacto-discover-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        write("a/pacto.yaml", "x");
        write("a/interfaces/api.yaml", "x");
        write("a/b/pacto.yaml", "x");
        write(".hidden/pacto.yaml", "x");
        let root = folder.display().to_string();
        let before = bundles_below(&root);
        assert_eq!(contracts_below(&root), before.keys().cloned().collect::<Vec<_>>());
        assert_eq!(before.len(), 2);
        write("a/interfaces/api.yaml", "longer");
        let after = bundles_below(&root);
        assert_ne!(before[&format!("{root}/a")], after[&format!("{root}/a")]);
        assert_eq!(before[&format!("{root}/a/b")], after[&format!("{root}/a/b")]);
        let _ = std::fs::remove_dir_all(&folder);
    }
}
