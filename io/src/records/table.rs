//! Tables: one list of columns from which buffers, schema and encodings follow.

use std::sync::Arc;

use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions};
use arrow_schema::{DataType, Field, Schema};
use base64::Engine as _;
use parquet::basic::{Compression, Encoding as ParquetEncoding, LogicalType, Repetition, Type};
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::{ColumnPath, Type as SchemaType, TypePtr};

use super::columns::{Cell, Values};
use super::{Codec, FileMetadata};

/// Rows of a set of column buffers.
pub(super) const BUFFER_ROWS: usize = 1 << 14;

/// Rows of a row group, whole buffers so that none is split: enough to encode well, few enough that readers share out a file.
pub(super) const ROW_GROUP_ROWS: usize = 1 << 18;

/// How the values of a column are laid out in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bit-packed differences (`DELTA_BINARY_PACKED`): ids, times, counts.
    Delta,
    /// The bytes of each significance together (`BYTE_STREAM_SPLIT`): floats.
    ByteStreamSplit,
    /// Positions in a list of the distinct values (`RLE_DICTIONARY`): small sets.
    Dictionary,
}

/// What is known of a column before its first value.
#[derive(Clone, Debug)]
pub(super) struct ColumnSpec {
    /// Name, type and explanation.
    pub(super) field: Field,
    /// Layout in the file.
    pub(super) encoding: Encoding,
}

impl ColumnSpec {
    /// A column of cells of type `C`.
    pub(super) fn new<C: Cell>(
        name: &str,
        encoding: Encoding,
        unit: &str,
        description: &str,
    ) -> ColumnSpec {
        let field = Field::new(name, C::data_type(), C::NULLABLE);
        ColumnSpec::explained(field, encoding, unit, description)
    }

    /// A column of texts, one in every row, of which there are few.
    pub(super) fn text(name: &str, description: &str) -> ColumnSpec {
        let field = Field::new(name, DataType::Utf8, false);
        ColumnSpec::explained(field, Encoding::Dictionary, "1", description)
    }

    fn explained(field: Field, encoding: Encoding, unit: &str, description: &str) -> ColumnSpec {
        let explanation = [("unit", unit), ("description", description)];
        ColumnSpec {
            field: field.with_metadata(explanation),
            encoding,
        }
    }
}

/// Buffers of a table's columns.
pub(super) trait Table: Sized {
    /// What a row is made from.
    type Row;
    /// Name of the file without its extension.
    const STEM: &'static str;

    /// The columns in the order of the file.
    fn specs() -> Vec<ColumnSpec>;

    /// Empty buffers with room for `rows`.
    fn with_capacity(rows: usize) -> Self;

    /// Appends a row.
    fn push(&mut self, row: &Self::Row);

    /// The buffers in the order of the file.
    fn into_values(self) -> Vec<Values>;
}

