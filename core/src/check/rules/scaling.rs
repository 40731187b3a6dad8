//! Rules about `scaling`.

use crate::check::{Ctx, Fix, FixOp, Sink};
use crate::contract::Workload;

pub fn min_exceeds_max(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(scaling) = &ctx.contract.scaling else {
        return;
    };
    let (Some((min, min_at)), Some((max, max_at))) = (scaling.min.both(), scaling.max.both())
    else {
        return;
    };
    if min <= max {
        return;
    }
    let swap = Fix::replace("swap", "Swap `min` and `max`", min_at.value(), max.to_string())
        .and(FixOp::Replace { at: max_at.value(), text: min.to_string() });
    sink.report(min_at.value(), &min_at.path, format!("`min` is {min}, more than `max`, {max}"))
        .related(max_at.value(), format!("`max` is {max}"))
        .fix(swap.preferred())
        .fix(Fix::replace(
            "raise",
            format!("Raise `max` to {min}"),
            max_at.value(),
            min.to_string(),
        ));
}

pub fn job_scaling(ctx: &Ctx<'_>, sink: &mut Sink<'_>) {
    let Some(scaling) = &ctx.contract.scaling else {
        return;
    };
    let runtime = ctx.contract.runtime.as_ref();
    let Some((Workload::Job, workload)) = runtime.and_then(|r| r.workload.both()) else {
        return;
    };
    let message = "a job runs once and does not scale; remove `scaling`, or make it a service";
    sink.report(scaling.place.owner(), &scaling.place.path, message)
        .related(workload.value(), "the workload is a job")
        .fix(Fix::remove("Remove `scaling`", scaling.place.pair()).preferred())
        .fix(Fix::replace("replace", "Make it a service", workload.value(), "service"));
}
