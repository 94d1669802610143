//! Kendall's own form as CSV with a header.

use super::plain_jsonl::{FIELDS, is_plain};
use super::recognise::{FirstLine, Shape};
use super::row::{BlockRule, Layout};
use super::{Input, Records, TraceError, TraceFormat, csv};

const LAYOUT: Layout = Layout {
    format: "plain-csv",
    fields: FIELDS,
    blocks: BlockRule::Given,
};

pub(super) struct PlainCsv;

impl TraceFormat for PlainCsv {
    fn name(&self) -> &'static str {
        LAYOUT.format
    }

    fn about(&self) -> &'static str {
        "CSV with a header: the fields of plain-jsonl, hash_ids separated by spaces or |"
    }

    fn recognises(&self, first: &FirstLine) -> bool {
        first.shape == Shape::Csv && is_plain(first)
    }

    fn open(&self, input: &mut Input<'_>) -> Result<Box<dyn Records>, TraceError> {
        csv::open(input, &LAYOUT)
    }
}
