//! Drawing with plotters, which knows how axes, text and SVG go together.

use std::io;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Ruler;
use super::{Figure, FigureError, Panel, Series, Shape};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// Width and height of a panel, in pixels.
const PANEL: (u32, u32) = (460, 300);

/// Panels beside each other.
const COLUMNS: usize = 2;

/// Height of title and legend, if the latter has one row.
const HEAD: u32 = 62;

/// Height of every further row of the legend.
const LEGEND_ROW: u32 = 20;

/// Width of a letter of the legend, generously.
const LETTER: i32 = 8;

/// Colours that can be told apart by people who do not see all of them (Okabe and Ito, "Color
/// Universal Design", 2008).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);

impl Figure {
    /// The figure as an SVG document.
    ///
    /// # Errors
    /// What the drawing library refuses.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let rows = self.panels.len().div_ceil(COLUMNS).max(1);
        let columns = self.panels.len().clamp(1, COLUMNS);
        let width = PANEL.0 * columns as u32;
        let names = self.names();
        let legend = legend_rows(&names, width as i32);
        let head_height = HEAD + LEGEND_ROW * (legend.len().max(1) - 1) as u32;
        let size = (width, head_height + PANEL.1 * rows as u32);
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            root.fill(&WHITE)?;
            let (head, body) = root.split_vertically(head_height);
            self.head(&head, &legend)?;
            for (panel, area) in self.panels.iter().zip(body.split_evenly((rows, columns))) {
                panel.draw(&area, &names)?;
            }
            root.present()?;
        }
        Ok(svg)
    }

    /// Names of series in the order in which they first appear.
    fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for series in self.panels.iter().flat_map(|panel| &panel.series) {
            if !names.contains(&series.name.as_str()) {
                names.push(series.name.as_str());
            }
        }
        names
    }

    /// Title and legend.
    fn head(&self, area: &Area<'_>, legend: &[Vec<(usize, &str)>]) -> Drawn {
        let (width, _) = area.dim_in_pixel();
        let middle = width as i32 / 2;
        let title = (FONT, 17).into_font().style(FontStyle::Bold).color(&INK);
        let centred = title.pos(Pos::new(HPos::Center, VPos::Center));
        area.draw(&Text::new(self.title.as_str(), (middle, 20), centred))?;
        for (row, y) in legend.iter().zip((47..).step_by(LEGEND_ROW as usize)) {
            let mut x = middle - row.iter().map(|(_, name)| entry_width(name)).sum::<i32>() / 2;
            for &(index, name) in row {
                let line = vec![(x, y), (x + 22, y)];
                area.draw(&PathElement::new(line, colour(index).stroke_width(3)))?;
                let text = (FONT, 14).into_font().color(&INK);
                let text = text.pos(Pos::new(HPos::Left, VPos::Center));
                area.draw(&Text::new(name, (x + 28, y), text))?;
                x += entry_width(name);
            }
        }
        Ok(())
    }
}

/// Width of a line, a name, and the blank behind it, in pixels.
fn entry_width(name: &str) -> i32 {
    40 + LETTER * name.chars().count() as i32
}

