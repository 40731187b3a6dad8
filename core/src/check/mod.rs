//! Rules, findings and fixes.

mod ctx;
pub(crate) mod diagnostic;
mod finding;
pub mod fix;
mod nearest;
mod rule;
pub mod rules;
mod run;

pub use crate::bundle::BundleView;
pub use ctx::{Ctx, Mode};
pub use diagnostic::{Diagnostic, RelatedPlace, ResolvedFix};
pub use finding::{
    Anchor, Applicability, FileRef, Finding, Fix, FixOp, NotChecked, Part, Related, Report,
    Severity, Tag,
};
pub use nearest::nearest;
pub use rule::{Layer, Rule, Sink, Source, Status};
pub use rules::rule_by_code;
pub use run::run_layer;
