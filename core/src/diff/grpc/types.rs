//! Which types of fields may take each other's place (buf's wire and JSON groups).

const WIRE: [&[&str]; 8] = [
    &["int32", "int64", "uint32", "uint64", "bool"],
    &["sint32", "sint64"],
    &["fixed32", "sfixed32"],
    &["fixed64", "sfixed64"],
    &["string"],
    &["bytes"],
    &["float"],
    &["double"],
];

const JSON: [&[&str]; 4] = [
    &["int32", "uint32"],
    &["int64", "uint64"],
    &["fixed32", "sfixed32"],
    &["fixed64", "sfixed64"],
];

pub fn is_scalar(ty: &str) -> bool {
    WIRE.iter().any(|group| group.contains(&ty))
}

/// Whether what was written as `old` is read as `new`.
pub fn is_wire_compatible(old: &str, new: &str) -> bool {
    WIRE.iter().any(|group| group.contains(&old) && group.contains(&new))
        || (old, new) == ("string", "bytes")
}

pub fn is_json_compatible(old: &str, new: &str) -> bool {
    JSON.iter().any(|group| group.contains(&old) && group.contains(&new))
}
