//! What a description of a service says about it, by its words.

use crate::contract::Workload;

/// What follows from the words of a description, each with the word that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    pub http: Option<String>,
    pub grpc: Option<String>,
    pub event: Option<String>,
    pub is_stateful: Option<(bool, String)>,
    pub workload: Option<(Workload, String)>,
}

const HTTP: [&str; 5] = ["rest", "restful", "http", "api", "web"];
const GRPC: [&str; 1] = ["grpc"];
const EVENT: [&str; 7] = ["event", "kafka", "nats", "queue", "message", "rabbit", "pubsub"];
const STORES: [&str; 8] =
    ["postgres", "mysql", "database", "mongo", "dynamo", "cockroach", "sql", "sqlite"];
const WORKLOADS: [(Workload, &[&str]); 3] = [
    (Workload::Job, &["one-off", "migration"]),
    (Workload::Scheduled, &["cron", "scheduled", "nightly", "batch"]),
    (Workload::Service, &["worker", "consumer", "processor"]),
];

/// Reads a description. What is ruled out ("stateless", "no database") counts more than what is named.
pub fn infer(description: &str) -> Derived {
    let lower = description.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .collect();
    let first = |stems: &[&str]| {
        let found = words.iter().find(|word| stems.iter().any(|stem| has_stem(word, stem)));
        found.map(|word| (*word).to_owned())
    };
    let workload = WORKLOADS.iter().find_map(|(kind, stems)| Some((*kind, first(stems)?)));
    Derived {
        http: first(&HTTP),
        grpc: first(&GRPC),
        event: first(&EVENT),
        is_stateful: ruled_out(&words)
            .map(|why| (false, why))
            .or_else(|| first(&STORES).map(|word| (true, word))),
        workload,
    }
}

/// The words that say that nothing is stored.
fn ruled_out(words: &[&str]) -> Option<String> {
    if words.contains(&"stateless") {
        return Some("stateless".to_owned());
    }
    let is_store = |word: &&str| STORES.iter().any(|stem| has_stem(word, stem));
    let at = words.iter().position(|word| matches!(*word, "no" | "without"))?;
    let store = words[at + 1..].iter().take(2).find(|word| is_store(word))?;
    Some(format!("{} {store}", words[at]))
}

/// Short stems are words of their own, with a plural; long ones begin words.
fn has_stem(word: &str, stem: &str) -> bool {
    word == stem
        || word.strip_suffix('s') == Some(stem)
        || (stem.len() >= 5 && word.starts_with(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_a_service_is() {
        let found = infer("REST API for invoices, stored in PostgreSQL; publishes events to Kafka");
        assert_eq!(found.http.as_deref(), Some("rest"));
        assert_eq!(found.event.as_deref(), Some("events"));
        assert_eq!(found.is_stateful, Some((true, "postgresql".into())));
        assert_eq!((found.grpc, found.workload), (None, None));
        let found = infer("A nightly batch without a database");
        assert_eq!(found.workload, Some((Workload::Scheduled, "nightly".into())));
        assert_eq!(found.is_stateful, Some((false, "without database".into())));
        assert_eq!(
            infer("Stateless proxy, SQL aware").is_stateful,
            Some((false, "stateless".into()))
        );
        assert_eq!(infer("Apiary for restaurants"), Derived::default());
    }
}
