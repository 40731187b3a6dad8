//! Rules about `dependencies[]`.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bundle::{BundleView, Followed};
use crate::check::{Ctx, Fix, FixOp, Mode, Severity, Sink, fix, nearest};
use crate::contract::{
    Constraint, Contract, ContractRef, Dependency, Field, Place, Service, Version, tags, version,
};
use crate::fact::{Fact, Failure, RegistryCode};
use crate::root::Root;
use crate::text::mask_credentials;

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
            let shown = mask_credentials(text);
            let message = format!("\"{shown}\" is not a contract reference: {error}");
            let finding = sink.report(place.within(error.at), &place.path, message);
            let is_legal = |text: &str| ContractRef::parse(text).is_ok();
            finding.fixes.extend(super::references::mended(text, place, is_legal));
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
        let finding = sink.report(place.within(start..text.len()), &place.path, message);
        let followed = follow(ctx, dependency, &reference);
        if let Some(Root::Published { digest, .. }) = followed.ready().map(|f| f.bundle.root()) {
            let title = "Pin to the digest of today".to_owned();
            let pinned = fix::scalar(&format!("{text}@{digest}"));
            finding.fix(Fix::replace("pin-digest", title, place.value(), pinned));
        }
    }
}

pub fn empty_compatibility(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for dependency in &ctx.contract.dependencies {
        let Some((text, place)) = dependency.compatibility.both() else {
            continue;
        };
        if text.trim().is_empty() {
            let message = "`compatibility` is empty; expected a constraint such as ^1.0.0";
            let finding = sink.report(place.value(), &place.path, message);
            finding.fixes.extend(admit_newest(ctx, dependency));
            finding.fix(Fix::replace("replace", "Admit any version", place.value(), "\"*\""));
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
            let message = format!("\"{text}\" is not a version constraint: {error}");
            let finding = sink.report(place.within(error.at), &place.path, message);
            if let Some(near) = normalised(text) {
                let title = format!("Write `{near}`");
                finding.fix(
                    Fix::replace("normalise", title, place.value(), fix::scalar(&near)).preferred(),
                );
            }
        }
    }
}

/// Names the newest version that is published as the range.
fn admit_newest(ctx: &Ctx<'_>, dependency: &Dependency) -> Option<Fix> {
    let place = dependency.compatibility.place()?;
    let Ok(ContractRef::Oci(oci)) = ContractRef::parse(dependency.reference.get()?) else {
        return None;
    };
    let list = ctx.bundle.tags(&oci.repository());
    let newest = tags::select(list.ready()?, None)?;
    let range = format!("^{}", newest.version.normal);
    let title = format!("Admit `{range}`, which is published");
    Some(Fix::replace("admit-newest", title, place.value(), fix::scalar(&range)))
}

/// Names the highest tag that fits the range.
fn use_matching_tag(ctx: &Ctx<'_>, dependency: &Dependency) -> Option<Fix> {
    let (text, place) = dependency.reference.both()?;
    let Ok(ContractRef::Oci(oci)) = ContractRef::parse(text) else { return None };
    let constraint = Constraint::parse(dependency.compatibility.get()?).ok()?;
    if oci.digest.is_some() {
        return None;
    }
    let list = ctx.bundle.tags(&oci.repository());
    let tag = tags::select(list.ready()?, Some(&constraint))?.tag;
    let written = format!("oci://{}", oci.with_tag(Some(tag)));
    let title = format!("Use {tag}");
    (oci.tag.as_deref() != Some(tag))
        .then(|| Fix::replace("use-tag", title, place.value(), fix::scalar(&written)))
}

/// The constraint that a malformed one seems to mean.
fn normalised(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = compact.trim_start_matches(['^', '~', '<', '>', '=', '!', 'v', 'V']);
    let guesses = [
        text.trim().to_owned(),
        compact.replace("=>", ">=").replace("=<", "<=").replace("~>", "~").replace("==", "="),
        text.replace(" and ", ", ").replace(" && ", ", ").replace(" or ", " || "),
        compact.strip_suffix('+').map_or(String::new(), |version| format!(">={version}")),
        version::nearest(bare).map_or(String::new(), |version| format!("^{version}")),
    ];
    let is_any = ["latest", "any", "x"].contains(&compact.to_ascii_lowercase().as_str());
    let guesses = guesses.into_iter().filter(|guess| !guess.is_empty());
    let legal = |guess: &String| Constraint::parse(guess).is_ok();
    if is_any { Some("*".to_owned()) } else { guesses.into_iter().find(legal) }
}

