//! Kendall's notation: `M/M/1`, `M/E3/8`, `M/G/1/SRPT`, `M/M/3+M`, `M/M/3//5`.
//!
//! A notation is `A/S/c`, `A/S/c/K` or `A/S/c/K/N`, each of them with `/DISCIPLINE` at its end if
//! it is not first come first served, and with `+P` after a number if customers give up waiting
//! (Kendall, "Stochastic Processes Occurring in the Theory of Queues", Annals of Mathematical
//! Statistics 24, 1953, for the first three; Lee, "Applied Queueing Theory", 1966, for capacity and
//! discipline; Taha, "Operations Research: An Introduction", 1968, for the population;
//! `+P` as in Baccelli and Hebuterne, "On Queues with Impatient Customers", 1981).
//!
//! | part | is |
//! |---|---|
//! | A | law of the times between arrivals; `A^2`, `A^[2]` for batches of 2, `A^X` for the batch law given |
//! | S | law of the service times |
//! | c | number of servers, or `inf` |
//! | K | most customers present, those in service included; empty or `inf` for no limit |
//! | N | number of customers in all, who come back after a think time of law A; empty or `inf` for arrivals from outside |
//! | P | law of the time that a customer waits before it gives up |
//!
//! Laws by letter, all of mean 1/rate:
//!
//! | letter | law |
//! |---|---|
//! | `M` | exponential |
//! | `D` | deterministic |
//! | `Ek` | Erlang of k stages, such as `E3` |
//! | `Hk` | hyperexponential of k branches, such as `H2`, with balanced means |
//! | `U` | uniform from 0 to 2/rate |
//! | `LN` | lognormal |
//! | `P` | Pareto without an upper end |
//! | `G`, `GI` | general: the law itself has to be given |
//!
//! The spread of `Hk`, `LN` and `P` is a squared coefficient of variation, [`DEFAULT_SCV`] unless
//! given. A law that is given takes the place of the letter's, whatever the letter.
//!
//! Deliberately absent: classes, and with them priorities, and arrivals that are no renewal
//! process; they need more than letters, see [`Network`]. A finite population together with a
//! capacity below it, batches or impatience: customers who are turned away would have to go back
//! to thinking.
//!
//! ```
//! use kendall_queueing::notation::{Params, parse};
//!
//! let params = Params {
//!     arrival_rate: Some(0.8),
//!     service_rate: Some(1.0),
//!     ..Params::default()
//! };
//! let network = parse("M/D/1/PS", &params)?;
//! assert_eq!(network.stations[0].service[0].to_string(), "constant:value=1");
//! # Ok::<(), kendall_queueing::notation::NotationError>(())
//! ```

mod error;
mod letters;
mod parts;

pub use error::NotationError;

use kendall_kernel::Law;

use self::letters::{Given, Letter, law};
use self::parts::Parts;
use crate::model::{Arrivals, Network, Population, Route, Servers, Source, Station, Target};

/// Squared coefficient of variation (variance / mean^2) of `Hk`, `LN` and `P` unless given: a
/// standard deviation of twice the mean.
pub const DEFAULT_SCV: f64 = 4.0;

/// Name of the station that a notation describes; it is the first one.
pub const STATION: &str = "queue";

/// Name of the second station where the customers of a finite population think.
pub const THINKING: &str = "thinking";

/// What a notation leaves open, as the flags of `kendall queue` give it. Rates per time unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    /// `--arrival-rate`: arrivals (batches, where there are any) per time unit; of a finite
    /// population, per time unit and thinking customer. Positive.
    pub arrival_rate: Option<f64>,
    /// `--service-rate`: services per time unit of one busy server. Positive.
    pub service_rate: Option<f64>,
    /// `--patience-rate`: reciprocal of the mean patience. Positive.
    pub patience_rate: Option<f64>,
    /// `--arrival`: law of the times between arrivals, or of think times.
    pub arrival: Option<Law>,
    /// `--service`: law of service times.
    pub service: Option<Law>,
    /// `--patience`: law of the time that a customer waits before it gives up; with or without a
    /// `+P` in the notation.
    pub patience: Option<Law>,
    /// `--batch`: law of the size of batches, for `A^X`.
    pub batch: Option<Law>,
    /// `--arrival-scv`: squared coefficient of variation of `Hk`, `LN` and `P` arrivals.
    pub arrival_scv: Option<f64>,
    /// `--service-scv`: the same of service times.
    pub service_scv: Option<f64>,
}

/// The network that a notation and what it leaves open describe. Its first station is the one
/// described. It has been [checked](Network::check), but may have no steady state.
///
/// # Errors
/// A notation that is none, something that it leaves open and that is not given, is given twice or
/// is out of its range.
pub fn parse(notation: &str, params: &Params) -> Result<Network, NotationError> {
    let parts = Parts::split(notation)?;
    let arrival = law(
        parts.arrival,
        Given {
            rate: ("--arrival-rate", params.arrival_rate),
            law: ("--arrival", &params.arrival),
            scv: ("--arrival-scv", params.arrival_scv),
        },
    )?;
    let station = station(&parts, params)?;
    let network = match parts.population {
        Some(count) => closed(&parts, params, arrival, station, count)?,
        None => {
            let mut network = Network::single(Arrivals::Renewal(arrival), station);
            network.sources[0].batch = parts.batch(params)?;
            network
        }
    };
    network.check()?;
    Ok(network)
}

fn station(parts: &Parts, params: &Params) -> Result<Station, NotationError> {
    let service = law(
        parts.service,
        Given {
            rate: ("--service-rate", params.service_rate),
            law: ("--service", &params.service),
            scv: ("--service-scv", params.service_scv),
        },
    )?;
    let given = Given {
        rate: ("--patience-rate", params.patience_rate),
        law: ("--patience", &params.patience),
        scv: ("--patience", None),
    };
    let patience = match parts.patience {
        Some(letter) => Some(law(letter, given)?),
        None if params.patience_rate.is_some() || params.patience.is_some() => {
            // The flags alone say that customers are impatient; a rate means the memoryless law.
            Some(law(Letter::Exponential, given)?)
        }
        None => None,
    };
    let servers = parts.servers.map_or(Servers::Infinite, Servers::Equal);
    let mut station = Station::new(STATION, servers, vec![service]);
    station.discipline = parts.discipline.clone();
    station.capacity = parts.capacity;
    station.patience = patience.map(|law| vec![Some(law)]).unwrap_or_default();
    Ok(station)
}

/// A finite population: thinking is a station with a server for everybody (the machine repair
/// model; Feller, "An Introduction to Probability Theory and Its Applications" I, XVII.7).
fn closed(
    parts: &Parts,
    params: &Params,
    thinking: Law,
    mut queue: Station,
    count: u64,
) -> Result<Network, NotationError> {
    let conflict = |what| NotationError::FinitePopulation { what };
    if parts.batch(params)?.is_some() {
        return Err(conflict("batches"));
    }
    if !queue.patience.is_empty() {
        return Err(conflict("customers that give up"));
    }
    // Room for everybody is no limit.
    if queue.capacity.take().is_some_and(|room| room < count) {
        return Err(conflict("a capacity below it"));
    }
    let mut think = Station::new(THINKING, Servers::Infinite, vec![thinking]);
    queue.next = vec![Route::To(Target::Station(1), 0)];
    think.next = vec![Route::To(Target::Station(0), 0)];
    Ok(Network {
        classes: vec!["customers".to_owned()],
        sources: Vec::<Source>::new(),
        stations: vec![queue, think],
        populations: vec![Population {
            class: 0,
            count,
            station: 1,
        }],
        junctions: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
