//! Records as JSON objects, one per line.
//!
//! Every line is first tried by [`fast`], which knows nothing but plain numbers, short strings
//! and lists of numbers under known keys, and writes straight into the columns. Whatever it does
//! not know it leaves to [`checked`], which lets serde_json judge the line and words the errors.
//! Invariant: a line that [`fast`] takes, [`checked`] takes with the same result.

use std::borrow::Cow;

use super::class::ClassText;
use super::columns::RowBuilder;
use super::error::{At, Fault, clipped};
use super::json::{self, Value};
use super::number;
use super::row::{Field, Keys, Layout, Row};
use super::scan::Scan;
use super::source::Framing;
use super::{Input, Records, TraceError};

/// What reads the records of a file.
pub(super) fn open(input: &mut Input<'_>, layout: &Layout) -> Result<Box<dyn Records>, TraceError> {
    let keys = Keys::new(layout, &input.options.columns)?;
    if input.first.is_whole() {
        for key in keys.iter().filter(|key| key.mapped) {
            if key.field.is_required() && !input.first.has(&key.name) {
                return Err(input.first.lacks(key.ours, &key.name));
            }
        }
    }
    Ok(Box::new(JsonRecords { keys }))
}

struct JsonRecords {
    keys: Keys,
}

impl Records for JsonRecords {
    fn read(&mut self, input: &mut Input<'_>, rows: usize) -> Result<(), TraceError> {
        let keys = &self.keys;
        input.each_record(Framing::Line, rows, |line, rows| push(line, keys, rows))
    }

    /// Optional fields may be missing in the first record, but not in all.
    fn check(&self, input: &Input<'_>) -> Result<(), TraceError> {
        for key in self.keys.iter().filter(|key| key.mapped) {
            if !key.field.is_required() && !input.rows.has_seen(key.field) {
                return Err(input.first.lacks(key.ours, &key.name));
            }
        }
        Ok(())
    }
}

fn push(line: &[u8], keys: &Keys, rows: &mut RowBuilder) -> Result<(), At> {
    if let Some(row) = fast(line, keys, &mut rows.ids) {
        return rows.push(&row, keys);
    }
    rows.abandon();
    let row = checked(line, keys, &mut rows.ids)?;
    rows.push(&row, keys)
}

/// Reads a line of the usual shape; `None` for any other, valid or not, with `ids` then holding
/// leftovers.
fn fast<'a>(line: &'a [u8], keys: &Keys, ids: &mut Vec<u64>) -> Option<Row<'a>> {
    let mut scan = Scan::new(line);
    let mut row = Row::default();
    let mut key = 0;
    scan.expect(b'{')?;
    loop {
        // Keys mostly come in the order of the layout.
        let after = key;
        key = keys.at_start(scan.rest(), after)?;
        scan.skip(keys.get(key).literal.len());
        scan.space();
        row.mark(keys, key, scan.offset()).ok()?;
        fast_value(&mut scan, keys.get(key).field, &mut row, ids)?;
        match scan.next()? {
            b',' => scan.space(),
            b'}' if scan.rest().is_empty() => return Some(row),
            _ => return None,
        }
    }
}

fn fast_value<'a>(
    scan: &mut Scan<'a>,
    field: Field,
    row: &mut Row<'a>,
    ids: &mut Vec<u64>,
) -> Option<()> {
    match field {
        Field::Arrival(unit) => {
            let ns = scan.decimal(unit.places()?)?;
            row.arrival_ns = Some(ns).filter(|ns| *ns <= number::MAX_ARRIVAL_NS)?;
        }
        Field::PromptTokens => row.prompt_tokens = scan.positive()?,
        Field::OutputTokens => row.output_tokens = scan.positive()?,
        Field::BlockTokens => row.block_tokens = Some(scan.positive()?),
        Field::HashIds => {
            scan.list(ids)?;
            row.has_ids = true;
        }
        Field::Priority => row.priority = Some(i32::try_from(scan.integer()?).ok()?),
        Field::Session => {
            row.session = match scan.peek()? {
                b'"' => Some(scan.string()?).filter(|text| !text.is_empty()),
                _ => Some(scan.integer_text()?),
            }
            .map(Cow::Borrowed);
        }
        Field::Class => {
            row.class = if scan.peek()? == b'"' {
                let text = Some(scan.string()?).filter(|text| !text.is_empty());
                text.map(|text| ClassText::Name(Cow::Borrowed(text)))
            } else {
                let text = scan.integer_text()?;
                Some(ClassText::Number(text, text.parse().ok()?))
            };
        }
    }
    Some(())
}

