//! Networks in which nothing special can happen: one class, room for all, and service first come
//! first served, shared or, at single servers, by preemption.
//!
//! What a [`Simulation`](crate::Simulation) does for every customer (a place in the pool, a look at
//! gates, extras, disciplines) is most of its time where a station only has a line and servers.
//! Here a customer is a few numbers that move from a line to a server to the next line. The
//! events, the random numbers and every total are the same.

mod line;
mod nearest;
mod queue;
mod shared;
mod station;
mod stations;
mod stretch;
mod waiting;

use kendall_kernel::{Law, Streams};

use self::queue::Queue;
use self::stations::Stations;
use crate::error::RunError;
use crate::model::{self, Arrivals, Network, Target};
use crate::observe::Observer;
use crate::simulation::Until;
use crate::totals::NetworkTotals;

/// A plain network in motion.
#[derive(Clone, Debug)]
pub struct Plain(Form);

#[derive(Clone, Debug)]
enum Form {
    Queue(Queue),
    Stations(Stations),
}

/// Runs one expression for whichever form a network has.
macro_rules! with_form {
    ($plain:expr, $form:ident => $body:expr) => {
        match $plain {
            Plain(Form::Queue($form)) => $body,
            Plain(Form::Stations($form)) => $body,
        }
    };
}

impl Plain {
    /// The network at time 0; `None` if something in it is not plain.
    ///
    /// # Errors
    /// A description that is at fault.
    pub fn new(
        network: &Network,
        streams: Streams,
        unit_s: f64,
    ) -> Result<Option<Plain>, RunError> {
        network.check()?;
        let one_class = network.classes.len() == 1;
        let open = network.populations.is_empty() && network.junctions.is_empty();
        if !one_class || !open {
            return Ok(None);
        }
        let form = match Queue::new(network, streams, unit_s)? {
            Some(queue) => Some(Form::Queue(queue)),
            None => Stations::new(network, streams, unit_s)?.map(Form::Stations),
        };
        Ok(form.map(Plain))
    }

    /// Runs on until one of the limits, as [`Simulation::run`](crate::Simulation::run) does.
    ///
    /// # Errors
    /// If time ends.
    pub fn run(&mut self, until: Until, observer: &mut impl Observer) -> Result<(), RunError> {
        with_form!(self, form => form.run(until, observer))
    }

    /// Time since the start of the run, in ns.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        with_form!(self, form => form.now_ns())
    }

    /// Customers at a station.
    #[must_use]
    pub fn present_at(&self, station: usize) -> u64 {
        with_form!(self, form => form.present_at(station))
    }

    /// Customers that left the network so far.
    #[must_use]
    pub fn progress(&self) -> u64 {
        with_form!(self, form => form.progress())
    }

    /// What was counted so far. O(stations), and of a single queue O(customers present).
    #[must_use]
    pub fn totals(&self) -> NetworkTotals {
        with_form!(self, form => form.totals())
    }
}

/// The law of a source's gaps and the station that it leads to, if its customers come one by one.
fn renewal(source: &model::Source) -> Option<(&Law, usize)> {
    match (&source.arrivals, source.to) {
        (Arrivals::Renewal(gaps), Target::Station(to)) if source.batch.is_none() => {
            Some((gaps, to))
        }
        _ => None,
    }
}
