//! Random work as data: what an editor and the people behind it do.

use proptest::prelude::*;
use proptest::sample::select;

/// The files of the workspace and what they say at first. `HOST` stands for a registry.
pub const FILES: [(&str, &str); 13] = [
    (
        "pay/pacto.yaml",
        "pactoVersion: \"1.0\"\nservice:\n  name: pay\n  version: 1.2.0\n  owner:\n    team: pay\n\
         interfaces:\n  - name: api\n    type: http\n    port: 8080\n    contract: interfaces/api.yaml\n  \
         - name: rpc\n    type: grpc\n    port: 9090\n    contract: interfaces/api.proto\n\
         configurations:\n  - name: app\n    schema: configuration/schema.json\n    values:\n      LEVEL: info\n\
         policies:\n  - name: own\n    schema: policy/own.json\n\
         dependencies:\n  - name: auth\n    ref: ../auth\n    required: true\n    compatibility: ^1.0.0\n",
    ),
    (
        "pay/interfaces/api.yaml",
        "openapi: 3.0.3\ninfo: {title: Pay, version: 1.2.0}\npaths:\n  /charges:\n    get:\n      responses:\n        \"200\":\n          description: ok\n          content:\n            application/json:\n              schema: {$ref: \"#/components/schemas/Charge\"}\n  /health:\n    get:\n      responses:\n        \"200\": {description: ok}\ncomponents:\n  schemas:\n    Charge: {type: object, properties: {id: {type: string}}}\n",
    ),
    (
        "pay/interfaces/api.proto",
        "syntax = \"proto3\";\npackage pay;\nmessage Ask { string id = 1; }\nmessage Answer { int64 cents = 1; }\nservice Pay { rpc Charge(Ask) returns (Answer); }\n",
    ),
    (
        "pay/configuration/schema.json",
        "{\"type\": \"object\", \"properties\": {\"LEVEL\": {\"type\": \"string\", \"enum\": [\"info\", \"debug\"]}}, \"required\": [\"LEVEL\"]}\n",
    ),
    (
        "pay/policy/own.json",
        "{\"type\": \"object\", \"properties\": {\"service\": {\"required\": [\"owner\"]}}}\n",
    ),
    ("pay/config.schema.json", "{\"type\": \"object\"}\n"),
    (
        "auth/pacto.yaml",
        "pactoVersion: \"1.0\"\nservice:\n  name: auth\n  version: 1.4.0\n  owner:\n    team: id\n\
         interfaces:\n  - name: api\n    type: http\n    port: 8080\n    contract: interfaces/api.yaml\n",
    ),
    (
        "auth/interfaces/api.yaml",
        "openapi: 3.1.0\ninfo: {title: Auth, version: 1.4.0}\npaths: {}\n",
    ),
    (
        "shop/pacto.yaml",
        "pactoVersion: \"1.0\"\nservice:\n  name: shop\n  version: 0.3.0\n  owner:\n    team: shop\n\
         configurations:\n  - name: root\n    schema: config.schema.json\n  - name: shared\n    ref: ../shared\n\
         dependencies:\n  - name: pay\n    ref: ../pay\n    required: true\n    compatibility: ^1.0.0\n  \
         - name: far\n    ref: oci://HOST/acme/far:1.0.0\n    required: false\n    compatibility: ^1.0.0\n\
         runtime:\n  workload: service\n  state:\n    type: stateless\n    persistence:\n      scope: local\n      durability: ephemeral\n    dataCriticality: low\n\
         scaling:\n  min: 1\n  max: 3\n",
    ),
    ("shop/config.schema.json", "{\"type\": \"object\"}\n"),
    (
        "shared/pacto.yaml",
        "pactoVersion: \"1.0\"\nservice:\n  name: shared\n  version: 1.0.0\n  owner:\n    team: platform\n\
         configurations:\n  - name: base\n    schema: configuration/schema.json\n",
    ),
    (
        "shared/configuration/schema.json",
        "{\"type\": \"object\", \"properties\": {\"A\": {\"type\": \"integer\"}}}\n",
    ),
    ("late/pacto.yaml", ""),
];

/// Folders that are renamed, and what they are called then.
pub const FOLDERS: [(&str, &str); 4] = [
    ("auth", "identity"),
    ("pay/interfaces", "pay/specs"),
    ("shared", "common"),
    ("pay/configuration", "pay/settings"),
];

