//! Figures out, as SVG.
//!
//! A [`Figure`] is a grid of panels with one legend: lines with bands for intervals, over linear,
//! logarithmic or named positions, and vertical marks. On a white background of its own, so that it
//! can be read on a dark page too.
//!
//! Invariants: the bytes depend on the figure alone; numbers that are none, and those that are not
//! positive on a logarithmic axis, are left out.
//!
//! ```
//! use kendall_io::figures::{Axis, Figure, Panel, Point, Scale, Series, Shape};
//!
//! let axis = |label: &str| Axis { label: label.into(), scale: Scale::Linear };
//! let points = vec![Point::bare(1.0, 2.0), Point { low: 2.5, high: 3.5, ..Point::bare(2.0, 3.0) }];
//! let series = vec![Series { name: "hybrid".into(), points, shape: Shape::Line }];
//! let panel = Panel { title: "Waits".into(), x: axis("rate (1/s)"), y: axis("wait (s)"), series, marks: vec![] };
//! let svg = Figure { title: "Two points".into(), panels: vec![panel] }.to_svg()?;
//! assert!(svg.starts_with("<svg") && svg.contains("wait (s)"));
//! # Ok::<(), kendall_io::figures::FigureError>(())
//! ```

mod axis;
mod draw;

use plotters::drawing::DrawingAreaErrorKind;

/// Why a figure cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The drawing library refused.
    #[error("cannot draw the figure")]
    Draw(#[from] DrawingAreaErrorKind<std::io::Error>),
}

/// Panels with one legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Above all panels.
    pub title: String,
    /// From left to right, then down, two beside each other.
    pub panels: Vec<Panel>,
}

/// A pair of axes with what is drawn there.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Above the panel.
    pub title: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// Series of one name have one colour in all panels.
    pub series: Vec<Series>,
    /// Vertical lines.
    pub marks: Vec<Mark>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it shows, with its unit.
    pub label: String,
    /// How positions are spread.
    pub scale: Scale,
}

/// How positions are spread.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// In proportion, from zero on where that does not waste most of the axis.
    Linear,
    /// In proportion to logarithms.
    Log,
    /// Position i, counted from 0, bears name i.
    Named(Vec<String>),
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// From left to right.
    pub points: Vec<Point>,
    /// How they are shown.
    pub shape: Shape,
}

/// How points are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A line, and a band over the intervals.
    Line,
    /// Dots, and a bar over each interval: for positions that are in no order.
    Dots,
}

/// A value with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Position.
    pub x: f64,
    /// Value.
    pub y: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Point {
    /// A value without an interval.
    #[must_use]
    pub const fn bare(x: f64, y: f64) -> Point {
        let (low, high) = (y, y);
        Point { x, y, low, high }
    }
}

/// A vertical line.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// Which series it belongs to, for its colour.
    pub series: String,
    /// Whether it is dashed, as an estimate of somebody else may be.
    pub dashed: bool,
}
