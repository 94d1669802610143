//! Settings at which the original loses requests, under its rules and under corrected ones.

use kendall_llm::token_budget::{Rules, Scheduler};

use super::cases::Case;
use super::demo::{Base, Demo, SCHEDULERS};
use super::originals::original;
use super::row::Original;
use crate::token_budget::{Figure, Point};

/// A setting at which requests are lost.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultCase {
    /// What goes wrong.
    pub fault: &'static str,
    /// By the original's rules, then by corrected ones.
    pub cases: [Case; 2],
    /// How many the original serves.
    pub served: Option<Original>,
}

const CUT_CHUNK: &str = "chunk cut short";
const LONG_PROMPT: &str = "prompt above budget";
const NO_SLOT: &str = "no slot for decodes";

/// The cases of the original's faults. Requests of both rules are the same.
#[must_use]
pub fn faults(seed: u64) -> Vec<FaultCase> {
    let [decode, prefill, _] = SCHEDULERS;
    let hybrid = |decode_share| Scheduler::Hybrid { decode_share };
    let case = |fault, demo: Demo, scheduler, rate_per_s, window_s| {
        let mut setting = demo.setting(scheduler);
        (setting.load.rate_per_s, setting.load.window_s) = (rate_per_s, window_s);
        (fault, demo, setting)
    };
    let mut small_share = case(NO_SLOT, Demo::Demo2, hybrid(0.1), 2.0, 500.0);
    small_share.2.config.max_sequences = 8;
    let mut small_budget = case(LONG_PROMPT, Demo::Demo2, decode, 2.0, 150.0);
    small_budget.2.config.max_sequences = 32;
    small_budget.2.config.max_tokens = 256;
    let served = |value, std_error| Some(Original { value, std_error });
    let all = [
        (case(CUT_CHUNK, Demo::Demo3, prefill, 40.0, 200.0), None),
        (case(CUT_CHUNK, Demo::Demo3, hybrid(0.5), 40.0, 200.0), None),
        // 40 trials of the original's rules; the last is a single one.
        (
            case(LONG_PROMPT, Demo::Demo3Unchunked, decode, 2.0, 1000.0),
            served(537.35, Some(79.9)),
        ),
        (small_budget, served(22.0, None)),
        (small_share, served(0.0, Some(0.0))),
    ];
    let both = |((fault, demo, setting), own): (_, Option<Original>)| {
        let base = Base { demo, setting };
        let cases = [Rules::Orie5580, Rules::Corrected].map(|rules| {
            let mut setting = base.setting.clone();
            setting.config.rules = rules;
            let variant = match rules {
                Rules::Orie5580 => "rules=orie5580",
                Rules::Corrected => "rules=corrected",
            };
            Case {
                variant: variant.to_owned(),
                ..Case::new(&base, None, Point { setting, seed })
            }
        });
        let served = own.or_else(|| original(&cases[0].point.setting, Figure::Completed));
        FaultCase {
            fault,
            cases,
            served,
        }
    };
    all.into_iter().map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::super::cases::measure;
    use super::*;

    #[test]
    fn the_original_loses_requests_and_corrected_rules_do_not() {
        for mut fault in faults(1) {
            assert!(fault.served.is_some(), "{}", fault.fault);
            for case in &mut fault.cases {
                // Long enough for a prompt of more than 2048 tokens, one in 480.
                let load = &mut case.point.setting.load;
                load.window_s = load.window_s.min(2000.0 / load.rate_per_s);
            }
            let both = measure(&fault.cases, 4, &());
            let [own, corrected] = &both.unwrap().unwrap()[..] else {
                panic!("two cases");
            };
            assert!(own.blocked_trials > 0, "{}", fault.fault);
            assert_eq!(corrected.blocked_trials, 0, "{}", fault.fault);
        }
    }
}
