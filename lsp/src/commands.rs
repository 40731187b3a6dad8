//! The commands that clients can have executed (docs/editor.md, "Commands").

/// Raises the version as far as the changes ask for.
pub(crate) const BUMP_VERSION: &str = "pacto.server.bumpVersion";
/// Pins every reference whose digest is known.
pub(crate) const PIN_DIGESTS: &str = "pacto.server.pinDigests";
/// Raises a dependency.
pub(crate) const UPGRADE_DEPENDENCY: &str = "pacto.server.upgradeDependency";
/// Asks registries which versions of dependencies there are.
pub(crate) const CHECK_UPDATES: &str = "pacto.server.checkUpdates";
/// Asks registries again for everything.
pub(crate) const REFRESH_REGISTRY: &str = "pacto.server.refreshRegistry";
/// Forgets what registries have said.
pub(crate) const CLEAR_ADVICE: &str = "pacto.server.clearAdvice";
/// Compares a bundle with something else, until the server ends.
pub(crate) const SET_BASELINE: &str = "pacto.server.setBaseline";
/// Creates a file that a contract names.
pub(crate) const CREATE_FILE: &str = "pacto.server.createFile";
/// Creates a contract.
pub(crate) const NEW_CONTRACT: &str = "pacto.server.newContract";
/// Judges every contract of the workspace.
pub(crate) const VALIDATE_WORKSPACE: &str = "pacto.server.validateWorkspace";
/// What the server knows, for reports of faults; no texts and no secrets.
pub(crate) const DUMP_STATE: &str = "pacto.server.dumpState";
/// Shows all changes since the baseline.
pub(crate) const SHOW_CHANGES: &str = "pacto.server.showChanges";
/// Shows who uses a contract.
pub(crate) const SHOW_DEPENDENTS: &str = "pacto.server.showDependents";
/// Makes an action, for clients that take commands alone.
pub(crate) const APPLY: &str = "pacto.server.applyAction";

pub(crate) const ALL: [&str; 14] = [
    BUMP_VERSION,
    PIN_DIGESTS,
    UPGRADE_DEPENDENCY,
    CHECK_UPDATES,
    REFRESH_REGISTRY,
    CLEAR_ADVICE,
    SET_BASELINE,
    CREATE_FILE,
    NEW_CONTRACT,
    VALIDATE_WORKSPACE,
    DUMP_STATE,
    SHOW_CHANGES,
    SHOW_DEPENDENTS,
    APPLY,
];
