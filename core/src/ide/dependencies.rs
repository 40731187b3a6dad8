//! What dependencies lead to, beside their references, and raising them.

use super::Subject;
use crate::bundle::BundleView;
use crate::check::fix;
use crate::contract::{Constraint, ContractRef, Version, tags};
use crate::fact::Fact;
use crate::text::{Span, TextEdit};

/// A dependency as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyNote {
    /// Its reference in the contract's file.
    pub span: Span,
    /// What the contract calls it, else the service that it leads to.
    pub name: Option<String>,
    /// As it is written.
    pub reference: String,
    /// The repository of one in a registry.
    pub repository: Option<String>,
    /// The range that is asked for, as it is written.
    pub range: Option<String>,
    /// The version that it leads to, where the reference does not say it.
    pub resolved: Option<String>,
    /// A newer version that is published.
    pub newer: Option<Newer>,
}

/// The newest version that is published, where it is higher than the one that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    pub tag: String,
    /// Whether the range that is asked for admits it.
    pub is_in_range: bool,
}

impl DependencyNote {
    /// `resolves 1.2.0 · 2.1.0 available`; none where there is nothing to say.
    pub fn label(&self) -> Option<String> {
        let resolved = self.resolved.as_ref().map(|version| format!("resolves {version}"));
        let newer = self.newer.as_ref().map(|newer| match newer.is_in_range {
            true => format!("{} available", newer.tag),
            false => format!("{} outside of the range available", newer.tag),
        });
        let parts: Vec<String> = resolved.into_iter().chain(newer).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }
}

/// The dependencies that the contract's own file names and that are known.
pub fn dependencies(subject: &Subject<'_>) -> Vec<DependencyNote> {
    let ctx = subject.ctx();
    let each = ctx.contract.dependencies.iter().filter_map(|dependency| {
        let (text, place) = dependency.reference.both().filter(|(_, place)| place.source == 0)?;
        let reference = ContractRef::parse(text).ok()?;
        let range = dependency.compatibility.get();
        let followed = ctx.bundle.follow(&reference, range.map(String::as_str));
        let contract = followed.ready().and_then(|found| match found.bundle.contract() {
            Fact::Ready(contract) => Some(contract),
            _ => None,
        });
        let version = contract.and_then(|c| c.version()).map(str::to_owned);
        let named = dependency.name.get().map(String::as_str).or(contract.and_then(|c| c.name()));
        let named = named.or(match &reference {
            ContractRef::Oci(oci) => oci.path.rsplit('/').next(),
            ContractRef::Local(_) => None,
        });
        let note = DependencyNote {
            span: subject.tree.span(place.node),
            name: named.map(str::to_owned),
            reference: text.clone(),
            repository: None,
            range: range.cloned(),
            resolved: version.clone(),
            newer: None,
        };
        let ContractRef::Oci(oci) = &reference else { return Some(note) };
        let current = version.clone().or_else(|| oci.tag.clone());
        let repository = oci.repository();
        let newer = newer(ctx.bundle, &repository, current.as_deref(), range.map(String::as_str));
        let is_said = oci.tag.is_some() && oci.tag == version;
        let resolved = version.filter(|_| !is_said);
        Some(DependencyNote { repository: Some(repository), resolved, newer, ..note })
    });
    each.collect()
}

/// The newest version that is published, if it is higher than the one that is used.
fn newer(
    bundle: &dyn BundleView,
    repository: &str,
    current: Option<&str>,
    range: Option<&str>,
) -> Option<Newer> {
    let list = bundle.tags(repository);
    let newest = tags::select(list.ready()?, None)?;
    let current = Version::parse(current?).ok()?;
    let fits = range.and_then(|range| Constraint::parse(range).ok());
    let is_in_range = fits.is_none_or(|range| range.matches(&newest.version));
    let newer = Newer { tag: newest.tag.to_owned(), is_in_range };
    (newest.version > current).then_some(newer)
}

/// The edits that raise the dependency `name`, which may also be its reference, to `version`, else to
/// the newest that is published.
///
/// # Errors
/// Why it cannot be raised.
pub fn upgrade(
    subject: &Subject<'_>,
    name: &str,
    version: Option<&str>,
) -> Result<Vec<TextEdit>, String> {
    let all = dependencies(subject).into_iter();
    let mut found = all.filter(|note| note.name.as_deref() == Some(name) || note.reference == name);
    let note = found.next().ok_or(format!("there is no dependency `{name}`"))?;
    let Ok(ContractRef::Oci(oci)) = ContractRef::parse(&note.reference) else {
        return Err(format!("`{}` is a folder, which has one version", note.reference));
    };
    let to = match version {
        Some(version) => version.to_owned(),
        None => {
            note.newer.as_ref().ok_or(format!("no newer version of `{name}` is known"))?.tag.clone()
        }
    };
    let target = Version::parse(&to).map_err(|_| format!("`{to}` is not a version"))?;
    let mut edits = Vec::new();
    if oci.digest.is_some() && oci.tag.is_none() {
        return Err(format!("`{}` is pinned to a digest", note.reference));
    }
    if oci.tag.as_deref().is_some_and(|tag| tag != to) {
        let reference = format!("oci://{}", oci.with_tag(Some(&to)));
        edits.push(TextEdit::replace(note.span, fix::scalar(&reference)));
    }
    let ctx = subject.ctx();
    let written = |d: &&crate::contract::Dependency| d.reference.get() == Some(&note.reference);
    let range = ctx.contract.dependencies.iter().find(written).and_then(|d| d.compatibility.both());
    if let Some((text, place)) = range.filter(|(_, place)| place.source == 0)
        && Constraint::parse(text).is_ok_and(|range| !range.matches(&target))
    {
        let range = fix::scalar(&format!("^{to}"));
        edits.push(TextEdit::replace(subject.tree.span(place.node), range));
    }
    match edits.is_empty() {
        true => Err(format!("`{name}` admits {to} already")),
        false => Ok(edits),
    }
}
