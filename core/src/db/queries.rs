//! The queries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::resolve::{self, Resolution};
use super::view::DbView;
use super::{CONTRACT_FILE, ContractInput, Db, Override, Severities, SourceFile, Workspace};
use crate::check::diagnostic::{self, Diagnostic, SourceText};
use crate::check::{Ctx, Layer, Report, Severity, run_layer};
use crate::contract::{self, Constraint, Contract, ContractRef};
use crate::fact::Fact;
use crate::json;
use crate::root::Root;
use crate::schema::format::Type;
use crate::schema::{Shape, shape_at};
use crate::spec::json_schema::{self, CompiledSchema, SchemaError};
use crate::spec::proto::Proto;
use crate::spec::{
    BundlePath, Document, MAX_BUNDLE_FILE, MAX_CONTRACT, Operation, document_references,
    file_references, operations, proto as proto_spec,
};
use crate::text::LineIndex;
use crate::value::{DocPath, LowerError, lower, overrides};
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
    let is_contract = matches!(file.path(db).as_str(), CONTRACT_FILE | "pacto.yml");
    let limit = if is_contract { MAX_CONTRACT } else { MAX_BUNDLE_FILE };
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

/// At most so many files of a bundle are read for the `$ref`s of one schema.
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

/// A contract with its overrides applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub contract: Contract,
    pub document: Document,
    /// For each override: where it came from, and its tree when it is a file.
    pub sources: Vec<(String, Option<Tree>)>,
    /// `--set` arguments that could not be applied, with the reason.
    pub errors: Vec<(String, overrides::SetError)>,
}

#[salsa::tracked(returns(ref))]
pub fn merged(db: &dyn Db, input: ContractInput) -> Fact<Merged> {
    document(db, input.file(db)).as_ref().map(|document| {
        let mut value = document.value.clone();
        let mut sources = Vec::new();
        let mut errors = Vec::new();
        for (i, layer) in input.overrides(db).iter().enumerate() {
            let source = i as u16 + 1;
            match layer {
                Override::Values { file, text } => {
                    let tree = yaml::parse(text.clone());
                    overrides::merge(&mut value, lower(&tree, source).value);
                    sources.push((file.clone(), Some(tree)));
                }
                Override::Set { argument, set } => {
                    let is_string = matches!(
                        shape_at(&DocPath(set.path.clone()), None),
                        Some(Shape::Scalar(Type::Str(_) | Type::Enum(_)))
                    );
                    if let Err(error) = set.apply(&mut value, source, is_string) {
                        errors.push((argument.clone(), error));
                    }
                    sources.push((format!("--set {argument}"), None));
                }
            }
        }
        let contract = contract::lower(value);
        Merged { contract, document: document.clone(), sources, errors }
    })
}

fn findings(db: &dyn Db, input: ContractInput, layer: Layer) -> Report {
    let Fact::Ready(merged) = merged(db, input) else { return Report::default() };
    let view = DbView::of(db, input.file(db));
    let ctx = Ctx {
        contract: &merged.contract,
        document: &merged.document,
        bundle: &view,
        mode: input.mode(db),
        today: db.inputs().calendar(db).today(db),
    };
    run_layer(&ctx, layer)
}

