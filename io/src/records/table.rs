//! Tables: one list of columns from which buffers, schema and encodings follow.

use arrow_array::ArrayRef;
use arrow_schema::{Field, Schema};
use parquet::basic::{Compression, Encoding as ParquetEncoding};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::ColumnPath;

use super::columns::Cell;
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
        let explanation = [("unit", unit), ("description", description)];
        ColumnSpec {
            field: Field::new(name, C::data_type(), C::NULLABLE).with_metadata(explanation),
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

    /// The buffers as Arrow arrays in the order of the file.
    fn into_arrays(self) -> Vec<ArrayRef>;
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

            fn into_arrays(self) -> Vec<ArrayRef> {
                vec![$(self.$name.into_array(),)*]
            }
        }
    };
}
pub(super) use table;

/// The schema of a table with these columns.
pub(super) fn schema(specs: &[ColumnSpec]) -> Schema {
    Schema::new(
        specs
            .iter()
            .map(|spec| spec.field.clone())
            .collect::<Vec<_>>(),
    )
}

/// How a table with these columns is written. `extra` is metadata of this table alone.
pub(super) fn properties(
    specs: &[ColumnSpec],
    meta: &FileMetadata,
    extra: (&str, &str),
    codec: Codec,
) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(compression(codec))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // The encoders work through a whole buffer at a time: a quarter faster than by 1024.
        .set_write_batch_size(BUFFER_ROWS)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(key_values(meta, extra)));
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

fn key_values(meta: &FileMetadata, extra: (&str, &str)) -> Vec<KeyValue> {
    let pair = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    let mut pairs = vec![
        pair("kendall.version", &meta.version),
        pair("kendall.config", &meta.config_toml),
        pair("kendall.seed", &meta.seed.to_string()),
    ];
    pairs.extend(
        meta.trace_sha256
            .iter()
            .map(|digest| pair("kendall.trace_sha256", digest)),
    );
    pairs.push(pair(extra.0, extra.1));
    pairs
}
