//! Laws that hold between figures, limits, and integrals done another way.

use serde_json::{Value, json};

use super::{close, model, value};
use crate::queueing::by_theory::expected;
use crate::theory::mg1::Mg1;
use crate::theory::mm1::Mm1;
use crate::theory::mmk::Mmk;
use crate::theory::tagged::{Ending, TaggedTime};
use crate::theory::{Dist, birth_death, mm1, networks};

fn services() -> Vec<Value> {
    vec![
        json!({"dist": "exp", "mean": 1.0}),
        json!({"dist": "det", "value": 1.0}),
        json!({"dist": "uniform", "lo": 0.2, "hi": 1.8}),
        json!({"dist": "erlang", "k": 3, "mean": 1.0}),
        json!({"dist": "hyperexp", "p": [0.9, 0.1], "rates": [1.8, 0.2]}),
        json!({"dist": "lognormal", "mu": -0.5, "sigma": 1.0}),
        json!({"dist": "bounded_pareto", "alpha": 1.1, "lo": 0.2, "hi": 200.0}),
    ]
}

fn mg1(service: &Value, discipline: &str) -> Value {
    json!({"model": "M/G/1", "lam": 0.7, "service": service, "discipline": discipline})
}

#[test]
fn little_holds_and_disciplines_are_ordered() {
    for service in services() {
        let sojourn = |discipline: &str| value(mg1(&service, discipline), "E_T");
        for discipline in [
            "FCFS", "LCFS", "LCFS-PR", "ROS", "PS", "SJF", "PSJF", "SRPT", "FB",
        ] {
            close(
                value(mg1(&service, discipline), "E_N"),
                0.7 * sojourn(discipline),
            );
        }
        close(sojourn("PS"), sojourn("LCFS-PR"));
        close(sojourn("FCFS"), sojourn("ROS"));
        close(sojourn("FCFS"), sojourn("LCFS"));
        let least = sojourn("SRPT") * (1.0 - 1e-12);
        for discipline in ["FCFS", "PS", "SJF", "PSJF", "FB"] {
            assert!(least <= sojourn(discipline), "{service} {discipline}");
        }
        assert!(sojourn("PSJF") <= sojourn("PS") * (1.0 + 1e-12));
        assert!(sojourn("SJF") <= sojourn("FCFS") * (1.0 + 1e-12));
        // Where the law has a decreasing failure rate, least service first is better than sharing.
        if ["hyperexp", "bounded_pareto"].contains(&service["dist"].as_str().unwrap()) {
            assert!(sojourn("FB") < sojourn("PS"));
        }
    }
}

#[test]
fn shortest_first_conserves_work() {
    // Mean work waiting is the same in any order without preemption: for SJF by the sum over sizes
    // of rate * wait * size, which Kleinrock's law equates with that in order of arrival.
    let service = json!({"dist": "uniform", "lo": 0.2, "hi": 1.8});
    let queue = Mg1 {
        lam: 0.7,
        service: Dist::Uniform { lo: 0.2, hi: 1.8 },
    };
    let steps = 4000;
    let mut work = 0.0;
    for step in 0..steps {
        let x = 0.2 + 1.6 * (f64::from(step) + 0.5) / f64::from(steps);
        let wait = value(mg1(&service, "SJF"), &format!("E_T_given_size_{x}")) - x;
        work += wait * x / f64::from(steps);
    }
    let expected = queue.wait_mean() * queue.service.mean();
    assert!((work / expected - 1.0).abs() < 1e-5, "{work} {expected}");
}

#[test]
fn equal_sizes_make_shortest_first_arrival_order() {
    let service = json!({"dist": "det", "value": 1.0});
    for metric in ["E_T", "Var_T", "E_slowdown"] {
        let in_order = value(mg1(&service, "FCFS"), metric);
        for discipline in ["SJF", "PSJF", "SRPT"] {
            close(value(mg1(&service, discipline), metric), in_order);
        }
        // With equal sizes, least service first finishes all at the end of the busy period's work.
        assert!(value(mg1(&service, "FB"), "E_T") > value(mg1(&service, "PS"), "E_T"));
    }
    assert_eq!(
        expected(&model(mg1(&service, "SRPT")), "E_T_given_size_2"),
        None
    );
}

