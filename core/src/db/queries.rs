//! Queries about one file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CONTRACT_FILE, Db, SourceFile};
use crate::contract::{self, Contract};
use crate::fact::Fact;
use crate::json;
use crate::root::MISNAMED_CONTRACT_FILE;
use crate::spec::json_schema::{self, CompiledSchema, SchemaError};
use crate::spec::proto::Proto;
use crate::spec::{
    BundlePath, Document, MAX_CONTRACT, MAX_FILE, Operation, document_references, file_references,
    operations, proto as proto_spec,
};
use crate::text::LineIndex;
use crate::value::LowerError;
use crate::yaml::{self, NodeId, Tree, referee};

/// The syntax tree of a YAML or JSON file. Files beyond their limit have an empty one.
#[salsa::tracked(returns(ref), no_eq)]
pub fn tree(db: &dyn Db, file: SourceFile) -> Fact<Tree> {
    let is_json = file.path(db).ends_with(".json");
    file.text(db).as_ref().map(|text| {
        let text = if too_large(db, file, text).is_some() { Arc::from("") } else { text.clone() };
        match is_json {
            true => json::parse(text),
            false => yaml::parts::parse_by_parts(text, &db.parts().trees),
        }
    })
}

fn too_large(db: &dyn Db, file: SourceFile, text: &str) -> Option<LowerError> {
    let is_contract = matches!(file.path(db).as_str(), CONTRACT_FILE | MISNAMED_CONTRACT_FILE);
    let limit = if is_contract { MAX_CONTRACT } else { MAX_FILE };
    let size = text.len() as u64;
    (size > limit).then_some(LowerError::FileTooLarge { size, limit })
}

/// Where the lines of a file start.
#[salsa::tracked(returns(ref), no_eq)]
pub fn lines(db: &dyn Db, file: SourceFile) -> Fact<Arc<LineIndex>> {
    file.text(db).as_ref().map(|text| Arc::new(LineIndex::new(text)))
}

/// A YAML or JSON file as data, with its errors.
#[salsa::tracked(returns(ref))]
pub fn document(db: &dyn Db, file: SourceFile) -> Fact<Document> {
    let oversize = file.text(db).ready().and_then(|text| too_large(db, file, text));
    tree(db, file).as_ref().map(|tree| {
        let (lowered, parts) = db.parts().lower(tree);
        let is_json = file.path(db).ends_with(".json");
        let syntax = match is_json {
            true => tree.errors().to_vec(),
            false => referee::arbitrate(tree),
        };
        let mut lower_errors = lowered.errors;
        lower_errors.extend(oversize);
        Document { value: lowered.value, syntax, lower_errors, parts }
    })
}

/// The typed model of a contract file, without overrides.
#[salsa::tracked(returns(ref))]
pub fn base_contract(db: &dyn Db, file: SourceFile) -> Fact<Contract> {
    document(db, file).as_ref().map(|document| contract::lower(document.value.clone()))
}

/// A `.proto` file.
#[salsa::tracked(returns(ref))]
pub fn proto(db: &dyn Db, file: SourceFile) -> Fact<Proto> {
    file.text(db).as_ref().map(|text| proto_spec::parse(text))
}

/// The `$ref`s of a YAML or JSON file and where they stand, in its order.
#[salsa::tracked(returns(ref))]
pub fn references_of(db: &dyn Db, file: SourceFile) -> Vec<(Arc<str>, NodeId)> {
    document(db, file).ready().map_or(Vec::new(), document_references)
}

/// The operations of an OpenAPI file.
#[salsa::tracked(returns(ref))]
pub fn operations_of(db: &dyn Db, file: SourceFile) -> Vec<Operation> {
    document(db, file).ready().map_or(Vec::new(), |document| operations(&document.value))
}

/// Upper bound on the files of a bundle that are read for the `$ref`s of one schema.
const MAX_SCHEMA_FILES: usize = 64;

/// A JSON Schema file, compiled with the files that it refers to.
#[salsa::tracked(returns(ref), no_eq)]
pub fn schema(db: &dyn Db, file: SourceFile) -> Fact<Result<CompiledSchema, SchemaError>> {
    document(db, file).as_ref().map(|document| {
        let json = document.value.to_json();
        let resources = schema_resources(db, file, document);
        json_schema::compile(json, file.path(db), &resources)
    })
}

fn schema_resources(
    db: &dyn Db,
    file: SourceFile,
    schema: &Document,
) -> BTreeMap<String, serde_json::Value> {
    let mut resources = BTreeMap::new();
    let Ok(own) = BundlePath::parse(file.path(db)) else { return resources };
    let mut queue = vec![(own, file_references(&schema.value))];
    while let Some((from, references)) = queue.pop() {
        for reference in references {
            let Ok(path) = from.join(&reference) else { continue };
            if resources.len() >= MAX_SCHEMA_FILES || resources.contains_key(path.as_str()) {
                continue;
            }
            let other = db.inputs().file(db, file.root(db), path.as_str());
            if let Fact::Ready(document) = document(db, other) {
                queue.push((path.clone(), file_references(&document.value)));
                resources.insert(path.to_string(), document.value.to_json());
            }
        }
    }
    resources
}

/// Whether a file is there and is text.
pub fn exists(db: &dyn Db, file: SourceFile) -> Fact<()> {
    file.text(db).as_ref().map(|_| ())
}
