//! The writer thread of a file and the column buffers that feed it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};

use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::schema::types::TypePtr;

use super::columns::Values;
use super::encode::FileEncoder;
use super::table::{BUFFER_ROWS, ColumnSpec, Table, properties, schema};
use super::{FileMetadata, OutputDir, OutputError};

/// Full buffers that may wait for the writer thread. With the set being filled and the one being
/// encoded, three exist at most.
const BUFFERS_WAITING: usize = 1;

/// A set of column buffers, all of the same rows.
struct Batch {
    rows: usize,
    columns: Vec<Values>,
}

/// What a writer thread is sent.
enum Message {
    Rows(Batch),
    /// A line for the footer.
    Metadata(KeyValue),
}

/// Fills column buffers and hands full ones to the writer thread.
pub(super) struct TableSink<T> {
    buffers: T,
    rows: usize,
    writer: Writer,
}

impl<T: Table> TableSink<T> {
    /// Creates the file under its partial name and starts its writer thread. `extra` is metadata
    /// of this table alone.
    pub(super) fn create(
        dir: &OutputDir,
        meta: &FileMetadata,
        extra: &[(&str, &str)],
    ) -> Result<Self, OutputError> {
        Ok(TableSink {
            buffers: T::with_capacity(BUFFER_ROWS),
            rows: 0,
            writer: Writer::create(dir, meta, extra, T::STEM, &T::specs())?,
        })
    }

    /// Appends a row; waits for the writer thread when it is behind. Once writing has failed,
    /// rows go nowhere.
    pub(super) fn push(&mut self, row: &T::Row) {
        self.buffers.push(row);
        self.rows += 1;
        if self.rows == BUFFER_ROWS {
            self.send();
        }
    }

    pub(super) fn failed(&self) -> bool {
        self.writer.failed.load(Ordering::Relaxed)
    }

    /// Adds a line of metadata that was not known at the beginning.
    pub(super) fn add_metadata(&self, key: &str, value: &str) {
        let pair = KeyValue::new(key.to_owned(), value.to_owned());
        self.writer.send(Message::Metadata(pair));
    }

    /// Closes the file and renames it to its final name; returns its rows.
    pub(super) fn finish(mut self) -> Result<u64, OutputError> {
        self.send();
        self.writer.finish()
    }

    /// Closes the file under its partial name.
    pub(super) fn abandon(mut self) -> Result<PathBuf, OutputError> {
        self.send();
        self.writer.abandon()
    }

    fn send(&mut self) {
        let full = std::mem::replace(&mut self.buffers, T::with_capacity(BUFFER_ROWS));
        let rows = std::mem::take(&mut self.rows);
        self.writer.write(rows, full.into_values());
    }
}

/// Gives a complete file its final name.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), OutputError> {
    fs::rename(from, to).map_err(|source| OutputError::Rename {
        from: from.to_owned(),
        to: to.to_owned(),
        source,
    })
}

/// The near end of a writer thread. Dropping it closes the file.
pub(super) struct Writer {
    /// `None` once closed.
    messages: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<Result<u64, OutputError>>>,
    failed: Arc<AtomicBool>,
    partial: PathBuf,
    complete: PathBuf,
}

impl Writer {
    /// Creates the file of a table with these columns under its partial name and starts its writer
    /// thread. `extra` is metadata of this table alone.
    pub(super) fn create(
        dir: &OutputDir,
        meta: &FileMetadata,
        extra: &[(&str, &str)],
        stem: &str,
        specs: &[ColumnSpec],
    ) -> Result<Writer, OutputError> {
        let partial = dir.partial(stem, "parquet");
        let job = Job {
            schema: schema(specs).map_err(|source| write_error(partial.clone(), source))?,
            properties: Arc::new(properties(specs, meta, extra, dir.codec())),
            partial,
            failed: Arc::default(),
        };
        Writer::start(job, dir.complete(stem, "parquet"))
    }

    /// Hands rows to the writer thread; waits for it when it is behind.
    pub(super) fn write(&self, rows: usize, columns: Vec<Values>) {
        self.send(Message::Rows(Batch { rows, columns }));
    }

    /// Closes the file and renames it to its final name; returns its rows.
    pub(super) fn finish(mut self) -> Result<u64, OutputError> {
        let rows = self.close()?;
        rename(&self.partial, &self.complete)?;
        Ok(rows)
    }

    /// Closes the file under its partial name.
    pub(super) fn abandon(mut self) -> Result<PathBuf, OutputError> {
        self.close()?;
        Ok(self.partial.clone())
    }

    fn start(job: Job, complete: PathBuf) -> Result<Writer, OutputError> {
        let partial = job.partial.clone();
        let failed = Arc::clone(&job.failed);
        let file = File::create(&partial).map_err(|source| OutputError::Create {
            path: partial.clone(),
            source,
        })?;
        let (messages, receiver) = mpsc::sync_channel(BUFFERS_WAITING);
        let thread = thread::Builder::new()
            .name("kendall-writer".to_owned())
            .spawn(move || job.run(file, &receiver))
            .map_err(|source| OutputError::Thread {
                path: partial.clone(),
                source,
            })?;
        Ok(Writer {
            messages: Some(messages),
            thread: Some(thread),
            failed,
            partial,
            complete,
        })
    }

    fn send(&self, message: Message) {
        if let Some(messages) = &self.messages {
            // Refused only by a thread that failed, which `close` will tell.
            let _ = messages.send(message);
        }
    }

    /// Waits until everything is written; the number of rows.
    fn close(&mut self) -> Result<u64, OutputError> {
        self.messages = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(written)) => written,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(0),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.messages = None;
        if let Some(thread) = self.thread.take() {
            // Nobody is left to be told; a failed file has been removed.
            let _ = thread.join();
        }
    }
}

/// What a writer thread works from.
struct Job {
    partial: PathBuf,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    failed: Arc<AtomicBool>,
}

impl Job {
    /// Writes what is sent until the channel closes. A file that cannot be completed has no footer
    /// and would be of no use, so it is removed.
    fn run(self, file: File, messages: &Receiver<Message>) -> Result<u64, OutputError> {
        let path = self.partial;
        write_all(file, self.schema, self.properties, messages).map_err(|source| {
            self.failed.store(true, Ordering::Relaxed);
            // Its absence would be fine, too.
            let _ = fs::remove_file(&path);
            write_error(path, source)
        })
    }
}

fn write_all(
    file: File,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    messages: &Receiver<Message>,
) -> Result<u64, ParquetError> {
    let mut encoder = FileEncoder::new(file, schema, properties)?;
    let mut rows = 0;
    for message in messages {
        match message {
            Message::Rows(batch) => {
                encoder.append(batch.rows, batch.columns)?;
                rows += batch.rows as u64;
            }
            Message::Metadata(pair) => encoder.add_metadata(pair),
        }
    }
    encoder.finish()?;
    Ok(rows)
}

/// Tells a failing disk from a failing encoder.
fn write_error(path: PathBuf, source: ParquetError) -> OutputError {
    match source {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => OutputError::Write {
                path,
                source: *source,
            },
            Err(inner) => OutputError::Encode {
                path,
                source: ParquetError::External(inner),
            },
        },
        source => OutputError::Encode { path, source },
    }
}
