use serde_json::json;

use super::*;
use crate::queueing::model::{Class, Discipline, Dispatch, Polling, RateFunction, Station};
use crate::theory::Dist;

fn shipped() -> Vec<QueueCase> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/queueing/exact.csv");
    read_cases(&path).unwrap()
}

fn model(params: Value) -> Result<Model, Unsupported> {
    read::model(params.as_object().unwrap())
}

fn parse(text: &str) -> Result<Vec<QueueCase>, ValidateError> {
    parse_cases(Path::new("cases.csv"), text)
}

#[test]
fn every_shipped_case_is_a_model() {
    let cases = shipped();
    assert_eq!(cases.len(), 71);
    assert_eq!(
        cases.iter().map(|case| case.figures.len()).sum::<usize>(),
        279
    );
    for case in &cases {
        assert!(case.model.is_ok(), "{}: {:?}", case.name, case.model);
    }
    let station = Station {
        arrival: Dist::Exp { mean: 1.25 },
        service: Dist::Exp { mean: 1.0 },
        servers: Some(1),
        capacity: None,
        discipline: Discipline::Fcfs,
    };
    assert_eq!(cases[0].model, Ok(Model::Station(station)));
    let figure = &cases[0].figures[5];
    assert_eq!(
        (figure.metric.as_str(), figure.expected, figure.digits),
        ("T_p50", 3.465735903, 10)
    );
    assert!(figure.rounding() > 1.4e-10 && figure.rounding() < 1.5e-10);
    assert_eq!(cases[0].figures[0].rounding(), 0.0);
}

#[test]
fn models_without_shipped_figures_are_read() {
    let exp = |mean| Dist::Exp { mean };
    let det = |value| Dist::Det { value };
    let station = |service, servers, capacity, discipline| {
        Model::Station(Station {
            arrival: exp(0.5),
            service,
            servers: Some(servers),
            capacity,
            discipline,
        })
    };
    let same = [
        (
            json!({"model": "M/M/k/K", "lam": 2, "mu": 1, "k": 3, "K": 9}),
            station(exp(1.0), 3, Some(9), Discipline::Fcfs),
        ),
        (
            json!({"model": "M/D/k/k", "lam": 2, "mu": 4, "k": 3}),
            station(det(0.25), 3, Some(3), Discipline::Fcfs),
        ),
        (
            json!({"model": "M/G/k/k", "lam": 2, "service": {"dist": "uniform", "lo": 0, "hi": 2}, "k": 3}),
            station(
                Dist::Uniform { lo: 0.0, hi: 2.0 },
                3,
                Some(3),
                Discipline::Fcfs,
            ),
        ),
        (
            json!({"model": "M/M/1", "lam": 2, "mu": 4, "discipline": "ROS"}),
            station(exp(0.25), 1, None, Discipline::Ros),
        ),
        (
            json!({"model": "M/M/1+D", "lam": 2, "mu": 4, "patience": {"dist": "det", "value": 3}}),
            Model::Impatient {
                lam: 2.0,
                mu: 4.0,
                servers: 1,
                patience: det(3.0),
            },
        ),
        (
            json!({"model": "M/M/1+D", "lam": 2, "mu": 4, "patience": 3}),
            Model::Impatient {
                lam: 2.0,
                mu: 4.0,
                servers: 1,
                patience: det(3.0),
            },
        ),
        (
            json!({"model": "M/M/2 heterogeneous, idle fastest first, no migration", "lam": 1, "mu": [2, 1]}),
            Model::Heterogeneous {
                lam: 1.0,
                mu: vec![2.0, 1.0],
            },
        ),
        (
            json!({"model": "random split 2x M/M/1", "lam": 1, "mu": 1}),
            Model::Parallel {
                lam: 1.0,
                mu: 1.0,
                queues: 2,
                dispatch: Dispatch::Random,
            },
        ),
        (
            json!({"model": "cyclic polling gated", "N": 3, "lam_each": 0.1, "service": {"dist": "exp", "mean": 1},
                "switchover": {"dist": "det", "value": 0.5}}),
            Model::Polling {
                queues: 3,
                lam_each: 0.1,
                service: exp(1.0),
                switchover: det(0.5),
                rule: Polling::Gated,
            },
        ),
        (
            json!({"model": "M/D/1 busy period", "lam": 0.8, "service": {"dist": "det", "value": 1}}),
            Model::BusyPeriod {
                lam: 0.8,
                service: det(1.0),
            },
        ),
        (
            json!({"model": "M/D/1 busy period", "lam": 0.8, "mu": 1.0}),
            Model::BusyPeriod {
                lam: 0.8,
                service: det(1.0),
            },
        ),
    ];
    for (params, expected) in same {
        assert_eq!(model(params.clone()), Ok(expected), "{params}");
    }
    let named = json!({"model": "M/G/1-SRPT", "lam": 2, "service": {"dist": "exp", "mean": 0.25}});
    assert_eq!(
        model(named),
        Ok(station(exp(0.25), 1, None, Discipline::Srpt))
    );
    let named = json!({"model": "M/M/k with classes", "k": 2, "mu": 1, "classes": [{"lam": 1}]});
    let class = Class {
        lam: 1.0,
        service: exp(1.0),
        weight: 1.0,
    };
    assert_eq!(
        model(named),
        Ok(Model::Priority {
            classes: vec![class],
            servers: 2,
            preemptive: false
        })
    );
    let others = [
        json!({"model": "D/D/1", "arrival": {"dist": "det", "value": 1}, "service": {"dist": "det", "value": 0.5}}),
        json!({"model": "D/D/1", "lam": 1, "mu": 2}),
        json!({"model": "M/M/k", "k": 2, "mu": 1, "discipline": "preemptive-resume", "classes": [{"lam": 1}, {"lam": 0.5}]}),
        json!({"model": "M/M/1-DPS", "classes": [{"lam": 0.3, "mu": 1, "weight": 2}, {"lam": 0.3, "mean": 1, "weight": 1}]}),
        json!({"model": "multirate loss", "C": 10, "classes": [{"lam": 1, "mean": 1, "units": 1}, {"lam": 1, "mean": 2, "units": 3}]}),
        json!({"model": "closed", "N": 4, "mu": [1, 2], "servers": [1, 2], "routing": [[0, 1], [1, 0]]}),
    ];
    for params in others {
        assert!(
            model(params.clone()).is_ok(),
            "{params}: {:?}",
            model(params.clone())
        );
    }
}

