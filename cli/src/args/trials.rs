//! Arguments of `run` about trials.

use std::str::FromStr;

use clap::Args;
use kendall_io::config::Setting;
use kendall_kernel::stats::Level;
use kendall_study::trials::Width;

use crate::{number, time_arg};

#[derive(Debug, Default, Args)]
pub(crate) struct TrialArgs {
    /// Independent trials (of a network of queues, replications); with --precision the most there may
    /// be
    #[arg(long = "trials", value_name = "N", value_parser = number::trials, allow_negative_numbers = true)]
    pub(crate) count: Option<u32>,
    /// Compare variants under the same random numbers, for example
    /// llm.router=round-robin,least-loaded; repeated, every combination
    #[arg(long = "vary", value_name = "KEY=V1,V2,...")]
    pub(crate) vary: Vec<Varied>,
    /// Add trials until the interval of a metric is this narrow, for example 1%, ttft_s.p99=5% or
    /// e2e_s.mean=20ms
    #[arg(long, value_name = "[METRIC=]P", allow_hyphen_values = true)]
    pub(crate) precision: Vec<PrecisionArg>,
    /// Level of the intervals, 95% by default
    #[arg(long, value_name = "P", value_parser = number::level, allow_negative_numbers = true)]
    pub(crate) level: Option<Level>,
}

impl TrialArgs {
    /// Whether trials are asked for, rather than a single run.
    pub(crate) fn any(&self) -> bool {
        self.count.is_some() || !self.vary.is_empty() || !self.precision.is_empty()
    }

    /// Whether there is a level and nothing to have an interval of it.
    pub(crate) fn is_idle_level(&self) -> bool {
        self.level.is_some() && !self.any()
    }
}

/// A setting and the values that it is to take.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Varied {
    pub(crate) key: String,
    /// Texts and what they set; at least one.
    pub(crate) values: Vec<(String, Setting)>,
}

impl FromStr for Varied {
    type Err = String;

    fn from_str(text: &str) -> Result<Varied, String> {
        const FORM: &str = "must be KEY=V1,V2,..., for example llm.router=round-robin,least-loaded";
        let (key, values) = text.split_once('=').ok_or(FORM)?;
        let key = key.trim();
        let value = |value: &str| {
            let value = value.trim();
            if value.is_empty() {
                return Err(format!("a value of `{key}` is empty; {FORM}"));
            }
            let setting = Setting::given_by("--vary", &format!("{key}={value}"));
            let setting = setting.map_err(|_| FORM.to_owned())?;
            Ok((value.to_owned(), setting))
        };
        let values: Vec<_> = at_commas(values)
            .into_iter()
            .map(value)
            .collect::<Result<_, _>>()?;
        let twice = values.iter().enumerate().find(|(index, (_, setting))| {
            let mut before = values[..*index].iter();
            before.any(|(_, other)| other.sets_the_same(setting))
        });
        match twice {
            Some((_, (value, _))) => Err(format!("`{key}` takes the value {value} twice")),
            None => Ok(Varied {
                key: key.to_owned(),
                values,
            }),
        }
    }
}

/// Parts between commas that are in no brackets and no quotes.
fn at_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_u32, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// How narrow the interval of a metric is to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PrecisionArg {
    /// The metric; `None` for the most important one.
    pub(crate) metric: Option<String>,
    pub(crate) width: Width,
    /// Whether the width was given as a time.
    pub(crate) is_time: bool,
}

impl FromStr for PrecisionArg {
    type Err = String;

    fn from_str(text: &str) -> Result<PrecisionArg, String> {
        let (metric, width) = match text.split_once('=') {
            Some((metric, width)) => (Some(metric.trim().to_owned()), width.trim()),
            None => (None, text.trim()),
        };
        let absolute = ["+-", "±"].iter().find_map(|sign| width.strip_prefix(sign));
        let is_time = width.ends_with('s');
        let width = match absolute.unwrap_or(width) {
            time if is_time => Width::Absolute(time_arg::seconds(time)?),
            number if absolute.is_some() => {
                let number = number.trim().parse();
                Width::Absolute(number.map_err(|_| "must be a number after +-".to_owned())?)
            }
            share => Width::Relative(
                number::share(share)
                    .map_err(|error| format!("{error}; or a width, for example 2ms or +-0.002"))?,
            ),
        };
        match width {
            Width::Relative(share) if !(share > 0.0 && share < 1.0) => Err(
                "a share must lie between 0 and 1, for example 1% or 0.01; a width has a unit or \
                     a sign, for example 2ms or +-0.002"
                    .to_owned(),
            ),
            Width::Absolute(width) if !(width > 0.0 && width.is_finite()) => {
                Err("a width must be positive, for example 2ms or +-0.002".to_owned())
            }
            width => Ok(PrecisionArg {
                metric,
                width,
                is_time,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_split_outside_of_brackets_and_quotes() {
        let parts = |text: &'static str| at_commas(text);
        assert_eq!(parts("a,b"), ["a", "b"]);
        assert_eq!(parts("[1,2],[3,[4,5]]"), ["[1,2]", "[3,[4,5]]"]);
        assert_eq!(parts("{a=1,b=2},3"), ["{a=1,b=2}", "3"]);
        assert_eq!(parts(r#""a,b",'c,"d',e"#), [r#""a,b""#, r#"'c,"d'"#, "e"]);
        let varied: Varied = "ticks.slots = 4, 8".parse().unwrap();
        assert_eq!(varied.key, "ticks.slots");
        let texts: Vec<&str> = varied.values.iter().map(|(text, _)| &**text).collect();
        assert_eq!(texts, ["4", "8"]);
        assert_eq!(varied.values[1].1.place(), "--vary ticks.slots=8");
        for wrong in [
            "llm.router",
            "=1,2",
            "a=",
            "a=1,,2",
            "a=1,1",
            "a=x,\"x\"",
            "a=0.5,0.50",
            "a..b=1",
        ] {
            assert!(wrong.parse::<Varied>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn widths_are_shares_or_numbers_with_a_sign() {
        let parsed = |text: &str| text.parse::<PrecisionArg>().unwrap();
        let of = |metric: Option<&str>, width, is_time| PrecisionArg {
            metric: metric.map(str::to_owned),
            width,
            is_time,
        };
        assert_eq!(parsed("1%"), of(None, Width::Relative(0.01), false));
        let share = of(Some("ttft_s.p99"), Width::Relative(0.05), false);
        assert_eq!(parsed("ttft_s.p99=0.05"), share);
        let time = of(Some("ttft_s.mean"), Width::Absolute(0.002), true);
        assert_eq!(parsed("ttft_s.mean=2ms"), time);
        assert_eq!(parsed("ttft_s.mean=+-2ms"), time);
        let plain = of(Some("kv_use.mean"), Width::Absolute(0.002), false);
        assert_eq!(parsed("kv_use.mean=+-0.002"), plain);
        assert_eq!(parsed("kv_use.mean=±0.002"), plain);
        for wrong in [
            "0", "-1%", "100%", "2", "a=", "+-0", "+--1", "0s", "nans", "x",
        ] {
            assert!(wrong.parse::<PrecisionArg>().is_err(), "{wrong}");
        }
    }
}
