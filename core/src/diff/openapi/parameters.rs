//! Parameters of operations.

use super::compare::{Differ, Place};
use super::matching::names;
use super::model::{Operation, Parameter, PathItem};
use crate::diff::class::ChangeType::{Added, Modified, Removed};
use crate::diff::class::Class;
use crate::diff::docs::At;
use crate::diff::lifecycle::{self, Lifecycle};
use crate::diff::path::keyed;
use crate::diff::rule::Lens;
use crate::diff::rules::openapi as rules;
use crate::diff::schema::Types;

impl<'a> Differ<'_, '_, 'a> {
    pub fn parameters(
        &mut self,
        place: &Place,
        old: (&PathItem<'a>, &Operation<'a>),
        new: (&PathItem<'a>, &Operation<'a>),
    ) {
        let was = self.old.parameters(old.0, old.1);
        let mut is = self.new.parameters(new.0, new.1);
        // Parameters in the path are one by their position, whatever their names.
        let positions: Vec<(String, String)> = names(&old.0.name)
            .into_iter()
            .zip(names(&new.0.name))
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect();
        let renamed = |a: &Parameter<'a>| match positions.iter().find(|(old, _)| *old == a.name) {
            Some((_, new)) if a.place == "path" => new.clone(),
            _ => a.name.clone(),
        };
        let anchor = new.1.at.get("parameters").map_or(new.1.at.spot(), At::spot);
        for a in was {
            let name = renamed(&a);
            match is.iter().position(|b| b.place == a.place && b.name == name) {
                Some(at) => {
                    let b = is.remove(at);
                    self.parameter(place, &a, &b);
                }
                None => {
                    let rule = lifecycle::PARAMETER.rule(&Lifecycle::at(a.at), self.settings);
                    let said = format!("{} {} param '{}'", place.operation, a.place, a.name);
                    let path = keyed(&place.path, "parameters", &format!("{}:{}", a.name, a.place));
                    let row = self.row(rule, Removed, path, Some(a.key), None);
                    row.reason = format!("{said} removed");
                    row.old = Some(said.into());
                    self.anchored(Some(anchor));
                }
            }
        }
        for b in is {
            let rule = match b.is_required {
                true => rules::PARAMETER_ADDED_REQUIRED,
                false => rules::PARAMETER_ADDED_OPTIONAL,
            };
            let said = format!("{} {} param '{}'", place.operation, b.place, b.name);
            let path = keyed(&place.path, "parameters", &format!("{}:{}", b.name, b.place));
            let is_flipped = place.is_flipped;
            let row = self.row(rule, Added, path, None, Some(b.key));
            if is_flipped {
                row.class = Class::NonBreaking;
            }
            row.reason = format!("{said} added");
            row.new = Some(said.into());
        }
    }

    fn parameter(&mut self, place: &Place, a: &Parameter<'a>, b: &Parameter<'a>) {
        let path = keyed(&place.path, "parameters", &format!("{}:{}", b.name, b.place));
        let from = self.begin();
        self.annotations(&path, a.at, b.at);
        self.lifecycle(&path, a.at, b.at);
        if a.is_required != b.is_required {
            let rule = if b.is_required {
                rules::PARAMETER_BECAME_REQUIRED
            } else {
                rules::PARAMETER_BECAME_OPTIONAL
            };
            let step = format!("{path}.required");
            let (x, y) = (a.at.get("required"), b.at.get("required"));
            let is_flipped = place.is_flipped;
            let row = self.row(rule, Modified, step, x.or(Some(a.key)), y.or(Some(b.key)));
            row.old = Some(a.is_required.into());
            row.new = Some(b.is_required.into());
            if is_flipped {
                row.class = if b.is_required { Class::NonBreaking } else { Class::Breaking };
            }
        }
        let is_repeatable = self.serialization(&path, a, b);
        for (key, [set, unset]) in [
            (
                "allowReserved",
                [rules::PARAMETER_RESERVED_ALLOWED, rules::PARAMETER_RESERVED_DISALLOWED],
            ),
            (
                "allowEmptyValue",
                [rules::PARAMETER_EMPTY_ALLOWED, rules::PARAMETER_EMPTY_DISALLOWED],
            ),
        ] {
            let (was, is) = (a.at.flag(key), b.at.flag(key));
            if was != is {
                let rule = if is { set } else { unset };
                let (x, y) = (a.at.get(key), b.at.get(key));
                let step = format!("{path}.{key}");
                let row = self.row(rule, Modified, step, x.or(Some(a.key)), y.or(Some(b.key)));
                row.old = Some(was.into());
                row.new = Some(is.into());
            }
        }
        if !is_repeatable {
            let is_required = a.is_required && b.is_required;
            let lens = Lens { is_parameter: true, is_required, ..Lens::new(place.reads()) };
            let path = format!("{path}.schema");
            self.schemas(&path, (a.schema, a.at), (b.schema, b.at), lens);
        }
        let said = format!("{} {} param '{}'", place.operation, b.place, b.name);
        self.roll_up(from, rules::PARAMETER_MODIFIED, &path, &said, (a.key, b.key));
    }

    /// Differences of `style`, `explode` and `content`. True when one value became a list of values
    /// that is written alike, so that there is nothing more to compare.
    fn serialization(&mut self, path: &str, a: &Parameter<'a>, b: &Parameter<'a>) -> bool {
        let types = |differ: &Self, is_old: bool, parameter: &Parameter<'a>| {
            let schemas = if is_old { differ.old.schemas } else { differ.new.schemas };
            parameter.schema.map_or(Types::ALL, |schema| schemas.normal(schema).types)
        };
        let (was, is) = (types(self, true, a), types(self, false, b));
        let composed = Types::ARRAY.or(Types::OBJECT);
        let grew = !was.has(composed) && is.without_null() == Types::ARRAY;
        if grew && b.place == "query" && b.style == "form" && b.explode {
            let items = self.new_items(b);
            let fits = match (a.schema, items) {
                (Some(old), Some(items)) => {
                    let lens = Lens::new(crate::diff::class::Side::Request);
                    // In a query every value is a text.
                    let is_scalar = !was.has(composed) && self.new.schemas.is_any_text(items);
                    is_scalar || self.comparison.is_compatible(old, items, lens)
                }
                _ => true,
            };
            if fits {
                let (x, y) = (a.at.get("schema"), b.at.get("schema"));
                let step = format!("{path}.schema");
                let row = self.row(rules::PARAMETER_SERIALIZATION_CHANGED, Modified, step, x, y);
                row.class = Class::NonBreaking;
                row.reason = "one value became a list that is written alike".to_owned();
                return true;
            }
        }
        if a.style != b.style {
            self.serialized(
                path,
                "style",
                a,
                b,
                [a.style.as_str().into(), b.style.as_str().into()],
            );
        }
        let matters = was.has(composed) && is.has(composed);
        if a.explode != b.explode && a.style == b.style && matters {
            self.serialized(path, "explode", a, b, [a.explode.into(), b.explode.into()]);
        }
        if a.content != b.content {
            let text = |content: &Option<String>| {
                content.clone().map_or(serde_json::Value::Null, Into::into)
            };
            self.serialized(path, "content", a, b, [text(&a.content), text(&b.content)]);
        }
        false
    }

    fn new_items(&self, parameter: &Parameter<'a>) -> Option<crate::diff::schema::SchemaId> {
        match self.new.schemas.normal(parameter.schema?).items {
            crate::diff::schema::Others::Schema(items, _) => Some(items),
            _ => None,
        }
    }

    fn serialized(
        &mut self,
        path: &str,
        key: &str,
        a: &Parameter<'a>,
        b: &Parameter<'a>,
        values: [serde_json::Value; 2],
    ) {
        let (x, y) = (a.at.get(key), b.at.get(key));
        let step = format!("{path}.{key}");
        let rule = rules::PARAMETER_SERIALIZATION_CHANGED;
        let row = self.row(rule, Modified, step, x.or(Some(a.key)), y.or(Some(b.key)));
        let [old, new] = values;
        row.old = Some(old);
        row.new = Some(new);
    }
}
