//! Which nodes of a graph lie on a cycle.

use rustc_hash::{FxHashMap, FxHashSet};

/// The nodes reachable from `roots` that lie on a cycle: those of strongly connected components of
/// more than one node (Tarjan 1972, without recursion). A node's edge to itself does not count.
pub fn cyclic_nodes<'a>(
    roots: &'a [String],
    successors: impl Fn(&str) -> &'a [String],
) -> FxHashSet<String> {
    let mut walk = Walk::default();
    for root in roots {
        if !walk.index.contains_key(root.as_str()) {
            walk.component_of(root, &successors);
        }
    }
    walk.cyclic
}

#[derive(Default)]
struct Walk<'a> {
    index: FxHashMap<&'a str, usize>,
    names: Vec<&'a str>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    stack: Vec<usize>,
    cyclic: FxHashSet<String>,
}

impl<'a> Walk<'a> {
    fn enter(&mut self, name: &'a str) -> usize {
        let id = self.names.len();
        self.index.insert(name, id);
        self.names.push(name);
        self.low.push(id);
        self.is_open.push(true);
        self.stack.push(id);
        id
    }

    fn component_of(&mut self, root: &'a str, successors: &impl Fn(&str) -> &'a [String]) {
        let mut work = vec![(self.enter(root), 0)];
        while let Some((node, edge)) = work.pop() {
            let Some(target) = successors(self.names[node]).get(edge) else {
                self.leave(node);
                if let Some(&(parent, _)) = work.last() {
                    self.low[parent] = self.low[parent].min(self.low[node]);
                }
                continue;
            };
            work.push((node, edge + 1));
            match self.index.get(target.as_str()) {
                Some(&seen) if self.is_open[seen] => self.low[node] = self.low[node].min(seen),
                Some(_) => {}
                None => work.push((self.enter(target), 0)),
            }
        }
    }

    /// Closes the component whose first node this is.
    fn leave(&mut self, node: usize) {
        if self.low[node] != node {
            return;
        }
        let Some(at) = self.stack.iter().rposition(|&n| n == node) else { return };
        let component = self.stack.split_off(at);
        for &member in &component {
            self.is_open[member] = false;
            if component.len() > 1 {
                self.cyclic.insert(self.names[member].to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nodes_on_a_cycle_are_found() {
        let graph: FxHashMap<&str, Vec<String>> = [
            ("a", vec!["b"]),
            ("b", vec!["c", "d"]),
            ("c", vec!["b"]),
            ("d", vec!["d"]),
            ("e", vec!["a", "e"]),
        ]
        .into_iter()
        .map(|(k, v)| (k, v.into_iter().map(str::to_owned).collect()))
        .collect();
        let roots = ["e".to_owned(), "a".to_owned()];
        let found = cyclic_nodes(&roots, |name| graph[name].as_slice());
        let mut found: Vec<String> = found.into_iter().collect();
        found.sort();
        assert_eq!(found, ["b", "c"]);
    }
}
