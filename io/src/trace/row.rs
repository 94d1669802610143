//! What the fields of a format mean, and one record before it is checked and stored.

use std::borrow::Cow;

use super::TraceError;
use super::class::ClassText;
use super::error::{At, Fault};

/// How a format writes the time of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Millis,
    Nanos,
    /// Date and time of day; the trace then starts at its first arrival.
    Date,
}

impl Unit {
    /// Decimal places of a nanosecond in this unit; `None` for dates.
    pub(super) fn places(self) -> Option<u32> {
        match self {
            Unit::Seconds => Some(9),
            Unit::Millis => Some(6),
            Unit::Nanos => Some(0),
            Unit::Date => None,
        }
    }
}

/// What a field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Arrival(Unit),
    PromptTokens,
    OutputTokens,
    Priority,
    Class,
    Session,
    HashIds,
    BlockTokens,
}

impl Field {
    /// Number of places that [`Field::index`] tells apart.
    pub(super) const COUNT: usize = 8;

    pub(super) fn index(self) -> usize {
        match self {
            Field::Arrival(_) => 0,
            Field::PromptTokens => 1,
            Field::OutputTokens => 2,
            Field::Priority => 3,
            Field::Class => 4,
            Field::Session => 5,
            Field::HashIds => 6,
            Field::BlockTokens => 7,
        }
    }

    pub(super) fn is_required(self) -> bool {
        matches!(
            self,
            Field::Arrival(_) | Field::PromptTokens | Field::OutputTokens
        )
    }
}

/// How block ids cover a prompt of P tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockRule {
    /// Blocks of this many tokens, exactly ceil(P / size) ids.
    Fixed(u32),
    /// The row names the size; ceil(P / size) ids, or floor for whole blocks only.
    Given,
}

/// The fields of a format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) format: &'static str,
    pub(super) fields: &'static [(&'static str, Field)],
    pub(super) blocks: BlockRule,
}

/// A field as it is called in the file.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name in the file.
    pub(super) name: String,
    /// The name as JSON, with the colon behind it.
    pub(super) literal: String,
    /// Its name in the layout.
    pub(super) ours: &'static str,
    pub(super) field: Field,
    /// Whether the user gave it its name.
    pub(super) mapped: bool,
}

/// The fields of a file: a layout with the user's names.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<Key>,
    pub(super) blocks: BlockRule,
}

impl Keys {
    /// Applies pairs of our name and theirs to a layout. A mapped arrival hides the other ways to
    /// give it, and a mapped name hides a field that would otherwise be read from it.
    pub(super) fn new(layout: &Layout, columns: &[(String, String)]) -> Result<Keys, TraceError> {
        check_columns(layout, columns)?;
        let theirs = |ours: &str| {
            columns
                .iter()
                .find(|(name, _)| name == ours)
                .map(|(_, to)| to)
        };
        let arrival_mapped = layout
            .fields
            .iter()
            .any(|(ours, field)| matches!(field, Field::Arrival(_)) && theirs(ours).is_some());
        let mut keys = Vec::new();
        for &(ours, field) in layout.fields {
            let name = match theirs(ours) {
                Some(name) => name.clone(),
                None if arrival_mapped && matches!(field, Field::Arrival(_)) => continue,
                None if columns.iter().any(|(_, to)| to == ours) => continue,
                None => ours.to_owned(),
            };
            let mapped = theirs(ours).is_some();
            let literal = format!("{}:", serde_json::Value::from(name.as_str()));
            keys.push(Key {
                name,
                literal,
                ours,
                field,
                mapped,
            });
        }
        Ok(Keys {
            keys,
            blocks: layout.blocks,
        })
    }

    /// Position of the key with this name.
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        self.keys.iter().position(|key| key.name.as_bytes() == name)
    }

    /// Position of the key whose literal the bytes start with, `first` and those behind it being
    /// tried first.
    #[inline]
    pub(super) fn at_start(&self, bytes: &[u8], first: usize) -> Option<usize> {
        let starts = |key: &usize| bytes.starts_with(self.keys[*key].literal.as_bytes());
        (first..self.keys.len()).chain(0..first).find(starts)
    }

    pub(super) fn get(&self, key: usize) -> &Key {
        &self.keys[key]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// Name of a field in the file.
    pub(super) fn name(&self, field: Field) -> &str {
        self.keys
            .iter()
            .find(|key| key.field.index() == field.index())
            .map_or("", |key| &key.name)
    }

    /// Quoted name of a field for a message; for an arrival that may be given in several ways, the
    /// choice.
    pub(super) fn choice(&self, field: Field) -> String {
        let names: Vec<String> = self
            .keys
            .iter()
            .filter(|key| key.field.index() == field.index())
            .map(|key| format!("`{}`", key.name))
            .collect();
        names.join(" or ")
    }
}

/// Refuses mappings of fields that the layout lacks and names that appear twice.
fn check_columns(layout: &Layout, columns: &[(String, String)]) -> Result<(), TraceError> {
    for (index, (ours, theirs)) in columns.iter().enumerate() {
        if !layout.fields.iter().any(|(name, _)| name == ours) {
            return Err(TraceError::UnknownField {
                ours: ours.clone(),
                format: layout.format,
                known: layout
                    .fields
                    .iter()
                    .map(|(name, _)| (*name).to_owned())
                    .collect(),
            });
        }
        for (other_ours, other_theirs) in &columns[..index] {
            let field = match (other_ours == ours, other_theirs == theirs) {
                (false, false) => continue,
                (true, _) => ours,
                (false, true) => theirs,
            };
            return Err(TraceError::MappedTwice {
                field: field.clone(),
            });
        }
    }
    Ok(())
}

/// One record. Its block ids stand at the end of the builder's flat list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) arrival_ns: u64,
    pub(super) prompt_tokens: u32,
    pub(super) output_tokens: u32,
    pub(super) priority: Option<i32>,
    pub(super) class: Option<ClassText<'a>>,
    pub(super) session: Option<Cow<'a, str>>,
    pub(super) has_ids: bool,
    pub(super) block_tokens: Option<u32>,
    /// Which key gave the arrival.
    arrival_key: usize,
    /// Columns (from 1) of the values, by field; 0: not there.
    columns: [u32; Field::COUNT],
}

impl Row<'_> {
    /// Notes that a field's value is at the byte `offset` of the line.
    pub(super) fn mark(&mut self, keys: &Keys, key: usize, offset: usize) -> Result<(), At> {
        let Key { name, field, .. } = keys.get(key);
        let column = &mut self.columns[field.index()];
        if *column == 0 {
            *column = u32::try_from(offset + 1).unwrap_or(u32::MAX);
            if field.index() == 0 {
                self.arrival_key = key;
            }
            return Ok(());
        }
        let earlier = &keys.get(self.arrival_key).name;
        let fault = if field.index() == 0 && earlier != name {
            Fault::Both {
                field: earlier.clone(),
                other: name.clone(),
            }
        } else {
            Fault::Twice {
                field: name.clone(),
            }
        };
        Err(fault.at(offset))
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.columns[field.index()] != 0
    }

    /// The fault at the value of a field.
    pub(super) fn at(&self, field: Field, fault: Fault) -> At {
        let column = self.columns[field.index()].max(1);
        fault.at(column as usize - 1)
    }

    /// Name in the file of the field that gave the arrival.
    pub(super) fn arrival_name<'k>(&self, keys: &'k Keys) -> &'k str {
        &keys.get(self.arrival_key).name
    }
}
