//! Rules about `dependencies[]`.

use rustc_hash::FxHashMap;

use crate::check::{BundleView, Ctx, Fix, Severity, Sink, fix};
use crate::contract::{Constraint, ContractRef, Dependency, Place, Version};
use crate::fact::{Fact, Failure};

/// Dependencies whose ref is well-formed.
fn references<'a>(
    ctx: &'a Ctx<'_>,
) -> impl Iterator<Item = (&'a Dependency, ContractRef, &'a Place)> {
    ctx.contract.dependencies.iter().filter_map(|dependency| {
        let (text, place) = dependency.reference.both()?;
        Some((dependency, ContractRef::parse(text).ok()?, place))
    })
}

fn label(dependency: &Dependency, reference: &ContractRef) -> String {
    let name = dependency.name.get().map_or(reference.default_name(), String::as_str);
    format!("dependency \"{name}\"")
}

pub fn invalid_ref(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for dependency in &ctx.contract.dependencies {
        let Some((text, place)) = dependency.reference.both().filter(|(t, _)| !t.is_empty()) else {
            continue;
        };
        if let Err(error) = ContractRef::parse(text) {
            let message = format!("\"{text}\" is no contract reference: {error}");
            let finding = sink.report(place.within(error.at), &place.path, message);
            let lower = text.to_lowercase();
            if lower != *text && ContractRef::parse(&lower).is_ok() {
                let title = format!("Write `{lower}`");
                finding.fix(
                    Fix::replace("lower-case", title, place.value(), fix::scalar(&lower))
                        .preferred(),
                );
            }
        }
    }
}

pub fn tag_not_digest(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let ContractRef::Oci(oci) = &reference else {
            continue;
        };
        let Some(tag) = oci.tag.as_ref().filter(|_| oci.digest.is_none()) else {
            continue;
        };
        let text = dependency.reference.get().map_or("", String::as_str);
        let start = text.len() - tag.len();
        let message = format!(
            "{} is pinned to the tag \"{tag}\", which can move; pin it to a digest (@sha256:…)",
            label(dependency, &reference)
        );
        sink.report(place.within(start..text.len()), &place.path, message);
    }
}

pub fn empty_compatibility(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for dependency in &ctx.contract.dependencies {
        let Some((text, place)) = dependency.compatibility.both() else {
            continue;
        };
        if text.trim().is_empty() {
            let message = "`compatibility` is empty; expected a constraint such as ^1.0.0";
            sink.report(place.value(), &place.path, message).fix(Fix::replace(
                "replace",
                "Admit any version",
                place.value(),
                "\"*\"",
            ));
        }
    }
}

pub fn invalid_compatibility(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for dependency in &ctx.contract.dependencies {
        let Some((text, place)) = dependency.compatibility.both() else {
            continue;
        };
        if text.trim().is_empty() {
            continue;
        }
        if let Err(error) = Constraint::parse(text) {
            let message = format!("\"{text}\" is no version constraint: {error}");
            sink.report(place.within(error.at), &place.path, message);
        }
    }
}

pub fn compatibility_unsatisfied(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let Some((text, constraint_place)) = dependency.compatibility.both() else {
            continue;
        };
        let Ok(constraint) = Constraint::parse(text) else {
            continue;
        };
        let (version, what) = match &reference {
            ContractRef::Oci(oci) => (oci.tag.clone(), "the tag"),
            ContractRef::Local(path) => (local_version(ctx, path), "the version there"),
        };
        let Some(version) = version else { continue };
        let Ok(parsed) = Version::parse(&version) else {
            continue;
        };
        if constraint.matches(&parsed) {
            continue;
        }
        let message = format!(
            "{}: {what}, {version}, lies outside of \"{text}\" ({})",
            label(dependency, &reference),
            constraint.interval()
        );
        let wider = format!("^{}", parsed.normal);
        sink.report(place.value(), &place.path, message)
            .related(constraint_place.value(), "the constraint")
            .fix(Fix::replace("widen", format!("Use `{wider}`"), constraint_place.value(), wider));
    }
}

fn local_version(ctx: &Ctx<'_>, path: &str) -> Option<String> {
    match ctx.bundle.sibling(path).contract() {
        Fact::Ready(contract) => contract.service.as_ref()?.version.get().cloned(),
        _ => None,
    }
}

pub fn duplicate(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let mut first: FxHashMap<String, &Place> = FxHashMap::default();
    for (dependency, reference, place) in references(ctx) {
        let repository = match &reference {
            ContractRef::Local(path) => ctx.bundle.sibling(path).root().to_owned(),
            ContractRef::Oci(_) => reference.repository(),
        };
        let Some(earlier) = first.get(&repository) else {
            first.insert(repository, place);
            continue;
        };
        let message = format!("`{}` is a dependency already; name it once", reference.repository());
        sink.report(place.value(), &place.path, message)
            .related(earlier.value(), "the first one")
            .fix(Fix::remove("Remove this dependency", dependency.place.pair()));
    }
}

pub fn on_itself(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let ContractRef::Local(path) = &reference else {
            continue;
        };
        if ctx.bundle.sibling(path).root() == ctx.bundle.root() {
            let message = format!("{} is this contract itself", label(dependency, &reference));
            sink.report(place.value(), &place.path, message)
                .fix(Fix::remove("Remove this dependency", dependency.place.pair()));
        }
    }
}

