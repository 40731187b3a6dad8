//! Security requirements of operations, and the schemes behind them.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Differ;
use super::model::{Api, Keys};
use crate::diff::class::ChangeType::{Added, Modified, Removed};
use crate::diff::class::Class;
use crate::diff::docs::{At, equal};
use crate::diff::path::keyed;
use crate::diff::rule::Rule;
use crate::diff::rules::openapi as rules;

/// One way to authenticate: schemes with their scopes.
struct Alternative<'a> {
    schemes: BTreeMap<&'a str, BTreeSet<&'a str>>,
    at: At<'a>,
}

impl Alternative<'_> {
    fn name(&self) -> String {
        self.schemes.keys().copied().collect::<Vec<_>>().join("+")
    }

    /// Whether whoever satisfies `other` satisfies this.
    fn is_within(&self, other: &Alternative<'_>) -> bool {
        self.schemes.iter().all(|(scheme, scopes)| {
            other.schemes.get(scheme).is_some_and(|known| scopes.is_subset(known))
        })
    }
}

/// The requirements of an operation, its own or the document's.
fn alternatives<'a>(api: &Api<'_, 'a>, operation: At<'a>) -> Vec<Alternative<'a>> {
    let list = operation.get("security").or_else(|| api.root.get("security"));
    let items = list.map_or(Vec::new(), |list| list.items().collect());
    let one = |at: At<'a>| {
        let scopes = |at: At<'a>| at.value.items().iter().filter_map(|v| v.as_str()).collect();
        let schemes = at.entries().map(|(name, at)| (name, scopes(at))).collect();
        Alternative { schemes, at }
    };
    items.into_iter().map(one).collect()
}

/// For each old alternative the new one of the same schemes that fits best: with the same scopes, else
/// with fewer, else with others.
fn partners(old: &[Alternative<'_>], new: &[Alternative<'_>]) -> Vec<Option<usize>> {
    let fits: [fn(&Alternative<'_>, &Alternative<'_>) -> bool; 3] = [
        |a, b| a.schemes == b.schemes,
        |a, b| a.name() == b.name() && b.is_within(a),
        |a, b| a.name() == b.name(),
    ];
    let mut partners: Vec<Option<usize>> = vec![None; old.len()];
    for fit in fits {
        for (i, a) in old.iter().enumerate() {
            if partners[i].is_none() {
                let is_free = |at: &usize| !partners.contains(&Some(*at));
                partners[i] = (0..new.len()).filter(is_free).find(|at| fit(a, &new[*at]));
            }
        }
    }
    partners
}

impl<'a> Differ<'_, '_, 'a> {
    pub fn security(&mut self, base: &str, old: At<'a>, new: At<'a>) {
        let (was, is) = (alternatives(self.old, old), alternatives(self.new, new));
        let is_open = |list: &[Alternative<'_>]| {
            list.is_empty() || list.iter().any(|alternative| alternative.schemes.is_empty())
        };
        let anchor = new.get("security").map_or(new.spot(), At::spot);
        match (is_open(&was), is_open(&is)) {
            (true, true) => return,
            (true, false) => {
                for b in &is {
                    self.alternative(rules::SECURITY_ADDED, base, None, Some(b));
                }
                return;
            }
            (false, true) => {
                for a in &was {
                    self.alternative(rules::SECURITY_REMOVED, base, Some(a), None);
                    self.anchored(Some(anchor));
                }
                return;
            }
            (false, false) => {}
        }
        let partners = partners(&was, &is);
        for (a, partner) in was.iter().zip(&partners) {
            match partner {
                Some(at) => self.scopes(base, a, &is[*at]),
                None => {
                    let rule = match is.iter().any(|b| b.is_within(a)) {
                        true => rules::SECURITY_REMOVED,
                        false => rules::SECURITY_ALTERNATIVE_LOST,
                    };
                    self.alternative(rule, base, Some(a), None);
                    self.anchored(Some(anchor));
                }
            }
        }
        for (at, b) in is.iter().enumerate() {
            if !partners.contains(&Some(at)) {
                self.alternative(rules::SECURITY_ALTERNATIVE_ADDED, base, None, Some(b));
            }
        }
    }

