//! Contracts that are analysed together: what each is called, and what is remembered of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::db::{Baseline, Demand, Reach};
use pacto_core::diff::Settings;
use pacto_core::fact::{Fact, RegistryCode, RegistryFailure};
use pacto_core::fleet::UseKind;
use pacto_core::{Change, ContractKey, Host, Origin, Root};
use pacto_edge::{Driver, MemoryFiles, Source, failed_answer, local_answer, settle};
use pacto_tests::diff::diff;

fn contract(name: &str, more: &str) -> String {
    format!(
        "pactoVersion: \"1.0\"\nservice: {{name: {name}, version: 1.0.0, owner: {{team: t}}}}\n{more}"
    )
}

fn type_text(host: &mut Host, key: &ContractKey, text: &str) {
    let (root, path) = (key.root.clone(), key.path.to_string());
    let text = Fact::Ready(Arc::from(text));
    host.apply([Change::File { root, path, text, origin: Origin::Editor }]);
}

#[test]
fn two_contracts_in_one_folder_have_findings_of_their_own() {
    let folder = Root::from("/fleet/pay");
    let usual = ContractKey::from(&folder);
    let other = ContractKey::new(folder.clone(), "pacto.yml");
    let files = MemoryFiles(
        [(folder.file("pacto.yaml"), contract("pay", "scaling: {min: 5, max: 2}\n"))].into(),
    );
    let mut host = Host::default();
    for key in [&usual, &other] {
        host.add_contract(key, Vec::new(), Mode::Editor);
    }
    type_text(&mut host, &other, &contract("pay", "scaling: {min: 1, max: 2}\nextra: 1\n"));
    settle(&mut host, [&usual, &other], &files);

    let found = |key: &ContractKey| {
        let analysis = host.analysis();
        let all = analysis.check(key).diagnostics.iter().map(|d| (d.rule.code, d.file.clone()));
        all.collect::<Vec<_>>()
    };
    assert_eq!(found(&usual), [("SCALING_MIN_EXCEEDS_MAX", Some("/fleet/pay/pacto.yaml".into()))]);
    let own = |code| (code, Some("/fleet/pay/pacto.yml".into()));
    assert_eq!(found(&other), [own("CONTRACT_MISNAMED"), own("SCHEMA_VIOLATION")]);
    // References to the folder lead to the usual one; the other is nobody's dependency.
    assert_eq!(host.contracts().collect::<Vec<_>>(), [&usual, &other]);
    host.remove_contract(&other);
    assert_eq!(host.contracts().collect::<Vec<_>>(), [&usual]);
}

#[test]
fn a_text_without_a_file_is_judged_by_itself() {
    let buffer = ContractKey::from("untitled:Untitled-1");
    let mut host = Host::default();
    host.add_contract(&buffer, Vec::new(), Mode::Editor);
    let interface = "interfaces: [{name: api, type: http, port: 80, contract: api.yaml}]\n";
    type_text(&mut host, &buffer, &contract("pay", interface));
    settle(&mut host, [&buffer], &MemoryFiles::default());
    // What stands beside it is not known, so nothing is said of it.
    let codes = |host: &Host| {
        let checked = host.analysis().check(&buffer).clone();
        checked.diagnostics.iter().map(|d| d.rule.code).collect::<Vec<_>>()
    };
    assert!(codes(&host).is_empty());
    type_text(&mut host, &buffer, &contract("pay", "scaling: {min: 5, max: 2}\n"));
    assert_eq!(codes(&host), ["SCALING_MIN_EXCEEDS_MAX"]);
}

/// Files in memory, and registries that hold nothing. Remembers what it was asked.
#[derive(Default)]
struct World {
    files: MemoryFiles,
    asked: RefCell<Vec<Demand>>,
}

impl Source for World {
    fn answer(&self, demands: Vec<Demand>) -> Vec<Change> {
        self.asked.borrow_mut().extend(demands.iter().cloned());
        let nothing = RegistryFailure::new(RegistryCode::NotFound, "there is nothing");
        let answer = |demand: Demand| {
            local_answer(&self.files, demand.clone())
                .unwrap_or_else(|| failed_answer(demand, &nothing))
        };
        demands.into_iter().map(answer).collect()
    }
}

