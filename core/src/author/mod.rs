//! Contracts as assistants write them: new ones from answers, edits by path, what they may lack.

mod create;
mod edit;
mod generate;
mod infer;
mod suggest;
mod yaml;

pub use create::{Draft, Plan, config_schema, create};
pub use edit::{Edit, EditError, apply, text_value};
pub use generate::{Answers, generate, proposed_name};
pub use infer::{Derived, infer};
pub use suggest::{Suggested, suggest};
