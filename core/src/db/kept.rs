//! What comparisons of large documents leave for the next one of the same files.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::diff::Kept;
use crate::root::Root;

/// The files of both sides.
type Files = [(Root, String); 2];

/// Upper bound on the pairs of files of which something is kept: those that were compared last.
const MAX_FILES: usize = 4;

/// What is kept, by the files compared. A clone is the same table.
#[derive(Clone, Default)]
pub struct KeptTable(Arc<Mutex<Vec<Entry>>>);

/// What is kept of the comparison of two files.
type Entry = (Files, Arc<Kept>);

impl KeptTable {
    /// What the last comparison of these files left.
    pub fn get(&self, files: &Files) -> Option<Arc<Kept>> {
        let all = self.lock();
        all.iter().find(|(known, _)| known == files).map(|(_, kept)| kept.clone())
    }

    pub fn put(&self, files: Files, kept: Arc<Kept>) {
        let mut all = self.lock();
        all.retain(|(known, _)| *known != files);
        if !kept.is_empty() {
            all.push((files, kept));
        }
        let surplus = all.len().saturating_sub(MAX_FILES);
        all.drain(..surplus);
    }

    /// Forgets what was kept of files in a root.
    pub fn forget(&self, root: &Root) {
        self.lock().retain(|(files, _)| files.iter().all(|(at, _)| at != root));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::check::Mode;
    use crate::db::{Db, DiffReport};
    use crate::diff;
    use crate::fact::Fact;
    use crate::host::{Change, Host, Origin};
    use crate::root::ContractKey;
    use proptest::prelude::*;

    const CONTRACT: &str = "pactoVersion: \"1.0\"\nservice: {name: big, version: 1.0.0}\n\
        interfaces: [{name: api, type: http, port: 80, contract: api.yaml}]\n";
    const PATHS: usize = 300;
    const DEFINITIONS: usize = 40;

    /// A document that is read part by part. Definitions are chains of two.
    fn document() -> String {
        let mut text = String::from("openapi: 3.0.3\ninfo: {title: Big, version: 1.0.0}\npaths:\n");
        for i in 0..PATHS {
            let _ = write!(
                text,
                "  /r{i:03}:\n    get:\n      responses:\n        \"200\":\n          description: ok\n          \
                 content:\n            application/json:\n              schema:\n                type: object\n                \
                 properties:\n                  item:\n                    $ref: '#/components/schemas/D{}'\n",
                i % DEFINITIONS
            );
            for n in 0..16 {
                let _ = write!(
                    text,
                    "                  f{n}:\n                    type: string\n                    maxLength: {}\n",
                    n + 10
                );
            }
        }
        text.push_str("components:\n  schemas:\n");
        for i in 0..DEFINITIONS {
            let _ = write!(
                text,
                "    D{i}:\n      type: object\n      properties:\n        name: {{type: string, maxLength: 20}}\n        \
                 next:\n          $ref: '#/components/schemas/D{}'\n        \
                 note{i}:\n          type: string\n          description: {}\n",
                if i % 2 == 0 { i + 1 } else { i },
                "x".repeat(200)
            );
        }
        text
    }

    struct World {
        host: Host,
        keys: [ContractKey; 2],
        settings: crate::db::DiffSettings,
    }

    impl World {
        fn new(old: &str, new: &str) -> World {
            World::with(diff::Settings::default(), old, new)
        }

        fn with(settings: diff::Settings, old: &str, new: &str) -> World {
            let mut host = Host::default();
            let keys =
                ["/old", "/new"].map(|root| host.add_contract(root, Vec::new(), Mode::Editor));
            let settings = host.add_diff_settings(settings);
            let mut world = World { host, keys, settings };
            for (root, text) in [("/old", old), ("/new", new)] {
                world.set(root, "pacto.yaml", CONTRACT);
                world.set(root, "api.yaml", text);
            }
            world
        }

        fn set(&mut self, root: &str, path: &str, text: &str) {
            let (root, path) = (root.into(), path.to_owned());
            let text = Fact::Ready(Arc::from(text));
            self.host.apply([Change::File { root, path, text, origin: Origin::Editor }]);
        }

        fn compare(&self) -> DiffReport {
            let [old, new] = &self.keys;
            let report = self.host.analysis().diff(old, new, self.settings, None);
            report.expect("both contracts are known")
        }

        /// How many paths the last comparison looked into.
        fn compared(&self) -> usize {
            let file = |root: &str| (Root::from(root), "api.yaml".to_owned());
            let kept = self.host.db().kept().get(&[file("/old"), file("/new")]);
            kept.map_or(usize::MAX, |kept| kept.compared())
        }
    }

    /// The document with one more character in the limit of a field of the path `i`.
    fn edited_path(text: &str, i: usize) -> String {
        let at = text.find(&format!("/r{i:03}:")).expect("the path is there");
        let limit = at + text[at..].find("maxLength: ").expect("it has limits") + 11;
        format!("{}9{}", &text[..limit], &text[limit..])
    }

    #[test]
    fn an_edit_has_only_the_paths_compared_that_it_reaches() {
        let old = document();
        let new = edited_path(&old, 7);
        let mut world = World::new(&old, &new);
        assert_eq!(world.compare().changes.iter().filter(|row| !row.change.is_rollup()).count(), 1);
        assert_eq!(world.compared(), PATHS);
        // A path stands with its neighbours in one part of the text.
        world.set("/new", "api.yaml", &edited_path(&new, 150));
        let report = world.compare();
        assert!(world.compared() < 20, "{} paths", world.compared());
        assert_eq!(report, World::new(&old, &edited_path(&new, 150)).compare());
        // A definition has the paths compared again that reach it; all definitions stand close here.
        let new = new.replacen("maxLength: 20", "maxLength: 5", 1);
        world.set("/new", "api.yaml", &new);
        assert_eq!(world.compare(), World::new(&old, &new).compare());
        // The contract's own text is none of the document's.
        world.set("/new", "pacto.yaml", &CONTRACT.replace("80", "81"));
        assert_eq!(
            world.compare().changes.len(),
            World::new(&old, &new).compare().changes.len() + 1
        );
    }

    #[test]
    fn paths_that_are_taken_over_count_into_limits() {
        let old = document();
        let settings = |pairs| {
            let mut settings = diff::Settings::default();
            settings.limits.schema_pairs = pairs;
            settings
        };
        let texts = [7, 100, 200].iter().scan(old.clone(), |text, i| {
            *text = edited_path(text, *i);
            Some(text.clone())
        });
        let texts: Vec<String> = texts.collect();
        let cut = |pairs, text: &str| {
            let problems = World::with(settings(pairs), &old, text).compare().problems;
            problems.iter().any(|one| one.problem.code == "LIMIT_REACHED")
        };
        // The first limit that one edit keeps and three edits do not.
        let pairs = (1..200).find(|pairs| !cut(*pairs, &texts[0])).expect("one path is small");
        assert!(cut(pairs, &texts[2]));
        let mut world = World::with(settings(pairs), &old, &old);
        for text in &texts {
            world.set("/new", "api.yaml", text);
            let fresh = World::with(settings(pairs), &old, text);
            assert_eq!(world.compare(), fresh.compare());
        }
    }

    #[test]
    fn nothing_is_kept_of_files_that_were_not_compared_lately() {
        let table = KeptTable::default();
        assert!(table.get(&[("/a".into(), String::new()), ("/b".into(), String::new())]).is_none());
        let world = World::new(&document(), &edited_path(&document(), 1));
        world.compare();
        assert_ne!(world.compared(), usize::MAX);
        world.host.db().kept().forget(&Root::from("/old"));
        assert_eq!(world.compared(), usize::MAX);
    }

    /// Texts that come in the place of others: fields, references, definitions, what is around them.
    fn edits() -> impl Strategy<Value = Vec<(String, String)>> {
        let edit = prop_oneof![
            (0..PATHS)
                .prop_map(|i| (format!("  /r{i:03}:\n    get:"), format!("  /r{i:03}:\n    put:"))),
            (0..PATHS).prop_map(|i| (
                format!("  /r{i:03}:\n"),
                format!("  /r{i:03}:\n    description: d\n")
            )),
            (0..DEFINITIONS).prop_map(|i| (format!("schemas/D{i}'"), "schemas/Other'".to_owned())),
            (0..DEFINITIONS).prop_map(|i| (format!("    D{i}:\n"), "    Other:\n".to_owned())),
            (0..DEFINITIONS)
                .prop_map(|i| (format!("        note{i}:\n"), "        renamed:\n".to_owned())),
            (0..DEFINITIONS).prop_map(|i| (
                format!("    D{i}:\n      type: object\n"),
                format!("    D{i}:\n      type: object\n      required: [name]\n")
            )),
            Just((
                "openapi: 3.0.3\n".to_owned(),
                "openapi: 3.0.3\nsecurity: [{key: []}]\n".to_owned()
            )),
            Just(("openapi: 3.0.3\n".to_owned(), "openapi: 3.1.0\n".to_owned())),
            Just(("openapi: 3.0.3\n".to_owned(), "# A comment.\nopenapi: 3.0.3\n".to_owned())),
            Just(("maxLength: 20".to_owned(), "pattern: '(?<=a)b'".to_owned())),
        ];
        prop::collection::vec(edit, 1..5)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn edits_one_by_one_equal_a_fresh_comparison(
            edits in edits(),
            undone in 0usize..5,
            pairs in prop_oneof![Just(2_000_000), 1usize..300],
        ) {
            let mut settings = diff::Settings::default();
            settings.limits.schema_pairs = pairs;
            let old = document();
            let mut texts = vec![old.clone()];
            let mut world = World::with(settings.clone(), &old, &old);
            world.compare();
            for (from, to) in edits {
                let text = texts[texts.len() - 1].replacen(&from, &to, 1);
                texts.push(text);
            }
            let back = texts[undone.min(texts.len() - 1)].clone();
            texts.push(back);
            for text in texts {
                world.set("/new", "api.yaml", &text);
                let fresh = World::with(settings.clone(), &old, &text);
                prop_assert_eq!(world.compare(), fresh.compare());
            }
        }
    }
}
