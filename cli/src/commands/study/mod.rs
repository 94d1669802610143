//! `study`: published studies by name.

mod arrival_rate;
mod base;
mod charts;
mod checks;
mod options;
mod sweeps;
mod table;
mod ticks;

use kendall_io::config::nearest;
use kendall_io::figures::Figure;
use kendall_io::records::{OutputDir, OutputError};
use kendall_kernel::{Level, Streams};
use kendall_study::published::{Case, Row, Study, measure};
use kendall_study::token_budget::{Trials, TrialsError};
use serde_json::{Map, Value, json};

use super::trials::Following;
use super::{Ending, list, metadata_without_trace, take_back};
use crate::args::StudyArgs;
use crate::failure::Failure;
use crate::{interrupt, output};

/// What is asked, and where it goes.
struct Context<'a> {
    study: Study,
    args: &'a StudyArgs,
    seed: u64,
    /// There once the study begins, if results are wanted as files.
    dir: Option<OutputDir>,
}

/// What a study came to.
struct Results {
    /// For people.
    text: String,
    rows: Vec<Row>,
    /// By scenario.
    figures: Vec<(&'static str, Figure)>,
    /// What else is in the summary.
    more: Vec<(&'static str, Value)>,
    trials: u32,
    /// The scenarios as TOML.
    config: String,
}

/// The studies and what they show.
pub(super) fn listed() -> Vec<(String, String)> {
    let studies = Study::ALL.iter();
    studies
        .map(|study| (study.name().to_owned(), study.about().to_owned()))
        .collect()
}

pub(crate) fn run(args: &StudyArgs) -> Result<Ending, Failure> {
    let Some(name) = &args.name else {
        output::print(&list::aligned(&listed()))?;
        return Ok(Ending::Fine);
    };
    let study = Study::named(name).ok_or_else(|| unknown(name))?;
    options::check(study, args)?;
    interrupt::listen();
    let mut context = Context {
        study,
        args,
        seed: args.seed.unwrap_or(0),
        dir: None,
    };
    let results = match study {
        Study::TimeWindow => sweeps::time_window(&mut context),
        Study::ChunkSize => sweeps::chunk_size(&mut context),
        Study::HybridRatio => sweeps::hybrid_ratio(&mut context),
        Study::Saturation => sweeps::saturation(&mut context),
        Study::ArrivalRate => arrival_rate::run(&mut context),
        Study::Mm1 => checks::mm1(&mut context),
        Study::Rules => checks::rules(&mut context),
        Study::Batching => ticks::batching(&mut context),
        Study::QueueGrowth => ticks::queue_growth(&mut context),
    };
    match results? {
        Some(results) => context.finish(&results),
        None => {
            output::note("interrupted: the study is incomplete, nothing is written");
            Ok(Ending::Interrupted)
        }
    }
}

fn unknown(name: &str) -> Failure {
    let names = Study::ALL.map(Study::name);
    let hint = match nearest(name, names) {
        Some(choice) => format!("did you mean `{choice}`?"),
        None => "kendall study lists them".to_owned(),
    };
    Failure::usage(format!("there is no study `{name}`"), hint)
}

impl Context<'_> {
    fn level(&self) -> Level {
        self.args.level
    }

    /// Makes sure that results can be written; call it when all else is known to be good.
    fn begin(&mut self) -> Result<(), Failure> {
        let path = self.args.output.as_deref();
        let dir = path.map(|path| OutputDir::prepare(path, self.args.force));
        self.dir = dir.transpose()?;
        Ok(())
    }

    fn note(&self, text: &str) {
        if !self.args.quiet {
            output::note(text);
        }
    }

    /// Says what a user should know of the settings, then runs them; `None` after Ctrl-C.
    fn measure(&mut self, cases: &[Case], trials: u32) -> Result<Option<Vec<Trials>>, Failure> {
        for case in cases {
            let checked = case.point.setting.validate();
            checked.map_err(TrialsError::from)?;
        }
        // What goes wrong there is the study's subject, and in its table.
        if self.study != Study::Rules {
            self.tell_warnings(cases)?;
        }
        self.begin()?;
        let total = cases.len() as u64 * u64::from(trials);
        let following = Following::over(total, self.args.quiet);
        Ok(measure(cases, trials, &following)?)
    }

    /// Warnings, each once, as the requests of first trials show them.
    fn tell_warnings(&self, cases: &[Case]) -> Result<(), Failure> {
        let mut told = Vec::new();
        for Case { point, .. } in longest_of_each(cases) {
            let workload = point.setting.load.draw(Streams::new(point.seed));
            let workload = workload.map_err(TrialsError::from)?;
            for warning in point.setting.warnings(&workload) {
                let text = format!("warning: {warning}");
                if !told.contains(&text) {
                    self.note(&text);
                    told.push(text);
                }
            }
        }
        Ok(())
    }

    fn finish(self, results: &Results) -> Result<Ending, Failure> {
        let json = self.json(results);
        if let Some(dir) = &self.dir {
            self.write(dir, results, &json)?;
        }
        if self.args.json {
            output::print(&json)?;
            return Ok(Ending::Fine);
        }
        output::print(&results.text)?;
        if results.trials == 1 {
            output::print("\nnote: one trial has no interval; --trials 2 or more have one\n")?;
        }
        output::results_in(self.args.output.as_deref())?;
        Ok(Ending::Fine)
    }

    fn write(&self, dir: &OutputDir, results: &Results, json: &str) -> Result<(), Failure> {
        let meta = metadata_without_trace(results.config.clone(), self.seed);
        let figures = results.figures.iter();
        let figures = figures.map(|(scenario, figure)| Ok((*scenario, figure.to_svg()?)));
        let figures = figures.collect::<Result<Vec<_>, Failure>>()?;
        let mut sink = dir.study(&meta, self.study, self.level().probability())?;
        results.rows.iter().for_each(|row| sink.push(row));
        let finish = || -> Result<(), OutputError> {
            sink.finish()?;
            for (scenario, svg) in &figures {
                dir.write_figure(scenario, svg)?;
            }
            dir.write_summary(json)
        };
        Ok(finish().inspect_err(|_| take_back(dir.path(), &["study"]))?)
    }

    /// For machines: every row.
    fn json(&self, results: &Results) -> String {
        let rows: Vec<Value> = results.rows.iter().map(row_json).collect();
        let mut whole = Map::new();
        for (key, value) in [
            ("study", json!(self.study.name())),
            ("seed", json!(self.seed)),
            ("trials", json!(results.trials)),
            ("level", json!(self.level().probability())),
            ("varied", json!(self.study.varied())),
            ("rows", json!(rows)),
        ] {
            whole.insert(key.to_owned(), value);
        }
        for (key, value) in &results.more {
            whole.insert((*key).to_owned(), value.clone());
        }
        whole.insert("config".to_owned(), json!(results.config));
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    }
}

/// Of the cases of each system the one with the longest window, whose prompts tell most.
fn longest_of_each(cases: &[Case]) -> Vec<&Case> {
    let mut longest: Vec<&Case> = Vec::new();
    for case in cases {
        let setting = &case.point.setting;
        let mut known = longest.iter_mut();
        match known.find(|known| known.point.setting.config == setting.config) {
            None => longest.push(case),
            Some(known) if known.point.setting.load.window_s < setting.load.window_s => {
                *known = case;
            }
            Some(_) => {}
        }
    }
    longest
}

fn row_json(row: &Row) -> Value {
    json!({
        "scenario": row.scenario,
        "system": row.system,
        "variant": row.variant,
        "value": row.value,
        "metric": row.metric.name,
        "unit": row.metric.unit,
        "mean": row.estimate.value,
        "sd": row.sd(),
        "low": row.interval.map(|(low, _)| low),
        "high": row.interval.map(|(_, high)| high),
        "trials": row.estimate.groups,
        "original": row.original.map(|original| original.value),
        "original_std_error": row.original.and_then(|original| original.std_error),
        "score": row.score(),
    })
}
