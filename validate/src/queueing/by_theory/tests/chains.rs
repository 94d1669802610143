//! Formulas against chains with a cut far in the tail.

use serde_json::json;

use super::chain::Chain;
use super::{close, value};

#[test]
fn limited_room() {
    let params = json!({"model": "M/M/k/K", "lam": 2.5, "mu": 1.0, "k": 2, "K": 6});
    let chain = Chain::solve(0_u32, |&n| {
        let mut to = vec![];
        if n < 6 {
            to.push((n + 1, 2.5));
        }
        if n > 0 {
            to.push((n - 1, f64::from(n.min(2))));
        }
        to
    });
    let mean = chain.mean(|&n| f64::from(n));
    let lost = chain.probability(|&n| n == 6);
    close(value(params.clone(), "E_N"), mean);
    close(value(params.clone(), "P_loss"), lost);
    close(value(params.clone(), "throughput"), 2.5 * (1.0 - lost));
    close(value(params.clone(), "E_T"), mean / (2.5 * (1.0 - lost)));
    close(
        value(params.clone(), "E_W"),
        mean / (2.5 * (1.0 - lost)) - 1.0,
    );
    close(
        value(params.clone(), "P_wait"),
        chain.probability(|&n| (2..6).contains(&n)),
    );
    close(
        value(params.clone(), "Var_N"),
        chain.mean(|&n| (f64::from(n) - mean).powi(2)),
    );
    // The tail of the wait beyond its 0.9 quantile is 0.1, by waits given what is found.
    let x = value(params, "W_p90");
    let tail: f64 = (2..6)
        .map(|n: usize| {
            let departures = n - 1;
            let poisson = |j: usize| {
                (-2.0 * x).exp() * (2.0 * x).powi(j as i32) / (1..=j).product::<usize>() as f64
            };
            chain.law[chain
                .states
                .iter()
                .position(|&state| state as usize == n)
                .unwrap()]
                * (0..departures).map(poisson).sum::<f64>()
        })
        .sum();
    close(tail / (1.0 - lost), 0.1);
}

#[test]
fn loss_does_not_depend_on_the_law_of_service() {
    // Hyperexponential service: servers busy with each kind.
    let (p, rates) = ([0.3, 0.7], [0.5, 3.0]);
    let chain = Chain::solve((0_u32, 0_u32), |&(a, b)| {
        let mut to = vec![];
        if a + b < 4 {
            to.extend([((a + 1, b), 2.0 * p[0]), ((a, b + 1), 2.0 * p[1])]);
        }
        if a > 0 {
            to.push(((a - 1, b), f64::from(a) * rates[0]));
        }
        if b > 0 {
            to.push(((a, b - 1), f64::from(b) * rates[1]));
        }
        to
    });
    let params = json!({"model": "M/G/k/k", "lam": 2.0, "k": 4, "service": {"dist": "hyperexp", "p": p, "rates": rates}});
    close(
        value(params.clone(), "P_loss"),
        chain.probability(|&(a, b)| a + b == 4),
    );
    close(
        value(params.clone(), "E_N"),
        chain.mean(|&(a, b)| f64::from(a + b)),
    );
    let mean = p[0] / rates[0] + p[1] / rates[1];
    let constant =
        json!({"model": "M/D/k/k", "lam": 2.0, "k": 4, "service": {"dist": "det", "value": mean}});
    close(value(constant, "P_loss"), value(params, "P_loss"));
}

