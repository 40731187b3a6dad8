//! Byte offset ↔ line and column, in the three column encodings of the Language Server Protocol.

/// How columns are counted (LSP 3.17, `PositionEncodingKind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ColumnEncoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

impl ColumnEncoding {
    fn width(self, c: char) -> u32 {
        match self {
            ColumnEncoding::Utf8 => c.len_utf8() as u32,
            ColumnEncoding::Utf16 => c.len_utf16() as u32,
            ColumnEncoding::Utf32 => 1,
        }
    }
}

/// A zero-based line and a zero-based column in some [`ColumnEncoding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// Where each line of a text starts. Lines end at `\n`, `\r\n` or a lone `\r`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for i in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[i] == b'\n' || bytes.get(i + 1) != Some(&b'\n') {
                starts.push(i as u32 + 1);
            }
        }
        LineIndex { starts, len: bytes.len() as u32 }
    }

    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The byte range of a line without its line end; empty past the last line.
    pub fn line_span(&self, text: &str, line: u32) -> super::Span {
        let Some(&start) = self.starts.get(line as usize) else {
            return super::Span::at(self.len as usize);
        };
        let end = self.starts.get(line as usize + 1).copied().unwrap_or(self.len);
        let kept = text[start as usize..end as usize].trim_end_matches(['\n', '\r']).len();
        super::Span { start, end: start + kept as u32 }
    }

    /// The zero-based line that holds `offset`; the last one for offsets past the end.
    pub fn line_of(&self, offset: u32) -> u32 {
        (self.starts.partition_point(|&start| start <= offset) - 1) as u32
    }

    /// Line and column of a byte offset. Offsets past the end count as the end; offsets inside a
    /// character count as its start.
    pub fn line_column(&self, text: &str, offset: u32, encoding: ColumnEncoding) -> LineColumn {
        let offset = offset.min(self.len);
        let line = self.line_of(offset);
        let start = self.starts[line as usize];
        let mut column = 0;
        for (i, c) in text[start as usize..].char_indices() {
            if start as usize + i + c.len_utf8() > offset as usize {
                break;
            }
            column += encoding.width(c);
        }
        LineColumn { line, column }
    }

    /// The byte offset of a line and column. Lines past the end give the end of the text, columns
    /// past a line's end give that end, columns inside a character round down to its start.
    pub fn offset(&self, text: &str, at: LineColumn, encoding: ColumnEncoding) -> u32 {
        if at.line >= self.line_count() {
            return self.len;
        }
        let span = self.line_span(text, at.line);
        let mut column = 0;
        for (i, c) in span.slice(text).char_indices() {
            column += encoding.width(c);
            if column > at.column {
                return span.start + i as u32;
            }
        }
        span.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [ColumnEncoding; 3] =
        [ColumnEncoding::Utf8, ColumnEncoding::Utf16, ColumnEncoding::Utf32];

    #[test]
    fn emoji_columns_differ_by_encoding() {
        let text = "owner: \"🚀 x\"";
        let index = LineIndex::new(text);
        let at = text.find('x').unwrap() as u32;
        let columns = ALL.map(|e| index.line_column(text, at, e).column);
        assert_eq!(columns, [13, 11, 10]);
    }

    #[test]
    fn columns_inside_a_surrogate_pair_round_down() {
        let text = "🚀x";
        let index = LineIndex::new(text);
        let at = LineColumn { line: 0, column: 1 };
        assert_eq!(index.offset(text, at, ColumnEncoding::Utf16), 0);
    }

    #[test]
    fn the_three_line_ends_count_and_others_do_not() {
        let text = "a\nb\r\nc\rd\u{2028}e";
        assert_eq!(LineIndex::new(text).line_count(), 4);
    }

    proptest! {
        #[test]
        fn offsets_round_trip_in_every_encoding(text in "[a-z🚀é漢\r\n\t ]{0,60}") {
            let index = LineIndex::new(&text);
            for encoding in ALL {
                for (offset, _) in text.char_indices() {
                    // Between the two bytes of a CRLF there is no position of its own.
                    if text[..offset].ends_with('\r') && text[offset..].starts_with('\n') {
                        continue;
                    }
                    let position = index.line_column(&text, offset as u32, encoding);
                    prop_assert_eq!(index.offset(&text, position, encoding), offset as u32);
                }
            }
        }
    }
}
