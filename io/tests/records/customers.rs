//! `customers.parquet` of a run, against what another observer of the same run saw.

use kendall_io::records::{FileMetadata, OutputDir, OutputError, RowOrder};
use kendall_kernel::{Law, Streams};
use kendall_queueing::model::{Joining, Servers, Station};
use kendall_queueing::notation::{Params, parse};
use kendall_queueing::{Network, Observer, Outcome, Simulation, Stay, Until};

use super::support::{metadata, read};

/// Keeps every stay.
#[derive(Default)]
struct Stays(Vec<Stay>);

impl Observer for Stays {
    fn stay(&mut self, stay: &Stay) {
        self.0.push(*stay);
    }
}

/// An overloaded station that loses, discourages and bores customers.
fn network() -> Network {
    let params = Params {
        arrival_rate: Some(3.0),
        service_rate: Some(1.0),
        patience_rate: Some(0.5),
        ..Params::default()
    };
    let mut network = parse("M/M/1/4+M", &params).unwrap();
    network.stations[0].joining = Joining::Table(vec![1.0, 0.9]);
    network
}

fn meta() -> FileMetadata {
    metadata(RowOrder::Completion)
}

#[test]
fn rows_are_the_stays_in_the_order_in_which_they_end() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let network = network();
    let mut sink = dir.customers(&meta(), &network).unwrap();
    let mut stays = Stays::default();
    let mut simulation = Simulation::new(&network, Streams::new(1), 1.0).unwrap();
    let until = Until {
        // More than a set of buffers.
        customers: 20_000,
        time_ns: u64::MAX,
    };
    simulation.run(until, &mut (&mut sink, &mut stays)).unwrap();
    assert_eq!(sink.finish().unwrap(), stays.0.len() as u64);

    let file = read(&scratch.path().join("customers.parquet"));
    let integers = |name: &str, value: &dyn Fn(&Stay) -> Option<u64>| {
        let expected: Vec<_> = stays.0.iter().map(value).collect();
        assert_eq!(file.integers(name), expected, "{name}");
    };
    integers("customer_id", &|s| Some(s.customer));
    integers("class", &|s| Some(s.class.into()));
    integers("station", &|s| Some(s.station as u64));
    integers("arrival_ns", &|s| Some(s.arrived_ns));
    integers("service_start_ns", &|s| s.started_ns);
    integers("departure_ns", &|s| Some(s.left_ns));
    integers("service_ns", &|s| Some(s.size_ns));
    let status = file.strings("status");
    let expected: Vec<_> = stays.0.iter().map(|s| s.outcome.name()).collect();
    assert_eq!(status, expected);
    for outcome in Outcome::ALL {
        assert!(expected.contains(&outcome.name()), "{}", outcome.name());
    }
    // One server of speed 1 that completes what it begins.
    for stay in &stays.0 {
        assert_eq!(stay.started_ns.is_some(), stay.outcome == Outcome::Served);
        if let Some(started) = stay.started_ns {
            assert_eq!(stay.left_ns - started, stay.size_ns);
        }
    }
    assert_eq!(file.key("kendall.stations").as_deref(), Some("[\"queue\"]"));
    assert_eq!(
        file.key("kendall.classes").as_deref(),
        Some("[\"customers\"]")
    );
    assert_eq!(file.key("kendall.seed"), Some(u64::MAX.to_string()));
}

#[test]
fn an_interrupted_run_leaves_a_partial_file() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let mut sink = dir.customers(&meta(), &network()).unwrap();
    let stay = Stay {
        customer: u64::MAX,
        class: u16::MAX,
        station: 65_535,
        arrived_ns: 1,
        started_ns: None,
        left_ns: u64::MAX,
        size_ns: 0,
        outcome: Outcome::Lost,
    };
    sink.stay(&stay);
    let partial = sink.abandon().unwrap();
    assert_eq!(partial, scratch.path().join("customers.partial.parquet"));
    let file = read(&partial);
    assert_eq!(file.integers("customer_id"), [Some(u64::MAX)]);
    assert_eq!(file.integers("station"), [Some(65_535)]);
    assert_eq!(file.integers("service_start_ns"), [None]);
}

#[test]
fn stations_without_a_number_are_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = OutputDir::prepare(scratch.path(), false).unwrap();
    let service = vec![Law::Constant { value: 1.0 }];
    let station = |at: u32| Station::new(&at.to_string(), Servers::Equal(1), service.clone());
    let network = |stations: u32| Network {
        stations: (0..stations).map(station).collect(),
        ..Network::default()
    };
    assert!(dir.customers(&meta(), &network(1 << 16)).is_ok());
    let refused = dir.customers(&meta(), &network((1 << 16) + 1));
    assert!(matches!(
        refused,
        Err(OutputError::TooManyStations {
            stations: 65_537,
            ..
        })
    ));
}