#[test]
fn rates_that_depend_on_time_are_read() {
    let rate = |lam_t: Value| match model(json!({"model": "Mt/M/inf", "mu": 1, "lam_t": lam_t}))
        .unwrap()
    {
        Model::TimeVarying { lam_t, .. } => lam_t,
        other => panic!("{other:?}"),
    };
    for form in [
        json!("10+5*sin(2*pi*t/24)"),
        json!("lambda(t) = 10 + 5 sin(2 pi t/24)"),
        json!({"base": 10, "amplitude": 5, "period": 24}),
    ] {
        let rate = rate(form);
        assert!((rate.at(6.0) - 15.0).abs() < 1e-12);
        assert_eq!(rate.upper_bound(24.0), 15.0);
    }
    let table = rate(json!({"t": [0, 8, 16], "rates": [5, 12, 6], "period": 24}));
    assert_eq!(
        [0.0, 8.0, 23.0, 24.0].map(|t| table.at(t)),
        [5.0, 12.0, 6.0, 5.0]
    );
    assert_eq!(table.jumps(40.0), [8.0, 16.0, 24.0, 32.0]);
    let table = rate(json!([[0, 5], [8, 12]]));
    assert_eq!([1.0, 9.0, 99.0].map(|t| table.at(t)), [5.0, 12.0, 12.0]);
    assert_eq!(table.jumps(40.0), [8.0]);
    assert!(matches!(table, RateFunction::Table { period: None, .. }));
}

