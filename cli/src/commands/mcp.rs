//! `pacto mcp`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use pacto_edge::session::Error;
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Exit;

/// Serve an assistant over stdin and stdout (Model Context Protocol)
///
/// The assistant's tools search, check, compare, explain and write contracts with the engine of the
/// commands. They read and write files under the roots only.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto mcp
  pacto mcp --root services --root libraries
  pacto mcp --read-only --toolsets contract,fleet
  pacto mcp config claude-code > .mcp.json

Claude Code:
  claude mcp add pacto -- pacto mcp")]
pub struct McpArgs {
    /// A folder whose files the tools may read and write; repeatable [default: this folder]
    #[arg(long = "root", value_name = "DIR")]
    pub roots: Vec<PathBuf>,
    /// Leave out the tools that write, whatever else is chosen
    #[arg(long)]
    pub read_only: bool,
    /// Groups of tools: contract, author, fleet, or all
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub toolsets: Vec<String>,
    /// Tools to add to the groups
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub tools: Vec<String>,
    /// Tools to leave out
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub exclude_tools: Vec<String>,
    /// Upper bound on the text of one answer, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 65536, value_parser = clap::value_parser!(u32).range(4096..=1_048_576))]
    pub max_output: u32,
    #[command(subcommand)]
    pub command: Option<McpCommand>,
}

#[derive(Subcommand, Debug)]
pub enum McpCommand {
    /// Print what a client's configuration file needs
    Config {
        #[arg(value_enum)]
        client: Client,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// .mcp.json in the project
    ClaudeCode,
    /// claude_desktop_config.json
    ClaudeDesktop,
    /// .cursor/mcp.json
    Cursor,
    /// .vscode/mcp.json
    Vscode,
    /// Most others
    Generic,
}

pub fn run(args: McpArgs, context: &Context) -> Result<Exit, Error> {
    if let Some(McpCommand::Config { client }) = args.command {
        context.output.json(&snippet(client));
        return Ok(Exit::Success);
    }
    let roots = if args.roots.is_empty() { vec![PathBuf::from(".")] } else { args.roots };
    let choice = pacto_mcp::Choice {
        sets: args.toolsets,
        with: args.tools,
        without: args.exclude_tools,
        is_read_only: args.read_only,
    };
    let options = pacto_mcp::Options {
        roots,
        flags: context.flags.clone(),
        environment: context.environment.clone(),
        max_output: args.max_output as usize,
    };
    pacto_mcp::serve_stdio(options, &choice)?;
    // Threads that still wait for input end with the process.
    std::process::exit(0)
}

fn snippet(client: Client) -> Value {
    match client {
        Client::ClaudeCode | Client::Cursor | Client::Generic => {
            json!({"mcpServers": {"pacto": {"command": "pacto", "args": ["mcp"]}}})
        }
        // Its working directory is not the project.
        Client::ClaudeDesktop => json!({"mcpServers": {"pacto": {
            "command": "pacto", "args": ["mcp", "--root", "/path/to/services"],
        }}}),
        Client::Vscode => json!({"servers": {"pacto": {
            "type": "stdio", "command": "pacto", "args": ["mcp", "--root", "${workspaceFolder}"],
        }}}),
    }
}
