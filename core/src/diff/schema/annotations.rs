//! What does not change which values are admitted: annotations, lifecycle, defaults, unknown keywords.

use serde_json::Value as Json;

use super::form::Normal;
use super::step::{Step, find};
use crate::diff::class::ChangeType::Modified;
use crate::diff::class::Class;
use crate::diff::docs::{equal, same};
use crate::diff::lifecycle;
use crate::diff::rules::schema as rules;
use crate::diff::settings::Settings;

impl<'a> Step<'_, 'a> {
    pub(super) fn annotations(&mut self, settings: &Settings) {
        let (o, n) = (self.o, self.n);
        if self.lens.side.is_http() {
            let lifecycle = |normal: &Normal<'a>| {
                let extension = |key: &str| find(&normal.annotations, key);
                lifecycle::Lifecycle::of(normal.word("deprecated"), extension)
            };
            let (old, new) = (lifecycle(o), lifecycle(n));
            for event in lifecycle::compare(&old, &new, settings) {
                let row = self.row(event.rule, event.ty, event.step);
                row.class = event.class;
                row.old = event.old;
                row.new = event.new;
                row.old_at = event.old_at;
                row.new_at = event.new_at;
            }
        }
        let skip = |key: &str| self.lens.side.is_http() && lifecycle::is_word(key);
        let mut old = serde_json::Map::new();
        let mut new = serde_json::Map::new();
        let mut places = (None, None);
        let keys = o.annotations.iter().chain(&n.annotations).map(|(key, _)| *key);
        let deprecated = (o.word("deprecated"), n.word("deprecated"));
        let is_openapi = self.lens.side.is_http();
        let xml = (o.word("xml"), n.word("xml"));
        let pairs = keys
            .map(|key| (key, find(&o.annotations, key), find(&n.annotations, key)))
            .chain((!is_openapi).then_some(("deprecated", deprecated.0, deprecated.1)))
            .chain((!self.lens.is_xml).then_some(("xml", xml.0, xml.1)));
        for (key, a, b) in pairs {
            if same(a, b) || skip(key) {
                continue;
            }
            if let Some(at) = a {
                old.insert(key.to_owned(), at.json());
                places.0 = places.0.or(Some(at.spot()));
            }
            if let Some(at) = b {
                new.insert(key.to_owned(), at.json());
                places.1 = places.1.or(Some(at.spot()));
            }
        }
        if !old.is_empty() || !new.is_empty() {
            let row = self.spot_row(rules::ANNOTATION_CHANGED, "", places.0, places.1);
            row.ty = Modified;
            row.old = (!old.is_empty()).then_some(Json::Object(old));
            row.new = (!new.is_empty()).then_some(Json::Object(new));
        }
        if self.lens.is_xml {
            self.replaced("xml", rules::XML_CHANGED);
        }
        self.unknown();
        self.default();
    }

    fn unknown(&mut self) {
        let (o, n) = (self.o, self.n);
        for (key, at) in &o.unknown {
            match find(&n.unknown, key) {
                Some(new) if equal(at.value, new.value) => {}
                new => {
                    self.word_row(rules::UNKNOWN_KEYWORD_CHANGED, *key, Some(*at), new);
                }
            }
        }
        for (key, at) in &n.unknown {
            if find(&o.unknown, key).is_none() {
                self.word_row(rules::UNKNOWN_KEYWORD_CHANGED, *key, None, Some(*at));
            }
        }
    }

    fn default(&mut self) {
        let (old, new) = (self.o.word("default"), self.n.word("default"));
        let rule = match (old, new) {
            (None, Some(_)) => rules::DEFAULT_ADDED,
            (Some(_), None) => rules::DEFAULT_REMOVED,
            (Some(old), Some(new)) if !equal(old.value, new.value) => rules::DEFAULT_CHANGED,
            _ => return,
        };
        let (is_parameter, is_required) = (self.lens.is_parameter, self.lens.is_required);
        let row = self.word_row(rule, "default", old, new);
        if is_required {
            row.class = Class::NonBreaking;
        } else if is_parameter {
            row.class = if rule == rules::DEFAULT_ADDED {
                Class::PotentialBreaking
            } else {
                Class::Breaking
            };
        }
    }
}
