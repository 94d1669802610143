use kendall_kernel::Streams;

use super::*;
use crate::model::Discipline;
use crate::{Simulation, Until};

fn rates() -> Params {
    Params {
        arrival_rate: Some(0.5),
        service_rate: Some(2.0),
        ..Params::default()
    }
}

fn read(notation: &str) -> Network {
    parse(notation, &rates()).unwrap_or_else(|error| panic!("{notation}: {error}"))
}

fn service(notation: &str) -> Law {
    read(notation).stations[0].service[0].clone()
}

/// Mean and squared coefficient of variation.
fn moments(law: &Law) -> (f64, f64) {
    let mean = law.mean().unwrap();
    (mean, law.variance().unwrap() / (mean * mean))
}

#[test]
fn parts_go_where_they_belong() {
    let network = read(" m / d / 3 / 10 / fifo ");
    let station = &network.stations[0];
    assert_eq!(station.servers, Servers::Equal(3));
    assert_eq!(station.capacity, Some(10));
    assert_eq!(station.discipline, Discipline::Fcfs);
    assert_eq!(station.service, [Law::Constant { value: 0.5 }]);
    let arrivals = Arrivals::Renewal(Law::Exponential { mean: 2.0 });
    assert_eq!(network.sources[0].arrivals, arrivals);
    assert_eq!(read("M/M/inf").stations[0].servers, Servers::Infinite);
    assert_eq!(read("M/M/∞").stations[0].servers, Servers::Infinite);
    for (notation, discipline) in [
        ("M/M/1/SRPT", Discipline::ShortestRemaining),
        ("M/M/1//PS", Discipline::ProcessorSharing),
        ("M/M/1/inf/inf/lcfs-pr", Discipline::LcfsPreemptive),
        ("M/M/1///LAS", Discipline::LeastAttained),
        ("M/M/1/10/SIRO", Discipline::Random),
    ] {
        assert_eq!(read(notation).stations[0].discipline, discipline);
    }
}

#[test]
fn letters_have_the_moments_that_they_promise() {
    for (notation, scv) in [
        ("M/M/1", 1.0),
        ("M/D/1", 0.0),
        ("M/E4/1", 0.25),
        ("M/E_4/1", 0.25),
        ("M/H2/1", DEFAULT_SCV),
        ("M/H5/1", DEFAULT_SCV),
        ("M/U/1", 1.0 / 3.0),
        ("M/LN/1", DEFAULT_SCV),
        ("M/P/1", DEFAULT_SCV),
    ] {
        let law = service(notation);
        law.validate().unwrap();
        let (mean, spread) = moments(&law);
        assert!((mean - 0.5).abs() < 1e-12, "{notation}: {mean}");
        assert!((spread - scv).abs() < 1e-9, "{notation}: {spread}");
    }
}

#[test]
fn hyperexponential_branches_share_the_mean_equally() {
    let params = Params {
        service_scv: Some(9.0),
        ..rates()
    };
    let network = parse("M/H2/1", &params).unwrap();
    let Law::Hyperexponential { weights, means } = &network.stations[0].service[0] else {
        panic!("not hyperexponential");
    };
    // Whitt 1982: p = (1 + sqrt((c - 1) / (c + 1))) / 2.
    assert!((weights[0] - 0.5 * (1.0 + 0.8_f64.sqrt())).abs() < 1e-12);
    for (weight, mean) in weights.iter().zip(means) {
        assert!((weight * mean - 0.25).abs() < 1e-12);
    }
}

#[test]
fn laws_given_take_the_place_of_letters() {
    let pareto: Law = "pareto:alpha=1.5,min=1,max=100".parse().unwrap();
    for notation in ["M/G/1/SRPT", "M/GI/1", "M/M/1"] {
        let params = Params {
            service_rate: None,
            service: Some(pareto.clone()),
            ..rates()
        };
        let network = parse(notation, &params).unwrap();
        assert_eq!(network.stations[0].service, std::slice::from_ref(&pareto));
    }
    let arrival: Law = "gamma:shape=2,scale=1".parse().unwrap();
    let params = Params {
        arrival_rate: None,
        arrival: Some(arrival.clone()),
        ..rates()
    };
    let network = parse("G/M/1", &params).unwrap();
    assert_eq!(network.sources[0].arrivals, Arrivals::Renewal(arrival));
}

