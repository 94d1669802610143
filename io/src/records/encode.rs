//! Column values to the bytes of a Parquet file.
//!
//! Parquet wants the chunks of a row group one column after the other, and rows come for all
//! columns at once: so every column has an encoder of its own that gathers encoded pages in
//! memory until the row group is full.

use std::fs::File;
use std::io::BufWriter;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::column::page::{CompressedPage, PageWriteSpec, PageWriter};
use parquet::column::writer::{
    ColumnCloseResult, ColumnWriter, ColumnWriterImpl, get_column_writer,
};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, TypePtr};

use super::columns::{Present, Values};
use super::table::ROW_GROUP_ROWS;

/// Bytes that go to the file system in one call; the crate's own buffer has 8 KiB.
const WRITE_BYTES: usize = 1 << 18;

/// A Parquet file being written.
pub(super) struct FileEncoder {
    file: SerializedFileWriter<BufWriter<File>>,
    schema: SchemaDescriptor,
    properties: WriterPropertiesPtr,
    /// The encoders of the row group that is being filled; none between row groups.
    columns: Vec<ColumnEncoder>,
    /// Rows in it.
    rows: usize,
}

impl FileEncoder {
    pub(super) fn new(
        file: File,
        schema: TypePtr,
        properties: WriterPropertiesPtr,
    ) -> Result<Self> {
        let file = BufWriter::with_capacity(WRITE_BYTES, file);
        Ok(FileEncoder {
            schema: SchemaDescriptor::new(Arc::clone(&schema)),
            file: SerializedFileWriter::new(file, schema, Arc::clone(&properties))?,
            properties,
            columns: Vec::new(),
            rows: 0,
        })
    }

    /// Encodes the next `rows` rows, given column by column, and writes a row group if that
    /// fills it. A set of buffers is never split: a row group ends after the one that fills it.
    pub(super) fn append(&mut self, rows: usize, columns: Vec<Values>) -> Result<()> {
        if self.columns.is_empty() {
            let start = |column| ColumnEncoder::new(column, &self.properties);
            self.columns = self.schema.columns().iter().map(start).collect();
        }
        if columns.len() != self.columns.len() {
            let (given, wanted) = (columns.len(), self.columns.len());
            return Err(ParquetError::General(format!(
                "{given} columns for a schema of {wanted}"
            )));
        }
        for (encoder, values) in self.columns.iter_mut().zip(columns) {
            encoder.append(&values)?;
        }
        self.rows += rows;
        if self.rows >= ROW_GROUP_ROWS {
            self.end_row_group()?;
        }
        Ok(())
    }

    /// Adds a line to the footer.
    pub(super) fn add_metadata(&mut self, pair: KeyValue) {
        self.file.append_key_value_metadata(pair);
    }

    /// Completes the file.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.rows > 0 {
            self.end_row_group()?;
        }
        self.file.finish()?;
        Ok(())
    }

    fn end_row_group(&mut self) -> Result<()> {
        let mut group = self.file.next_row_group()?;
        for column in self.columns.drain(..) {
            let (chunk, closed) = column.finish()?;
            group.append_column(&chunk, closed)?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

/// Encodes a column of one row group.
struct ColumnEncoder {
    writer: ColumnWriter<'static>,
    chunk: Arc<Mutex<TrackedWrite<Vec<u8>>>>,
}

impl ColumnEncoder {
    fn new(column: &ColumnDescPtr, properties: &WriterPropertiesPtr) -> ColumnEncoder {
        let chunk = Arc::new(Mutex::new(TrackedWrite::new(Vec::new())));
        let pages = Box::new(ChunkPages(Arc::clone(&chunk)));
        ColumnEncoder {
            writer: get_column_writer(Arc::clone(column), Arc::clone(properties), pages),
            chunk,
        }
    }

    fn append(&mut self, values: &Values) -> Result<()> {
        let levels = values.levels.as_deref();
        let taken = match (&mut self.writer, &values.present) {
            (ColumnWriter::Int32ColumnWriter(writer), Present::Int32(values)) => {
                writer.write_batch(values, levels, None)
            }
            (ColumnWriter::Int64ColumnWriter(writer), Present::Int64(values)) => {
                writer.write_batch(values, levels, None)
            }
            (ColumnWriter::DoubleColumnWriter(writer), Present::Double(values)) => {
                writer.write_batch(values, levels, None)
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Present::Named(positions, names)) => {
                let names = names.iter().map(|name| Bytes::from_static(name.as_bytes()));
                write_listed(writer, positions, names)
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Present::Listed(positions, texts)) => {
                let texts = texts
                    .iter()
                    .map(|text| Bytes::copy_from_slice(text.as_bytes()));
                write_listed(writer, positions, texts)
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), Present::Text(texts)) => {
                let texts = texts.iter().map(|text| ByteArray::from(text.as_str()));
                writer.write_batch(&texts.collect::<Vec<ByteArray>>(), levels, None)
            }
            _ => Err(ParquetError::General(
                "values of another type than the column's".to_owned(),
            )),
        };
        taken.map(drop)
    }

    /// The encoded chunk and what the footer says about it.
    fn finish(self) -> Result<(Bytes, ColumnCloseResult)> {
        let closed = self.writer.close()?;
        let chunk = Arc::into_inner(self.chunk).expect("the pages' writer is gone");
        let chunk = chunk.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((chunk.into_inner()?.into(), closed))
    }
}

/// Writes texts given by their positions in a list, of a column that has one in every row.
fn write_listed<P: Copy + TryInto<usize>>(
    writer: &mut ColumnWriterImpl<'_, ByteArrayType>,
    positions: &[P],
    texts: impl Iterator<Item = Bytes>,
) -> Result<usize> {
    let texts: Vec<ByteArray> = texts.map(ByteArray::from).collect();
    let text = |&at: &P| {
        let text = at.try_into().ok().and_then(|at| texts.get(at)).cloned();
        text.ok_or_else(|| ParquetError::General("a text beyond the list".to_owned()))
    };
    let mut written = 0;
    // Not all at once: a value takes four words here.
    let mut values = Vec::with_capacity(1 << 10);
    for positions in positions.chunks(1 << 10) {
        values.clear();
        for at in positions {
            values.push(text(at)?);
        }
        written += writer.write_batch(&values, None, None)?;
    }
    Ok(written)
}

/// Takes the pages of a column to memory.
struct ChunkPages(Arc<Mutex<TrackedWrite<Vec<u8>>>>);

impl PageWriter for ChunkPages {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec> {
        let mut chunk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        SerializedPageWriter::new(&mut *chunk).write_page(page)
    }

    fn close(&mut self) -> Result<()> {
        let mut chunk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        SerializedPageWriter::new(&mut *chunk).close()
    }
}
