//! Comparing two AsyncAPI documents: servers, channels, operations.

use std::collections::BTreeSet;

use super::model::{Api, Channel, Listed, Operation, flipped};
use crate::diff::change::Change;
use crate::diff::class::{ChangeType, Class, Side};
use crate::diff::docs::{At, equal, same};
use crate::diff::path::keyed;
use crate::diff::rule::{Column, Lens, Rule};
use crate::diff::rules::events as rules;
use crate::diff::schema::{Comparison, lone};

pub struct Differ<'c, 's, 'a> {
    pub old: &'c Api<'s, 'a>,
    pub new: &'c Api<'s, 'a>,
    pub comparison: Comparison<'s, 'a>,
    pub rows: Vec<Change>,
}

/// What leads messages: to change it is to change the place.
const KEYS: [&str; 7] = ["topic", "exchange", "queue", "routingKey", "key", "name", "destination"];

impl<'a> Differ<'_, '_, 'a> {
    pub fn row(
        &mut self,
        rule: &'static Rule,
        path: String,
        old: Option<At<'a>>,
        new: Option<At<'a>>,
    ) -> &mut Change {
        let ty = ChangeType::of(old.is_some(), new.is_some());
        let mut change = Change::new(rule, ty, path);
        change.old_at = old.map(|at| self.old.schemas.docs.anchor(at.spot()));
        change.new_at = new.map(|at| self.new.schemas.docs.anchor(at.spot()));
        change.anchor.clone_from(&change.new_at);
        self.rows.push(change);
        self.rows.last_mut().expect("a row was pushed")
    }

    pub fn anchored(&mut self, at: At<'a>) {
        let anchor = self.new.schemas.docs.anchor(at.spot());
        if let Some(row) = self.rows.last_mut() {
            row.anchor.get_or_insert(anchor);
        }
    }

    /// A row with both values as written, if they differ.
    pub fn text_row(
        &mut self,
        rule: &'static Rule,
        path: &str,
        old: Option<At<'a>>,
        new: Option<At<'a>>,
        anchor: At<'a>,
    ) {
        if !same(old, new) {
            let row = self.row(rule, path.to_owned(), old, new);
            row.old = old.map(At::json);
            row.new = new.map(At::json);
            self.anchored(anchor);
        }
    }

    pub fn schema(
        &mut self,
        path: &str,
        side: Side,
        old: Option<At<'a>>,
        new: Option<At<'a>>,
        anchor: At<'a>,
    ) {
        let lens = Lens::new(side);
        match (old, new) {
            (Some(a), Some(b)) => {
                let (a, b) = (self.old.schemas.at(a), self.new.schemas.at(b));
                let pair = self.comparison.compare(a, b, lens);
                let rows = self.comparison.rows(pair, path);
                self.rows.extend(rows);
            }
            (None, None) => {}
            (a, b) => {
                let old = a.map(|at| self.old.schemas.docs.anchor(at.spot()));
                let new = b.map(|at| self.new.schemas.docs.anchor(at.spot()));
                self.rows.push(lone(lens, path, old, new.clone(), new));
                self.anchored(anchor);
            }
        }
    }