#[test]
fn batches_patience_and_populations() {
    for notation in ["M^3/M/1", "M^[3]/M/1", "M^{3}/M/1"] {
        let batch = read(notation).sources[0].batch.clone();
        assert_eq!(batch, Some(Law::Constant { value: 3.0 }), "{notation}");
    }
    let geometric = Law::Geometric { p: 0.5 };
    let params = Params {
        batch: Some(geometric.clone()),
        ..rates()
    };
    let network = parse("M^X/M/1", &params).unwrap();
    assert_eq!(network.sources[0].batch, Some(geometric));

    let params = Params {
        patience_rate: Some(0.25),
        ..rates()
    };
    for (notation, law) in [
        ("M/M/3+M", Law::Exponential { mean: 4.0 }),
        ("M/M/3+D", Law::Constant { value: 4.0 }),
        ("M/M/3/9+M/FCFS", Law::Exponential { mean: 4.0 }),
        ("M/M/3", Law::Exponential { mean: 4.0 }),
    ] {
        let network = parse(notation, &params).unwrap();
        assert_eq!(network.stations[0].patience, [Some(law)], "{notation}");
    }

    let network = read("M/M/3//5");
    assert!(network.sources.is_empty());
    assert_eq!(network.populations[0].count, 5);
    let thinking = &network.stations[network.populations[0].station];
    assert_eq!(thinking.service, [Law::Exponential { mean: 2.0 }]);
    assert_eq!(network.stations[0].capacity, None);
}

#[test]
fn every_notation_of_the_guide_runs() {
    let general = Params {
        service_rate: None,
        service: Some("lognormal:mu=-1,sigma=1".parse().unwrap()),
        ..rates()
    };
    let impatient = Params {
        patience_rate: Some(1.0),
        ..rates()
    };
    let given = |notation: &str| {
        if notation.contains('G') {
            general.clone()
        } else if notation.contains('+') {
            impatient.clone()
        } else {
            rates()
        }
    };
    for notation in [
        "M/M/1",
        "M/D/1",
        "M/E3/1",
        "M/G/1/SRPT",
        "M/M/8",
        "M/M/1/10",
        "M/M/4/4",
        "M/M/inf",
        "M/G/inf",
        "M/H2/1",
        "D/M/1",
        "U/M/1",
        "E2/M/1",
        "M/M/3+M",
        "M/M/1/10/FCFS",
        "M/M/3//5",
        "M^2/M/1",
        "M^[2]/M/1",
        "D/D/1",
        "LN/P/2/ROS",
    ] {
        let network = parse(notation, &given(notation)).unwrap();
        let mut simulation = Simulation::new(&network, Streams::new(1), 1.0).unwrap();
        let until = Until {
            customers: 100,
            time_ns: u64::MAX,
        };
        simulation.run(until, &mut ()).unwrap();
        assert!(simulation.progress() >= 100, "{notation}");
    }
}

/// Little's law in the machine repair model: everybody is somewhere.
#[test]
fn a_finite_population_stays_what_it_is() {
    let network = read("M/M/2//7");
    let mut simulation = Simulation::new(&network, Streams::new(1), 1.0).unwrap();
    let until = Until {
        customers: 1000,
        time_ns: u64::MAX,
    };
    simulation.run(until, &mut ()).unwrap();
    assert_eq!(simulation.totals().present, 7);
}

