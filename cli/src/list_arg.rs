//! Lists of numbers on the command line: `0.1,0.5` or `0.1:0.9:0.1`, both ends included.

use std::str::FromStr;

/// Most numbers of a list.
const MOST: usize = 10_000;

/// Most decimal places of a range, so that its numbers are exact.
const MOST_PLACES: usize = 9;

/// Numbers, at least one, none twice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// Sizes of chunks; `None` for whole prompts.
pub(crate) type ChunkList = List<Option<u32>>;

/// Shares, from 0 to 1.
pub(crate) fn shares(text: &str) -> Result<List<f64>, String> {
    within(text, "from 0 to 1", |share| (0.0..=1.0).contains(&share))
}

/// Rates per second, positive.
pub(crate) fn rates(text: &str) -> Result<List<f64>, String> {
    within(text, "positive", |rate| rate > 0.0)
}

/// Utilisations, above 0 and below 1.
pub(crate) fn utilisations(text: &str) -> Result<List<f64>, String> {
    within(text, "above 0 and below 1", |load| load > 0.0 && load < 1.0)
}

/// Whole numbers, at least 1.
pub(crate) fn counts<T: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<List<T>, String> {
    let count = |part: &str| match part.parse::<T>() {
        Ok(count) if count >= T::from(1) => Ok(count),
        _ => Err(format!(
            "`{part}` is no whole number of at least 1 in range"
        )),
    };
    of_each(text, count)
}

/// Sizes of chunks in tokens, and `none`.
pub(crate) fn chunks(text: &str) -> Result<ChunkList, String> {
    let size = |part: &str| match part {
        "none" => Ok(None),
        part => match part.parse::<u32>() {
            Ok(size) if size > 0 => Ok(Some(size)),
            _ => Err(format!(
                "`{part}` is no size of a chunk: at least 1 token, or none for whole prompts"
            )),
        },
    };
    of_each(text, size)
}

/// What each part between commas is.
fn of_each<T: PartialEq>(
    text: &str,
    value: impl Fn(&str) -> Result<T, String>,
) -> Result<List<T>, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let values = parts.iter().map(|part| value(part));
    let values: Vec<T> = values.collect::<Result<_, _>>()?;
    match first_repeated(&values) {
        Some(index) => Err(format!("{} is given twice", parts[index])),
        None => Ok(List(values)),
    }
}

/// Place of the first value that an earlier one equals. O(n^2).
fn first_repeated<T: PartialEq>(values: &[T]) -> Option<usize> {
    let mut places = 0..values.len();
    places.find(|&index| values[..index].contains(&values[index]))
}

fn within(text: &str, must: &str, holds: impl Fn(f64) -> bool) -> Result<List<f64>, String> {
    let mut numbers = Vec::new();
    for part in text.split(',') {
        numbers.extend(range(part.trim())?);
        if numbers.len() > MOST {
            return Err(format!("more than {MOST} numbers"));
        }
    }
    if let Some(number) = numbers.iter().find(|&&number| !holds(number)) {
        return Err(format!("{number} is not {must}"));
    }
    match first_repeated(&numbers) {
        Some(index) => Err(format!("{} is given twice", numbers[index])),
        None => Ok(List(numbers)),
    }
}

/// A number, or the numbers from one to another by a step; both ends belong to them.
fn range(part: &str) -> Result<Vec<f64>, String> {
    let fields: Vec<&str> = part.split(':').collect();
    let numbers: Result<Vec<f64>, String> = fields.iter().map(|field| number(field)).collect();
    let (from, to, step) = match numbers?[..] {
        [number] => return Ok(vec![number]),
        [from, to, step] => (from, to, step),
        _ => return Err(format!("`{part}` is neither a number nor FROM:TO:STEP")),
    };
    let places = fields.iter().map(|field| decimals(field)).max();
    let places = places.unwrap_or(0);
    if places > MOST_PLACES {
        return Err(format!(
            "`{part}` has more than {MOST_PLACES} decimal places"
        ));
    }
    // Steps are taken in units of the last place, so that they do not drift.
    let unit = 10_f64.powi(places as i32);
    let whole = |number: f64| (number * unit).round() as i64;
    let (from, to, step) = (whole(from), whole(to), whole(step));
    if step <= 0 {
        return Err(format!("the step of `{part}` must be positive"));
    }
    if to < from {
        return Err(format!("`{part}` ends before it begins"));
    }
    // 10^9 units and numbers below 10^9 are far from the end of 64 bits.
    let count = (to - from) / step + 1;
    if count > MOST as i64 {
        return Err(format!("`{part}` has more than {MOST} numbers"));
    }
    Ok((0..count)
        .map(|index| (from + index * step) as f64 / unit)
        .collect())
}

fn number(field: &str) -> Result<f64, String> {
    match field.trim().parse::<f64>() {
        Ok(number) if number.abs() < 1e9 => Ok(number),
        _ => Err(format!("`{field}` is no number below 1e9")),
    }
}

/// Places behind the decimal point as the number is written; many for an exponent, which a range
/// does not take.
fn decimals(field: &str) -> usize {
    let field = field.trim();
    if field.contains(['e', 'E']) {
        return MOST_PLACES + 1;
    }
    field.split_once('.').map_or(0, |(_, places)| places.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_both_ends_and_no_drift() {
        let ratios = shares("0.1:0.9:0.1").unwrap();
        assert_eq!(ratios.0, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
        assert_eq!(shares("0:1:0.25").unwrap().0, [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(shares("0.5,0.1:0.3:0.2").unwrap().0, [0.5, 0.1, 0.3]);
        // The end is left out if no step meets it.
        assert_eq!(rates("1:2.2:0.5").unwrap().0, [1.0, 1.5, 2.0]);
        assert_eq!(rates("2:2:1").unwrap().0, [2.0]);
        let fine = rates("0.001:0.041:0.005").unwrap().0;
        assert_eq!((fine.len(), fine[8]), (9, 0.041));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let wrong = [
            "1.5",
            "-0.1",
            "0.1:0.9:0",
            "0.1:0.9:-0.1",
            "0.9:0.1:0.1",
            "0.1:0.9",
            "nan",
            "",
            "0.1,,0.2",
            "0:1:1e-3",
            "0:1:0.0001,0:1:0.0001",
            "0:1:0.0000000001",
            "1:2:3:4",
        ];
        for text in wrong {
            assert!(shares(text).is_err(), "{text}");
        }
        assert!(shares("1.5").unwrap_err().contains("from 0 to 1"));
        for text in ["0.5,0.5", "0.1:0.3:0.1,0.2", "0.5,0.50"] {
            assert!(shares(text).unwrap_err().contains("twice"), "{text}");
        }
        assert!(rates("0").is_err() && rates("1e12").is_err());
        assert!(utilisations("1").is_err() && utilisations("0").is_err());
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(counts::<u32>("8, 16").unwrap().0, [8, 16]);
        assert!(counts::<u16>("70000").is_err());
        for text in ["0", "1.5", "-1", "", "8,"] {
            assert!(counts::<u32>(text).is_err(), "{text}");
        }
        assert_eq!(chunks("none,8").unwrap().0, [None, Some(8)]);
        assert_eq!(counts::<u32>("8,16, 8"), Err("8 is given twice".to_owned()));
        assert!(chunks("none,8,none").unwrap_err().contains("none is given"));
        assert!(chunks("0").is_err() && chunks("whole").is_err());
    }
}
