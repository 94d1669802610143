//! What happens within a session: its prefix, its turns, their lengths and times.

use kendall_kernel::{Law, Purpose, Rng, Sampler, Streams, Time};

use super::error::sampler;
use super::gaps::later;
use super::lengths::Lengths;
use super::rows::{Prefix, Row};
use super::{GenerateError, Grid};
use crate::workload::{GenerateSpec, PrefixSpec, SessionSpec};

const THINK: &str = "workload.generate.sessions.think_s";

/// Unfolds sessions into rows. A session's own draws come from streams numbered like it, so that
/// they do not depend on how long the sessions before it were.
#[derive(Debug)]
pub(super) struct Sessions {
    streams: Streams,
    grid: Grid,
    lengths: Lengths,
    max_prompt_tokens: u32,
    prefixes: Option<Prefixes>,
    turns: Option<Turns>,
}

/// A session that has further turns.
#[derive(Debug)]
pub(super) struct Underway {
    /// When its latest turn arrived, before rounding.
    arrival: Time,
    /// Turns after the latest.
    left: u32,
    new_rng: Rng,
    output_rng: Rng,
    think_rng: Rng,
    /// Ids of the full blocks of its latest turn.
    pub(super) blocks: Vec<u64>,
}

/// How many turns, and how far apart.
#[derive(Debug)]
struct Turns {
    number: Sampler,
    think_s: Sampler,
}

impl Sessions {
    pub(super) fn new(
        spec: &GenerateSpec,
        streams: Streams,
        grid: Grid,
    ) -> Result<Sessions, GenerateError> {
        let limits = [
            (
                "workload.generate.max_prompt_tokens",
                spec.max_prompt_tokens,
            ),
            (
                "workload.generate.max_output_tokens",
                spec.max_output_tokens,
            ),
        ];
        for (field, limit) in limits {
            check_positive(field, limit)?;
        }
        let prefix = spec.prefix.as_ref();
        let turns = spec.sessions.as_ref();
        Ok(Sessions {
            streams,
            grid,
            lengths: Lengths::new(spec)?,
            max_prompt_tokens: spec.max_prompt_tokens,
            prefixes: prefix.map(|it| Prefixes::new(it, streams)).transpose()?,
            turns: turns.map(Turns::new).transpose()?,
        })
    }

    /// The first turn of a session, and the session if there may be more. Sessions have to be
    /// begun in order, each once.
    pub(super) fn begin(
        &mut self,
        session: u32,
        start: Time,
    ) -> Result<(Row, Option<Box<Underway>>), GenerateError> {
        let prefix = self.prefix()?;
        let stream = |purpose| self.streams.stream(u64::from(session), purpose);
        let mut new_rng = stream(Purpose::PromptTokens);
        let mut output_rng = stream(Purpose::OutputTokens);
        let length = self.lengths.draw(&mut new_rng, &mut output_rng);
        let whole = u64::from(prefix.tokens) + u64::from(length.new_tokens);
        let row = Row {
            arrival: self.grid.floor(start),
            session,
            label: session,
            turn: 0,
            prompt_tokens: whole.min(u64::from(self.max_prompt_tokens)) as u32,
            output_tokens: length.output_tokens,
            prefix,
        };
        let turns = match &self.turns {
            Some(turns) => turns.count(&mut stream(Purpose::Session)),
            None => 1,
        };
        let underway = (turns > 1).then(|| {
            Box::new(Underway {
                arrival: start,
                left: turns - 1,
                new_rng,
                output_rng,
                think_rng: stream(Purpose::ThinkTime),
                blocks: Vec::new(),
            })
        });
        Ok((row, underway))
    }

    /// The turn after `row`, the latest of its session; nothing if the session ends.
    pub(super) fn next_turn(
        &self,
        row: &Row,
        session: &mut Underway,
    ) -> Result<Option<Row>, GenerateError> {
        if session.left == 0 {
            return Ok(None);
        }
        session.left -= 1;
        let Some(arrival) = self.after_thinking(session.arrival, &mut session.think_rng)? else {
            return Ok(None);
        };
        session.arrival = arrival;
        let said = u64::from(row.prompt_tokens) + u64::from(row.output_tokens);
        let length = (self.lengths).draw(&mut session.new_rng, &mut session.output_rng);
        let whole = said + u64::from(length.new_tokens);
        if whole > u64::from(self.max_prompt_tokens) {
            return Ok(None);
        }
        Ok(Some(Row {
            arrival: self.grid.floor(arrival),
            turn: row.turn + 1,
            prompt_tokens: whole as u32,
            output_tokens: length.output_tokens,
            ..*row
        }))
    }

    fn prefix(&mut self) -> Result<Prefix, GenerateError> {
        match &mut self.prefixes {
            Some(prefixes) => prefixes.next(self.max_prompt_tokens),
            None => Ok(Prefix::default()),
        }
    }

    /// When the turn after the one at `arrival` arrives; nothing beyond the end of time.
    fn after_thinking(&self, arrival: Time, rng: &mut Rng) -> Result<Option<Time>, GenerateError> {
        match &self.turns {
            Some(turns) => later(arrival, turns.think_s.sample(rng), THINK),
            None => Ok(None),
        }
    }
}

impl Turns {
    fn new(spec: &SessionSpec) -> Result<Turns, GenerateError> {
        Ok(Turns {
            number: sampler("workload.generate.sessions.turns", &spec.turns)?,
            think_s: sampler(THINK, &spec.think_s)?,
        })
    }

    fn count(&self, rng: &mut Rng) -> u32 {
        self.number.sample_count(rng, 1, u32::MAX)
    }
}

/// Source of the choices among prefixes; the length of prefix `g` has the source after `g`.
const CHOICES: u64 = 0;

/// Prefixes that sessions share. Their lengths are drawn anew each time from their own streams,
/// so that a million prefixes of which few are chosen cost nothing.
#[derive(Debug)]
struct Prefixes {
    streams: Streams,
    popularity: Sampler,
    choices: Rng,
    tokens: Sampler,
}

impl Prefixes {
    fn new(spec: &PrefixSpec, streams: Streams) -> Result<Prefixes, GenerateError> {
        check_positive("workload.generate.prefix.groups", spec.groups)?;
        let popularity = Law::Zipf {
            n: u64::from(spec.groups),
            s: spec.zipf,
        };
        Ok(Prefixes {
            streams,
            popularity: sampler("workload.generate.prefix.zipf", &popularity)?,
            choices: streams.stream(CHOICES, Purpose::Prefix),
            tokens: sampler("workload.generate.prefix.tokens", &spec.tokens)?,
        })
    }

    /// The prefix of the next session.
    fn next(&mut self, max_prompt_tokens: u32) -> Result<Prefix, GenerateError> {
        // Ranks count from 1.
        let rank = self.popularity.sample_count(&mut self.choices, 1, u32::MAX);
        let group = rank - 1;
        let mut rng = self.streams.stream(u64::from(rank), Purpose::Prefix);
        let tokens = self.tokens.sample_count(&mut rng, 0, u32::MAX);
        if tokens >= max_prompt_tokens {
            return Err(GenerateError::PrefixTooLong {
                group,
                tokens,
                max_prompt_tokens,
            });
        }
        Ok(Prefix { group, tokens })
    }
}

fn check_positive(field: &'static str, value: u32) -> Result<(), GenerateError> {
    if value > 0 {
        return Ok(());
    }
    let (value, must) = (f64::from(value), "at least 1");
    Err(GenerateError::OutOfRange { field, value, must })
}
