//! `textDocument/definition`, `declaration`, `typeDefinition` and `implementation`.

use pacto_core::ide::entity::Entity;
use pacto_core::ide::occurrences::Occurrence;
use pacto_core::ide::site::Target;
use pacto_core::text::Span;
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
    let links = snapshot.capabilities.offers("definition/linkSupport");
    Some(match declared(snapshot, &params.text_document_position_params, links)? {
        Found::Links(links) => DefinitionResponse::DefinitionLinkList(links),
        Found::Locations(all) => Definition::LocationList(all).into(),
    })
}

pub(crate) fn declaration(
    snapshot: &Snapshot,
    params: DeclarationParams,
) -> Option<DeclarationResponse> {
    let links = snapshot.capabilities.offers("declaration/linkSupport");
    Some(match declared(snapshot, &params.text_document_position_params, links)? {
        Found::Links(links) => DeclarationResponse::DeclarationLinkList(links),
        Found::Locations(all) => DeclarationResponse::Declaration(Declaration::LocationList(all)),
    })
}

/// What describes something: the specification of an interface, else what it is declared by.
pub(crate) fn type_definition(
    snapshot: &Snapshot,
    params: TypeDefinitionParams,
) -> Option<TypeDefinitionResponse> {
    let links = snapshot.capabilities.offers("typeDefinition/linkSupport");
    let at = &params.text_document_position_params;
    let place = at_place(snapshot, at)?;
    let (entity, span) = snapshot.analysis.entity(&place.key, &place.path, place.offset)?;
    let target = snapshot.analysis.type_of(&entity)?;
    Some(match answer(snapshot, &place.key.root, (&place.file, span), vec![target], links)? {
        Found::Links(links) => TypeDefinitionResponse::DefinitionLinkList(links),
        Found::Locations(all) => TypeDefinitionResponse::Definition(Definition::LocationList(all)),
    })
}

/// Who uses it: dependents of a service, values of a property, probes of a path.
pub(crate) fn implementation(
    snapshot: &Snapshot,
    params: ImplementationParams,
) -> Option<ImplementationResponse> {
    let links = snapshot.capabilities.offers("implementation/linkSupport");
    let place = at_place(snapshot, &params.text_document_position_params)?;
    let (entity, span) = snapshot.analysis.entity(&place.key, &place.path, place.offset)?;
    let uses = snapshot.analysis.occurrences(&entity).into_iter().filter(|o| !o.is_declaration);
    let targets =
        uses.map(|used: Occurrence| Target { file: used.file(), span: used.span, name: used.span });
    let targets: Vec<Target> = targets.collect();
    Some(match answer(snapshot, &place.key.root, (&place.file, span), targets, links)? {
        Found::Links(links) => ImplementationResponse::DefinitionLinkList(links),
        Found::Locations(all) => ImplementationResponse::Definition(Definition::LocationList(all)),
    })
}

fn declared(snapshot: &Snapshot, at: &TextDocumentPositionParams, links: bool) -> Option<Found> {
    let place = at_place(snapshot, at)?;
    let (entity, span): (Entity, Span) =
        snapshot.analysis.entity(&place.key, &place.path, place.offset)?;
    let target = snapshot.analysis.declaration(&entity)?;
    answer(snapshot, &place.key.root, (&place.file, span), vec![target], links)
}

fn answer(
    snapshot: &Snapshot,
    root: &pacto_core::Root,
    (file, span): (&str, Span),
    targets: Vec<Target>,
    links: bool,
) -> Option<Found> {
    let mut files = Files::new(snapshot, root);
    if !links {
        let all = targets.iter().filter_map(|target| files.location(&target.file, target.name));
        return Some(Found::Locations(all.collect()));
    }
    let origin = files.positions(file)?.range(span);
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