#[test]
fn the_fleet_knows_who_uses_whom_and_where_it_says_so() {
    let shop = "dependencies:\n  - {ref: ../pay, compatibility: ^1.0.0}\nconfigurations:\n  \
                - {name: shared, ref: ../shared}\n";
    let pay = "dependencies: [{ref: ../auth}]\npolicies: [{name: rules, ref: ../shared}]\n";
    let api = "interfaces: [{name: token-api, type: http, port: 80, contract: api.yaml}]\n";
    let files = [("shop", shop), ("pay", pay), ("auth", api), ("shared", "")];
    let path = |name: &str| format!("/fleet/{name}/pacto.yaml");
    let files = files.map(|(name, more)| (path(name), contract(name, more)));
    let files = MemoryFiles(files.into());
    let keys = ["auth", "pay", "shared", "shop"]
        .map(|name| ContractKey::from(Root::from(format!("/fleet/{name}"))));
    let [auth, pay, shared, _] = &keys;
    let mut host = Host::default();
    host.add_contracts(&keys, Mode::Editor);
    settle(&mut host, &keys, &files);
    let analysis = host.analysis();
    let fleet = analysis.fleet();

    let users = |key: &ContractKey| {
        let dependents = fleet.dependents(&key.root).iter();
        dependents.map(|d| (d.root.name(), d.kind, d.constraint.clone())).collect::<Vec<_>>()
    };
    assert_eq!(users(pay), [("shop".into(), UseKind::Dependency, Some("^1.0.0".into()))]);
    assert_eq!(
        users(shared),
        [("pay".into(), UseKind::Policy, None), ("shop".into(), UseKind::Configuration, None),]
    );
    let (file, span) = analysis.place_of_use(&fleet.dependents(&pay.root)[0]).expect("a place");
    assert_eq!((file.as_str(), span.slice(&files.0[&file])), ("/fleet/shop/pacto.yaml", "../pay"));

    let impact = fleet.impact(&auth.root);
    let impact: Vec<_> = impact.iter().map(|i| (i.root.name(), i.via.name(), i.distance)).collect();
    assert_eq!(impact, [("pay".into(), "auth".into(), 1), ("shop".into(), "pay".into(), 2)]);
    assert_eq!(analysis.versions("pay"), ["1.0.0"]);
    let found = |query: &str| {
        let hits = analysis.search(query, 10);
        hits.into_iter().map(|hit| hit.root.name()).collect::<Vec<_>>()
    };
    assert_eq!(found("sho"), ["shop"]);
    assert_eq!(found("token"), ["auth"]);
}

#[test]
fn more_bundles_than_a_few_thousand_are_followed_to_the_last() {
    let names: Vec<String> = (0..5_500).map(|i| format!("svc-{i:04}")).collect();
    let file = |name: &String| (format!("/fleet/{name}/pacto.yaml"), contract(name, ""));
    let mut files: std::collections::BTreeMap<_, _> = names.iter().map(file).collect();
    // Every one is led to, and the last one has another version than the one that is wanted.
    let wanted = |name: &String| if *name == names[5_499] { "^2.0.0" } else { "^1.0.0" };
    let each = names.iter().map(|name| {
        format!("  - {{ref: ../{name}, required: true, compatibility: {}}}\n", wanted(name))
    });
    let hub = contract("hub", &format!("dependencies:\n{}", each.collect::<String>()));
    files.insert("/fleet/hub/pacto.yaml".to_owned(), hub);
    let key = ContractKey::from("/fleet/hub");
    let mut host = Host::default();
    host.add_contract(&key, Vec::new(), Mode::Editor);
    settle(&mut host, [&key], &MemoryFiles(files.into_iter().collect()));
    let checked = host.analysis().check(&key).clone();
    let codes: Vec<&str> = checked.diagnostics.iter().map(|d| d.rule.code).collect();
    assert_eq!(codes, ["LOCAL_REF_NOT_PUBLISHABLE", "COMPATIBILITY_UNSATISFIED"]);
    assert!(checked.not_checked.is_empty(), "{:?}", checked.not_checked);
}

const API: &str = "openapi: 3.1.0\ninfo: {title: a, version: 1.0.0}\npaths: {}\n";

/// A contract with one file, and a reference of each kind that is half typed.
fn half_typed(letters: &str) -> String {
    let more = format!(
        "interfaces: [{{name: api, type: http, port: 80, contract: api.yaml}}]\n\
         configurations: [{{name: c, schema: config/{letters}}}]\n\
         dependencies:\n  - ref: ../{letters}\n  - ref: oci://reg.example/team/{letters}\n  \
         - ref: oci://reg.example/team/lib:{letters}\n"
    );
    contract("pay", &more)
}

