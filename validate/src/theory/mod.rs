//! Exact queueing theory, independent of the engine.
//!
//! Nothing here uses a crate of the engine, and nothing but the standard library: special functions,
//! quadrature and linear algebra are in `numeric`. A figure is a closed form, an integral by
//! Gauss-Legendre quadrature on graded panels, or a Markov chain solved without subtractions; each
//! is good to about ten digits. Where that cannot be had the answer is `None`, never an
//! approximation. Deliberately absent: approximations, bounds, and anything simulated.
//!
//! Rates are per time unit; functions of a queue expect it to be stable unless they say otherwise.
//!
//! | queue | what is known | module | source |
//! |---|---|---|---|
//! | M/M/1 | quantiles, law of N, asymptotic variances; N at time t from empty | [`mm1`] | Kleinrock 1975; Daley 1968; Whitt 1989; Jensen 1953 |
//! | M/M/1 ROS, PS, LCFS | quantiles of W or T | [`tagged`] | uniformisation; Cohen 1984 |
//! | M/M/k, Erlang B and C | means, variances, quantiles, law of N | [`mmk`] | Kleinrock 1975; Gross and Harris |
//! | M/M/k/K, balking, machine repair, any birth and death process | law of N, asymptotic variance | [`birth_death`], [`law`] | Kleinrock 1975; Whitt 1992 |
//! | M/M/k/K | moments and quantiles of W | [`limited`] | Gross and Harris |
//! | M/G/1 FCFS, LCFS, ROS, PS, LCFS-PR | two moments of W and T, law of N, busy period | [`mg1`] | Pollaczek and Khinchine; Takács 1962; Kingman 1962; Ramaswami 1988 |
//! | M/G/1 FCFS | quantiles of W and T for smooth laws | [`inversion`] | Abate and Whitt 1995 |
//! | M/G/1 SJF, PSJF, SRPT, FB | two moments of T, slowdown, T given size | [`size_based`] | Schrage and Miller 1966; Scully et al. 2018 |
//! | M/G/1 and M/M/k with priorities | means, some variances, by class | [`priority`] | Cobham 1954; Kesten and Runnenburg 1957 |
//! | M/G/1-PS multiclass, M/M/1-DPS | means by class | [`sharing`] | Fayolle, Mitrani and Iasnogorodski 1980 |
//! | M/D/k | two moments and quantiles of W, law of N | [`mdk`] | Crommelin 1932; Franx 2001 |
//! | GI/M/1 | sigma, means, law of N | [`gim1`] | Kleinrock 1975 |
//! | M/M/k+M, M/M/1+D, M/M/k+G | abandonment, waits | [`impatience`] | Baccelli and Hebuterne 1981 |
//! | M^X/M/1, multiple vacations, setup | means, variances | [`batches`] | Gross and Harris; Levy and Yechiali 1975; Welch 1964 |
//! | MMPP(2)/M/1 | law of N | [`qbd`] | Latouche and Ramaswami 1999 |
//! | M/G/inf; Mt/G/inf from empty | law of N; mean at t | [`infinite`] | Eick, Massey and Whitt 1993 |
//! | Jackson networks, open and closed | law of N by station, throughput | [`networks`] | Jackson 1963; Buzen 1973; Reiser and Lavenberg 1980 |
//! | two stations, blocking after service | law of N by station, blocking | [`lines`] | Hunt 1956; Perros 1994 |
//! | JSQ of two, power of d, fork-join of two, servers of different rates | means, law of N | [`parallel`] | Adan, Wessels and Zijm 1990; Mitzenmacher 2001; Flatto and Hahn 1984; Gumbel 1960 |
//! | symmetric polling, exhaustive and gated | mean wait | [`polling`] | Takagi 1986 |
//! | multirate loss | occupancy, loss by class | [`multirate`] | Kaufman 1981; Roberts 1981 |

pub mod batches;
pub mod birth_death;
pub mod dist;
pub mod gim1;
pub mod impatience;
pub mod infinite;
pub mod inversion;
pub mod law;
pub mod limited;
pub mod lines;
pub mod mdk;
pub mod mg1;
pub mod mm1;
pub mod mmk;
pub mod multirate;
pub mod networks;
pub mod parallel;
pub mod polling;
pub mod priority;
pub mod qbd;
pub mod sharing;
pub mod size_based;
pub mod tagged;

mod numeric;

pub use dist::Dist;
pub use law::NumberLaw;
