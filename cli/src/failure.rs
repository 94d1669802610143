//! How errors reach the user: what is wrong, why, what to do.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use kendall_io::config::{ConfigFileError, nearest};
use kendall_io::figures::FigureError;
use kendall_io::records::OutputError;
use kendall_io::trace::{TraceError, WriteError};
use kendall_kernel::stats::StatsError;
use kendall_llm::ticks::TickError;
use kendall_llm::token_budget::TokenBudgetError;
use kendall_llm::{EngineError, TooManySamples};
use kendall_queueing::ModelError;
use kendall_queueing::notation::NotationError;
use kendall_study::capacity::{CapacityError, LoadError};
use kendall_study::queueing::{NoRegeneration, WarmUpError};
use kendall_study::token_budget::TrialsError;
use kendall_study::trials::PlanError;
use kendall_study::workload::{GenerateError, ScaleError};
use kendall_study::{RunError, ScenarioError};
use kendall_validate::ValidateError;

/// An error with a remedy.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Where the fault is, if the error does not say.
    place: Option<String>,
    error: Box<dyn Error + Send + Sync>,
    hint: Option<String>,
}

impl Failure {
    /// A fault of usage that no library reports.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure {
            place: None,
            error: message.into().into(),
            hint: Some(hint.into()),
        }
    }

    fn new(error: impl Error + Send + Sync + 'static, hint: Option<String>) -> Failure {
        Failure {
            place: None,
            error: Box::new(error),
            hint,
        }
    }

    /// The same with the place of the fault: file, line and column, or an option.
    pub(crate) fn at(self, place: Option<String>) -> Failure {
        Failure { place, ..self }
    }

    /// Writes `error:`, `caused by:` and `hint:` lines to standard error.
    pub(crate) fn report(&self) {
        let place = self.place.as_ref();
        let place = place.map_or_else(String::new, |place| format!("{place}: "));
        let mut text = format!("error: {place}{}\n", self.error);
        let mut shown = self.error.to_string();
        let mut source = self.error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !shown.contains(&cause_text) {
                text.push_str(&format!("caused by: {cause_text}\n"));
            }
            shown = cause_text;
            source = cause.source();
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("hint: {hint}\n"));
        }
        // Nobody is left to tell if standard error is closed too.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// 2: usage, configuration, input or a place to write to.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(2)
    }
}