#[test]
fn what_is_not_supported_says_why() {
    let reason = |params| model(params).unwrap_err().to_string();
    assert_eq!(
        reason(json!({"model": "M/W/1", "lam": 1})),
        "unknown model `M/W/1`"
    );
    assert_eq!(
        reason(json!({"model": "M/M/1", "lam": 0.5})),
        "parameter `mu` is missing"
    );
    assert_eq!(
        reason(json!({"model": "M/M/1", "lam": 0.5, "mu": 1, "retrial": 2})),
        "unknown parameter `retrial`"
    );
    assert_eq!(
        reason(json!({"model": "M/M/1", "lam": 2, "mu": 1})),
        "load 2 per server is not below 1"
    );
    assert_eq!(
        reason(json!({"model": "M/G/1", "classes": [{"lam": 0.1, "m1": 1, "m2": 1.5}]})),
        "moments m1 = 1 and m2 = 1.5 do not determine a law"
    );
    assert_eq!(
        reason(json!({"model": "M/G/1", "lam": 0.1, "service": {"dist": "weibull", "k": 2}})),
        "unknown law `weibull`"
    );
    assert_eq!(
        reason(json!({"model": "M/M/1", "lam": 0.5, "mu": 1, "discipline": "EDF"})),
        "unknown discipline `EDF` of `M/M/1`"
    );
}

#[test]
fn malformed_files_name_the_line() {
    let fault = |text: &str| parse(text).unwrap_err().to_string();
    let header = "case,params,metric,expected\n";
    assert_eq!(
        fault(""),
        "cases.csv:1: no header; columns are case, params, metric, expected"
    );
    assert_eq!(
        fault("case,params,metric\n"),
        "cases.csv:1: no column `expected`"
    );
    assert_eq!(
        fault(&format!("{header}a,{{}},E_T\n")),
        "cases.csv:2: 3 fields, the header has 4"
    );
    assert_eq!(
        fault(&format!("{header}a,{{}},E_T,x\n")),
        "cases.csv:2: expected is not a finite number"
    );
    assert!(
        fault(&format!("{header}\na,[1],E_T,1\n"))
            .starts_with("cases.csv:3: params are no JSON object")
    );
}

#[test]
fn rows_of_a_case_belong_together_wherever_they_are() {
    let a = r#""{""model"": ""M/M/1"", ""lam"": 0.5, ""mu"": 1}""#;
    let text = format!("expected,metric,case,params\n2,E_T,a,{a}\n9,E_T,b,{{}}\n1,E_W,a,{a}\n");
    let cases = parse(&text).unwrap();
    let names: Vec<_> = cases
        .iter()
        .map(|case| (case.name.as_str(), case.figures.len()))
        .collect();
    assert_eq!(names, [("a", 2), ("b", 1)]);
    assert_eq!(cases[1].model, Err(Unsupported::Missing { name: "model" }));
}

#[test]
fn damaged_files_are_refused_or_read_but_never_fatal() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/queueing/exact.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // A linear congruential generator (Knuth, The Art of Computer Programming, volume 2, 3.3.4).
    let mut state = 1_u64;
    let mut below = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    let letters: Vec<char> = "\"\"\",:{}[]()-.0919eKk/\n xπ+^*".chars().collect();
    let (mut refused, mut skipped, mut read) = (0, 0, 0);
    for _ in 0..4000 {
        let mut row: Vec<char> = lines[1 + below(lines.len() - 1)].chars().collect();
        for _ in 0..=below(3) {
            let at = below(row.len());
            match below(3) {
                0 => row[at] = letters[below(letters.len())],
                1 => row.insert(at, letters[below(letters.len())]),
                _ => {
                    row.remove(at);
                }
            }
        }
        let damaged = format!("{}\n{}\n", lines[0], row.iter().collect::<String>());
        match parse(&damaged) {
            Err(_) => refused += 1,
            Ok(cases) if cases.iter().all(|case| case.model.is_ok()) => read += 1,
            Ok(_) => skipped += 1,
        }
    }
    assert!(
        refused > 100 && skipped > 100 && read > 100,
        "{refused} {skipped} {read}"
    );
}
