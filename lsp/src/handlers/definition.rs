//! `textDocument/definition`, `declaration`, `typeDefinition` and `implementation`.

use pacto_core::Analysis;
use pacto_core::ide::entity::Entity;
use pacto_core::ide::occurrences::Occurrence;
use pacto_core::ide::site::Target;
use tower_lsp::gen_lsp_types::{
    Declaration, DeclarationParams, DeclarationResponse, Definition, DefinitionParams,
    DefinitionResponse, ImplementationParams, ImplementationResponse, Location, LocationLink,
    TextDocumentPositionParams, TypeDefinitionParams, TypeDefinitionResponse,
};

use super::at_place;
use crate::snapshot::Snapshot;
use crate::to_protocol::Files;

/// Where something is, in one of the two forms that clients take.
enum Found {
    Links(Vec<LocationLink>),
    Locations(Vec<Location>),
}

pub(crate) fn definition(
    snapshot: &Snapshot,
    params: DefinitionParams,
) -> Option<DefinitionResponse> {
    let at = &params.text_document_position_params;
    Some(match found(snapshot, at, "definition/linkSupport", declared)? {
        Found::Links(links) => DefinitionResponse::DefinitionLinkList(links),
        Found::Locations(all) => Definition::LocationList(all).into(),
    })
}

pub(crate) fn declaration(
    snapshot: &Snapshot,
    params: DeclarationParams,
) -> Option<DeclarationResponse> {
    let at = &params.text_document_position_params;
    Some(match found(snapshot, at, "declaration/linkSupport", declared)? {
        Found::Links(links) => DeclarationResponse::DeclarationLinkList(links),
        Found::Locations(all) => DeclarationResponse::Declaration(Declaration::LocationList(all)),
    })
}

/// What describes something: the specification of an interface, else what it is declared by.
pub(crate) fn type_definition(
    snapshot: &Snapshot,
    params: TypeDefinitionParams,
) -> Option<TypeDefinitionResponse> {
    let at = &params.text_document_position_params;
    Some(match found(snapshot, at, "typeDefinition/linkSupport", described)? {
        Found::Links(links) => TypeDefinitionResponse::DefinitionLinkList(links),
        Found::Locations(all) => TypeDefinitionResponse::Definition(Definition::LocationList(all)),
    })
}

/// Who uses it: dependents of a service, values of a property, probes of a path.
pub(crate) fn implementation(
    snapshot: &Snapshot,
    params: ImplementationParams,
) -> Option<ImplementationResponse> {
    let at = &params.text_document_position_params;
    Some(match found(snapshot, at, "implementation/linkSupport", uses)? {
        Found::Links(links) => ImplementationResponse::DefinitionLinkList(links),
        Found::Locations(all) => ImplementationResponse::Definition(Definition::LocationList(all)),
    })
}

fn declared(analysis: &Analysis, entity: &Entity) -> Option<Vec<Target>> {
    Some(vec![analysis.declaration(entity)?])
}

fn described(analysis: &Analysis, entity: &Entity) -> Option<Vec<Target>> {
    Some(vec![analysis.type_of(entity)?])
}

fn uses(analysis: &Analysis, entity: &Entity) -> Option<Vec<Target>> {
    let uses = analysis.occurrences(entity).into_iter().filter(|found| !found.is_declaration);
    let target = |used: Occurrence| Target { file: used.file(), span: used.span, name: used.span };
    Some(uses.map(target).collect())
}

/// The targets of what stands at a place, as links where the client has the capability `links`.
fn found(
    snapshot: &Snapshot,
    at: &TextDocumentPositionParams,
    links: &str,
    targets: impl Fn(&Analysis, &Entity) -> Option<Vec<Target>>,
) -> Option<Found> {
    let place = at_place(snapshot, at)?;
    let (entity, span) = snapshot.analysis.entity(&place.key, &place.path, place.offset)?;
    let targets = targets(&snapshot.analysis, &entity)?;
    let mut files = Files::new(snapshot, &place.key.root);
    if !snapshot.capabilities.offers(links) {
        let all = targets.iter().filter_map(|target| files.location(&target.file, target.name));
        return Some(Found::Locations(all.collect()));
    }
    let origin = files.positions(&place.file)?.range(span);
    let all = targets.iter().filter_map(|target| {
        let positions = files.positions(&target.file)?;
        Some(LocationLink {
            origin_selection_range: Some(origin),
            target_range: positions.range(target.span),
            target_selection_range: positions.range(target.name),
            target_uri: snapshot.uri(&target.file).0.into(),
        })
    });
    Some(Found::Links(all.collect()))
}
