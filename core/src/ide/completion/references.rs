//! Files of the bundle, and other contracts.

use super::context::Context;
use super::item::{Completion, CompletionKind, escape};
use super::versions;
use crate::check::fix;
use crate::contract::{Contract, ContractRef, tags};
use crate::db;
use crate::fact::Fact;
use crate::root::CONTRACT_FILE;
use crate::schema::format::Object;
use crate::spec::{SpecKind, kind_of};
use crate::text::TextEdit;
use crate::yaml::cursor::Slot;
use crate::yaml::{DocPath, Segment, node_at};

/// Upper bound on the contracts that are proposed.
const MAX_CONTRACTS: usize = 200;

/// Files of the bundle that the field can name, a folder at a time: what is in the folder that is
/// typed, unnamed files first, and the folders in it that hold such files. Where no folder is typed,
/// what is in the usual folder of the field as well.
pub(super) fn files(context: &Context<'_>, object: &Object) -> Vec<Completion> {
    let Some(all) = context.known(context.ctx.bundle.files()) else { return Vec::new() };
    let usual = match object.name {
        "Interface" => "interfaces/",
        "Policy" | "NamedPolicy" => "policy/",
        _ => "configuration/",
    };
    let typed = context.typed();
    let folder = &typed[..typed.rfind('/').map_or(0, |slash| slash + 1)];
    let wanted = Wanted::of(context, object);
    let named = context.ctx.named_files();
    let mut found: Vec<Completion> = Vec::new();
    let fitting = all.iter().filter(|file| file.as_str() != CONTRACT_FILE);
    for (i, file) in fitting.filter(|file| wanted.fits(context, file)).enumerate() {
        let Some(rest) = file.strip_prefix(folder) else { continue };
        let is_near = |rest: &str| !rest.contains('/');
        if !is_near(rest) {
            let step = &file[..folder.len() + rest.find('/').map_or(0, |slash| slash + 1)];
            if !found.iter().any(|item| item.label == step) {
                let rank = if step == usual { 0 } else { 4000 + i as u32 };
                found.push(context.value(step, CompletionKind::Folder, rank));
            }
        }
        let in_usual = folder.is_empty() && file.strip_prefix(usual).is_some_and(is_near);
        if is_near(rest) || in_usual {
            let is_named = named.iter().any(|(path, _)| path.as_str() == file);
            let group = 1000 + 1000 * u32::from(is_named);
            let detail = if is_named { "already named" } else { "" };
            let item = context.value(file, CompletionKind::File, group + i as u32);
            found.push(Completion { detail: detail.into(), ..item });
        }
    }
    found
}

/// The files that a field can name.
struct Wanted {
    /// The kind of specification, where one is wanted.
    kind: Option<SpecKind>,
    is_proto: bool,
    is_data: bool,
}

impl Wanted {
    fn of(context: &Context<'_>, object: &Object) -> Wanted {
        let ty = context.scalar(&context.map(), "type");
        let data = |kind| Wanted { kind, is_proto: false, is_data: true };
        match (object.name, ty.as_deref()) {
            ("Interface", Some("grpc")) => Wanted { kind: None, is_proto: true, is_data: false },
            ("Interface", Some("http")) => data(Some(SpecKind::OpenApi)),
            ("Interface", Some(_)) => data(None),
            ("Interface", None) => Wanted { kind: None, is_proto: true, is_data: true },
            _ => data(Some(SpecKind::JsonSchema)),
        }
    }

    /// Whether a file's name fits, and what is in it as far as that is known.
    fn fits(&self, context: &Context<'_>, file: &str) -> bool {
        if file.ends_with(".proto") {
            return self.is_proto;
        }
        let is_data = [".json", ".yaml", ".yml"].iter().any(|end| file.ends_with(end));
        let Some(wanted) = self.kind.filter(|_| is_data) else { return is_data && self.is_data };
        let subject = context.subject;
        let input = subject.db.inputs().file(subject.db, subject.root(), file);
        let Fact::Ready(document) = db::document(subject.db, input) else { return true };
        [wanted, SpecKind::Unknown].contains(&kind_of(&document.value))
    }
}

/// Local charts: the folders of the bundle that hold a `Chart.yaml`.
pub(super) fn charts(context: &Context<'_>) -> Vec<Completion> {
    let Some(all) = context.known(context.ctx.bundle.files()) else { return Vec::new() };
    let folders = all.iter().filter_map(|file| file.strip_suffix("/Chart.yaml"));
    let each = folders.enumerate();
    each.map(|(i, folder)| context.value(folder, CompletionKind::Folder, i as u32)).collect()
}

/// Contracts that a reference can name: tags of the repository that is written, else the other
/// bundles of the workspace, nearest first, then the repositories that contracts name.
pub(super) fn contracts(context: &Context<'_>) -> Vec<Completion> {
    if let Some(found) = versions::tags(context) {
        return found;
    }
    let own = context.ctx.bundle.root();
    let role = Role::of(&context.map());
    let others = context.ctx.bundle.workspace().iter().filter(|root| *root != own);
    let mut paths: Vec<String> = others.filter_map(|root| own.relative(root)).collect();
    let steps = |path: &String| path.matches('/').count();
    paths.sort_by(|a, b| (steps(a), a).cmp(&(steps(b), b)));
    let local = paths.iter().filter_map(|path| neighbour(context, path, role));
    let mut found: Vec<Completion> = local.take(MAX_CONTRACTS).collect();
    found.extend(published(context, role));
    found.truncate(MAX_CONTRACTS);
    for (i, item) in found.iter_mut().enumerate() {
        item.rank = i as u32;
    }
    found
}

