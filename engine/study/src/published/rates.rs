//! The arrival rates that the original asks its rule about, and where it finds the boundary
//! (`demo4_demo2.py`, `demo4_demo3.py`, `demo4_demo3_b0_0.py` of `kh842-sudo/ORIE5580_FinalProject`).

use kendall_llm::token_budget::Scheduler;

use super::demo::Demo;

/// Rates per second: from, by, how many.
type Grid = (f64, f64, u32);

const fn grid(demo: Demo, scheduler: Scheduler) -> Grid {
    match (demo, scheduler) {
        (Demo::Demo2, Scheduler::DecodePrioritizing) => (0.5, 0.5, 7),
        (Demo::Demo2, _) => (1.0, 0.5, 8),
        (_, Scheduler::DecodePrioritizing) => (0.001, 0.005, 9),
        (_, Scheduler::PrefillPrioritizing) => (0.5, 0.5, 7),
        (Demo::Demo3, Scheduler::Hybrid { .. }) => (8.0, 0.5, 9),
        (Demo::Demo3Unchunked, Scheduler::Hybrid { .. }) => (2.0, 0.5, 7),
    }
}

/// The rates that the original takes, per second.
#[must_use]
pub fn original_rates(demo: Demo, scheduler: Scheduler) -> Vec<f64> {
    let (from, by, count) = grid(demo, scheduler);
    // In whole thousandths, so that rates are the decimals they look like.
    let thousandths = |rate: f64| (rate * 1e3).round();
    let rate = |index| (thousandths(from) + thousandths(by) * f64::from(index)) / 1e3;
    (0..count).map(rate).collect()
}

/// The middle of the boundary that the original's tables show, and half its width, per second;
/// `None` where it calls every rate unstable.
#[must_use]
pub const fn original_boundary(demo: Demo, scheduler: Scheduler) -> Option<(f64, f64)> {
    let middle = match (demo, scheduler) {
        (Demo::Demo2, Scheduler::DecodePrioritizing) => 0.75,
        (Demo::Demo2, Scheduler::PrefillPrioritizing) => 2.75,
        (Demo::Demo2, Scheduler::Hybrid { .. }) => 3.25,
        (_, Scheduler::DecodePrioritizing) => return None,
        (Demo::Demo3, Scheduler::PrefillPrioritizing) => 2.25,
        (Demo::Demo3, Scheduler::Hybrid { .. }) => 8.25,
        (Demo::Demo3Unchunked, Scheduler::PrefillPrioritizing) => 1.25,
        (Demo::Demo3Unchunked, Scheduler::Hybrid { .. }) => 2.75,
    };
    Some((middle, 0.25))
}

#[cfg(test)]
mod tests {
    use super::super::demo::SCHEDULERS;
    use super::*;

    #[test]
    fn grids_end_where_the_originals_do() {
        let ends = |demo, scheduler: usize| {
            let rates = original_rates(demo, SCHEDULERS[scheduler]);
            (rates[0], rates[rates.len() - 1])
        };
        assert_eq!(ends(Demo::Demo2, 0), (0.5, 3.5));
        assert_eq!(ends(Demo::Demo2, 2), (1.0, 4.5));
        assert_eq!(ends(Demo::Demo3, 0), (0.001, 0.041));
        assert_eq!(ends(Demo::Demo3, 1), (0.5, 3.5));
        assert_eq!(ends(Demo::Demo3, 2), (8.0, 12.0));
        assert_eq!(ends(Demo::Demo3Unchunked, 2), (2.0, 5.0));
    }

    #[test]
    fn boundaries_lie_between_neighbours_of_the_grid() {
        for demo in Demo::ALL {
            for scheduler in SCHEDULERS {
                let Some((middle, half)) = original_boundary(demo, scheduler) else {
                    continue;
                };
                let rates = original_rates(demo, scheduler);
                assert!(rates.contains(&(middle - half)) && rates.contains(&(middle + half)));
            }
        }
    }
}
