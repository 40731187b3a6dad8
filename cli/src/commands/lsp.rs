//! `pacto lsp`.

use crate::args::LspArgs;
use crate::exit::{CliError, Exit};

pub fn run(_args: LspArgs) -> Result<Exit, CliError> {
    Ok(Exit::Success)
}
