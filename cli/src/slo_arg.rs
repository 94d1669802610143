//! Objectives on the command line.

use std::str::FromStr;

use kendall_study::capacity::Objective;
use kendall_study::summary::SloTargets;

use crate::number;
use crate::time_arg;

/// Bounds that a share of the requests must meet; what is not given stays as the scenario has it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct SloArg {
    targets: SloTargets,
    pub(crate) objective: Option<Objective>,
}

impl SloArg {
    /// The scenario's bounds with these laid over them.
    pub(crate) fn over(&self, own: SloTargets) -> SloTargets {
        SloTargets {
            ttft_s: self.targets.ttft_s.or(own.ttft_s),
            tpot_s: self.targets.tpot_s.or(own.tpot_s),
            e2e_s: self.targets.e2e_s.or(own.e2e_s),
        }
    }
}

impl FromStr for SloArg {
    type Err = String;

    fn from_str(text: &str) -> Result<SloArg, String> {
        let mut slo = SloArg::default();
        for part in text.split(',') {
            let Some((key, value)) = part.split_once('=') else {
                return Err(format!(
                    "`{part}` is not KEY=VALUE, for example ttft=0.5s,tpot=50ms,attainment=99%"
                ));
            };
            let targets = &mut slo.targets;
            match key.trim() {
                "ttft" => targets.ttft_s = Some(time_arg::seconds(value)?),
                "tpot" => targets.tpot_s = Some(time_arg::seconds(value)?),
                "e2e" => targets.e2e_s = Some(time_arg::seconds(value)?),
                "attainment" => {
                    let objective = Objective::new(number::share(value)?);
                    slo.objective = Some(objective.map_err(|error| error.to_string())?);
                }
                other => {
                    return Err(format!(
                        "`{other}` is none of ttft, tpot, e2e and attainment"
                    ));
                }
            }
        }
        Ok(slo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_laid_over_those_of_the_scenario() {
        let slo: SloArg = "ttft=500ms,attainment=90%".parse().unwrap();
        let own = SloTargets {
            ttft_s: Some(2.0),
            tpot_s: Some(0.1),
            e2e_s: None,
        };
        let both = slo.over(own);
        assert_eq!((both.ttft_s, both.tpot_s), (Some(0.5), Some(0.1)));
        assert_eq!(slo.objective.map(Objective::attainment), Some(0.9));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "ttft",
            "ttft=",
            "itl=3s",
            "attainment=0",
            "attainment=101%",
            "tpot=-1s",
        ] {
            assert!(text.parse::<SloArg>().is_err(), "{text}");
        }
    }
}
