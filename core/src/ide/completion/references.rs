//! Files of the bundle, and other contracts.

use super::context::Context;
use super::item::{Completion, CompletionKind, escape};
use super::versions;
use crate::check::fix;
use crate::contract::{Contract, ContractRef};
use crate::schema::format::Object;
use crate::text::TextEdit;
use crate::yaml::cursor::Slot;
use crate::yaml::node_at;

/// Upper bound on the contracts that are proposed.
const MAX_CONTRACTS: usize = 200;

/// Files of the bundle that the field can name, unnamed ones first; before them the folder that is
/// usual for the field, as long as it is not chosen.
pub(super) fn files(context: &Context<'_>, object: &Object) -> Vec<Completion> {
    let Some(all) = context.known(context.ctx.bundle.files()) else { return Vec::new() };
    let ty = context.scalar(&context.map(), "type");
    let folder = match object.name {
        "Interface" => "interfaces/",
        "Policy" | "NamedPolicy" => "policy/",
        _ => "configuration/",
    };
    let is_data = |file: &str| [".json", ".yaml", ".yml"].iter().any(|end| file.ends_with(end));
    let fits = |file: &str| match (object.name, ty.as_deref()) {
        ("Interface", Some("grpc")) => file.ends_with(".proto"),
        ("Interface", Some(_)) => is_data(file),
        ("Interface", None) => is_data(file) || file.ends_with(".proto"),
        _ => is_data(file),
    };
    let named = context.ctx.named_files();
    let candidates = all.iter().filter(|file| file.as_str() != "pacto.yaml" && fits(file));
    let mut found: Vec<Completion> = candidates
        .enumerate()
        .map(|(i, file)| {
            let is_named = named.iter().any(|(path, _)| path.as_str() == file);
            let group = u32::from(!file.starts_with(folder)) * 2 + u32::from(is_named);
            let detail = if is_named { "already named" } else { "" };
            let item = context.value(file, CompletionKind::File, (group + 1) * 1000 + i as u32);
            Completion { detail: detail.into(), ..item }
        })
        .collect();
    let written = context.cursor.replace.slice(context.tree.text());
    let has_any = found.iter().any(|item| item.label.starts_with(folder));
    if has_any && !written.starts_with(folder) {
        found.push(context.value(folder, CompletionKind::Folder, 0));
    }
    found
}

/// Contracts that a reference can name: tags of the repository that is written, else the other
/// bundles of the workspace.
pub(super) fn contracts(context: &Context<'_>) -> Vec<Completion> {
    if let Some(found) = versions::tags(context) {
        return found;
    }
    let own = context.ctx.bundle.root();
    let parent = own.parent().map(|(folder, _)| folder);
    let beside = context.ctx.bundle.workspace().iter().filter_map(|root| {
        let (folder, name) = root.parent()?;
        (Some(folder) == parent && root != own).then(|| format!("../{name}"))
    });
    let each = beside.take(MAX_CONTRACTS).enumerate();
    each.map(|(i, path)| neighbour(context, &path, i as u32)).collect()
}

/// Another bundle of the workspace, by relative path. A dependency on it is completed by what is
/// known of it.
fn neighbour(context: &Context<'_>, path: &str, rank: u32) -> Completion {
    let item = context.value(path, CompletionKind::Folder, rank);
    let followed = context.ctx.bundle.follow(&ContractRef::Local(path.to_owned()), None);
    let Some(followed) = context.known(followed) else { return item };
    let Some(contract) = context.known(followed.bundle.contract()) else { return item };
    let (name, version) = (contract.name().unwrap_or(""), contract.version().unwrap_or(""));
    let item = Completion { detail: format!("{name} {version}").trim().to_owned(), ..item };
    with_the_rest(context, item, contract)
}

/// Adds the fields that a dependency lacks: `required`, `compatibility` and its `name`.
fn with_the_rest(context: &Context<'_>, mut item: Completion, contract: &Contract) -> Completion {
    let map = context.map();
    let is_dependency = map.0.len() == 2
        && matches!(&map.0[0], crate::yaml::Segment::Key(key) if key == "dependencies");
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
    if let Some(version) = contract.version().filter(|_| !has("compatibility")) {
        let constraint = fix::scalar(&format!("^{version}"));
        item.insert.push_str(&line(format!("compatibility: ${{2:{}}}", escape(&constraint))));
    }
    if let Some(name) = contract.name().filter(|_| !has("name")) {
        let text = format!("name: {}", fix::scalar(name));
        let line_start = context.tree.text()[..context.cursor.replace.start as usize].rfind('\n');
        let key_at = line_start.map_or(0, |n| n + 1) + context.cursor.column;
        let indent = " ".repeat(context.cursor.column);
        item.additional.push(TextEdit::insert(key_at as u32, format!("{text}\n{indent}")));
    }
    item
}
