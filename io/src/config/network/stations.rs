//! Stations: sections to what they describe.

use kendall_kernel::Law;
use kendall_queueing::disciplines::{DISCIPLINES, by_name};
use kendall_queueing::model::{Absence, Discipline, Joining, Polling, Servers, Station, Visit};

use super::file::StationSection;
use super::forms::{JoiningForm, LawForm, PerClass, Ranks, ServersForm};
use super::names::{Fault, Key, Names};
use crate::config::nearest;

/// Disciplines whose parameters are other keys of the station.
pub(super) const PRIORITY: &str = "priority";
/// The same with preemption.
pub(super) const PREEMPTIVE_PRIORITY: &str = "preemptive-priority";
/// Discriminatory processor sharing.
pub(super) const DISCRIMINATORY: &str = "dps";
/// A server that goes around the classes.
pub(super) const POLLING: &str = "polling";

/// Disciplines with parameters.
const WITH_PARAMETERS: [&str; 4] = [PRIORITY, PREEMPTIVE_PRIORITY, DISCRIMINATORY, POLLING];

/// Service of a class that never comes to a station.
pub(super) const NO_SERVICE: Law = Law::Constant { value: 0.0 };

impl Names<'_> {
    pub(super) fn to_station(
        &self,
        name: &str,
        section: &StationSection,
    ) -> Result<Station, Fault> {
        let key = Key::new(&["station", name]);
        let service = section.service.as_ref().ok_or_else(|| Fault {
            hint: Some("for example service = \"exponential:mean=1\", in time units".to_owned()),
            ..key.fault("needs a law of `service`")
        })?;
        let service = self.by_class(&key.then("service"), service)?;
        // Whether those without a law ever come here is seen when all routes are known.
        let service = service
            .into_iter()
            .map(|law| law.unwrap_or(LawForm(NO_SERVICE)));
        let service = service.collect();
        let mut station = Station::new(name, servers(&key, section)?, laws(service));
        station.capacity = section.capacity;
        station.when_full = section.when_full.map(Into::into).unwrap_or_default();
        station.discipline = self.discipline(&key, section)?;
        if let Some(patience) = &section.patience {
            let patience = self.by_class(&key.then("patience"), patience)?;
            let law = |form: Option<LawForm>| form.map(|form| form.0);
            station.patience = patience.into_iter().map(law).collect();
        }
        station.joining = match &section.joining {
            Some(JoiningForm::Table(table)) => Joining::Table(table.clone()),
            Some(JoiningForm::Rule(rule)) if rule == "reciprocal" => Joining::Reciprocal,
            _ => Joining::Always,
        };
        station.absence = absence(&key, section)?;
        if let Some(units) = &section.units {
            station.units = self.for_every_class(&key.then("units"), units)?;
        }
        station.next = self.routes(&key.then("next"), section.next.as_ref())?;
        Ok(station)
    }

    fn discipline(&self, key: &Key, section: &StationSection) -> Result<Discipline, Fault> {
        let name = section.discipline.as_deref().unwrap_or("fcfs");
        let name = name.to_ascii_lowercase().replace('_', "-");
        let parameters = [
            (
                "priority",
                section.priority.is_some(),
                &[PRIORITY, PREEMPTIVE_PRIORITY][..],
            ),
            ("weights", section.weights.is_some(), &[DISCRIMINATORY]),
            ("switchover", section.switchover.is_some(), &[POLLING]),
            ("visit", section.visit.is_some(), &[POLLING]),
        ];
        for (parameter, given, disciplines) in parameters {
            if given && !disciplines.contains(&name.as_str()) {
                let message = format!("is for the discipline {}", disciplines.join(" or "));
                return Err(key.then(parameter).fault(message));
            }
        }
        let missing = |what: &str| key.fault(format!("has the discipline {name} and needs {what}"));
        match name.as_str() {
            PRIORITY | PREEMPTIVE_PRIORITY => {
                let ranks = section.priority.as_ref();
                let ranks = ranks.ok_or_else(|| missing("`priority`, a list of classes"))?;
                let ranks = self.ranks(&key.then("priority"), ranks)?;
                Ok(match name.as_str() {
                    PRIORITY => Discipline::Priority(ranks),
                    _ => Discipline::PreemptivePriority(ranks),
                })
            }
            DISCRIMINATORY => {
                let weights = section.weights.as_ref();
                let weights = weights.ok_or_else(|| missing("`weights` by class"))?;
                let weights = self.for_every_class(&key.then("weights"), weights)?;
                Ok(Discipline::Discriminatory(weights))
            }
            POLLING => {
                let switchover = section.switchover.as_ref();
                let switchover = switchover.ok_or_else(|| missing("a law of `switchover`"))?;
                let switchover = self.for_every_class(&key.then("switchover"), switchover)?;
                Ok(Discipline::Polling(Polling {
                    visit: section.visit.map_or(Visit::Exhaustive, Into::into),
                    switchover: laws(switchover),
                }))
            }
            name => by_name(name).ok_or_else(|| unknown(key, name)),
        }
    }

    fn ranks(&self, key: &Key, given: &Ranks) -> Result<Vec<u32>, Fault> {
        let order = match given {
            Ranks::Table(table) => {
                return self.for_every_class(key, &PerClass::Each(table.clone()));
            }
            Ranks::Order(order) => order,
        };
        if let Some(class) = order.iter().find(|class| !self.classes.contains(class)) {
            return Err(key.fault(format!("names the class `{class}`, which is not defined")));
        }
        let rank = |class: &String| {
            let at = order.iter().position(|known| known == class);
            let rank = at.and_then(|at| u32::try_from(at).ok());
            rank.ok_or_else(|| key.fault(format!("says nothing of the class `{class}`")))
        };
        self.classes.iter().map(rank).collect()
    }
}

