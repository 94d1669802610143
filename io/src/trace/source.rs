//! Bytes of a file, decompressed, hashed and cut into lines.
//!
//! Invariant: memory is bounded by the longest line, and that by a limit, however long the file
//! and however well it was compressed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use sha2::{Digest, Sha256};

use super::error::{Place, TraceError};

/// The longest line that is read, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 64 << 20;

const CHUNK_BYTES: usize = 256 << 10;

/// Where a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// At every line end.
    Line,
    /// At a line end outside quotes.
    QuotedCsv,
}

/// A file in lines.
pub(super) struct Lines<'a> {
    /// Name for messages.
    pub(super) name: String,
    input: Box<dyn Read + 'a>,
    codec: Option<&'static str>,
    buffer: Vec<u8>,
    /// First byte that has not been handed out.
    start: usize,
    /// End of what has been read.
    filled: usize,
    ended: bool,
    /// Number of lines handed out.
    line: u64,
    /// `start` and `line` before the last record.
    before: (usize, u64),
    digest: Sha256,
    bytes: u64,
    limit_bytes: usize,
}

/// Opens a file, or standard input for `-`.
pub(super) fn open(path: &Path) -> Result<Lines<'static>, TraceError> {
    if path.as_os_str() == "-" {
        return Lines::new("<stdin>", Box::new(io::stdin().lock()), MAX_LINE_BYTES);
    }
    let name = path.display().to_string();
    let failed = |source| TraceError::Open {
        name: name.clone(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(TraceError::Directory { name });
    }
    Lines::new(&name, Box::new(file), MAX_LINE_BYTES)
}

impl<'a> Lines<'a> {
    /// Recognises compression by the first bytes.
    pub(super) fn new(
        name: &str,
        mut input: Box<dyn Read + 'a>,
        limit_bytes: usize,
    ) -> Result<Lines<'a>, TraceError> {
        let mut magic = Vec::new();
        input
            .by_ref()
            .take(4)
            .read_to_end(&mut magic)
            .map_err(|source| TraceError::Read {
                name: name.to_owned(),
                source,
            })?;
        let gzip = magic.starts_with(&[0x1f, 0x8b]);
        let zstd = is_zstd(&magic);
        let whole = Cursor::new(magic).chain(input);
        let (codec, input): (_, Box<dyn Read + 'a>) = if gzip {
            (Some("gzip"), Box::new(MultiGzDecoder::new(whole)))
        } else if zstd {
            (Some("zstd"), Box::new(Zstd::new(whole)))
        } else {
            (None, Box::new(whole))
        };
        Ok(Lines {
            name: name.to_owned(),
            input,
            codec,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            ended: false,
            line: 0,
            before: (0, 0),
            digest: Sha256::new(),
            bytes: 0,
            limit_bytes,
        })
    }

    /// The next record without its line end, and the number of its first line.
    pub(super) fn next(&mut self, framing: Framing) -> Result<Option<(u64, &[u8])>, TraceError> {
        // Offsets from `start`: what has been searched, and where the current line begins.
        let (mut searched, mut line_start) = (0, 0);
        let mut lines = 0;
        let mut open_quote = false;
        let end = loop {
            let fresh = &self.buffer[self.start + searched..self.filled];
            match memchr::memchr(b'\n', fresh) {
                Some(length) => {
                    let line_end = self.start + searched + length;
                    let line = &self.buffer[self.start + line_start..line_end];
                    open_quote ^= framing == Framing::QuotedCsv && odd_quotes(line);
                    searched += length + 1;
                    line_start = searched;
                    lines += 1;
                    if !open_quote {
                        break line_end;
                    }
                }
                None if self.ended => {
                    lines += 1;
                    break self.filled;
                }
                None => {
                    searched = self.filled - self.start;
                    self.fill()?;
                }
            }
        };
        self.before = (self.start, self.line);
        if self.start == self.filled {
            return Ok(None);
        }
        let first = self.line + 1;
        let mut record = self.start..end;
        self.start = (end + 1).min(self.filled);
        self.line += lines;
        if first == 1 && self.buffer[record.clone()].starts_with(b"\xef\xbb\xbf") {
            record.start += 3;
        }
        let bytes = &self.buffer[record];
        Ok(Some((first, bytes.strip_suffix(b"\r").unwrap_or(bytes))))
    }

    /// Hands the last record out again.
    pub(super) fn unread(&mut self) {
        (self.start, self.line) = self.before;
    }

    /// A place in the line with this number.
    pub(super) fn place(&self, line: u64, column: u64) -> Place {
        Place {
            name: self.name.clone(),
            line,
            column,
        }
    }

    /// Reads to the end; the SHA-256 in hex and the number of bytes of the whole.
    pub(super) fn finish(mut self) -> Result<(String, u64), TraceError> {
        while !self.ended {
            self.start = self.filled;
            self.fill()?;
        }
        let hex = self
            .digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok((hex, self.bytes))
    }

    /// Reads one piece more, behind what has not been handed out.
    fn fill(&mut self) -> Result<(), TraceError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.filled > self.limit_bytes {
            return Err(TraceError::LineTooLong {
                place: self.place(self.line + 1, 1),
                limit_bytes: self.limit_bytes,
            });
        }
        if self.filled == self.buffer.len() {
            let most = self.limit_bytes + CHUNK_BYTES;
            let size = (self.filled * 2).clamp(CHUNK_BYTES, most);
            self.buffer.reserve_exact(size - self.buffer.len());
            self.buffer.resize(size, 0);
        }
        let read = loop {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = read.map_err(|source| self.failed(source))?;
        self.ended = read == 0;
        let fresh = &self.buffer[self.filled..self.filled + read];
        self.digest.update(fresh);
        self.bytes += read as u64;
        self.filled += read;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> TraceError {
        let name = self.name.clone();
        match self.codec {
            Some(codec) => TraceError::Decompress {
                name,
                codec,
                source,
            },
            None => TraceError::Read { name, source },
        }
    }
}

