//! How commands name a contract, what is laid over it, and how it is read.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCompleter;
use pacto_core::db::Override;
use pacto_edge::session::{Error, Loaded, Purpose, Target, overrides};

use crate::context::Context;
use crate::{complete, stdin};

#[derive(Args, Debug)]
pub struct ContractArg {
    /// A folder with a pacto.yaml, a file, an archive, oci://…, or - for stdin
    #[arg(value_name = "CONTRACT", default_value = ".", add = ArgValueCompleter::new(complete::contracts))]
    pub contract: String,
}

#[derive(Args, Debug)]
pub struct SiblingsArg {
    /// Look for dependencies in folders of their names beside the contract's first
    #[arg(long)]
    pub local_siblings: bool,
}

#[derive(Args, Debug, Clone, Default)]
pub struct OverrideArgs {
    /// Lay a YAML or JSON file over the contract; - is stdin
    #[arg(short = 'f', long, value_name = "FILE")]
    pub values: Vec<String>,
    /// Set one value of the contract, such as service.version=2.0.0 or interfaces[0].port=9090
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

impl OverrideArgs {
    /// What is laid over the contract.
    ///
    /// # Errors
    /// A file that cannot be read, or a value that cannot be understood.
    pub fn read(&self, context: &Context) -> Result<Vec<Override>, Error> {
        let texts = self.values.iter().map(|file| {
            let text = read_text(file, Path::new(file), context)?;
            Ok((file.clone(), text))
        });
        overrides(texts.collect::<Result<Vec<_>, Error>>()?, &self.set)
    }
}

/// A text file named on the command line; `-` is stdin.
///
/// # Errors
/// It cannot be read.
pub fn read_text(typed: &str, path: &Path, context: &Context) -> Result<Arc<str>, Error> {
    match typed {
        "-" => stdin::text(),
        typed => context.session.read_text(typed, path),
    }
}

/// Finds what `typed` means; `-` is a contract on stdin, beside the files of this folder.
///
/// # Errors
/// It is not there, or cannot be read.
pub fn find(typed: &str, context: &Context) -> Result<Target, Error> {
    match typed {
        "-" => context.session.text(typed, stdin::NAME, stdin::text()?, "."),
        typed => context.session.find(typed),
    }
}

/// Reads one contract.
///
/// # Errors
/// It is not there, or cannot be read.
pub fn load(
    typed: &str,
    overrides: &OverrideArgs,
    purpose: Purpose,
    context: &Context,
) -> Result<Loaded, Error> {
    let layers = overrides.read(context)?;
    let target = find(typed, context)?;
    Ok(context.session.load(vec![target], layers, purpose))
}