/// Names with their numbers, as many to a row as fit into the width.
fn legend_rows<'a>(names: &[&'a str], width: i32) -> Vec<Vec<(usize, &'a str)>> {
    let mut rows: Vec<Vec<(usize, &str)>> = Vec::new();
    let mut taken = 0;
    for (index, &name) in names.iter().enumerate() {
        let entry = entry_width(name);
        match rows.last_mut() {
            Some(row) if taken + entry <= width => row.push((index, name)),
            _ => {
                rows.push(vec![(index, name)]);
                taken = 0;
            }
        }
        taken += entry;
    }
    rows
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

impl Panel {
    fn draw(&self, area: &Area<'_>, names: &[&str]) -> Drawn {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let marks = self.marks.iter().map(|mark| mark.x);
        let x = Ruler::of(&self.x, points().map(|point| point.x).chain(marks));
        let y = Ruler::of(
            &self.y,
            points().flat_map(|point| [point.y, point.low, point.high]),
        );
        let text = |size: i32| (FONT, size).into_font().color(&INK);
        let mut chart = ChartBuilder::on(area)
            .caption(self.title.as_str(), text(15))
            .margin(8)
            .margin_right(18)
            .x_label_area_size(44)
            .y_label_area_size(66)
            .build_cartesian_2d(x.clone(), y.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(text(12))
            .axis_desc_style(text(13))
            .x_desc(self.x.label.as_str())
            .y_desc(self.y.label.as_str())
            .draw()?;
        let number = |name: &str| names.iter().position(|own| *own == name).unwrap_or(0);
        for mark in &self.marks {
            let Some(at) = x.place(mark.x) else { continue };
            let style = colour(number(&mark.series)).stroke_width(1);
            let ends = [(at, y.ends.0), (at, y.ends.1)];
            if mark.dashed {
                chart.draw_series(DashedLineSeries::new(ends, 5, 4, style))?;
            } else {
                chart.draw_series(std::iter::once(PathElement::new(ends, style)))?;
            }
        }
        // Dots of several series at one position are drawn side by side.
        let dotted = self.series.iter().filter(|own| own.shape == Shape::Dots);
        let dotted = dotted.count() as f64;
        let lines = self.series.iter().filter(|own| own.shape == Shape::Line);
        for series in lines.clone() {
            let fill = colour(number(&series.name)).mix(0.18);
            let band = series.band(&x, &y);
            chart.draw_series(std::iter::once(Polygon::new(band, fill)))?;
        }
        for series in lines {
            let colour = colour(number(&series.name));
            let line = series.line(&x, &y);
            let few = line.len() <= MOST_DOTS;
            let width = colour.stroke_width(2);
            chart.draw_series(LineSeries::new(line.iter().copied(), width))?;
            if few {
                let dots = line.into_iter();
                chart.draw_series(dots.map(|at| Circle::new(at, 3, colour.filled())))?;
            }
        }
        let dots = self.series.iter().filter(|own| own.shape == Shape::Dots);
        for (index, series) in dots.enumerate() {
            let colour = colour(number(&series.name));
            let aside = DOTS_APART * (index as f64 - (dotted - 1.0) / 2.0);
            let bars = series.bars(&x, &y).into_iter();
            let bars = bars.map(|[low, high]| [(low.0 + aside, low.1), (high.0 + aside, high.1)]);
            chart.draw_series(bars.map(|ends| PathElement::new(ends, colour.stroke_width(2))))?;
            let dots = series.line(&x, &y).into_iter();
            let dots = dots.map(|(x, y)| Circle::new((x + aside, y), 4, colour.filled()));
            chart.draw_series(dots)?;
        }
        Ok(())
    }
}

impl Ranged for Ruler {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, (first, last): (i32, i32)) -> i32 {
        let (low, high) = self.ends;
        let share = (place - low) / (high - low);
        first + (share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.labels.iter().map(|(place, _)| *place).collect()
    }

    fn range(&self) -> Range<f64> {
        self.ends.0..self.ends.1
    }
}

impl ValueFormatter<f64> for Ruler {
    fn format(place: &f64) -> String {
        place.to_string()
    }

    fn format_ext(&self, place: &f64) -> String {
        self.label(*place).to_owned()
    }
}

/// Points up to which each has a dot.
const MOST_DOTS: usize = 24;

/// Between the dots of two series at one named position, in distances between names.
const DOTS_APART: f64 = 0.2;

impl Series {
    fn line(&self, x: &Ruler, y: &Ruler) -> Vec<(f64, f64)> {
        let place = |point: &super::Point| Some((x.place(point.x)?, y.place(point.y)?));
        self.points.iter().filter_map(place).collect()
    }

    /// From the lower end of each interval to its upper one.
    fn bars(&self, x: &Ruler, y: &Ruler) -> Vec<[(f64, f64); 2]> {
        let bar = |point: &super::Point| {
            let at = x.place(point.x)?;
            Some([(at, y.place(point.low)?), (at, y.place(point.high)?)])
        };
        self.points.iter().filter_map(bar).collect()
    }

    /// Along the upper ends, and back along the lower ones; an end that cannot be drawn is the
    /// bottom of the panel.
    fn band(&self, x: &Ruler, y: &Ruler) -> Vec<(f64, f64)> {
        let shown = self.points.iter().filter_map(|point| {
            let (x, _) = (x.place(point.x)?, y.place(point.y)?);
            let end = |value| y.place(value).unwrap_or(y.ends.0);
            Some((x, end(point.low), end(point.high)))
        });
        let shown: Vec<(f64, f64, f64)> = shown.collect();
        let above = shown.iter().map(|&(x, _, high)| (x, high));
        let below = shown.iter().rev().map(|&(x, low, _)| (x, low));
        above.chain(below).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Mark, Point, Scale};
    use super::*;

    fn figure() -> Figure {
        let axis = |label: &str, scale| Axis {
            label: label.to_owned(),
            scale,
        };
        let point = |x: f64, y: f64| Point {
            x,
            y,
            low: y * 0.9,
            high: y * 1.1,
        };
        let series = |name: &str, factor: f64| Series {
            name: name.to_owned(),
            points: (1..5)
                .map(|x| point(f64::from(x), factor * f64::from(x)))
                .collect(),
            shape: if factor == 1.0 {
                Shape::Line
            } else {
                Shape::Dots
            },
        };
        let panel = |scale| Panel {
            title: "R & D <fast>".to_owned(),
            x: axis("rate (1/s)", Scale::Linear),
            y: axis("time (s)", scale),
            series: vec![series("first", 1.0), series("second", 30.0)],
            marks: vec![Mark {
                x: 2.5,
                series: "second".to_owned(),
                dashed: true,
            }],
        };
        Figure {
            title: "A figure".to_owned(),
            panels: vec![
                panel(Scale::Linear),
                panel(Scale::Log),
                panel(Scale::Linear),
            ],
        }
    }

    #[test]
    fn figures_are_well_formed_and_always_the_same() {
        let svg = figure().to_svg().unwrap();
        assert_eq!(svg, figure().to_svg().unwrap());
        assert!(svg.trim_end().ends_with("</svg>"));
        // Every element is closed, and text is escaped.
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1) {
            let (inside, _) = tag.split_once('>').expect("a tag ends");
            if let Some(name) = inside.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "{inside}");
            } else if !inside.ends_with('/') {
                open.push(inside.split_whitespace().next().unwrap());
            }
        }
        assert!(open.is_empty(), "{open:?}");
        assert!(svg.contains("R &amp; D &lt;fast&gt;"));
        for text in ["A figure", "first", "second", "rate (1/s)", "time (s)"] {
            assert!(svg.contains(text), "{text}");
        }
        // Two rows of panels.
        assert!(svg.contains("viewBox=\"0 0 920 662\""));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn legends_with_many_names_have_several_rows() {
        let names: Vec<String> = (0..12)
            .map(|limit| format!("max_sequences={limit}"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let rows = legend_rows(&names, 920);
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 2]);
        assert_eq!(rows[1][0], (5, "max_sequences=5"));
        // A name that is too long for any row has one to itself.
        let long = "a".repeat(200);
        assert_eq!(legend_rows(&["b", &long, "c"], 920).len(), 3);
        let mut figure = figure();
        let points = vec![Point::bare(1.0, 1.0)];
        figure.panels[0].series = (names.iter())
            .map(|name| Series {
                name: (*name).to_owned(),
                points: points.clone(),
                shape: Shape::Line,
            })
            .collect();
        // With those of the other panels they take three rows.
        let svg = figure.to_svg().unwrap();
        assert!(svg.contains("viewBox=\"0 0 920 702\""), "{}", &svg[..100]);
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out() {
        let mut figure = figure();
        figure.panels[1].series[0].points[0] = Point::bare(1.0, 0.0);
        figure.panels[0].series[1].points[0].y = f64::NAN;
        figure.panels[2].series.clear();
        let svg = figure.to_svg().unwrap();
        assert!(!svg.contains("NaN"));
    }
}
