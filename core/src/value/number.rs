//! Numbers with the text that they were written as.

use std::fmt;
use std::sync::Arc;

/// A number. Its text is kept where it is not the one that the number would be written as: `1.10`,
/// `0e1234` and `007` are versions, hashes and keys that lack their quotes, and are told apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Number<T> {
    pub value: T,
    /// Behind one more pointer, since it is hardly ever there and every value has room for it.
    written: Option<Arc<Box<str>>>,
}

impl<T: fmt::Debug> Number<T> {
    /// The number that `text` was read as.
    pub fn of_text(value: T, text: &str) -> Self {
        let is_canonical = format!("{value:?}") == text;
        Number { value, written: (!is_canonical).then(|| Arc::new(text.into())) }
    }

    /// The text that is not how the number would be written.
    pub fn written(&self) -> Option<&str> {
        self.written.as_ref().map(|text| &***text)
    }

    /// The number as it is written.
    pub fn text(&self) -> String {
        self.written().map_or_else(|| format!("{:?}", self.value), str::to_owned)
    }
}

impl<T> From<T> for Number<T> {
    fn from(value: T) -> Self {
        Number { value, written: None }
    }
}
