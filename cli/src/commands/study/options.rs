//! Which options belong to which study.

use kendall_study::published::Study;

use crate::args::StudyArgs;
use crate::failure::Failure;

/// Refuses options and settings that mean nothing to a study.
pub(super) fn check(study: Study, args: &StudyArgs) -> Result<(), Failure> {
    use Study::{
        ArrivalRate, Batching, ChunkSize, HybridRatio, Mm1, QueueGrowth, Rules, Saturation,
        TimeWindow,
    };
    const NONE: &[Study] = &[];
    let windowed = &[TimeWindow, ChunkSize, HybridRatio, Mm1, QueueGrowth];
    let of_scenarios = &[TimeWindow, ChunkSize, HybridRatio, ArrivalRate, Saturation];
    let set = !args.settings.is_empty();
    let options: [(bool, &str, &[Study]); 12] = [
        (args.scenario.is_some(), "--scenario", of_scenarios),
        (
            args.points.is_some(),
            "--points",
            &[TimeWindow, QueueGrowth],
        ),
        (args.window.is_some(), "--window", windowed),
        (args.chunks.is_some(), "--chunks", &[ChunkSize]),
        (args.ratios.is_some(), "--ratios", &[HybridRatio]),
        (
            args.max_sequences.is_some(),
            "--max-sequences",
            &[HybridRatio],
        ),
        (args.rates.is_some(), "--rates", &[ArrivalRate]),
        (args.seeds.is_some(), "--seeds", &[ArrivalRate]),
        (args.requests.is_some(), "--requests", &[ArrivalRate]),
        (args.utilisations.is_some(), "--utilisations", &[Mm1]),
        (args.gpus.is_some(), "--gpus", &[Saturation]),
        (set && matches!(study, Mm1 | Rules), "--set", NONE),
    ];
    let foreign = options
        .iter()
        .find(|(given, _, of)| *given && !of.contains(&study));
    if let Some((_, option, of)) = foreign {
        let names: Vec<&str> = of.iter().map(|study| study.name()).collect();
        let hint = match names[..] {
            [] => "its settings are fixed; kendall run takes any scenario".to_owned(),
            _ => format!("it is for {}", names.join(", ")),
        };
        let name = study.name();
        return Err(Failure::usage(format!("{name} takes no {option}"), hint));
    }
    if args.window == Some(0.0) {
        return Err(Failure::usage(
            "--window is 0, must be positive",
            "requests arrive within it, for example --window 1000",
        ));
    }
    check_settings(study, args)?;
    match study {
        Batching | QueueGrowth => section(args, "ticks"),
        _ => section(args, "token_budget"),
    }
}

/// Refuses settings of what the study varies or an option gives.
fn check_settings(study: Study, args: &StudyArgs) -> Result<(), Failure> {
    let load = "token_budget.load";
    let varied: &[(String, &str)] = &match study {
        Study::TimeWindow => vec![(format!("{load}.window_s"), "--window")],
        Study::ChunkSize => vec![("token_budget.chunk_tokens".to_owned(), "--chunks")],
        Study::HybridRatio => vec![
            ("token_budget.decode_share".to_owned(), "--ratios"),
            ("token_budget.max_sequences".to_owned(), "--max-sequences"),
            ("token_budget.schedulers".to_owned(), "time-window"),
        ],
        Study::ArrivalRate => vec![
            (format!("{load}.rate_per_s"), "--rates"),
            (
                format!("{load}.window_s"),
                "the rule's windows, up to 200 s",
            ),
        ],
        Study::Saturation => vec![
            ("token_budget.gpus".to_owned(), "--gpus"),
            (format!("{load}.rate_per_s"), "its 40 requests per second"),
            (format!("{load}.window_s"), "its 200 s"),
        ],
        Study::QueueGrowth => vec![("ticks.end_ticks".to_owned(), "--window")],
        Study::Mm1 | Study::Rules | Study::Batching => Vec::new(),
    };
    let common = [
        ("seed".to_owned(), "--seed"),
        ("token_budget.level".to_owned(), "--level"),
        ("token_budget.trials".to_owned(), "--trials"),
        ("token_budget.sweep".to_owned(), "the study itself"),
        ("ticks.load".to_owned(), "the study itself"),
    ];
    for setting in &args.settings {
        let taken = varied.iter().chain(&common);
        if let Some((key, instead)) = taken.into_iter().find(|(key, _)| setting.sets(key)) {
            return Err(Failure::usage(
                format!("{} cannot set {key} here", setting.place()),
                format!("it is given by {instead}; kendall run takes any scenario"),
            ));
        }
    }
    Ok(())
}

/// Refuses settings of another kind of scenario.
fn section(args: &StudyArgs, wanted: &str) -> Result<(), Failure> {
    let foreign = args.settings.iter().find(|setting| !setting.sets(wanted));
    match foreign {
        None => Ok(()),
        Some(setting) => Err(Failure::usage(
            format!("{} is no setting of this study", setting.place()),
            format!("its settings begin with {wanted}, as kendall config shows for a scenario"),
        )),
    }
}
