//! Rows as figures.

use kendall_io::figures::{Axis, Figure, Mark, Panel, Point, Scale, Series, Shape};
use kendall_study::published::{Row, Study};

/// Figures that have a panel, and what they are.
const PANELS: [(&str, &str, &str); 4] = [
    ("throughput_qps", "Throughput", "requests/s"),
    ("mean_ttft_s", "Mean time to first token", "TTFT (s)"),
    ("mean_tbt_s", "Mean time between tokens", "TBT (s)"),
    (
        "p95_rts_s",
        "95th percentile of response times",
        "P95 RTS (s)",
    ),
];

/// Ratio of the largest value to the smallest from which on an axis is logarithmic.
const WIDE: f64 = 30.0;

/// How values of what is varied are spread.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spread {
    /// In proportion; what they are.
    Linear(&'static str),
    /// Side by side; what they are.
    Named(&'static str),
}

/// The figure of a scenario's sweep: a panel for each figure, a line for each scheduler, or each
/// sequence limit.
pub(super) fn sweep(study: Study, scenario: &str, rows: &[Row], spread: Spread) -> Figure {
    let own: Vec<&Row> = rows.iter().filter(|row| row.scenario == scenario).collect();
    let name = |row: &Row| match study {
        Study::HybridRatio => row.variant.clone(),
        _ => row.system.clone(),
    };
    let panels = PANELS.map(|(metric, title, label)| {
        let of_metric = own.iter().filter(|row| row.metric.name == metric);
        panel(title, label, spread, of_metric.copied(), name)
    });
    let about = match study {
        Study::TimeWindow => "as arrivals go on for longer",
        Study::ChunkSize => "by the size of chunks",
        Study::HybridRatio => "by the share of decodes and the sequence limit",
        Study::Saturation => "by the number of GPUs, all requests at once",
        _ => study.about(),
    };
    Figure {
        title: format!("{scenario} {about}"),
        panels: panels.to_vec(),
    }
}

/// A panel with a line for each name.
fn panel<'a>(
    title: &str,
    label: &str,
    spread: Spread,
    rows: impl Iterator<Item = &'a Row>,
    name: impl Fn(&Row) -> String,
) -> Panel {
    let rows: Vec<&Row> = rows.collect();
    let text = |row: &Row| {
        row.value
            .map_or_else(|| "none".to_owned(), |v| v.to_string())
    };
    let mut names: Vec<String> = Vec::new();
    if let Spread::Named(_) = spread {
        for row in &rows {
            if !names.contains(&text(row)) {
                names.push(text(row));
            }
        }
    }
    let place = |row: &Row| match spread {
        Spread::Linear(_) => row.value.unwrap_or(f64::NAN),
        Spread::Named(_) => {
            let index = names.iter().position(|own| *own == text(row));
            index.map_or(f64::NAN, |index| index as f64)
        }
    };
    let mut series: Vec<Series> = Vec::new();
    for row in &rows {
        let point = point(place(row), row);
        let name = name(row);
        match series.iter_mut().find(|own| own.name == name) {
            Some(own) => own.points.push(point),
            None => series.push(Series {
                name,
                points: vec![point],
                shape: Shape::Line,
            }),
        }
    }
    let (label_x, scale) = match spread {
        Spread::Linear(label) => (label, Scale::Linear),
        Spread::Named(label) => (label, Scale::Named(names)),
    };
    let axis = |label: &str, scale| Axis {
        label: label.to_owned(),
        scale,
    };
    Panel {
        title: title.to_owned(),
        x: axis(label_x, scale),
        y: axis(label, scale_of(rows.iter().map(|row| row.estimate.value))),
        series,
        marks: Vec::new(),
    }
}

/// A row's mean with its interval.
pub(super) fn point(x: f64, row: &Row) -> Point {
    let y = row.estimate.value;
    let (low, high) = row.interval.unwrap_or((y, y));
    Point { x, y, low, high }
}

/// A scale on which the values can be told apart.
pub(super) fn scale_of(values: impl Iterator<Item = f64>) -> Scale {
    let positive = values.filter(|&value| value > 0.0 && value.is_finite());
    let ends = positive.fold(None, |ends: Option<(f64, f64)>, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    });
    match ends {
        Some((low, high)) if high > WIDE * low => Scale::Log,
        _ => Scale::Linear,
    }
}

/// Where a scheduler's rates stop being stable, for a figure against rates.
pub(super) struct Limits {
    pub(super) system: String,
    /// By the rule.
    pub(super) rule_per_s: Option<f64>,
    /// In truth.
    pub(super) capacity_per_s: Option<f64>,
}

/// The figure of a scenario's arrival rates: how often the rule calls them unstable, and figures of
/// the longest window; dashed lines are the rule's boundaries, solid ones capacities.
pub(super) fn rates(scenario: &str, rows: &[Row], limits: &[Limits]) -> Figure {
    let rule = (
        "unstable_share",
        "Called unstable by the published rule",
        "share of seeds",
    );
    let response = ("mean_rts_s", "Mean response time", "RTS (s)");
    let own: Vec<&Row> = rows.iter().filter(|row| row.scenario == scenario).collect();
    let values = own.iter().filter_map(|row| row.value);
    let x_scale = scale_of(values);
    let mark = |limits: &Limits, at: Option<f64>, dashed| {
        let series = limits.system.clone();
        at.map(|x| Mark { x, series, dashed })
    };
    let marks: Vec<Mark> = limits
        .iter()
        .flat_map(|own| {
            let dashed = mark(own, own.rule_per_s, true);
            [dashed, mark(own, own.capacity_per_s, false)]
        })
        .flatten()
        .collect();
    let [throughput, ttft, tbt, p95] = PANELS;
    let panels = [rule, throughput, ttft, tbt, response, p95];
    let panels = panels.map(|(metric, title, label)| {
        let of_metric = own.iter().filter(|row| row.metric.name == metric);
        let spread = Spread::Linear("arrivals per second");
        let name = |row: &Row| row.system.clone();
        let mut panel = panel(title, label, spread, of_metric.copied(), name);
        panel.x.scale = x_scale.clone();
        panel.marks.clone_from(&marks);
        panel
    });
    Figure {
        title: format!("{scenario}: stability (dashed: the rule's boundary, solid: capacity)"),
        panels: panels.to_vec(),
    }
}

/// Series with one value per name, side by side.
pub(super) fn side_by_side(
    title: &str,
    label: &str,
    x: &str,
    names: &[&str],
    series: Vec<Series>,
) -> Panel {
    let values = series.iter().flat_map(|own| &own.points);
    let scale = scale_of(values.map(|point| point.y));
    let names = names.iter().map(|&name| name.to_owned()).collect();
    Panel {
        title: title.to_owned(),
        x: Axis {
            label: x.to_owned(),
            scale: Scale::Named(names),
        },
        y: Axis {
            label: label.to_owned(),
            scale,
        },
        series,
        marks: Vec::new(),
    }
}

/// The figure of queues against time.
pub(super) fn growth(rows: &[Row]) -> Figure {
    let queues = rows
        .iter()
        .filter(|row| row.metric.name == "queue" && row.value.is_some());
    let spread = Spread::Linear("time (ticks)");
    let name = |row: &Row| format!("{} load", row.system);
    let mut panel = panel(
        "Requests that wait",
        "queue (requests)",
        spread,
        queues,
        name,
    );
    // Growth in proportion to time is a straight line.
    panel.y.scale = Scale::Linear;
    Figure {
        title: "Queues under an open and a closed load".to_owned(),
        panels: vec![panel],
    }
}