#[test]
fn phase_type_service_and_arrivals() {
    // M/E2/1: number and phases left of the one in service.
    let chain = Chain::solve((0_u32, 0_u32), |&(n, left)| {
        let mut to = vec![];
        if n < 400 {
            to.push(((n + 1, if n == 0 { 2 } else { left }), 0.6));
        }
        match (n, left) {
            (0, _) => {}
            (_, 2) => to.push(((n, 1), 2.0)),
            (1, _) => to.push(((0, 0), 2.0)),
            _ => to.push(((n - 1, 2), 2.0)),
        }
        to
    });
    let params =
        json!({"model": "M/G/1", "lam": 0.6, "service": {"dist": "erlang", "k": 2, "mean": 1.0}});
    let mean = chain.mean(|s| f64::from(s.0));
    close(value(params.clone(), "E_N"), mean);
    close(
        value(params.clone(), "Var_N"),
        chain.mean(|s| (f64::from(s.0) - mean).powi(2)),
    );
    for n in [0, 1, 4, 20] {
        close(
            value(params.clone(), &format!("P_N_le_{n}")),
            chain.probability(|s| s.0 <= n),
        );
    }
    // E2/M/1, which is also one of two queues served in turn.
    let chain = Chain::solve((0_u32, 0_u32), |&(n, phase)| {
        let mut to = vec![];
        if phase == 0 {
            to.push(((n, 1), 1.5));
        } else if n < 400 {
            to.push(((n + 1, 0), 1.5));
        }
        if n > 0 {
            to.push(((n - 1, phase), 1.0));
        }
        to
    });
    let mean = chain.mean(|s| f64::from(s.0));
    let params = json!({"model": "GI/M/1", "mu": 1.0, "arrival": {"dist": "erlang", "k": 2, "mean": 2.0 / 1.5}});
    close(value(params.clone(), "E_N"), mean);
    close(
        value(params.clone(), "Var_N"),
        chain.mean(|s| (f64::from(s.0) - mean).powi(2)),
    );
    close(value(params, "P_N_le_3"), chain.probability(|s| s.0 <= 3));
    let params = json!({"model": "round-robin 2x M/M/1", "lam": 1.5, "mu": 1.0});
    close(value(params, "E_T"), mean / 0.75);
}

#[test]
fn preemptive_priorities_with_two_servers() {
    let chain = Chain::solve((0_u32, 0_u32), |&(a, b)| {
        let mut to = vec![];
        if a < 90 {
            to.push(((a + 1, b), 0.7));
        }
        if b < 130 {
            to.push(((a, b + 1), 0.5));
        }
        let urgent = a.min(2);
        if urgent > 0 {
            to.push(((a - 1, b), f64::from(urgent)));
        }
        let rest = b.min(2 - urgent);
        if rest > 0 {
            to.push(((a, b - 1), f64::from(rest)));
        }
        to
    });
    let params = json!({"model": "M/M/k", "k": 2, "mu": 1.0, "discipline": "preemptive-resume",
        "classes": [{"lam": 0.7}, {"lam": 0.5}]});
    close(
        value(params.clone(), "E_N_c1"),
        chain.mean(|s| f64::from(s.0)),
    );
    close(
        value(params.clone(), "E_N_c2"),
        chain.mean(|s| f64::from(s.1)),
    );
    close(
        value(params, "E_T_c2"),
        chain.mean(|s| f64::from(s.1)) / 0.5,
    );
}

#[test]
fn discriminatory_sharing() {
    let (weights, mus) = ([3.0, 1.0], [1.0, 2.0]);
    let chain = Chain::solve((0_u32, 0_u32), |&(a, b)| {
        let mut to = vec![];
        if a < 90 {
            to.push(((a + 1, b), 0.3));
        }
        if b < 90 {
            to.push(((a, b + 1), 0.5));
        }
        let shares = [weights[0] * f64::from(a), weights[1] * f64::from(b)];
        if a > 0 {
            to.push(((a - 1, b), mus[0] * shares[0] / (shares[0] + shares[1])));
        }
        if b > 0 {
            to.push(((a, b - 1), mus[1] * shares[1] / (shares[0] + shares[1])));
        }
        to
    });
    let params = json!({"model": "M/M/1-DPS", "classes": [
        {"lam": 0.3, "mu": 1.0, "weight": 3}, {"lam": 0.5, "mean": 0.5, "weight": 1}]});
    close(
        value(params.clone(), "E_N_c1"),
        chain.mean(|s| f64::from(s.0)),
    );
    close(value(params, "E_N_c2"), chain.mean(|s| f64::from(s.1)));
}