fn odd_quotes(line: &[u8]) -> bool {
    memchr::memchr_iter(b'"', line).count() % 2 == 1
}

/// A frame, or a skippable frame, whose magic numbers differ in the lowest four bits.
fn is_zstd(magic: &[u8]) -> bool {
    match magic {
        [0x28, 0xb5, 0x2f, 0xfd] => true,
        [low, 0x2a, 0x4d, 0x18] => low & 0xf0 == 0x50,
        _ => false,
    }
}

/// A Zstandard file: frames one after another, of which the decoder below knows one.
struct Zstd<R> {
    source: BufReader<R>,
    frame: FrameDecoder,
    in_frame: bool,
}

impl<R: Read> Zstd<R> {
    fn new(source: R) -> Zstd<R> {
        Zstd {
            source: BufReader::new(source),
            frame: FrameDecoder::new(),
            in_frame: false,
        }
    }

    /// Begins the next frame; `false` at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        if self.source.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.frame.reset(&mut self.source) {
            Ok(()) => self.in_frame = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let length = u64::from(length);
                let skipped = io::copy(&mut self.source.by_ref().take(length), &mut io::sink())?;
                if skipped < length {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
            }
            Err(error) => return Err(io::Error::other(error)),
        }
        Ok(true)
    }

    /// Ends a frame that has been read completely.
    fn end(&mut self) -> io::Result<()> {
        self.in_frame = false;
        let stored = self.frame.get_checksum_from_data();
        if stored.is_some() && stored != self.frame.get_calculated_checksum() {
            return Err(io::Error::other("the checksum does not match"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                if !self.begin()? {
                    return Ok(0);
                }
            } else if self.frame.can_collect() > 0 {
                return self.frame.read(buffer);
            } else if self.frame.is_finished() {
                self.end()?;
            } else {
                self.frame
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    /// Hands out one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    type Numbered = Vec<(u64, Vec<u8>)>;

    fn all(input: Box<dyn Read + '_>, framing: Framing) -> Result<(Numbered, String), TraceError> {
        let mut lines = Lines::new("x", input, 100)?;
        let mut found = Vec::new();
        while let Some((line, bytes)) = lines.next(framing)? {
            found.push((line, bytes.to_vec()));
        }
        let (sha256, _) = lines.finish()?;
        Ok((found, sha256))
    }

    fn texts(input: &[u8], framing: Framing) -> Vec<(u64, String)> {
        let (whole, _) = all(Box::new(input), framing).unwrap();
        let (slow, _) = all(Box::new(Slow(input)), framing).unwrap();
        assert_eq!(whole, slow);
        let text = |(line, bytes)| (line, String::from_utf8(bytes).unwrap());
        whole.into_iter().map(text).collect()
    }

    fn numbered(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
        lines
            .iter()
            .map(|(line, text)| (*line, (*text).to_owned()))
            .collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    #[test]
    fn lines_end_in_any_way() {
        let found = texts(b"\xef\xbb\xbfa\r\nb\n\n\r\nc", Framing::Line);
        assert_eq!(
            found,
            numbered(&[(1, "a"), (2, "b"), (3, ""), (4, ""), (5, "c")])
        );
        assert_eq!(texts(b"a\n", Framing::Line), numbered(&[(1, "a")]));
        assert_eq!(texts(b"", Framing::Line), numbered(&[]));
    }

    #[test]
    fn quoted_records_span_lines() {
        let input = b"a,\"b\n\"\"c\n\",d\ne\n\"open\nend";
        let found = texts(input, Framing::QuotedCsv);
        let expected = [(1, "a,\"b\n\"\"c\n\",d"), (4, "e"), (5, "\"open\nend")];
        assert_eq!(found, numbered(&expected));
    }

    #[test]
    fn a_line_can_be_handed_out_again() {
        let mut lines = Lines::new("x", Box::new(&b"a\nb\n"[..]), 100).unwrap();
        for _ in 0..2 {
            assert_eq!(lines.next(Framing::Line).unwrap(), Some((1, &b"a"[..])));
            lines.unread();
        }
        lines.next(Framing::Line).unwrap();
        assert_eq!(lines.next(Framing::Line).unwrap(), Some((2, &b"b"[..])));
        assert_eq!(lines.next(Framing::Line).unwrap(), None);
    }

    #[test]
    fn compressed_files_are_read_as_what_they_hold() {
        let (plain, sha256) = all(Box::new(&b"one\ntwo\n"[..]), Framing::Line).unwrap();
        // printf 'one\ntwo\n' | sha256sum
        let expected = "c3f9c8c283a2b1f2f1896f27a01cbe3cddc0c9d93f752e4639035a0f5b36f6e8";
        assert_eq!(sha256, expected);
        let skippable = [
            &b"\x53\x2a\x4d\x18\x03\x00\x00\x00abc"[..],
            &zstd(b"one\ntwo\n"),
        ]
        .concat();
        for bytes in [
            gzip(b"one\ntwo\n"),
            [gzip(b"one\nt"), gzip(b"wo\n")].concat(),
            zstd(b"one\ntwo\n"),
            [zstd(b"one\nt"), zstd(b"wo\n")].concat(),
            skippable,
        ] {
            let found = all(Box::new(bytes.as_slice()), Framing::Line).unwrap();
            assert_eq!(found, (plain.clone(), sha256.clone()));
        }
    }

    #[test]
    fn damaged_streams_are_errors() {
        let text = b"one two three\n".repeat(50);
        for (codec, bytes) in [("gzip", gzip(&text)), ("zstd", zstd(&text))] {
            let mut flipped = bytes.clone();
            let last = flipped.len() - 3;
            flipped[last] ^= 1;
            for damaged in [&bytes[..bytes.len() - 2], &bytes[..6], &flipped] {
                let error = all(Box::new(damaged), Framing::Line).unwrap_err();
                assert!(
                    matches!(&error, TraceError::Decompress { codec: found, .. } if *found == codec),
                    "{error}"
                );
            }
        }
    }

    /// Repeats a byte and fails the test if anybody wants all of it.
    struct Endless(u64);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += buffer.len() as u64;
            assert!(self.0 < 1 << 20, "a long line is read to its end");
            buffer.fill(b'x');
            Ok(buffer.len())
        }
    }

    #[test]
    fn a_line_that_never_ends_is_given_up() {
        let first = &b"first\n"[..];
        let mut lines = Lines::new("x", Box::new(first.chain(Endless(0))), 1000).unwrap();
        lines.next(Framing::Line).unwrap();
        let error = lines.next(Framing::Line).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x:2:1: the line is longer than 1000 bytes"
        );
    }
}