#[test]
fn sharing_slows_all_sizes_alike() {
    for service in services() {
        close(
            value(mg1(&service, "PS"), "E_slowdown"),
            1.0 / (1.0 - 0.7 * mean_of(&service)),
        );
    }
    let service = json!({"dist": "hyperexp", "p": [0.9, 0.1], "rates": [1.8, 0.2]});
    close(value(mg1(&service, "PS"), "E_T_given_size_2"), 2.0 / 0.3);
    assert_eq!(expected(&model(mg1(&service, "FCFS")), "E_slowdown"), None);
    assert_eq!(expected(&model(mg1(&service, "SJF")), "E_slowdown"), None);
}

fn mean_of(service: &Value) -> f64 {
    value(
        json!({"model": "M/G/inf", "lam": 1.0, "service": service}),
        "E_N",
    )
}

#[test]
fn one_server_of_many_is_one_server() {
    let (one, many) = (
        Mm1 { lam: 0.8, mu: 1.0 },
        Mmk {
            lam: 0.8,
            mu: 1.0,
            servers: 1,
        },
    );
    close(many.number_mean() / 0.8, one.sojourn_mean());
    close(many.wait_quantile(0.99), one.wait_quantile(0.99));
    close(many.sojourn_quantile(0.999), one.sojourn_quantile(0.999));
    for n in [0, 1, 20] {
        close(many.at_most(n), one.at_most(n));
    }
    let general = Mg1 {
        lam: 0.8,
        service: Dist::Exp { mean: 1.0 },
    };
    close(general.number_variance(), many.number_variance());
    close(general.waiting_variance(), many.waiting_variance());
    close(general.at_most(20), one.at_most(20));
    let params = json!({"model": "M/M/k/K", "lam": 0.8, "mu": 1, "k": 1, "K": 12});
    let same = json!({"model": "M/M/1/K", "lam": 0.8, "mu": 1, "K": 12});
    for metric in ["E_N", "P_loss", "E_W", "T_p99", "W_p99", "Var_T"] {
        close(value(params.clone(), metric), value(same.clone(), metric));
    }
    // Much room is no limit.
    let wide = json!({"model": "M/M/k/K", "lam": 2.4, "mu": 1, "k": 3, "K": 400});
    let open = json!({"model": "M/M/k", "lam": 2.4, "mu": 1, "k": 3});
    for metric in [
        "E_N",
        "Var_N",
        "E_W",
        "E_W2",
        "Var_T",
        "W_p99",
        "P_N0",
        "asymvar_E_N_time",
    ] {
        close(value(wide.clone(), metric), value(open.clone(), metric));
    }
    close(
        value(
            json!({"model": "M/D/k", "lam": 0.8, "mu": 1, "k": 1}),
            "E_W",
        ),
        0.64 / 0.4 / 0.8,
    );
}

#[test]
fn asymptotic_variance_of_a_birth_and_death_process() {
    let chain = birth_death::BirthDeath {
        birth: |_| 0.8,
        death: |_| 1.0,
        largest: None,
    };
    let one = Mm1 { lam: 0.8, mu: 1.0 };
    close(
        chain.asymptotic_variance(|n| n).unwrap(),
        one.asymptotic_variance_number(),
    );
}

