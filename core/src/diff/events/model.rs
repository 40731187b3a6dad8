//! AsyncAPI 2 and 3 in one form: channels by address, operations, messages with their direction.

use crate::diff::class::Side;
use crate::diff::docs::At;
use crate::diff::schema::Schemas;
use crate::diff::settings::{Perspective, Settings};

pub struct Api<'s, 'a> {
    pub root: At<'a>,
    pub schemas: &'s Schemas<'a>,
    pub is_v3: bool,
    pub channels: Vec<Channel<'a>>,
    pub operations: Vec<Operation<'a>>,
}

pub struct Channel<'a> {
    /// The key in the document.
    pub name: String,
    pub address: String,
    pub key: At<'a>,
    pub at: At<'a>,
    pub messages: Vec<Message<'a>>,
}

pub struct Operation<'a> {
    /// The key of the operation; `publish` or `subscribe` in 2.x.
    pub name: String,
    pub side: Side,
    /// The address of its channel.
    pub address: String,
    pub key: At<'a>,
    pub at: At<'a>,
    /// Its messages and those of its reply, of version 3.
    pub messages: Vec<Listed<'a>>,
    pub replies: Vec<Listed<'a>>,
}

/// A message of a channel that an operation names, or means where it names none.
pub struct Listed<'a> {
    /// The key in the channel.
    pub name: String,
    pub key: At<'a>,
    /// The message itself.
    pub at: At<'a>,
}

#[derive(Clone)]
pub struct Message<'a> {
    pub name: String,
    /// The path from the channel.
    pub step: String,
    pub side: Side,
    pub key: At<'a>,
    pub at: At<'a>,
}

impl<'s, 'a> Api<'s, 'a> {
    pub fn read(root: At<'a>, schemas: &'s Schemas<'a>, settings: &Settings) -> Api<'s, 'a> {
        let is_v3 = root.get("asyncapi").is_some_and(|at| match at.value.as_str() {
            Some(text) => text.starts_with('3'),
            None => at.json().to_string().starts_with('3'),
        });
        let mut api = Api { root, schemas, is_v3, channels: Vec::new(), operations: Vec::new() };
        match is_v3 {
            true => api.read_v3(),
            false => api.read_v2(settings),
        }
        api.channels.sort_by(|a, b| a.address.cmp(&b.address));
        api.operations.sort_by(|a, b| (&a.name, &a.address).cmp(&(&b.name, &b.address)));
        api
    }

