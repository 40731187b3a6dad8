//! Formats: which hold others, and texts that show them.

/// The formats of JSON Schema and of OpenAPI's registry.
const REGISTERED: [&str; 24] = [
    "int32",
    "int64",
    "float",
    "double",
    "date",
    "date-time",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "byte",
];

/// Each format with those that hold more.
const WIDER: [(&str, &[&str]); 7] = [
    ("int32", &["int64"]),
    ("float", &["double"]),
    ("uri", &["uri-reference", "iri", "iri-reference"]),
    ("uri-reference", &["iri-reference"]),
    ("iri", &["iri-reference"]),
    ("hostname", &["idn-hostname"]),
    ("email", &["idn-email"]),
];

pub fn is_registered(format: &str) -> bool {
    REGISTERED.contains(&format) || format == "binary"
}

/// Whether every value of `narrow` is one of `wide`.
pub fn is_wider(wide: &str, narrow: &str) -> bool {
    WIDER.iter().any(|(name, wider)| *name == narrow && wider.contains(&wide))
}

/// Texts of formats that no other text is mistaken for.
const SAMPLES: [(&str, &str); 12] = [
    ("date", "2026-01-31"),
    ("date-time", "2026-01-31T10:20:30Z"),
    ("time", "10:20:30Z"),
    ("duration", "P3D"),
    ("email", "a@example.com"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("uri", "https://example.com/a"),
    ("uri-reference", "/a/b"),
    ("uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    ("json-pointer", "/a/b"),
    ("hostname", "example.com"),
];

/// Texts of a format.
pub fn samples(format: &str) -> impl Iterator<Item = &'static str> {
    SAMPLES.iter().filter(move |(name, _)| *name == format).map(|(_, text)| *text)
}

/// Whether a text is of a format; `None` when that is not known.
pub fn admits_text(format: &str, text: &str) -> Option<bool> {
    if is_numeric(format) || format == "binary" {
        return Some(true);
    }
    if SAMPLES
        .iter()
        .any(|(name, sample)| *sample == text && (*name == format || is_wider(format, name)))
    {
        return Some(true);
    }
    let is_strict = ["date", "date-time", "time", "duration", "email", "ipv4", "ipv6", "uuid"];
    let is_other = SAMPLES.iter().any(|(name, sample)| *sample == text && is_strict.contains(name));
    (is_strict.contains(&format) && (is_other || text.len() <= 1)).then_some(false)
}

/// Whether a format is about numbers alone.
pub fn is_numeric(format: &str) -> bool {
    matches!(format, "int32" | "int64" | "float" | "double")
}

/// The numbers at which a format begins and ends.
pub fn bounds(format: &str) -> &'static [f64] {
    match format {
        "int32" => &[-2_147_483_648.0, 2_147_483_647.0],
        _ => &[],
    }
}

/// Whether a number is of a format; `None` when that is not known.
pub fn admits_number(format: &str, value: f64) -> Option<bool> {
    match format {
        "int32" => Some(
            value.fract() == 0.0 && value.abs() <= 2_147_483_647.0 || value == -2_147_483_648.0,
        ),
        "int64" => (value.abs() < 9e15).then_some(value.fract() == 0.0),
        "float" | "double" => Some(true),
        name if is_registered(name) => Some(true),
        _ => None,
    }
}
