//! `pacto mcp`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use pacto_edge::session::Error;
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Exit;

/// Serve assistants over stdin and stdout or HTTP (Model Context Protocol)
///
/// The assistant's tools search, check, compare, explain and write contracts with the engine of the
/// commands. They read and write files under the roots only.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto mcp
  pacto mcp --root services --root libraries
  pacto mcp --read-only --toolsets contract,fleet
  pacto mcp --transport http --port 8585
  pacto mcp config claude-code > .mcp.json

Claude Code:
  claude mcp add pacto -- pacto mcp")]
pub struct McpArgs {
    /// How clients are spoken to
    #[arg(short, long, value_enum, default_value_t = Transport::Stdio)]
    pub transport: Transport,
    /// http: the port; 0 takes a free one and prints it
    #[arg(long, default_value_t = 8585)]
    pub port: u16,
    /// http: the address; others than those of this machine need --token-file
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: String,
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
    /// http: a page that may call, such as https://app.example.com; repeatable
    #[arg(long = "allowed-origin", value_name = "URL")]
    pub allowed_origins: Vec<String>,
    /// http: a further name by which the server is called; repeatable
    #[arg(long = "allowed-host", value_name = "NAME")]
    pub allowed_hosts: Vec<String>,
    /// http: a file with the bearer token that callers need, which others must not be able to read;
    /// also PACTO_MCP_TOKEN
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// http: let anyone who reaches the address call
    #[arg(long)]
    pub insecure_no_auth: bool,
    /// http: which clients are served
    #[arg(long, value_enum, default_value_t = SessionMode::Both)]
    pub session_mode: SessionMode,
    /// Upper bound on the text of one answer, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 65536, value_parser = clap::value_parser!(u32).range(4096..=1_048_576))]
    pub max_output: u32,
    #[command(subcommand)]
    pub command: Option<McpCommand>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One client over stdin and stdout
    Stdio,
    /// Streamable HTTP
    Http,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionMode {
    /// Clients of the 2025 revisions, with sessions
    Stateful,
    /// All, without sessions
    Stateless,
    /// All, with sessions where the revision has them
    Both,
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
        let snippet = match args.transport {
            Transport::Stdio => snippet(client),
            Transport::Http => http_snippet(client, &args)?,
        };
        context.output.json(&snippet);
        return Ok(Exit::Success);
    }
    let http = match args.transport {
        Transport::Stdio => None,
        Transport::Http => Some(http(&args, context)?),
    };
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
    match http {
        None => pacto_mcp::serve_stdio(options, &choice)?,
        Some(http) => pacto_mcp::serve_http(options, &choice, http)?,
    }
    // Threads that still wait for input end with the process.
    pacto_edge::scratch::remove_all(|| std::process::exit(0));
    Ok(Exit::Success)
}

fn http(args: &McpArgs, context: &Context) -> Result<pacto_mcp::Http, Error> {
    let variable = context.environment.variables.get("PACTO_MCP_TOKEN");
    let token = match (&args.token_file, variable) {
        (Some(file), _) => {
            let path = context.environment.working_directory.join(file);
            Some(pacto_mcp::Token::of_file(&path)?)
        }
        (None, Some(text)) => Some(pacto_mcp::Token::new(&text.to_string_lossy())?),
        (None, None) => None,
    };
    Ok(pacto_mcp::Http {
        host: args.host.clone(),
        port: args.port,
        allowed_origins: args.allowed_origins.clone(),
        allowed_hosts: args.allowed_hosts.clone(),
        token,
        is_open: args.insecure_no_auth,
        sessions: match args.session_mode {
            SessionMode::Stateful => pacto_mcp::Sessions::Stateful,
            SessionMode::Stateless => pacto_mcp::Sessions::Stateless,
            SessionMode::Both => pacto_mcp::Sessions::Both,
        },
    })
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

/// # Errors
/// A client that starts its servers itself.
fn http_snippet(client: Client, args: &McpArgs) -> Result<Value, Error> {
    let url = format!("http://{}:{}/mcp", args.host, args.port);
    Ok(match client {
        Client::ClaudeCode | Client::Generic => {
            json!({"mcpServers": {"pacto": {"type": "http", "url": url}}})
        }
        Client::Cursor => json!({"mcpServers": {"pacto": {"url": url}}}),
        Client::Vscode => json!({"servers": {"pacto": {"type": "http", "url": url}}}),
        Client::ClaudeDesktop => {
            return Err(Error::usage("the file of Claude Desktop names programs, not addresses")
                .hint("leave out --transport http"));
        }
    })
}