#[test]
fn quantiles_are_where_the_tail_is_left() {
    // By inversion of transforms and by formulas for the same exponential queue.
    let queue = Mg1 {
        lam: 0.8,
        service: Dist::Exp { mean: 1.0 },
    };
    let one = Mm1 { lam: 0.8, mu: 1.0 };
    for level in [0.5, 0.99, 0.999] {
        let inverted = crate::theory::inversion::mg1_sojourn_quantile(&queue, level).unwrap();
        assert!(
            (inverted / one.sojourn_quantile(level) - 1.0).abs() < 1e-7,
            "{inverted}"
        );
        let inverted = crate::theory::inversion::mg1_wait_quantile(&queue, level).unwrap();
        assert!(
            (inverted / one.wait_quantile(level) - 1.0).abs() < 1e-7,
            "{inverted}"
        );
    }
    // Constant service by Franx's sum and by the first terms of Erlang's: waits below one service.
    let half = |level: f64| {
        let params = json!({"model": "M/G/1", "lam": 0.8, "service": {"dist": "det", "value": 1}});
        value(params, &format!("W_p{}", (level * 1e4).round()))
    };
    close(0.2 * (0.8 * half(0.35)).exp(), 0.35);
    // Between one and two services: (1 - rho) (e^(rho x) - rho (x - 1) e^(rho (x - 1))).
    let params = json!({"model": "M/G/1", "lam": 0.8, "service": {"dist": "det", "value": 1}});
    // One at most: nobody in the last service time but at most one.
    close(value(params, "P_N_le_1"), 0.2 * 0.8_f64.exp());
    let x = half(0.55);
    assert!(x > 1.0 && x < 2.0);
    let y = 0.8 * (x - 1.0);
    close(0.2 * ((0.8 * x).exp() - y * y.exp()), 0.55);
    let params = json!({"model": "M/D/k", "lam": 0.8, "mu": 1, "k": 1});
    close(value(params, "W_p5500"), x);
    // Laws with corners are not inverted.
    let cornered = Mg1 {
        lam: 0.8,
        service: Dist::Uniform { lo: 0.0, hi: 2.0 },
    };
    assert_eq!(
        crate::theory::inversion::mg1_sojourn_quantile(&cornered, 0.9),
        None
    );
    // Pooled servers: the sojourn's tail integrates to its mean.
    let many = Mmk {
        lam: 2.4,
        mu: 1.0,
        servers: 3,
    };
    let levels = 20_000;
    let levels = (0..levels).map(|index| (f64::from(index) + 0.5) / f64::from(levels));
    let mean = levels
        .map(|level| many.sojourn_quantile(level))
        .sum::<f64>()
        / 20_000.0;
    assert!(
        (mean / (many.number_mean() / 2.4) - 1.0).abs() < 1e-4,
        "{mean}"
    );
    // GI/M/1 with exponential arrivals.
    let general = json!({"model": "GI/M/1", "mu": 1, "arrival": {"dist": "exp", "mean": 1.25}});
    close(value(general.clone(), "T_p99"), one.sojourn_quantile(0.99));
    close(value(general, "sigma"), 0.8);
}

#[test]
fn times_of_a_tagged_customer_have_their_moments() {
    let queue = Mm1 { lam: 0.6, mu: 1.0 };
    let general = Mg1 {
        lam: 0.6,
        service: Dist::Exp { mean: 1.0 },
    };
    for (ending, variance) in [
        (Ending::Last, general.busy_variance()),
        (Ending::Random, queue.sharing_variance()),
    ] {
        let law = TaggedTime::new(queue, ending, 1e-13);
        // Mean and second moment by integrals of the tail.
        let step = 0.01;
        let (mut mean, mut second) = (step / 2.0, 0.0);
        for index in 1..30_000 {
            let x = step * f64::from(index);
            let tail = law.tail(x);
            mean += step * tail;
            second += step * 2.0 * x * tail;
            if tail < 1e-12 {
                break;
            }
        }
        assert!(
            (mean / queue.sojourn_mean() - 1.0).abs() < 1e-5,
            "{ending:?} {mean}"
        );
        let expected = variance + queue.sojourn_mean().powi(2);
        assert!(
            (second / expected - 1.0).abs() < 1e-5,
            "{ending:?} {second} {expected}"
        );
    }
    // Waits in random order, with probability rho, are such times.
    let wait = general.ros_wait_second();
    close(
        0.6 * (queue.sharing_variance() + queue.sojourn_mean().powi(2)),
        wait,
    );
}

#[test]
fn classes_together_are_one_queue() {
    let params = |discipline: &str| {
        json!({"model": "M/G/1", "discipline": discipline, "classes": [
            {"lam": 0.2, "m1": 0.5, "m2": 0.25}, {"lam": 0.3, "m1": 1, "m2": 2}, {"lam": 0.1, "m1": 3, "m2": 18}]})
    };
    // Conservation: sum of load times wait does not depend on the order of the classes.
    let wait = |class: u32| value(params("non-preemptive"), &format!("E_W_c{class}"));
    let (loads, rho) = ([0.1, 0.3, 0.3], 0.7);
    let conserved: f64 = (1..=3)
        .zip(loads)
        .map(|(class, load)| load * wait(class))
        .sum();
    let found = (0.2 * 0.25 + 0.3 * 2.0 + 0.1 * 18.0) / 2.0;
    close(conserved, rho * found / (1.0 - rho));
    // One class is an M/G/1.
    let one = json!({"model": "M/G/1", "discipline": "preemptive-resume", "classes": [{"lam": 0.7, "m1": 1, "m2": 2}]});
    close(value(one.clone(), "E_T_c1"), 1.0 / 0.3);
    close(value(one, "Var_T_c1"), 1.0 / 0.09);
    // With one exponential law the total does not depend on the discipline, for any k.
    for k in [1, 3] {
        let classes = json!([{"lam": 0.3 * f64::from(k)}, {"lam": 0.1 * f64::from(k)}, {"lam": 0.4 * f64::from(k)}]);
        let all = value(
            json!({"model": "M/M/k", "lam": 0.8 * f64::from(k), "mu": 1, "k": k}),
            "E_N",
        );
        for discipline in ["non-preemptive", "preemptive-resume"] {
            let params = json!({"model": "M/M/k", "mu": 1, "k": k, "discipline": discipline, "classes": classes});
            close(value(params.clone(), "E_N"), all);
            let sum: f64 = (1..=3)
                .map(|class| value(params.clone(), &format!("E_N_c{class}")))
                .sum();
            close(sum, all);
        }
    }
}

