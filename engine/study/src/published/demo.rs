//! The scenarios of the studies.

use kendall_llm::token_budget::Scheduler;

use crate::token_budget::Setting;

/// The three schedulers as the studies have them.
pub const SCHEDULERS: [Scheduler; 3] = [
    Scheduler::DecodePrioritizing,
    Scheduler::PrefillPrioritizing,
    Scheduler::Hybrid { decode_share: 0.5 },
];

/// A scenario of the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demo {
    /// [`Setting::demo2`].
    Demo2,
    /// [`Setting::demo3`].
    Demo3,
    /// [`Setting::demo3_unchunked`], which is `demo3_b0_0` there.
    Demo3Unchunked,
}

impl Demo {
    /// Every scenario.
    pub const ALL: [Demo; 3] = [Demo::Demo2, Demo::Demo3, Demo::Demo3Unchunked];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Demo::Demo2 => "demo2",
            Demo::Demo3 => "demo3",
            Demo::Demo3Unchunked => "demo3-unchunked",
        }
    }

    /// The system with its load.
    #[must_use]
    pub fn setting(self, scheduler: Scheduler) -> Setting {
        match self {
            Demo::Demo2 => Setting::demo2(scheduler),
            Demo::Demo3 => Setting::demo3(scheduler),
            Demo::Demo3Unchunked => Setting::demo3_unchunked(scheduler),
        }
    }
}

/// A scenario that a study begins with: one of the original, or one that differs from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// Which it is, or was.
    pub demo: Demo,
    /// The system and its load; studies set the scheduler and what they vary.
    pub setting: Setting,
}

impl Base {
    /// The original's.
    #[must_use]
    pub fn of(demo: Demo) -> Base {
        Base {
            demo,
            setting: demo.setting(SCHEDULERS[0]),
        }
    }

    /// Whether it is the original's; window, scheduler and rules do not count.
    #[must_use]
    pub fn is_original(&self) -> bool {
        let mut own = self.demo.setting(self.setting.config.scheduler);
        own.config.rules = self.setting.config.rules;
        own.load.window_s = self.setting.load.window_s;
        own == self.setting
    }

    /// Under a scheduler.
    pub(super) fn under(&self, scheduler: Scheduler) -> Setting {
        let mut setting = self.setting.clone();
        setting.config.scheduler = scheduler;
        setting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kendall_llm::token_budget::Rules;

    #[test]
    fn an_original_may_have_other_windows_and_rules_only() {
        for demo in Demo::ALL {
            let mut base = Base::of(demo);
            base.setting.load.window_s = 7.0;
            base.setting.config.rules = Rules::Orie5580;
            base.setting.config.scheduler = SCHEDULERS[2];
            assert!(base.is_original(), "{}", demo.name());
            base.setting.config.max_tokens = 512;
            assert!(!base.is_original(), "{}", demo.name());
        }
    }
}