#[test]
fn half_typed_references_leave_nothing_behind() {
    let key = ContractKey::from("/fleet/pay");
    let mut world = World::default();
    world.files.0.insert(key.root.file("api.yaml"), API.to_owned());
    let (mut host, mut driver) = (Host::default(), Driver::default());
    host.add_contract(&key, Vec::new(), Mode::Editor);
    let typed = |host: &mut Host, driver: &mut Driver, letters: &str| {
        type_text(host, &key, &half_typed(letters));
        driver.settle(host, [(&key, Reach::Whole)], &world);
    };
    let mut most = 0;
    for i in 0..2_500 {
        typed(&mut host, &mut driver, &format!("x{i}"));
        if i % 100 == 0 {
            let _ = host.analysis().check(&key);
        }
        most = most.max(host.input_counts().1);
    }
    // Ten thousand references and their bundles were named, four at a time.
    assert!(most < 2_500, "{most} inputs exist");
    assert!(world.asked.borrow().len() >= 10_000, "{}", world.asked.borrow().len());

    // Who saves reads what is named now, and nothing else.
    let named = driver.named_files(&mut host, &key.root);
    assert_eq!(named.iter().collect::<Vec<_>>(), ["api.yaml", "config/x2499", "pacto.yaml"]);
    driver.forget_unnamed(&mut host);
    let (known, _) = host.input_counts();
    assert!(known < 16, "{known} inputs are known");

    // What was forgotten is asked for again when it is named again, and judged as it is then.
    world.asked.borrow_mut().clear();
    typed(&mut host, &mut driver, "x7");
    assert!(
        world
            .asked
            .borrow()
            .contains(&Demand::File { root: key.root.clone(), path: "config/x7".into() })
    );
    let mut fresh = Host::default();
    fresh.add_contract(&key, Vec::new(), Mode::Editor);
    typed(&mut fresh, &mut Driver::default(), "x7");
    assert_eq!(host.analysis().check(&key), fresh.analysis().check(&key));
}

#[test]
fn a_file_that_was_forgotten_is_found_when_it_is_there() {
    let key = ContractKey::from("/fleet/pay");
    let mut world = World::default();
    let (mut host, mut driver) = (Host::default(), Driver::default());
    host.add_contract(&key, Vec::new(), Mode::Editor);
    let named = |path: &str| {
        let interface = format!(
            "interfaces: [{{name: api, type: http, port: 80, contract: {path}}}]\n\
             runtime: {{health: {{interface: api, path: /health}}}}\n"
        );
        contract("pay", &interface)
    };
    let mut codes = |host: &mut Host, world: &World, path: &str| {
        type_text(host, &key, &named(path));
        driver.settle(host, [(&key, Reach::Whole)], world);
        driver.named_files(host, &key.root);
        let checked = host.analysis().check(&key).clone();
        let codes = checked.diagnostics.iter().map(|d| d.rule.code);
        codes.filter(|code| *code == "FILE_NOT_FOUND").count()
    };
    assert_eq!(codes(&mut host, &world, "api.yaml"), 1);
    assert_eq!(codes(&mut host, &world, "other.yaml"), 1);
    world.files.0.insert(key.root.file("api.yaml"), API.to_owned());
    assert_eq!(codes(&mut host, &world, "api.yaml"), 0);
}

#[test]
fn what_only_a_removed_contract_or_baseline_named_is_forgotten() {
    let files = [
        ("/fleet/pay/pacto.yaml", contract("pay", "dependencies: [{ref: ../auth}]\n")),
        ("/fleet/auth/pacto.yaml", contract("auth", "dependencies: [{ref: ../db}]\n")),
        ("/fleet/db/pacto.yaml", contract("db", "")),
        ("/old/pay/pacto.yaml", contract("pay", "configurations: [{name: c, schema: c.json}]\n")),
        ("/old/pay/c.json", "{}".to_owned()),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text));
    let world = World { files: MemoryFiles(files.into()), ..World::default() };
    let (mut host, mut driver) = (Host::default(), Driver::default());
    let (pay, auth) = (ContractKey::from("/fleet/pay"), ContractKey::from("/fleet/auth"));
    host.add_contracts(&[pay.clone(), auth.clone()], Mode::Editor);
    driver.settle(&mut host, [(&pay, Reach::Whole), (&auth, Reach::Whole)], &world);
    driver.forget_unnamed(&mut host);
    let without = host.input_counts().0;

    let root = Root::from("/old/pay");
    let baseline = Baseline { root: root.clone(), label: "old".into() };
    host.set_baseline(&pay, Some((baseline, Settings::default())));
    driver.settle(&mut host, [(ContractKey::from(root), Reach::Compared)], &world);
    let _ = host.analysis().breaking(&pay);
    assert!(host.input_counts().0 > without);
    host.set_baseline(&pay, None);
    driver.forget_unnamed(&mut host);
    assert_eq!(host.input_counts().0, without);

    // `db` is named by `auth` alone.
    host.remove_contract(&pay);
    host.remove_contract(&auth);
    driver.forget_unnamed(&mut host);
    assert_eq!(host.input_counts().0, 0);
    // A contract that comes back is judged as if it had never gone.
    host.add_contract(&pay, Vec::new(), Mode::Editor);
    driver.settle(&mut host, [(&pay, Reach::Whole)], &world);
    let mut fresh = Host::default();
    fresh.add_contract(&pay, Vec::new(), Mode::Editor);
    settle(&mut fresh, [&pay], &world);
    assert_eq!(host.analysis().check(&pay), fresh.analysis().check(&pay));
}

