//! Rules about `policy` and `policies[]`.

use crate::check::skeleton::skeleton;
use crate::check::{Anchor, BundleView, Ctx, FileRef, Fix, Mode, Part, Severity, Sink, fix};
use crate::contract::{Contract, ContractRef, Policy};
use crate::fact::Fact;
use crate::root::Root;
use crate::schema::{Shape, shape_at};
use crate::shared_schema::Shared;
use crate::spec::BundlePath;
use crate::spec::json_schema::{BreachKind, CompiledSchema, SchemaBreach};
use crate::value::Value;

use super::configuration::{check_json, check_ref, check_schema, document_path, schema_path};
use super::dependency::NO_REGISTRY;

pub fn invalid_ref(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for policy in &ctx.contract.policies {
        check_ref(&policy.reference, sink);
    }
}

pub fn empty(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for policy in &ctx.contract.policies {
        if policy.schema.is_missing() && policy.reference.is_missing() {
            let place = &policy.place;
            let finding = sink.report(
                place.owner(),
                &place.path,
                "the policy is empty; expected `schema` or `ref`",
            );
            let usual = "policy/schema.json";
            if ctx.bundle.files().ready().is_some_and(|files| files.iter().any(|f| f == usual)) {
                let title = format!("Add `schema: {usual}`");
                finding.fix(Fix::insert(title, place.value(), "schema", usual).preferred());
            }
            finding.fix(Fix::insert(
                "Add `ref`",
                place.value(),
                "ref",
                "oci://ghcr.io/org/shared-policy:1.0.0",
            ));
        }
    }
}

pub fn invalid_json(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for policy in &ctx.contract.policies {
        check_json(ctx, &policy.schema, sink);
    }
}

pub fn invalid_schema(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for policy in &ctx.contract.policies {
        check_schema(ctx, &policy.schema, sink);
    }
}

/// What following a policy came to.
enum Outcome<'a> {
    /// A schema to apply: its bundle's root, its path there, and itself.
    Schema(Root, BundlePath, &'a CompiledSchema, &'a Value),
    Unresolved(String),
    Cycle(Vec<Root>),
    NotChecked(String),
}

/// The longest chain of policy references that is followed.
const MAX_CHAIN: usize = 64;

