//! The ways of running without a pool of customers, and without events, against the simulation.

use kendall_kernel::{Law, Streams};
use kendall_queueing::model::{
    Arrivals, Branch, Discipline, Route, Servers, Source, Station, Target,
};
use kendall_queueing::{Network, Observer, Plain, Recursion, Simulation, Stay, Until};
use proptest::prelude::*;

use crate::support::{FOR_EVER, Ledger, NANOSECOND};

/// Laws whose values meet each other often in whole nanoseconds, zero among them.
fn times() -> impl Strategy<Value = Law> {
    prop_oneof![
        (1..9_u32).prop_map(|mean| Law::Exponential {
            mean: f64::from(mean)
        }),
        (1..5_u32).prop_map(|value| Law::Constant {
            value: f64::from(value)
        }),
        (1..9_u32).prop_map(|max| Law::Uniform {
            min: 0.0,
            max: f64::from(max)
        }),
    ]
}

/// How many servers, and whom they serve.
fn service() -> impl Strategy<Value = (u32, Discipline)> {
    prop_oneof![
        3 => (1..4_u32).prop_map(|servers| (servers, Discipline::Fcfs)),
        1 => Just((1, Discipline::LcfsPreemptive)),
        1 => Just((1, Discipline::PreemptiveShortestFirst)),
        2 => Just((1, Discipline::ShortestRemaining)),
        2 => (1..4_u32).prop_map(|servers| (servers, Discipline::ProcessorSharing)),
    ]
}

/// One class, room for all, routes of every form.
fn plain_networks() -> impl Strategy<Value = Network> {
    (1..4_usize).prop_flat_map(|count| {
        let stations = prop::collection::vec((times(), service(), route(count)), count);
        let sources = prop::collection::vec((times(), 0..count), 1..3);
        (stations, sources).prop_map(|(stations, sources)| network(stations, sources))
    })
}

fn route(stations: usize) -> impl Strategy<Value = Route> {
    let branch = move || {
        (0..stations, 0.0..0.4_f64).prop_map(|(to, probability)| Branch {
            probability,
            to: Target::Station(to),
            class: 0,
        })
    };
    prop_oneof![
        Just(Route::Exit),
        (0..stations).prop_map(|to| Route::To(Target::Station(to), 0)),
        prop::collection::vec(branch(), 1..3).prop_map(Route::Random),
    ]
}

fn network(stations: Vec<(Law, (u32, Discipline), Route)>, sources: Vec<(Law, usize)>) -> Network {
    let stations = stations.into_iter().enumerate();
    let sources = sources.into_iter();
    Network {
        classes: vec!["all".to_owned()],
        stations: stations
            .map(|(at, (service, (servers, discipline), next))| {
                let name = format!("station {at}");
                let mut station = Station::new(&name, Servers::Equal(servers), vec![service]);
                station.discipline = discipline;
                station.next = vec![next];
                station
            })
            .collect(),
        sources: sources
            .map(|(gaps, to)| Source {
                class: 0,
                arrivals: Arrivals::Renewal(gaps),
                batch: None,
                to: Target::Station(to),
            })
            .collect(),
        ..Network::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn plain_networks_run_as_simulated(network in plain_networks(), seed: u64, end in 1..400_u64) {
        let until = Until { customers: FOR_EVER, time_ns: end };
        let mut heard = (Ledger::new(&network), Ledger::new(&network));
        let mut simulation = Simulation::new(&network, Streams::new(seed), NANOSECOND).unwrap();
        simulation.run(until, &mut heard.0).unwrap();
        let plain = Plain::new(&network, Streams::new(seed), NANOSECOND).unwrap();
        let mut plain = plain.expect("nothing special is in it");
        plain.run(until, &mut heard.1).unwrap();
        prop_assert_eq!(plain.totals(), simulation.totals());
        prop_assert_eq!(heard.0.stays, heard.1.stays);
        prop_assert_eq!(heard.0.exits, heard.1.exits);
    }

    /// In pieces, each of which ends by number of customers or by time, whichever is first.
    #[test]
    fn single_queues_run_as_simulated(
        gaps in times(),
        service in times(),
        servers in prop_oneof![Just(1), 2..6_u32, 60..70_u32],
        seed: u64,
        pieces in prop::collection::vec((0..90_u64, 0..300_u64), 1..8),
    ) {
        let station = Station::new("queue", Servers::Equal(servers), vec![service]);
        let network = Network::single(Arrivals::Renewal(gaps), station);
        let mut heard = (Ledger::new(&network), Ledger::new(&network));
        let mut simulation = Simulation::new(&network, Streams::new(seed), NANOSECOND).unwrap();
        let plain = Plain::new(&network, Streams::new(seed), NANOSECOND).unwrap();
        let mut plain = plain.expect("nothing special is in it");
        for (customers, time) in pieces {
            let until = Until {
                customers: simulation.progress() + customers,
                time_ns: simulation.now_ns() + time,
            };
            simulation.run(until, &mut heard.0).unwrap();
            plain.run(until, &mut heard.1).unwrap();
            prop_assert_eq!(plain.totals(), simulation.totals());
            prop_assert_eq!(plain.now_ns(), simulation.now_ns());
            prop_assert_eq!(plain.progress(), simulation.progress());
            let (now, present) = (plain.now_ns(), plain.present_at(0));
            let told = heard.1.integral(0, now, present);
            prop_assert_eq!(told, plain.totals().present_ns);
        }
        prop_assert_eq!(heard.0.stays, heard.1.stays);
        prop_assert_eq!(heard.0.exits, heard.1.exits);
    }

    #[test]
    fn single_queues_are_followed_as_simulated(
        gaps in times(),
        service in times(),
        servers in 1..5_u32,
        seed: u64,
        customers in 1..300_u64,
    ) {
        let station = Station::new("queue", Servers::Equal(servers), vec![service]);
        let network = Network::single(Arrivals::Renewal(gaps), station);
        let recursion = Recursion::new(&network, Streams::new(seed), NANOSECOND).unwrap();
        let mut recursion = recursion.expect("nothing special is in it");
        let mut followed = Ledger::new(&network);
        recursion.run(customers, &mut Stays(&mut followed)).unwrap();
        // A simulation that is long enough to see all of them out, in the order of their arrival.
        let mut ledger = Ledger::new(&network);
        let mut simulation = Simulation::new(&network, Streams::new(seed), NANOSECOND).unwrap();
        while ledger.stays.iter().filter(|stay| stay.customer < customers).count() < customers as usize {
            let customers = simulation.progress() + customers;
            simulation.run(Until { customers, time_ns: FOR_EVER }, &mut ledger).unwrap();
        }
        let mut stays = ledger.by_customer();
        stays.truncate(customers as usize);
        prop_assert_eq!(followed.stays, stays);
    }
}

/// Hears of stays alone, as a recursion tells of nothing else.
struct Stays<'a>(&'a mut Ledger);

impl Observer for Stays<'_> {
    fn stay(&mut self, stay: &Stay) {
        self.0.stays.push(*stay);
    }
}
