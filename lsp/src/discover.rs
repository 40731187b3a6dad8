//! Finding the contracts of a workspace.

use std::collections::VecDeque;
use std::path::Path;

/// Upper bound on the folders that are searched.
const MAX_FOLDERS: usize = 20_000;

/// The folders below `root` that hold a `pacto.yaml`. Hidden folders, build outputs and links are
/// passed over.
pub(crate) fn contracts_below(root: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut queue = VecDeque::from([root.to_owned()]);
    let mut looked_at = 0;
    while let Some(folder) = queue.pop_front() {
        looked_at += 1;
        if looked_at > MAX_FOLDERS {
            break;
        }
        let Ok(entries) = std::fs::read_dir(Path::new(&folder)) else { continue };
        let mut folders = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let (Some(name), Ok(kind)) = (name.to_str(), entry.file_type()) else { continue };
            if kind.is_dir() && !name.starts_with('.') && !matches!(name, "node_modules" | "target")
            {
                folders.push(format!("{}/{name}", folder.trim_end_matches('/')));
            } else if name == pacto_core::db::CONTRACT_FILE && kind.is_file() {
                found.push(folder.clone());
            }
        }
        folders.sort();
        queue.extend(folders);
    }
    found.sort();
    found
}
