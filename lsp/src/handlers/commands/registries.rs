//! What registries have said: asked for again, or forgotten.

use super::done::{Deed, Done, Then};

/// Has registries asked again for everything; what they said stays until they say something else.
pub(crate) fn refresh() -> Done {
    Done::default().then(Then::Do(Deed::AskAgain(None)))
}

/// What registries said counts no more; it is asked for again.
pub(crate) fn clear() -> Done {
    Done::default().then(Then::Do(Deed::ForgetAnswers))
}
