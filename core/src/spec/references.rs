//! `$ref`s of a document.

use std::sync::Arc;

use crate::value::{Data, Value};

/// Every `$ref` of a value with where it stands, in document order.
pub fn references(value: &Value) -> impl Iterator<Item = (&Arc<str>, &Value)> {
    let mut stack = vec![value];
    std::iter::from_fn(move || {
        loop {
            let at = stack.pop()?;
            match &at.data {
                Data::Seq(items) => stack.extend(items.iter().rev()),
                Data::Map(entries) => {
                    stack.extend(entries.iter().rev().map(|e| &e.value));
                    if let Some(reference) = reference_of(at) {
                        return Some(reference);
                    }
                }
                _ => {}
            }
        }
    })
}

/// The `$ref` of a value itself.
pub(super) fn reference_of(value: &Value) -> Option<(&Arc<str>, &Value)> {
    let reference = value.get("$ref")?;
    match &reference.data {
        Data::Str(text) => Some((text, reference)),
        _ => None,
    }
}

/// The other files of the bundle that a document refers to, as written; sorted, each once.
pub fn file_references(document: &Value) -> Vec<String> {
    named_files(references(document).map(|(text, _)| &**text))
}

/// The other files that references name, as written; sorted, each once.
pub fn named_files<'r>(references: impl Iterator<Item = &'r str>) -> Vec<String> {
    let files = references.map(|text| text.split('#').next().unwrap_or(""));
    let mut files: Vec<String> =
        files.filter(|file| !file.is_empty() && !file.contains("://")).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::lower;
    use crate::yaml::parse;

    #[test]
    fn only_other_files_of_the_bundle_count() {
        let text = "a: {$ref: 'defs.json#/x'}\nb: [{$ref: '#/c'}, {$ref: 'https://e.com/x'}, {$ref: defs.json}]\n";
        let document = lower(&parse(text), 0).value;
        assert_eq!(references(&document).count(), 4);
        assert_eq!(file_references(&document), ["defs.json"]);
    }
}
