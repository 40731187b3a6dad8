//! From a node to its document path.

use super::{DocPath, Kind, NodeId, Segment, Tree};

/// The document path of a node.
pub fn path_of(tree: &Tree, node: NodeId) -> DocPath {
    let mut segments = Vec::new();
    for id in tree.ancestors(node) {
        match tree.kind(id) {
            Kind::Pair => segments.push(Segment::Key(tree.scalar_text(tree.key(id)).into_owned())),
            Kind::Item => {
                let parent = tree.parent(id).unwrap_or(NodeId::ROOT);
                let items = tree.children(parent).filter(|&c| tree.kind(c) == Kind::Item);
                segments.push(Segment::Index(items.take_while(|&c| c != id).count()));
            }
            _ => {}
        }
    }
    segments.reverse();
    DocPath(segments)
}

/// The node at a document path, as deep as it exists.
pub fn node_at(tree: &Tree, path: &DocPath) -> Option<NodeId> {
    let mut at = tree.root_value()?;
    for segment in &path.0 {
        at = match segment {
            Segment::Key(key) => tree.value(tree.pair(at, key)?),
            Segment::Index(index) => tree.items(at).nth(*index)?,
        };
    }
    Some(at)
}
