//! The checks there are, one line each.

use std::path::Path;

use kendall_validate::{
    Report, ValidateError, classics, inference_lab, queueing, studies, ticks, token_budget, vllm,
};

use crate::progress::Spinner;

/// A check by its name on the command line.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    /// What it compares.
    pub(crate) about: &'static str,
    pub(super) kind: Kind,
}

/// Where a check takes from what the engine should do.
pub(super) enum Kind {
    /// From recorded results in a folder.
    Recorded(fn(&Path, vllm::Options) -> Result<Report, ValidateError>),
    /// The same, and it takes minutes, so that it runs only by name.
    Long(fn(&Path, vllm::Options) -> Result<Report, ValidateError>),
    /// From theory and published figures; it brings its workload along.
    BuiltIn(fn() -> Result<Report, ValidateError>),
}

/// Every check. A new one is a line here and a function in `kendall-validate`.
#[rustfmt::skip]
pub(crate) const CHECKS: &[Check] = &[
    recorded("inference-lab", "times of every request against runs of the simulator inference-lab", |path, _| inference_lab::check(path)),
    long("queueing", "figures of classic queues, by theory and by simulation", |path, _| queueing_cases(path)),
    recorded("ticks", "every request and step against runs of a simulator in ticks", |path, _| ticks::check(path)),
    recorded("token-budget", "schedulers under a token budget: every request of recorded runs, and means over trials", |path, _| token_budget_cases(path)),
    recorded("vllm", "every scheduling step against schedules recorded from vLLM", vllm::check),
    built_in("mm1", "M/M/1 up to 99 % load, with what accuracy takes, and control variates", classics::mm1),
    built_in("pk", "M/G/1 against Pollaczek and Khinchine's formula", classics::pk),
    built_in("srpt", "shortest remaining service first: sojourns, and the fewest present at every instant", classics::srpt),
    built_in("mmk", "M/M/k against Erlang's delay formula", classics::mmk),
    built_in("mmk-finite", "M/M/k/K and M/G/k/k: losses, against Erlang's formula where nobody waits", classics::mmk_finite),
    built_in("jackson", "three stations with feedback against Jackson's theorem", classics::jackson),
    built_in("littles-law", "numbers present against times spent, to the nanosecond", classics::littles_law),
    built_in("utilization", "busy time against services given, to the nanosecond", classics::utilization),
    built_in("response-time-law", "sojourns against waits and services, to the nanosecond", classics::response_time_law),
    built_in("scaling-with-servers", "more servers at the same utilisation, and one fast one against many", classics::scaling_with_servers),
    built_in("llm", "request-level, iteration-level and chunked scheduling under one load", studies::overview),
    built_in("llm-ttft", "time to first token against load, request-level against M/G/1", studies::ttft),
    built_in("llm-prompt-length", "time to first token against the length of the prompt", studies::prompt_length),
    built_in("llm-batch-tradeoff", "throughput against time per token by batch size, against closed forms", studies::batch_tradeoff),
    built_in("llm-kv-bottleneck", "a KV cache too small: throughput, queueing, preemptions", studies::kv_bottleneck),
    built_in("llm-fairness", "short requests among long prompts", studies::fairness),
    built_in("llm-chunked-prefill", "the longest steps by the size of chunks", studies::chunked_prefill),
    built_in("llm-decode-stall", "what prompts do to those who decode, whole and in chunks", studies::decode_stall),
];

/// Shows which case is done, on a terminal: some take a while.
fn queueing_cases(path: &Path) -> Result<Report, ValidateError> {
    let spinner = Spinner::new();
    queueing::check(path, |case| spinner.show(&case.name))
}

/// Shows which case is done, on a terminal: all tables take a while.
fn token_budget_cases(path: &Path) -> Result<Report, ValidateError> {
    let spinner = Spinner::new();
    token_budget::check(path, |case| spinner.show(&case.name))
}

const fn recorded(
    name: &'static str,
    about: &'static str,
    check: fn(&Path, vllm::Options) -> Result<Report, ValidateError>,
) -> Check {
    let kind = Kind::Recorded(check);
    Check { name, about, kind }
}

const fn long(
    name: &'static str,
    about: &'static str,
    check: fn(&Path, vllm::Options) -> Result<Report, ValidateError>,
) -> Check {
    let kind = Kind::Long(check);
    Check { name, about, kind }
}

const fn built_in(
    name: &'static str,
    about: &'static str,
    check: fn() -> Result<Report, ValidateError>,
) -> Check {
    let kind = Kind::BuiltIn(check);
    Check { name, about, kind }
}
