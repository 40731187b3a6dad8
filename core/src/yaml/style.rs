//! How a file is indented, so that what is added to it looks like the rest.

use super::{Kind, Tree};

/// The indentation of a file, in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Of a mapping below its key.
    pub step: usize,
    /// Of a list's dashes below their key; they may stand at its own column.
    pub list: usize,
}

impl Style {
    /// What the first mapping and the first list show; two columns where there is none.
    pub fn of(tree: &Tree) -> Style {
        let below = |kind: Kind| {
            tree.ids().filter(|&id| tree.kind(id) == kind).find_map(|id| {
                let pair = tree.parent(id).filter(|&pair| tree.kind(pair) == Kind::Pair)?;
                let map = tree.parent(pair).filter(|&map| tree.kind(map) == Kind::BlockMap)?;
                tree.node(id).mark.checked_sub(tree.node(map).mark)
            })
        };
        let step = below(Kind::BlockMap).filter(|step| (1..=8).contains(step));
        let list = below(Kind::BlockSeq).filter(|step| *step <= 8);
        let step = step.or(list.filter(|step| *step > 0)).unwrap_or(2) as usize;
        Style { step, list: list.map_or(step, |list| list as usize) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    #[test]
    fn the_first_mapping_and_the_first_list_decide() {
        let style = |text: &str| {
            let Style { step, list } = Style::of(&parse(text));
            (step, list)
        };
        assert_eq!(style("a: 1\n"), (2, 2));
        assert_eq!(style("a:\n    b: 1\n"), (4, 4));
        assert_eq!(style("a:\n    b: 1\nc:\n  - d\n"), (4, 2));
        assert_eq!(style("a:\n- b: 1\n"), (2, 0));
        assert_eq!(style("a:\n    - b: 1\n"), (4, 4));
        assert_eq!(style("- a:\n     b: 1\n"), (3, 3));
    }
}
