//! For people: a line for each finding, and its source line on a terminal.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Subject;
use crate::check::{Diagnostic, Severity};
use crate::report::style::{Style, paint};
use crate::report::{Sources, located, sanitise};

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    pub colour: bool,
    /// The source line below each finding, instead of its place at the line's end.
    pub snippets: bool,
    pub hints: bool,
}

/// The result of one contract.
pub fn text(subject: &Subject, sources: &dyn Sources, options: TextOptions) -> String {
    let (verdict, style) =
        if subject.is_valid() { ("valid", Style::Green) } else { ("invalid", Style::Red) };
    let argument = sanitise(&subject.argument);
    let mut out = format!("{argument} is {}\n", paint(verdict, style, options.colour));
    for diagnostic in &subject.checked.diagnostics {
        if diagnostic.severity > Severity::Hint || options.hints {
            finding(&mut out, diagnostic, sources, options);
        }
    }
    out
}

fn finding(out: &mut String, diagnostic: &Diagnostic, sources: &dyn Sources, options: TextOptions) {
    let (label, style) = match diagnostic.severity {
        Severity::Error => ("ERROR", Style::Red),
        Severity::Warning => ("WARN ", Style::Yellow),
        Severity::Info => ("INFO ", Style::Blue),
        Severity::Hint => ("HINT ", Style::Cyan),
    };
    let path = sanitise(&diagnostic.path);
    let separator = if path.is_empty() { "" } else { ": " };
    let mut line = format!(
        "  {} [{}] {path}{separator}{}",
        paint(label, style, options.colour),
        diagnostic.rule.code,
        sanitise(&diagnostic.message)
    );
    if let Some(origin) = &diagnostic.origin {
        line.push_str(&format!(" [set by {}]", sanitise(origin)));
    }
    let place = located(sources, diagnostic.file.as_deref(), diagnostic.span);
    match place {
        Some(_) if options.snippets => {
            out.push_str(&line);
            out.push('\n');
            out.push_str(&snippet(diagnostic, sources, options));
        }
        Some((file, range)) => {
            let (file, line_no, column) = (sanitise(&file), range.start_line, range.start_column);
            out.push_str(&format!("{line} ({file}:{line_no}:{column})\n"));
        }
        None => {
            out.push_str(&line);
            out.push('\n');
        }
    }
}

/// The lines around a place: only the line itself, so that large files cost nothing.
fn snippet(diagnostic: &Diagnostic, sources: &dyn Sources, options: TextOptions) -> String {
    let Some(file) = &diagnostic.file else { return String::new() };
    let Some(text) = sources.text(file) else { return String::new() };
    let shown = sources.shown(file);
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
        Severity::Hint => Level::HELP,
    };
    let (line, start, end, number) = line_around(&text, diagnostic.span);
    let mut group = Group::with_level(level).element(
        Snippet::source(line.clone())
            .path(shown.clone())
            .line_start(number)
            .annotation(AnnotationKind::Primary.span(start..end)),
    );
    for related in diagnostic.related.iter().take(4) {
        let Some(text) = sources.text(&related.file) else { continue };
        let (line, start, end, number) = line_around(&text, related.span);
        let message = sanitise(&related.message).into_owned();
        group = group.element(
            Snippet::source(line)
                .path(sources.shown(&related.file))
                .line_start(number)
                .annotation(AnnotationKind::Context.span(start..end).label(message)),
        );
    }
    let renderer = if options.colour { Renderer::styled() } else { Renderer::plain() };
    let rendered = renderer.render(&[group]);
    rendered.lines().map(|line| format!("  {line}\n")).collect()
}

/// The line of a span, the span in it, and its one-based number.
fn line_around(text: &str, span: crate::text::Span) -> (String, usize, usize, usize) {
    let start = (span.start as usize).min(text.len());
    let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |n| n + 1);
    let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |n| start + n);
    let number = text[..line_start].matches('\n').count() + 1;
    let line = &text[line_start..line_end];
    let end = (span.end as usize).clamp(start, line_end);
    // What would not fit on a screen is cut, on both sides of the span.
    const WIDEST: usize = 400;
    if line.len() > WIDEST {
        let from = floor(text, start.saturating_sub(WIDEST / 2).max(line_start));
        let to = floor(text, (start + WIDEST / 2).min(line_end));
        return (text[from..to].to_owned(), start - from, end.min(to) - from, number);
    }
    (line.to_owned(), start - line_start, end - line_start, number)
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
