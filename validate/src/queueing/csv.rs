//! Comma-separated values with quoted fields (RFC 4180).

/// A row with the line it starts on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: usize,
    pub(crate) fields: Vec<String>,
}

/// What is wrong with a text, and on which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CsvError {
    pub(crate) line: usize,
    pub(crate) what: &'static str,
}

/// All rows that are not blank.
pub(crate) fn rows(text: &str) -> Result<Vec<Row>, CsvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Vec::new();
    let mut line = 1;
    let mut row = Row {
        line,
        fields: Vec::new(),
    };
    let mut field = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if field.is_empty() => {
                let opened = line;
                quoted(&mut characters, &mut field, &mut line).ok_or(CsvError {
                    line: opened,
                    what: "a quoted field does not end",
                })?;
                if !matches!(characters.peek(), None | Some(',' | '\n' | '\r')) {
                    return Err(CsvError {
                        line,
                        what: "text after a quoted field",
                    });
                }
            }
            ',' => row.fields.push(std::mem::take(&mut field)),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' => {
                row.fields.push(std::mem::take(&mut field));
                line += 1;
                rows.push(std::mem::replace(
                    &mut row,
                    Row {
                        line,
                        fields: Vec::new(),
                    },
                ));
            }
            other => field.push(other),
        }
    }
    row.fields.push(field);
    rows.push(row);
    rows.retain(|row| row.fields.len() > 1 || !row.fields[0].trim().is_empty());
    Ok(rows)
}

/// Appends a quoted field up to its closing quote; `None` if there is none.
fn quoted(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    field: &mut String,
    line: &mut usize,
) -> Option<()> {
    loop {
        match characters.next()? {
            '"' if characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => return Some(()),
            other => {
                *line += usize::from(other == '\n');
                field.push(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_line_ends_and_line_numbers() {
        let rows = rows("a,b\r\n\n\"x\"\"y\",\"1\n2\"\nlast,").unwrap();
        let fields: Vec<_> = rows.iter().map(|row| row.fields.clone()).collect();
        assert_eq!(
            fields,
            [vec!["a", "b"], vec!["x\"y", "1\n2"], vec!["last", ""]]
        );
        assert_eq!(
            rows.iter().map(|row| row.line).collect::<Vec<_>>(),
            [1, 3, 5]
        );
    }

    #[test]
    fn broken_quotes_are_found() {
        assert_eq!(rows("a\n\"b,c\n").unwrap_err().line, 2);
        assert_eq!(
            rows("\"b\"c,d\n").unwrap_err().what,
            "text after a quoted field"
        );
    }
}
