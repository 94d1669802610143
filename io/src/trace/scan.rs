//! Steps over a line of the usual shape: numbers, short strings and lists of numbers, with at most
//! one space where the usual writers have one.

/// What is left of a line. Every method steps over what it reads; `None` means that something else
/// is there.
pub(super) struct Scan<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(line: &'a [u8]) -> Scan<'a> {
        Scan {
            rest: line,
            length: line.len(),
        }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Bytes stepped over.
    pub(super) fn offset(&self) -> usize {
        self.length - self.rest.len()
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    pub(super) fn space(&mut self) {
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
    }

    /// A string of ASCII without escapes.
    pub(super) fn string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let length = self.rest.iter().position(|byte| !plain(byte))?;
        let text = std::str::from_utf8(&self.rest[..length]).ok()?;
        self.skip(length);
        self.expect(b'"')?;
        Some(text)
    }

    /// Digits as JSON has them, few enough for 64 bits, and their value.
    pub(super) fn integer(&mut self) -> Option<u64> {
        let (value, length) = integer(self.rest)?;
        self.skip(length);
        Some(value)
    }

    /// The same as text.
    pub(super) fn integer_text(&mut self) -> Option<&'a str> {
        let (_, length) = integer(self.rest)?;
        let text = std::str::from_utf8(&self.rest[..length]).ok()?;
        self.skip(length);
        Some(text)
    }

    /// A whole number from 1 to 2^32 - 1.
    pub(super) fn positive(&mut self) -> Option<u32> {
        let value = self.integer()?;
        u32::try_from(value).ok().filter(|value| *value > 0)
    }

    /// Digits, and at most `places` digits more behind a point, times 10^`places`.
    pub(super) fn decimal(&mut self, places: u32) -> Option<u64> {
        let whole = self.integer()?;
        let one = 10_u64.checked_pow(places)?;
        let mut value = whole.checked_mul(one)?;
        if let Some(fraction) = self.rest.strip_prefix(b".") {
            self.rest = fraction;
            let (digits, length) = digits(fraction)?;
            let missing = places.checked_sub(length as u32)?;
            value = value.checked_add(digits * 10_u64.pow(missing))?;
            self.skip(length);
        }
        Some(value)
    }

    /// A list of whole numbers, appended to `list`.
    pub(super) fn list(&mut self, list: &mut Vec<u64>) -> Option<()> {
        self.expect(b'[')?;
        let mut rest = self.rest;
        if rest.first() != Some(&b']') {
            loop {
                let (value, length) = integer(rest)?;
                list.push(value);
                rest = match &rest[length..] {
                    [b',', b' ', behind @ ..] | [b',', behind @ ..] => behind,
                    behind => break rest = behind,
                };
            }
        }
        self.rest = rest;
        self.expect(b']')
    }
}

/// Value and length of the digits at the beginning, unless a zero leads more of them.
#[inline]
fn integer(bytes: &[u8]) -> Option<(u64, usize)> {
    let (value, length) = digits(bytes)?;
    let leading_zero = length > 1 && bytes[0] == b'0';
    (!leading_zero).then_some((value, length))
}

/// Value and length of the digits at the beginning, at least one and at most 19.
#[inline]
fn digits(bytes: &[u8]) -> Option<(u64, usize)> {
    match bytes.first_chunk().and_then(|eight| few_digits(*eight)) {
        Some(few) => Some(few),
        None => many_digits(bytes),
    }
}

/// Value and length of the one to seven digits that eight bytes begin with, without a branch per
/// digit: block ids are most of a file.
#[inline]
fn few_digits(eight: [u8; 8]) -> Option<(u64, usize)> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let digits = u64::from_le_bytes(eight) ^ (ONES * b'0' as u64);
    // Adding 0x76 sets the high bit of a byte above 9. A carry disturbs only bytes behind the
    // first one that is no digit.
    let others = (digits.wrapping_add(ONES * 0x76) | digits) & (ONES * 0x80);
    let length = others.trailing_zeros() / 8;
    if length == 0 || length == 8 {
        return None;
    }
    // Eight digits, the missing ones being zeros in front, the first in the lowest byte. Each
    // step joins neighbours: to numbers of two digits, of four, of eight.
    let digits = digits << (64 - 8 * length);
    let twos = (digits.wrapping_mul(10) + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos.wrapping_mul(100) + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    let value = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    Some((value, length as usize))
}

/// The same for up to 19 digits.
fn many_digits(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    let mut length = 0;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    // 19 digits fit, and what more of them wrapped to is not used.
    (1..=19).contains(&length).then_some((value, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_end_with_64_bits() {
        assert_eq!(integer(b"0"), Some((0, 1)));
        assert_eq!(
            integer(b"9999999999999999999,"),
            Some((9_999_999_999_999_999_999, 19))
        );
        assert_eq!(integer(b"10000000000000000000"), None);
        assert_eq!(integer(b"012"), None);
        assert_eq!(integer(b"x"), None);
        assert_eq!(integer(b""), None);
    }

    #[test]
    fn decimals_have_no_more_digits_than_count() {
        let read = |text: &str| Scan::new(text.as_bytes()).decimal(9);
        assert_eq!(read("0.028858, "), Some(28_858_000));
        assert_eq!(read("1.000000001"), Some(1_000_000_001));
        assert_eq!(read("1.0000000001"), None);
        assert_eq!(read("1."), None);
        assert_eq!(read("18446744073.709551615"), Some(u64::MAX));
        assert_eq!(read("18446744073.709551616"), None);
    }

    #[test]
    fn lists_are_appended() {
        let mut list = vec![5];
        let mut scan = Scan::new(b"[][1,23, 456]}");
        assert_eq!(scan.list(&mut list), Some(()));
        assert_eq!(scan.list(&mut list), Some(()));
        assert_eq!((list.as_slice(), scan.offset()), (&[5, 1, 23, 456][..], 13));
        for text in ["[1,]", "[1", "[1 2]", "[", "[,1]", "[1,  2]", "1"] {
            assert_eq!(Scan::new(text.as_bytes()).list(&mut list), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn few_digits_are_read_like_many(value in 0_u64..20_000_000, behind in "[^0-9]{0,8}") {
            let text = format!("{value}{behind}        ");
            let eight: [u8; 8] = *text.as_bytes().first_chunk().unwrap();
            match few_digits(eight) {
                Some(few) => prop_assert_eq!(Some(few), many_digits(text.as_bytes())),
                None => prop_assert!(value > 9_999_999),
            }
        }

        #[test]
        fn eight_bytes_of_anything(eight: [u8; 8]) {
            if let Some(few) = few_digits(eight) {
                prop_assert_eq!(Some(few), many_digits(&eight));
            }
        }
    }
}
