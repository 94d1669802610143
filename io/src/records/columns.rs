//! Column buffers: plain vectors that become Arrow arrays without a copy.

use std::sync::Arc;

use arrow_array::types::{Float64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, DictionaryArray, PrimitiveArray, StringArray, UInt8Array,
};
use arrow_buffer::{ArrowNativeType, NullBufferBuilder};
use arrow_schema::DataType;
use kendall_llm::Status;

/// A value of a record and the column it goes to.
pub(super) trait Cell: Sized {
    /// The buffer of its column.
    type Column: Column<Cell = Self>;
    /// Whether a row may be without it.
    const NULLABLE: bool;

    /// Type of the column in the file.
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

    /// The buffer as an Arrow array; the values are not copied.
    fn into_array(self) -> ArrayRef;
}

/// A number that Arrow knows.
pub(super) trait Number: ArrowNativeType {
    /// Its Arrow type.
    type Arrow: ArrowPrimitiveType<Native = Self>;
}

impl Number for u16 {
    type Arrow = UInt16Type;
}
impl Number for u32 {
    type Arrow = UInt32Type;
}
impl Number for u64 {
    type Arrow = UInt64Type;
}
impl Number for f64 {
    type Arrow = Float64Type;
}

impl<T: Number> Cell for T {
    type Column = Plain<T>;
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        T::Arrow::DATA_TYPE
    }
}

impl<T: Number> Cell for Option<T> {
    type Column = Nullable<T>;
    const NULLABLE: bool = true;

    fn data_type() -> DataType {
        T::Arrow::DATA_TYPE
    }
}

impl Cell for Status {
    type Column = Statuses;
    const NULLABLE: bool = false;

    /// A string, although batches carry dictionaries: readers see plain text.
    fn data_type() -> DataType {
        DataType::Utf8
    }
}

/// Numbers that are always there.
pub(super) struct Plain<T>(Vec<T>);

impl<T: Number> Column for Plain<T> {
    type Cell = T;

    fn with_capacity(rows: usize) -> Self {
        Plain(Vec::with_capacity(rows))
    }

    fn push(&mut self, cell: T) {
        self.0.push(cell);
    }

    fn into_array(self) -> ArrayRef {
        Arc::new(PrimitiveArray::<T::Arrow>::new(self.0.into(), None))
    }
}

/// Numbers that may be missing.
pub(super) struct Nullable<T> {
    values: Vec<T>,
    validity: NullBufferBuilder,
}

impl<T: Number> Column for Nullable<T> {
    type Cell = Option<T>;

    fn with_capacity(rows: usize) -> Self {
        Nullable {
            values: Vec::with_capacity(rows),
            validity: NullBufferBuilder::new(rows),
        }
    }

    fn push(&mut self, cell: Option<T>) {
        self.values.push(cell.unwrap_or_default());
        self.validity.append(cell.is_some());
    }

    fn into_array(self) -> ArrayRef {
        let nulls = self.validity.build();
        Arc::new(PrimitiveArray::<T::Arrow>::new(self.values.into(), nulls))
    }
}

/// How requests ended, as positions in [`Status::ALL`].
pub(super) struct Statuses(Vec<u8>);

impl Column for Statuses {
    type Cell = Status;

    fn with_capacity(rows: usize) -> Self {
        Statuses(Vec::with_capacity(rows))
    }

    fn push(&mut self, cell: Status) {
        self.0.push(cell as u8);
    }

    fn into_array(self) -> ArrayRef {
        let keys = UInt8Array::new(self.0.into(), None);
        let names = StringArray::from_iter_values(Status::ALL.map(Status::name));
        Arc::new(DictionaryArray::<UInt8Type>::new(keys, Arc::new(names)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn values_reach_arrow_without_a_copy() {
        let mut column = Nullable::<u64>::with_capacity(4);
        column.push(Some(7));
        column.push(None);
        let before = column.values.as_ptr();
        let array = column.into_array();
        let array = array.as_primitive::<UInt64Type>();
        assert_eq!(array.values().as_ptr(), before);
        assert_eq!(array.iter().collect::<Vec<_>>(), [Some(7), None]);
    }

    #[test]
    fn statuses_are_named_by_their_discriminants() {
        let mut column = Statuses::with_capacity(4);
        for status in Status::ALL.into_iter().rev() {
            column.push(status);
        }
        let array = column.into_array();
        let array = array
            .as_dictionary::<UInt8Type>()
            .downcast_dict::<StringArray>()
            .unwrap();
        let names: Vec<_> = array.into_iter().flatten().collect();
        assert_eq!(names, ["unfinished", "aborted", "rejected", "finished"]);
    }
}
