//! Names that must be unique in a contract.

use rustc_hash::FxHashMap;

use crate::check::{Ctx, Fix, Sink, fix};
use crate::contract::{Field, Place};

pub fn interfaces(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    unique("interface", ctx.contract.interfaces.iter().map(|i| (&i.name, &i.place)), sink);
}

pub fn configurations(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    unique("configuration", ctx.contract.configurations.iter().map(|c| (&c.name, &c.place)), sink);
}

pub fn policies(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    unique("policy", ctx.contract.policies.iter().map(|p| (&p.name, &p.place)), sink);
}

pub fn dependencies(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    unique("dependency", ctx.contract.dependencies.iter().map(|d| (&d.name, &d.place)), sink);
}

/// Reports each name that an earlier entry has already.
pub(super) fn unique<'a>(
    what: &str,
    entries: impl Iterator<Item = (&'a Field<String>, &'a Place)>,
    sink: &mut Sink<'_>,
) {
    let named: Vec<(&str, &Place, &Place)> = entries
        .filter_map(|(name, entry)| name.both().map(|(text, place)| (text.as_str(), place, entry)))
        .filter(|(text, ..)| !text.is_empty())
        .collect();
    let mut first: FxHashMap<&str, &Place> = FxHashMap::default();
    for (text, place, entry) in &named {
        let Some(earlier) = first.get(text) else {
            first.insert(text, place);
            continue;
        };
        let free = (2..)
            .map(|n| format!("{text}-{n}"))
            .find(|candidate| !named.iter().any(|(other, ..)| other == candidate));
        let message = format!("the {what} name \"{text}\" is used already; names are unique");
        let finding = sink.report(place.value(), &place.path, message);
        finding.related(earlier.value(), format!("the first {what} \"{text}\""));
        if let Some(free) = free {
            let title = format!("Rename to `{free}`");
            finding
                .fix(Fix::replace("rename", title, place.value(), fix::scalar(&free)).preferred());
        }
        finding.fix(Fix::remove(format!("Remove this {what}"), entry.pair()));
    }
}