pub fn compatibility_unsatisfied(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let Some((text, constraint_place)) = dependency.compatibility.both() else {
            continue;
        };
        let Ok(constraint) = Constraint::parse(text) else {
            continue;
        };
        let found = follow(ctx, dependency, &reference);
        let actual = found.ready().and_then(|f| service_field(&*f.bundle, |s| &s.version));
        let (version, what) = match &reference {
            ContractRef::Oci(oci) if actual.is_none() => (oci.tag.clone(), "the tag"),
            _ => (actual, "the version there"),
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
        // The tag is what does not fit; without one it is the constraint.
        let written = dependency.reference.get().map_or("", String::as_str);
        let at = match &reference {
            ContractRef::Oci(oci) => match oci.tag.as_ref().and_then(|tag| written.rfind(tag)) {
                Some(start) => place.within(start..start + oci.tag.as_ref().map_or(0, String::len)),
                None => constraint_place.value(),
            },
            ContractRef::Local(_) => constraint_place.value(),
        };
        let finding = sink.report(at, &place.path, message);
        finding.related(constraint_place.value(), "the constraint");
        if matches!(&reference, ContractRef::Oci(oci) if oci.tag.is_some()) {
            finding.fixes.extend(use_matching_tag(ctx, dependency));
        }
        finding.fix(Fix::replace(
            "widen",
            format!("Use `{wider}`"),
            constraint_place.value(),
            wider,
        ));
    }
}

/// What a dependency leads to.
fn follow<'a>(
    ctx: &'a Ctx<'_>,
    dependency: &Dependency,
    reference: &ContractRef,
) -> Fact<Followed<'a>> {
    ctx.bundle.follow(reference, dependency.compatibility.get().map(String::as_str))
}

/// A text field of a bundle's service.
fn service_field(
    bundle: &dyn BundleView,
    field: impl Fn(&Service) -> &Field<String>,
) -> Option<String> {
    match bundle.contract() {
        Fact::Ready(contract) => field(contract.service.as_ref()?).get().cloned(),
        _ => None,
    }
}

fn own_name<'a>(ctx: &'a Ctx<'_>) -> Option<&'a str> {
    ctx.contract.service.as_ref()?.name.get().map(String::as_str)
}