/// Follows a policy to its schemas and hands each outcome to `visit`.
fn follow(
    bundle: &dyn BundleView,
    policy: &Policy,
    chain: &[Root],
    visit: &mut dyn FnMut(Outcome<'_>),
) {
    if let Some((path, _)) = schema_path(&policy.schema) {
        return own_schema(bundle, path, chain.is_empty(), visit);
    }
    let Some(text) = policy.reference.get() else {
        return;
    };
    let Ok(reference) = ContractRef::parse(text) else {
        return;
    };
    let sibling = match bundle.follow(&reference, None) {
        Fact::Ready(followed) => followed.bundle,
        Fact::Failed(failure) => return visit(Outcome::Unresolved(format!("`{text}`: {failure}"))),
        Fact::Pending if reference.is_local() => return,
        Fact::Pending => return visit(Outcome::NotChecked(text.clone())),
    };
    let root = sibling.root().clone();
    let mut chain = chain.to_vec();
    if chain.is_empty() {
        chain.push(bundle.root().clone());
    }
    if chain.contains(&root) || chain.len() > MAX_CHAIN {
        chain.push(root);
        return visit(Outcome::Cycle(chain));
    }
    chain.push(root);
    match sibling.contract() {
        Fact::Pending if reference.is_local() => {}
        Fact::Pending => visit(Outcome::NotChecked(text.clone())),
        Fact::Failed(failure) => visit(Outcome::Unresolved(match &reference {
            ContractRef::Local(path) => format!("pacto.yaml at `{path}`: {failure}"),
            ContractRef::Oci(_) => format!("`{text}`: {failure}"),
        })),
        Fact::Ready(contract) if contract.policies.is_empty() => {
            if let Ok(schema) = BundlePath::parse(Shared::Policy.usual_path()) {
                own_schema(&*sibling, schema, false, visit);
            }
        }
        Fact::Ready(contract) => {
            for policy in &contract.policies {
                follow(&*sibling, policy, &chain, visit);
            }
        }
    }
}

/// The policies that bind the contract. A schema of its own is an offer to others where the contract
/// only publishes: where it describes nothing that runs.
fn binding(contract: &Contract) -> impl Iterator<Item = &Policy> {
    let describes = |field| contract.value.entry(field).is_some();
    let only_publishes = !describes("interfaces") && !describes("runtime");
    let policies = contract.policies.iter();
    policies.filter(move |policy| !only_publishes || policy.schema.is_missing())
}

/// A schema file of `bundle`. In the contract's own bundle its absence has other rules.
fn own_schema(
    bundle: &dyn BundleView,
    path: BundlePath,
    is_own: bool,
    visit: &mut dyn FnMut(Outcome<'_>),
) {
    match (bundle.schema(&path), bundle.document(&path)) {
        (Fact::Ready(Ok(schema)), Fact::Ready(document)) => {
            visit(Outcome::Schema(bundle.root().clone(), path, schema, &document.value));
        }
        (Fact::Ready(Err(error)), _) if !is_own => {
            visit(Outcome::Unresolved(format!("`{path}` is not a JSON Schema: {}", error.message)));
        }
        (Fact::Failed(failure), _) if !is_own => {
            visit(Outcome::Unresolved(format!("`{path}`: {failure}")))
        }
        (Fact::Pending, _) if !is_own => visit(Outcome::NotChecked(path.to_string())),
        _ => {}
    }
}

fn label(policy: &Policy, schema: &CompiledSchema) -> String {
    let name = policy.name.get().cloned().or_else(|| schema.title.clone());
    name.map_or("the policy".into(), |name| format!("policy \"{name}\""))
}

/// A policy that binds a contract, and whether the contract keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As the contract calls it, or else as its schema does.
    pub name: String,
    /// Where it comes from, if not from the contract's own bundle.
    pub reference: Option<String>,
    /// Whether every schema that it leads to was applied and admits the contract.
    pub is_kept: bool,
}

/// The policies that bind `contract`, in its order; what they lead to is looked up in `bundle`.
pub fn kept(bundle: &dyn BundleView, contract: &Contract) -> Vec<Kept> {
    let json = contract.value.to_json();
    let kept_one = |policy: &Policy| {
        let mut title = None;
        let mut results = Vec::new();
        follow(bundle, policy, &[], &mut |outcome| match outcome {
            Outcome::Schema(_, _, schema, _) => {
                title = title.take().or_else(|| schema.title.clone());
                results.push(schema.validate(&json).is_empty());
            }
            _ => results.push(false),
        });
        let reference = policy.reference.get().cloned();
        let file = policy.schema.get();
        let name = policy.name.get().cloned().or(title);
        let name = name.or_else(|| reference.clone().or(file.cloned())).unwrap_or_default();
        Kept { name, reference, is_kept: !results.is_empty() && results.iter().all(|kept| *kept) }
    };
    binding(contract).map(kept_one).collect()
}

pub fn violation(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let json = ctx.contract.value.to_json();
    for policy in binding(ctx.contract) {
        follow(ctx.bundle, policy, &[], &mut |outcome| {
            let Outcome::Schema(root, path, schema, document) = outcome else {
                return;
            };
            for breach in schema.validate(&json) {
                if breach.kind != BreachKind::Limit {
                    report(ctx, policy, (&root, &path, schema, document), &breach, sink);
                }
            }
        });
    }
}

fn report(
    ctx: &Ctx<'_>,
    policy: &Policy,
    (root, schema_path, schema, document): (&Root, &BundlePath, &CompiledSchema, &Value),
    breach: &SchemaBreach,
    sink: &mut Sink<'_>,
) {
    let contract = &ctx.contract.value;
    let (value, depth) = contract.deepest(breach.instance.iter().map(String::as_str));
    let path = document_path(contract, &Default::default(), &breach.instance[..depth]);
    let is_missing = matches!(breach.kind, BreachKind::Required { .. });
    let at = match value.entries().first() {
        Some(first) if value.node == contract.node => Anchor::key(first),
        _ if is_missing => Anchor { part: Part::Owner, ..Anchor::value(value) },
        _ => Anchor::value(value),
    };
    let said = breach.custom_message.clone().or_else(|| {
        let described = schema.description.as_ref();
        described.map(|d| format!("{} ({})", breach.message, d.trim_end_matches('.')))
    });
    let message = format!("{}: {}", label(policy, schema), said.unwrap_or(breach.message.clone()));
    let shown_path = match &breach.kind {
        BreachKind::Required { property } => path.key(property),
        _ => path.clone(),
    };
    let finding = sink.report(at, shown_path, message);
    let (keyword, _) = document.deepest(breach.schema.iter().map(String::as_str));
    let file = match root == ctx.bundle.root() {
        true => FileRef::Bundle(schema_path.to_string()),
        false => FileRef::Other { root: root.clone(), path: schema_path.to_string() },
    };
    let keyword_at = Anchor { file, node: keyword.node, part: Part::Owner };
    finding.related(keyword_at, format!("`{}` of the policy", breach.keyword));
    finding.related(policy.place.owner(), "the policy is named here");
    match &breach.kind {
        BreachKind::Required { property } => {
            let format = ctx.contract.format;
            let Some(Shape::Object(object)) = shape_at(&path, format) else {
                return;
            };
            let Some(field) = object.field(property, format) else {
                return;
            };
            if let Some(value_text) = skeleton(ctx, field) {
                let title = format!("Add `{property}`");
                finding.fix(
                    Fix::insert(title, Anchor::value(value), field.name, value_text).preferred(),
                );
            }
        }
        BreachKind::Enum { options } => {
            for option in options.iter().filter_map(|o| o.as_str()).take(5) {
                let title = format!("Replace by `{option}`");
                finding.fix(Fix::replace(
                    "replace",
                    title,
                    Anchor::value(value),
                    fix::scalar(option),
                ));
            }
        }
        _ => {}
    }
}

pub fn ref_unresolved(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for policy in &ctx.contract.policies {
        let Some((text, place)) = policy.reference.both() else {
            continue;
        };
        follow(ctx.bundle, policy, &[], &mut |outcome| {
            let why = match outcome {
                Outcome::Unresolved(why) => why,
                Outcome::NotChecked(reference) => {
                    format!("`{reference}` was not fetched: {NO_REGISTRY}")
                }
                _ => return,
            };
            let message = format!("the policy \"{text}\" was not enforced: {why}");
            let finding = sink.report(place.value(), &place.path, message);
            if ctx.mode == Mode::Editor {
                finding.severity(Severity::Warning);
            }
        });
    }
}

pub fn ref_cycle(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for policy in &ctx.contract.policies {
        let Some(place) = policy.reference.place() else {
            continue;
        };
        follow(ctx.bundle, policy, &[], &mut |outcome| {
            let Outcome::Cycle(chain) = outcome else {
                return;
            };
            let hops: Vec<String> = chain.iter().map(Root::name).collect();
            let message = format!("policy references go in a circle: {}", hops.join(" -> "));
            sink.report(place.value(), &place.path, message)
                .fix(Fix::remove("Remove this policy", policy.place.pair()));
        });
    }
}

pub fn enforcement_error(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let json = ctx.contract.value.to_json();
    for policy in binding(ctx.contract) {
        follow(ctx.bundle, policy, &[], &mut |outcome| {
            let Outcome::Schema(_, _, schema, _) = outcome else {
                return;
            };
            for breach in schema.validate(&json).iter().filter(|b| b.kind == BreachKind::Limit) {
                let message =
                    format!("{} was not enforced: {}", label(policy, schema), breach.message);
                sink.report(policy.place.owner(), &policy.place.path, message);
            }
        });
    }
}
