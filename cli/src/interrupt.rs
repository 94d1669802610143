//! Ctrl-C: the first asks the run to end in good order, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use kendall_llm::Control;
use kendall_study::trials::Watch;

/// Exit code of a run that Ctrl-C ended.
pub(crate) const EXIT_CODE: u8 = 130;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Starts listening; without a handler the default (the process ends at once) stays.
pub(crate) fn listen() {
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(EXIT_CODE));
        }
    });
}

/// Whether Ctrl-C was pressed.
pub(crate) fn requested() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Whether to go on: until Ctrl-C is pressed.
pub(crate) fn go_on() -> Control {
    match requested() {
        true => Control::Stop,
        false => Control::Continue,
    }
}

/// Begins nothing more once Ctrl-C was pressed.
pub(crate) struct UntilInterrupt;

impl Watch for UntilInterrupt {
    fn stops(&self) -> bool {
        requested()
    }
}
