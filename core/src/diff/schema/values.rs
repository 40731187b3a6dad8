//! Which values are admitted: types, enums, formats, bounds, patterns.

use super::form::{Bound, Normal, Word};
use super::format::{is_registered, is_wider};
use super::pattern::includes;
use super::step::Step;
use super::types::{Types, number};
use crate::diff::class::ChangeType::Modified;
use crate::diff::class::Class;
use crate::diff::docs::{At, ValueSet, equal};
use crate::diff::path::keyed;
use crate::diff::rule::Rule;
use crate::diff::rules::schema as rules;

impl<'a> Step<'_, 'a> {
    pub(super) fn types(&mut self) {
        let (o, n) = (self.o, self.n);
        let (was, is) = (o.types.without_null(), n.types.without_null());
        let (old, new) = (o.type_word, n.type_word);
        let nothing = Types::default();
        // Alternatives admit what they say, not what is left open around them.
        let admits_null = |normal: &Normal<'a>| {
            normal.types.has(Types::NULL)
                && (normal.unions.is_empty() || normal.null_spot.is_some())
        };
        let (had, has) = (admits_null(o), admits_null(n));
        let rule = match (old, new) {
            _ if was == is => None,
            (None, Some(_)) if o.implied != nothing && is == o.implied => {
                Some(rules::TYPE_MADE_EXPLICIT)
            }
            // Of schemas that admit nothing but null.
            _ if was == nothing && has => Some(rules::TYPE_WIDENED),
            _ if is == nothing && had => Some(rules::TYPE_NARROWED),
            _ if was == nothing || is == nothing => Some(rules::TYPE_CHANGED),
            _ if is.within(was) => Some(rules::TYPE_NARROWED),
            _ if was.within(is) => Some(rules::TYPE_WIDENED),
            _ => Some(rules::TYPE_CHANGED),
        };
        if let Some(rule) = rule {
            self.word_row(rule, "type", old, new).ty = Modified;
        }
        let is_told = was == nothing || is == nothing || old.is_some() != new.is_some();
        if rule.is_none() || !is_told || o.null_spot.is_some() != n.null_spot.is_some() {
            self.null(had, has);
        }
    }

    /// Whether null is admitted, where it is one value among others.
    fn null(&mut self, had: bool, has: bool) {
        let (o, n) = (self.o, self.n);
        if had == has && o.is_null_doubtful == n.is_null_doubtful {
            return;
        }
        // An enumeration decides where the types would admit it.
        let is_listed =
            |normal: &Normal<'a>| normal.enumeration.is_some() && normal.declared.has(Types::NULL);
        let is_doubtful = o.is_null_doubtful || n.is_null_doubtful;
        if is_listed(o) && is_listed(n) && !is_doubtful {
            let (old, new) = (o.enum_null, n.enum_null);
            let rule = if has { rules::ENUM_VALUE_ADDED } else { rules::ENUM_VALUE_REMOVED };
            let step = keyed("", "enum", "null");
            let anchor = n.enum_spot;
            let row = match has {
                true => self.word_row(rule, step, None, new),
                false => self.word_row(rule, step, old, None),
            };
            row.anchor = row.new_at.or(anchor).or(row.anchor);
            return;
        }
        // In doubt null may have been admitted, or not.
        let is_added = if is_doubtful {
            n.enum_null.is_some() || o.enumeration.is_some() && n.enumeration.is_none()
        } else {
            has
        };
        let rule = if is_added { rules::NULLABLE_ADDED } else { rules::NULLABLE_REMOVED };
        let old_at = o.null_spot.or(o.type_word.map(At::spot));
        let new_at = n.null_spot.or(n.type_word.map(At::spot));
        let row = self.spot_row(rule, "nullable", old_at, new_at);
        row.ty = Modified;
        row.old = Some(had.into());
        row.new = Some(has.into());
        if is_doubtful {
            row.class = row.class.min(Class::PotentialBreaking);
        }
    }

    pub(super) fn values(&mut self) {
        let (o, n) = (self.o, self.n);
        self.extensible();
        let (old, new) = (&o.enumeration, &n.enumeration);
        let word = |normal: &Normal<'a>| if normal.is_const { "const" } else { "enum" };
        let json = |values: &[At<'a>], is_const: bool| match values {
            [only] if is_const => only.json(),
            values => values.iter().map(|at| at.json()).collect(),
        };
        match (old, new) {
            (None, None) => {}
            (None, Some(new)) => {
                let rule = if n.is_const { rules::CONST_ADDED } else { rules::ENUM_INTRODUCED };
                let value = json(new, n.is_const);
                self.spot_row(rule, word(n), None, n.enum_spot).new = Some(value);
            }
            (Some(old), None) => {
                let rule = if o.is_const { rules::CONST_REMOVED } else { rules::ENUM_DROPPED };
                let value = json(old, o.is_const);
                self.spot_row(rule, word(o), o.enum_spot, None).old = Some(value);
            }
            (Some(old), Some(new)) if o.is_const && n.is_const => {
                let (Some(a), Some(b)) = (old.first(), new.first()) else { return };
                if !equal(a.value, b.value) {
                    self.word_row(rules::CONST_CHANGED, "const", Some(*a), Some(*b));
                }
            }
            (Some(old), Some(new)) => {
                self.value_rows(old, new, [rules::ENUM_VALUE_REMOVED, rules::ENUM_VALUE_ADDED]);
            }
        }
    }

    fn value_rows(&mut self, old: &[At<'a>], new: &[At<'a>], rules: [&'static Rule; 2]) {
        let key = |at: &At<'a>| match at.value.as_str() {
            Some(text) => text.to_owned(),
            None => at.json().to_string(),
        };
        let (was, is) = (ValueSet::new(old), ValueSet::new(new));
        for at in old.iter().filter(|at| !is.has(at.value)) {
            let anchor = self.n.enum_spot;
            let row = self.word_row(rules[0], keyed("", "enum", &key(at)), Some(*at), None);
            row.anchor = anchor.or(row.anchor);
        }
        for at in new.iter().filter(|at| !was.has(at.value)) {
            self.word_row(rules[1], keyed("", "enum", &key(at)), None, Some(*at));
        }
    }

    fn extensible(&mut self) {
        let word = "x-extensible-enum";
        match (self.o.extensible, self.n.extensible) {
            (None, None) => {}
            (None, new) => {
                self.word_row(rules::EXTENSIBLE_ENUM_INTRODUCED, word, None, new);
            }
            (old, None) => {
                self.word_row(rules::EXTENSIBLE_ENUM_DROPPED, word, old, None);
            }
            (Some(old), Some(new)) => self.value_rows(
                &old.items().collect::<Vec<_>>(),
                &new.items().collect::<Vec<_>>(),
                [rules::EXTENSIBLE_ENUM_VALUE_REMOVED, rules::EXTENSIBLE_ENUM_VALUE_ADDED],
            ),
        }
    }

    pub(super) fn format(&mut self) {
        let (old, new) = (self.o.word("format"), self.n.word("format"));
        let text = |word: Option<Word<'a>>| word.and_then(|at| at.value.as_str());
        let rule = match (text(old), text(new)) {
            (a, b) if a == b => return,
            (a, b) if [a, b].into_iter().flatten().any(|f| !is_registered(f)) => {
                rules::FORMAT_UNREGISTERED_CHANGED
            }
            (None, Some(_)) => rules::FORMAT_ADDED,
            (Some(_), None) => rules::FORMAT_REMOVED,
            (Some(a), Some(b)) if is_wider(b, a) => rules::FORMAT_WIDENED,
            (Some(a), Some(b)) if is_wider(a, b) => rules::FORMAT_NARROWED,
            _ => rules::FORMAT_CHANGED,
        };
        self.word_row(rule, "format", old, new);
    }

    pub(super) fn bound(
        &mut self,
        name: &'static str,
        old: Option<Bound<'a>>,
        new: Option<Bound<'a>>,
        is_tighter: impl Fn(f64, f64) -> bool,
    ) {
        let is_max = name == "maximum";
        let word = |bound: Option<Bound<'a>>| bound.map(|bound| bound.word);
        let rule = match (old, new) {
            (None, None) => return,
            (None, Some(_)) if is_max => rules::MAXIMUM_SET,
            (None, Some(_)) => rules::MINIMUM_SET,
            (Some(_), None) if is_max => rules::MAXIMUM_REMOVED,
            (Some(_), None) => rules::MINIMUM_REMOVED,
            (Some(a), Some(b)) if a.value == b.value && a.is_exclusive == b.is_exclusive => return,
            (Some(a), Some(b)) => {
                let is_tighter = is_tighter(b.value, a.value)
                    || a.value == b.value && b.is_exclusive && !a.is_exclusive;
                match (is_tighter, is_max) {
                    (true, true) => rules::MAXIMUM_DECREASED,
                    (true, false) => rules::MINIMUM_INCREASED,
                    (false, true) => rules::MAXIMUM_INCREASED,
                    (false, false) => rules::MINIMUM_DECREASED,
                }
            }
        };
        self.word_row(rule, name, word(old), word(new));
    }

    pub(super) fn multiple_of(&mut self) {
        let (old, new) = (self.o.word("multipleOf"), self.n.word("multipleOf"));
        let value = |word: Option<Word<'a>>| word.and_then(|at| number(at.value));
        let rule = match (value(old), value(new)) {
            (None, None) => return,
            (a, b) if a == b => return,
            (None, Some(_)) => rules::MULTIPLE_OF_SET,
            (Some(_), None) => rules::MULTIPLE_OF_REMOVED,
            (Some(a), Some(b)) if is_multiple(b, a) => rules::MULTIPLE_OF_NARROWED,
            (Some(a), Some(b)) if is_multiple(a, b) => rules::MULTIPLE_OF_WIDENED,
            _ => rules::MULTIPLE_OF_CHANGED,
        };
        self.word_row(rule, "multipleOf", old, new);
    }

    /// Rows about texts since `from` hurt nobody where a length says what a pattern did, or the
    /// other way round.
    pub(super) fn texts(&mut self, from: usize) {
        let (o, n) = (self.o, self.n);
        let is_bad = self.rows[from..].iter().any(|row| row.class > Class::NonBreaking);
        let is_one_kind = o.patterns.len() == n.patterns.len();
        if !is_bad || is_one_kind || self.rows.len() - from < 2 {
            return;
        }
        let (a, b) = (demands(o), demands(n));
        if a.iter().chain(&b).any(|text| !text.is_ascii()) {
            return;
        }
        let are_all_within = |narrow: &[String], wide: &[String]| {
            let is_implied =
                |wide: &String| narrow.iter().any(|narrow| includes(wide, narrow) == Some(true));
            wide.iter().all(is_implied)
        };
        let (reads, writes) = self.lens.directions();
        if (!reads || are_all_within(&a, &b)) && (!writes || are_all_within(&b, &a)) {
            for row in &mut self.rows[from..] {
                row.class = Class::NonBreaking;
            }
        }
    }

    pub(super) fn patterns(&mut self) {
        let text = |at: &Word<'a>| at.value.as_str().unwrap_or("").to_owned();
        let (o, n) = (&self.o.patterns, &self.n.patterns);
        let old: Vec<_> = o.iter().filter(|p| !n.iter().any(|q| text(p) == text(q))).collect();
        let new: Vec<_> = n.iter().filter(|p| !o.iter().any(|q| text(p) == text(q))).collect();
        let rule = match (&old[..], &new[..]) {
            ([], []) => return,
            ([], _) => rules::PATTERN_ADDED,
            (_, []) => rules::PATTERN_REMOVED,
            ([old], [new]) => {
                let (a, b) = (text(old), text(new));
                match (includes(&b, &a), includes(&a, &b)) {
                    (Some(true), Some(true)) => return,
                    (Some(true), _) => rules::PATTERN_WIDENED,
                    (_, Some(true)) => rules::PATTERN_NARROWED,
                    _ => rules::PATTERN_CHANGED,
                }
            }
            _ => rules::PATTERN_CHANGED,
        };
        let (old, new) = (old.first().map(|at| **at), new.first().map(|at| **at));
        self.word_row(rule, "pattern", old, new);
    }
}

/// What is demanded of texts, as patterns: those that are written, and the length.
fn demands(normal: &Normal<'_>) -> Vec<String> {
    let mut all: Vec<String> =
        normal.patterns.iter().filter_map(|at| at.value.as_str()).map(str::to_owned).collect();
    let limit = |name: &str| normal.word(name).and_then(|at| number(at.value));
    let (least, most) = (limit("minLength"), limit("maxLength"));
    if least.is_some() || most.is_some() {
        let most = most.map_or(String::new(), |most| format!("{most}"));
        all.push(format!("^[\\s\\S]{{{},{most}}}$", least.unwrap_or(0.0)));
    }
    all
}

fn is_multiple(of: f64, by: f64) -> bool {
    let ratio = of / by;
    by != 0.0 && (ratio - ratio.round()).abs() < 1e-9
}