/// Reads any line that is a JSON object, or says what is wrong with it.
fn checked<'a>(line: &'a [u8], keys: &Keys, ids: &mut Vec<u64>) -> Result<Row<'a>, At> {
    let line = json::text(line)?;
    json::check(line)?;
    let mut row = Row::default();
    for (name, value) in json::members(line) {
        let key = if name.contains('\\') {
            let quoted = format!("\"{name}\"");
            json::string(&quoted).and_then(|name| keys.find(name.as_bytes()))
        } else {
            keys.find(name.as_bytes())
        };
        if let Some(key) = key {
            row.mark(keys, key, value.offset)?;
            checked_value(value, keys, key, &mut row, ids)?;
        }
    }
    Ok(row)
}

fn checked_value<'a>(
    value: Value<'a>,
    keys: &Keys,
    key: usize,
    row: &mut Row<'a>,
    ids: &mut Vec<u64>,
) -> Result<(), At> {
    let key = keys.get(key);
    let text = value.text;
    if text == "null" && !key.field.is_required() {
        return Ok(());
    }
    let bad = |must| value_fault(&key.name, value, must);
    match key.field {
        Field::Arrival(unit) => row.arrival_ns = number::arrival_ns(text, unit).map_err(bad)?,
        Field::PromptTokens => row.prompt_tokens = number::tokens(text).map_err(bad)?,
        Field::OutputTokens => row.output_tokens = number::tokens(text).map_err(bad)?,
        Field::BlockTokens => row.block_tokens = Some(number::tokens(text).map_err(bad)?),
        Field::Priority => row.priority = Some(number::priority(text).map_err(bad)?),
        Field::Session => row.session = session(text).map_err(bad)?,
        Field::Class => row.class = class(text).map_err(bad)?,
        Field::HashIds => {
            let elements =
                json::elements(value).ok_or_else(|| bad("be a list of whole numbers"))?;
            for (index, element) in elements.enumerate() {
                let id = number::block_id(element.text).map_err(|must| {
                    value_fault(&format!("{}[{index}]", key.name), element, must)
                })?;
                ids.push(id);
            }
            row.has_ids = true;
        }
    }
    Ok(())
}

fn value_fault(field: &str, value: Value<'_>, must: &'static str) -> At {
    let fault = Fault::Value {
        field: field.to_owned(),
        value: clipped(value.text),
        must,
    };
    fault.at(value.offset)
}

