//! `pacto graph`.

use pacto_core::check::Mode;
use pacto_core::db::Reach;
use pacto_core::graph::{Edge, EdgeKind, Graph, Node, Options, Outcome, References};
use pacto_core::report;

use crate::args::{GraphArgs, OutputFormat};
use crate::contracts::{Loaded, Purpose};
use crate::exit::{CliError, Exit};
use crate::session::Session;

pub fn run(args: GraphArgs, session: &Session) -> Result<Exit, CliError> {
    let references = match (args.with_references, args.only_references) {
        (true, _) => References::With,
        (_, true) => References::Only,
        _ => References::None,
    };
    let reach = if references == References::None { Reach::Contract } else { Reach::References };
    let purpose = Purpose { mode: Mode::Batch, reach, use_siblings: args.siblings.local_siblings };
    let loaded = Loaded::one(&args.contract.contract, &args.overrides, purpose, session)?;
    let (_, _, id, analysis) = loaded.first(false)?;
    let options = Options { references, depth: args.depth };
    let graph = analysis.graph(id, options).ok_or_else(|| {
        CliError::new("INVALID_BUNDLE", format!("{}: there is no contract", args.contract.contract))
    })?;
    session.bars.clear();
    let output = &session.output;
    match output.format {
        OutputFormat::Text => output.result(&report::graph::text(&graph, output.colour())),
        OutputFormat::Json => output.json(&report::graph::json(&graph)),
        OutputFormat::Markdown => output.result(&report::graph::markdown(&graph)),
        OutputFormat::Github | OutputFormat::Sarif => return Err(output.unsupported()),
    }
    note_substitutes(&graph.root, session);
    let is_strict = args.strict || session.settings.is_graph_strict && !args.no_fail;
    let problems = problems(&graph, is_strict);
    if problems == 0 || args.no_fail {
        return Ok(Exit::Success);
    }
    output.summary(&format!("the graph has {problems} problem(s)"));
    Ok(Exit::Findings)
}

/// Says which registry references a folder stood for.
fn note_substitutes(node: &Node, session: &Session) {
    for edge in &node.edges {
        if let Outcome::Resolved { node, is_substitute, .. } = &edge.outcome {
            if *is_substitute {
                session
                    .output
                    .note(&format!("note: {} is read from {}", edge.reference, node.root));
            }
            note_substitutes(node, session);
        }
    }
}

/// Edges that fail; when strict also optional ones, cycles and conflicts.
fn problems(graph: &Graph, is_strict: bool) -> usize {
    let edges = bad_edges(&graph.root, is_strict);
    if is_strict { edges + graph.cycles.len() + graph.conflicts.len() } else { edges }
}

fn bad_edges(node: &Node, is_strict: bool) -> usize {
    let is_bad = |edge: &Edge| {
        let counts = is_strict || edge.required && edge.kind == EdgeKind::Dependency;
        match &edge.outcome {
            Outcome::Resolved { is_compatible, .. } => counts && !is_compatible,
            // Cycles are counted by themselves.
            Outcome::Failed { is_cycle, .. } => counts && !is_cycle,
        }
    };
    node.edges
        .iter()
        .map(|edge| {
            let below = match &edge.outcome {
                Outcome::Resolved { node, .. } => bad_edges(node, is_strict),
                Outcome::Failed { .. } => 0,
            };
            usize::from(is_bad(edge)) + below
        })
        .sum()
}
