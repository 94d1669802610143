//! M/G/1 under disciplines that look at sizes or at service received.
//!
//! Schrage and Miller, The queue M/G/1 with the shortest remaining processing time discipline,
//! Operations Research 14, 1966; Harchol-Balter, Performance Modeling and Design of Computer Systems,
//! chapters 30 to 33; second moments as in Scully, Harchol-Balter and Scheller-Wolf, SOAP: one clean
//! analysis of all age-based scheduling policies, Proc. ACM Meas. Anal. Comput. Syst. 2, 2018,
//! section 5. In all of them a customer of size x waits for the relevant work found, stretched by
//! the busy periods that it starts, and then resides until its own work is done.

use super::Dist;
use super::mg1::Mg1;
use super::numeric::quadrature::{integrate, integrate_running};

/// The disciplines of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeRule {
    /// Shortest job first, without preemption.
    Sjf,
    /// Shortest original size first, preemptive.
    Psjf,
    /// Shortest remaining size first, preemptive.
    Srpt,
    /// Least service received first.
    Fb,
}

/// Means and variances of a customer's time given its size.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Given {
    wait_mean: f64,
    wait_second: f64,
    residence_mean: f64,
    residence_variance: f64,
}

impl Given {
    fn mean(&self) -> f64 {
        self.wait_mean + self.residence_mean
    }

    fn second(&self) -> f64 {
        self.wait_second
            + 2.0 * self.wait_mean * self.residence_mean
            + self.residence_mean * self.residence_mean
            + self.residence_variance
    }
}

/// Integrals over the residence from 0 to x, which only SRPT needs.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    mean: f64,
    variance: f64,
}

/// A stable M/G/1 under one of the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeBased {
    /// Arrivals and service.
    pub queue: Mg1,
    /// Order of service.
    pub rule: SizeRule,
}

impl SizeBased {
    /// Mean sojourn; `None` for service laws with several atoms.
    #[must_use]
    pub fn sojourn_mean(&self) -> Option<f64> {
        self.expect(|_, given| given.mean())
    }

    /// `E[T^2]`.
    #[must_use]
    pub fn sojourn_second(&self) -> Option<f64> {
        self.expect(|_, given| given.second())
    }

    /// `E[W^2]` of SJF, whose waits are those before service.
    #[must_use]
    pub fn wait_second(&self) -> Option<f64> {
        self.expect(|_, given| given.wait_second)
    }

    /// Mean of sojourn divided by size; infinite if small customers wait for ever, relatively.
    #[must_use]
    pub fn slowdown(&self) -> Option<f64> {
        if self.rule == SizeRule::Sjf && self.queue.service.moment(-1.0).is_infinite() {
            return Some(f64::INFINITY);
        }
        self.expect(|x, given| given.mean() / x)
    }

    /// Mean sojourn of a customer of size `x`; `None` outside the support of the law.
    #[must_use]
    pub fn sojourn_given_size(&self, x: f64) -> Option<f64> {
        let service = &self.queue.service;
        if let Dist::Det { value } = service {
            return if *value == x {
                self.sojourn_mean()
            } else {
                None
            };
        }
        if service.density(x)? <= 0.0 {
            return None;
        }
        let panels = service.panels();
        let (first, below) = (
            panels[0].min(x),
            panels.iter().copied().filter(|end| *end < x),
        );
        let mut below: Vec<f64> = below.collect();
        below.push(x);
        let running = Running {
            mean: first + integrate(&below, |t| self.slope(t).mean),
            variance: integrate(&below, |t| self.slope(t).variance),
        };
        Some(self.given(x, running).mean())
    }

    /// E[f(size, time given size)].
    fn expect(&self, f: impl Fn(f64, &Given) -> f64) -> Option<f64> {
        let service = &self.queue.service;
        if let Dist::Det { value } = service {
            return Some(f(*value, &self.constant(*value)));
        }
        service.density(1.0)?;
        let panels = service.panels();
        let density = |x: f64| service.density(x).unwrap_or(0.0);
        if self.rule != SizeRule::Srpt {
            return Some(integrate(&panels, |x| {
                density(x) * f(x, &self.given(x, Running::default()))
            }));
        }
        // Below the smallest size nobody interferes: the residence is the size so far.
        let variance = std::cell::Cell::new((panels[0], 0.0));
        let outer = |x: f64, mean: f64| {
            // The variance's integral is carried along from node to node, which rise.
            let (from, sum) = variance.get();
            let part = integrate(&[from, x], |t| self.slope(t).variance);
            variance.set((x, sum + part));
            density(x)
                * f(
                    x,
                    &self.given(
                        x,
                        Running {
                            mean,
                            variance: sum + part,
                        },
                    ),
                )
        };
        Some(integrate_running(
            &panels,
            panels[0],
            |t| self.slope(t).mean,
            outer,
        ))
    }

