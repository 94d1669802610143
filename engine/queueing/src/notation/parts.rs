//! A notation's parts.

use kendall_kernel::Law;

use super::letters::Letter;
use super::{NotationError, Params};
use crate::disciplines::{DISCIPLINES, by_name};
use crate::model::Discipline;

/// Most servers of a station.
const MOST_SERVERS: u64 = 1_000_000;

/// What stands between the slashes.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) arrival: Letter,
    /// Size of the batches, as written after `^`.
    batch: Option<String>,
    pub(super) service: Letter,
    /// `None` for a server for everybody.
    pub(super) servers: Option<u32>,
    pub(super) capacity: Option<u64>,
    pub(super) population: Option<u64>,
    pub(super) patience: Option<Letter>,
    pub(super) discipline: Discipline,
}

impl Parts {
    pub(super) fn split(notation: &str) -> Result<Parts, NotationError> {
        let mut fields: Vec<&str> = notation.split('/').map(str::trim).collect();
        let discipline = match fields.last() {
            Some(last) if fields.len() > 3 && is_name(last) => {
                let found = discipline(last)?;
                fields.pop();
                found
            }
            _ => Discipline::default(),
        };
        let patience = take_patience(notation, &mut fields)?;
        let field = |at: usize| fields.get(at).copied().unwrap_or("");
        let needed = |at: usize, what| match field(at) {
            "" => Err(NotationError::Missing {
                notation: notation.to_owned(),
                what,
            }),
            text => Ok(text),
        };
        let arrival = needed(0, "law of the times between arrivals")?;
        let service = needed(1, "law of the service times")?;
        let servers = needed(2, "number of servers")?;
        if fields.len() > 5 {
            return Err(NotationError::TooMany {
                notation: notation.to_owned(),
            });
        }
        let (arrival, batch) = match arrival.split_once('^') {
            Some((letter, size)) => (letter, Some(size)),
            None => (arrival, None),
        };
        if service.contains('^') {
            return Err(NotationError::BatchService {
                part: service.to_owned(),
            });
        }
        let patience = patience.map(Letter::read).transpose()?;
        let (arrival, service) = (Letter::read(arrival.trim())?, Letter::read(service)?);
        let servers = limit("servers", servers, MOST_SERVERS)?;
        let capacity = limit("capacity", field(3), u64::MAX)?;
        let population = limit("population", field(4), u64::from(u32::MAX))?;
        if let (Some(capacity), Some(servers)) = (capacity, servers)
            && capacity < servers
        {
            return Err(NotationError::NoRoom { capacity, servers });
        }
        Ok(Parts {
            arrival,
            batch: batch.map(str::to_owned),
            service,
            servers: servers.map(|servers| servers as u32),
            capacity,
            population,
            patience,
            discipline,
        })
    }

    /// The law of the size of batches; `None` if customers come one by one.
    pub(super) fn batch(&self, params: &Params) -> Result<Option<Law>, NotationError> {
        const FLAG: &str = "--batch";
        let Some(size) = &self.batch else {
            return match params.batch {
                Some(_) => Err(NotationError::NoBatches { flag: FLAG }),
                None => Ok(None),
            };
        };
        let size = size.trim_matches(|c: char| "[]{}() ".contains(c));
        if size.eq_ignore_ascii_case("x") {
            let law = params.batch.clone();
            let law = law.ok_or(NotationError::MissingLaw { flag: FLAG })?;
            return match law.validate() {
                Ok(()) => Ok(Some(law)),
                Err(source) => Err(NotationError::Law { flag: FLAG, source }),
            };
        }
        if params.batch.is_some() {
            return Err(NotationError::NoBatches { flag: FLAG });
        }
        let size = count("batch size", size, MOST_SERVERS)?;
        Ok(Some(Law::Constant { value: size as f64 }))
    }
}

/// Whether the last field is the name of a discipline rather than a number.
fn is_name(field: &str) -> bool {
    let letter = field.chars().next().is_some_and(char::is_alphabetic);
    letter && !is_unlimited(field) && !is_symbol(field)
}

fn is_unlimited(text: &str) -> bool {
    ["inf", "infinity", "infinite", "∞"].contains(&text.to_ascii_lowercase().as_str())
}

/// A letter that textbooks put for a number.
fn is_symbol(text: &str) -> bool {
    matches!(text, "c" | "k" | "K" | "m" | "n" | "N" | "s")
}

fn discipline(name: &str) -> Result<Discipline, NotationError> {
    by_name(name).ok_or_else(|| {
        let names = || DISCIPLINES.iter().flat_map(|known| known.names).copied();
        let lower = name.to_ascii_lowercase();
        let distance = |known: &&str| strsim::damerau_levenshtein(&lower, known);
        NotationError::UnknownDiscipline {
            name: name.to_owned(),
            nearest: names().min_by_key(distance).unwrap_or("fcfs"),
            choices: names().collect::<Vec<_>>().join(", "),
        }
    })
}

/// Cuts `+P` off the field that it stands at the end of.
fn take_patience<'a>(
    notation: &str,
    fields: &mut [&'a str],
) -> Result<Option<&'a str>, NotationError> {
    let mut found = None;
    for field in fields.iter_mut().skip(2) {
        let Some((number, letter)) = field.split_once('+') else {
            continue;
        };
        let letter = letter.trim();
        if letter.is_empty() || found.is_some() {
            return Err(NotationError::Missing {
                notation: notation.to_owned(),
                what: "one law of patience after its `+`",
            });
        }
        *field = number.trim();
        found = Some(letter);
    }
    Ok(found)
}

/// A whole number of at least 1; `None` for no limit.
fn limit(what: &'static str, text: &str, most: u64) -> Result<Option<u64>, NotationError> {
    if text.is_empty() || is_unlimited(text) {
        return Ok(None);
    }
    count(what, text, most).map(Some)
}

/// A whole number of at least 1.
fn count(what: &'static str, text: &str, most: u64) -> Result<u64, NotationError> {
    let number = text.parse().ok();
    number
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| NotationError::Count {
            what,
            given: text.to_owned(),
            symbol: is_symbol(text),
        })
}
