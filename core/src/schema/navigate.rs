//! From a place in a document to its entry in the table.

use super::format::{CONTRACT, Field, Object, Type};
use super::json_schema::object_of;
use super::version::FormatVersion;
use crate::value::{DocPath, Segment};

/// What may stand at a place.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Object(&'static Object),
    /// The items of a list.
    Items(&'static Type),
    Scalar(&'static Type),
    Free,
}

impl Shape {
    pub fn of(ty: &'static Type) -> Shape {
        match ty {
            Type::Object(object) | Type::StrOr(object) => Shape::Object(object),
            Type::Array { item, .. } => Shape::Items(item),
            Type::Free => Shape::Free,
            _ => Shape::Scalar(ty),
        }
    }
}

/// The shape of the value at `path` in `version`, or in any version that has the place where the
/// version is not known; `None` for places that the format does not know.
pub fn shape_at(path: &DocPath, version: Option<FormatVersion>) -> Option<Shape> {
    let mut shape = Shape::Object(&CONTRACT);
    for segment in &path.0 {
        shape = match (segment, shape) {
            (Segment::Key(key), Shape::Object(object)) => {
                Shape::of(&object.field(key, version)?.ty)
            }
            (Segment::Index(_), Shape::Items(item)) => Shape::of(item),
            (_, Shape::Free) => Shape::Free,
            _ => return None,
        };
    }
    Some(shape)
}

/// The field at `path` in `version`, or in any version that has it where the version is not known,
/// with the object that holds it; indexes are passed over.
pub fn field_at(
    path: &DocPath,
    version: Option<FormatVersion>,
) -> Option<(&'static Object, &'static Field)> {
    let mut object = &CONTRACT;
    let mut found = None;
    for segment in &path.0 {
        let Segment::Key(key) = segment else { continue };
        if let Some((_, field)) = found {
            let field: &'static Field = field;
            object = object_of(&field.ty)?;
        }
        found = Some((object, object.field(key, version)?));
    }
    found
}