#[test]
fn sharing_conserves_and_equal_weights_are_plain() {
    let dps = |weights: [f64; 2]| {
        json!({"model": "M/M/1-DPS", "classes": [
            {"lam": 0.3, "mu": 1, "weight": weights[0]}, {"lam": 0.1, "mu": 0.25, "weight": weights[1]}]})
    };
    let plain = json!({"model": "M/G/1-PS multiclass", "classes": [{"lam": 0.3, "mean": 1}, {"lam": 0.1, "mean": 4}]});
    for metric in ["E_T_c1", "E_T_c2", "E_N"] {
        close(value(dps([2.0, 2.0]), metric), value(plain.clone(), metric));
    }
    let nearly = [1.0, 1.0 + 1e-9];
    assert!((value(dps(nearly), "E_T_c1") / value(plain, "E_T_c1") - 1.0).abs() < 1e-8);
    // Mean work present, sum of E[N] times the mean size, does not depend on the weights.
    let work = |weights| value(dps(weights), "E_N_c1") + 4.0 * value(dps(weights), "E_N_c2");
    close(work([5.0, 1.0]), work([1.0, 3.0]));
    // All weight to one class is preemption.
    let urgent = json!({"model": "M/G/1", "discipline": "preemptive-resume", "classes": [
        {"lam": 0.3, "m1": 1, "m2": 2}, {"lam": 0.1, "m1": 4, "m2": 32}]});
    for metric in ["E_T_c1", "E_T_c2"] {
        assert!(
            (value(dps([1e9, 1.0]), metric) / value(urgent.clone(), metric) - 1.0).abs() < 1e-7
        );
    }
}

#[test]
fn impatience_balances_and_has_its_limits() {
    for (lam, k, patience) in [
        (0.8, 1, json!({"dist": "det", "value": 2.0})),
        (1.5, 1, json!({"dist": "det", "value": 4.0})),
        (5.5, 5, json!({"dist": "det", "value": 0.7})),
        (5.5, 5, json!({"dist": "uniform", "lo": 0.5, "hi": 2.0})),
    ] {
        let params =
            json!({"model": "M/M/k+D", "lam": lam, "mu": 1.0, "k": k, "patience": patience});
        // Services completed balance customers served, and, with one server, its busy time.
        let served = lam * (1.0 - value(params.clone(), "P_abandon"));
        let busy = value(params.clone(), "E_N") - value(params.clone(), "E_Nq");
        close(served, busy);
        if k == 1 {
            close(served, 1.0 - value(params.clone(), "P_N0"));
            close(value(params.clone(), "P_wait"), 1.0 - value(params, "P_N0"));
        }
    }
    // Exponential patience by the integral and by the birth and death process.
    let params = json!({"model": "M/M/k+M", "lam": 55, "mu": 1, "k": 50, "theta": 0.5});
    let queue = crate::theory::impatience::Impatient {
        lam: 55.0,
        mu: 1.0,
        servers: 50,
        patience: Dist::Exp { mean: 2.0 },
    };
    let law = queue.erlang_a().unwrap();
    close(value(params.clone(), "E_N"), law.mean());
    close(
        value(params.clone(), "P_abandon"),
        0.5 * law.excess(50) / 55.0,
    );
    close(value(params, "P_wait"), 1.0 - law.at_most(49));
    let constant =
        |value: f64| json!({"model": "M/M/1+D", "lam": 0.8, "mu": 1.0, "patience": value});
    close(value(constant(1e-12), "P_abandon"), 0.8 / 1.8);
    close(value(constant(300.0), "E_W_all"), 4.0);
    close(value(constant(300.0), "E_W"), 4.0);
    // Servers enough for nearly all.
    let params = json!({"model": "M/M/k+M", "lam": 100, "mu": 1, "k": 1000, "theta": 0.5});
    close(value(params, "E_N"), 100.0);
    // At thrice the capacity, waits are the whole patience but for what one service brings.
    let crowded = json!({"model": "M/M/1+D", "lam": 3.0, "mu": 1.0, "patience": 1000.0});
    close(value(crowded.clone(), "P_abandon"), 2.0 / 3.0);
    close(value(crowded, "E_W"), 1000.0 - 0.5);
    // Two exponentials: the density integrated by hand for lam = mu.
    let equal = json!({"model": "M/M/1+D", "lam": 1.0, "mu": 1.0, "patience": 3.0});
    close(value(equal.clone(), "P_abandon"), 1.0 / (1.0 + 3.0 + 1.0));
    close(value(equal, "E_W_all"), (4.5 + 3.0) / 5.0);
}

