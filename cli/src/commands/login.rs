//! `pacto login`.

use std::io::IsTerminal;

use clap::Args;
use pacto_core::contract::OciReference;
use pacto_core::fact::RegistryCode;
use pacto_core::text::credentials;
use pacto_edge::registry::{self, Client, Credential, Credentials, Options};
use pacto_edge::session::{Code, Error};
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::OutputFormat;
use crate::stdin;

/// Store credentials for a registry
///
/// Exit code 1: the registry refused them; then nothing is stored.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  pacto login ghcr.io -u octocat
  echo \"$TOKEN\" | pacto login ghcr.io -u octocat --password-stdin")]
pub struct LoginArgs {
    /// The registry, such as ghcr.io
    pub registry: String,
    /// The user; asked for on a terminal where it is not named
    #[arg(short, long)]
    pub username: Option<String>,
    /// The password; visible to other processes, so rather use --password-stdin
    #[arg(short, long, conflicts_with = "password_stdin")]
    pub password: Option<String>,
    /// Read the password from stdin
    #[arg(long)]
    pub password_stdin: bool,
    /// Store without asking the registry
    #[arg(long)]
    pub no_verify: bool,
}

/// The host that `typed` means, whichever way it is written.
pub fn host(typed: &str) -> Result<String, Error> {
    let text = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    if credentials(text, true).is_some() {
        let message = "a registry is named without user and password";
        return Err(Error::usage(message).hint("name the user with --username"));
    }
    let text = text.split('/').next().unwrap_or(text);
    let parsed = OciReference::parse(&format!("{text}/x"));
    parsed.map(|reference| reference.host).map_err(|error| {
        Error::new(RegistryCode::InvalidRef, format!("\"{typed}\" is not a registry: {error}"))
            .hint("name a host, such as ghcr.io or localhost:5000")
    })
}

pub fn run(args: LoginArgs, context: &Context) -> Result<Exit, Error> {
    let host = host(&args.registry)?;
    let output = &context.output;
    let file = context.session.settings.credentials_file.clone().ok_or_else(|| {
        Error::new(Code::Config, "there is no home folder to store credentials in")
            .hint("set XDG_CONFIG_HOME")
    })?;
    if context.session.settings.is_offline && !args.no_verify {
        return Err(Error::new(RegistryCode::Offline, "login asks the registry")
            .hint("store without asking: --no-verify"));
    }
    if args.password.is_some() {
        output.note("warning: a password on the command line is visible to other processes; use --password-stdin");
    }
    let user = username(&args)?;
    let password = password(&args, &host)?;
    let verified = match args.no_verify {
        true => None,
        false => Some(verify(&host, &user, &password, context)),
    };
    let is_verified = match verified {
        Some(Ok(())) => true,
        Some(Err(failure))
            if matches!(failure.code, RegistryCode::AuthRequired | RegistryCode::Forbidden) =>
        {
            let message = format!("{host} refused the credentials; nothing was stored");
            return Err(Error::new(Code::Refused(failure.code), message));
        }
        Some(Err(failure)) if was_not_reached(failure.code) => {
            output.note(&format!("warning: not verified: {}", failure.message));
            false
        }
        Some(Err(failure)) => return Err(failure.into()),
        None => {
            output.note("note: not verified");
            false
        }
    };
    registry::credentials::store(&file, &host, &user, &password)
        .map_err(|why| Error::new(Code::Io, format!("{}: {why}", file.display())))?;
    match output.format {
        OutputFormat::Json => {
            output.json(&json!({"schemaVersion": 1, "registry": host, "verified": is_verified}));
        }
        _ => output.plain(&format!("Login succeeded for {host}\n")),
    }
    Ok(Exit::Success)
}

/// Whether a registry has said nothing, so that the credentials may be right.
fn was_not_reached(code: RegistryCode) -> bool {
    use RegistryCode::{PlainHttp, RateLimited, Timeout, Tls, Unreachable};
    matches!(code, Unreachable | Timeout | Tls | PlainHttp | RateLimited)
}

fn username(args: &LoginArgs) -> Result<String, Error> {
    let given = args.username.clone();
    if let Some(user) = given {
        return match user.contains(':') || user.is_empty() {
            true => Err(Error::usage("a user name is not empty and holds no colon")),
            false => Ok(user),
        };
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::usage("the user name is missing").hint("name it with --username"));
    }
    eprint!("Username: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| Error::io("<stdin>", error))?;
    match line.trim() {
        "" => Err(Error::usage("the user name is missing")),
        user => Ok(user.to_owned()),
    }
}

fn password(args: &LoginArgs, host: &str) -> Result<String, Error> {
    if let Some(password) = &args.password {
        return Ok(password.clone());
    }
    if args.password_stdin {
        return stdin::secret();
    }
    if !std::io::stdin().is_terminal() {
        return Err(
            Error::usage("the password is missing").hint("pipe it in with --password-stdin")
        );
    }
    eprint!("Password for {host}: ");
    let password = rpassword::read_password().map_err(|error| Error::io("<stdin>", error))?;
    match password.as_str() {
        "" => Err(Error::usage("the password is missing")),
        _ => Ok(password),
    }
}

/// Asks the registry whether it takes these credentials.
fn verify(
    host: &str,
    user: &str,
    password: &str,
    context: &Context,
) -> Result<(), pacto_core::fact::RegistryFailure> {
    let credential = Credential::Basic { user: user.to_owned(), password: password.to_owned() };
    let sources = registry::credentials::Sources {
        explicit: vec![(credential, "the command line".into(), None)],
        ..Default::default()
    };
    let options = Options { trust: context.session.settings.trust.clone(), ..Options::default() };
    let client = Client::new(options, Credentials::new(sources))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        pacto_core::fact::RegistryFailure::new(RegistryCode::Unreachable, error.to_string())
    })?;
    runtime.block_on(client.ping(host))
}
