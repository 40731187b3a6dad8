//! Rules about `runtime.health` and `runtime.metrics`, which are alike.

use std::collections::VecDeque;

use crate::check::{Ctx, Finding, Fix, FixOp, Sink, Tag, fix, nearest};
use crate::contract::{Interface, InterfaceType, Probe};

macro_rules! probe_rules {
    ($module:ident, $field:ident, $name:literal) => {
        pub mod $module {
            use crate::check::rules::probe as all;
            use crate::check::{Ctx, Sink};

            fn probe<'a>(ctx: &'a Ctx<'_>) -> Option<&'a crate::contract::Probe> {
                ctx.contract.runtime.as_ref()?.$field.as_ref()
            }

            pub fn interface_not_found(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
                if let Some(probe) = probe(ctx) {
                    all::interface_not_found(ctx, probe, $name, sink);
                }
            }

            pub fn interface_invalid(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
                if let Some(probe) = probe(ctx) {
                    all::interface_invalid(ctx, probe, $name, sink);
                }
            }

            pub fn path_required(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
                if let Some(probe) = probe(ctx) {
                    all::path_required(ctx, probe, $name, sink);
                }
            }

            pub fn path_ignored(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
                if let Some(probe) = probe(ctx) {
                    all::path_ignored(ctx, probe, sink);
                }
            }
        }
    };
}

probe_rules!(health, health, "health");
probe_rules!(metrics, metrics, "metrics");

fn interface_not_found(ctx: &Ctx<'_>, probe: &Probe, what: &str, sink: &mut Sink<'_>) {
    let Some((name, place)) = probe.interface.both().filter(|(name, _)| !name.is_empty()) else {
        return;
    };
    if ctx.interface(name).is_some() {
        return;
    }
    let names = ctx.reachable_interfaces();
    let declared = match &names[..] {
        [] => "no http or grpc interface is declared".to_owned(),
        names => format!("declared: {}", names.join(", ")),
    };
    let message =
        format!("{what} names the interface \"{name}\", which is not declared; {declared}");
    let finding = sink.report(place.value(), &place.path, message);
    let near = nearest(name, names.iter().copied());
    ask_another(ctx, probe, what, near, finding);
}

/// The fixes that name another interface, with the path that it is asked at.
fn ask_another(
    ctx: &Ctx<'_>,
    probe: &Probe,
    what: &str,
    near: Option<&str>,
    finding: &mut Finding,
) {
    let Some(place) = probe.interface.place() else { return };
    let names = ctx.reachable_interfaces();
    let mut ordered: Vec<&str> = near.into_iter().collect();
    ordered.extend(names.iter().copied().filter(|name| Some(*name) != near).take(20));
    for name in ordered {
        let title = format!("Replace by `{name}`");
        let fix = Fix::replace("replace", title, place.value(), fix::scalar(name));
        let is_near = Some(name) == near;
        let fix = if is_near { fix.safe() } else { fix };
        let interface = ctx.interface(name);
        let is_http = interface.and_then(|i| i.ty.get()) == Some(&InterfaceType::Http);
        let path = interface.filter(|_| is_http && probe.path.is_missing());
        finding.fix(
            match path.and_then(|interface| probe_paths(ctx, interface, what).pop_front()) {
                Some(path) => fix.and(FixOp::Insert {
                    map: probe.place.value(),
                    key: "path".into(),
                    value: fix::scalar(&path),
                }),
                None => fix,
            },
        );
    }
}

/// Paths at which an interface may be asked: those of its specification first, then the usual one.
fn probe_paths(ctx: &Ctx<'_>, interface: &Interface, what: &str) -> VecDeque<String> {
    let documented = ctx.operations(interface).into_iter();
    let likely = documented.filter(|op| op.method == "GET" && looks_like(&op.path, what));
    let mut paths: VecDeque<String> = likely.map(|op| op.path).collect();
    let usual = format!("/{what}");
    if !paths.contains(&usual) {
        paths.push_back(usual);
    }
    paths
}

fn interface_invalid(ctx: &Ctx<'_>, probe: &Probe, what: &str, sink: &mut Sink<'_>) {
    let Some((name, place)) = probe.interface.both() else {
        return;
    };
    let Some((InterfaceType::Event, ty)) = ctx.interface(name).and_then(|i| i.ty.both()) else {
        return;
    };
    let names = ctx.reachable_interfaces();
    let expected = match &names[..] {
        [] => "an http or grpc interface".to_owned(),
        names => format!("one of {}", names.join(", ")),
    };
    let message = format!(
        "{what} names the event interface \"{name}\", which cannot be asked; expected {expected}"
    );
    let finding = sink.report(place.value(), &place.path, message);
    finding.related(ty.value(), format!("\"{name}\" is an event interface"));
    ask_another(ctx, probe, what, None, finding);
}

fn path_required(ctx: &Ctx<'_>, probe: &Probe, what: &str, sink: &mut Sink<'_>) {
    let Some(name) = probe.interface.get() else {
        return;
    };
    let Some(interface) = ctx.interface(name) else {
        return;
    };
    if interface.ty.get() != Some(&InterfaceType::Http) || !probe.path.is_missing() {
        return;
    }
    let message = format!("{what} asks the http interface \"{name}\" and has no `path`");
    let finding = sink.report(probe.place.owner(), probe.place.path.key("path"), message);
    for (i, path) in probe_paths(ctx, interface, what).iter().take(4).enumerate() {
        let fix = Fix::insert(
            format!("Add `path: {path}`"),
            probe.place.value(),
            "path",
            fix::scalar(path),
        );
        finding.fix(if i == 0 { fix.preferred() } else { fix });
    }
}

/// Whether a path looks like that of a health (or metrics) endpoint.
pub(crate) fn looks_like(path: &str, what: &str) -> bool {
    let words: &[&str] = if what == "health" {
        &["health", "ready", "live", "ping", "status"]
    } else {
        &["metrics", "prometheus"]
    };
    words.iter().any(|word| path.contains(word))
}

fn path_ignored(ctx: &Ctx<'_>, probe: &Probe, sink: &mut Sink<'_>) {
    let Some((path, place)) = probe.path.both() else {
        return;
    };
    let Some(name) = probe.interface.get() else {
        return;
    };
    if ctx.interface(name).and_then(|i| i.ty.get()) != Some(&InterfaceType::Grpc) {
        return;
    }
    let message = format!(
        "\"{name}\" is grpc, which has a protocol of its own: the path \"{path}\" is ignored"
    );
    sink.report(place.pair(), &place.path, message)
        .tag(Tag::Unnecessary)
        .fix(Fix::remove("Remove `path`", place.pair()).safe());
}
