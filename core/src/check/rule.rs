//! Rules: what they are called, where they belong, what they say of themselves.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Hint,
    Info,
    Warning,
    Error,
}

impl Severity {
    pub fn text(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
            Severity::Hint => "hint",
        }
    }
}

/// The layer that a rule belongs to (2-validation, "Model"). Layers never hide each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    Yaml,
    Structural,
    CrossField,
    Semantic,
    Policy,
    Reference,
}

impl Layer {
    pub const ALL: [Layer; 6] = [
        Layer::Yaml,
        Layer::Structural,
        Layer::CrossField,
        Layer::Semantic,
        Layer::Policy,
        Layer::Reference,
    ];

    pub fn text(self) -> &'static str {
        match self {
            Layer::Yaml => "yaml",
            Layer::Structural => "structural",
            Layer::CrossField => "cross-field",
            Layer::Semantic => "semantic",
            Layer::Policy => "policy",
            Layer::Reference => "reference",
        }
    }

    pub fn from_text(text: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.text() == text)
    }
}

/// Under which name an editor shows the finding (9-lsp §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Pacto,
    Deps,
    Lint,
}

impl Source {
    pub fn text(self) -> &'static str {
        match self {
            Source::Pacto => "pacto",
            Source::Deps => "pacto-deps",
            Source::Lint => "pacto-lint",
        }
    }

    /// Whether a `# pacto:ignore CODE` comment may silence the finding.
    pub fn is_suppressible(self) -> bool {
        self != Source::Pacto
    }
}

/// How far a rule can be relied on. Codes are never used again: a rule that is replaced stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Stable,
    /// It will go; the sentence says what takes its place.
    Deprecated(&'static str),
}

impl Status {
    pub fn text(self) -> &'static str {
        match self {
            Status::Stable => "stable",
            Status::Deprecated(_) => "deprecated",
        }
    }
}

/// One rule of the registry.
pub struct Rule {
    pub code: &'static str,
    pub layer: Layer,
    /// The default severity.
    pub severity: Severity,
    pub source: Source,
    /// The release of the program that first had the rule.
    pub since: &'static str,
    pub status: Status,
    /// Whether it needs a registry to say anything.
    pub needs_registry: bool,
    /// Title, summary, explanation, examples: Markdown.
    pub docs: &'static str,
}

impl Rule {
    /// One line that says what the rule finds.
    pub fn summary(&self) -> &'static str {
        let mut lines = self.docs.lines().skip(1).filter(|line| !line.is_empty());
        lines.next().unwrap_or("")
    }

    /// When it came and whether it stays, as the reference page and `explain-rule` say it.
    pub fn history(&self) -> String {
        match self.status {
            Status::Stable => format!("since {}", self.since),
            Status::Deprecated(instead) => {
                format!("since {}, deprecated: {instead}", self.since)
            }
        }
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}