pub fn duplicate(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let mut first: FxHashMap<String, &Place> = FxHashMap::default();
    for (dependency, reference, place) in references(ctx) {
        let repository = match &reference {
            ContractRef::Local(_) => match follow(ctx, dependency, &reference) {
                Fact::Ready(followed) => followed.bundle.root().to_string(),
                _ => continue,
            },
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
        let Fact::Ready(followed) = follow(ctx, dependency, &reference) else {
            continue;
        };
        let is_published_self = || {
            let name = service_field(&*followed.bundle, |s| &s.name);
            !reference.is_local() && name.is_some() && name.as_deref() == own_name(ctx)
        };
        if followed.bundle.root() == ctx.bundle.root() || is_published_self() {
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
        let followed = follow(ctx, dependency, &reference);
        let failure = match followed.map(|f| f.bundle.contract().map(|_| ())) {
            Fact::Failed(failure) | Fact::Ready(Fact::Failed(failure)) => failure,
            _ => continue,
        };
        let why = match (&failure, &reference) {
            (Failure::NotFound, ContractRef::Local(path)) => {
                format!("there is no pacto.yaml at `{path}`")
            }
            (Failure::Registry(registry), _) => {
                use RegistryCode::{NoMatchingVersion, Offline};
                let code = registry.code;
                if code.is_unreachable() || matches!(code, NoMatchingVersion | Offline) {
                    continue;
                }
                registry.message.clone()
            }
            (failure, _) => format!("its pacto.yaml cannot be used: {failure}"),
        };
        let is_required = dependency.required.get().copied().unwrap_or(false);
        let severity = if is_required { Severity::Error } else { Severity::Warning };
        let message = format!("{}: {why}", label(dependency, &reference));
        let finding = sink.report(place.value(), &place.path, message);
        finding.severity(severity);
        if let ContractRef::Local(path) = &reference
            && let Some(written) = with_scheme(path)
        {
            let title = format!("Write `{written}`");
            finding.fix(
                Fix::replace("add-scheme", title, place.value(), fix::scalar(&written)).preferred(),
            );
        }
        if let ContractRef::Local(path) = &reference
            && let Some(near) = near_sibling(ctx, path)
        {
            let title = format!("Use `{near}`");
            let fix = Fix::replace("replace", title, place.value(), fix::scalar(&near));
            finding.fix(fix.preferred());
        }
    }
}

/// The contract of the workspace whose folder has nearly the name that `path` ends with, as a path.
fn near_sibling(ctx: &Ctx<'_>, path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let (folder, name) = path.rsplit_once('/')?;
    let own = ctx.bundle.root().to_string();
    let (outer, _) = own.rsplit_once('/').filter(|_| folder == "..")?;
    let roots: Vec<String> = ctx.bundle.workspace().iter().map(Root::to_string).collect();
    let siblings = roots.iter().filter(|root| **root != own).filter_map(|root| {
        let (above, name) = root.rsplit_once('/')?;
        (above == outer).then_some(name)
    });
    nearest(name, siblings).map(|near| format!("../{near}"))
}

/// A path that begins with the name of a host, as a reference to a registry.
fn with_scheme(path: &str) -> Option<String> {
    let (host, _) = path.split_once('/')?;
    let is_host = host.contains('.') && !host.starts_with('.') || host.starts_with("localhost");
    let written = format!("oci://{path}");
    (is_host && ContractRef::parse(&written).is_ok()).then_some(written)
}

/// Says which references were not looked at, and why.
pub fn unreachable(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let configurations = ctx.contract.configurations.iter().map(|c| (&c.reference, None));
    let dependencies = ctx.contract.dependencies.iter();
    let dependencies = dependencies.map(|d| (&d.reference, d.compatibility.get()));
    for (field, constraint) in dependencies.chain(configurations) {
        let Some((text, place)) = field.both() else {
            continue;
        };
        let Ok(reference @ ContractRef::Oci(_)) = ContractRef::parse(text) else {
            continue;
        };
        let followed = ctx.bundle.follow(&reference, constraint.map(String::as_str));
        let fact = match followed.map(|f| f.bundle.contract().map(|_| ())) {
            Fact::Ready(contract) => contract,
            Fact::Pending => Fact::Pending,
            Fact::Failed(failure) => Fact::Failed(failure),
        };
        match fact {
            Fact::Pending => sink.not_checked(text, &place.path, NO_REGISTRY),
            Fact::Failed(failure) if failure.is_offline() => {
                sink.not_checked(text, &place.path, "offline, and not in the cache");
            }
            Fact::Failed(Failure::Registry(failure)) if failure.code.is_unreachable() => {
                let message = format!("\"{text}\" was not checked: {}", failure.message);
                sink.report(place.value(), &place.path, message);
            }
            _ => {}
        }
    }
}

pub(super) const NO_REGISTRY: &str = "no registry access";

pub fn no_match(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let Fact::Failed(Failure::Registry(failure)) = follow(ctx, dependency, &reference) else {
            continue;
        };
        let is_constraint_bad =
            dependency.compatibility.get().is_some_and(|text| Constraint::parse(text).is_err());
        if failure.code != RegistryCode::NoMatchingVersion || is_constraint_bad {
            continue;
        }
        let hint = failure.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
        let message = format!("{}: {}{hint}", label(dependency, &reference), failure.message);
        let finding = sink.report(place.value(), &place.path, message);
        if let Some(constraint) = dependency.compatibility.place() {
            finding.related(constraint.value(), "the constraint");
        }
        finding.fixes.extend(admit_newest(ctx, dependency));
    }
}

/// A newer version than the one that is named, inside the range or beyond it.
pub fn outdated(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let ContractRef::Oci(oci) = &reference else { continue };
        let (Some((text, constraint_place)), Fact::Ready(list)) =
            (dependency.compatibility.both(), ctx.bundle.tags(&oci.repository()))
        else {
            continue;
        };
        let Ok(constraint) = Constraint::parse(text) else { continue };
        let is_pinned = oci.tag.is_some() || oci.digest.is_some();
        let found = follow(ctx, dependency, &reference);
        let actual = found.ready().and_then(|f| service_field(&*f.bundle, |s| &s.version));
        let Some(Ok(current)) = actual.or_else(|| oci.tag.clone()).map(|v| Version::parse(&v))
        else {
            continue;
        };
        let newer =
            |constraint| tags::select(list, constraint).filter(|newest| newest.version > current);
        if let Some(newest) = newer(Some(&constraint)).filter(|_| is_pinned) {
            let name = label(dependency, &reference);
            let message = format!(
                "{name} is {}; {} is published and fits \"{text}\"",
                current.written, newest.tag
            );
            let finding = sink.report(place.value(), &place.path, message);
            if oci.digest.is_none() {
                let replacement = format!("oci://{}", oci.with_tag(Some(newest.tag)));
                let title = format!("Use {}", newest.tag);
                finding.fix(Fix::replace(
                    "upgrade",
                    title,
                    place.value(),
                    fix::scalar(&replacement),
                ));
            }
        } else if let Some(newest) = newer(None)
            && !constraint.matches(&newest.version)
        {
            let name = label(dependency, &reference);
            let message = format!("{name}: {} is published, outside of \"{text}\"", newest.tag);
            let finding = sink.report(constraint_place.value(), &constraint_place.path, message);
            finding.fixes.extend(admit_newest(ctx, dependency));
        }
    }
}

