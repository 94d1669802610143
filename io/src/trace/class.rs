//! Classes of requests: numbers, or names that are numbered in order of appearance.

use std::borrow::Cow;
use std::collections::HashMap;

use super::number::{self, NumberError};

/// The class of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClassText<'a> {
    /// A number as written, and its value.
    Number(&'a str, u16),
    /// A name.
    Name(Cow<'a, str>),
    /// Either, in formats that do not tell text from numbers.
    Text(Cow<'a, str>),
}

impl ClassText<'_> {
    /// As it is written.
    pub(super) fn text(&self) -> &str {
        match self {
            ClassText::Number(text, _) => text,
            ClassText::Name(text) | ClassText::Text(text) => text,
        }
    }

    fn is_number(&self) -> bool {
        match self {
            ClassText::Number(..) => true,
            ClassText::Name(_) => false,
            ClassText::Text(text) => number::scaled(text, 0) != Err(NumberError::NotANumber),
        }
    }
}

/// How the classes of a trace are written; the first one decides.
#[derive(Debug, Default)]
pub(super) enum Classes {
    /// No record has had one.
    #[default]
    Unknown,
    /// They are numbers; records without one are of class 0.
    Numbers,
    /// They are names, of which having none is one.
    Names(HashMap<String, u16>),
}

impl Classes {
    /// Number of a record's class, `None` while none has been seen, or what the class must be.
    pub(super) fn number(
        &mut self,
        class: Option<&ClassText<'_>>,
        first_row: bool,
    ) -> Result<Option<u16>, &'static str> {
        if let (Classes::Unknown, Some(class)) = (&*self, class) {
            *self = Classes::like(class, first_row);
        }
        match (self, class) {
            (Classes::Unknown, _) | (Classes::Numbers, None) => Ok(None),
            (Classes::Numbers, Some(ClassText::Number(_, number))) => Ok(Some(*number)),
            (Classes::Numbers, Some(ClassText::Text(text))) => number::class(text).map(Some),
            (Classes::Numbers, Some(ClassText::Name(_))) => {
                Err("be a number like the classes before")
            }
            (Classes::Names(_), Some(ClassText::Number(..))) => {
                Err("be a name like the classes before")
            }
            (Classes::Names(names), None) => name_number(names, "").map(Some),
            (Classes::Names(names), Some(ClassText::Name(name) | ClassText::Text(name))) => {
                name_number(names, name).map(Some)
            }
        }
    }

    /// Rows before the first name have class 0, which then stands for having no name.
    fn like(class: &ClassText<'_>, first_row: bool) -> Classes {
        match (class.is_number(), first_row) {
            (true, _) => Classes::Numbers,
            (false, true) => Classes::Names(HashMap::new()),
            (false, false) => Classes::Names(HashMap::from([(String::new(), 0)])),
        }
    }
}

fn name_number(names: &mut HashMap<String, u16>, name: &str) -> Result<u16, &'static str> {
    if let Some(number) = names.get(name) {
        return Ok(*number);
    }
    let number = u16::try_from(names.len()).map_err(|_| "be one of at most 65536 names")?;
    names.insert(name.to_owned(), number);
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ClassText<'_> {
        ClassText::Name(Cow::Borrowed(text))
    }

    fn text(text: &str) -> ClassText<'_> {
        ClassText::Text(Cow::Borrowed(text))
    }

    #[test]
    fn names_are_numbered_in_order_of_appearance() {
        let mut classes = Classes::default();
        assert_eq!(classes.number(Some(&name("chat")), true), Ok(Some(0)));
        assert_eq!(classes.number(Some(&name("code")), false), Ok(Some(1)));
        assert_eq!(classes.number(None, false), Ok(Some(2)));
        assert_eq!(classes.number(Some(&text("chat")), false), Ok(Some(0)));
        assert!(
            classes
                .number(Some(&ClassText::Number("1", 1)), false)
                .is_err()
        );
    }

    #[test]
    fn rows_before_the_first_name_keep_class_0() {
        let mut classes = Classes::default();
        assert_eq!(classes.number(None, true), Ok(None));
        assert_eq!(classes.number(Some(&name("chat")), false), Ok(Some(1)));
        assert_eq!(classes.number(None, false), Ok(Some(0)));
    }

    #[test]
    fn numbers_stay_numbers() {
        let mut classes = Classes::default();
        assert_eq!(classes.number(Some(&text("7")), true), Ok(Some(7)));
        assert!(classes.number(Some(&text("chat")), false).is_err());
        assert!(classes.number(Some(&text("65536")), false).is_err());
        assert!(classes.number(Some(&name("7")), false).is_err());
        assert_eq!(classes.number(None, false), Ok(None));
    }

    #[test]
    fn names_end_where_the_numbers_do() {
        let mut classes = Classes::default();
        for number in 0..=65_535_u32 {
            let text = format!("c{number}");
            assert!(classes.number(Some(&name(&text)), number == 0).is_ok());
        }
        assert!(classes.number(Some(&name("more")), false).is_err());
    }
}
