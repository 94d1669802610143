//! A station from its description.

use kendall_kernel::{Law, Purpose, Rng, Streams};

use super::attained::Attained;
use super::breakdown::Breakdowns;
use super::delay::Delay;
use super::line::{Key, Line};
use super::patience::Patience;
use super::polling::Polling;
use super::preemptive::{Preemptive, Urgency};
use super::queue::{Absence, Extras, Queue};
use super::servers::Servers;
use super::sharing::Sharing;
use super::{Class, Gate, Kind, Station};
use crate::draw::Draws;
use crate::error::RunError;
use crate::model::{self, Discipline, Joining, WhenFull};
use crate::route::Route;
use crate::totals::{Level, Totals};
use crate::virtual_time::WEIGHT_BITS;

/// Random streams of one station: `number` is its position in the network.
struct Maker<'a> {
    spec: &'a model::Station,
    streams: Streams,
    number: usize,
    unit_s: f64,
}

/// Classes that a station's streams are numbered for.
const CLASSES: u64 = 1 << 16;

/// The number of a class at a station among the sources of random streams.
pub(crate) fn stream_source(station: usize, class: usize) -> u64 {
    station as u64 * CLASSES + class as u64
}

impl Maker<'_> {
    fn draws(&self, law: &Law, purpose: Purpose, class: usize) -> Result<Draws, RunError> {
        let source = stream_source(self.number, class);
        Draws::new(law, self.streams, source, purpose, self.unit_s)
    }

    fn rng(&self, purpose: Purpose) -> Rng {
        self.streams.stream(stream_source(self.number, 0), purpose)
    }

    fn all_draws(&self, laws: &[Law], purpose: Purpose) -> Result<Vec<Draws>, RunError> {
        let each = laws.iter().enumerate();
        each.map(|(class, law)| self.draws(law, purpose, class))
            .collect()
    }

    fn kind(&self) -> Result<Kind, RunError> {
        let Some(servers) = self.spec.server_count() else {
            return Ok(Kind::Delay(Delay::default()));
        };
        let whole = u64::from(servers);
        let line = match &self.spec.discipline {
            Discipline::Fcfs => Line::first(),
            Discipline::Lcfs => Line::last(),
            Discipline::Random => Line::random(self.rng(Purpose::Order)),
            Discipline::ShortestFirst => Line::keyed(Key::Size),
            Discipline::Priority(ranks) => Line::keyed(Key::Rank(ranks.clone())),
            Discipline::LcfsPreemptive => return Ok(preemptive(servers, Urgency::Latest)),
            Discipline::PreemptiveShortestFirst => return Ok(preemptive(servers, Urgency::Size)),
            Discipline::ShortestRemaining => return Ok(preemptive(servers, Urgency::Left)),
            Discipline::PreemptivePriority(ranks) => {
                return Ok(preemptive(servers, Urgency::Rank(ranks.clone())));
            }
            Discipline::ProcessorSharing => {
                let equal = vec![1 << WEIGHT_BITS; self.spec.service.len()];
                return Ok(Kind::Sharing(Sharing::new(equal, whole)));
            }
            Discipline::Discriminatory(weights) => {
                // Only their ratios matter: none is so small that rounding shows.
                let least = weights.iter().copied().fold(1.0, f64::min);
                let fixed = weights.iter().map(|weight| fixed_weight(weight / least));
                return Ok(Kind::Sharing(Sharing::new(fixed.collect(), whole)));
            }
            Discipline::LeastAttained => return Ok(Kind::Attained(Attained::new())),
            Discipline::Polling(polling) => {
                let switchover = self.all_draws(&polling.switchover, Purpose::Vacation)?;
                return Ok(Kind::Polling(Polling::new(polling.visit, switchover)));
            }
        };
        let speeds = match &self.spec.servers {
            model::Servers::Speeds(speeds) => speeds.clone(),
            model::Servers::Equal(_) | model::Servers::Infinite => Vec::new(),
        };
        let extras = Extras {
            patience: self.patience()?,
            absence: self.absence(servers)?,
        };
        let servers = Servers::new(servers, speeds);
        Ok(Kind::Queue(Queue::new(servers, line, extras)))
    }

    fn patience(&self) -> Result<Option<Patience>, RunError> {
        if self.spec.patience.iter().all(Option::is_none) {
            return Ok(None);
        }
        let each = self.spec.patience.iter().enumerate();
        let draws = each.map(|(class, law)| {
            let law = law.as_ref();
            law.map(|law| self.draws(law, Purpose::Patience, class))
                .transpose()
        });
        Ok(Some(Patience::new(draws.collect::<Result<_, _>>()?)))
    }

    fn absence(&self, servers: u32) -> Result<Absence, RunError> {
        let own = |law, purpose| self.draws(law, purpose, 0);
        Ok(match &self.spec.absence {
            model::Absence::None => Absence::None,
            model::Absence::Vacations(law) => Absence::Vacations(own(law, Purpose::Vacation)?),
            model::Absence::Setup(law) => Absence::Setup(own(law, Purpose::Vacation)?),
            model::Absence::Breakdowns {
                up,
                down,
                while_busy,
            } => {
                let up = own(up, Purpose::Failure)?;
                let down = own(down, Purpose::Repair)?;
                Absence::Breakdowns(Box::new(Breakdowns::new(servers, up, down, *while_busy)))
            }
        })
    }
}

fn preemptive(servers: u32, urgency: Urgency) -> Kind {
    Kind::Preemptive(Preemptive::new(servers, urgency))
}

/// A weight of at least 1.
fn fixed_weight(weight: f64) -> u64 {
    (weight * f64::from(1_u32 << WEIGHT_BITS)).round() as u64
}

impl Station {
    /// An empty station. The description must have been checked.
    pub(crate) fn new(
        spec: &model::Station,
        number: usize,
        streams: Streams,
        unit_s: f64,
    ) -> Result<Station, RunError> {
        let maker = Maker {
            spec,
            streams,
            number,
            unit_s,
        };
        let services = maker.all_draws(&spec.service, Purpose::Service)?;
        let classes = services.into_iter().zip(&spec.next).enumerate();
        let classes = classes.map(|(class, (service, next))| Class {
            service,
            next: Route::new(next),
            units: spec.units.get(class).copied().unwrap_or(1),
            totals: Totals::default(),
        });
        let open = spec.capacity.is_none() && spec.joining == Joining::Always;
        let gate = Gate {
            joining: spec.joining.clone(),
            rng: maker.rng(Purpose::Balking),
            room: spec.capacity.unwrap_or(u64::MAX),
            held: 0,
            blocks_when_full: spec.when_full == WhenFull::Block,
        };
        Ok(Station {
            kind: maker.kind()?,
            classes: classes.collect(),
            gate: (!open).then(|| Box::new(gate)),
            present: 0,
            work: None,
            busy: Level::default(),
            blocked: Level::default(),
            servers: spec.server_count().map(u64::from),
        })
    }
}
