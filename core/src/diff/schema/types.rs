//! The types of JSON values, and numbers.

use crate::value::{Data, Value};

/// A set of JSON types; `number` is integers and the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Types(pub u8);

impl Types {
    pub const NULL: Types = Types(1);
    pub const BOOLEAN: Types = Types(2);
    pub const INTEGER: Types = Types(4);
    /// Numbers that are not integers.
    pub const FRACTION: Types = Types(8);
    pub const NUMBER: Types = Types(4 | 8);
    pub const STRING: Types = Types(16);
    pub const ARRAY: Types = Types(32);
    pub const OBJECT: Types = Types(64);
    pub const ALL: Types = Types(127);

    /// The type of that name; `None` when there is no such type.
    pub fn named(name: &str) -> Option<Types> {
        Some(match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::NUMBER,
            "string" | "file" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            "any" => Types::ALL,
            _ => return None,
        })
    }

    /// The type of a value.
    pub fn of(value: &Value) -> Types {
        match &value.data {
            Data::Null => Types::NULL,
            Data::Bool(_) => Types::BOOLEAN,
            Data::Int(_) => Types::INTEGER,
            Data::Float(float) if float.value.fract() == 0.0 => Types::INTEGER,
            Data::Float(_) => Types::FRACTION,
            Data::Str(_) => Types::STRING,
            Data::Seq(_) => Types::ARRAY,
            Data::Map(_) => Types::OBJECT,
            Data::Invalid => Types::ALL,
        }
    }

    pub fn except(self, other: Types) -> Types {
        Types(self.0 & !other.0)
    }

    pub fn has(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    pub fn within(self, other: Types) -> bool {
        self.0 & !other.0 == 0
    }

    pub fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    pub fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    pub fn without_null(self) -> Types {
        Types(self.0 & !1)
    }
}

pub fn number(value: &Value) -> Option<f64> {
    match &value.data {
        Data::Int(int) => Some(int.value as f64),
        Data::Float(float) => Some(float.value),
        _ => None,
    }
}