#[test]
fn fastest_idle_server_first() {
    // Fast busy, slow busy, waiting; the slow server keeps its customer.
    let chain = Chain::solve((false, false, 0_u32), |&(fast, slow, waiting)| {
        let mut to = vec![];
        match (fast, slow) {
            (false, _) => to.push(((true, slow, 0), 1.4)),
            (true, false) => to.push(((true, true, 0), 1.4)),
            (true, true) if waiting < 200 => to.push(((true, true, waiting + 1), 1.4)),
            _ => {}
        }
        if fast {
            to.push(((waiting > 0, slow, waiting.saturating_sub(1)), 1.5));
        }
        if slow {
            to.push(((fast, waiting > 0, waiting.saturating_sub(1)), 0.5));
        }
        to
    });
    let number = |s: &(bool, bool, u32)| {
        f64::from(u8::from(s.0)) + f64::from(u8::from(s.1)) + f64::from(s.2)
    };
    // The slow one is listed first.
    let params = json!({"model": "M/M/2 heterogeneous, idle fastest first, no migration", "lam": 1.4, "mu": [0.5, 1.5]});
    let mean = chain.mean(number);
    close(value(params.clone(), "E_N"), mean);
    close(
        value(params.clone(), "Var_N"),
        chain.mean(|s| (number(s) - mean).powi(2)),
    );
    close(value(params.clone(), "util_1"), chain.probability(|s| s.1));
    close(value(params.clone(), "util_2"), chain.probability(|s| s.0));
    close(
        value(params.clone(), "P_wait"),
        chain.probability(|s| s.0 && s.1),
    );
    close(
        value(params.clone(), "E_W"),
        chain.mean(|s| f64::from(s.2)) / 1.4,
    );
    close(
        value(params, "P_empty"),
        chain.probability(|s| number(s) == 0.0),
    );
}

#[test]
fn join_the_shorter_queue() {
    let chain = Chain::solve((0_u32, 0_u32), |&(a, b)| {
        let mut to = vec![];
        let (first, second) = match a.cmp(&b) {
            std::cmp::Ordering::Less => (1.6, 0.0),
            std::cmp::Ordering::Equal => (0.8, 0.8),
            std::cmp::Ordering::Greater => (0.0, 1.6),
        };
        if first > 0.0 && a < 80 {
            to.push(((a + 1, b), first));
        }
        if second > 0.0 && b < 80 {
            to.push(((a, b + 1), second));
        }
        if a > 0 {
            to.push(((a - 1, b), 1.0));
        }
        if b > 0 {
            to.push(((a, b - 1), 1.0));
        }
        to
    });
    let params = json!({"model": "JSQ 2x M/M/1", "lam": 1.6, "mu": 1.0, "tie": "random"});
    let mean = chain.mean(|s| f64::from(s.0 + s.1));
    close(value(params.clone(), "E_N"), mean);
    close(
        value(params.clone(), "Var_N"),
        chain.mean(|s| (f64::from(s.0 + s.1) - mean).powi(2)),
    );
    close(
        value(params.clone(), "P_N_le_20"),
        chain.probability(|s| s.0 + s.1 <= 20),
    );
    close(value(params.clone(), "E_N_2"), mean / 2.0);
    close(
        value(params, "P_empty"),
        chain.probability(|s| *s == (0, 0)),
    );
}