/// Files as they are seen from `/fleet/pay`.
fn relative(files: BTreeMap<String, String>) -> Vec<(String, String)> {
    let seen = |path: &str| match path.strip_prefix("/fleet/pay/") {
        Some(own) => own.to_owned(),
        None => path.replace("/fleet/", "../"),
    };
    files.into_iter().map(|(path, text)| (seen(&path), text)).collect()
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// Checks, comparisons and editors say the same of what a shared configuration leads to.
#[test]
fn a_shared_configuration_means_the_same_everywhere() {
    const SCHEMA: &str = r#"{"type": "object", "properties": {"port": {"type": "integer"}}}"#;
    const USUAL: &str = "/fleet/base/configuration/schema.json";
    let circle = "the references go in a circle";
    let gone = "configuration/schema.json there: it does not exist";
    type Case =
        (&'static str, &'static str, &'static [&'static str], Result<&'static str, &'static str>);
    let cases: [Case; 5] = [
        ("at the usual place", "", &[USUAL], Ok(USUAL)),
        ("declared elsewhere", "[{name: c, schema: c.json}]", &["/fleet/base/c.json"], Err(gone)),
        (
            "shared on",
            "[{name: c, ref: ../more}]",
            &["/fleet/more/configuration/schema.json"],
            Ok("/fleet/more/configuration/schema.json"),
        ),
        ("the usual place goes first", "[{name: c, ref: ../more}]", &[USUAL], Ok(USUAL)),
        ("in a circle", "[{name: c, ref: ../pay}]", &[], Err(circle)),
    ];
    for (case, shared, schemas, expected) in cases {
        let pay = contract("pay", "configurations: [{name: c, ref: ../base, values: {port: 1}}]\n");
        let configurations = |more: &str| match more {
            "" => String::new(),
            more => format!("configurations: {more}\n"),
        };
        let mut files = vec![
            ("/fleet/base/pacto.yaml", contract("base", &configurations(shared))),
            ("/fleet/more/pacto.yaml", contract("more", "")),
            ("/fleet/pay/pacto.yaml", pay.clone()),
        ];
        files.extend(schemas.iter().map(|path| (*path, SCHEMA.to_owned())));
        let source = MemoryFiles(files.into_iter().map(|(p, t)| (p.to_owned(), t)).collect());
        let key = ContractKey::from("/fleet/pay");
        let mut host = Host::default();
        host.add_contract(&key, Vec::new(), Mode::Editor);
        settle(&mut host, [&key], &source);
        let analysis = host.analysis();

        let said = analysis.check(&key).diagnostics.iter();
        let said: Vec<&str> = said
            .filter(|d| d.rule.code == "CONFIG_REF_UNRESOLVED")
            .map(|d| d.message.as_str())
            .collect();
        let offset = u32::try_from(pay.find("port").expect("the value")).expect("a short text");
        let declared = analysis
            .entity(&key, "pacto.yaml", offset)
            .and_then(|(entity, _)| analysis.type_of(&entity).or(analysis.declaration(&entity)))
            .map(|target| target.file);
        // Every schema is another one: only the one that is shared is a change of `pay`.
        let sides = [source.0.clone(), source.0.clone()].map(relative);
        let mut new = sides[1].clone();
        for (path, text) in &mut new {
            if path.ends_with(".json") {
                *text = text.replace("integer", "boolean");
            }
        }
        let report = diff(&borrowed(&sides[0]), &borrowed(&new));
        let changes = report.changes.iter().any(|row| row.change.path.contains("port"));
        match expected {
            Ok(path) => {
                assert_eq!(said, [""; 0], "{case}");
                assert_eq!(declared.as_deref(), Some(path), "{case}");
                assert!(changes, "{case}");
            }
            Err(why) => {
                let expected = format!("the configuration \"../base\" cannot be resolved: {why}");
                assert_eq!(said, [expected], "{case}");
                assert_ne!(declared.as_deref(), Some("/fleet/base/c.json"), "{case}");
                assert!(!changes, "{case}");
            }
        }
    }
}
