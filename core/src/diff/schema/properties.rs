//! The properties of objects, as far as each side can see them.

use std::rc::Rc;

use super::form::{Normal, Property, SchemaId};
use super::step::Step;
use crate::diff::class::ChangeType::Modified;
use crate::diff::class::{Class, Side};
use crate::diff::docs::Spot;
use crate::diff::path::keyed;
use crate::diff::rule::Column;
use crate::diff::rules::schema as rules;

/// What the comparison of properties needs of the schemas themselves.
pub(super) struct Seen<'a> {
    pub old: Option<Rc<Normal<'a>>>,
    pub new: Option<Rc<Normal<'a>>>,
}

impl<'a> Step<'_, 'a> {
    pub(super) fn properties(
        &mut self,
        seen: &dyn Fn(Option<SchemaId>, Option<SchemaId>) -> Seen<'a>,
    ) {
        let (o, n) = (self.o, self.n);
        let anchor = n.properties_spot;
        let mut removed = Vec::new();
        let mut added = Vec::new();
        for old in &o.properties {
            let step = keyed("", "properties", &old.name);
            let new = n.property(&old.name);
            let sides = seen(Some(old.schema), new.map(|new| new.schema));
            let was = sides.old.as_deref().is_some_and(|normal| self.is_visible(normal));
            match (new, sides.new.as_deref()) {
                (Some(new), Some(normal)) => {
                    let is = self.is_visible(normal);
                    self.common_property(&step, old, new, &sides, was, is);
                }
                _ if was => {
                    removed.push(old);
                    self.property_removed(step, old, anchor);
                }
                _ => {}
            }
        }
        for new in &n.properties {
            if o.property(&new.name).is_none() {
                let sides = seen(None, Some(new.schema));
                if sides.new.as_deref().is_some_and(|normal| self.is_visible(normal)) {
                    added.push(new);
                    self.property_added(new);
                }
            }
        }
        if let ([old], [new]) = (&removed[..], &added[..]) {
            let sides = seen(Some(old.schema), Some(new.schema));
            let is_same =
                matches!((&sides.old, &sides.new), (Some(a), Some(b)) if same_shape(a, b));
            if is_same {
                let (old, new) = (old.name.clone(), new.name.clone());
                for row in &mut self.rows {
                    if row.rule == rules::PROPERTY_REMOVED {
                        row.hint = Some(format!("possible-rename:{new}"));
                    } else if row.rule == rules::PROPERTY_ADDED_OPTIONAL
                        || row.rule == rules::PROPERTY_ADDED_REQUIRED
                    {
                        row.hint = Some(format!("possible-rename:{old}"));
                    }
                }
            }
        }
    }

    fn is_visible(&self, normal: &Normal<'_>) -> bool {
        !(self.lens.is_input() && normal.is_read_only.is_some()
            || self.lens.is_output() && normal.is_write_only.is_some())
    }

    fn noun(&self) -> &'static str {
        match self.lens.side {
            Side::Config => "configuration property",
            _ => "property",
        }
    }

    fn property_removed(&mut self, step: String, old: &Property, anchor: Option<Spot>) {
        use Class::{Breaking as B, PotentialBreaking as P};
        let was_required = self.o.requires(&old.name) || !self.o.declares_required;
        let input = if self.n.is_closed() { B } else { P };
        let class = self.class(input, if was_required { B } else { P }, B);
        let reason = format!("{} {} removed", self.noun(), old.name);
        let row = self.spot_row(rules::PROPERTY_REMOVED, step, Some(old.spot), None);
        row.class = class;
        row.reason = reason;
        row.old = Some(old.name.as_str().into());
        row.anchor = anchor.or(row.anchor);
    }

    fn property_added(&mut self, new: &Property) {
        use Class::{NonBreaking as N, PotentialBreaking as P};
        let is_required = self.n.requires(&new.name);
        let rule = if is_required {
            rules::PROPERTY_ADDED_REQUIRED
        } else {
            rules::PROPERTY_ADDED_OPTIONAL
        };
        let step = keyed("", "properties", &new.name);
        let output = if self.o.is_closed() { P } else { N };
        let class = self.class(rule.usual(Column::Input), output, rule.usual(Column::Config));
        let reason = format!("{} {} added", self.noun(), new.name);
        let row = self.spot_row(rule, step, None, Some(new.spot));
        row.class = class;
        row.reason = reason;
        row.new = Some(new.name.as_str().into());
    }

    fn common_property(
        &mut self,
        step: &str,
        old: &Property,
        new: &Property,
        sides: &Seen<'a>,
        was: bool,
        is: bool,
    ) {
        let (Some(a), Some(b)) = (sides.old.as_deref(), sides.new.as_deref()) else { return };
        self.marks(step, &old.name, a, b);
        if !(was && is) {
            return;
        }
        self.children.push((step.to_owned(), old.schema, new.schema, self.lens));
        let (had, has) = (self.o.requires(&old.name), self.n.requires(&old.name));
        if had != has {
            let find = |normal: &Normal<'a>| normal.required.get(&old.name).copied();
            let (old_at, new_at) =
                (find(self.o).unwrap_or(old.spot), find(self.n).unwrap_or(new.spot));
            let rule =
                if has { rules::PROPERTY_BECAME_REQUIRED } else { rules::PROPERTY_BECAME_OPTIONAL };
            let row = self.spot_row(rule, format!("{step}.required"), Some(old_at), Some(new_at));
            row.old = Some(had.into());
            row.new = Some(has.into());
        }
    }

    /// `readOnly` and `writeOnly`.
    fn marks(&mut self, step: &str, name: &str, a: &Normal<'a>, b: &Normal<'a>) {
        use Class::{Breaking as B, NonBreaking as N, PotentialBreaking as P};
        let was_required = self.o.requires(name) || !self.o.declares_required;
        let is_required = self.n.requires(name);
        let lost = if was_required { B } else { P };
        for (word, old, new, set, unset) in [
            (
                "readOnly",
                a.is_read_only,
                b.is_read_only,
                (rules::READ_ONLY_SET, self.class(P, N, N)),
                (rules::READ_ONLY_UNSET, self.class(if is_required { B } else { N }, N, N)),
            ),
            (
                "writeOnly",
                a.is_write_only,
                b.is_write_only,
                (rules::WRITE_ONLY_SET, self.class(N, lost, N)),
                (rules::WRITE_ONLY_UNSET, self.class(N, N, N)),
            ),
        ] {
            if old.is_some() == new.is_some() {
                continue;
            }
            let (rule, class) = if new.is_some() { set } else { unset };
            let row = self.spot_row(rule, format!("{step}.{word}"), old, new);
            row.ty = Modified;
            row.class = class;
            row.old = Some(old.is_some().into());
            row.new = Some(new.is_some().into());
        }
    }
}

/// Whether two schemas look alike without looking below them.
fn same_shape(a: &Normal<'_>, b: &Normal<'_>) -> bool {
    let words = |normal: &Normal<'_>| {
        let mut words: Vec<(&str, String)> =
            normal.words.iter().map(|(name, at)| (*name, at.json().to_string())).collect();
        words.sort();
        words
    };
    let names = |normal: &Normal<'_>| -> Vec<String> {
        normal.properties.iter().map(|property| property.name.clone()).collect()
    };
    let values = |normal: &Normal<'_>| -> Option<Vec<String>> {
        let all = normal.enumeration.as_ref()?;
        Some(all.iter().map(|at| at.json().to_string()).collect())
    };
    a.types == b.types
        && words(a) == words(b)
        && names(a) == names(b)
        && values(a) == values(b)
        && a.unions.len() == b.unions.len()
}
