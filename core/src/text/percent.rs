//! Percent-decoding (RFC 3986 §2.1), as URIs and JSON pointers in fragments need it.

/// The bytes that `text` stands for; a `%` without two hexadecimal digits stands for itself.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::percent_decode;

    #[test]
    fn escapes_are_decoded_and_strays_stay() {
        assert_eq!(percent_decode("a%20%C3%BC%zz%4"), "a ü%zz%4".as_bytes());
    }
}
