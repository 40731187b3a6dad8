//! The outline of a file of any kind.

use super::proto_outline;
use super::site::Site;
use super::symbols::{Symbol, symbols};
use crate::db;

/// The outline of a file of a bundle.
pub fn outline(site: &Site<'_>) -> Vec<Symbol> {
    if site.is_proto() {
        let proto = db::proto(site.db, site.file()).ready();
        return proto.map_or_else(Vec::new, proto_outline::outline);
    }
    site.tree().map_or_else(Vec::new, symbols)
}