/// One service that is wanted in ranges without a common version.
pub fn conflict(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    for (dependency, reference, place) in references(ctx) {
        let Fact::Ready(followed) = follow(ctx, dependency, &reference) else { continue };
        let identity = reference.identity(followed.bundle.root());
        if !ctx.bundle.is_contested(&identity) {
            continue;
        }
        let Some((text, constraint_place)) = dependency.compatibility.both() else { continue };
        let Ok(own) = Constraint::parse(text) else { continue };
        let mut search = Search { identity: &identity, own: &own, visited: FxHashSet::default() };
        search.visited.insert(ctx.bundle.root().clone());
        let Some((by, other)) = search.below(ctx.bundle, ctx.contract, "this contract") else {
            continue;
        };
        let message = format!(
            "{}: wanted here as \"{text}\", and by {by} as \"{other}\": no version is both",
            label(dependency, &reference),
        );
        sink.report(place.value(), &place.path, message)
            .related(constraint_place.value(), "the constraint");
    }
}

/// Looks below a contract for one that wants the same in a range that excludes `own`.
struct Search<'s> {
    identity: &'s str,
    own: &'s Constraint,
    visited: FxHashSet<Root>,
}

impl Search<'_> {
    /// Who it is, and the constraint.
    fn below(
        &mut self,
        bundle: &dyn BundleView,
        contract: &Contract,
        by: &str,
    ) -> Option<(String, String)> {
        for dependency in &contract.dependencies {
            let reference = dependency.reference.get().and_then(|t| ContractRef::parse(t).ok());
            let Some(reference) = reference else { continue };
            let text = dependency.compatibility.get();
            let followed = bundle.follow(&reference, text.map(String::as_str));
            let Fact::Ready(followed) = followed else { continue };
            let root = followed.bundle.root().clone();
            if reference.identity(&root) == self.identity
                && let Some(Ok(other)) = text.map(|text| Constraint::parse(text))
                && !Constraint::have_common_version(&[self.own.clone(), other.clone()])
            {
                return Some((by.to_owned(), other.written));
            }
            if self.visited.len() >= MAX_SEARCHED || !self.visited.insert(root) {
                continue;
            }
            if let Fact::Ready(next) = followed.bundle.contract() {
                let name = next.service.as_ref().and_then(|s| s.name.get());
                let name = name.map_or(reference.default_name(), String::as_str);
                if let Some(found) = self.below(&*followed.bundle, next, name) {
                    return Some(found);
                }
            }
        }
        None
    }
}

/// Upper bound on the contracts that are looked at for a conflicting wish.
const MAX_SEARCHED: usize = 1_000;

/// The longest chain of dependencies that is followed.
const MAX_CHAIN: usize = 64;

