//! What dependencies lead to, beside their references.

use super::Subject;
use crate::bundle::BundleView;
use crate::contract::{Constraint, ContractRef, Version, tags};
use crate::fact::Fact;
use crate::text::Span;

/// A dependency as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyNote {
    /// Its reference in the contract's file.
    pub span: Span,
    /// The version that it leads to, where the reference does not say it.
    pub resolved: Option<String>,
    /// A newer version that is published.
    pub newer: Option<String>,
}

impl DependencyNote {
    /// `resolves 1.2.0 · 2.1.0 available`; none where there is nothing to say.
    pub fn label(&self) -> Option<String> {
        let resolved = self.resolved.as_ref().map(|version| format!("resolves {version}"));
        let newer = self.newer.as_ref().map(|version| format!("{version} available"));
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
        let range = dependency.compatibility.get().map(String::as_str);
        let followed = ctx.bundle.follow(&reference, range);
        let version = followed.ready().and_then(|found| match found.bundle.contract() {
            Fact::Ready(contract) => contract.version().map(str::to_owned),
            _ => None,
        });
        let ContractRef::Oci(oci) = &reference else {
            let span = subject.tree.span(place.node);
            return Some(DependencyNote { span, resolved: version, newer: None });
        };
        let current = version.clone().or_else(|| oci.tag.clone());
        let newer = newer(ctx.bundle, &oci.repository(), current.as_deref(), range);
        let is_said = oci.tag.is_some() && oci.tag == version;
        let span = subject.tree.span(place.node);
        Some(DependencyNote { span, resolved: version.filter(|_| !is_said), newer })
    });
    each.collect()
}

/// The newest version that is published, if it is higher than the one that is used.
fn newer(
    bundle: &dyn BundleView,
    repository: &str,
    current: Option<&str>,
    range: Option<&str>,
) -> Option<String> {
    let list = bundle.tags(repository);
    let newest = tags::select(list.ready()?, None)?;
    let current = Version::parse(current?).ok()?;
    let fits = range.and_then(|range| Constraint::parse(range).ok());
    let is_outside = fits.is_some_and(|range| !range.matches(&newest.version));
    let note = if is_outside { " outside of the range" } else { "" };
    (newest.version > current).then(|| format!("{}{note}", newest.tag))
}
