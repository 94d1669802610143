//! JSON lines without building values: checked by serde_json, then walked over as text.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::error::{At, Fault, clipped};

/// A value of a record, as text, and the byte of the line it starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    pub(super) offset: usize,
}

/// The line as text.
pub(super) fn text(line: &[u8]) -> Result<&str, At> {
    std::str::from_utf8(line).map_err(|error| Fault::NotUtf8.at(error.valid_up_to()))
}

/// Checks that a line is one JSON object.
pub(super) fn check(line: &str) -> Result<(), At> {
    let start = line.len() - line.trim_ascii_start().len();
    match serde_json::from_str::<IgnoredAny>(line) {
        Ok(_) if line[start..].starts_with('{') => Ok(()),
        Ok(_) => {
            let value = clipped(line.trim_ascii());
            Err(Fault::NotAnObject { value }.at(start))
        }
        Err(error) => Err(syntax_fault(line, &error)),
    }
}

/// Names the field in which a line stops being JSON. The words for numbers that JSON lacks are
/// common enough for a message of their own.
fn syntax_fault(line: &str, error: &serde_json::Error) -> At {
    let offset = error.column().saturating_sub(1).min(line.len());
    let field = members(line)
        .filter(|(_, value)| value.offset <= offset)
        .last();
    if let Some((name, value)) = field {
        let word = value.text.trim_start_matches('-').to_ascii_lowercase();
        if matches!(word.as_str(), "nan" | "inf" | "infinity") {
            let fault = Fault::Value {
                field: name.to_owned(),
                value: value.text.to_owned(),
                must: "be a number",
            };
            return fault.at(value.offset);
        }
    }
    let what = error.to_string();
    let what = what
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned();
    let field = field.map(|(name, _)| clipped(name));
    Fault::Json { field, what }.at(offset)
}

/// Keys (as they are written, escapes and all) and values of an object. On text that is not JSON
/// it yields what there is before the first thing that makes no sense.
pub(super) fn members(line: &str) -> impl Iterator<Item = (&str, Value<'_>)> {
    let mut at = after_space(line, 0);
    let mut going = line.as_bytes().get(at) == Some(&b'{');
    at += 1;
    std::iter::from_fn(move || {
        if !std::mem::take(&mut going) {
            return None;
        }
        at = after_space(line, at);
        let key = item(line, at)?;
        let name = key.text.strip_prefix('"')?.strip_suffix('"')?;
        at = after_space(line, at + key.text.len());
        if line.as_bytes().get(at) != Some(&b':') {
            return None;
        }
        let value = item(line, after_space(line, at + 1))?;
        at = after_space(line, value.offset + value.text.len());
        going = line.as_bytes().get(at) == Some(&b',');
        at += 1;
        Some((name, value))
    })
}

/// Elements of an array; `None` for anything else.
pub(super) fn elements<'a>(array: Value<'a>) -> Option<impl Iterator<Item = Value<'a>>> {
    let Value { text, offset } = array;
    let mut at = 1;
    let mut going = text.starts_with('[');
    let elements = std::iter::from_fn(move || {
        if !std::mem::take(&mut going) {
            return None;
        }
        let element = item(text, after_space(text, at))?;
        at = after_space(text, element.offset + element.text.len());
        going = text.as_bytes().get(at) == Some(&b',');
        at += 1;
        Some(Value {
            text: element.text,
            offset: offset + element.offset,
        })
    });
    text.starts_with('[').then_some(elements)
}

/// The string that a JSON string stands for; `None` for other values and for escapes that stand
/// for no character.
pub(super) fn string(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(text).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

fn after_space(line: &str, at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + (rest.len() - rest.trim_ascii_start().len())
}

/// The value that starts at `at`, of one byte at least.
fn item(line: &str, at: usize) -> Option<Value<'_>> {
    let bytes = line.as_bytes();
    let end = match bytes.get(at)? {
        b'"' => string_end(bytes, at),
        b'{' | b'[' => nested_end(bytes, at),
        _ => {
            let ends = |byte: &u8| {
                matches!(byte, b',' | b':' | b']' | b'}' | b'"') || byte.is_ascii_whitespace()
            };
            at + bytes[at..]
                .iter()
                .position(ends)
                .unwrap_or(bytes.len() - at)
        }
    };
    let text = line.get(at..end).filter(|text| !text.is_empty())?;
    Some(Value { text, offset: at })
}

/// The byte behind the string that starts at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(length) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += length + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// The byte behind the object or array that starts at `at`.
fn nested_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_are_found_whatever_they_hold() {
        let line = r#" { "a" : -1.5e3 ,"b\"}":[1, {"x":"]"}, []],"c":"\\","":null}"#;
        let found: Vec<_> = members(line)
            .map(|(name, value)| (name, value.text))
            .collect();
        let expected = vec![
            ("a", "-1.5e3"),
            (r#"b\"}"#, r#"[1, {"x":"]"}, []]"#),
            ("c", r#""\\""#),
            ("", "null"),
        ];
        assert_eq!(found, expected);
        for (_, value) in members(line) {
            assert!(line[value.offset..].starts_with(value.text));
        }
        assert_eq!(members("{}").count(), 0);
        assert_eq!(members("[1]").count(), 0);
    }

    #[test]
    fn elements_are_found_with_their_places() {
        let array = Value {
            text: "[ 1,22 , \"a,b\" ]",
            offset: 10,
        };
        let found: Vec<_> = elements(array)
            .unwrap()
            .map(|e| (e.text, e.offset))
            .collect();
        assert_eq!(found, [("1", 12), ("22", 14), ("\"a,b\"", 19)]);
        let empty = Value {
            text: "[ ]",
            offset: 0,
        };
        assert_eq!(elements(empty).unwrap().count(), 0);
        assert!(
            elements(Value {
                text: "12",
                offset: 0
            })
            .is_none()
        );
    }

    #[test]
    fn faults_name_the_field() {
        let at = check(r#"{"a": 1, "b": [1, 2"#).unwrap_err();
        assert_eq!(
            at.fault.to_string(),
            "not valid JSON in `b`: EOF while parsing a list"
        );
        let at = check(r#"{"a": 1, "b": -Infinity}"#).unwrap_err();
        assert_eq!(at.fault.to_string(), "`b` is -Infinity, must be a number");
        assert_eq!(at.column, 15);
        let at = check(" [1]").unwrap_err();
        assert_eq!(
            at.fault.to_string(),
            "the record is [1], must be a JSON object"
        );
        assert_eq!(at.column, 2);
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(string(r#""a\u0062c""#).as_deref(), Some("abc"));
        assert_eq!(string(r#""abc""#).as_deref(), Some("abc"));
        assert_eq!(string(r#""\ud800""#), None);
        assert_eq!(string("\""), None);
        assert_eq!(string("5"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(line in "[\\[\\]{}\",:\\\\ a1é-]{0,40}") {
            let _ = check(&line);
            for (_, value) in members(&line) {
                let _ = string(value.text);
                let _ = elements(value).map(Iterator::count);
            }
        }
    }
}
