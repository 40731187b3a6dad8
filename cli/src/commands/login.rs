//! `pacto login`.

use std::io::IsTerminal;

use pacto_core::contract::OciReference;
use pacto_core::fact::RegistryCode;
use pacto_edge::registry::{Client, Credential, Credentials, Options, credentials};
use serde_json::json;

use crate::args::{LoginArgs, OutputFormat};
use crate::exit::{CliError, Exit};
use crate::session::Session;
use crate::settings::secret_from_stdin;

/// The host that `typed` means, whichever way it is written.
pub fn host(typed: &str) -> Result<String, CliError> {
    let text = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    let text = text.split('/').next().unwrap_or(text);
    let parsed = OciReference::parse(&format!("{text}/x"));
    parsed.map(|reference| reference.host).map_err(|error| {
        CliError::new("INVALID_REF", format!("\"{typed}\" is no registry: {error}"))
            .hint("name a host, such as ghcr.io or localhost:5000")
    })
}

pub fn run(args: LoginArgs, session: &Session) -> Result<Exit, CliError> {
    let host = host(&args.registry)?;
    let output = &session.output;
    let file = session.settings.credentials_file.clone().ok_or_else(|| {
        CliError::new("CONFIG", "there is no home folder to store credentials in")
            .hint("set XDG_CONFIG_HOME")
    })?;
    if session.settings.is_offline && !args.no_verify {
        return Err(CliError::new("OFFLINE", "login asks the registry")
            .hint("store without asking: --no-verify"));
    }
    if args.password.is_some() {
        output.note("warning: a password on the command line is visible to other processes; use --password-stdin");
    }
    let user = username(&args)?;
    let password = password(&args, &host)?;
    let verified = match args.no_verify {
        true => None,
        false => Some(verify(&host, &user, &password, session)),
    };
    let is_verified = match verified {
        Some(Ok(())) => true,
        Some(Err(failure))
            if matches!(failure.code, RegistryCode::AuthRequired | RegistryCode::Forbidden) =>
        {
            let message = format!("{host} refused the credentials; nothing was stored");
            output.error(&CliError::new(failure.code.text(), message));
            return Ok(Exit::Findings);
        }
        Some(Err(failure)) => {
            output.note(&format!("warning: not verified: {}", failure.message));
            false
        }
        None => {
            output.note("note: not verified");
            false
        }
    };
    credentials::store(&file, &host, &user, &password)
        .map_err(|why| CliError::new("IO", format!("{}: {why}", file.display())))?;
    match output.format {
        OutputFormat::Json => {
            output.json(&json!({"schemaVersion": 1, "registry": host, "verified": is_verified}));
        }
        _ => output.plain(&format!("Login succeeded for {host}\n"))?,
    }
    Ok(Exit::Success)
}

fn username(args: &LoginArgs) -> Result<String, CliError> {
    let given = args.username.clone();
    if let Some(user) = given {
        return match user.contains(':') || user.is_empty() {
            true => Err(CliError::usage("a user name is not empty and holds no colon")),
            false => Ok(user),
        };
    }
    if !std::io::stdin().is_terminal() {
        return Err(CliError::usage("the user name is missing").hint("name it with --username"));
    }
    eprint!("Username: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| CliError::io("<stdin>", &error))?;
    match line.trim() {
        "" => Err(CliError::usage("the user name is missing")),
        user => Ok(user.to_owned()),
    }
}

fn password(args: &LoginArgs, host: &str) -> Result<String, CliError> {
    if let Some(password) = &args.password {
        return Ok(password.clone());
    }
    if args.password_stdin {
        return secret_from_stdin();
    }
    if !std::io::stdin().is_terminal() {
        return Err(
            CliError::usage("the password is missing").hint("pipe it in with --password-stdin")
        );
    }
    eprint!("Password for {host}: ");
    let password = rpassword::read_password().map_err(|error| CliError::io("<stdin>", &error))?;
    match password.as_str() {
        "" => Err(CliError::usage("the password is missing")),
        _ => Ok(password),
    }
}

/// Asks the registry whether it takes these credentials.
fn verify(
    host: &str,
    user: &str,
    password: &str,
    session: &Session,
) -> Result<(), pacto_core::fact::RegistryFailure> {
    let credential = Credential::Basic { user: user.to_owned(), password: password.to_owned() };
    let sources = credentials::Sources {
        explicit: vec![(credential, "the command line".into(), None)],
        ..Default::default()
    };
    let options = Options { trust: session.settings.trust.clone(), ..Options::default() };
    let client = Client::new(options, Credentials::new(sources))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        pacto_core::fact::RegistryFailure::new(RegistryCode::Unreachable, error.to_string())
    })?;
    runtime.block_on(client.ping(host))
}
