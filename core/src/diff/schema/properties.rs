//! The properties of objects, as far as each side can see them.

use super::arena::Schemas;
use super::form::{Normal, Property};
use super::members::Member;
use super::step::Step;
use crate::diff::class::ChangeType::Modified;
use crate::diff::class::{Class, Side};
use crate::diff::path::keyed;
use crate::diff::rule::Column;
use crate::diff::rules::schema as rules;

impl<'a> Step<'_, 'a> {
    pub(super) fn properties(&mut self) {
        let (o, n) = (self.o, self.n);
        let mut removed = Vec::new();
        let mut added = Vec::new();
        for old in &o.properties {
            match n.property(&old.name) {
                Some(new) => self.common_property(old, new),
                None if self.is_visible(&self.olds.normal(old.schema)) => {
                    removed.push(old);
                    self.property_removed(old);
                }
                None => {}
            }
        }
        for new in &n.properties {
            if o.property(&new.name).is_none() && self.is_visible(&self.news.normal(new.schema)) {
                added.push(new);
                self.property_added(new);
            }
        }
        if let ([old], [new]) = (&removed[..], &added[..])
            && same_shape(&self.olds.normal(old.schema), &self.news.normal(new.schema))
        {
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

    fn property_removed(&mut self, old: &Property) {
        use Class::{Breaking as B, NonBreaking as N, PotentialBreaking as P};
        let (o, n) = (self.o, self.n);
        let step = keyed("", "properties", &old.name);
        let has = self.news.member(n, &old.name);
        if let (Member::Open, Some(_)) = (has, self.olds.normal(old.schema).is_forbidden) {
            self.spot_row(rules::SCHEMA_ALLOWED, step, Some(old.spot), None).ty = Modified;
            return;
        }
        let was_required = o.requires(&old.name);
        let class = match has {
            Member::Open | Member::Unknown => {
                let was_there = was_required || !o.declares_required;
                self.class(P, if was_there { B } else { P }, B)
            }
            Member::Closed => {
                let was_there = was_required || !o.declares_required;
                self.class(B, if was_there { B } else { P }, B)
            }
            // It may be there still, as one of those that are named together.
            Member::Schema(new) => {
                if let Member::Schema(old) = self.olds.member(o, &old.name) {
                    self.children.push((step.clone(), old, new, self.lens));
                }
                self.class(N, if was_required && !n.requires(&old.name) { B } else { N }, N)
            }
        };
        let reason = format!("{} {} removed", self.noun(), old.name);
        let row = self.spot_row(rules::PROPERTY_REMOVED, step, Some(old.spot), None);
        row.class = class;
        row.reason = reason;
        row.old = Some(old.name.as_str().into());
        row.anchor = n.properties_spot.or(row.anchor);
    }

    fn property_added(&mut self, new: &Property) {
        use Class::{NonBreaking as N, PotentialBreaking as P};
        let (o, n) = (self.o, self.n);
        let step = keyed("", "properties", &new.name);
        let had = self.olds.member(o, &new.name);
        if let (Member::Open, Some(_)) = (had, self.news.normal(new.schema).is_forbidden) {
            self.spot_row(rules::SCHEMA_FORBIDDEN, step, None, Some(new.spot)).ty = Modified;
            return;
        }
        let is_required = n.requires(&new.name);
        let rule = if is_required {
            rules::PROPERTY_ADDED_REQUIRED
        } else {
            rules::PROPERTY_ADDED_OPTIONAL
        };
        // It might have been there before, as one of those that were named together.
        if let (Member::Schema(old), Member::Schema(new)) = (had, self.news.member(n, &new.name)) {
            self.children.push((step.clone(), old, new, self.lens));
        }
        let output = match had {
            Member::Closed | Member::Unknown => P,
            Member::Open if o.is_closed() => P,
            _ => N,
        };
        let class = self.class(rule.usual(Column::Input), output, rule.usual(Column::Config));
        let reason = format!("{} {} added", self.noun(), new.name);
        let row = self.spot_row(rule, step, None, Some(new.spot));
        row.class = class;
        row.reason = reason;
        row.new = Some(new.name.as_str().into());
    }

    fn common_property(&mut self, old: &Property, new: &Property) {
        let step = keyed("", "properties", &old.name);
        let (a, b) = (self.olds.normal(old.schema), self.news.normal(new.schema));
        self.marks(&step, &old.name, &a, &b);
        if !(self.is_visible(&a) && self.is_visible(&b)) {
            return;
        }
        let said = |schemas: &Schemas<'a>, normal: &Normal<'a>, property: &Property| match schemas
            .member(normal, &property.name)
        {
            Member::Schema(schema) => schema,
            _ => property.schema,
        };
        let pair = (said(self.olds, self.o, old), said(self.news, self.n, new));
        self.children.push((step.clone(), pair.0, pair.1, self.lens));
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
