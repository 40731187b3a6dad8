//! `pacto graph`.

use clap::Args;
use pacto_core::check::Mode;
use pacto_core::db::Reach;
use pacto_core::fact::RegistryCode;
use pacto_core::graph::{Edge, EdgeKind, Graph, Node, Options, Outcome, References};
use pacto_core::report;
use pacto_edge::session::{Error, Purpose};

use crate::context::Context;
use crate::contract;
use crate::contract::{ContractArg, OverrideArgs, SiblingsArg};
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::show::structural_errors;

/// Show what a contract depends on
///
/// Exit code 1: a required dependency is missing, has no version that fits, or lies outside of its
/// range; or the contract is structurally invalid.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto graph
  pacto graph oci://ghcr.io/acme/payments --depth 2
  pacto graph --with-references --output-format markdown")]
pub struct GraphArgs {
    #[command(flatten)]
    pub contract: ContractArg,
    /// Follow configurations and policies by reference, too
    #[arg(long, conflicts_with = "only_references")]
    pub with_references: bool,
    /// Follow nothing but configurations and policies
    #[arg(long)]
    pub only_references: bool,
    /// Show no more levels than this
    #[arg(long, value_name = "N")]
    pub depth: Option<usize>,
    /// Let any error, cycle and conflict fail
    #[arg(long)]
    pub strict: bool,
    /// End with exit code 0 whatever is found
    #[arg(long, conflicts_with = "strict")]
    pub no_fail: bool,
    #[command(flatten)]
    pub siblings: SiblingsArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

pub fn run(args: GraphArgs, context: &Context) -> Result<Exit, Error> {
    let references = match (args.with_references, args.only_references) {
        (true, _) => References::With,
        (_, true) => References::Only,
        _ => References::None,
    };
    let reach = if references == References::None { Reach::Contract } else { Reach::References };
    let purpose = Purpose { mode: Mode::Batch, reach, use_siblings: args.siblings.local_siblings };
    let loaded = contract::load(&args.contract.contract, &args.overrides, purpose, context)?;
    let contract = loaded.first(false)?;
    let output = &context.output;
    if let Some(exit) = structural_errors(&contract, &loaded, output) {
        return Ok(exit);
    }
    let options = Options { references, depth: args.depth };
    let graph = contract.analysis.graph(contract.key, options).ok_or_else(|| {
        Error::new(
            RegistryCode::InvalidBundle,
            format!("{}: there is no contract", args.contract.contract),
        )
    })?;
    match output.format {
        OutputFormat::Text => output.result(&report::graph::text(&graph, output.colour())),
        OutputFormat::Json => output.json(&report::graph::json(&graph)),
        _ => output.result(&report::graph::markdown(&graph)),
    }
    note_substitutes(&graph.root, context);
    let is_strict = args.strict || context.session.settings.is_graph_strict && !args.no_fail;
    let problems = problems(&graph, is_strict);
    if problems == 0 || args.no_fail {
        return Ok(Exit::Success);
    }
    output.summary(&format!("the graph has {problems} problem(s)"));
    Ok(Exit::Findings)
}

/// Says which registry references a folder stood for.
fn note_substitutes(node: &Node, context: &Context) {
    for edge in &node.edges {
        if let Outcome::Resolved { node, is_substitute, .. } = &edge.outcome {
            if *is_substitute {
                context
                    .output
                    .note(&format!("note: {} is read from {}", edge.reference, node.root));
            }
            note_substitutes(node, context);
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
