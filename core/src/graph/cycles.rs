//! Which nodes of a graph lie on a cycle.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

/// The nodes reachable from `roots` that lie on a cycle: those of strongly connected components of
/// more than one node (Tarjan 1972, without recursion). A node's edge to itself does not count.
pub fn cyclic_nodes<'a, N: Clone + Eq + Hash>(
    roots: &'a [N],
    successors: impl Fn(&N) -> &'a [N],
) -> FxHashSet<N> {
    let mut walk = Walk {
        index: FxHashMap::default(),
        nodes: Vec::new(),
        low: Vec::new(),
        is_open: Vec::new(),
        stack: Vec::new(),
        cyclic: FxHashSet::default(),
    };
    for root in roots {
        if !walk.index.contains_key(root) {
            walk.component_of(root, &successors);
        }
    }
    walk.cyclic
}

struct Walk<'a, N> {
    index: FxHashMap<&'a N, usize>,
    nodes: Vec<&'a N>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    stack: Vec<usize>,
    cyclic: FxHashSet<N>,
}

impl<'a, N: Clone + Eq + Hash> Walk<'a, N> {
    fn enter(&mut self, node: &'a N) -> usize {
        let id = self.nodes.len();
        self.index.insert(node, id);
        self.nodes.push(node);
        self.low.push(id);
        self.is_open.push(true);
        self.stack.push(id);
        id
    }

    fn component_of(&mut self, root: &'a N, successors: &impl Fn(&N) -> &'a [N]) {
        let mut work = vec![(self.enter(root), 0)];
        while let Some((node, edge)) = work.pop() {
            let Some(target) = successors(self.nodes[node]).get(edge) else {
                self.leave(node);
                if let Some(&(parent, _)) = work.last() {
                    self.low[parent] = self.low[parent].min(self.low[node]);
                }
                continue;
            };
            work.push((node, edge + 1));
            match self.index.get(target) {
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
                self.cyclic.insert(self.nodes[member].clone());
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
        let found = cyclic_nodes(&roots, |name| graph[name.as_str()].as_slice());
        let mut found: Vec<String> = found.into_iter().collect();
        found.sort();
        assert_eq!(found, ["b", "c"]);
    }
}
