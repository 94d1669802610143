//! Column buffers: plain vectors in the types that a file stores, handed to its encoders as they
//! are.

use std::marker::PhantomData;
use std::sync::Arc;

use arrow_schema::DataType;
use kendall_llm::Status;
use kendall_queueing::Outcome;

/// A value of a record and the column it goes to.
pub(super) trait Cell: Sized {
    /// The buffer of its column.
    type Column: Column<Cell = Self>;
    /// Whether a row may be without it.
    const NULLABLE: bool;

    /// Type of the column as readers see it.
    fn data_type() -> DataType;
}

/// A buffer of the cells of one column.
pub(super) trait Column {
    /// What a row holds.
    type Cell;

    /// An empty buffer with room for `rows`.
    fn with_capacity(rows: usize) -> Self;

    /// Appends the cell of the next row.
    fn push(&mut self, cell: Self::Cell);

    /// The buffer for the writer; nothing is copied.
    fn into_values(self) -> Values;
}

/// The cells of a column in a set of buffers.
pub(super) struct Values {
    /// The values that are there, in the order of the rows.
    pub(super) present: Present,
    /// For nullable columns, per row: 1 where there is a value, 0 where there is none.
    pub(super) levels: Option<Vec<i16>>,
}

/// Values in the types that Parquet stores. Unsigned integers are stored as the signed ones of
/// the same bits, of 32 at least; the file's schema says what they are.
pub(super) enum Present {
    /// Integers of up to 32 bits.
    Int32(Vec<i32>),
    /// Integers of 64 bits.
    Int64(Vec<i64>),
    /// Floats.
    Double(Vec<f64>),
    /// Positions in a list of names.
    Named(Vec<u8>, &'static [&'static str]),
    /// Positions in a list of texts that only the run knows.
    Listed(Vec<u32>, Arc<[String]>),
    /// Texts.
    Text(Vec<String>),
}

/// A number as records have it.
pub(super) trait Number: Copy {
    /// The type that stores it.
    type Stored;
    /// Its type as readers see it.
    const TYPE: DataType;

    /// The same bits as they are stored.
    fn stored(self) -> Self::Stored;

    /// Stored values as a column's.
    fn present(values: Vec<Self::Stored>) -> Present;
}

/// Declares numbers and how they are stored.
macro_rules! numbers {
    ($($number:ty as $stored:ty => $present:ident, $type:ident;)*) => {$(
        impl Number for $number {
            type Stored = $stored;
            const TYPE: DataType = DataType::$type;

            fn stored(self) -> $stored {
                self as $stored
            }

            fn present(values: Vec<$stored>) -> Present {
                Present::$present(values)
            }
        }
    )*};
}

numbers! {
    u16 as i32 => Int32, UInt16;
    u32 as i32 => Int32, UInt32;
    u64 as i64 => Int64, UInt64;
    f64 as f64 => Double, Float64;
}

impl<T: Number> Cell for T {
    type Column = Plain<T>;
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        T::TYPE
    }
}

impl<T: Number> Cell for Option<T> {
    type Column = Nullable<T>;
    const NULLABLE: bool = true;

    fn data_type() -> DataType {
        T::TYPE
    }
}

/// One of a few things with names, numbered from 0.
pub(super) trait Named: Copy {
    /// Its names, by number.
    const NAMES: &'static [&'static str];

    /// Its number.
    fn number(self) -> u8;
}

/// Declares things with names: those whose discriminants are positions in their `ALL`.
macro_rules! named {
    ($($named:ty),*) => {$(
        impl Named for $named {
            const NAMES: &'static [&'static str] = {
                const NAMES: [&str; <$named>::ALL.len()] = {
                    let mut names = [""; <$named>::ALL.len()];
                    let mut at = 0;
                    while at < names.len() {
                        names[at] = <$named>::ALL[at].name();
                        at += 1;
                    }
                    names
                };
                &NAMES
            };

            fn number(self) -> u8 {
                self as u8
            }
        }

        impl Cell for $named {
            type Column = Names<$named>;
            const NULLABLE: bool = false;

            fn data_type() -> DataType {
                DataType::Utf8
            }
        }
    )*};
}

named!(Status, Outcome);

impl Cell for String {
    type Column = Texts;
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        DataType::Utf8
    }
}

/// Numbers that are always there.
pub(super) struct Plain<T: Number>(Vec<T::Stored>);

impl<T: Number> Column for Plain<T> {
    type Cell = T;

    fn with_capacity(rows: usize) -> Self {
        Plain(Vec::with_capacity(rows))
    }

    fn push(&mut self, cell: T) {
        self.0.push(cell.stored());
    }

    fn into_values(self) -> Values {
        Values {
            present: T::present(self.0),
            levels: None,
        }
    }
}

/// Numbers that may be missing.
pub(super) struct Nullable<T: Number> {
    present: Vec<T::Stored>,
    levels: Vec<i16>,
}

impl<T: Number> Column for Nullable<T> {
    type Cell = Option<T>;

    fn with_capacity(rows: usize) -> Self {
        Nullable {
            present: Vec::with_capacity(rows),
            levels: Vec::with_capacity(rows),
        }
    }

    fn push(&mut self, cell: Option<T>) {
        self.present.extend(cell.map(Number::stored));
        self.levels.push(i16::from(cell.is_some()));
    }

    fn into_values(self) -> Values {
        Values {
            present: T::present(self.present),
            levels: Some(self.levels),
        }
    }
}

/// Names that are always there, as positions in a list of them.
pub(super) struct Names<T>(Vec<u8>, PhantomData<T>);

impl<T: Named> Column for Names<T> {
    type Cell = T;

    fn with_capacity(rows: usize) -> Self {
        Names(Vec::with_capacity(rows), PhantomData)
    }

    fn push(&mut self, cell: T) {
        self.0.push(cell.number());
    }

    fn into_values(self) -> Values {
        Values {
            present: Present::Named(self.0, T::NAMES),
            levels: None,
        }
    }
}

/// Texts that are always there; for tables of few rows.
pub(super) struct Texts(Vec<String>);

impl Column for Texts {
    type Cell = String;

    fn with_capacity(_: usize) -> Self {
        Texts(Vec::new())
    }

    fn push(&mut self, cell: String) {
        self.0.push(cell);
    }

    fn into_values(self) -> Values {
        Values {
            present: Present::Text(self.0),
            levels: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_reach_the_writer_without_a_copy() {
        let mut column = Nullable::<u64>::with_capacity(4);
        column.push(Some(u64::MAX));
        column.push(None);
        let before = column.present.as_ptr();
        let values = column.into_values();
        let Present::Int64(present) = values.present else {
            panic!("64 bits are stored as 64 bits");
        };
        assert_eq!(present.as_ptr(), before);
        assert_eq!(present, [-1]);
        assert_eq!(values.levels, Some(vec![1, 0]));
    }

    fn named<T: Named>(all: impl IntoIterator<Item = T>) -> Vec<&'static str> {
        let mut column = Names::with_capacity(4);
        all.into_iter().for_each(|cell| column.push(cell));
        let Present::Named(positions, names) = column.into_values().present else {
            panic!("these have names");
        };
        let names = positions.iter().map(|&at| names[usize::from(at)]);
        names.collect()
    }

    #[test]
    fn names_are_found_by_discriminants() {
        assert_eq!(
            named(Status::ALL.into_iter().rev()),
            ["unfinished", "aborted", "rejected", "finished"]
        );
        assert_eq!(
            named(Outcome::ALL.into_iter().rev()),
            ["reneged", "balked", "lost", "served"]
        );
    }
}