macro_rules! findings_queries {
    ($($(#[$doc:meta])* $name:ident = $layer:ident;)+) => {
        $($(#[$doc])*
        #[salsa::tracked(returns(ref))]
        pub fn $name(db: &dyn Db, input: ContractInput) -> Report {
            findings(db, input, Layer::$layer)
        })+
    };
}

findings_queries! {
    /// The YAML layer.
    findings_yaml = Yaml;
    /// The structural layer.
    findings_structural = Structural;
    /// The cross-field layer.
    findings_cross_field = CrossField;
    /// The semantic layer.
    findings_semantic = Semantic;
    /// The policy layer.
    findings_policy = Policy;
    /// The reference layer.
    findings_references = Reference;
}

/// The findings of one contract, in the order and form in which they are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    pub diagnostics: Vec<Diagnostic>,
    pub not_checked: Vec<crate::check::NotChecked>,
}

/// All layers of a contract, with places as spans.
#[salsa::tracked(returns(ref))]
pub fn checked(db: &dyn Db, input: ContractInput) -> Checked {
    let Fact::Ready(merged) = merged(db, input) else { return Checked::default() };
    let own = input.file(db);
    let root = own.root(db);
    let own_path = own.path(db).as_str();
    let source_text = |file: &crate::check::FileRef| -> Option<SourceText<'_>> {
        use crate::check::FileRef;
        let (root, path) = match file {
            FileRef::Source(0) => (root, own_path),
            FileRef::Source(n) => {
                let (origin, tree) = merged.sources.get(*n as usize - 1)?;
                let file = tree.is_some().then(|| origin.clone());
                return Some(SourceText {
                    file,
                    origin: Some(origin.clone()),
                    tree: tree.as_ref(),
                });
            }
            FileRef::Bundle(path) => (root, path.as_str()),
            FileRef::Other { root, path } => (root, path.as_str()),
        };
        let file = db.inputs().file(db, root, path);
        let tree = tree(db, file).ready();
        Some(SourceText { file: Some(root.file(path)), origin: None, tree })
    };
    let layers = [
        findings_yaml(db, input),
        findings_structural(db, input),
        findings_cross_field(db, input),
        findings_semantic(db, input),
        findings_policy(db, input),
        findings_references(db, input),
    ];
    let mut diagnostics: Vec<Diagnostic> = layers
        .iter()
        .flat_map(|report| &report.findings)
        .filter_map(|finding| diagnostic::resolve(finding, &source_text))
        .collect();
    apply_severities(&mut diagnostics, input.severities(db));
    let own_file = root.file(own_path);
    if let Fact::Ready(tree) = tree(db, input.file(db)) {
        diagnostic::apply_suppressions(&mut diagnostics, tree, &own_file);
    }
    diagnostic::sort(&mut diagnostics, &own_file);
    let mut not_checked: Vec<_> =
        layers.iter().flat_map(|report| report.not_checked.iter().cloned()).collect();
    not_checked.sort();
    Checked { diagnostics, not_checked }
}

/// What the project says about rules. What is an error stays one.
fn apply_severities(diagnostics: &mut Vec<Diagnostic>, severities: &Severities) {
    if severities.is_empty() {
        return;
    }
    diagnostics.retain_mut(|diagnostic| match severities.get(diagnostic.rule.code) {
        _ if diagnostic.severity == Severity::Error => true,
        Some(Some(severity)) => {
            diagnostic.severity = *severity;
            true
        }
        Some(None) => false,
        None => true,
    });
}

/// The bundles that a contract's dependencies lead to, as far as they are known.
#[salsa::tracked(returns(ref))]
pub fn dependency_roots(db: &dyn Db, file: SourceFile) -> Vec<Root> {
    wishes(db, file).iter().map(|wish| identity(db, wish.root.clone())).collect()
}

/// What a contract wants of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The repository or the folder, whichever version.
    pub identity: String,
    /// Where it leads.
    pub root: Root,
    pub constraint: Option<String>,
}

/// The dependencies of a contract with their constraints, as far as they are known.
#[salsa::tracked(returns(ref))]
pub fn wishes(db: &dyn Db, file: SourceFile) -> Vec<Wish> {
    let Fact::Ready(contract) = base_contract(db, file) else { return Vec::new() };
    let each = contract.dependencies.iter().filter_map(|dependency| {
        let reference = ContractRef::parse(dependency.reference.get()?).ok()?;
        let constraint = dependency.compatibility.get().cloned();
        match resolve::resolve(db, file.root(db), &reference, constraint.as_deref()) {
            Resolution::Found(target) => {
                let identity = reference.identity(&target.root);
                Some(Wish { identity, root: target.root, constraint })
            }
            _ => None,
        }
    });
    each.collect()
}

