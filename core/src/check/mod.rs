//! Rules, findings and fixes.

mod ctx;
pub(crate) mod diagnostic;
mod finding;
pub mod fix;
mod nearest;
mod rule;
pub mod rules;
mod run;
mod sink;
mod skeleton;
pub(crate) mod template;

pub use crate::bundle::BundleView;
pub use crate::place::{Anchor, FileRef, Part};
pub use ctx::{Ctx, Mode};
pub use diagnostic::{Diagnostic, RelatedPlace, ResolvedFix, identified_fixes, safe_fixes};
pub use finding::{Applicability, Finding, Fix, FixOp, ListForm, NotChecked, Related, Tag};
pub use nearest::nearest;
pub use rule::{Layer, Rule, Severity, Source, Status};
pub use rules::{Kept, rule_by_code};
pub use run::run_layer;
pub use sink::{Report, Sink};
