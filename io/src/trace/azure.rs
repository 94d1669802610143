//! Azure LLM inference traces: CSV with dates.
//!
//! Source: Azure/AzurePublicDataset, AzureLLMInferenceDataset 2023 and 2024.

use super::recognise::{FirstLine, Shape};
use super::row::{BlockRule, Field, Layout, Unit};
use super::{Input, Records, TraceError, TraceFormat, csv};

const LAYOUT: Layout = Layout {
    format: "azure",
    fields: &[
        ("TIMESTAMP", Field::Arrival(Unit::Date)),
        ("ContextTokens", Field::PromptTokens),
        ("GeneratedTokens", Field::OutputTokens),
    ],
    blocks: BlockRule::Given,
};

pub(super) struct Azure;

impl TraceFormat for Azure {
    fn name(&self) -> &'static str {
        LAYOUT.format
    }

    fn about(&self) -> &'static str {
        "CSV: TIMESTAMP (a date, counted from the first), ContextTokens, GeneratedTokens"
    }

    fn recognises(&self, first: &FirstLine) -> bool {
        let lengths = first.has("ContextTokens") || first.has("GeneratedTokens");
        first.shape == Shape::Csv && first.has("TIMESTAMP") && lengths
    }

    fn open(&self, input: &mut Input<'_>) -> Result<Box<dyn Records>, TraceError> {
        csv::open(input, &LAYOUT)
    }
}
