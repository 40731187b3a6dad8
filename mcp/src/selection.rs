//! Which tools a server has.

use pacto_core::check::nearest;
use pacto_edge::session::Error;

use crate::tool::{Effect, Set, Tool};
use crate::tools;

/// What a person chose.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Names of toolsets; empty for all.
    pub sets: Vec<String>,
    /// Tools beside those of the sets.
    pub with: Vec<String>,
    /// Tools that are left out.
    pub without: Vec<String>,
    /// Whether nothing is written, whatever else is chosen.
    pub is_read_only: bool,
}

/// The tools of one server, by name.
pub struct Selection {
    chosen: Vec<&'static Tool>,
    is_read_only: bool,
}

/// What a name stands for.
pub enum Named {
    Chosen(&'static Tool),
    /// It writes, and nothing may be written.
    ReadOnly,
    Unknown,
}

impl Selection {
    /// # Errors
    /// A name that no set and no tool has.
    pub fn new(choice: &Choice) -> Result<Selection, Error> {
        let sets = || Set::ALL.into_iter().map(Set::text);
        for name in choice.sets.iter().filter(|name| *name != "all") {
            if !sets().any(|set| set == name) {
                return Err(unknown("--toolsets", name, sets().chain(["all"])));
            }
        }
        for (flag, names) in [("--tools", &choice.with), ("--exclude-tools", &choice.without)] {
            for name in names {
                if tools::by_name(name).is_none() {
                    return Err(unknown(flag, name, tools::names()));
                }
            }
        }
        let is_all = choice.sets.is_empty() && choice.with.is_empty()
            || choice.sets.iter().any(|set| set == "all");
        let is_chosen = |tool: &&'static Tool| {
            let is_in = is_all
                || choice.sets.iter().any(|set| set == tool.set.text())
                || choice.with.iter().any(|name| name == tool.name);
            is_in
                && !choice.without.iter().any(|name| name == tool.name)
                && !(choice.is_read_only && tool.effect != Effect::Reads)
        };
        let chosen = tools::all().filter(is_chosen).collect();
        Ok(Selection { chosen, is_read_only: choice.is_read_only })
    }

    pub fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        self.chosen.iter().copied()
    }

    pub fn find(&self, name: &str) -> Named {
        match self.tools().find(|tool| tool.name == name) {
            Some(tool) => Named::Chosen(tool),
            None => match tools::by_name(name) {
                Some(tool) if self.is_read_only && tool.effect != Effect::Reads => Named::ReadOnly,
                _ => Named::Unknown,
            },
        }
    }
}

fn unknown<'a>(flag: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.collect();
    let error = Error::usage(format!("{flag}: there is no \"{name}\""));
    match nearest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near}? There are {}", known.join(", "))),
        None => error.hint(format!("there are {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(choice: &Choice) -> Vec<&'static str> {
        let selection = Selection::new(choice).unwrap_or_else(|error| panic!("{error}"));
        selection.tools().map(|tool| tool.name).collect()
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn tools_are_chosen_by_set_and_by_name() {
        assert_eq!(names(&Choice::default()).len(), 18);
        let read_only = Choice { is_read_only: true, ..Choice::default() };
        let left = names(&read_only);
        assert_eq!(left.len(), 16);
        assert!(!left.contains(&"pacto_create") && !left.contains(&"pacto_edit"));
        // Nothing brings a writer back.
        let tools = Choice { with: list(&["pacto_edit"]), ..read_only };
        assert!(names(&tools).is_empty());
        let fleet = Choice {
            sets: list(&["fleet"]),
            with: list(&["pacto_check"]),
            without: list(&["pacto_diff"]),
            ..Choice::default()
        };
        let found = names(&fleet);
        assert_eq!(
            found,
            ["pacto_check", "pacto_graph", "pacto_impact", "pacto_list_versions", "pacto_search"]
        );
        for wrong in [
            Choice { sets: list(&["fleets"]), ..Choice::default() },
            Choice { with: list(&["pacto_dif"]), ..Choice::default() },
            Choice { without: list(&["x"]), ..Choice::default() },
        ] {
            let error = Selection::new(&wrong).map(|_| ()).expect_err("an unknown name");
            assert!(error.hint.is_some_and(|hint| hint.contains("here are ")));
        }
    }
}
