//! `pacto doc --serve`: the documentation in a browser, made again when a file changes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::Stream;
use pacto_core::doc::Page;
use pacto_edge::session::{Code, Error};
use pulldown_cmark::{CodeBlockKind, Event as Part, Options, Parser, Tag, TagEnd, html};
use tokio::sync::watch;

use crate::context::Context;
use crate::exit::Exit;

/// How often files are looked at.
const POLL: Duration = Duration::from_millis(400);
/// Upper bound on the files that are watched.
const MAX_WATCHED: usize = 2_000;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("reload.js");
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Clone)]
struct Shared {
    page: watch::Receiver<Arc<String>>,
    port: u16,
}

/// What is served.
pub struct Served<'a> {
    /// 0 takes a free one.
    pub port: u16,
    pub opens_browser: bool,
    /// As it was typed; its files are watched.
    pub contract: &'a str,
    /// Values files, which are watched, too.
    pub values: &'a [String],
    /// Makes the page again.
    pub load: &'a (dyn Fn() -> Result<Option<Page>, Error> + Sync),
}

pub fn run(served: &Served<'_>, page: Page, context: &Context) -> Result<Exit, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, served.port)).map_err(|error| {
        let message = format!("port {} cannot be served: {error}", served.port);
        Error::new(Code::Io, message).hint("name another one with --port, or 0 for a free one")
    })?;
    let io = |error: std::io::Error| Error::io("the server", error);
    listener.set_nonblocking(true).map_err(io)?;
    let port = listener.local_addr().map_err(io)?.port();
    let address = format!("http://127.0.0.1:{port}");
    context.output.problem(&format!("Serving documentation at {address}\nPress Ctrl+C to stop"));
    if served.opens_browser {
        open_browser(&address);
    }
    let (sender, receiver) = watch::channel(Arc::new(document(&page)));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let served = runtime.map(|runtime| {
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener)?;
                    axum::serve(listener, router(Shared { page: receiver, port })).await
                })
            });
            if let Err(error) | Ok(Err(error)) = served {
                context.output.error(&Error::io("the server", error));
                std::process::exit(2);
            }
        });
        watch_files(served, context, &sender);
    });
    Ok(Exit::Success)
}

fn router(shared: Shared) -> Router {
    let file = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
    };
    Router::new()
        .route("/", get(index))
        .route("/style.css", file("text/css; charset=utf-8", STYLE))
        .route("/reload.js", file("text/javascript; charset=utf-8", SCRIPT))
        .route("/changes", get(changes))
        .layer(from_fn_with_state(shared.clone(), guard))
        .with_state(shared)
}