#[test]
fn blocking_after_service() {
    // Number at station 1, at station 2, server 1 blocked.
    let (lam, mu, room) = (0.5, [1.2, 0.9], 2);
    let chain = Chain::solve((0_u32, 0_u32, false), |&(a, b, blocked)| {
        let mut to = vec![];
        if a < 250 {
            to.push(((a + 1, b, blocked), lam));
        }
        if a > 0 && !blocked {
            to.push((
                if b < room {
                    (a - 1, b + 1, false)
                } else {
                    (a, b, true)
                },
                mu[0],
            ));
        }
        if b > 0 {
            to.push((
                if blocked {
                    (a - 1, b, false)
                } else {
                    (a, b - 1, false)
                },
                mu[1],
            ));
        }
        to
    });
    let params = json!({"model": "tandem-blocking-after-service", "lam": lam, "mu": mu, "capacity": ["inf", room]});
    close(
        value(params.clone(), "E_N_1"),
        chain.mean(|s| f64::from(s.0)),
    );
    close(
        value(params.clone(), "E_N_2"),
        chain.mean(|s| f64::from(s.1)),
    );
    close(
        value(params.clone(), "P_blocked"),
        chain.probability(|s| s.2),
    );
    close(
        value(params, "P_empty"),
        chain.probability(|s| s.0 + s.1 == 0),
    );
    let line = json!({"model": "saturated 2-station line, blocking after service", "mu": mu, "capacity2": room});
    let chain = Chain::solve(0_u32, |&n| {
        let mut to = vec![];
        if n < 3 {
            to.push((n + 1, mu[0]));
        }
        if n > 0 {
            to.push((n - 1, mu[1]));
        }
        to
    });
    close(
        value(line.clone(), "throughput"),
        mu[1] * chain.probability(|&n| n > 0),
    );
    close(value(line, "P_blocked"), chain.probability(|&n| n == 3));
}

#[test]
fn gated_and_exhaustive_polling() {
    // Two queues, exponential service and switch-over. Serving: which, how many to go under the
    // gate; switching to a queue: 0 to go.
    type State = ([u32; 2], usize, u32, bool);
    for gated in [true, false] {
        let arrive = |n: [u32; 2], queue: usize| {
            let mut n = n;
            n[queue] += 1;
            n
        };
        let chain = Chain::solve(([0, 0], 0, 0, true), |&(n, at, gate, walking): &State| {
            let mut to = vec![];
            for queue in [0, 1] {
                if n[queue] < 28 {
                    to.push(((arrive(n, queue), at, gate, walking), 0.2));
                }
            }
            if walking {
                // Arrives at `at`.
                let there = n[at];
                to.push((
                    if there > 0 {
                        (n, at, if gated { there } else { 1 }, false)
                    } else {
                        (n, 1 - at, 0, true)
                    },
                    2.0,
                ));
            } else {
                let mut left = n;
                left[at] -= 1;
                let more = if gated { gate > 1 } else { left[at] > 0 };
                let gate = if gated { gate - 1 } else { 1 };
                to.push((
                    if more {
                        (left, at, gate, false)
                    } else {
                        (left, 1 - at, 0, true)
                    },
                    1.0,
                ));
            }
            to
        });
        let waiting = chain.mean(|s| f64::from(s.0[0] + s.0[1])) - chain.probability(|s| !s.3);
        let name = if gated {
            "cyclic polling gated"
        } else {
            "cyclic polling exhaustive"
        };
        let params = json!({"model": name, "N": 2, "lam_each": 0.2, "service": {"dist": "exp", "mean": 1.0},
            "switchover": {"dist": "exp", "mean": 0.5}});
        let wait = value(params, "E_W");
        assert!(
            (wait / (waiting / 0.4) - 1.0).abs() < 1e-7,
            "{name}: {wait}, {}",
            waiting / 0.4
        );
    }
}

#[test]
fn several_units_each() {
    let chain = Chain::solve((0_u32, 0_u32), |&(a, b)| {
        let mut to = vec![];
        let free = 7 - a - 3 * b;
        if free >= 1 {
            to.push(((a + 1, b), 2.0));
        }
        if free >= 3 {
            to.push(((a, b + 1), 0.5));
        }
        if a > 0 {
            to.push(((a - 1, b), f64::from(a)));
        }
        if b > 0 {
            to.push(((a, b - 1), f64::from(b) / 2.0));
        }
        to
    });
    let params = json!({"model": "multirate loss", "C": 7, "classes": [
        {"lam": 2.0, "mean": 1.0, "units": 1}, {"lam": 0.5, "mean": 2.0, "units": 3}]});
    let lost = [
        chain.probability(|s| s.0 + 3 * s.1 == 7),
        chain.probability(|s| s.0 + 3 * s.1 > 4),
    ];
    close(value(params.clone(), "P_loss_c1"), lost[0]);
    close(value(params.clone(), "P_loss_c2"), lost[1]);
    close(
        value(params.clone(), "P_loss"),
        (2.0 * lost[0] + 0.5 * lost[1]) / 2.5,
    );
    close(
        value(params.clone(), "E_units"),
        chain.mean(|s| f64::from(s.0 + 3 * s.1)),
    );
    close(value(params, "E_N_c2"), chain.mean(|s| f64::from(s.1)));
}

