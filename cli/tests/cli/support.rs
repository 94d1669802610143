//! A scratch directory to run `kendall` in, and its results read back.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use tempfile::TempDir;

/// The binary under test.
pub(crate) const KENDALL: &str = env!("CARGO_BIN_EXE_kendall");

/// A path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// A working directory of its own.
pub(crate) struct Scratch {
    dir: TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Scratch {
        let dir = tempfile::tempdir().unwrap();
        Scratch { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(KENDALL);
        command.current_dir(self.dir.path()).args(args);
        command
    }

    /// Runs `kendall` here.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Runs what must succeed; its standard output.
    pub(crate) fn fine(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}\n{}", ran.stderr);
        ran.stdout
    }

    /// Runs what must succeed with `--json`; the summary.
    pub(crate) fn summary(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.fine(&[args, &["--json", "-q"]].concat())).unwrap()
    }

    /// Runs what must be refused with exit code 2, nothing on standard output and no results in
    /// `out`; its standard error.
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}\n{}", ran.stderr);
        assert_eq!(ran.stdout, "", "{args:?}");
        assert_eq!(self.names("out"), [""; 0], "{args:?}");
        ran.stderr
    }

    /// Runs what must be refused with exit code 2 though there are results in `out`; its standard
    /// error.
    pub(crate) fn refused_over(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{args:?}");
        ran.stderr
    }

    /// Names in a directory, sorted; none if there is no such directory.
    pub(crate) fn names(&self, dir: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(dir)) else {
            return Vec::new();
        };
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    pub(crate) fn table(&self, name: &str) -> Table {
        Table::read(&self.path(name))
    }
}

/// A Parquet file.
pub(crate) struct Table {
    batches: Vec<RecordBatch>,
    metadata: Vec<(String, Option<String>)>,
}

impl Table {
    pub(crate) fn read(path: &Path) -> Table {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
        let pairs = reader.metadata().file_metadata().key_value_metadata();
        let pairs = pairs.into_iter().flatten();
        Table {
            metadata: pairs
                .map(|pair| (pair.key.clone(), pair.value.clone()))
                .collect(),
            batches: reader.build().unwrap().map(Result::unwrap).collect(),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// All columns of all batches, without the schema, whose metadata names the run.
    pub(crate) fn columns(&self) -> Vec<&[ArrayRef]> {
        self.batches.iter().map(RecordBatch::columns).collect()
    }

    /// A column of unsigned integers of any width.
    pub(crate) fn integers(&self, name: &str) -> Vec<Option<u64>> {
        let cells = self.batches.iter().flat_map(|batch| {
            let array = batch.column_by_name(name).unwrap();
            let narrow = array.as_primitive_opt::<UInt16Type>().map(widen);
            let middle = || array.as_primitive_opt::<UInt32Type>().map(widen);
            narrow
                .or_else(middle)
                .unwrap_or_else(|| widen(array.as_primitive::<UInt64Type>()))
        });
        cells.collect()
    }

    /// A column of integers without nulls.
    pub(crate) fn numbers(&self, name: &str) -> Vec<u64> {
        self.integers(name)
            .into_iter()
            .map(Option::unwrap)
            .collect()
    }

    pub(crate) fn sum(&self, name: &str) -> u64 {
        self.integers(name).into_iter().flatten().sum()
    }

    /// A column of floats.
    pub(crate) fn floats(&self, name: &str) -> Vec<Option<f64>> {
        let cells = self.batches.iter().flat_map(|batch| {
            let array = batch.column_by_name(name).unwrap();
            array.as_primitive::<Float64Type>().iter()
        });
        cells.collect()
    }

    /// Names of the columns.
    pub(crate) fn names(&self) -> Vec<String> {
        let schema = self.batches[0].schema();
        let fields = schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// A column of strings.
    pub(crate) fn strings(&self, name: &str) -> Vec<String> {
        let cells = self.batches.iter().flat_map(|batch| {
            let array = batch.column_by_name(name).unwrap().as_string::<i32>();
            let text = |cell: Option<&str>| cell.unwrap().to_owned();
            array.iter().map(text).collect::<Vec<_>>()
        });
        cells.collect()
    }

    /// A value of the file's metadata.
    pub(crate) fn key(&self, key: &str) -> Option<&str> {
        let pair = self.metadata.iter().find(|(name, _)| name == key);
        pair.and_then(|(_, value)| value.as_deref())
    }
}

fn widen<T>(array: &arrow_array::PrimitiveArray<T>) -> Vec<Option<u64>>
where
    T: arrow_array::ArrowPrimitiveType,
    T::Native: Into<u64>,
{
    array.iter().map(|cell| cell.map(Into::into)).collect()
}
