//! A trace given away in stretches.

use kendall_llm::{Content, Source, Trace};

/// The rows of a trace, a few at a time.
pub(crate) struct Stretches<'a> {
    trace: &'a Trace,
    length: usize,
    next: usize,
}

impl<'a> Stretches<'a> {
    pub(crate) fn of(trace: &'a Trace, length: usize) -> Stretches<'a> {
        Stretches {
            trace,
            length,
            next: 0,
        }
    }
}

impl Source for Stretches<'_> {
    fn next_rows(&mut self) -> Option<Trace> {
        let rows = self.next..(self.next + self.length).min(self.trace.len());
        self.next = rows.end;
        let of_rows = |offsets: &[u64]| -> (std::ops::Range<usize>, Vec<u64>) {
            let own = &offsets[rows.start..=rows.end];
            let range = own[0] as usize..own[own.len() - 1] as usize;
            (range, own.iter().map(|offset| offset - own[0]).collect())
        };
        (!rows.is_empty()).then(|| Trace {
            arrival: part(&self.trace.arrival, &rows),
            prompt_tokens: part(&self.trace.prompt_tokens, &rows),
            output_tokens: part(&self.trace.output_tokens, &rows),
            priority: part(&self.trace.priority, &rows),
            class: part(&self.trace.class, &rows),
            session: part(&self.trace.session, &rows),
            abort: part(&self.trace.abort, &rows),
            content: match &self.trace.content {
                Content::Unique => Content::Unique,
                Content::Hashed {
                    ids,
                    offsets,
                    block_tokens,
                } => {
                    let (range, offsets) = of_rows(offsets);
                    let (ids, block_tokens) = (ids[range].to_vec(), *block_tokens);
                    Content::Hashed {
                        ids,
                        offsets,
                        block_tokens,
                    }
                }
                Content::Pieces {
                    pieces,
                    offsets,
                    output_streams,
                } => {
                    let (range, offsets) = of_rows(offsets);
                    Content::Pieces {
                        pieces: pieces[range].to_vec(),
                        offsets,
                        output_streams: part(output_streams, &rows),
                    }
                }
            },
        })
    }
}

/// Rows of a column, which may be absent.
fn part<T: Clone>(column: &[T], rows: &std::ops::Range<usize>) -> Vec<T> {
    column.get(rows.clone()).unwrap_or_default().to_vec()
}