    fn alternative(
        &mut self,
        rule: &'static Rule,
        base: &str,
        old: Option<&Alternative<'a>>,
        new: Option<&Alternative<'a>>,
    ) {
        let Some(name) = old.or(new).map(Alternative::name) else { return };
        let ty = if old.is_some() { Removed } else { Added };
        let path = keyed(base, "security", &name);
        let row = self.row(rule, ty, path, old.map(|a| a.at), new.map(|b| b.at));
        row.old = old.map(|_| name.as_str().into());
        row.new = new.map(|_| name.as_str().into());
    }

    fn scopes(&mut self, base: &str, a: &Alternative<'a>, b: &Alternative<'a>) {
        for (scheme, was) in &a.schemes {
            let none = BTreeSet::new();
            let is = b.schemes.get(scheme).unwrap_or(&none);
            let base = keyed(base, "security", scheme);
            for scope in was.difference(is) {
                let path = keyed(&base, "scopes", scope);
                let row = self.row(rules::SECURITY_SCOPE_REMOVED, Removed, path, Some(a.at), None);
                row.old = Some((*scope).into());
                self.anchored(Some(b.at.spot()));
            }
            for scope in is.difference(was) {
                let path = keyed(&base, "scopes", scope);
                let row = self.row(rules::SECURITY_SCOPE_ADDED, Added, path, None, Some(b.at));
                row.new = Some((*scope).into());
            }
        }
    }

    pub fn security_schemes(&mut self) {
        let all = |api: &Api<'_, 'a>| {
            let at = api.root.get("components").and_then(|c| c.get("securitySchemes"));
            api.named(at, Keys::Names)
        };
        let (was, is) = (all(self.old), all(self.new));
        let base = "openapi.components";
        for a in &was {
            let path = keyed(base, "securitySchemes", &a.name);
            match is.iter().find(|b| b.name == a.name) {
                Some(b) => self.scheme(&path, a.at, b.at),
                // A scheme that operations use is missed there.
                None => {
                    let row =
                        self.row(rules::SECURITY_SCHEME_REMOVED, Removed, path, Some(a.key), None);
                    row.old = Some(a.name.as_str().into());
                }
            }
        }
        for b in is.iter().filter(|b| !was.iter().any(|a| a.name == b.name)) {
            let path = keyed(base, "securitySchemes", &b.name);
            let row = self.row(rules::SECURITY_SCHEME_ADDED, Added, path, None, Some(b.key));
            row.new = Some(b.name.as_str().into());
        }
    }

    fn scheme(&mut self, path: &str, old: At<'a>, new: At<'a>) {
        for (keys, rule) in [
            (&["type"][..], rules::SECURITY_SCHEME_TYPE_CHANGED),
            (&["in", "name"][..], rules::SECURITY_SCHEME_LOCATION_CHANGED),
            (&["scheme"][..], rules::SECURITY_SCHEME_HTTP_SCHEME_CHANGED),
            (&["openIdConnectUrl"][..], rules::OAUTH_URL_CHANGED),
            (&["bearerFormat"][..], rules::BEARER_FORMAT_CHANGED),
        ] {
            let texts = |at: At<'a>| keys.iter().map(|key| at.text(key)).collect::<Vec<_>>();
            // Names of HTTP schemes are case-insensitive (RFC 9110, 11.1).
            let is_same_scheme = || {
                let lower = |at: At<'a>| at.text("scheme").map(str::to_ascii_lowercase);
                keys == ["scheme"] && lower(old) == lower(new)
            };
            if texts(old) == texts(new) || is_same_scheme() {
                continue;
            }
            let first = |at: At<'a>| keys.iter().find_map(|key| at.get(key));
            let (a, b) = (first(old), first(new));
            let shown = |at: At<'a>| texts(at).into_iter().flatten().collect::<Vec<_>>().join(" ");
            let step = format!("{path}.{}", keys[0]);
            let row = self.row(rule, Modified, step, a.or(Some(old)), b.or(Some(new)));
            row.old = Some(shown(old).into());
            row.new = Some(shown(new).into());
            if rule == rules::SECURITY_SCHEME_TYPE_CHANGED {
                return;
            }
        }
        self.flows(path, old, new);
    }

