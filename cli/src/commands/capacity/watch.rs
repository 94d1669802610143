//! Progress of searches, and Ctrl-C during them.

use std::sync::Mutex;

use kendall_study::trials::Watch;

use crate::interrupt;
use crate::progress::Bar;

/// Counts the runs of all searches, and stops them when Ctrl-C is pressed.
pub(super) struct Following(Mutex<(u64, Bar)>);

impl Following {
    pub(super) fn new(quiet: bool) -> Following {
        Following(Mutex::new((0, Bar::of_runs(quiet))))
    }
}

impl Watch for Following {
    fn ran(&self, _done: u64, _planned: u64) {
        if let Ok(mut counted) = self.0.lock() {
            let (runs, bar) = &mut *counted;
            *runs += 1;
            bar.at(*runs);
        }
    }

    fn stops(&self) -> bool {
        interrupt::requested()
    }
}
