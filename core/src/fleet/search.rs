//! Finding contracts by what people remember of them.

use super::Profile;
use crate::root::Root;

/// What a search matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Name,
    Owner,
    Interface,
    Metadata,
    Operation,
    Documentation,
}

impl Field {
    pub fn text(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Owner => "owner",
            Field::Interface => "interface",
            Field::Metadata => "metadata",
            Field::Operation => "operation",
            Field::Documentation => "documentation",
        }
    }

    /// Whether scattered letters count: in long texts they are everywhere.
    fn is_short(self) -> bool {
        matches!(self, Field::Name | Field::Owner | Field::Interface)
    }
}

/// How well a text fits; the best is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    rank: Rank,
    pub field: Field,
}

impl Match {
    /// From 1 to 100.
    pub fn score(self) -> u32 {
        let base: u32 = match self.rank {
            Rank::Whole => 100,
            Rank::Start => 80,
            Rank::Inside => 60,
            Rank::Scattered(between) => 40 - between.min(20) as u32,
        };
        base - 3 * self.field as u32
    }
}

/// How well `text`, the content of `field`, fits `query`; both in lower case.
pub fn match_text(field: Field, text: &str, query: &str) -> Option<Match> {
    let rank = rank(text, query)?;
    let counts = field.is_short() || !matches!(rank, Rank::Scattered(_));
    counts.then_some(Match { rank, field })
}

/// A contract that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub root: Root,
    pub field: Field,
    /// The text that matched.
    pub text: String,
}

/// The contracts whose name, owner or interfaces hold the letters of `query` in this order, in any
/// case: best first, at most `limit`. A whole text counts more than its beginning, that more than
/// its middle, and that more than scattered letters; then names before owners and interfaces.
pub fn search<'a>(
    profiles: impl IntoIterator<Item = (&'a Root, &'a Profile)>,
    query: &str,
    limit: usize,
) -> Vec<Hit> {
    let query = query.trim().to_lowercase();
    let mut found: Vec<(Match, &str, &Root)> = Vec::new();
    for (root, profile) in profiles {
        let name = profile.name.iter().map(|text| (Field::Name, text));
        let owner = profile.owner.iter().map(|text| (Field::Owner, text));
        let interfaces = profile.interfaces.iter().map(|text| (Field::Interface, text));
        let matches = name.chain(owner).chain(interfaces).filter_map(|(field, text)| {
            Some((match_text(field, &text.to_lowercase(), &query)?, text.as_str(), root))
        });
        found.extend(matches.min());
    }
    found.sort();
    found.truncate(limit);
    let hit = |(fit, text, root): (Match, &str, &Root)| Hit {
        root: root.clone(),
        field: fit.field,
        text: text.to_owned(),
    };
    found.into_iter().map(hit).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Whole,
    Start,
    Inside,
    /// With how many other letters between the first and the last one.
    Scattered(usize),
}

/// How well `query` matches; both in lower case.
fn rank(text: &str, query: &str) -> Option<Rank> {
    if text == query {
        return Some(Rank::Whole);
    }
    match text.find(query) {
        Some(0) => return Some(Rank::Start),
        Some(_) => return Some(Rank::Inside),
        None => {}
    }
    let mut letters = query.chars();
    let mut wanted = letters.next()?;
    let (mut first, mut between) = (None, 0);
    for (at, letter) in text.chars().enumerate() {
        if letter == wanted {
            let start = *first.get_or_insert(at);
            match letters.next() {
                Some(next) => wanted = next,
                None => return Some(Rank::Scattered(at + 1 - start - (between + 1))),
            }
            between += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str) -> Vec<String> {
        let profile = |name: &str, owner: &str, interface: &str| Profile {
            name: Some(name.to_owned()),
            owner: Some(owner.to_owned()),
            interfaces: vec![interface.to_owned()],
            ..Profile::default()
        };
        let all = [
            (Root::from("/f/a"), profile("payments", "team/core", "rest-api")),
            (Root::from("/f/b"), profile("pay", "team/billing", "events")),
            (Root::from("/f/c"), profile("repayment", "team/core", "payouts")),
            (Root::from("/f/d"), profile("proxy", "alice", "admin")),
        ];
        let hits = search(all.iter().map(|(root, profile)| (root, profile)), query, 10);
        hits.into_iter()
            .map(|hit| format!("{} {:?} {}", hit.root.name(), hit.field, hit.text))
            .collect()
    }

    #[test]
    fn the_best_match_comes_first() {
        // A name's middle counts less than an interface's beginning.
        assert_eq!(found("pay"), ["b Name pay", "a Name payments", "c Interface payouts"]);
        assert_eq!(found("CORE"), ["a Owner team/core", "c Owner team/core"]);
        assert_eq!(found("pym"), ["a Name payments", "c Name repayment"]);
        assert_eq!(found("admin"), ["d Interface admin"]);
        assert_eq!(found("zzz"), Vec::<String>::new());
        assert_eq!(found("").len(), 4);
    }
}
