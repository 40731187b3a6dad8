//! A pair of schemas, keyword by keyword.

use super::step::Step;
use super::types::Types;
use crate::diff::class::ChangeType::Modified;
use crate::diff::docs::equal;
use crate::diff::rules::schema as rules;
use crate::diff::settings::Settings;

impl Step<'_, '_> {
    pub(super) fn keywords(&mut self, settings: &Settings) {
        let (o, n) = (self.o, self.n);
        match (o.is_forbidden, n.is_forbidden) {
            (None, Some(spot)) => {
                self.spot_row(rules::SCHEMA_FORBIDDEN, "", None, Some(spot)).ty = Modified;
            }
            (Some(spot), None) => {
                self.spot_row(rules::SCHEMA_ALLOWED, "", Some(spot), None).ty = Modified;
            }
            (Some(_), Some(_)) => return,
            (None, None) => {}
        }
        if self.is_over() {
            return;
        }
        if !self.is_undecided_alike() {
            return self.undecided();
        }
        self.types();
        self.annotations(settings);
        if self.is_over() {
            return;
        }
        let both = o.types.and(n.types);
        self.values();
        self.format();
        if both.has(Types::NUMBER) {
            self.bound("maximum", o.maximum, n.maximum, |a, b| a < b);
            self.bound("minimum", o.minimum, n.minimum, |a, b| a > b);
            self.multiple_of();
        }
        if both.has(Types::STRING) {
            let from = self.rows.len();
            self.limit(
                "maxLength",
                [
                    rules::MAX_LENGTH_SET,
                    rules::MAX_LENGTH_DECREASED,
                    rules::MAX_LENGTH_INCREASED,
                    rules::MAX_LENGTH_REMOVED,
                ],
            );
            self.floor("minLength", [rules::MIN_LENGTH_INCREASED, rules::MIN_LENGTH_DECREASED]);
            self.patterns();
            self.texts(from);
            for (word, rule) in [
                ("contentEncoding", rules::CONTENT_ENCODING_CHANGED),
                ("contentMediaType", rules::CONTENT_MEDIA_TYPE_CHANGED),
            ] {
                self.replaced(word, rule);
            }
            let (old, new) = (o.content_schema, n.content_schema);
            self.below(
                "contentSchema",
                old,
                new,
                [rules::CONTENT_SCHEMA_ADDED, rules::CONTENT_SCHEMA_REMOVED],
            );
        }
        if both.has(Types::ARRAY) {
            self.arrays();
        }
        if both.has(Types::OBJECT) {
            self.objects();
        }
        self.composition();
    }

    /// Whether what cannot be followed is written alike on both sides.
    fn is_undecided_alike(&self) -> bool {
        let (old, new) = (&self.o.undecided, &self.n.undecided);
        old.len() == new.len() && old.iter().zip(new).all(|(a, b)| equal(a.value, b.value))
    }
}
