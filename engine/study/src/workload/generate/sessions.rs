//! What happens within a session: its prefix, its turns, their lengths and times.

use kendall_kernel::{Law, Purpose, Rng, Sampler, Streams, Time};

use super::error::sampler;
use super::rows::{FirstRows, Prefix, Row};
use super::starts::later;
use super::{GenerateError, Grid};
use crate::workload::{GenerateSpec, PrefixSpec, SessionSpec};

const THINK: &str = "workload.generate.sessions.think_s";

/// Unfolds sessions into rows. A session's own draws come from streams numbered like it, so that
/// they do not depend on how long the sessions before it were.
#[derive(Debug)]
pub(super) struct Sessions {
    streams: Streams,
    grid: Grid,
    new_tokens: Sampler,
    output_tokens: Sampler,
    max_prompt_tokens: u32,
    max_output_tokens: u32,
    prefixes: Option<Prefixes>,
    turns: Option<Turns>,
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
            new_tokens: sampler("workload.generate.prompt_tokens", &spec.prompt_tokens)?,
            output_tokens: sampler("workload.generate.output_tokens", &spec.output_tokens)?,
            max_prompt_tokens: spec.max_prompt_tokens,
            max_output_tokens: spec.max_output_tokens,
            prefixes: prefix.map(|it| Prefixes::new(it, streams)).transpose()?,
            turns: turns.map(Turns::new).transpose()?,
        })
    }

    /// Offers the turns of the next session until it ends or comes too late. Sessions have to be
    /// unfolded in order, each once.
    pub(super) fn unfold(
        &mut self,
        session: u32,
        start: Time,
        rows: &mut FirstRows,
    ) -> Result<(), GenerateError> {
        let prefix = self.prefix()?;
        let source = u64::from(session);
        let stream = |purpose| self.streams.stream(source, purpose);
        let mut new_rng = stream(Purpose::PromptTokens);
        let mut output_rng = stream(Purpose::OutputTokens);
        let mut think_rng = stream(Purpose::ThinkTime);
        let turns = match &self.turns {
            Some(turns) => turns.count(&mut stream(Purpose::Session)),
            None => 1,
        };
        let limit = u64::from(self.max_prompt_tokens);
        let mut said = u64::from(prefix.tokens);
        let mut arrival = start;
        for turn in 0..turns {
            if turn > 0 {
                match self.after_thinking(arrival, &mut think_rng)? {
                    Some(next) => arrival = next,
                    None => break,
                }
            }
            let new = self.new_tokens.sample_count(&mut new_rng, 1, u32::MAX);
            let whole = said + u64::from(new);
            if whole > limit && turn > 0 {
                break;
            }
            let row = Row {
                arrival: self.grid.floor(arrival),
                session,
                turn,
                prompt_tokens: whole.min(limit) as u32,
                output_tokens: self.output(&mut output_rng),
                prefix,
            };
            if !rows.offer(row) {
                break;
            }
            said = u64::from(row.prompt_tokens) + u64::from(row.output_tokens);
        }
        Ok(())
    }

    fn prefix(&mut self) -> Result<Prefix, GenerateError> {
        match &mut self.prefixes {
            Some(prefixes) => prefixes.next(self.max_prompt_tokens),
            None => Ok(Prefix::default()),
        }
    }

    fn output(&self, rng: &mut Rng) -> u32 {
        self.output_tokens
            .sample_count(rng, 1, self.max_output_tokens)
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
