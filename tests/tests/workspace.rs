//! Contracts that are looked at together: what each is called, and what is remembered of them.

use std::sync::Arc;

use pacto_core::check::Mode;
use pacto_core::fact::Fact;
use pacto_core::{Change, ContractKey, Host, Origin, Root};
use pacto_edge::{MemoryFiles, settle};

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
    assert_eq!(found(&other), [("SCHEMA_VIOLATION", Some("/fleet/pay/pacto.yml".into()))]);
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
    assert_eq!(codes(&host), ["SERVICE_WITHOUT_HEALTH"]);
    type_text(&mut host, &buffer, &contract("pay", "scaling: {min: 5, max: 2}\n"));
    assert_eq!(codes(&host), ["SCALING_MIN_EXCEEDS_MAX"]);
}
