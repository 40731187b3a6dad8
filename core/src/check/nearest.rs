//! The nearest of some names to a mistyped one.

/// The candidate within two edits of `text`, or equal to it but for case and separators.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = plain(text);
    let score = |candidate: &'a str| {
        if plain(candidate) == wanted {
            return Some((0, candidate));
        }
        let distance = strsim::osa_distance(text, candidate);
        // A short word must not become just any other short word.
        let bound = if candidate.chars().count() < 4 { 1 } else { 2 };
        (distance <= bound).then_some((distance, candidate))
    };
    candidates.into_iter().filter_map(score).min().map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typos_case_and_separators_are_near() {
        let names = ["port", "graceful-shutdown", "name"];
        assert_eq!(nearest("prot", names), Some("port"));
        assert_eq!(nearest("gracefulShutdown", names), Some("graceful-shutdown"));
        assert_eq!(nearest("version", names), None);
    }
}