#[test]
fn faults_say_what_is_wrong_and_what_to_do() {
    let fails = |notation: &str, params: &Params| {
        let error = parse(notation, params).unwrap_err();
        format!("{error}\n{}", error.hint().unwrap_or_default())
    };
    for (notation, words) in [
        ("M/M/", &["`M/M/` has no number of servers", "M/M/1"][..]),
        ("M/M", &["no number of servers"]),
        ("M", &["law of the service times"]),
        ("", &["law of the times between arrivals"]),
        ("M/Q/1", &["`Q` is no law", "Erlang", "GI"]),
        ("M/E/1", &["`E` needs a number", "E3"]),
        ("M/E0/1", &["`E0` needs a number from 1"]),
        ("M/H1/1", &["`H1` needs a number from 2"]),
        ("M/M/0", &["servers `0`"]),
        ("M/M/-1", &["servers `-1`"]),
        ("M/M/1.5", &["servers `1.5`"]),
        ("M/M/k/k", &["servers `k`", "put the number"]),
        ("M/M/3/2", &["capacity of 2", "3 servers"]),
        (
            "M/M/1/SRTP",
            &["`SRTP`, did you mean `srpt`", "fcfs, fifo, lcfs", "las"],
        ),
        ("M/M/1/2/3/4", &["more than"]),
        ("M/M^2/1", &["whole batches", "M^2/M/1"]),
        ("M^0/M/1", &["batch size `0`"]),
        ("M^/M/1", &["batch size ``"]),
        ("M^X/M/1", &["--batch is missing"]),
        ("M/G/1", &["--service is missing"]),
        ("M/M/1+", &["law of patience"]),
        ("M/M/1+M", &["--patience-rate is missing"]),
        ("M/M/2/3/5", &["finite population", "[queueing]"]),
        ("M^2/M/2//5", &["finite population", "batches"]),
        ("M/M/inf/PS", &["server for everybody"]),
        ("M/M/2/FB", &["one server"]),
    ] {
        let params = Params {
            // G needs its law rather than a rate.
            service_rate: (!notation.contains('G')).then_some(1.0),
            ..rates()
        };
        let message = fails(notation, &params);
        for word in words {
            assert!(message.contains(word), "{notation}: {message}");
        }
    }
    let missing = Params::default();
    assert!(fails("M/M/1", &missing).contains("--arrival-rate is missing"));
    // What can be read without the rates is read first.
    for notation in ["M/Q/1", "Q/M/1", "M/M/1+Q"] {
        assert!(fails(notation, &missing).contains("`Q` is no law"));
    }
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-320] {
        let params = Params {
            service_rate: Some(rate),
            ..rates()
        };
        let message = fails("M/M/1", &params);
        assert!(message.contains("--service-rate is "), "{message}");
    }
    let both = Params {
        service: Some(Law::Constant { value: 1.0 }),
        ..rates()
    };
    assert!(fails("M/D/1", &both).contains("--service and --service-rate"));
    let narrow = Params {
        service_scv: Some(0.5),
        ..rates()
    };
    assert!(fails("M/H2/1", &narrow).contains("--service-scv is 0.5, must be above 1"));
    let negative = Params {
        service_rate: None,
        service: Some(Law::Normal { mean: 1.0, sd: 1.0 }),
        ..rates()
    };
    assert!(fails("M/G/1", &negative).contains("negative values"));
}

const REFERENCE: &str = include_str!("../../../../docs/reference/notation.md");

#[test]
fn the_reference_is_right_and_complete() {
    let params = Params {
        patience_rate: Some(1.0),
        ..rates()
    };
    let mut examples = 0;
    let quoted = REFERENCE.split('`').skip(1).step_by(2);
    for notation in quoted.filter(|code| code.contains('/') && !code.starts_with(['A', '/'])) {
        let impatient = notation.contains('+');
        let params = Params {
            patience_rate: params.patience_rate.filter(|_| impatient),
            ..params.clone()
        };
        let network = parse(notation, &params).unwrap();
        assert_eq!(network.stations[0].name, STATION, "{notation}");
        examples += 1;
    }
    assert!(examples >= 15, "{examples}");
    for known in crate::disciplines::DISCIPLINES {
        for name in known.names {
            let name = name.to_uppercase();
            assert!(REFERENCE.contains(&format!("`{name}`")), "{name}");
        }
    }
}