fn laws(forms: Vec<LawForm>) -> Vec<Law> {
    forms.into_iter().map(|form| form.0).collect()
}

fn unknown(key: &Key, name: &str) -> Fault {
    let named = DISCIPLINES.iter().flat_map(|known| known.names).copied();
    let names: Vec<&str> = named.chain(WITH_PARAMETERS).collect();
    let all = format!("the disciplines are {}", names.join(", "));
    let hint = match nearest(name, names.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`? {all}"),
        None => all,
    };
    Fault {
        hint: Some(hint),
        ..key
            .then("discipline")
            .fault(format!("is `{name}`, which is no discipline"))
    }
}

fn servers(key: &Key, section: &StationSection) -> Result<Servers, Fault> {
    match (section.servers, &section.speeds) {
        (None, None) => Ok(Servers::Equal(1)),
        (Some(ServersForm::Count(count)), None) => Ok(Servers::Equal(count)),
        (Some(ServersForm::Infinite), None) => Ok(Servers::Infinite),
        (None, Some(speeds)) => Ok(Servers::Speeds(speeds.clone())),
        (Some(_), Some(_)) => Err(key
            .then("speeds")
            .fault("has an entry per server; leave `servers` out")),
    }
}

fn absence(key: &Key, section: &StationSection) -> Result<Absence, Fault> {
    match (&section.vacations, &section.setup, &section.breakdowns) {
        (None, None, None) => Ok(Absence::None),
        (Some(law), None, None) => Ok(Absence::Vacations(law.0.clone())),
        (None, Some(law), None) => Ok(Absence::Setup(law.0.clone())),
        (None, None, Some(breakdowns)) => Ok(Absence::Breakdowns {
            up: breakdowns.up.0.clone(),
            down: breakdowns.down.0.clone(),
            while_busy: breakdowns.while_busy,
        }),
        _ => Err(key.fault("may have only one of `vacations`, `setup` and `breakdowns`")),
    }
}