pub fn optional_unpinned(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    unbounded(ctx, sink, |required| !required);
}

pub fn required_unbounded(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    unbounded(ctx, sink, |required| required);
}

fn unbounded(ctx: &Ctx<'_>, sink: &mut Sink<'_>, applies: impl Fn(bool) -> bool) {
    for (dependency, reference, _) in references(ctx) {
        if !applies(dependency.required.get().copied().unwrap_or(false)) {
            continue;
        }
        let Some((text, place)) = dependency.compatibility.both() else {
            continue;
        };
        let Ok(constraint) = Constraint::parse(text) else {
            continue;
        };
        if constraint.is_unbounded() {
            let message = format!(
                "{} admits every future version (\"{text}\"), breaking ones too; bound it, for example with ^",
                label(dependency, &reference)
            );
            sink.report(place.value(), &place.path, message);
        }
    }
}

pub fn not_found(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let ContractRef::Local(path) = &reference else {
            continue;
        };
        let sibling = ctx.bundle.sibling(path);
        let Fact::Failed(failure) = sibling.contract() else {
            continue;
        };
        let why = match failure {
            Failure::NotFound => format!("there is no pacto.yaml at `{path}`"),
            failure => format!("its pacto.yaml cannot be used: {failure}"),
        };
        let is_required = dependency.required.get().copied().unwrap_or(false);
        let severity = if is_required { Severity::Error } else { Severity::Warning };
        sink.report(
            place.value(),
            &place.path,
            format!("{}: {why}", label(dependency, &reference)),
        )
        .severity(severity);
    }
}

/// Says which registry references were not looked at.
pub fn unreachable(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let configurations = ctx.contract.configurations.iter().map(|c| &c.reference);
    let dependencies = ctx.contract.dependencies.iter().map(|d| &d.reference);
    for field in dependencies.chain(configurations) {
        let Some((text, place)) = field.both() else {
            continue;
        };
        if matches!(ContractRef::parse(text), Ok(ContractRef::Oci(_))) {
            sink.not_checked(text, &place.path, NO_REGISTRY);
        }
    }
}

pub(super) const NO_REGISTRY: &str = "no registry access";

/// The longest chain of local dependencies that is followed.
const MAX_CHAIN: usize = 64;

pub fn cycle(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    if !ctx.bundle.is_in_cycle() {
        return;
    }
    for (dependency, reference, place) in references(ctx) {
        let ContractRef::Local(path) = &reference else {
            continue;
        };
        let first = ctx.bundle.sibling(path);
        if first.root() == ctx.bundle.root() {
            continue;
        }
        let mut visited = vec![first.root().to_owned()];
        let name = reference.default_name().to_owned();
        if let Some(chain) = way_back(&*first, ctx.bundle.root(), &mut visited, vec![name]) {
            let own = ctx.contract.service.as_ref().and_then(|s| s.name.get());
            let own = own.map_or("this contract", String::as_str);
            let message = format!(
                "{} leads back to this contract: {own} -> {} -> {own}",
                label(dependency, &reference),
                chain.join(" -> ")
            );
            sink.report(place.value(), &place.path, message);
        }
    }
}

/// The names of the contracts on a way from `from` to `target`.
fn way_back(
    from: &dyn BundleView,
    target: &str,
    visited: &mut Vec<String>,
    chain: Vec<String>,
) -> Option<Vec<String>> {
    if chain.len() > MAX_CHAIN {
        return None;
    }
    let Fact::Ready(contract) = from.contract() else {
        return None;
    };
    for dependency in &contract.dependencies {
        let Some(text) = dependency.reference.get() else { continue };
        let Ok(reference @ ContractRef::Local(_)) = ContractRef::parse(text) else {
            continue;
        };
        let ContractRef::Local(path) = &reference else {
            continue;
        };
        let next = from.sibling(path);
        if next.root() == target {
            return Some(chain);
        }
        if visited.iter().any(|root| root == next.root()) {
            continue;
        }
        visited.push(next.root().to_owned());
        let mut longer = chain.clone();
        longer.push(reference.default_name().to_owned());
        if let Some(found) = way_back(&*next, target, visited, longer) {
            return Some(found);
        }
    }
    None
}

pub fn local_not_publishable(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let dependencies = ctx.contract.dependencies.iter().map(|d| ("dependency", &d.reference));
    let configurations =
        ctx.contract.configurations.iter().map(|c| ("configuration", &c.reference));
    let policies = ctx.contract.policies.iter().map(|p| ("policy", &p.reference));
    let chart = ctx.contract.service.iter().map(|s| ("chart", &s.chart));
    for (what, field) in dependencies.chain(configurations).chain(policies).chain(chart) {
        let Some((text, place)) = field.both() else {
            continue;
        };
        if matches!(ContractRef::parse(text), Ok(ContractRef::Local(_))) {
            let message = format!(
                "the {what} \"{text}\" is local: this contract cannot be pushed before it is an oci:// reference"
            );
            sink.report(place.value(), &place.path, message);
        }
    }
}