impl From<NotationError> for Failure {
    fn from(error: NotationError) -> Failure {
        let hint = error.hint();
        Failure::new(error, hint)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Failure {
        let hint = error.hint().map(str::to_owned);
        Failure::new(error, hint)
    }
}

impl From<kendall_queueing::RunError> for Failure {
    fn from(error: kendall_queueing::RunError) -> Failure {
        match error {
            kendall_queueing::RunError::Model(error) => error.into(),
            error @ kendall_queueing::RunError::Deadlock { .. } => {
                let hint = "give one of them more room (capacity), or let it turn customers away \
                            (when_full = \"lose\")";
                Failure::new(error, Some(hint.to_owned()))
            }
            error @ kendall_queueing::RunError::GapsTooShort { .. } => {
                let hint = "count time in shorter units: with rates a million times smaller the figures are the \
                            same, times a million";
                Failure::new(error, Some(hint.to_owned()))
            }
            error => Failure::new(error, None),
        }
    }
}

impl From<TrialsError> for Failure {
    fn from(error: TrialsError) -> Failure {
        let hint = match error {
            TrialsError::System(TokenBudgetError::TooManySamples(_)) => {
                "take samples further apart (--samples), or shorten token_budget.load.window_s"
            }
            _ => "kendall config FILE shows every setting; --set KEY=VALUE changes one",
        };
        Failure::new(error, Some(hint.to_owned()))
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Failure {
        Failure::new(error, None)
    }
}

impl From<NoRegeneration> for Failure {
    fn from(error: NoRegeneration) -> Failure {
        let hint = "regenerative intervals need a network that starts anew when it is empty; use \
                    intervals of batch means";
        Failure::new(error, Some(hint.to_owned()))
    }
}

impl From<WarmUpError> for Failure {
    fn from(error: WarmUpError) -> Failure {
        match error {
            WarmUpError::Run(error) => error.into(),
            error => {
                let hint = "count more customers (--customers; queueing.customers in a file), or say \
                            how many do not count (--warm-up N)";
                Failure::new(error, Some(hint.to_owned()))
            }
        }
    }
}

impl From<CapacityError> for Failure {
    fn from(error: CapacityError) -> Failure {
        let hint = match &error {
            CapacityError::OutOfRange {
                field: "attainment",
                ..
            } => "a share of the requests, for example --slo attainment=99%",
            CapacityError::OutOfRange { .. } => "kendall capacity --help shows what may be given",
            CapacityError::AlwaysGrows { .. } => {
                "some requests may never be served; kendall run shows what is left"
            }
            CapacityError::NeverGrows { .. } => {
                "runs may be too short to fill the system, or bounds too wide; raise --requests"
            }
            CapacityError::Run(_) => {
                "kendall config FILE shows every setting; --set KEY=VALUE changes one"
            }
        };
        Failure::new(error, Some(hint.to_owned()))
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Failure {
        CapacityError::from(error).into()
    }
}

impl From<StatsError> for Failure {
    fn from(error: StatsError) -> Failure {
        Failure::new(error, None)
    }
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Failure {
        let hint = error.hint();
        Failure::new(error, hint)
    }
}

impl From<ConfigFileError> for Failure {
    fn from(error: ConfigFileError) -> Failure {
        let hint = error.hint();
        Failure::new(error, hint)
    }
}

impl From<FigureError> for Failure {
    fn from(error: FigureError) -> Failure {
        let hint = "this is a defect of kendall, please report it; without -o no figure is drawn";
        Failure::new(error, Some(hint.to_owned()))
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Failure {
        let hint = Some(error.hint().to_owned());
        Failure::new(error, hint)
    }
}

impl From<ScenarioError> for Failure {
    fn from(error: ScenarioError) -> Failure {
        let hint = match &error {
            ScenarioError::UnknownName {
                kind,
                name,
                choices,
            } => {
                let close = nearest(name, choices.iter().map(String::as_str));
                let list = if *kind == "model" { "models" } else { kind };
                Some(match close {
                    Some(choice) => format!("did you mean `{choice}`?"),
                    None => format!("kendall list {list} describes them"),
                })
            }
            ScenarioError::Cost(kendall_cost::CostError::DoesNotFit { .. }) => Some(
                "spread it over more GPUs (llm.tensor_parallel), or choose larger ones \
                 (llm.hardware)"
                    .to_owned(),
            ),
            _ => Some("kendall config shows every setting; --set KEY=VALUE changes one".to_owned()),
        };
        Failure::new(error, hint)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Failure {
        match error {
            RunError::Scenario(error) => error.into(),
            RunError::Engine(ref engine) => {
                let hint = match engine {
                    EngineError::Stalled { .. } | EngineError::NoProgress { .. } => {
                        "a larger KV cache (llm.kv.num_gpu_blocks, llm.tensor_parallel) or fewer \
                         sequences at once (llm.scheduler.max_num_seqs) may let them through"
                    }
                    EngineError::TimeOverflow => "end the run earlier (--until)",
                    EngineError::TooManySamples(_) => {
                        "take samples further apart (--samples, output.samples_s), or end the run \
                         earlier (--until)"
                    }
                    EngineError::TooMany { .. } => "split the workload (--limit)",
                    EngineError::Config(_) => {
                        "kendall config shows every setting; --set KEY=VALUE changes one"
                    }
                };
                Failure::new(error, Some(hint.to_owned()))
            }
        }
    }
}

/// Of scenarios without keys for files.
impl From<TooManySamples> for Failure {
    fn from(error: TooManySamples) -> Failure {
        let hint = "take samples further apart (--samples), or end the run earlier (--until)";
        Failure::new(error, Some(hint.to_owned()))
    }
}

/// Of scenarios without keys for files.
impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        match error {
            EngineError::TooManySamples(error) => error.into(),
            error => RunError::from(error).into(),
        }
    }
}

impl From<TickError> for Failure {
    fn from(error: TickError) -> Failure {
        let hint = "kendall config FILE shows every setting; --set KEY=VALUE changes one";
        Failure::new(error, Some(hint.to_owned()))
    }
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Failure {
        let mut cause = &error;
        while let GenerateError::Tenant { source, .. } = cause {
            cause = source;
        }
        let hint = match cause {
            GenerateError::NoInverse { .. } => {
                "phase_type has none, nor zipf beyond 1048576 ranks; mixture, empirical and all others do"
            }
            GenerateError::NoTrace => {
                "[workload.generate.from_trace] names it: trace = \"FILE\", and lengths = false for gaps alone"
            }
            GenerateError::NoEffect { .. } => {
                "lengths = false under [workload.generate.from_trace] leaves lengths to laws"
            }
            GenerateError::NoRate { .. } => {
                "leave it out (a tenant does without that of all by amplitude = 0, spikes = []), or choose \
                 arrivals with a rate, such as process = \"poisson\""
            }
            _ => "kendall trace generate --help has examples",
        };
        Failure::new(error, Some(hint.to_owned()))
    }
}

impl From<ScaleError> for Failure {
    fn from(error: ScaleError) -> Failure {
        Failure::new(error, Some("use a larger --rate-scale".to_owned()))
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Failure {
        let hint = match &error {
            WriteError::BlockTokens { .. } | WriteError::HashCount { .. } => {
                Some("--to plain writes blocks of any size".to_owned())
            }
            WriteError::NoPlace { .. } | WriteError::Io { .. } => None,
        };
        Failure::new(error, hint)
    }
}

impl From<ValidateError> for Failure {
    fn from(error: ValidateError) -> Failure {
        let hint = "--oracles takes a folder of recorded results, such as validate/oracles/vllm";
        Failure::new(error, Some(hint.to_owned()))
    }
}