/// A string or an integer; the empty string is no session.
fn session(text: &str) -> Result<Option<Cow<'_, str>>, &'static str> {
    if text
        .strip_prefix('-')
        .unwrap_or(text)
        .bytes()
        .all(|byte| byte.is_ascii_digit())
    {
        return Ok(Some(Cow::Borrowed(text)));
    }
    let name = json::string(text).ok_or("be a string or a whole number")?;
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// A string or a number; the empty string is no class.
fn class(text: &str) -> Result<Option<ClassText<'_>>, &'static str> {
    if text.starts_with('"') {
        let name = json::string(text).ok_or("be a number or a string")?;
        return Ok(Some(name)
            .filter(|name| !name.is_empty())
            .map(ClassText::Name));
    }
    number::class(text).map(|number| Some(ClassText::Number(text, number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::plain_jsonl::FIELDS;
    use crate::trace::row::BlockRule;
    use proptest::prelude::*;

    const LAYOUT: Layout = Layout {
        format: "plain-jsonl",
        fields: FIELDS,
        blocks: BlockRule::Given,
    };

    fn keys() -> Keys {
        Keys::new(&LAYOUT, &[]).unwrap()
    }

    /// Reads a line both ways; `None` where the fast way declines or the checked one complains.
    fn both(line: &[u8]) -> [Option<(Row<'_>, Vec<u64>)>; 2] {
        let (mut quick, mut slow) = (Vec::new(), Vec::new());
        let fast = fast(line, &keys(), &mut quick);
        let checked = checked(line, &keys(), &mut slow).ok();
        [fast.map(|row| (row, quick)), checked.map(|row| (row, slow))]
    }

    #[test]
    fn the_usual_shape_is_read_fast() {
        for line in [
            r#"{"arrival_s": 0.028858, "prompt_tokens": 553, "output_tokens": 164}"#,
            r#"{"arrival_ns":1,"prompt_tokens":2,"output_tokens":3}"#,
            r#"{"arrival_ms": 0, "prompt_tokens": 33, "output_tokens": 1, "hash_ids": [0, 18446744073, 2], "block_tokens": 16}"#,
            r#"{"prompt_tokens": 33, "hash_ids": [], "session_id": "a-1", "class": 2, "priority": 0}"#,
            r#"{"session_id": 17, "class": "chat"}"#,
        ] {
            let [fast, checked] = both(line.as_bytes());
            assert!(fast.is_some(), "{line}");
            assert_eq!(fast, checked, "{line}");
        }
    }

    #[test]
    fn the_unusual_is_left_to_the_checked_way() {
        for line in [
            r#"{ "prompt_tokens": 5}"#,
            r#"{"prompt_tokens" : 5}"#,
            r#"{"prompt_tokens": 5} "#,
            r#"{"prompt_tokens": 5.0}"#,
            r#"{"prompt_tokens": 5e1}"#,
            r#"{"prompt_token\u0073": 5}"#,
            r#"{"prompt_tokens": 5, "more": {"prompt_tokens": 6}}"#,
            r#"{"arrival_s": 1.0000000004}"#,
            r#"{"arrival_s": -0}"#,
            r#"{"priority": -1}"#,
            r#"{"class": null}"#,
            r#"{"session_id": "\u00e9"}"#,
            r#"{"session_id": "é"}"#,
            r#"{"hash_ids": [ 1 , 2 ]}"#,
            r#"{"hash_ids": null}"#,
            "{}",
        ] {
            let [fast, checked] = both(line.as_bytes());
            assert!(fast.is_none(), "{line}");
            assert!(checked.is_some(), "{line}");
        }
    }

    #[test]
    fn neither_way_takes_what_is_wrong() {
        for line in [
            r#"{"prompt_tokens": 05}"#,
            r#"{"prompt_tokens": 0}"#,
            r#"{"prompt_tokens": 4294967296}"#,
            r#"{"prompt_tokens": 5,}"#,
            r#"{"prompt_tokens": 5}}"#,
            r#"{"prompt_tokens": 5"#,
            r#"{"prompt_tokens": 5, "prompt_tokens": 5}"#,
            r#"{"arrival_s": 1, "arrival_ns": 1}"#,
            r#"{"arrival_s": 1.}"#,
            r#"{"arrival_s": .5}"#,
            r#"{"arrival_s": 9223372036.9}"#,
            r#"{"hash_ids": [1,]}"#,
            r#"{"hash_ids": [1 2]}"#,
            r#"{"hash_ids": [18446744073709551616]}"#,
            r#"{"hash_ids": 5}"#,
            r#"{"class": 65536}"#,
            r#"{"session_id": 1.5}"#,
            r#"{"session_id": "a\"}"#,
            r#"{"priority": 2147483648}"#,
            "[]",
            "5",
            "",
        ] {
            assert_eq!(both(line.as_bytes()), [None, None], "{line}");
        }
    }

    fn value(name: &str) -> BoxedStrategy<String> {
        let number = prop_oneof![
            4 => (0_u64..3000).prop_map(|n| n.to_string()),
            2 => any::<u64>().prop_map(|n| n.to_string()),
            2 => "[0-9]{1,6}\\.[0-9]{1,11}",
            1 => "-?[0-9]{1,3}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        ];
        let text = prop_oneof![
            "\"[a-z0-9 _-]{0,6}\"",
            Just(r#""a\u0062\"""#.to_owned()),
            Just("\"é\"".to_owned()),
            Just("null".to_owned()),
        ];
        match name {
            "hash_ids" => prop::collection::vec(number, 0..5)
                .prop_map(|ids| format!("[{}]", ids.join(", ")))
                .boxed(),
            "class" | "session_id" => prop_oneof![number, text].boxed(),
            "other" => prop_oneof![number, text, Just("{\"a\": [1]}".to_owned())].boxed(),
            _ => prop_oneof![12 => number, 1 => text].boxed(),
        }
    }

    fn member() -> impl Strategy<Value = String> {
        let names: Vec<&str> = FIELDS
            .iter()
            .map(|(name, _)| *name)
            .chain(["other"])
            .collect();
        let colon = prop_oneof![6 => Just(": "), 3 => Just(":"), 1 => Just(" :  ")];
        (prop::sample::select(names), colon).prop_flat_map(|(name, colon)| {
            value(name).prop_map(move |value| format!("\"{name}\"{colon}{value}"))
        })
    }

    fn line() -> impl Strategy<Value = String> {
        let comma = prop_oneof![6 => Just(", "), 3 => Just(","), 1 => Just(" ,")];
        (prop::collection::vec(member(), 0..7), comma)
            .prop_map(|(members, comma)| format!("{{{}}}", members.join(comma)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn both_ways_agree_on_valid_lines(line in line()) {
            let [fast, checked] = both(line.as_bytes());
            if fast.is_some() {
                prop_assert_eq!(fast, checked);
            }
        }

        #[test]
        fn both_ways_agree_on_damaged_lines(
            line in line(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3),
        ) {
            let mut line = line.into_bytes();
            for (at, byte) in edits {
                let at = at.index(line.len());
                line[at] = if byte < 128 { b"{}[],:\"\\ .-0e"[usize::from(byte) % 13] } else { byte };
            }
            let [fast, checked] = both(&line);
            if fast.is_some() {
                prop_assert_eq!(fast, checked);
            }
        }
    }
}
