//! Rules about `service`.

use super::references;
use crate::check::{Ctx, Fix, Sink};
use crate::contract::reference::OciReference;
use crate::contract::{ContractRef, Field, Version, version};

pub fn invalid_semver(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    if let Some(service) = &ctx.contract.service {
        check_version(&service.version, "service version", sink);
    }
}

pub fn invalid_chart_version(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    if let Some(service) = &ctx.contract.service {
        check_version(&service.chart_version, "chart version", sink);
    }
}

fn check_version(field: &Field<String>, what: &str, sink: &mut Sink<'_>) {
    let Some((text, place)) = field.both() else {
        return;
    };
    let Err(why) = Version::parse(text) else {
        return;
    };
    let message =
        format!("\"{text}\" is no {what}: {why}; expected a semantic version such as 1.2.3");
    let finding = sink.report(place.value(), &place.path, message);
    if let Some(near) = version::nearest(text) {
        finding.fix(
            Fix::replace("normalise", format!("Write {near}"), place.value(), near).preferred(),
        );
    }
}

pub fn invalid_image_ref(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some((text, place)) = ctx.contract.service.as_ref().and_then(|s| s.image.both()) else {
        return;
    };
    if text.is_empty() {
        return;
    }
    if let Err(error) = OciReference::parse_image(text) {
        let message = format!("\"{text}\" is not an image reference: {error}");
        let finding = sink.report(place.within(error.at), &place.path, message);
        let is_legal = |text: &str| OciReference::parse_image(text).is_ok();
        finding.fixes.extend(references::mended(text, place, is_legal));
    }
}

pub fn invalid_chart_ref(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some((text, place)) = ctx.contract.service.as_ref().and_then(|s| s.chart.both()) else {
        return;
    };
    if text.is_empty() {
        return;
    }
    if let Err(error) = ContractRef::parse(text) {
        let message = format!("\"{text}\" is not a chart reference: {error}");
        let finding = sink.report(place.within(error.at), &place.path, message);
        let is_legal = |text: &str| ContractRef::parse(text).is_ok();
        finding.fixes.extend(references::mended(text, place, is_legal));
    }
}
