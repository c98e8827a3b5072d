//! Aligned columns on a terminal, also where letters are wide, joined or written from right to left.

use unicode_width::UnicodeWidthStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Start,
    End,
}

/// Lines of equal length under headings.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    lines: Vec<Vec<String>>,
}

const GAP: &str = "  ";

impl Table {
    #[must_use]
    pub fn new(columns: impl IntoIterator<Item = (String, Align)>) -> Table {
        Table { columns: columns.into_iter().collect(), lines: Vec::new() }
    }

    /// Cells that are missing at the end are empty; those beyond the last column are left out.
    pub fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        self.lines.push(cells.into_iter().collect());
    }

    /// Headings first; without spaces at the ends of lines.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let headings: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let all: Vec<&Vec<String>> = std::iter::once(&headings).chain(&self.lines).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| all.iter().filter_map(|cells| cells.get(i)).map(|cell| width(cell)).max().unwrap_or_default())
            .collect();
        all.iter().map(|cells| self.laid_out(cells, &widths)).collect()
    }

    fn laid_out(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (i, ((_, align), wide)) in self.columns.iter().zip(widths).enumerate() {
            let cell = cells.get(i).map_or("", String::as_str);
            let room = " ".repeat(wide.saturating_sub(width(cell)));
            if i > 0 {
                line.push_str(GAP);
            }
            match align {
                Align::Start => line.extend([kept_in_place(cell), room]),
                Align::End => line.extend([room, kept_in_place(cell)]),
            }
        }
        line.trim_end().to_owned()
    }
}

/// How many columns of a terminal a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// A terminal that knows right-to-left text would take neighbouring Persian cells for one sentence and swap them. A mark
/// of no width on both sides of each keeps the columns where they are.
fn kept_in_place(cell: &str) -> String {
    const MARK: char = '\u{200e}';
    if cell.chars().any(is_right_to_left) { format!("{MARK}{cell}{MARK}") } else { cell.to_owned() }
}

/// Letters of Hebrew and Arabic script; Persian digits follow the letters before them.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persian_and_wide_letters_keep_the_columns() {
        let mut table = Table::new([("گام".to_owned(), Align::Start), ("رسیده".to_owned(), Align::End)]);
        table.line(["یاد\u{200c}آوری".to_owned(), "۱۲".to_owned()]);
        table.line(["日本".to_owned(), "3".to_owned()]);
        let lines = table.lines();
        // All lines end in the same column, though they differ in characters.
        let widths: Vec<usize> = lines.iter().map(|l| width(l)).collect();
        assert_eq!(widths, [14, 14, 14]);
        assert_eq!(lines.get(2).map(String::as_str), Some("日本         3"));
    }

    #[test]
    fn short_and_long_lines_are_no_matter() {
        let mut table = Table::new([("a".to_owned(), Align::Start), ("b".to_owned(), Align::End)]);
        table.line(["x".to_owned()]);
        table.line(["x".to_owned(), "1".to_owned(), "left out".to_owned()]);
        assert_eq!(table.lines(), ["a  b", "x", "x  1"]);
    }
}