/// As what a contract is referred to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Dependency,
    Configuration,
    Policy,
}

impl Role {
    /// By the mapping that the reference stands in.
    fn of(map: &DocPath) -> Role {
        let first = map.0.first();
        let is = |name: &str| matches!(first, Some(Segment::Key(key)) if key == name);
        if is("policies") || is("policy") {
            Role::Policy
        } else if is("configurations") || is("configuration") {
            Role::Configuration
        } else {
            Role::Dependency
        }
    }

    /// Whether a contract has what is referred to.
    fn fits(self, contract: &Contract) -> bool {
        match self {
            Role::Dependency => true,
            Role::Configuration => !contract.configurations.is_empty(),
            Role::Policy => !contract.policies.is_empty(),
        }
    }
}

/// Another bundle of the workspace, by relative path. A dependency on it is completed by what is
/// known of it.
fn neighbour(context: &Context<'_>, path: &str, role: Role) -> Option<Completion> {
    let item = context.value(path, CompletionKind::Folder, 0);
    let item = Completion { origin: "workspace".to_owned(), ..item };
    let followed = context.ctx.bundle.follow(&ContractRef::Local(path.to_owned()), None);
    let Some(followed) = context.known(followed) else { return Some(item) };
    let Some(contract) = context.known(followed.bundle.contract()) else { return Some(item) };
    if !role.fits(contract) {
        return None;
    }
    let (name, version) = (contract.name(), contract.version());
    let detail = format!("{} {}", name.unwrap_or(""), version.unwrap_or(""));
    let item = Completion { detail: detail.trim().to_owned(), ..item };
    Some(with_the_rest(context, item, role, name, version))
}

/// The repositories that contracts of the workspace name, with the highest version that is known.
fn published(context: &Context<'_>, role: Role) -> Vec<Completion> {
    if role != Role::Dependency {
        // What a repository shares beside its contract is not known.
        return Vec::new();
    }
    let db = context.subject.db;
    let fleet = db::fleet_index(db, db.inputs().workspace(db));
    let own = context.ctx.contract.name();
    let all = fleet.repositories().filter(|(name, _)| Some(*name) != own);
    let each = all.map(|(name, repository)| {
        let list = context.known(context.ctx.bundle.tags(repository)).unwrap_or_default();
        let mut all = tags::versions(list).into_iter();
        let stable = all.find(|tag| tag.version.normal.pre.is_empty());
        let version = stable.map(|tag| tag.version.normal.to_string());
        let label = format!("oci://{repository}");
        let item = Completion {
            detail: format!("{name} {}", version.as_deref().unwrap_or("")).trim().to_owned(),
            origin: versions::host(repository),
            ..context.value(&label, CompletionKind::Reference, 0)
        };
        let plain = item.insert.len();
        let item = with_the_rest(context, item, role, Some(name), version.as_deref());
        // A tag or a digest may follow, unless lines do.
        let commit: &[char] = if item.insert.len() == plain { &[':', '@'] } else { &[] };
        Completion { commit, ..item }
    });
    each.collect()
}

/// Adds the fields that a dependency lacks: `required`, `compatibility` and its `name`.
fn with_the_rest(
    context: &Context<'_>,
    mut item: Completion,
    role: Role,
    name: Option<&str>,
    version: Option<&str>,
) -> Completion {
    let map = context.map();
    let is_dependency = map.0.len() == 2 && role == Role::Dependency;
    let in_quotes = matches!(context.cursor.slot, Slot::Value { in_quotes: true, .. });
    let Some(node) = node_at(context.tree, &map).filter(|_| is_dependency && !in_quotes) else {
        return item;
    };
    if !context.allows_lines() {
        return item;
    }
    let has = |key: &str| context.tree.pair(node, key).is_some();
    let column = context.relative(context.cursor.column);
    let line = |text: String| format!("\n{}{text}", " ".repeat(column));
    if !has("required") {
        item.insert.push_str(&line("required: ${1|true,false|}".to_owned()));
    }
    if let Some(version) = version.filter(|_| !has("compatibility")) {
        let constraint = fix::scalar(&format!("^{version}"));
        item.insert.push_str(&line(format!("compatibility: ${{2:{}}}", escape(&constraint))));
    }
    if let Some(name) = name.filter(|_| !has("name")) {
        let text = format!("name: {}", fix::scalar(name));
        let line_start = context.tree.text()[..context.cursor.replace.start as usize].rfind('\n');
        let key_at = line_start.map_or(0, |n| n + 1) + context.cursor.column;
        let indent = " ".repeat(context.cursor.column);
        item.additional.push(TextEdit::insert(key_at as u32, format!("{text}\n{indent}")));
    }
    item
}
