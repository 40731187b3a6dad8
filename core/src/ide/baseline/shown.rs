//! What is shown of a comparison, file by file. Rows that are the very rows of the comparison before are
//! not worded again, so that an edit of a contract costs nothing of a large specification beside it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::hints::{InFile, hints, inlays, shown};
use crate::db::LocatedChange;
use crate::diff::Class;
use crate::root::ContractKey;

/// What was shown last, by contract. A clone is the same table.
#[derive(Clone, Default)]
pub struct Shown(Arc<Mutex<BTreeMap<ContractKey, ByFile>>>);

/// What is shown in files, and the rows that it was made of.
type ByFile = BTreeMap<String, (Rows, Arc<InFile>)>;

type Rows = Vec<Arc<LocatedChange>>;

impl Shown {
    /// What is shown of the rows of a contract, by file.
    pub(super) fn read(&self, key: &ContractKey, rows: Rows) -> BTreeMap<String, Arc<InFile>> {
        let mut by_file: BTreeMap<String, Rows> = BTreeMap::new();
        for row in rows {
            let place = shown(&row).and_then(|(at, _)| at.file.as_ref());
            let Some(file) = place.filter(|_| row.change.class > Class::NonBreaking) else {
                continue;
            };
            match by_file.get_mut(file) {
                Some(rows) => rows.push(row),
                None => {
                    by_file.insert(file.clone(), vec![row]);
                }
            }
        }
        let mut before = self.lock().remove(key).unwrap_or_default();
        let each = by_file.into_iter().map(|(file, rows)| {
            let known = before.remove(&file).filter(|(known, _)| are_same(known, &rows));
            let read = || InFile { hints: hints(&rows), inlays: inlays(&rows) };
            let in_file = known.map_or_else(|| Arc::new(read()), |(_, in_file)| in_file);
            (file, (rows, in_file))
        });
        let now: ByFile = each.collect();
        let files = now.iter().map(|(file, (_, in_file))| (file.clone(), in_file.clone()));
        let files = files.collect();
        self.lock().insert(key.clone(), now);
        files
    }

    pub(crate) fn forget(&self, key: &ContractKey) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ContractKey, ByFile>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Whether these are the very same rows.
fn are_same(a: &Rows, b: &Rows) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Mode;
    use crate::db::Baseline;
    use crate::diff::Settings;
    use crate::fact::Fact;
    use crate::host::{Change, Host, Origin};
    use crate::root::Root;

    const CONTRACT: &str = "pactoVersion: \"1.0\"\nservice: {name: pay, version: 1.0.0}\n\
        interfaces: [{name: api, type: http, port: 80, contract: api.yaml}]\n";
    const OLD: &str =
        "openapi: 3.0.3\ninfo: {title: a, version: 1.0.0}\npaths:\n  /a: {}\n  /b: {}\n";
    const NEW: &str = "openapi: 3.0.3\ninfo: {title: a, version: 1.0.0}\npaths:\n  /a: {}\n";

    fn set(host: &mut Host, root: &str, path: &str, text: &str) {
        let (root, path) = (Root::from(root), path.to_owned());
        let text = Fact::Ready(Arc::from(text));
        host.apply([Change::File { root, path, text, origin: Origin::Editor }]);
    }

    /// A contract beside its baseline.
    fn host(contract: &str, api: &str) -> (Host, ContractKey) {
        let mut host = Host::default();
        let key = host.add_contract("/new", Vec::new(), Mode::Editor);
        let baseline = Baseline { root: "/old".into(), label: "1.0.0".into() };
        host.set_baseline(&key, Some((baseline, Settings::default())));
        for (root, contract, api) in [("/old", CONTRACT, OLD), ("/new", contract, api)] {
            set(&mut host, root, "pacto.yaml", contract);
            set(&mut host, root, "api.yaml", api);
        }
        (host, key)
    }

    #[test]
    fn an_edit_of_the_contract_words_nothing_again_of_its_specification() {
        let (mut world, key) = host(CONTRACT, NEW);
        let shown = |world: &Host| world.analysis().breaking(&key).expect("both are known");
        let first = shown(&world);
        assert_eq!(first.files["/new/api.yaml"].hints.len(), 1);
        let contract = CONTRACT.replace("port: 80,", "port: 8080,");
        set(&mut world, "/new", "pacto.yaml", &contract);
        let second = shown(&world);
        assert!(Arc::ptr_eq(&first.files["/new/api.yaml"], &second.files["/new/api.yaml"]));
        assert_eq!(second, host(&contract, NEW).0.analysis().breaking(&key).unwrap());
        // What moves is placed again.
        let api = format!("# a comment\n{NEW}");
        set(&mut world, "/new", "api.yaml", &api);
        assert_eq!(shown(&world), host(&contract, &api).0.analysis().breaking(&key).unwrap());
        // So is what belongs to the interface by another name.
        let contract = contract.replace("name: api", "name: other");
        set(&mut world, "/new", "pacto.yaml", &contract);
        assert_eq!(shown(&world), host(&contract, &api).0.analysis().breaking(&key).unwrap());
    }
}
