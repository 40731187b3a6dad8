//! Whole numbers that are written with a fraction.

use std::sync::Arc;

use super::format::{CONTRACT, Object, Type};
use super::version::FormatVersion;
use crate::value::{Data, Entry, Value};

/// The contract with `80.0` and `3e1` as 80 and 30 where the format wants an integer: JSON Schema
/// counts them as integers (draft 2020-12, "Instance Data Model"). Elsewhere they stay as they are.
pub fn with_integers(contract: Value) -> Value {
    let version = FormatVersion::declared(&contract);
    object(&contract, &CONTRACT, version).unwrap_or(contract)
}

/// The value with its integers; `None` where it has them already.
fn object(value: &Value, object: &'static Object, version: Option<FormatVersion>) -> Option<Value> {
    let changed: Vec<Option<Value>> = value
        .entries()
        .iter()
        .map(|entry| typed(&entry.value, &object.field(&entry.key, version)?.ty, version))
        .collect();
    changed.iter().any(Option::is_some).then(|| {
        let entries = value.entries().iter().zip(changed).map(|(entry, changed)| match changed {
            Some(value) => Entry { value, ..entry.clone() },
            None => entry.clone(),
        });
        Value { data: Data::Map(entries.collect::<Arc<[Entry]>>()), ..value.clone() }
    })
}

fn typed(value: &Value, ty: &'static Type, version: Option<FormatVersion>) -> Option<Value> {
    match (ty, &value.data) {
        (Type::Int { .. }, Data::Float(number)) => {
            let data = Data::Int(integer(number.value)?.into());
            Some(Value { data, ..value.clone() })
        }
        (Type::Object(inner) | Type::StrOr(inner), Data::Map(_)) => object(value, inner, version),
        (Type::Array { item, .. }, Data::Seq(items)) => {
            let changed: Vec<Option<Value>> =
                items.iter().map(|element| typed(element, item, version)).collect();
            changed.iter().any(Option::is_some).then(|| {
                let items = items.iter().zip(changed).map(|(old, new)| new.unwrap_or(old.clone()));
                Value { data: Data::Seq(items.collect::<Arc<[Value]>>()), ..value.clone() }
            })
        }
        _ => None,
    }
}

/// The integer that a number is; `None` where it has a fraction or lies where doubles do not hold
/// every integer.
fn integer(number: f64) -> Option<i64> {
    const EXACT: f64 = (1u64 << 53) as f64;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_integers_of_the_format_are_read_as_such() {
        let text = "pactoVersion: '1.0'\ninterfaces: [{name: a, port: 80.0}]\nscaling: {min: 1e0, max: 2.5}\nmetadata: {port: 80.0}\n";
        let tree = crate::yaml::parse(text);
        let value = with_integers(crate::value::lower(&tree, 0).value).to_json();
        assert_eq!(value["interfaces"][0]["port"], json!(80));
        assert_eq!(value["scaling"], json!({"min": 1, "max": 2.5}));
        assert_eq!(value["metadata"]["port"], json!(80.0));
    }
}