#[test]
fn rates_that_vary_follow_the_differential_equation() {
    // dm/dt = lam(t) - mu m, by Runge and Kutta.
    let lam = |t: f64| 10.0 + 5.0 * (2.0 * std::f64::consts::PI * t / 24.0).sin();
    let (mut m, step) = (0.0, 0.001);
    for index in 0..24_000 {
        let t = f64::from(index) * step;
        let slope = |t: f64, m: f64| lam(t) - 0.5 * m;
        let a = slope(t, m);
        let b = slope(t + step / 2.0, m + a * step / 2.0);
        let c = slope(t + step / 2.0, m + b * step / 2.0);
        let d = slope(t + step, m + c * step);
        m += step / 6.0 * (a + 2.0 * b + 2.0 * c + d);
    }
    let params = json!({"model": "Mt/M/inf", "lam_t": "10+5*sin(2*pi*t/24)", "mu": 0.5});
    close(value(params, "E_N_t24"), m);
    // Piecewise: each piece relaxes towards its own level.
    let params = json!({"model": "Mt/M/inf", "lam_t": [[0, 4], [10, 1]], "mu": 0.5});
    let at_10 = 8.0 * (1.0 - (-5.0_f64).exp());
    close(
        value(params, "E_N_t24"),
        2.0 + (at_10 - 2.0) * (-7.0_f64).exp(),
    );
    // Constant service sees the last arrivals only.
    let params = json!({"model": "Mt/G/inf", "lam_t": "t", "service": {"dist": "det", "value": 2}});
    close(value(params, "E_N_t24"), 46.0);
}

#[test]
fn networks_agree_among_themselves() {
    let demands = [1.0, 0.8, 0.5];
    for (think, customers) in [(20.0, 50), (0.0, 7), (3.0, 1)] {
        let queues = demands.map(|demand| networks::ClosedQueue { demand, servers: 1 });
        let convolved = networks::closed(&queues, think, customers).unwrap();
        let (throughput, numbers) = networks::mean_values(&demands, think, customers);
        close(convolved.throughput, throughput);
        for (law, number) in convolved.laws.iter().zip(numbers) {
            close(law.mean(), number);
        }
    }
    // Machines that fail after a think time, repaired by the servers of one station.
    let repair =
        json!({"model": "M/M/r//M", "M": 6, "r": 2, "fail_rate": 0.25, "repair_rate": 0.8});
    let closed = json!({"model": "closed", "N": 6, "Z": 4.0, "mu": [0.8], "servers": [2]});
    close(
        value(repair.clone(), "E_down"),
        value(closed.clone(), "E_N_1"),
    );
    close(value(repair, "throughput"), value(closed, "throughput"));
    // Unlimited room is a Jackson network; much room is close to it.
    let tandem = |room: Value| json!({"model": "tandem-blocking-after-service", "lam": 0.5, "mu": [1.0, 1.2], "capacity": ["inf", room]});
    close(value(tandem(json!("inf")), "E_T_system"), 2.0 + 1.0 / 0.7);
    close(value(tandem(json!(60)), "E_T_system"), 2.0 + 1.0 / 0.7);
    // A stream that goes round: two of three customers return.
    let params = json!({"model": "Jackson-open", "gamma": [0.2], "P": [[0.6666666666666666]], "mu": [1], "servers": [1]});
    close(value(params.clone(), "lam_1"), 0.6);
    close(value(params, "E_T_system"), 7.5);
}