/// What is typed, besides single letters.
const TYPED: [&str; 22] = [
    " ",
    "\n",
    "\n  ",
    "  - ",
    ": ",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "# ",
    "'",
    "\t",
    "é",
    "🚀",
    "interfaces:\n  - name: x\n",
    "runtime:\n  workload: job\n",
    "ref: ../auth\n",
    "type: htpp\n",
    "contract: interfaces/none.yaml\n",
    "---\n",
    "$ref: other.yaml#/a",
];

/// References that are typed letter by letter; a number follows, so that none comes twice.
const REFERENCES: [&str; 6] = [
    "../auth",
    "../nowhere/deep-",
    "file://../shared/",
    "oci://HOST/acme/far:1.0.",
    "oci://HOST/acme/missing-",
    "oci://HOST/acme/far@sha256:00",
];

/// What is asked of the server.
#[derive(Clone, Copy, Debug)]
pub enum Question {
    Completion,
    Hover,
    Symbols,
    Actions,
    Format,
    Inlays,
    Lenses,
    Pull,
}

/// One step. `file` is an index of [`FILES`]; `at` says where in a text, as a share of 65,536.
/// A step that does not fit the state of the workspace does nothing.
#[derive(Clone, Debug)]
pub enum Step {
    Open {
        file: usize,
    },
    Close {
        file: usize,
    },
    Save {
        file: usize,
    },
    /// Replaces `remove` letters.
    Edit {
        file: usize,
        at: u16,
        remove: usize,
        insert: &'static str,
    },
    /// Adds a dependency with a reference and a number, of which `letters` are typed one by one.
    TypeReference {
        file: usize,
        reference: &'static str,
        number: u16,
        letters: usize,
    },
    Undo {
        file: usize,
    },
    /// Another program writes a file.
    Write {
        file: usize,
        content: Content,
    },
    Delete {
        file: usize,
    },
    RenameFile {
        from: usize,
        to: usize,
    },
    /// There and back.
    RenameFolder {
        folder: usize,
    },
    Ask {
        file: usize,
        at: u16,
        question: Question,
        is_cancelled: bool,
    },
}

/// What a file is overwritten with.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    First,
    Empty,
    /// Another version and a port that differs.
    Changed,
    Broken,
}

/// Up to `most` steps.
pub fn work(most: usize) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), most / 2..=most)
}

fn step() -> impl Strategy<Value = Step> {
    let file = || 0..FILES.len();
    // Most work is done in contracts.
    let document = || prop_oneof![3 => select(vec![0_usize, 6, 8, 10, 12]), 2 => file()];
    let question = select(vec![
        Question::Completion,
        Question::Completion,
        Question::Hover,
        Question::Symbols,
        Question::Actions,
        Question::Format,
        Question::Inlays,
        Question::Lenses,
        Question::Pull,
    ]);
    let content = select(vec![Content::First, Content::Empty, Content::Changed, Content::Broken]);
    let insert = prop_oneof![
        3 => select(TYPED.to_vec()),
        2 => select(vec!["a", "b", "x", "1", "-", ".", "/", "_"]),
        1 => Just(""),
    ];
    prop_oneof![
        6 => document().prop_map(|file| Step::Open { file }),
        2 => document().prop_map(|file| Step::Close { file }),
        3 => document().prop_map(|file| Step::Save { file }),
        30 => (document(), any::<u16>(), 0_usize..6, insert)
            .prop_map(|(file, at, remove, insert)| Step::Edit { file, at, remove, insert }),
        4 => (document(), select(REFERENCES.to_vec()), any::<u16>(), 1_usize..60)
            .prop_map(|(file, reference, number, letters)| Step::TypeReference { file, reference, number, letters }),
        6 => document().prop_map(|file| Step::Undo { file }),
        4 => (file(), content).prop_map(|(file, content)| Step::Write { file, content }),
        2 => file().prop_map(|file| Step::Delete { file }),
        1 => (file(), file()).prop_map(|(from, to)| Step::RenameFile { from, to }),
        2 => (0..FOLDERS.len()).prop_map(|folder| Step::RenameFolder { folder }),
        20 => (document(), any::<u16>(), question, prop::bool::weighted(0.2))
            .prop_map(|(file, at, question, is_cancelled)| Step::Ask { file, at, question, is_cancelled }),
    ]
}