    pub fn annotations(&mut self, path: &str, old: At<'a>, new: At<'a>) {
        const WORDS: [&str; 6] =
            ["title", "summary", "description", "tags", "externalDocs", "examples"];
        let is_one = |key: &&str| WORDS.contains(key) || key.starts_with("x-");
        let keys: BTreeSet<&str> =
            old.entries().chain(new.entries()).map(|(key, _)| key).filter(is_one).collect();
        let differs = |key: &&&str| match (old.get(key), new.get(key)) {
            (Some(a), Some(b)) => !equal(a.value, b.value),
            _ => true,
        };
        let changed: Vec<&&str> = keys.iter().filter(differs).collect();
        if changed.is_empty() {
            return;
        }
        let object = |at: At<'a>| -> serde_json::Value {
            let one = |key: &&&str| Some((key.to_string(), at.get(key)?.json()));
            changed.iter().filter_map(one).collect::<serde_json::Map<_, _>>().into()
        };
        let (was, is) = (object(old), object(new));
        let row = self.row(rules::ANNOTATION_CHANGED, path.to_owned(), Some(old), Some(new));
        row.old = Some(was);
        row.new = Some(is);
    }

    pub fn document(&mut self) {
        let (old, new) = (self.old.root, self.new.root);
        let keys: BTreeSet<&str> = [old, new]
            .into_iter()
            .filter_map(|at| at.get("info"))
            .flat_map(At::entries)
            .map(|(k, _)| k)
            .collect();
        for key in keys {
            let find = |at: At<'a>| at.get("info").and_then(|info| info.get(key));
            self.text_row(
                rules::INFO_CHANGED,
                &format!("asyncapi.info.{key}"),
                find(old),
                find(new),
                new,
            );
        }
        if self.old.is_v3 != self.new.is_v3 {
            let path = "asyncapi.dialect".to_owned();
            let (a, b) = (old.get("asyncapi"), new.get("asyncapi"));
            let row = self.row(rules::DIALECT_CHANGED, path, a, b);
            row.old = a.map(At::json);
            row.new = b.map(At::json);
        }
        self.default_content_type(old, new);
        self.servers(old, new);
        self.components(old, new);
        self.channels();
        self.operations();
    }

    fn default_content_type(&mut self, old: At<'a>, new: At<'a>) {
        let word = |at: At<'a>| at.get("defaultContentType");
        let text = |at: At<'a>| at.text("defaultContentType").unwrap_or("application/json");
        if word(old).map(At::json) == word(new).map(At::json) {
            return;
        }
        let is_same = text(old) == text(new);
        let path = "asyncapi.defaultContentType".to_owned();
        let row = self.row(rules::DEFAULT_CONTENT_TYPE_CHANGED, path, word(old), word(new));
        row.old = word(old).map(At::json);
        row.new = word(new).map(At::json);
        if is_same {
            row.class = Class::NonBreaking;
        }
        self.anchored(new);
    }

    fn components(&mut self, old: At<'a>, new: At<'a>) {
        let used = |at: At<'a>| -> BTreeSet<String> {
            crate::spec::references(at.value).map(|(reference, _)| reference.to_string()).collect()
        };
        let (used_old, used_new) = (used(old), used(new));
        for kind in ["schemas", "messages"] {
            let find = |at: At<'a>| at.get("components").and_then(|c| c.get(kind));
            let list = |at: At<'a>| -> Vec<(&'a str, At<'a>)> {
                find(at).into_iter().flat_map(At::entries).collect()
            };
            let pointer = |name: &str| format!("#/components/{kind}/{name}");
            let (was, is) = (list(old), list(new));
            for (name, at) in &was {
                if !is.iter().any(|(other, _)| other == name) && !used_old.contains(&pointer(name))
                {
                    let path = keyed("asyncapi.components", kind, name);
                    self.row(rules::COMPONENT_REMOVED, path, Some(*at), None).old =
                        Some((*name).into());
                    self.anchored(new);
                }
            }
            for (name, at) in &is {
                if !was.iter().any(|(other, _)| other == name) && !used_new.contains(&pointer(name))
                {
                    let path = keyed("asyncapi.components", kind, name);
                    self.row(rules::COMPONENT_ADDED, path, None, Some(*at)).new =
                        Some((*name).into());
                }
            }
        }
    }

    fn servers(&mut self, old: At<'a>, new: At<'a>) {
        let list = |api: &Api<'_, 'a>, at: At<'a>| -> Vec<(&'a str, At<'a>)> {
            let all = at.get("servers").into_iter().flat_map(At::entries);
            let mut all: Vec<_> = all.map(|(name, at)| (name, api.follow(at))).collect();
            all.sort_by_key(|(name, _)| *name);
            all
        };
        let (was, is) = (list(self.old, old), list(self.new, new));
        let anchor = new.get("servers").unwrap_or(new);
        for (name, a) in &was {
            let path = keyed("asyncapi", "servers", name);
            match is.iter().find(|(other, _)| other == name) {
                Some((_, b)) => self.server(&path, *a, *b),
                None => {
                    self.row(rules::SERVER_REMOVED, path, Some(*a), None).old =
                        Some((*name).into());
                    self.anchored(anchor);
                }
            }
        }
        for (name, b) in is.iter().filter(|(name, _)| !was.iter().any(|(other, _)| other == name)) {
            let path = keyed("asyncapi", "servers", name);
            self.row(rules::SERVER_ADDED, path, None, Some(*b)).new = Some((*name).into());
        }
    }

    fn server(&mut self, path: &str, a: At<'a>, b: At<'a>) {
        self.annotations(path, a, b);
        // 2.x has a URL where 3 has host and path.
        let place = |at: At<'a>| -> String {
            match at.text("url") {
                Some(url) => url.split_once("://").map_or(url, |(_, rest)| rest).to_owned(),
                None => format!(
                    "{}{}",
                    at.text("host").unwrap_or(""),
                    at.text("pathname").unwrap_or("")
                ),
            }
        };
        let word = |at: At<'a>| at.get("url").or_else(|| at.get("host")).unwrap_or(at);
        if place(a) != place(b) {
            let path = format!("{path}.host");
            let row = self.row(rules::SERVER_CHANGED, path, Some(word(a)), Some(word(b)));
            row.old = Some(place(a).into());
            row.new = Some(place(b).into());
        }
        for (key, rule) in [
            ("protocol", rules::SERVER_PROTOCOL_CHANGED),
            ("protocolVersion", rules::SERVER_PROTOCOL_VERSION_CHANGED),
        ] {
            self.text_row(rule, &format!("{path}.{key}"), a.get(key), b.get(key), b);
        }
        self.variables(path, a, b);
        self.security(path, a, b);
        self.bindings(path, a.get("bindings"), b.get("bindings"), b);
    }

    fn variables(&mut self, path: &str, a: At<'a>, b: At<'a>) {
        for (name, was) in a.get("variables").into_iter().flat_map(At::entries) {
            let Some(is) = b.get("variables").and_then(|all| all.get(name)) else { continue };
            let path = keyed(path, "variables", name);
            let kept: Vec<At<'a>> = is.get("enum").into_iter().flat_map(At::items).collect();
            let had = was.get("enum").is_some_and(|list| !list.value.items().is_empty());
            if had == kept.is_empty() {
                let rule = match had {
                    true => rules::SERVER_VARIABLE_ENUM_DROPPED,
                    false => rules::SERVER_VARIABLE_ENUM_INTRODUCED,
                };
                self.text_row(rule, &format!("{path}.enum"), was.get("enum"), is.get("enum"), is);
            }
            for value in was.get("enum").into_iter().flat_map(At::items) {
                if !kept.is_empty() && !kept.iter().any(|v| equal(v.value, value.value)) {
                    let path = keyed(&path, "enum", value.value.as_str().unwrap_or(""));
                    let row =
                        self.row(rules::SERVER_VARIABLE_ENUM_REMOVED, path, Some(value), None);
                    row.old = Some(value.json());
                    self.anchored(is);
                }
            }
            let rule = rules::SERVER_VARIABLE_DEFAULT_CHANGED;
            let path = format!("{path}.default");
            self.text_row(rule, &path, was.get("default"), is.get("default"), is);
        }
    }

    fn security(&mut self, path: &str, a: At<'a>, b: At<'a>) {
        let list = |at: At<'a>| -> Vec<At<'a>> {
            at.get("security").into_iter().flat_map(At::items).collect()
        };
        let (was, is) = (list(a), list(b));
        let has = |list: &[At<'a>], at: &At<'a>| list.iter().any(|v| equal(v.value, at.value));
        let path = format!("{path}.security");
        if was.is_empty() && !is.is_empty() {
            self.row(rules::SECURITY_ADDED, path, None, b.get("security"));
            return;
        }
        let lost: Vec<&At<'a>> = was.iter().filter(|at| !has(&is, at)).collect();
        if !lost.is_empty() && !is.is_empty() {
            self.row(rules::SECURITY_ALTERNATIVE_LOST, path, Some(*lost[0]), b.get("security"));
        } else if !lost.is_empty() || is.iter().any(|at| !has(&was, at)) {
            self.row(rules::SECURITY_LOOSENED, path, a.get("security"), b.get("security"));
            self.anchored(b);
        }
    }

    pub fn bindings(
        &mut self,
        path: &str,
        old: Option<At<'a>>,
        new: Option<At<'a>>,
        anchor: At<'a>,
    ) {
        let protocols: BTreeSet<&str> =
            old.into_iter().chain(new).flat_map(At::entries).map(|(name, _)| name).collect();
        for protocol in protocols {
            let find = |at: Option<At<'a>>| at.and_then(|at| at.get(protocol));
            let (a, b) = (find(old), find(new));
            let keys: BTreeSet<&str> =
                a.into_iter().chain(b).flat_map(At::entries).map(|(name, _)| name).collect();
            for key in keys {
                let find = |at: Option<At<'a>>| at.and_then(|at| at.get(key));
                let rule = match KEYS.contains(&key) {
                    true => rules::BINDING_KEY_CHANGED,
                    false => rules::BINDING_CHANGED,
                };
                let path = format!("{}.{key}", keyed(path, "bindings", protocol));
                self.text_row(rule, &path, find(a), find(b), anchor);
            }
        }
    }

    fn channels(&mut self) {
        let (old, new) = (self.old, self.new);
        let mut gone: Vec<&Channel<'a>> = Vec::new();
        let mut come: Vec<&Channel<'a>> = new
            .channels
            .iter()
            .filter(|b| !old.channels.iter().any(|a| a.address == b.address))
            .collect();
        for a in &old.channels {
            let path = keyed("asyncapi", "channels", &a.address);
            match new.channels.iter().find(|b| b.address == a.address) {
                Some(b) => self.channel(&path, a, b),
                None => gone.push(a),
            }
        }
        let anchor = new.root.get("channels").unwrap_or(new.root);
        for a in gone {
            // The keys of channels are names of their own in version 3 alone.
            let same = come.iter().position(|b| old.is_v3 && new.is_v3 && b.name == a.name);
            match same {
                Some(at) => {
                    let b = come.remove(at);
                    let path = keyed("asyncapi", "channels", &b.address);
                    let row = self.row(
                        rules::CHANNEL_ADDRESS_CHANGED,
                        path.clone(),
                        Some(a.key),
                        Some(b.key),
                    );
                    row.old = Some(a.address.as_str().into());
                    row.new = Some(b.address.as_str().into());
                    self.channel(&path, a, b);
                }
                None => {
                    let path = keyed("asyncapi", "channels", &a.address);
                    let row = self.row(rules::CHANNEL_REMOVED, path, Some(a.key), None);
                    row.old = Some(a.address.as_str().into());
                    self.anchored(anchor);
                }
            }
        }
        for b in come {
            let path = keyed("asyncapi", "channels", &b.address);
            let row = self.row(rules::CHANNEL_ADDED, path, None, Some(b.key));
            row.new = Some(b.address.as_str().into());
        }
    }

    fn channel(&mut self, path: &str, a: &Channel<'a>, b: &Channel<'a>) {
        self.annotations(path, a.at, b.at);
        self.channel_parameters(path, a, b);
        self.channel_servers(path, a, b);
        self.bindings(path, a.at.get("bindings"), b.at.get("bindings"), b.key);
        self.messages(path, a, b);
    }

    fn channel_parameters(&mut self, path: &str, a: &Channel<'a>, b: &Channel<'a>) {
        let list = |at: At<'a>| -> Vec<(&'a str, At<'a>)> {
            at.get("parameters").into_iter().flat_map(At::entries).collect()
        };
        let (was, is) = (list(a.at), list(b.at));
        for (name, old) in &was {
            let path = keyed(path, "parameters", name);
            let Some((_, new)) = is.iter().find(|(other, _)| other == name) else {
                let row = self.row(rules::CHANNEL_PARAMETER_REMOVED, path, Some(*old), None);
                row.old = Some((*name).into());
                self.anchored(b.key);
                continue;
            };
            let (x, y) = (self.old.follow(*old), self.new.follow(*new));
            let rule = rules::CHANNEL_PARAMETER_LOCATION_CHANGED;
            let location = format!("{path}.location");
            self.text_row(rule, &location, x.get("location"), y.get("location"), *new);
            // In version 3 a parameter is a schema of texts itself.
            let schema = |at: At<'a>| at.get("schema").or_else(|| at.get("enum").map(|_| at));
            if schema(x).is_some() && schema(y).is_some() {
                self.schema(&format!("{path}.schema"), Side::Both, schema(x), schema(y), *new);
            }
        }
        for (name, new) in is.iter().filter(|(name, _)| !was.iter().any(|(other, _)| other == name))
        {
            let row = self.row(
                rules::CHANNEL_PARAMETER_ADDED,
                keyed(path, "parameters", name),
                None,
                Some(*new),
            );
            row.new = Some((*name).into());
        }
    }

    fn channel_servers(&mut self, path: &str, a: &Channel<'a>, b: &Channel<'a>) {
        let all = |api: &Api<'_, 'a>| -> Vec<(String, At<'a>)> {
            let all = api.root.get("servers").into_iter().flat_map(At::entries);
            all.map(|(name, at)| (name.to_owned(), at)).collect()
        };
        let list = |at: At<'a>| -> Vec<(String, At<'a>)> {
            let all = at.get("servers").into_iter().flat_map(At::items);
            let name = |at: At<'a>| {
                let text = at.value.as_str().or_else(|| at.text("$ref")).unwrap_or("");
                (text.rsplit('/').next().unwrap_or("").to_owned(), at)
            };
            all.map(name).collect()
        };
        let (was, is) = (list(a.at), list(b.at));
        if was.is_empty() && is.is_empty() {
            return;
        }
        // Without a list a channel is on every server. A server that comes or goes as a whole is a
        // row of its own.
        let is_partial = was.is_empty() || is.is_empty();
        let (old, new) = (all(self.old), all(self.new));
        let has =
            |list: &[(String, At<'a>)], name: &str| list.iter().any(|(other, _)| other == name);
        let was = if was.is_empty() { old.clone() } else { was };
        let is = if is.is_empty() { new.clone() } else { is };
        for (name, at) in &was {
            if !has(&is, name) && (!is_partial || has(&new, name)) {
                let path = keyed(path, "servers", name);
                let row = self.row(rules::CHANNEL_SERVER_REMOVED, path, Some(*at), None);
                row.old = Some(name.as_str().into());
                self.anchored(b.key);
            }
        }
        for (name, at) in &is {
            if !has(&was, name) && (!is_partial || has(&old, name)) {
                let path = keyed(path, "servers", name);
                let row = self.row(rules::CHANNEL_SERVER_ADDED, path, None, Some(*at));
                row.new = Some(name.as_str().into());
            }
        }
    }

    fn operations(&mut self) {
        let (old, new) = (self.old, self.new);
        let is_same_version = old.is_v3 == new.is_v3;
        let is_pair = |a: &Operation<'a>, b: &Operation<'a>| {
            let sides = a.side == b.side || a.side == Side::Both || b.side == Side::Both;
            match (is_same_version, new.is_v3) {
                (true, true) => a.name == b.name,
                (true, false) => a.name == b.name && a.address == b.address,
                (false, _) => a.address == b.address && sides,
            }
        };
        let mut taken = BTreeSet::new();
        let anchor =
            new.root.get("operations").or_else(|| new.root.get("channels")).unwrap_or(new.root);
        for a in &old.operations {
            let found = new
                .operations
                .iter()
                .enumerate()
                .find(|(i, b)| !taken.contains(i) && is_pair(a, b));
            match found {
                Some((i, b)) => {
                    taken.insert(i);
                    self.operation(a, b);
                }
                None => {
                    // A channel that is gone says it all.
                    let has_channel = new.channels.iter().any(|c| c.address == a.address);
                    if !old.is_v3 && !has_channel {
                        continue;
                    }
                    let row =
                        self.row(rules::OPERATION_REMOVED, path_of(old, a), Some(a.key), None);
                    row.old = Some(a.name.as_str().into());
                    self.anchored(anchor);
                }
            }
        }
        for (i, b) in new.operations.iter().enumerate() {
            let has_channel = old.channels.iter().any(|c| c.address == b.address);
            if !taken.contains(&i) && (new.is_v3 || has_channel) {
                let row = self.row(rules::OPERATION_ADDED, path_of(new, b), None, Some(b.key));
                row.new = Some(b.name.as_str().into());
            }
        }
    }

    fn operation(&mut self, a: &Operation<'a>, b: &Operation<'a>) {
        let path = path_of(self.new, b);
        self.annotations(&path, a.at, b.at);
        let is_v3 = self.old.is_v3 && self.new.is_v3;
        if is_v3 && a.side != b.side {
            let (x, y) = (a.at.get("action"), b.at.get("action"));
            self.text_row(rules::OPERATION_ACTION_CHANGED, &format!("{path}.action"), x, y, b.key);
        }
        if is_v3 && a.address != b.address {
            // Where the channel's own address changed, that is said there.
            let is_moved = self.old.channels.iter().any(|old| {
                old.address == a.address
                    && self
                        .new
                        .channels
                        .iter()
                        .any(|c| c.name == old.name && c.address == b.address)
            });
            if !is_moved {
                let (x, y) = (a.at.get("channel"), b.at.get("channel"));
                let row =
                    self.row(rules::OPERATION_CHANNEL_CHANGED, format!("{path}.channel"), x, y);
                row.old = Some(a.address.as_str().into());
                row.new = Some(b.address.as_str().into());
            }
        }
        if !self.old.is_v3 && !self.new.is_v3 {
            let (x, y) = (self.old.get(a.at, "operationId"), self.new.get(b.at, "operationId"));
            let rule =
                if y.is_none() { rules::OPERATION_ID_REMOVED } else { rules::OPERATION_ID_CHANGED };
            if x.is_some() {
                self.text_row(rule, &format!("{path}.operationId"), x, y, b.key);
            }
        }
        let (x, y) = (self.old.get(a.at, "bindings"), self.new.get(b.at, "bindings"));
        self.bindings(&path, x, y, b.key);
        self.security(&path, a.at, b.at);
        if is_v3 {
            self.listed(&path, b.side, (&a.messages, &b.messages), b.key);
            let reply = format!("{path}.reply");
            self.listed(&reply, flipped(b.side), (&a.replies, &b.replies), b.key);
        }
        self.reply(&path, a, b);
    }

    /// Messages that an operation took up or dropped. Those that came or went with their channel
    /// are rows of the channel.
    fn listed(
        &mut self,
        path: &str,
        side: Side,
        (was, is): (&[Listed<'a>], &[Listed<'a>]),
        anchor: At<'a>,
    ) {
        let has = |list: &[Listed<'a>], name: &str| list.iter().any(|message| message.name == name);
        let is_known = |api: &Api<'_, 'a>, name: &str| {
            let mut all = api.channels.iter().flat_map(|channel| &channel.messages);
            all.any(|message| message.name == name)
        };
        // Without any, there is no operation of that kind.
        if was.is_empty() || is.is_empty() {
            return;
        }
        for message in was.iter().filter(|message| !has(is, &message.name)) {
            if is_known(self.new, &message.name) {
                let path = keyed(path, "messages", &message.name);
                let row = self.row(rules::MESSAGE_REMOVED, path, Some(message.key), None);
                row.side = Some(side);
                row.old = Some(message.name.as_str().into());
                self.anchored(anchor);
            }
        }
        for message in is.iter().filter(|message| !has(was, &message.name)) {
            if is_known(self.old, &message.name) {
                let path = keyed(path, "messages", &message.name);
                let row = self.row(rules::MESSAGE_ADDED, path, None, Some(message.key));
                row.side = Some(side);
                row.class = added_class(side);
                row.new = Some(message.name.as_str().into());
            }
        }
    }

    fn reply(&mut self, path: &str, a: &Operation<'a>, b: &Operation<'a>) {
        let (x, y) = (self.old.get(a.at, "reply"), self.new.get(b.at, "reply"));
        let path = format!("{path}.reply");
        match (x, y) {
            (None, Some(_)) => {
                self.row(rules::REPLY_ADDED, path, x, y);
            }
            (Some(_), None) => {
                self.row(rules::REPLY_REMOVED, path, x, y);
                self.anchored(b.key);
            }
            (Some(x), Some(y)) => {
                let word = |at: At<'a>, key: &str| at.get(key);
                for key in ["address", "channel"] {
                    let step = format!("{path}.{key}");
                    self.text_row(
                        rules::REPLY_ADDRESS_CHANGED,
                        &step,
                        word(x, key),
                        word(y, key),
                        b.key,
                    );
                }
            }
            (None, None) => {}
        }
    }
}

/// What one more kind of message means for those who read it.
pub fn added_class(side: Side) -> Class {
    Lens::new(side).class(|column| {
        let column = if column == Column::Config { Column::Output } else { column };
        rules::MESSAGE_ADDED.usual(column)
    })
}

fn path_of(api: &Api<'_, '_>, operation: &Operation<'_>) -> String {
    match api.is_v3 {
        true => keyed("asyncapi", "operations", &operation.name),
        false => {
            format!("{}.{}", keyed("asyncapi", "channels", &operation.address), operation.name)
        }
    }
}