#[test]
fn closed_networks_with_several_servers() {
    // Thinking, at station 1 (two servers), at station 2; five customers.
    let chain = Chain::solve((5_u32, 0_u32), |&(thinking, a)| {
        let b = 5 - thinking - a;
        let mut to = vec![];
        if thinking > 0 {
            to.push(((thinking - 1, a + 1), f64::from(thinking) / 3.0));
        }
        if a > 0 {
            to.push(((thinking, a - 1), f64::from(a.min(2)) / 1.6));
        }
        if b > 0 {
            to.push(((thinking + 1, a), 1.0 / 0.7));
        }
        to
    });
    let params =
        json!({"model": "closed", "N": 5, "Z": 3.0, "demands": [1.6, 0.7], "servers": [2, 1]});
    let throughput = chain.mean(|s| f64::from(s.0)) / 3.0;
    close(value(params.clone(), "throughput"), throughput);
    close(
        value(params.clone(), "E_N_1"),
        chain.mean(|s| f64::from(s.1)),
    );
    close(
        value(params.clone(), "E_N_2"),
        chain.mean(|s| f64::from(5 - s.0 - s.1)),
    );
    close(
        value(params.clone(), "util_1"),
        chain.mean(|s| f64::from(s.1.min(2))) / 2.0,
    );
    close(value(params, "E_R_total"), 5.0 / throughput - 3.0);
}

#[test]
fn batches_vacations_setups_and_modulated_arrivals() {
    // Geometric batches of mean 2.
    let chain = Chain::solve(0_u32, |&n| {
        let sizes = (1..60).map(|size| ((n + size).min(600), 0.35 * 0.5_f64.powi(size as i32)));
        let mut to: Vec<_> = sizes.collect();
        if n > 0 {
            to.push((n - 1, 1.0));
        }
        to
    });
    let params = json!({"model": "M^X/M/1", "lam_batch": 0.35, "mu": 1.0, "batch": {"dist": "geometric", "mean": 2}});
    let mean = chain.mean(|&n| f64::from(n));
    close(value(params.clone(), "E_N"), mean);
    close(
        value(params.clone(), "Var_N"),
        chain.mean(|&n| (f64::from(n) - mean).powi(2)),
    );
    close(value(params, "P_N_le_2"), chain.probability(|&n| n <= 2));
    // Away (on vacation or in setup) or serving.
    for setup in [false, true] {
        let chain = Chain::solve((0_u32, true), |&(n, away)| {
            let mut to = vec![];
            if n < 300 {
                to.push(((n + 1, away), 0.6));
            }
            // Multiple vacations: one that finds nobody is followed by the next. A setup only runs
            // once somebody is there.
            if away && n > 0 {
                to.push(((n, false), 0.5));
            }
            if !away {
                to.push(((n - 1, n == 1), 1.0));
            }
            to
        });
        // With exponential times the two models are one chain.
        let law = json!({"dist": "exp", "mean": 2.0});
        let params = if setup {
            json!({"model": "M/M/1 setup", "lam": 0.6, "mu": 1.0, "setup": law})
        } else {
            json!({"model": "M/M/1 multiple vacations", "lam": 0.6, "mu": 1.0, "vacation": law})
        };
        let mean = chain.mean(|s| f64::from(s.0));
        close(value(params.clone(), "E_N"), mean);
        close(
            value(params.clone(), "Var_N"),
            chain.mean(|s| (f64::from(s.0) - mean).powi(2)),
        );
        close(value(params, "P_N0"), chain.probability(|s| s.0 == 0));
    }
    let chain = Chain::solve((0_u32, 0_usize), |&(n, phase)| {
        let mut to = vec![((n, 1 - phase), [0.3, 0.2][phase])];
        if n < 500 {
            to.push(((n + 1, phase), [1.1, 0.3][phase]));
        }
        if n > 0 {
            to.push(((n - 1, phase), 1.0));
        }
        to
    });
    let params =
        json!({"model": "MMPP2/M/1", "mu": 1.0, "rates": [1.1, 0.3], "switch": [0.3, 0.2]});
    let mean = chain.mean(|s| f64::from(s.0));
    close(value(params.clone(), "E_N"), mean);
    close(
        value(params.clone(), "Var_N"),
        chain.mean(|s| (f64::from(s.0) - mean).powi(2)),
    );
    close(value(params, "P_N_le_5"), chain.probability(|s| s.0 <= 5));
}

