//! Sections to what they describe.

use kendall_llm::ticks::{Config, Load, OutputLength, System, TickError, Work};

use super::TicksScenario;
use super::file::{File, LoadSection, TicksSection};

/// Slots of a system that names none.
const SLOTS: u32 = 4;

/// What is wrong with a file whose values are all of the right kind.
pub(super) struct Fault {
    /// The key, section by section.
    pub(super) path: Vec<&'static str>,
    /// What is wrong with it, as the rest of a sentence that begins with the key.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

fn fault(path: &[&'static str], message: impl Into<String>, hint: &str) -> Fault {
    Fault {
        path: path.to_vec(),
        message: message.into(),
        hint: Some(hint.to_owned()),
    }
}

impl File {
    pub(super) fn resolve(self) -> Result<TicksScenario, Fault> {
        let work = &self.ticks.work;
        let output = OutputLength {
            mean_tokens: work.mean_tokens,
            sd_tokens: work.sd_tokens,
        };
        let (load, load_key) = load(&self.ticks.load)?;
        let config = Config {
            system: system(&self.ticks)?,
            load,
            work: Work {
                prefill_ticks: work.prefill_ticks,
                prefill_chunks: work.prefill_chunks,
                itl_ticks: work.itl_ticks,
            },
            end_ticks: self.ticks.end_ticks,
        };
        let checked = output.validate().and_then(|()| config.validate());
        checked.map_err(|error| blame(&error, load_key))?;
        Ok(TicksScenario {
            name: self.name,
            description: self.description,
            seed: self.seed,
            config,
            output,
        })
    }
}

/// One pool of slots, or two.
fn system(section: &TicksSection) -> Result<System, Fault> {
    const EITHER: &str = "either slots, with batching, or prefill_slots and decode_slots";
    let pools = (section.prefill_slots, section.decode_slots);
    let (prefill_slots, decode_slots) = match pools {
        (None, None) => {
            return Ok(System::Colocated {
                slots: section.slots.unwrap_or(SLOTS),
                batching: section.batching.unwrap_or_default(),
            });
        }
        (Some(prefill_slots), Some(decode_slots)) => (prefill_slots, decode_slots),
        (None, Some(_)) => {
            let message = "needs `prefill_slots` beside it";
            return Err(fault(&["ticks", "decode_slots"], message, EITHER));
        }
        (Some(_), None) => {
            let message = "needs `decode_slots` beside it";
            return Err(fault(&["ticks", "prefill_slots"], message, EITHER));
        }
    };
    let foreign = [
        (section.slots.is_some(), "slots"),
        (section.batching.is_some(), "batching"),
    ];
    if let Some((_, key)) = foreign.into_iter().find(|(given, _)| *given) {
        let message = "is for prefill and decode in the same slots";
        return Err(fault(&["ticks", key], message, EITHER));
    }
    Ok(System::Disaggregated {
        prefill_slots,
        decode_slots,
    })
}

/// The load, and the key that says so.
fn load(section: &LoadSection) -> Result<(Load, &'static str), Fault> {
    let batch = section.batch.map(|requests| Load::Batch { requests });
    let concurrent = section
        .concurrent
        .map(|requests| Load::Concurrent { requests });
    let rate = section.rate.map(|per_tick| Load::Rate { per_tick });
    let given = [(batch, "batch"), (concurrent, "concurrent"), (rate, "rate")];
    let mut given = given
        .into_iter()
        .filter_map(|(load, key)| Some((load?, key)));
    let hint = "one of batch = 100, concurrent = 6, rate = 0.46; a setting replaces the whole by \
                --set ticks.load={concurrent=6}";
    match (given.next(), given.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(fault(&["ticks", "load"], "says nothing", hint)),
        (Some((_, one)), Some((_, other))) => {
            let message = format!("is given besides `{one}`");
            Err(fault(&["ticks", "load", other], message, hint))
        }
    }
}

/// The key that a refused configuration goes back to.
fn blame(error: &TickError, load_key: &'static str) -> Fault {
    let TickError::OutOfRange { field, value, must } = error else {
        return Fault {
            path: vec!["ticks"],
            message: format!("cannot run: {error}"),
            hint: None,
        };
    };
    let path = match *field {
        "requests" | "per_tick" => vec!["ticks", "load", load_key],
        "slots" | "prefill_slots" | "decode_slots" | "end_ticks" => vec!["ticks", field],
        _ => vec!["ticks", "work", field],
    };
    Fault {
        path,
        message: format!("is {value}, must be {must}"),
        hint: None,
    }
}
