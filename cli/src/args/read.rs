//! How a trace is read.

use clap::{Args, ValueEnum, value_parser};

/// How a trace is read.
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Trace format; recognised from the content by default (kendall list traces)
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// Names of a plain trace's columns, ours=theirs
    #[arg(long, value_name = "OURS=THEIRS,...", value_delimiter = ',', value_parser = column)]
    pub(crate) columns: Vec<(String, String)>,
    /// Sort by arrival instead of refusing times that go backwards
    #[arg(long)]
    pub(crate) sort: bool,
    /// End at a bad record, or leave it out and count it
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) on_bad_record: Option<OnBadRecordArg>,
    /// Only the first N requests
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}

impl ReadArgs {
    /// Whether each option was given, and its name.
    pub(crate) fn given(&self) -> [(bool, &'static str); 5] {
        [
            (self.limit.is_some(), "--limit"),
            (self.format.is_some(), "--format"),
            (self.sort, "--sort"),
            (self.on_bad_record.is_some(), "--on-bad-record"),
            (!self.columns.is_empty(), "--columns"),
        ]
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnBadRecordArg {
    Fail,
    Skip,
}

fn column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((ours, theirs)) if !ours.is_empty() && !theirs.is_empty() => {
            Ok((ours.to_owned(), theirs.to_owned()))
        }
        _ => Err(format!(
            "`{text}` is not OURS=THEIRS, for example arrival_s=TIMESTAMP"
        )),
    }
}
