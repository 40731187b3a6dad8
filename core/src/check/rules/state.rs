//! Rules about `runtime.state` and what it means for upgrades and replicas.

use crate::check::{Ctx, Fix, Sink};
use crate::contract::{
    Criticality, Durability, Scope, State, StateType, UpgradeStrategy, Workload,
};

fn state<'a>(ctx: &'a Ctx<'_>) -> Option<&'a State> {
    ctx.contract.runtime.as_ref()?.state.as_ref()
}

pub fn stateless_persistent(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(state) = state(ctx) else { return };
    let Some((StateType::Stateless, ty)) = state.ty.both() else {
        return;
    };
    let Some((Durability::Persistent, durability)) = state.durability.both() else {
        return;
    };
    let message = "a stateless service keeps nothing, but its persistence is `persistent`; expected `ephemeral`, or a stateful or hybrid service";
    sink.report(durability.value(), &durability.path, message)
        .related(ty.value(), "the service is stateless")
        .fix(Fix::replace("replace", "Make it ephemeral", durability.value(), "ephemeral"))
        .fix(Fix::replace("replace", "Make the service stateful", ty.value(), "stateful"))
        .fix(Fix::replace("replace", "Make the service hybrid", ty.value(), "hybrid"));
}

pub fn ordered_stateless(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(runtime) = &ctx.contract.runtime else {
        return;
    };
    let Some((UpgradeStrategy::Ordered, strategy)) = runtime.upgrade_strategy.both() else {
        return;
    };
    let Some((StateType::Stateless, ty)) = state(ctx).and_then(|s| s.ty.both()) else {
        return;
    };
    let message = "`ordered` upgrades one instance after the other, which a stateless service does not need; expected `rolling`";
    sink.report(strategy.value(), &strategy.path, message)
        .related(ty.value(), "the service is stateless")
        .fix(Fix::replace("replace", "Use `rolling`", strategy.value(), "rolling").preferred())
        .fix(Fix::remove("Remove `upgradeStrategy`", strategy.pair()))
        .fix(Fix::replace("replace", "Make the service stateful", ty.value(), "stateful"));
}

pub fn critical_ephemeral(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(state) = state(ctx) else { return };
    let Some((Criticality::High, criticality)) = state.criticality.both() else {
        return;
    };
    let Some((Durability::Ephemeral, durability)) = state.durability.both() else {
        return;
    };
    let message = "the data is highly critical, but goes with its instance";
    sink.report(durability.value(), &durability.path, message)
        .related(criticality.value(), "`dataCriticality` is high");
}

pub fn local_multi_replica(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let (Some(state), Some(scaling)) = (state(ctx), &ctx.contract.scaling) else {
        return;
    };
    let Some((Scope::Local, scope)) = state.scope.both() else {
        return;
    };
    if state.durability.get() != Some(&Durability::Persistent)
        || state.ty.get() == Some(&StateType::Stateless)
    {
        return;
    }
    if scaling.greatest().is_some_and(|n| n > 1) {
        let message = "each replica keeps data of its own; make sure that they may differ";
        sink.report(scope.value(), &scope.path, message)
            .related(scaling.place.owner(), "more than one replica is possible");
    }
}

pub fn single_replica_critical(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let (Some(state), Some(scaling)) = (state(ctx), &ctx.contract.scaling) else {
        return;
    };
    let runtime = ctx.contract.runtime.as_ref();
    if runtime.and_then(|r| r.workload.get()) == Some(&Workload::Job) {
        return;
    }
    let Some((Criticality::High, criticality)) = state.criticality.both() else {
        return;
    };
    if scaling.greatest().is_some_and(|n| n <= 1) {
        let message = "the data is highly critical, and there is at most one replica to serve it";
        sink.report(scaling.place.owner(), &scaling.place.path, message)
            .related(criticality.value(), "`dataCriticality` is high");
    }
}