    pub fn follow(&self, at: At<'a>) -> At<'a> {
        self.schemas.docs.target(at)
    }

    /// A field of an element, or of a trait that it takes on.
    pub fn get(&self, at: At<'a>, key: &str) -> Option<At<'a>> {
        at.get(key).or_else(|| {
            let traits = at.get("traits")?;
            traits.items().find_map(|one| self.follow(one).get(key))
        })
    }

    pub fn text(&self, at: At<'a>, key: &str) -> Option<&'a str> {
        self.get(at, key)?.value.as_str()
    }

    fn read_v3(&mut self) {
        let mut sides: Vec<((u32, crate::yaml::NodeId), Side)> = Vec::new();
        for (name, key) in self.root.get("operations").into_iter().flat_map(At::entries) {
            let at = self.follow(key);
            let side = match self.text(at, "action") {
                Some("send") => Side::Send,
                Some("receive") => Side::Receive,
                _ => Side::Both,
            };
            let channel = at.get("channel").map(|channel| self.follow(channel));
            let messages = self.listed(self.get(at, "messages"), channel);
            sides.extend(messages.iter().map(|message| (message.at.id(), side)));
            // A reply goes the other way, by a channel of its own if it has one.
            let reply = self.get(at, "reply").map(|reply| self.follow(reply));
            let replies = reply.map_or(Vec::new(), |reply| {
                let own = reply.get("channel").map(|channel| self.follow(channel));
                self.listed(reply.get("messages"), own)
            });
            sides.extend(replies.iter().map(|message| (message.at.id(), flipped(side))));
            let address = channel.map_or(String::new(), |channel| self.address_of(channel));
            let name = name.to_owned();
            self.operations.push(Operation { name, side, address, key, at, messages, replies });
        }
        let channels = self.root.get("channels").into_iter().flat_map(At::entries);
        for (name, key) in channels.collect::<Vec<_>>() {
            let at = self.follow(key);
            let address = at.text("address").unwrap_or(name).to_owned();
            let messages = at.get("messages").into_iter().flat_map(At::entries);
            let one = |(name, key): (&str, At<'a>)| {
                let at = self.follow(key);
                let mut found: Vec<Side> =
                    sides.iter().filter(|(id, _)| *id == at.id()).map(|(_, side)| *side).collect();
                found.sort();
                found.dedup();
                let side = if let [only] = found[..] { only } else { Side::Both };
                let step = crate::diff::path::keyed("", "messages", name);
                Message { name: name.to_owned(), step, side, key, at }
            };
            let messages = messages.map(one).collect();
            self.channels.push(Channel { name: name.to_owned(), address, key, at, messages });
        }
    }

    /// The messages that a list names, or all of the channel where there is no list.
    fn listed(&self, list: Option<At<'a>>, channel: Option<At<'a>>) -> Vec<Listed<'a>> {
        let all: Vec<Listed<'a>> = channel
            .and_then(|channel| channel.get("messages"))
            .into_iter()
            .flat_map(At::entries)
            .map(|(name, key)| Listed { name: name.to_owned(), key, at: self.follow(key) })
            .collect();
        let Some(list) = list else { return all };
        let one = |key: At<'a>| {
            let at = self.follow(key);
            let known = all.iter().find(|message| message.at.id() == at.id());
            let last = || key.text("$ref").and_then(|text| text.rsplit('/').next()).unwrap_or("");
            let name = known.map_or_else(|| last().to_owned(), |message| message.name.clone());
            Listed { name, key, at }
        };
        list.items().map(one).collect()
    }

    fn address_of(&self, channel: At<'a>) -> String {
        if let Some(address) = channel.text("address") {
            return address.to_owned();
        }
        let channels = self.root.get("channels").into_iter().flat_map(At::entries);
        let mut same = channels.filter(|(_, at)| self.follow(*at).id() == channel.id());
        same.next().map_or(String::new(), |(name, _)| name.to_owned())
    }

    fn read_v2(&mut self, settings: &Settings) {
        let written = match self.root.text("x-pacto-perspective") {
            Some("application") => Some(Perspective::Application),
            Some("client") => Some(Perspective::Client),
            _ => None,
        };
        let perspective = settings.perspective.or(written);
        for (address, key) in self.root.get("channels").into_iter().flat_map(At::entries) {
            let at = self.follow(key);
            let mut messages = Vec::new();
            for word in ["publish", "subscribe"] {
                let Some(operation) = at.get(word) else { continue };
                let side = match (perspective, word) {
                    (None, _) => Side::Both,
                    (Some(Perspective::Application), "publish")
                    | (Some(Perspective::Client), "subscribe") => Side::Send,
                    _ => Side::Receive,
                };
                messages.extend(self.messages_v2(word, side, operation));
                self.operations.push(Operation {
                    name: word.to_owned(),
                    side,
                    address: address.to_owned(),
                    key: operation,
                    at: operation,
                    messages: Vec::new(),
                    replies: Vec::new(),
                });
            }
            let (name, address) = (address.to_owned(), address.to_owned());
            self.channels.push(Channel { name, address, key, at, messages });
        }
    }

    fn messages_v2(&self, word: &str, side: Side, operation: At<'a>) -> Vec<Message<'a>> {
        let Some(key) = self.get(operation, "message") else { return Vec::new() };
        let many = self.follow(key).get("oneOf");
        let listed: Vec<At<'a>> = many.map_or(vec![key], |list| list.items().collect());
        let is_many = listed.len() > 1;
        let one = |key: At<'a>| {
            let at = self.follow(key);
            let component = key.text("$ref").and_then(|r| r.rsplit('/').next());
            let name =
                at.text("messageId").or(component).or_else(|| at.text("name")).unwrap_or("message");
            let step = match is_many {
                true => format!("{word}.{}", crate::diff::path::keyed("", "messages", name)),
                false => format!("{word}.message"),
            };
            Message { name: name.to_owned(), step, side, key, at }
        };
        listed.into_iter().map(one).collect()
    }
}

pub fn flipped(side: Side) -> Side {
    match side {
        Side::Send => Side::Receive,
        Side::Receive => Side::Send,
        side => side,
    }
}
