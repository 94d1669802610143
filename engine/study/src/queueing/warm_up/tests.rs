use kendall_kernel::Law;
use kendall_queueing::Network;
use kendall_queueing::model::{Arrivals, Joining, Population, Servers, Station};

use super::super::{At, Experiment};
use super::*;

const SOJOURN: Figure = Figure::Sojourn(At::station(0));

/// M/M/1 at utilisation 1/2 that starts with a crowd.
fn crowded(count: u64) -> Network {
    let station = Station::new(
        "desk",
        Servers::Equal(1),
        vec![Law::Exponential { mean: 1.0 }],
    );
    let mut network = Network::single(Arrivals::Renewal(Law::Exponential { mean: 2.0 }), station);
    network.populations.push(Population {
        class: 0,
        count,
        station: 0,
    });
    network
}

/// Until the crowd of 1,000 has gone for the first time, 1,000 / (1 - 1/2) customers are served on
/// average, with variance 1,000 rho (1 + rho) / (1 - rho)^3 = 6,000: the progeny of 1,000 in a
/// branching process of geometric families (Prabhu, Stochastic Storage Processes, 1980, chapter 2).
#[test]
fn the_end_of_a_crowd_is_found() {
    let (drained, spread) = (2000.0, 6000.0_f64.sqrt());
    let plan = Plan::new(crowded(1000), 1).unwrap();
    let pilots = detect_warm_up(&plan, SOJOURN, 100_000).unwrap();
    let step = 5.0 * pilots.per_observation as f64;
    let found = pilots.warm_up as f64;
    // When 50 are left, they wait 25 times as long as others do, and there are at least 100 of them
    // to come: no rule that looks at errors keeps those.
    let least = drained - 100.0 - 5.0 * spread - step;
    let most = drained + 5.0 * spread + step;
    assert!(least <= found && found <= most, "{pilots:?}");

    // Without the crowd the mean sojourn time is 2. If `late` customers are counted before the crowd
    // is gone, it goes down from `late` / 2, and they find half of that on average.
    let customers = 400_000;
    let plan = Plan {
        warm_up: pilots.warm_up,
        ..plan
    };
    let mut experiment = Experiment::start(&plan).unwrap();
    experiment.extend(customers).unwrap();
    let estimate = experiment.estimate(SOJOURN).unwrap();
    let late = (most - found).max(0.0);
    let bias = late * late / 4.0 * 4.0 / customers as f64;
    let off = (estimate.value - 2.0).abs();
    let allowed = 5.0 * estimate.std_error.unwrap() + bias;
    assert!(off <= allowed, "{estimate}: {off} is more than {allowed}");
    // The crowd would have left its traces.
    let crowd = 1000.0 * drained / 2.0 * 4.0 / customers as f64;
    assert!(crowd > 5.0 * allowed, "{crowd} {allowed}");
}

#[test]
fn pilots_that_do_not_tell_are_refused() {
    let detect = |network: Network, most: u64| {
        let plan = Plan::new(network, 1).unwrap();
        detect_warm_up(&plan, SOJOURN, most).unwrap_err()
    };
    // Of the crowd, each waits longer than the one before.
    assert_eq!(
        detect(crowded(1000), 1000),
        WarmUpError::Inconclusive { customers: 1000 }
    );
    assert_eq!(
        detect(crowded(10), 19),
        WarmUpError::TooFew { customers: 19 }
    );
    // All leave, and nobody comes.
    let mut leaving = crowded(200);
    leaving.sources.clear();
    assert_eq!(
        detect(leaving, 20_000),
        WarmUpError::NobodyServed { customers: 20_000 }
    );
    let mut nobody = crowded(0);
    nobody.stations[0].joining = Joining::Table(vec![0.0]);
    assert_eq!(
        detect(nobody, 20_000),
        WarmUpError::NobodyServed { customers: 20_000 }
    );
}

#[test]
fn pilots_grow_until_they_tell() {
    // Pilots begin with ten times as many, far too few.
    let plan = Plan {
        warm_up: 8,
        ..Plan::new(crowded(1000), 1).unwrap()
    };
    let pilots = detect_warm_up(&plan, SOJOURN, 100_000).unwrap();
    assert!(pilots.customers >= 2 * pilots.warm_up, "{pilots:?}");
    assert!(pilots.warm_up >= 1000, "{pilots:?}");
    let observations = pilots.customers / pilots.per_observation;
    assert!(observations <= 2 * OBSERVATIONS, "{pilots:?}");
}

#[test]
fn the_plan_of_the_run_is_not_the_pilots() {
    let plan = Plan::new(crowded(100), 1).unwrap();
    let found = detect_warm_up(&plan, SOJOURN, 50_000).unwrap();
    let in_pairs = plan.clone().in_pairs();
    assert_eq!(detect_warm_up(&in_pairs, SOJOURN, 50_000).unwrap(), found);
    let many = plan.with_replications(40);
    let found = detect_warm_up(&many, SOJOURN, 50_000).unwrap();
    assert_eq!(found.replications, 40);
}
