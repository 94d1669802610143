//! Studies in ticks.

use std::fmt::Write;

use kendall_io::config::{TicksScenario, parse_ticks};
use kendall_io::figures::{Figure, Point, Series, Shape};
use kendall_study::published::{
    Row, TickCase, batching_cases, batching_rows, growth_cases, queue_growth as grown,
};

use super::charts;
use super::table::{cell, trimmed, z};
use super::{Context, Results};
use crate::failure::Failure;
use crate::interrupt;
use crate::phrase;
use crate::progress::Bar;
use crate::summary_table::{figure, table};
use kendall_llm::Control;

/// Titles of the figures of the README's table.
const PANELS: [(&str, &str, &str); 5] = [
    ("mean_e2e_ticks", "End to end", "E2E (ticks)"),
    ("mean_ttft_ticks", "Time to first token", "TTFT (ticks)"),
    ("mean_itl_ticks", "Time between tokens", "ITL (ticks)"),
    ("requests_per_1k", "Requests", "requests per 1000 ticks"),
    ("tokens_per_1k", "Tokens", "tokens per 1000 ticks"),
];

/// The six examples of the README, with the figures that it prints.
pub(super) fn batching(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    let trials = context.args.trials.unwrap_or(1000);
    let Some((cases, rows, config)) = examples(context, batching_cases(), trials)? else {
        return Ok(None);
    };
    let mut text = format!(
        "llm-inference-simulator's README: 4 slots, 100 ticks, {} under seed {}\n\n",
        phrase::trials(trials),
        context.seed
    );
    text += &comparison(context, &rows);
    let names: Vec<&str> = cases.iter().map(|case| case.system).collect();
    let panels = PANELS.map(|(metric, title, label)| {
        let own: Vec<&Row> = rows
            .iter()
            .filter(|row| row.metric.name == metric)
            .collect();
        let ours = own.iter().enumerate().map(|(index, row)| {
            let mean = charts::point(index as f64, row);
            let (low, high) = row.prediction().unwrap_or((mean.y, mean.y));
            Point { low, high, ..mean }
        });
        let theirs = own
            .iter()
            .enumerate()
            .filter_map(|(index, row)| Some(Point::bare(index as f64, row.original?.value)));
        let dots = |name: &str, points: Vec<Point>| Series {
            name: name.to_owned(),
            points,
            shape: Shape::Dots,
        };
        let mut series = vec![dots("mean, and where one trial lies", ours.collect())];
        let theirs: Vec<Point> = theirs.collect();
        if !theirs.is_empty() {
            series.push(dots("published", theirs));
        }
        charts::side_by_side(title, label, "", &names, series)
    });
    let figure = Figure {
        title: "Ways of batching".to_owned(),
        panels: panels.to_vec(),
    };
    Ok(Some(Results {
        text,
        figures: vec![("ticks", figure)],
        rows,
        more: Vec::new(),
        trials,
        config,
    }))
}

/// An open load and a closed one, and the queue as time passes.
pub(super) fn queue_growth(context: &mut Context<'_>) -> Result<Option<Results>, Failure> {
    const ORIGINAL_TICKS: f64 = 10_000.0;
    let args = context.args;
    let trials = args.trials.unwrap_or(100);
    let points = args.points.unwrap_or(100);
    let end_ticks = args.window.unwrap_or(ORIGINAL_TICKS);
    let Some((cases, mut rows, config)) = examples(context, growth_cases(end_ticks), trials)?
    else {
        return Ok(None);
    };
    if end_ticks != ORIGINAL_TICKS {
        rows.iter_mut().for_each(|row| row.original = None);
    }
    let mut text = format!(
        "a request every 2.17 ticks, and six at any time: {end_ticks} ticks, {} under seed {}\n\n",
        phrase::trials(trials),
        context.seed
    );
    text += &comparison(context, &rows);
    let level = context.level();
    let mut lines = table(&["queue at (ticks)", "open", "closed"]);
    let mut queues = Vec::new();
    for case in &cases {
        queues.push(grown(case, points, trials, context.seed, level)?);
    }
    let every = (points as usize).div_ceil(10);
    for index in (0..points as usize).filter(|index| (index + 1).is_multiple_of(every)) {
        let cells = queues.iter().map(|rows| cell(&rows[index]));
        let time = figure(queues[0][index].value);
        lines.add_row(std::iter::once(time).chain(cells));
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{}", trimmed(lines));
    rows.extend(queues.into_iter().flatten());
    Ok(Some(Results {
        text,
        figures: vec![("ticks", charts::growth(&rows))],
        rows,
        more: Vec::new(),
        trials,
        config,
    }))
}

/// Examples with settings laid over them, their figures, and the scenarios; `None` after Ctrl-C.
type Examples = (Vec<TickCase>, Vec<Row>, String);

fn examples(
    context: &mut Context<'_>,
    mut cases: Vec<TickCase>,
    trials: u32,
) -> Result<Option<Examples>, Failure> {
    let settings = &context.args.settings;
    let mut config = String::new();
    for case in &mut cases {
        let mut scenario = TicksScenario {
            name: case.system.to_owned(),
            description: String::new(),
            seed: context.seed,
            config: case.config,
            output: case.output,
        };
        if !settings.is_empty() {
            scenario = parse_ticks(case.system, &scenario.to_toml(), settings)?;
            (case.config, case.output) = (scenario.config, scenario.output);
        }
        case.config.validate()?;
        config += &format!("# {}\n{}\n", case.system, scenario.to_toml());
    }
    context.begin()?;
    let mut bar = Bar::of_trials(cases.len() as u64 * u64::from(trials), context.args.quiet);
    let (level, is_original) = (context.level(), settings.is_empty());
    let mut rows = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        rows.extend(batching_rows(
            case,
            trials,
            context.seed,
            level,
            is_original,
        )?);
        bar.at((index as u64 + 1) * u64::from(trials));
        if interrupt::go_on() == Control::Stop {
            return Ok(None);
        }
    }
    Ok(Some((cases, rows, config)))
}

/// Means, where one more trial lies, and whether the original's single trial lies there too.
fn comparison(context: &Context<'_>, rows: &[Row]) -> String {
    let one = format!(
        "{} % of trials",
        phrase::percent(context.level().probability())
    );
    let header = [
        "",
        "figure",
        "mean",
        &one,
        "published",
        "as one of them",
        "z",
    ];
    let mut lines = table(&header);
    let (mut inside, mut all) = (0, 0);
    for row in rows.iter().filter(|row| row.value.is_none()) {
        let prediction = row.prediction();
        let published = row.original.map(|original| original.value);
        let is_inside = published.zip(prediction).map(|(published, (low, high))| {
            // The README has two decimals.
            (low - 0.005..=high + 0.005).contains(&published)
        });
        inside += u32::from(is_inside == Some(true));
        all += u32::from(is_inside.is_some());
        lines.add_row([
            row.system.clone(),
            row.metric.name.to_owned(),
            cell(row),
            prediction.map_or_else(
                || "-".to_owned(),
                |(low, high)| format!("{low:.2} to {high:.2}"),
            ),
            published.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}")),
            match is_inside {
                Some(true) => "yes",
                Some(false) => "no",
                None => "-",
            }
            .to_owned(),
            z(row.score().map(std::ops::Neg::neg)),
        ]);
    }
    let mut text = trimmed(lines);
    if all > 0 {
        text += &format!(
            "z: the published figure less our mean, in standard deviations of a trial; {inside} of \
             {all} published figures are as one of our trials\n"
        );
    }
    text
}