#[test]
fn open_networks_with_several_servers() {
    let chain = Chain::solve((0_u32, 0_u32), |&(a, b)| {
        let mut to = vec![];
        if a < 70 {
            to.push(((a + 1, b), 0.8));
        }
        if a > 0 && b < 70 {
            to.push(((a - 1, b + 1), f64::from(a.min(2)) * 0.75));
        }
        if a > 0 {
            to.push(((a - 1, b), f64::from(a.min(2)) * 0.25));
        }
        if b > 0 && a < 70 {
            to.push(((a + 1, b - 1), 0.3 * 1.5));
        }
        if b > 0 {
            to.push(((a, b - 1), 0.7 * 1.5));
        }
        to
    });
    let params = json!({"model": "Jackson-open", "gamma": [0.8, 0], "P": [[0, 0.75], [0.3, 0]],
        "mu": [1.0, 1.5], "servers": [2, 1]});
    close(
        value(params.clone(), "E_N_1"),
        chain.mean(|s| f64::from(s.0)),
    );
    close(
        value(params.clone(), "E_N_2"),
        chain.mean(|s| f64::from(s.1)),
    );
    close(
        value(params.clone(), "E_T_system"),
        chain.mean(|s| f64::from(s.0 + s.1)) / 0.8,
    );
    close(
        value(params, "P_empty"),
        chain.probability(|s| *s == (0, 0)),
    );
}

#[test]
fn constant_service_with_several_servers() {
    // Number present from one service time to the next, iterated until it settles.
    let (servers, load) = (3_usize, 2.4_f64);
    let mut arrivals = vec![(-load).exp()];
    for n in 1..60 {
        arrivals.push(arrivals[n - 1] * load / n as f64);
    }
    let mut law = vec![0.0; 300];
    law[0] = 1.0;
    for _ in 0..1500 {
        let mut next = vec![0.0; 300];
        for (n, probability) in law.iter().enumerate() {
            for (k, arrival) in arrivals.iter().enumerate() {
                next[(n.saturating_sub(servers) + k).min(299)] += probability * arrival;
            }
        }
        law = next;
    }
    let waiting: f64 = law
        .iter()
        .enumerate()
        .map(|(n, p)| p * n.saturating_sub(servers) as f64)
        .sum();
    let params = json!({"model": "M/D/k", "lam": load, "k": servers, "service": {"dist": "det", "value": 1.0}});
    close(value(params.clone(), "E_Nq"), waiting);
    close(value(params.clone(), "E_W"), waiting / load);
    close(
        value(params.clone(), "P_wait"),
        1.0 - law[0] - law[1] - law[2],
    );
    close(value(params.clone(), "P_N_le_7"), law[..8].iter().sum());
    let mean: f64 = law.iter().enumerate().map(|(n, p)| p * n as f64).sum();
    let variance = law
        .iter()
        .enumerate()
        .map(|(n, p)| p * (n as f64 - mean).powi(2));
    close(value(params.clone(), "Var_N"), variance.sum());
    // With one server, Pollaczek and Khinchine's second moment.
    let one =
        json!({"model": "M/D/k", "lam": 0.8, "k": 1, "service": {"dist": "det", "value": 1.0}});
    close(value(one, "Var_W"), 16.0 / 3.0);
    close(value(params, "P_empty"), law[0]);
}
