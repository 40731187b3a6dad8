//! `pacto explain`.

use clap::Args;
use pacto_core::fact::RegistryCode;
use pacto_core::report;
use pacto_edge::session::{Error, Purpose};

use crate::context::Context;
use crate::contract;
use crate::contract::{ContractArg, OverrideArgs};
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::show::structural_errors;

/// Say in a few lines what a contract describes
///
/// Exit code 1: the contract has structural errors.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto explain
  pacto explain oci://ghcr.io/acme/payments:2.1.0 --output-format json")]
pub struct ExplainArgs {
    #[command(flatten)]
    pub contract: ContractArg,
    #[command(flatten)]
    pub overrides: OverrideArgs,
}

pub fn run(args: ExplainArgs, context: &Context) -> Result<Exit, Error> {
    let loaded = contract::load(&args.contract.contract, &args.overrides, Purpose::ALONE, context)?;
    let contract = loaded.first(false)?;
    let output = &context.output;
    if let Some(exit) = structural_errors(&contract, &loaded, output) {
        return Ok(exit);
    }
    let Some(explanation) = contract.analysis.explain(contract.key) else {
        return Err(Error::new(RegistryCode::InvalidBundle, "there is no contract"));
    };
    match output.format {
        OutputFormat::Text => {
            let text = explanation.text();
            let safe = text.lines().map(|line| format!("{}\n", report::sanitise(line)));
            output.result(&safe.collect::<String>());
        }
        OutputFormat::Json => output.json(&explanation.json()),
        _ => output.result(&explanation.markdown(&report::cell)),
    }
    Ok(Exit::Success)
}
