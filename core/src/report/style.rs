//! Colours of terminals.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Red,
    Yellow,
    Blue,
    Green,
    Cyan,
}

/// Bold text in a colour (ECMA-48, "SGR"), where `is_coloured` says so.
pub(super) fn paint(text: &str, style: Style, is_coloured: bool) -> String {
    let code = match style {
        Style::Red => 31,
        Style::Green => 32,
        Style::Yellow => 33,
        Style::Blue => 34,
        Style::Cyan => 36,
    };
    if is_coloured { format!("\x1b[1;{code}m{text}\x1b[0m") } else { text.to_owned() }
}
