//! Queries about one contract: what its overrides make of it, and its findings.

use super::queries::{document, tree};
use super::view::DbView;
use super::{ContractInput, Db, Override, Severities};
use crate::check::diagnostic::{self, Diagnostic, SourceText};
use crate::check::{Ctx, Layer, NotChecked, Report, Severity, run_layer};
use crate::contract::{self, Contract};
use crate::fact::Fact;
use crate::place::FileRef;
use crate::schema::format::Type;
use crate::schema::{Shape, shape_at};
use crate::spec::Document;
use crate::value::{DocPath, Segment, Value, lower, overrides};
use crate::yaml::{self, Tree};

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

/// `configuration.…` and `policy.…` where the contract has one entry in the list of several: that
/// entry is meant.
fn in_its_list(set: &overrides::Set, contract: &Value) -> overrides::Set {
    let mut set = set.clone();
    for (one, several) in [("configuration", "configurations"), ("policy", "policies")] {
        let is_one = matches!(set.path.first(), Some(Segment::Key(key)) if *key == *one);
        let holds_one = contract.get(several).is_some_and(|list| list.items().len() == 1);
        if is_one && holds_one && contract.get(one).is_none() {
            let entry = [Segment::Key(several.into()), Segment::Index(0)];
            set.path.splice(..1, entry);
        }
    }
    set
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
                    let set = &in_its_list(set, &value);
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
        file: input.file(db).path(db),
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
    pub not_checked: Vec<NotChecked>,
}

/// All layers of a contract, with places as spans.
#[salsa::tracked(returns(ref))]
pub fn checked(db: &dyn Db, input: ContractInput) -> Checked {
    let Fact::Ready(merged) = merged(db, input) else { return Checked::default() };
    let own = input.file(db);
    let root = own.root(db);
    let own_path = own.path(db).as_str();
    let source_text = |file: &FileRef| -> Option<SourceText<'_>> {
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
