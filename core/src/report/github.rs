//! GitHub workflow commands, which a runner shows as annotations of lines.

use super::{Weight, sanitise};

/// Where an annotation is shown: a file, and the numbers of lines and columns by property.
pub(super) struct Place<'a> {
    pub file: &'a str,
    pub numbers: &'a [(&'static str, u32)],
}

/// One command, as a line.
pub(super) fn command(
    weight: Weight,
    place: Option<Place<'_>>,
    title: &str,
    message: &str,
) -> String {
    let command = match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(Place { file, numbers }) = place {
        properties.push(format!("file={}", property(file)));
        properties.extend(numbers.iter().map(|(key, number)| format!("{key}={number}")));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{command} {}::{}\n", properties.join(","), data(message))
}

fn data(text: &str) -> String {
    let encoded = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    sanitise(&encoded).into_owned()
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_property_or_a_command_is_escaped() {
        let place = Place { file: "a,b:c.yaml", numbers: &[("line", 3)] };
        assert_eq!(
            command(Weight::Note, Some(place), "T", "100%\r\nsure:\u{1b} yes, it is"),
            "::notice file=a%2Cb%3Ac.yaml,line=3,title=T::100%25%0D%0Asure:\\u{1b} yes, it is\n"
        );
    }
}
