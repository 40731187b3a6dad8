//! What a schema says of one member: a property by its name, an item by its position.

use super::arena::Schemas;
use super::form::{Normal, Others, SchemaId};

/// What a schema says of a property.
#[derive(Clone, Copy, Debug)]
pub(super) enum Member {
    /// Nothing: any value may stand there.
    Open,
    /// It may not be there.
    Closed,
    Schema(SchemaId),
    /// It hangs on a pattern that cannot be decided.
    Unknown,
}

impl<'a> Schemas<'a> {
    /// What an object's schema says of the property `name`: what `properties` and all matching
    /// `patternProperties` say, or what is said of all others where neither names it.
    pub(super) fn member(&self, normal: &Normal<'a>, name: &str) -> Member {
        let declared = normal.property(name).map(|property| property.schema);
        let mut said: Vec<SchemaId> = declared.into_iter().collect();
        for pattern in &normal.pattern_properties {
            match self.matches(&pattern.name, name) {
                Some(true) => said.push(pattern.schema),
                Some(false) => {}
                None if declared.is_some() => {}
                None => return Member::Unknown,
            }
        }
        match said[..] {
            [] => match normal.others {
                Others::Open => Member::Open,
                Others::Closed(_) => Member::Closed,
                Others::Schema(schema, _) => Member::Schema(schema),
            },
            [schema] => Member::Schema(schema),
            _ => {
                let parts = said.iter().flat_map(|schema| self.parts(*schema).to_vec());
                Member::Schema(self.all(parts.collect()))
            }
        }
    }
}

impl<'a> Schemas<'a> {
    /// Whether a schema admits every text.
    pub fn is_any_text(&self, schema: super::form::SchemaId) -> bool {
        let normal = self.normal(schema);
        let limits = ["minLength", "maxLength", "format"];
        normal.types.has(super::types::Types::STRING)
            && normal.enumeration.is_none()
            && normal.patterns.is_empty()
            && normal.unions.is_empty()
            && normal.branches.is_empty()
            && normal.not.is_none()
            && normal.conditionals.is_empty()
            && limits.iter().all(|limit| normal.word(limit).is_none())
    }
}

impl Normal<'_> {
    /// What an array's schema says of the item at a position.
    pub(super) fn item(&self, position: usize) -> Others {
        self.prefix.get(position).copied().unwrap_or(self.items)
    }
}
