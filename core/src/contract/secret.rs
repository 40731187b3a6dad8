//! What is a secret in plain text.

/// Whether `text` under `key` is, by its key or its form, a secret in plain text.
pub fn is_secret(key: &str, text: &str) -> bool {
    if text.is_empty() || is_placeholder(text) {
        return false;
    }
    let word: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let word = word.to_ascii_lowercase();
    // `TOKEN_URL` and `password_min_length` speak of secrets and are none.
    let is_about =
        ["url", "uri", "path", "file", "length", "ttl", "name", "type", "enabled", "issuer"];
    let by_key = SECRET_WORDS.iter().any(|secret| word.contains(secret))
        && !is_about.iter().any(|suffix| word.ends_with(suffix));
    let is_jwt = text.starts_with("eyJ") && text.matches('.').count() == 2;
    by_key || is_jwt || SECRET_FORMS.iter().any(|form| text.starts_with(form))
}

/// `secret://…` and `${NAME}` stand for what the platform fills in.
pub fn is_placeholder(text: &str) -> bool {
    text.starts_with("secret://") || (text.starts_with("${") && text.ends_with('}'))
}

const SECRET_WORDS: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "credential",
    "clientsecret",
    "connectionstring",
];

/// Forms of well-known credentials.
const SECRET_FORMS: [&str; 10] = [
    "AKIA",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "-----BEGIN ",
    "npm_",
];
