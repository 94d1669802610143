//! Progress of trials, and Ctrl-C between them.

use std::sync::Mutex;

use kendall_study::trials::{Measured, Plan, Trials, Watch};

use crate::progress::Bar;
use crate::{interrupt, output};

/// Shows how many trials are done, and stops when Ctrl-C is pressed.
pub(crate) struct Following(Mutex<Bar>);

impl Following {
    pub(crate) fn new(plan: &Plan, quiet: bool) -> Following {
        Following::over(plan.variants() as u64 * u64::from(plan.most()), quiet)
    }

    /// Follows so many trials.
    pub(crate) fn over(trials: u64, quiet: bool) -> Following {
        Following(Mutex::new(Bar::of_trials(trials, quiet)))
    }
}

impl Watch for Following {
    fn ran(&self, done: u64, planned: u64) {
        // Whoever finds the bar in use leaves it to the next.
        if let Ok(mut bar) = self.0.try_lock() {
            bar.extend(planned);
            bar.at(done);
        }
    }

    fn stops(&self) -> bool {
        interrupt::requested()
    }
}

/// Says how far interrupted trials came.
pub(crate) fn tell_interrupted<T: Measured>(trials: &Trials<T>, plan: &Plan) {
    let done: usize = (0..trials.variants())
        .map(|variant| trials.of(variant).count())
        .sum();
    let most = plan.variants() as u64 * u64::from(plan.most());
    output::note(&format!("interrupted: {done} of {most} trials are done"));
}