pub fn cycle(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    if !ctx.bundle.is_in_cycle() {
        return;
    }
    let own = own_name(ctx).unwrap_or("this contract");
    for (dependency, reference, place) in references(ctx) {
        let Fact::Ready(first) = follow(ctx, dependency, &reference) else { continue };
        if is_target(&*first.bundle, ctx) {
            continue;
        }
        let mut visited = vec![first.bundle.root().clone()];
        let name = reference.default_name().to_owned();
        if let Some(chain) = way_back(&*first.bundle, ctx, &mut visited, vec![name]) {
            let message = format!(
                "{} leads back to this contract: {own} -> {} -> {own}",
                label(dependency, &reference),
                chain.join(" -> ")
            );
            sink.report(place.value(), &place.path, message);
        }
    }
}

/// Whether a bundle is this contract, or this contract as it is published.
fn is_target(bundle: &dyn BundleView, ctx: &Ctx<'_>) -> bool {
    bundle.root() == ctx.bundle.root()
        || bundle.root().is_published()
            && own_name(ctx).is_some()
            && service_field(bundle, |s| &s.name).as_deref() == own_name(ctx)
}

/// The names of the contracts on a way from `from` back to this contract.
fn way_back(
    from: &dyn BundleView,
    ctx: &Ctx<'_>,
    visited: &mut Vec<Root>,
    chain: Vec<String>,
) -> Option<Vec<String>> {
    if chain.len() > MAX_CHAIN {
        return None;
    }
    let Fact::Ready(contract) = from.contract() else {
        return None;
    };
    for dependency in &contract.dependencies {
        let reference = dependency.reference.get().and_then(|t| ContractRef::parse(t).ok());
        let Some(reference) = reference else { continue };
        let constraint = dependency.compatibility.get().map(String::as_str);
        let Fact::Ready(next) = from.follow(&reference, constraint) else { continue };
        if is_target(&*next.bundle, ctx) {
            return Some(chain);
        }
        if visited.iter().any(|root| root == next.bundle.root()) {
            continue;
        }
        visited.push(next.bundle.root().clone());
        let mut longer = chain.clone();
        longer.push(reference.default_name().to_owned());
        if let Some(found) = way_back(&*next.bundle, ctx, visited, longer) {
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
    let all = dependencies.chain(configurations).chain(policies).chain(chart);
    let mut local = all.filter_map(|(what, field)| {
        let (text, place) = field.both()?;
        let is_local = matches!(ContractRef::parse(text), Ok(ContractRef::Local(_)));
        is_local.then_some((what, text, place))
    });
    // One finding for all of them: it is one step that they keep from being made.
    let Some((what, text, place)) = local.next() else { return };
    let rest: Vec<_> = local.collect();
    let published = |place: &Place, text: &str| {
        let repository = published_at(ctx, text)?;
        Some(FixOp::Replace {
            at: place.value(),
            text: fix::scalar(&format!("oci://{repository}")),
        })
    };
    // One step as well: with one of them left local, nothing is gained.
    let all =
        std::iter::once((text, place)).chain(rest.iter().map(|(_, text, place)| (*text, *place)));
    let ops: Option<Vec<FixOp>> = all.map(|(text, place)| published(place, text)).collect();
    let more = match rest.len() {
        0 => String::new(),
        1 => ", and so is one more".to_owned(),
        n => format!(", and so are {n} more"),
    };
    let message = format!(
        "the {what} \"{text}\" is local{more}: this contract cannot be pushed before it names oci:// references alone"
    );
    let finding = sink.report(place.value(), &place.path, message);
    for (what, text, place) in rest {
        finding.related(place.value(), format!("the {what} \"{text}\" is local"));
    }
    if let Some(mut ops) = ops.map(Vec::into_iter)
        && let Some(first) = ops.next()
    {
        let fix = Fix::new("use-published", "Name what is published", first);
        finding.fix(ops.fold(fix, Fix::and).preferred());
    }
    if ctx.mode == Mode::Published {
        finding.severity(Severity::Error);
    }
}

/// The repository that some contract of the workspace names for the service at a local path.
fn published_at(ctx: &Ctx<'_>, text: &str) -> Option<String> {
    let reference = ContractRef::parse(text).ok()?;
    let followed = ctx.bundle.follow(&reference, None);
    let name = service_field(&*followed.ready()?.bundle, |service| &service.name)?;
    ctx.bundle.repository(&name)
}