    fn flows(&mut self, path: &str, old: At<'a>, new: At<'a>) {
        let flows = |at: At<'a>| -> Vec<(&'a str, At<'a>)> {
            at.get("flows").map_or(Vec::new(), |flows| flows.entries().collect())
        };
        let (was, is) = (flows(old), flows(new));
        let find = |list: &[(&str, At<'a>)], name: &str| {
            list.iter().find(|(other, _)| *other == name).map(|(_, at)| *at)
        };
        for (name, a) in &was {
            let path = keyed(path, "flows", name);
            match find(&is, name) {
                Some(b) => self.flow(&path, *a, b),
                None => {
                    let row = self.row(rules::OAUTH_FLOW_REMOVED, Removed, path, Some(*a), None);
                    row.old = Some((*name).into());
                    self.anchored(Some(new.spot()));
                }
            }
        }
        for (name, b) in is.iter().filter(|(name, _)| find(&was, name).is_none()) {
            let path = keyed(path, "flows", name);
            let row = self.row(rules::OAUTH_FLOW_ADDED, Added, path, None, Some(*b));
            row.new = Some((*name).into());
        }
    }

    fn flow(&mut self, path: &str, a: At<'a>, b: At<'a>) {
        for key in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
            if a.text(key) != b.text(key) {
                let (x, y) = (a.get(key), b.get(key));
                let step = format!("{path}.{key}");
                let row = self.row(
                    rules::OAUTH_URL_CHANGED,
                    Modified,
                    step,
                    x.or(Some(a)),
                    y.or(Some(b)),
                );
                row.old = x.map(At::json);
                row.new = y.map(At::json);
            }
        }
        let scopes = |at: At<'a>| -> Vec<(&'a str, At<'a>)> {
            at.get("scopes").map_or(Vec::new(), |scopes| scopes.entries().collect())
        };
        let (was, is) = (scopes(a), scopes(b));
        for (name, at) in &was {
            let kept = is.iter().find(|(other, _)| other == name);
            if let Some((_, new)) = kept.filter(|(_, new)| !equal(at.value, new.value)) {
                let path = keyed(path, "scopes", name);
                let row =
                    self.row(rules::ANNOTATION_CHANGED, Modified, path, Some(*at), Some(*new));
                row.old = Some(at.json());
                row.new = Some(new.json());
            }
            if kept.is_none() {
                let is_needed = self.is_scope_needed(name);
                let path = keyed(path, "scopes", name);
                let row = self.row(rules::OAUTH_SCOPE_REMOVED, Removed, path, Some(*at), None);
                row.old = Some((*name).into());
                if is_needed {
                    row.class = Class::Breaking;
                }
                self.anchored(Some(b.spot()));
            }
        }
        for (name, at) in is.iter().filter(|(name, _)| !was.iter().any(|(other, _)| other == name))
        {
            let path = keyed(path, "scopes", name);
            let row = self.row(rules::OAUTH_SCOPE_ADDED, Added, path, None, Some(*at));
            row.new = Some((*name).into());
        }
    }

    /// Whether an operation of the new document demands a scope.
    fn is_scope_needed(&self, scope: &str) -> bool {
        let demands = |at: At<'a>| {
            alternatives(self.new, at)
                .iter()
                .any(|alternative| alternative.schemes.values().any(|all| all.contains(scope)))
        };
        let items = self.new.path_items("paths");
        items.iter().flat_map(|item| self.new.operations(item)).any(|o| demands(o.at))
    }
}