    /// What SRPT's residence gains per unit of size at remaining size t.
    fn slope(&self, t: f64) -> Running {
        let (first, second, _) = self.partial(t);
        let idle = 1.0 - self.queue.lam * first;
        Running {
            mean: 1.0 / idle,
            variance: self.queue.lam * second / idle.powi(3),
        }
    }

    /// `E[X^n; X <= x]` for n = 1, 2, 3.
    fn partial(&self, x: f64) -> (f64, f64, f64) {
        let part = |n| self.queue.service.partial_moment(n, x).unwrap_or(f64::NAN);
        (part(1), part(2), part(3))
    }

    fn given(&self, x: f64, running: Running) -> Given {
        let (lam, service) = (self.queue.lam, &self.queue.service);
        let (first, second, third) = self.partial(x);
        let tail = service.tail(x);
        let idle = 1.0 - lam * first;
        match self.rule {
            SizeRule::Sjf => {
                let (m2, m3) = (service.moment(2.0), service.moment(3.0));
                Given {
                    wait_mean: lam * m2 / (2.0 * idle * idle),
                    wait_second: lam * m3 / (3.0 * idle.powi(3))
                        + lam * m2 * lam * second / idle.powi(4),
                    residence_mean: x,
                    residence_variance: 0.0,
                }
            }
            SizeRule::Psjf => {
                let found = Work::found(lam, idle, second, third);
                Given {
                    residence_mean: x / idle,
                    residence_variance: x * lam * second / idle.powi(3),
                    ..found.stretched(lam, idle, second)
                }
            }
            SizeRule::Srpt => {
                let small = Work::found(lam, idle, second, third);
                // Customers above x whose rest is below it: found with an even rest in (0, x).
                let share = lam * tail * x / idle;
                let (mean, square) = (share * x / 2.0, share * x * x / 3.0);
                let found = Work {
                    mean: small.mean + mean,
                    second: small.second + 2.0 * small.mean * mean + square,
                };
                Given {
                    residence_mean: running.mean,
                    residence_variance: running.variance,
                    ..found.stretched(lam, idle, second)
                }
            }
            SizeRule::Fb => {
                let (first, second, third) = (
                    first + x * tail,
                    second + x * x * tail,
                    third + x.powi(3) * tail,
                );
                foreground(lam, x, [first, second, third])
            }
        }
    }

    /// All sizes equal: ties are in order of arrival, which is what the first three rules become.
    fn constant(&self, value: f64) -> Given {
        if self.rule == SizeRule::Fb {
            return foreground(self.queue.lam, value, [value, value.powi(2), value.powi(3)]);
        }
        Given {
            wait_mean: self.queue.wait_mean(),
            wait_second: self.queue.wait_second(),
            residence_mean: value,
            residence_variance: 0.0,
        }
    }
}

/// Least service first: all sizes are cut at x, and the customer is done when nothing is left.
fn foreground(lam: f64, x: f64, [first, second, third]: [f64; 3]) -> Given {
    let idle = 1.0 - lam * first;
    Given {
        residence_mean: x / idle,
        residence_variance: x * lam * second / idle.powi(3),
        ..Work::found(lam, idle, second, third).stretched(lam, idle, second)
    }
}

/// First two moments of relevant work found by an arrival.
#[derive(Clone, Copy, Debug)]
struct Work {
    mean: f64,
    second: f64,
}

impl Work {
    /// Pollaczek and Khinchine for the relevant customers alone.
    fn found(lam: f64, idle: f64, second: f64, third: f64) -> Work {
        let mean = lam * second / (2.0 * idle);
        Work {
            mean,
            second: 2.0 * mean * mean + lam * third / (3.0 * idle),
        }
    }

    /// The wait: this work and the busy periods that it starts.
    fn stretched(self, lam: f64, idle: f64, second: f64) -> Given {
        Given {
            wait_mean: self.mean / idle,
            wait_second: self.second / (idle * idle) + self.mean * lam * second / idle.powi(3),
            residence_mean: 0.0,
            residence_variance: 0.0,
        }
    }
}
