//! `customers.parquet`: one row per stay of a customer at a station.

use std::path::PathBuf;

use kendall_queueing::{Network, Observer, Outcome, Stay};

use super::columns::{Cell, Column, Values};
use super::table::{ColumnSpec, Encoding, Table, table};
use super::writer::TableSink;
use super::{FileMetadata, OutputDir, OutputError};

table! {
    /// The columns of `customers.parquet`.
    struct Customers in "customers" of |r: Stay| {
        customer_id: u64, Delta, "1", "number of the customer in order of appearance in the network" => r.customer;
        class: u16, Dictionary, "1", "class of the customer at this station, by position" => r.class;
        station: u16, Dictionary, "1", "the station, by position" => station(r);
        arrival_ns: u64, Delta, "ns", "arrival at the station" => r.arrived_ns;
        service_start_ns: Option<u64>, Delta, "ns", "when service began" => r.started_ns;
        departure_ns: u64, Delta, "ns", "when the customer left the station" => r.left_ns;
        service_ns: u64, Delta, "ns", "work that the customer brought, in time of a server of speed 1" => r.size_ns;
        status: Outcome, Dictionary, "1", "served, lost, balked or reneged" => r.outcome;
    }
}

/// Stations that have a number in the file.
const MOST_STATIONS: usize = 1 << 16;

fn station(stay: &Stay) -> u16 {
    u16::try_from(stay.station).expect("at most 65536 stations, which `create` checks")
}

/// Writes `customers.parquet`: an observer of a run, to be given to it as `&mut sink`.
///
/// Rows are in the order in which stays end; those that last when the run ends have none. Dropped
/// without [`CustomerSink::finish`] or [`CustomerSink::abandon`], it leaves a readable partial
/// file that may lack the last rows.
pub struct CustomerSink {
    table: TableSink<Customers>,
}

impl CustomerSink {
    pub(super) fn create(
        dir: &OutputDir,
        meta: &FileMetadata,
        network: &Network,
    ) -> Result<Self, OutputError> {
        let stations: Vec<&str> = network.stations.iter().map(|s| s.name.as_str()).collect();
        if stations.len() > MOST_STATIONS {
            return Err(OutputError::TooManyStations {
                stations: stations.len(),
                most: MOST_STATIONS,
            });
        }
        let stations = serde_json::json!(stations).to_string();
        let classes = serde_json::json!(network.classes).to_string();
        let extra = [
            ("kendall.stations", stations.as_str()),
            ("kendall.classes", classes.as_str()),
        ];
        Ok(CustomerSink {
            table: TableSink::create(dir, meta, &extra)?,
        })
    }

    /// Whether writing has failed; stays go nowhere from then on, and [`CustomerSink::finish`]
    /// says why. Costs one load.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.table.failed()
    }

    /// Writes what is buffered, closes the file, gives it its final name and returns the number
    /// of its rows.
    ///
    /// # Errors
    /// If the file could not be written (it is removed then) or renamed.
    pub fn finish(self) -> Result<u64, OutputError> {
        self.table.finish()
    }

    /// Writes what is buffered and closes the file, which keeps its partial name and is
    /// returned: for a run that was interrupted.
    ///
    /// # Errors
    /// If the file could not be written; it is removed then.
    pub fn abandon(self) -> Result<PathBuf, OutputError> {
        self.table.abandon()
    }
}

impl Observer for CustomerSink {
    fn stay(&mut self, stay: &Stay) {
        self.table.push(stay);
    }
}
