//! Freeing what was made of inputs that are forgotten: it is made anew, of nothing.

use super::database::Db;
use super::inputs::{ContractInput, SourceFile};
use super::{findings, fleet, queries};

/// Frees what was made of a file's text. The text is pending by now.
pub fn drop_answers(db: &dyn Db, file: SourceFile) {
    let _ = (queries::tree(db, file), queries::lines(db, file), queries::document(db, file));
    let _ = (queries::base_contract(db, file), queries::references_of(db, file));
    let _ = (queries::operations_of(db, file), queries::proto(db, file));
    let _ = (queries::schema(db, file), fleet::service_name(db, file), fleet::profile(db, file));
    let _ = (fleet::uses(db, file), fleet::dependency_roots(db, file));
}

/// Frees what was made of a contract. Its file is pending by now.
pub fn drop_findings(db: &dyn Db, input: ContractInput) {
    let _ = (findings::merged(db, input), findings::checked(db, input));
    let _ = (findings::findings_yaml(db, input), findings::findings_structural(db, input));
    let _ = (findings::findings_cross_field(db, input), findings::findings_semantic(db, input));
    let _ = (findings::findings_policy(db, input), findings::findings_references(db, input));
}