#[test]
fn parallel_queues_at_their_limits() {
    let params = json!({"model": "random split 2x M/M/1", "lam": 1.6, "mu": 1});
    close(value(params.clone(), "E_T"), 5.0);
    close(value(params.clone(), "E_N"), 8.0);
    close(value(params.clone(), "P_empty"), 0.04);
    close(value(params, "T_p99"), 5.0 * 100_f64.ln());
    let one = json!({"model": "power-of-d mean field n->inf", "d": 1, "mu": 2.0, "rho": 0.9});
    close(value(one, "E_T"), 5.0);
    // Servers of one rate are an M/M/2.
    let same = json!({"model": "M/M/2 heterogeneous, idle fastest first, no migration", "lam": 1.6, "mu": [1, 1]});
    let plain = json!({"model": "M/M/k", "k": 2, "lam": 1.6, "mu": 1});
    for metric in ["E_N", "Var_N", "E_W", "P_wait", "W_p99", "P_N0"] {
        close(value(same.clone(), metric), value(plain.clone(), metric));
    }
    // At low load a fork waits for the larger of two services.
    let fork = json!({"model": "fork-join M/M/1 x2", "lam": 1e-9, "mu": 1});
    close(value(fork, "E_T"), 1.5);
    let round = value(
        json!({"model": "round-robin 2x M/M/1", "lam": 1.6, "mu": 1}),
        "E_T",
    );
    let shortest = value(json!({"model": "JSQ 2x M/M/1", "lam": 1.6, "mu": 1}), "E_T");
    let pooled = value(
        json!({"model": "M/M/k", "k": 2, "lam": 1.6, "mu": 1}),
        "E_T",
    );
    assert!(pooled < shortest && shortest < round && round < 5.0);
}

#[test]
fn busy_periods_of_constant_service_have_borels_law() {
    // P(n served) = exp(-rho n) (rho n)^(n - 1) / n!.
    let (rho, service) = (0.6_f64, 2.0);
    let (mut mean, mut second, mut ln_factorial) = (0.0, 0.0, 0.0);
    for n in 1..2000 {
        let n = f64::from(n);
        ln_factorial += n.ln();
        let p = ((n - 1.0) * (rho * n).ln() - rho * n - ln_factorial).exp();
        mean += p * n * service;
        second += p * n * n * service * service;
    }
    let params = json!({"model": "M/D/1 busy period", "lam": rho / service, "service": {"dist": "det", "value": service}});
    close(value(params.clone(), "E_B"), mean);
    close(value(params, "Var_B"), second - mean * mean);
}

#[test]
fn constant_arrivals_and_service_never_wait() {
    let params = json!({"model": "D/D/1", "lam": 1.0, "service": {"dist": "det", "value": 0.7}});
    for (metric, expected) in [
        ("E_T", 0.7),
        ("E_W", 0.0),
        ("E_N", 0.7),
        ("P_N0", 0.3),
        ("Var_N", 0.21),
        ("T_p99", 0.7),
    ] {
        close(value(params.clone(), metric), expected);
    }
}

#[test]
fn an_empty_queue_fills_as_the_equations_say() {
    // Kolmogorov's equations by Runge and Kutta, for a load above 1.
    let (lam, mu, states, step) = (1.3, 1.0, 60_usize, 0.005);
    let slope = |p: &[f64]| -> Vec<f64> {
        let rate = |n: usize| {
            let from_below = if n > 0 { lam * p[n - 1] } else { 0.0 };
            let from_above = if n + 1 < states { mu * p[n + 1] } else { 0.0 };
            from_below + from_above - p[n] * (lam + if n > 0 { mu } else { 0.0 })
        };
        (0..states).map(rate).collect()
    };
    let shifted = |p: &[f64], d: &[f64], by: f64| -> Vec<f64> {
        p.iter().zip(d).map(|(p, d)| p + by * d).collect()
    };
    let mut p = vec![0.0; states];
    p[0] = 1.0;
    for _ in 0..1000 {
        let a = slope(&p);
        let b = slope(&shifted(&p, &a, step / 2.0));
        let c = slope(&shifted(&p, &b, step / 2.0));
        let d = slope(&shifted(&p, &c, step));
        for n in 0..states {
            p[n] += step / 6.0 * (a[n] + 2.0 * b[n] + 2.0 * c[n] + d[n]);
        }
    }
    let law = mm1::transient(lam, mu, 5.0).unwrap();
    close(law.at(0), p[0]);
    close(
        law.mean(),
        p.iter().enumerate().map(|(n, p)| p * n as f64).sum(),
    );
    // After a long time, the stationary queue.
    close(
        value(
            json!({"model": "M/M/1 transient from empty", "lam": 0.5, "mu": 1, "t": 400}),
            "E_N_t",
        ),
        1.0,
    );
}
