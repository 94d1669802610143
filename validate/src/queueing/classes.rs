//! Models with several classes of customers.

use super::model::{Class, LossClass, Model};
use super::params::{Params, Unsupported, wrong};
use super::read::stable;
use crate::theory::Dist;

/// Reads the classes; a class without a service law of its own has the common one.
fn classes(params: &mut Params<'_>) -> Result<Vec<Class>, Unsupported> {
    let common = match params.find(&["mu", "service"]) {
        Some(_) => Some(params.service()?),
        None => None,
    };
    let weights = match params.find(&["weights"]) {
        Some(_) => Some(params.positives(&["weights"])?),
        None => None,
    };
    let mut classes = Vec::new();
    for (index, mut class) in params.objects(&["classes"])?.into_iter().enumerate() {
        let lam = class.positive(&["lam", "lambda"])?;
        let service = match (class.service(), &common) {
            (Err(Unsupported::Missing { .. }), Some(law)) => law.clone(),
            (service, _) => service?,
        };
        let listed = weights
            .as_ref()
            .and_then(|weights| weights.get(index).copied());
        let weight = class
            .optional(&["weight", "w", "g"])?
            .or(listed)
            .unwrap_or(1.0);
        if weight <= 0.0 {
            return Err(wrong("weight", "a positive number"));
        }
        class.find(&["name"]);
        class.finish()?;
        classes.push(Class {
            lam,
            service,
            weight,
        });
    }
    if classes.is_empty() {
        return Err(wrong("classes", "a list of at least one class"));
    }
    Ok(classes)
}

fn load(classes: &[Class]) -> f64 {
    classes
        .iter()
        .map(|class| class.lam * class.service.mean())
        .sum()
}

/// M/G/1 and M/M/k with classes: priorities, or sharing if the discipline says so.
pub(super) fn priority(
    params: &mut Params<'_>,
    model: &str,
    suffix: Option<&str>,
    servers: u32,
) -> Result<Model, Unsupported> {
    let suffix = suffix.filter(|suffix| !suffix.contains("classes"));
    let text = params
        .text(&["discipline"])
        .or(suffix)
        .unwrap_or("non-preemptive");
    let word = text.to_lowercase().replace(['-', '_', ' '], "");
    let preemptive = match word.as_str() {
        "nonpreemptive" | "np" | "nonpreemptivepriority" | "hol" | "prionp" => false,
        "preemptiveresume" | "pr" | "preemptive" | "preemptiveresumepriority" | "priopr" => true,
        "ps" | "dps" if servers == 1 => return sharing(params, &word),
        _ => {
            return Err(Unsupported::Discipline {
                discipline: text.to_owned(),
                model: model.to_owned(),
            });
        }
    };
    let classes = classes(params)?;
    if servers > 1
        && classes
            .iter()
            .any(|class| class.service != classes[0].service)
    {
        return Err(wrong("mu", "one rate for all classes"));
    }
    stable(load(&classes) / f64::from(servers))?;
    Ok(Model::Priority {
        classes,
        servers,
        preemptive,
    })
}

/// Processor sharing, plain or by weights.
pub(super) fn sharing(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    let discipline = params.text(&["discipline"]).map(str::to_uppercase);
    if let Some(word) = discipline
        .as_deref()
        .filter(|word| !["PS", "DPS"].contains(word))
    {
        return Err(Unsupported::Discipline {
            discipline: word.to_owned(),
            model: name.to_owned(),
        });
    }
    let mut classes = classes(params)?;
    let plain = !name.contains("dps") && !name.contains("discriminatory");
    if plain
        && discipline.as_deref() != Some("DPS")
        && classes.iter().any(|class| class.weight != 1.0)
    {
        let weight = classes[0].weight;
        if classes.iter().any(|class| class.weight != weight) {
            return Err(wrong("weight", "the same for all classes of plain sharing"));
        }
        classes.iter_mut().for_each(|class| class.weight = 1.0);
    }
    stable(load(&classes))?;
    Ok(Model::Sharing { classes })
}

/// Loss system with classes that hold several units.
pub(super) fn multirate(params: &mut Params<'_>, _: &str) -> Result<Model, Unsupported> {
    let units = params.count(&["C", "units", "capacity", "c"])?;
    let common = params.optional(&["mu"])?;
    let mut classes = Vec::new();
    for mut class in params.objects(&["classes"])? {
        let lam = class.positive(&["lam", "lambda"])?;
        let service = match (class.service(), common) {
            (Err(Unsupported::Missing { .. }), Some(mu)) if mu > 0.0 => {
                Dist::Exp { mean: 1.0 / mu }
            }
            (service, _) => service?,
        };
        let held = class.count(&["units", "b", "size", "bandwidth", "c"])?;
        class.find(&["name"]);
        class.finish()?;
        classes.push(LossClass {
            lam,
            service,
            units: held,
        });
    }
    if classes.is_empty() {
        return Err(wrong("classes", "a list of at least one class"));
    }
    Ok(Model::MultirateLoss { units, classes })
}