/// Declares a table: one line per column with its name, type, encoding, unit, description and
/// value. Nullable columns are `Option`s; the unit of a plain number is `1`.
macro_rules! table {
    (
        $(#[$doc:meta])*
        struct $table:ident in $stem:literal of |$row:ident: $record:ty| {
            $($name:ident: $cell:ty, $encoding:ident, $unit:literal, $description:literal => $value:expr;)*
        }
    ) => {
        $(#[$doc])*
        pub(super) struct $table {
            $($name: <$cell as Cell>::Column,)*
        }

        impl Table for $table {
            type Row = $record;
            const STEM: &'static str = $stem;

            fn specs() -> Vec<ColumnSpec> {
                vec![$(ColumnSpec::new::<$cell>(
                    stringify!($name),
                    Encoding::$encoding,
                    $unit,
                    $description,
                ),)*]
            }

            fn with_capacity(rows: usize) -> Self {
                Self { $($name: Column::with_capacity(rows),)* }
            }

            fn push(&mut self, $row: &$record) {
                $(self.$name.push($value);)*
            }

            fn into_values(self) -> Vec<Values> {
                vec![$(self.$name.into_values(),)*]
            }
        }
    };
}
pub(super) use table;

/// Key of the digest of the trace.
pub(super) const TRACE_SHA256: &str = "kendall.trace_sha256";

/// The file's schema of a table with these columns.
pub(super) fn schema(specs: &[ColumnSpec]) -> Result<TypePtr> {
    let fields = specs.iter().map(|spec| stored_type(&spec.field));
    let root = SchemaType::group_type_builder("schema")
        .with_fields(fields.collect::<Result<_>>()?)
        .build()?;
    Ok(Arc::new(root))
}

/// How Parquet stores a field.
fn stored_type(field: &Field) -> Result<TypePtr> {
    let unsigned = |bits| LogicalType::integer(bits, false);
    let (physical, logical) = match field.data_type() {
        DataType::UInt16 => (Type::INT32, Some(unsigned(16))),
        DataType::UInt32 => (Type::INT32, Some(unsigned(32))),
        DataType::UInt64 => (Type::INT64, Some(unsigned(64))),
        DataType::Float64 => (Type::DOUBLE, None),
        DataType::Utf8 => (Type::BYTE_ARRAY, Some(LogicalType::String)),
        other => unreachable!("no cell is a {other}"),
    };
    let repetition = if field.is_nullable() {
        Repetition::OPTIONAL
    } else {
        Repetition::REQUIRED
    };
    let stored = SchemaType::primitive_type_builder(field.name(), physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()?;
    Ok(Arc::new(stored))
}

/// The fields as a message of Arrow's IPC format, base64 with its length in front: where readers
/// that know Arrow find units and descriptions (the key `ARROW:schema`).
fn arrow_schema(specs: &[ColumnSpec]) -> String {
    let fields: Vec<Field> = specs.iter().map(|spec| spec.field.clone()).collect();
    let message = IpcDataGenerator::default()
        .schema_to_bytes_with_dictionary_tracker(
            &Schema::new(fields),
            &mut DictionaryTracker::new(true),
            &IpcWriteOptions::default(),
        )
        .ipc_message;
    let length = u32::try_from(message.len()).expect("a schema of a few kilobytes");
    let mut bytes = vec![0xff; 4];
    bytes.extend(length.to_le_bytes());
    bytes.extend(message);
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

/// How a table with these columns is written. `extra` is metadata of this table alone.
pub(super) fn properties(
    specs: &[ColumnSpec],
    meta: &FileMetadata,
    extra: &[(&str, &str)],
    codec: Codec,
) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(compression(codec))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // The encoders work through a whole buffer at a time: a quarter faster than by 1024.
        .set_write_batch_size(BUFFER_ROWS)
        .set_key_value_metadata(Some(key_values(specs, meta, extra)));
    for spec in specs {
        builder = encode(builder, spec);
    }
    builder.build()
}

fn encode(builder: WriterPropertiesBuilder, spec: &ColumnSpec) -> WriterPropertiesBuilder {
    let column = ColumnPath::from(spec.field.name().as_str());
    let plain = match spec.encoding {
        Encoding::Dictionary => return builder.set_column_dictionary_enabled(column, true),
        Encoding::Delta => ParquetEncoding::DELTA_BINARY_PACKED,
        Encoding::ByteStreamSplit => ParquetEncoding::BYTE_STREAM_SPLIT,
    };
    builder
        .set_column_dictionary_enabled(column.clone(), false)
        .set_column_encoding(column, plain)
}

fn compression(codec: Codec) -> Compression {
    match codec {
        Codec::Lz4 => Compression::LZ4_RAW,
        #[cfg(feature = "zstd")]
        Codec::Zstd => Compression::ZSTD(parquet::basic::ZstdLevel::default()),
    }
}

fn key_values(specs: &[ColumnSpec], meta: &FileMetadata, extra: &[(&str, &str)]) -> Vec<KeyValue> {
    let pair = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    let mut pairs = vec![
        pair("kendall.version", &meta.version),
        pair("kendall.config", &meta.config_toml),
        pair("kendall.seed", &meta.seed.to_string()),
    ];
    pairs.extend(
        meta.trace_sha256
            .iter()
            .map(|digest| pair(TRACE_SHA256, digest)),
    );
    pairs.extend(extra.iter().map(|(key, value)| pair(key, value)));
    pairs.push(pair("ARROW:schema", &arrow_schema(specs)));
    pairs
}
