//! The directory of a run's results.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kendall_kernel::Dur;
use kendall_queueing::Network;
use kendall_study::published::Study;
use kendall_study::trials::Metric;

use super::writer::rename;
use super::{
    Codec, CustomerSink, FileMetadata, Granularity, IterationSink, OutputError, RequestSink,
    SampleSink, StudySink, TrialSink, TrialVariants,
};

/// Files that a finished run may leave.
const RESULTS: [&str; 12] = [
    "summary.json",
    "requests.parquet",
    "iterations.parquet",
    "customers.parquet",
    "samples.parquet",
    "trials.parquet",
    "study.parquet",
    "figure-demo2.svg",
    "figure-demo3.svg",
    "figure-demo3-unchunked.svg",
    "figure-mm1.svg",
    "figure-ticks.svg",
];

/// A directory that takes the results of one run.
#[derive(Clone, Debug)]
pub struct OutputDir {
    path: PathBuf,
    codec: Codec,
}

impl OutputDir {
    /// Creates the directory if need be and makes sure that it can take results.
    ///
    /// A finished run in it is refused, or with `force` removed, so that files of two runs never
    /// lie side by side; so are the partial files of an interrupted run. Call this when
    /// everything else about the run is known to be good.
    ///
    /// # Errors
    /// If the directory cannot be created or written to, or holds a finished run.
    pub fn prepare(path: &Path, force: bool) -> Result<OutputDir, OutputError> {
        create(path)?;
        let present = |file: &&str| fs::symlink_metadata(path.join(file)).is_ok();
        let finished: Vec<&'static str> = RESULTS.into_iter().filter(present).collect();
        if let (Some(&file), false) = (finished.first(), force) {
            let path = path.to_owned();
            return Err(OutputError::FinishedRun { path, file });
        }
        probe(path).map_err(|source| OutputError::NotWritable {
            path: path.to_owned(),
            source,
        })?;
        let dir = OutputDir {
            path: path.to_owned(),
            codec: Codec::default(),
        };
        finished
            .into_iter()
            .try_for_each(|file| remove(&path.join(file)))?;
        dir.remove_partial_files()?;
        Ok(dir)
    }

    /// The same directory with another codec for its Parquet files.
    #[must_use]
    pub fn with_codec(self, codec: Codec) -> OutputDir {
        OutputDir { codec, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts `requests.parquet`.
    ///
    /// # Errors
    /// If the file cannot be created or its writer thread not be started.
    pub fn requests(&self, meta: &FileMetadata) -> Result<RequestSink, OutputError> {
        RequestSink::create(self, meta)
    }

    /// Starts `iterations.parquet`.
    ///
    /// # Errors
    /// If the file cannot be created or its writer thread not be started.
    pub fn iterations(
        &self,
        meta: &FileMetadata,
        granularity: Granularity,
    ) -> Result<IterationSink, OutputError> {
        IterationSink::create(self, meta, granularity)
    }

    /// Starts `samples.parquet`, with samples an interval apart.
    ///
    /// # Errors
    /// If the file cannot be created or its writer thread not be started.
    pub fn samples(&self, meta: &FileMetadata, interval: Dur) -> Result<SampleSink, OutputError> {
        SampleSink::create(self, meta, interval)
    }

    /// Starts `customers.parquet` of a network; the footer names its stations and classes.
    ///
    /// # Errors
    /// More stations than the file has numbers for; if the file cannot be created or its writer
    /// thread not be started.
    pub fn customers(
        &self,
        meta: &FileMetadata,
        network: &Network,
    ) -> Result<CustomerSink, OutputError> {
        CustomerSink::create(self, meta, network)
    }

    /// Starts `trials.parquet`.
    ///
    /// # Errors
    /// If the file cannot be created or its writer thread not be started.
    pub fn trials(
        &self,
        meta: &FileMetadata,
        variants: &TrialVariants,
        metrics: &[Metric],
    ) -> Result<TrialSink, OutputError> {
        TrialSink::create(self, meta, variants, metrics)
    }

    /// Starts `study.parquet`, with intervals of that level.
    ///
    /// # Errors
    /// If the file cannot be created or its writer thread not be started.
    pub fn study(
        &self,
        meta: &FileMetadata,
        study: Study,
        level: f64,
    ) -> Result<StudySink, OutputError> {
        StudySink::create(self, meta, study, level)
    }

    /// Writes `figure-SCENARIO.svg`, as a partial file that is renamed.
    ///
    /// # Errors
    /// If the file cannot be created, written (it is removed then) or renamed.
    ///
    /// # Panics
    /// A scenario without a figure of its own among those that a directory is cleared of.
    pub fn write_figure(&self, scenario: &str, svg: &str) -> Result<(), OutputError> {
        let stem = format!("figure-{scenario}");
        let name = format!("{stem}.svg");
        assert!(RESULTS.contains(&name.as_str()), "{name} has a place");
        self.write_text(&stem, "svg", svg)
    }

    /// Writes `summary.json`, as a partial file that is renamed. Written last, it marks a run
    /// as finished.
    ///
    /// # Errors
    /// If the file cannot be created, written (it is removed then) or renamed.
    pub fn write_summary(&self, json: &str) -> Result<(), OutputError> {
        self.write_text("summary", "json", json)
    }

    fn write_text(&self, stem: &str, extension: &str, text: &str) -> Result<(), OutputError> {
        let path = self.partial(stem, extension);
        let mut file = match File::create(&path) {
            Ok(file) => file,
            Err(source) => return Err(OutputError::Create { path, source }),
        };
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let written = [text, end]
            .iter()
            .try_for_each(|part| file.write_all(part.as_bytes()));
        if let Err(source) = written {
            // Its absence would be fine, too.
            let _ = fs::remove_file(&path);
            return Err(OutputError::Write { path, source });
        }
        rename(&path, &self.complete(stem, extension))
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    /// Name of a file while it is being written.
    pub(super) fn partial(&self, stem: &str, extension: &str) -> PathBuf {
        self.path.join(format!("{stem}.partial.{extension}"))
    }

    /// Name of a complete file.
    pub(super) fn complete(&self, stem: &str, extension: &str) -> PathBuf {
        self.path.join(format!("{stem}.{extension}"))
    }

    /// Removes what an interrupted run left. Links are somebody's choice of a place and stay.
    fn remove_partial_files(&self) -> Result<(), OutputError> {
        for (stem, extension) in RESULTS.iter().filter_map(|file| file.split_once('.')) {
            let partial = self.partial(stem, extension);
            if fs::symlink_metadata(&partial).is_ok_and(|found| found.is_file()) {
                remove(&partial)?;
            }
        }
        Ok(())
    }
}

fn create(path: &Path) -> Result<(), OutputError> {
    if path.is_dir() {
        return Ok(());
    }
    let path_buf = path.to_owned();
    if path.exists() {
        return Err(OutputError::NotADirectory { path: path_buf });
    }
    fs::create_dir_all(path).map_err(|source| OutputError::CreateDir {
        path: path_buf,
        source,
    })
}

/// Permissions do not tell whether a file can be created (think of read-only disks); trying does.
fn probe(path: &Path) -> io::Result<()> {
    let probe = path.join(".kendall.probe");
    File::create(&probe)?;
    fs::remove_file(&probe)
}

fn remove(path: &Path) -> Result<(), OutputError> {
    fs::remove_file(path).map_err(|source| OutputError::Remove {
        path: path.to_owned(),
        source,
    })
}
