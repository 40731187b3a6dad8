//! `pacto_impact`.

use std::collections::{BTreeMap, HashMap};

use pacto_core::diff::impact::{Verdict, admits, verdict};
use pacto_core::diff::{Class, Settings};
use pacto_core::fleet::{Dependent, Impacted, UseKind};
use pacto_core::graph::{Options, References};
use pacto_core::{ContractKey, Root};
use pacto_edge::session::{Code, Comparison, Error};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Failure};
use crate::arguments::{Argument, Kind};
use crate::index::View;
use crate::page::{CURSOR, LIMIT, page};
use crate::schema::{any_object, count, flag, list, object, text};
use crate::tool::{Call, Effect, OFFLINE, PATH, REF, Set, Tool};

pub const TOOL: Tool = Tool {
    name: "pacto_impact",
    title: "Who a change affects",
    description: "Which contracts of the workspace use a service, directly or through others, and with `new_ref` what becomes of each: breaks, at-risk, blocked, stays, safe. Use it to plan an upgrade; pacto_diff says what changed, pacto_graph shows the edges. Users outside of the roots are not known. Writes nothing.",
    arguments: &[
        REF,
        Argument::new("new_ref", Kind::Text, PATH, "\"services/payments\""),
        Argument::new(
            "depth",
            Kind::Count { most: 50 },
            "Steps that are followed; 10 if absent",
            "1",
        ),
        OFFLINE,
        LIMIT,
        CURSOR,
    ],
    output,
    set: Set::Fleet,
    effect: Effect::Reads,
    asks_registries: true,
    run,
};

/// What the service becomes.
struct New {
    class: Class,
    version: String,
}