/// Only this machine's own names are served, so that a page elsewhere cannot read by way of a name
/// that it points here; and every answer says what the browser may do with it.
async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let port = shared.port;
    let is_own = host.is_some_and(|host| {
        [format!("127.0.0.1:{port}"), format!("localhost:{port}")].iter().any(|own| own == host)
    });
    let mut response = match is_own {
        true => next.run(request).await,
        false => (StatusCode::FORBIDDEN, "this host is not served\n").into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn index(State(shared): State<Shared>) -> Response {
    let page = shared.page.borrow().as_str().to_owned();
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// Tells the page when there is a new one.
async fn changes(
    State(shared): State<Shared>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut page = shared.page;
    page.mark_unchanged();
    let stream = futures_util::stream::unfold(page, |mut page| async move {
        page.changed().await.ok()?;
        Some((Ok(Event::default().event("changed").data("page")), page))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// Makes the page again whenever a file changes, until the process ends.
fn watch_files(served: &Served<'_>, context: &Context, sender: &watch::Sender<Arc<String>>) {
    let typed = served.contract;
    let path = Path::new(typed.strip_prefix("file://").unwrap_or(typed));
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let mut before = stamps(folder, served.values);
    loop {
        std::thread::sleep(POLL);
        if typed.starts_with("oci://") || typed == "-" {
            continue;
        }
        let now = stamps(folder, served.values);
        if now == before {
            continue;
        }
        before = now;
        let page = (served.load)();
        match page {
            Ok(Some(page)) => drop(sender.send(Arc::new(document(&page)))),
            Ok(None) => {}
            Err(error) => context.output.note(&format!("warning: {}", error.message)),
        }
    }
}

type Stamps = BTreeMap<String, Option<(SystemTime, u64)>>;

fn stamps(folder: &Path, values: &[String]) -> Stamps {
    let mut found = Stamps::new();
    let mut queue = vec![folder.to_owned()];
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_hidden = name.to_string_lossy().starts_with('.')
                || name == "node_modules"
                || name == "target";
            let Ok(metadata) = entry.metadata() else { continue };
            if is_hidden || found.len() >= MAX_WATCHED {
                continue;
            }
            if metadata.is_dir() {
                queue.push(entry.path());
            } else {
                let stamp = metadata.modified().ok().map(|time| (time, metadata.len()));
                found.insert(entry.path().display().to_string(), stamp);
            }
        }
    }
    for file in values {
        let metadata = std::fs::metadata(file).ok();
        let stamp = metadata.and_then(|metadata| Some((metadata.modified().ok()?, metadata.len())));
        found.insert(file.clone(), stamp);
    }
    found
}

fn open_browser(address: &str) {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let _ = std::process::Command::new(program).arg(address).spawn();
}

/// The whole page. Nothing in the Markdown reaches the browser as HTML but the folds that the
/// documentation itself is made of.
fn document(page: &Page) -> String {
    let mut parts = Vec::new();
    let mut is_diagram = false;
    let mut heading: Option<(usize, String)> = None;
    for part in Parser::new_ext(&page.markdown, Options::ENABLE_TABLES) {
        match part {
            Part::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if &*info == "mermaid" => {
                is_diagram = true;
                let figure = format!("<figure>{}</figure>\n", page.architecture.svg());
                parts.push(Part::Html(figure.into()));
            }
            Part::End(TagEnd::CodeBlock) if is_diagram => is_diagram = false,
            _ if is_diagram => {}
            Part::Start(tag @ Tag::Heading { .. }) => {
                heading = Some((parts.len(), String::new()));
                parts.push(Part::Start(tag));
            }
            Part::End(tag @ TagEnd::Heading(_)) => {
                if let Some((at, text)) = heading.take()
                    && let Some(Part::Start(Tag::Heading { id, .. })) = parts.get_mut(at)
                {
                    *id = Some(anchor(&text).into());
                }
                parts.push(Part::End(tag));
            }
            Part::Html(text) | Part::InlineHtml(text) => parts.push(neutral(&text)),
            Part::Start(Tag::Image { .. }) | Part::End(TagEnd::Image) => {}
            Part::Start(Tag::Link { ref dest_url, .. }) if !dest_url.starts_with('#') => {
                parts.push(Part::Start(Tag::Emphasis));
            }
            part => {
                if let (Some((_, text)), Part::Text(piece) | Part::Code(piece)) =
                    (&mut heading, &part)
                {
                    text.push_str(piece);
                }
                parts.push(part);
            }
        }
    }
    let mut body = String::new();
    html::push_html(&mut body, parts.into_iter());
    let mut title = String::new();
    let _ = pulldown_cmark_escape_title(&mut title, &page.service);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/style.css\"><link rel=\"icon\" href=\"data:,\"><script src=\"/reload.js\" defer></script></head>\n\
         <body><main>{body}</main></body></html>\n"
    )
}

/// HTML in Markdown: the folds of the documentation stay, everything else is text.
fn neutral(text: &str) -> Part<'static> {
    const FOLDS: [&str; 3] = ["<details>", "</details>", "<summary>"];
    let is_fold = |line: &str| {
        let line = line.trim();
        let inner = line.strip_prefix("<summary>").and_then(|rest| rest.strip_suffix("</summary>"));
        FOLDS[..2].contains(&line) || inner.is_some_and(|inner| !inner.contains('<'))
    };
    match text.lines().all(|line| line.trim().is_empty() || is_fold(line)) {
        true => Part::Html(text.to_owned().into()),
        false => Part::Text(text.to_owned().into()),
    }
}

fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn pulldown_cmark_escape_title(out: &mut String, text: &str) -> std::fmt::Result {
    use std::fmt::Write;
    for c in text.chars() {
        match c {
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '&' => out.write_str("&amp;")?,
            c => out.write_char(c)?,
        }
    }
    Ok(())
}
