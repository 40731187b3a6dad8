//! A bundle as the rules see it, answered by queries.

use super::queries;
use super::{CONTRACT_FILE, Db};
use crate::check::BundleView;
use crate::contract::Contract;
use crate::fact::Fact;
use crate::spec::json_schema::{CompiledSchema, SchemaError};
use crate::spec::proto::Proto;
use crate::spec::{BundlePath, Document};

pub struct DbView<'db> {
    db: &'db dyn Db,
    root: String,
}

impl<'db> DbView<'db> {
    pub fn new(db: &'db dyn Db, root: String) -> Self {
        DbView { db, root }
    }

    fn file(&self, path: &str) -> super::SourceFile {
        self.db.inputs().file(self.db, &self.root, path)
    }
}

impl BundleView for DbView<'_> {
    fn root(&self) -> &str {
        &self.root
    }

    fn files(&self) -> Fact<&[String]> {
        let directory = self.db.inputs().directory(self.db, &self.root);
        directory.files(self.db).as_ref().map(|files| &**files)
    }

    fn exists(&self, path: &BundlePath) -> Fact<()> {
        queries::exists(self.db, self.file(path.as_str()))
    }

    fn document(&self, path: &BundlePath) -> Fact<&Document> {
        queries::document(self.db, self.file(path.as_str())).as_ref()
    }

    fn proto(&self, path: &BundlePath) -> Fact<&Proto> {
        queries::proto(self.db, self.file(path.as_str())).as_ref()
    }

    fn schema(&self, path: &BundlePath) -> Fact<Result<&CompiledSchema, &SchemaError>> {
        queries::schema(self.db, self.file(path.as_str())).as_ref().map(|schema| schema.as_ref())
    }

    fn contract(&self) -> Fact<&Contract> {
        queries::base_contract(self.db, self.file(CONTRACT_FILE)).as_ref()
    }

    fn sibling(&self, local: &str) -> Box<dyn BundleView + '_> {
        Box::new(DbView { db: self.db, root: join(&self.root, local) })
    }

    fn workspace(&self) -> &[String] {
        self.db.inputs().workspace(self.db).roots(self.db)
    }

    fn is_in_cycle(&self) -> bool {
        let workspace = self.db.inputs().workspace(self.db);
        queries::cyclic_roots(self.db, workspace).contains(&self.root)
    }
}

/// The normal form of `path` as seen from the folder `root`. A path to a `pacto.yaml` means its
/// folder.
pub fn join(root: &str, path: &str) -> String {
    let path = path.strip_suffix("pacto.yaml").unwrap_or(path);
    let is_absolute = path.starts_with('/');
    let joined = if is_absolute { path.to_owned() } else { format!("{root}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let lead = if joined.starts_with('/') { "/" } else { "" };
    format!("{lead}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn local_references_have_one_form() {
        assert_eq!(join("/fleet/a", "../b"), "/fleet/b");
        assert_eq!(join("/fleet/a", "../b/pacto.yaml"), "/fleet/b");
        assert_eq!(join("/fleet/a", "./x/../../b/"), "/fleet/b");
        assert_eq!(join("/fleet/a", "/other"), "/other");
        assert_eq!(join("/a", "../../../b"), "/b");
    }
}
