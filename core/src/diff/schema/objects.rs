//! Objects apart from their properties: which names they may and must have.

use super::form::{Normal, Others, Property};
use super::step::{OtherRules, Step};
use crate::diff::class::Class;
use crate::diff::docs::Spot;
use crate::diff::path::keyed;
use crate::diff::rules::schema as rules;

impl<'a> Step<'_, 'a> {
    pub(super) fn objects(&mut self) {
        let (o, n) = (self.o, self.n);
        self.required_names();
        let is_unevaluated = |normal: &Normal<'a>| {
            normal.others_are_unevaluated || matches!(normal.others, Others::Open)
        };
        let unevaluated = OtherRules {
            schema_added: rules::UNEVALUATED_PROPERTIES_CLOSED,
            schema_removed: rules::UNEVALUATED_PROPERTIES_OPENED,
            closed: rules::UNEVALUATED_PROPERTIES_CLOSED,
            opened: rules::UNEVALUATED_PROPERTIES_OPENED,
        };
        match is_unevaluated(o) && is_unevaluated(n) {
            true => self.others("unevaluatedProperties", o.others, n.others, unevaluated),
            false => self.others(
                "additionalProperties",
                o.others,
                n.others,
                OtherRules {
                    schema_added: rules::ADDITIONAL_PROPERTIES_SCHEMA_ADDED,
                    schema_removed: rules::ADDITIONAL_PROPERTIES_SCHEMA_REMOVED,
                    closed: rules::ADDITIONAL_PROPERTIES_CLOSED,
                    opened: rules::ADDITIONAL_PROPERTIES_OPENED,
                },
            ),
        }
        self.others(
            "unevaluatedProperties",
            o.unevaluated_properties,
            n.unevaluated_properties,
            unevaluated,
        );
        self.pattern_properties();
        let (old, new) = (o.property_names, n.property_names);
        self.below(
            "propertyNames",
            old,
            new,
            [rules::PROPERTY_NAMES_ADDED, rules::PROPERTY_NAMES_REMOVED],
        );
        self.limit(
            "maxProperties",
            [
                rules::MAX_PROPERTIES_SET,
                rules::MAX_PROPERTIES_DECREASED,
                rules::MAX_PROPERTIES_INCREASED,
                rules::MAX_PROPERTIES_REMOVED,
            ],
        );
        self.floor(
            "minProperties",
            [rules::MIN_PROPERTIES_INCREASED, rules::MIN_PROPERTIES_DECREASED],
        );
        self.dependent();
    }

    fn required_names(&mut self) {
        let (o, n) = (self.o, self.n);
        for (name, spot) in &n.required {
            if !o.requires(name) && n.property(name).is_none() {
                let step = keyed("", "required", name);
                let row = self.spot_row(rules::REQUIRED_NAME_ADDED, step, None, Some(*spot));
                row.new = Some(name.as_str().into());
            }
        }
        for (name, spot) in &o.required {
            if !n.requires(name) && o.property(name).is_none() {
                let step = keyed("", "required", name);
                let row = self.spot_row(rules::REQUIRED_NAME_REMOVED, step, Some(*spot), None);
                row.old = Some(name.as_str().into());
            }
        }
    }

    fn pattern_properties(&mut self) {
        let (o, n) = (self.o, self.n);
        let swapped = |class: Class, is_closed: bool| match (class, is_closed) {
            (class, false) => class,
            (Class::NonBreaking, true) => Class::Breaking,
            (_, true) => Class::NonBreaking,
        };
        for old in &o.pattern_properties {
            let step = keyed("", "patternProperties", &old.name);
            match property(&n.pattern_properties, &old.name) {
                Some(new) => self.children.push((step, old.schema, new.schema, self.lens)),
                None => {
                    // What else is said of such names takes its place.
                    if let Others::Schema(new, _) = n.others {
                        self.children.push((step.clone(), old.schema, new, self.lens));
                    }
                    let is_closed = n.is_closed();
                    let row =
                        self.spot_row(rules::PATTERN_PROPERTY_REMOVED, step, Some(old.spot), None);
                    row.class = match n.others {
                        Others::Schema(..) => Class::NonBreaking,
                        _ => swapped(row.class, is_closed),
                    };
                    row.old = Some(old.name.as_str().into());
                }
            }
        }
        for new in &n.pattern_properties {
            if property(&o.pattern_properties, &new.name).is_none() {
                let step = keyed("", "patternProperties", &new.name);
                if let Others::Schema(old, _) = o.others {
                    self.children.push((step.clone(), old, new.schema, self.lens));
                }
                let is_closed = o.is_closed();
                let row = self.spot_row(rules::PATTERN_PROPERTY_ADDED, step, None, Some(new.spot));
                row.class = match o.others {
                    Others::Schema(..) => Class::NonBreaking,
                    _ => swapped(row.class, is_closed),
                };
                row.new = Some(new.name.as_str().into());
            }
        }
    }

    fn dependent(&mut self) {
        let (o, n) = (self.o, self.n);
        let mut names: Vec<&String> = o
            .dependent_required
            .iter()
            .chain(&n.dependent_required)
            .map(|(name, ..)| name)
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            let find = |normal: &Normal<'a>| {
                normal.dependent_required.iter().find(|(other, ..)| other == name).cloned()
            };
            let (old, new) = (find(o), find(n));
            let needs = |side: &Option<(String, Vec<String>, Spot)>| {
                side.as_ref().map_or(Vec::new(), |(_, needs, _)| needs.clone())
            };
            let (was, is) = (needs(&old), needs(&new));
            let step = keyed("", "dependentRequired", name);
            let spots = (old.map(|(.., spot)| spot), new.map(|(.., spot)| spot));
            let grew = is.iter().any(|need| !was.contains(need));
            let shrank = was.iter().any(|need| !is.contains(need));
            for (fires, rule) in
                [(grew, rules::DEPENDENT_REQUIRED_GREW), (shrank, rules::DEPENDENT_REQUIRED_SHRANK)]
            {
                if fires {
                    let row = self.spot_row(rule, step.clone(), spots.0, spots.1);
                    row.old = (!was.is_empty()).then(|| was.clone().into());
                    row.new = (!is.is_empty()).then(|| is.clone().into());
                }
            }
        }
        for old in &o.dependent_schemas {
            let new = property(&n.dependent_schemas, &old.name);
            let step = keyed("", "dependentSchemas", &old.name);
            let new = new.map(|new| (new.schema, new.spot));
            self.below(
                step,
                Some((old.schema, old.spot)),
                new,
                [rules::DEPENDENT_SCHEMA_ADDED, rules::DEPENDENT_SCHEMA_REMOVED],
            );
        }
        for new in &n.dependent_schemas {
            if property(&o.dependent_schemas, &new.name).is_none() {
                let step = keyed("", "dependentSchemas", &new.name);
                self.below(
                    step,
                    None,
                    Some((new.schema, new.spot)),
                    [rules::DEPENDENT_SCHEMA_ADDED, rules::DEPENDENT_SCHEMA_REMOVED],
                );
            }
        }
    }
}

fn property<'p>(list: &'p [Property], name: &str) -> Option<&'p Property> {
    list.iter().find(|property| property.name == name)
}