/// The services that are wanted in ranges without a common version, anywhere in reach of the
/// workspace. There are few or none, so that rules need not walk the graph of each contract.
#[salsa::tracked(returns(ref))]
pub fn contested(db: &dyn Db, workspace: Workspace) -> FxHashSet<String> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut seen: FxHashSet<&Root> = workspace.roots(db).iter().collect();
    let mut queue: Vec<&Root> = seen.iter().copied().collect();
    while let Some(root) = queue.pop() {
        for wish in wishes(db, db.inputs().file(db, root, CONTRACT_FILE)) {
            if let Some(constraint) = &wish.constraint {
                wanted.entry(&wish.identity).or_default().insert(constraint);
            }
            if seen.insert(&wish.root) {
                queue.push(&wish.root);
            }
        }
    }
    let is_contested = |texts: &BTreeSet<&str>| {
        let parsed: Vec<Constraint> =
            texts.iter().filter_map(|text| Constraint::parse(text).ok()).collect();
        let pairs =
            parsed.iter().enumerate().flat_map(|(i, a)| parsed[..i].iter().map(move |b| (a, b)));
        pairs.into_iter().any(|(a, b)| !Constraint::have_common_version(&[a.clone(), b.clone()]))
    };
    let found = wanted.into_iter().filter(|(_, texts)| texts.len() > 1 && is_contested(texts));
    found.map(|(identity, _)| identity.to_owned()).collect()
}

/// A published bundle of a contract in the workspace counts as that contract: what a registry
/// holds is what was pushed from there.
fn identity(db: &dyn Db, root: Root) -> Root {
    if !root.is_published() {
        return root;
    }
    let name = |root: &Root| -> Option<String> {
        let file = db.inputs().file(db, root, CONTRACT_FILE);
        match base_contract(db, file) {
            Fact::Ready(contract) => contract.service.as_ref()?.name.get().cloned(),
            _ => None,
        }
    };
    let published = name(&root);
    let same = published.and_then(|published| {
        workspace_names(db, db.inputs().workspace(db)).get(&published).cloned()
    });
    same.unwrap_or(root)
}

/// The folders of the workspace by service name.
#[salsa::tracked(returns(ref))]
pub fn workspace_names(db: &dyn Db, workspace: Workspace) -> BTreeMap<String, Root> {
    let named = workspace.roots(db).iter().filter_map(|root| {
        let file = db.inputs().file(db, root, CONTRACT_FILE);
        match base_contract(db, file) {
            Fact::Ready(contract) => {
                Some((contract.service.as_ref()?.name.get()?.clone(), root.clone()))
            }
            _ => None,
        }
    });
    named.collect()
}

/// The bundles from which dependencies lead back to themselves.
#[salsa::tracked(returns(ref))]
pub fn cyclic_roots(db: &dyn Db, workspace: Workspace) -> FxHashSet<Root> {
    let successors = |root: &Root| {
        let file = db.inputs().file(db, root, CONTRACT_FILE);
        dependency_roots(db, file).as_slice()
    };
    crate::graph::cyclic_nodes(workspace.roots(db), successors)
}

/// Whether a file is there and is text.
pub fn exists(db: &dyn Db, file: SourceFile) -> Fact<()> {
    file.text(db).as_ref().map(|_| ())
}

/// Has what was made of a file's text made anew. Called for files that are forgotten, whose text is
/// pending, so that what was made of it is freed.
pub fn drop_answers(db: &dyn Db, file: SourceFile) {
    let _ = (tree(db, file), lines(db, file), document(db, file), base_contract(db, file));
    let _ = (proto(db, file), references_of(db, file), operations_of(db, file), schema(db, file));
    let _ = (dependency_roots(db, file), wishes(db, file));
}

/// The same for a contract, whose file is pending.
pub fn drop_findings(db: &dyn Db, input: ContractInput) {
    let _ = (merged(db, input), checked(db, input));
    let _ = (findings_yaml(db, input), findings_structural(db, input));
    let _ = (findings_cross_field(db, input), findings_semantic(db, input));
    let _ = (findings_policy(db, input), findings_references(db, input));
}
