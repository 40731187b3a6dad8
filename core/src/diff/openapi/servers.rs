//! Servers and their variables.

use super::compare::Differ;
use super::model::{base_path, path_of};
use crate::diff::class::ChangeType::{self, Added, Modified, Removed};
use crate::diff::docs::At;
use crate::diff::path::keyed;
use crate::diff::rules::openapi as rules;

fn host_of(url: &str) -> String {
    let path = path_of(url);
    let url = url.trim_end_matches('/');
    url.strip_suffix(path.as_str()).unwrap_or(url).to_owned()
}

fn list<'a>(at: At<'a>) -> Vec<(String, At<'a>)> {
    let servers = at.get("servers").map_or(Vec::new(), |list| list.items().collect());
    let url = |server: At<'a>| Some((server.text("url")?.to_owned(), server));
    let mut list: Vec<(String, At<'a>)> = servers.into_iter().filter_map(url).collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list
}

impl<'a> Differ<'_, '_, 'a> {
    /// The servers at `old` and `new`: of the document, or of an operation. `is_moved`: paths
    /// account for another base path.
    pub fn servers(&mut self, base: &str, old: At<'a>, new: At<'a>, is_moved: bool) {
        let (mut was, mut is) = (list(old), list(new));
        let anchor = new.get("servers").map(At::spot).or(Some(new.spot()));
        let mut i = 0;
        while i < was.len() {
            let same = is.iter().position(|(url, _)| {
                *url == was[i].0 || is_moved && host_of(url) == host_of(&was[i].0)
            });
            match same {
                Some(at) => {
                    let ((_, a), (url, b)) = (was.remove(i), is.remove(at));
                    self.variables(&keyed(base, "servers", &url), a, b);
                }
                None => i += 1,
            }
        }
        let is_root = base == "openapi";
        let bases = (base_path(self.old), base_path(self.new));
        let is_everywhere = is_root
            && !was.is_empty()
            && was.len() == is.len()
            && matches!(&bases, (Some(a), Some(b)) if a != b);
        if was.len() == is.len() && (is_everywhere || was.len() == 1) {
            for ((a_url, a), (b_url, b)) in was.into_iter().zip(is) {
                let rule = if is_everywhere {
                    rules::SERVER_BASE_PATH_CHANGED
                } else {
                    rules::SERVER_CHANGED
                };
                let path = keyed(base, "servers", &b_url);
                let row = self.row(rule, Modified, path, Some(a), Some(b));
                row.old = Some(a_url.into());
                row.new = Some(b_url.into());
            }
            return;
        }
        for (url, at) in was {
            let row = self.row(
                rules::SERVER_REMOVED,
                Removed,
                keyed(base, "servers", &url),
                Some(at),
                None,
            );
            row.old = Some(url.into());
            self.anchored(anchor);
        }
        for (url, at) in is {
            let row =
                self.row(rules::SERVER_ADDED, Added, keyed(base, "servers", &url), None, Some(at));
            row.new = Some(url.into());
        }
    }

    fn variables(&mut self, base: &str, old: At<'a>, new: At<'a>) {
        let Some(variables) = old.get("variables") else { return };
        for (name, was) in variables.entries() {
            let Some(is) = new.get("variables").and_then(|all| all.get(name)) else { continue };
            let path = keyed(base, "variables", name);
            let values = |at: At<'a>| -> Vec<At<'a>> {
                at.get("enum").map_or(Vec::new(), |list| list.items().collect())
            };
            let kept = values(is);
            if values(was).is_empty() != kept.is_empty() {
                let rule = match kept.is_empty() {
                    true => rules::SERVER_VARIABLE_ENUM_DROPPED,
                    false => rules::SERVER_VARIABLE_ENUM_INTRODUCED,
                };
                let (x, y) = (was.get("enum"), is.get("enum"));
                let ty = ChangeType::of(x.is_some(), y.is_some());
                let row = self.row(rule, ty, format!("{path}.enum"), x, y);
                row.old = x.map(At::json);
                row.new = y.map(At::json);
                self.anchored(Some(is.spot()));
            }
            for value in values(was) {
                let is_kept = kept.iter().any(|v| v.value.as_str() == value.value.as_str());
                if !is_kept && !kept.is_empty() {
                    let path = keyed(&path, "enum", value.value.as_str().unwrap_or(""));
                    let row = self.row(
                        rules::SERVER_VARIABLE_ENUM_REMOVED,
                        Removed,
                        path,
                        Some(value),
                        None,
                    );
                    row.old = Some(value.json());
                    self.anchored(Some(is.spot()));
                }
            }
            let (a, b) = (was.get("default"), is.get("default"));
            if a.map(At::json) != b.map(At::json) {
                let path = format!("{path}.default");
                let row = self.row(rules::SERVER_VARIABLE_DEFAULT_CHANGED, Modified, path, a, b);
                row.old = a.map(At::json);
                row.new = b.map(At::json);
            }
        }
    }
}