fn run(call: &Call<'_>) -> Result<Answer, Failure> {
    let place = call.place("ref")?;
    let session = call.session(&place)?;
    let old = session.find(&place.typed)?;
    let root = old.root.clone();
    let new = match call.arguments.text("new_ref") {
        Some(typed) => Some(compared(call, typed)?),
        None => None,
    };
    call.workspace.ask(|view| {
        let root = known_root(view, &root);
        let fleet = view.analysis.fleet();
        let depth = call.arguments.count("depth").unwrap_or(10);
        let impacted: Vec<Impacted> =
            fleet.impact(&root).into_iter().filter(|one| one.distance <= depth).collect();
        let mut affected = affected(view, &root, &impacted, new.as_ref());
        affected.sort_by_key(|(verdict, row)| {
            (*verdict, row["distance"].as_u64(), row["name"].to_string())
        });
        let mut owners: BTreeMap<String, usize> = BTreeMap::new();
        for (_, row) in &affected {
            *owners.entry(row["owner"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        let profile = view.analysis.profile(&root);
        let mut head = Map::new();
        head.insert("service".into(), json!(profile.name));
        head.insert("old".into(), json!(profile.version));
        if let Some(new) = &new {
            head.insert("new".into(), json!(new.version));
            head.insert("classification".into(), json!(new.class.text()));
        }
        head.insert("affected".into(), json!([]));
        let owners = owners.into_iter().map(|(key, count)| json!({"key": key, "count": count}));
        head.insert("owners".into(), owners.collect());
        let scope = format!("the {} contracts under the roots", view.entries.len());
        head.insert("scope".into(), json!(scope));
        head.insert("incomplete".into(), json!(has_unresolved(view)));
        let rows = affected.into_iter().map(|(_, row)| row).collect();
        page(call, head, "affected", rows, view.revision)
    })?
}

/// The bundle as the index knows it: by name where a published one has a contract in the workspace.
fn known_root(view: &View<'_>, root: &Root) -> Root {
    view.analysis.fleet().source(root).clone()
}

fn compared(call: &Call<'_>, typed: &str) -> Result<New, Failure> {
    let place = call.workspace.place(typed)?;
    let session = call.session(&place)?;
    let new = session.find(&place.typed)?;
    let old = session.find(&absolute(call)?)?;
    let as_of = call.workspace.today()?;
    let settings = Settings::read(&session.settings.diff, as_of)
        .map_err(|why| Error::new(Code::Config, format!("diff: {why}")))?;
    let pair = session.compare(Comparison {
        old: (old, Vec::new()),
        new: (new, Vec::new()),
        settings,
        use_siblings: false,
        with_references: false,
    });
    let subjects = pair.subjects();
    let mut version = String::new();
    for subject in subjects {
        let subject = subject?;
        crate::tool::check_structure(&subject)?;
        version = subject.version.unwrap_or_default();
    }
    let options = Options { references: References::None, depth: None };
    let report = pair.report(options);
    let report =
        report.ok_or_else(|| Failure::new("INVALID_BUNDLE", "a contract cannot be read"))?;
    Ok(New { class: report.class, version })
}

/// The old contract by a path that means the same from every root.
fn absolute(call: &Call<'_>) -> Result<String, Failure> {
    let place = call.place("ref")?;
    Ok(match place.is_remote() {
        true => place.typed,
        false => place.path().display().to_string(),
    })
}

fn affected(
    view: &View<'_>,
    root: &Root,
    impacted: &[Impacted],
    new: Option<&New>,
) -> Vec<(Verdict, Value)> {
    let fleet = view.analysis.fleet();
    let mut verdicts: HashMap<Root, Verdict> = HashMap::new();
    let mut rows = Vec::new();
    for one in impacted {
        let users = fleet.dependents(&one.via);
        let how = users.iter().find(|user| fleet.source(&user.root) == &one.root);
        let (is_required, constraint) =
            how.map_or((false, None), |user| (is_required(view, user), user.constraint.clone()));
        let found = match (new, one.distance) {
            (None, _) => Verdict::Unknown,
            (Some(new), 1) => verdict(new.class, constraint.as_deref(), is_required, &new.version),
            (Some(_), _) => {
                verdicts.get(&one.via).copied().unwrap_or(Verdict::Unknown).of_transitive()
            }
        };
        verdicts.insert(one.root.clone(), found);
        let profile = view.analysis.profile(&one.root);
        let via_version = match new {
            Some(new) if one.distance == 1 => Some(new.version.clone()),
            _ => view.analysis.profile(&one.via).version.clone(),
        };
        let satisfied = via_version.is_some_and(|version| admits(constraint.as_deref(), &version));
        rows.push((
            found,
            json!({
                "name": profile.name,
                "version": profile.version,
                "owner": profile.owner.as_deref().unwrap_or(""),
                "path": view.shown(&one.root),
                "distance": one.distance,
                "via": way(view, root, one, impacted),
                "required": is_required,
                "compatibility": constraint.unwrap_or_default(),
                "satisfied": satisfied,
                "verdict": found.text(),
            }),
        ));
    }
    rows
}

/// The names on the way from the service to a dependent, without both.
fn way(view: &View<'_>, root: &Root, one: &Impacted, all: &[Impacted]) -> Vec<String> {
    let by_root: HashMap<&Root, &Impacted> = all.iter().map(|i| (&i.root, i)).collect();
    let mut names = Vec::new();
    let mut at = &one.via;
    while at != root && names.len() < 64 {
        names.push(view.analysis.profile(at).name.clone().unwrap_or_default());
        let Some(next) = by_root.get(at) else { break };
        at = &next.via;
    }
    names.reverse();
    names
}

fn is_required(view: &View<'_>, user: &Dependent) -> bool {
    if user.kind != UseKind::Dependency {
        return true;
    }
    let json = view.analysis.contract_json(&ContractKey::from(&user.root)).unwrap_or_default();
    json["dependencies"][user.index]["required"] == true
}

/// Whether some reference of the workspace leads to what is not known.
fn has_unresolved(view: &View<'_>) -> bool {
    view.entries
        .iter()
        .any(|entry| view.analysis.references(&entry.root).iter().any(|used| used.target.is_none()))
}

fn output() -> Value {
    let affected = object([
        ("name", text()),
        ("version", text()),
        ("owner", text()),
        ("distance", count()),
        ("via", list(text())),
        ("required", flag()),
        ("compatibility", text()),
        ("satisfied", flag()),
        ("verdict", text()),
    ]);
    object([
        ("service", text()),
        ("old", text()),
        ("?new", text()),
        ("?classification", text()),
        ("affected", list(affected)),
        ("owners", list(any_object())),
        ("scope", text()),
        ("incomplete", flag()),
        ("total", count()),
        ("?nextCursor", text()),
    ])
}
