//! Byte offset ↔ line and column, in the three column encodings of the Language Server Protocol.

use std::ops::Range;

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
    /// Places in long lines, in order: a text may be a single line.
    stations: Vec<Station>,
    len: u32,
}

/// A place in a line, and the columns there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Station {
    offset: u32,
    utf8: u32,
    utf16: u32,
    utf32: u32,
}

impl Station {
    fn column(&self, encoding: ColumnEncoding) -> u32 {
        match encoding {
            ColumnEncoding::Utf8 => self.utf8,
            ColumnEncoding::Utf16 => self.utf16,
            ColumnEncoding::Utf32 => self.utf32,
        }
    }
}

/// Bytes of a line between two stations, about.
const STATION_DISTANCE: u32 = 512;

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for i in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[i] == b'\n' || bytes.get(i + 1) != Some(&b'\n') {
                starts.push(i as u32 + 1);
            }
        }
        let mut index = LineIndex { starts, stations: Vec::new(), len: bytes.len() as u32 };
        index.stations = index.stations_of(text, 0..index.starts.len());
        index
    }

    /// The stations of some lines.
    fn stations_of(&self, text: &str, lines: Range<usize>) -> Vec<Station> {
        let ends = self.starts.iter().skip(1).copied().chain([self.len]);
        let all = self.starts.iter().copied().zip(ends).skip(lines.start).take(lines.len());
        let long = all.filter(|(start, end)| end - start > STATION_DISTANCE);
        long.flat_map(|(start, end)| stations(text, start, end)).collect()
    }

    /// The last place in the line that starts at `start` of which the columns are known and `is_before`
    /// is true.
    fn station(&self, start: u32, is_before: impl Fn(&Station) -> bool) -> Station {
        let from = self.stations.partition_point(|station| station.offset < start);
        let line = &self.stations[from..];
        let count = line.partition_point(is_before);
        let first = Station { offset: start, utf8: 0, utf16: 0, utf32: 0 };
        line[..count].last().copied().unwrap_or(first)
    }

    /// Follows an edit, which costs less than a new index: `removed` bytes at `start` were replaced by
    /// `added` bytes, and the whole is `text` now.
    pub fn edit(&mut self, text: &str, start: u32, removed: u32, added: u32) {
        let bytes = text.as_bytes();
        // Whether a line ends at a `\r` depends on what is behind it.
        let ends = (start.saturating_sub(1) as usize..(start + added) as usize).filter(|&i| {
            bytes[i] == b'\n' || bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n')
        });
        let new: Vec<u32> = ends.map(|i| i as u32 + 1).collect();
        let first = self.starts.partition_point(|&at| at < start.max(1));
        let behind = self.starts.partition_point(|&at| at <= start + removed).max(first);
        let moved = first + new.len();
        self.starts.splice(first..behind, new);
        for at in &mut self.starts[moved..] {
            *at = *at - removed + added;
        }
        self.len = bytes.len() as u32;
        self.edit_stations(text, start, removed, added);
    }

    /// The same for the places in long lines, once the starts of lines are those of `text`.
    fn edit_stations(&mut self, text: &str, start: u32, removed: u32, added: u32) {
        let (first, last) = (self.line_of(start.saturating_sub(1)), self.line_of(start + added));
        let lines = first as usize..last as usize + 1;
        let end = self.starts.get(lines.end).copied().unwrap_or(self.len) - added + removed;
        let new = self.stations_of(text, lines.clone());
        let from = self.starts[lines.start];
        let before = self.stations.partition_point(|station| station.offset < from);
        let behind = self.stations.partition_point(|station| station.offset < end);
        let moved = before + new.len();
        self.stations.splice(before..behind, new);
        for station in &mut self.stations[moved..] {
            station.offset = station.offset - removed + added;
        }
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
        let station = self.station(start, |station| station.offset <= offset);
        let (start, mut column) = (station.offset, station.column(encoding));
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
        let station = self.station(span.start, |station| {
            station.offset <= span.end && station.column(encoding) <= at.column
        });
        let mut column = station.column(encoding);
        for (i, c) in text[station.offset as usize..span.end as usize].char_indices() {
            column += encoding.width(c);
            if column > at.column {
                return station.offset + i as u32;
            }
        }
        span.end
    }
}

/// The stations of one line.
fn stations(text: &str, start: u32, end: u32) -> Vec<Station> {
    let mut at = Station { offset: start, utf8: 0, utf16: 0, utf32: 0 };
    let (mut found, mut last) = (Vec::new(), start);
    for c in text[start as usize..end as usize].chars() {
        if at.offset - last >= STATION_DISTANCE {
            found.push(at);
            last = at.offset;
        }
        let width = c.len_utf8() as u32;
        at.offset += width;
        at.utf8 += width;
        at.utf16 += c.len_utf16() as u32;
        at.utf32 += 1;
    }
    found
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

    #[test]
    fn columns_of_long_lines_are_counted_from_near() {
        let line = "x🚀é ".repeat(500);
        let text = format!("{line}\n{line}\nshort\r\n{line}");
        let index = LineIndex::new(&text);
        assert_eq!(index.stations.len(), 3 * (line.len() / STATION_DISTANCE as usize));
        for encoding in ALL {
            let (mut expected, mut start) = (LineColumn { line: 0, column: 0 }, 0);
            for (offset, c) in text.char_indices() {
                if c == '\n' && text[..offset].ends_with('\r') {
                    start = offset + 1;
                    continue;
                }
                if offset == start && offset > 0 {
                    expected = LineColumn { line: expected.line + 1, column: 0 };
                }
                assert_eq!(index.line_column(&text, offset as u32, encoding), expected);
                assert_eq!(index.offset(&text, expected, encoding), offset as u32);
                expected.column += encoding.width(c);
                if c == '\n' {
                    start = offset + 1;
                }
            }
        }
    }

    proptest! {
        #[test]
        fn an_index_follows_edits(
            text in "[ab\r\n]{0,12}",
            edits in prop::collection::vec((0usize..13, 0usize..5, "[a\r\n]{0,4}"), 1..6),
            width in prop_oneof![Just(1usize), Just(300)],
        ) {
            // Letters as wide as this make lines that are long.
            let wide = |text: &str| text.replace('a', &"x".repeat(width)).replace('b', "é");
            let text = wide(&text);
            let (mut text, mut index) = (text.clone(), LineIndex::new(&text));
            for (start, removed, new) in edits {
                let new = wide(&new);
                let start = text.floor_char_boundary(start * width);
                let end = text.floor_char_boundary(start + removed * width);
                text.replace_range(start..end, &new);
                index.edit(&text, start as u32, (end - start) as u32, new.len() as u32);
                prop_assert_eq!(&index, &LineIndex::new(&text));
            }
        }

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
