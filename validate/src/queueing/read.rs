//! From the JSON of a case to its model.
//!
//! Models are recognised by a word in their names, in lower case; what no word names is read as
//! Kendall's notation (`notation.rs`).

use serde_json::{Map, Value};

use super::expression::Expression;
use super::model::{Dispatch, Model, Polling};
use super::params::{self, Params, Unsupported, wrong};
use super::{classes, networks, notation, rate};
use crate::theory::Dist;

/// Reads a model from parameters and the name in lower case.
type Read = fn(&mut Params<'_>, &str) -> Result<Model, Unsupported>;

/// Words (all must occur) and what to read then; the first that fits counts.
const FORMS: &[(&[&str], Read)] = &[
    (&["busy"], busy_period),
    (&["transient"], transient),
    (&["vacation"], vacations),
    (&["setup"], setup),
    (&["set-up"], setup),
    (&["balk"], balking),
    (&["mmpp"], modulated),
    (&["m^x/m/1"], batches),
    (&["mx/m/1"], batches),
    (&["m[x]/m/1"], batches),
    (&["mt/m/inf"], time_varying),
    (&["m_t/m/inf"], time_varying),
    (&["m(t)/m/inf"], time_varying),
    (&["mt/g/inf"], time_varying),
    (&["closed"], networks::closed),
    (&["jackson"], networks::open),
    (&["//"], networks::machine_repair),
    (&["machine"], networks::machine_repair),
    (&["saturated"], networks::saturated_line),
    (&["tandem", "block"], networks::tandem),
    (&["jsq"], jsq),
    (&["shortest queue"], jsq),
    (&["round", "robin"], round_robin),
    (&["random", "split"], random_split),
    (&["power"], mean_field),
    (&["mean field"], mean_field),
    (&["mean-field"], mean_field),
    (&["heterogen"], heterogeneous),
    (&["fork"], fork_join),
    (&["polling", "gated"], gated),
    (&["polling", "exhaustive"], exhaustive),
    (&["multirate"], classes::multirate),
    (&["multi-rate"], classes::multirate),
    (&["dps"], classes::sharing),
    (&["discriminatory"], classes::sharing),
    (&["multiclass"], classes::sharing),
    (&["+"], impatient),
];

/// The model of a case.
pub(super) fn model(map: &Map<String, Value>) -> Result<Model, Unsupported> {
    let mut params = Params::new(map);
    let name = params
        .text(&["model"])
        .ok_or(Unsupported::Missing { name: "model" })?;
    let lower = name.trim().to_lowercase();
    let form = FORMS
        .iter()
        .find(|(words, _)| words.iter().all(|word| lower.contains(word)));
    let model = match form {
        Some((_, read)) => read(&mut params, &lower),
        None => notation::read(&mut params, name.trim()),
    }?;
    params.finish()?;
    Ok(model)
}

/// Service of M/D/1 and the like: constant where the notation says so and only a rate is given.
pub(super) fn service_of(params: &mut Params<'_>, constant: bool) -> Result<Dist, Unsupported> {
    if let (true, Some((name, value))) = (constant, params.find(&["mu"])) {
        let given = params.optional_dist(&["service"])?;
        let rate = params::positive(name, value)?;
        return Ok(given.unwrap_or(Dist::Det { value: 1.0 / rate }));
    }
    let service = params.service()?;
    match service {
        Dist::Exp { mean } if constant => Ok(Dist::Det { value: mean }),
        other => Ok(other),
    }
}

/// Refuses a load of 1 or more.
pub(super) fn stable(load: f64) -> Result<(), Unsupported> {
    if load < 1.0 {
        Ok(())
    } else {
        Err(Unsupported::Unstable { load })
    }
}

/// Only arrival order is known of these models.
pub(super) fn fcfs_only(params: &mut Params<'_>, model: &str) -> Result<(), Unsupported> {
    match params.text(&["discipline"]) {
        None | Some("FCFS" | "FIFO" | "fcfs") => Ok(()),
        Some(other) => Err(Unsupported::Discipline {
            discipline: other.to_owned(),
            model: model.to_owned(),
        }),
    }
}

const LAM: &[&str] = &["lam", "lambda", "rate"];

fn busy_period(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    let lam = params.positive(LAM)?;
    let service = service_of(params, name.starts_with("m/d/"))?;
    stable(lam * service.mean())?;
    // Work-conserving orders all have the same busy periods.
    params.find(&["discipline"]);
    Ok(Model::BusyPeriod { lam, service })
}

fn transient(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    Ok(Model::Transient {
        lam: params.positive(LAM)?,
        mu: params.positive(&["mu"])?,
        t: params.number(&["t"])?,
    })
}

fn vacations(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let lam = params.positive(LAM)?;
    let service = service_of(params, name.starts_with("m/d/"))?;
    stable(lam * service.mean())?;
    let vacation = params.dist(&["vacation", "V"])?;
    if vacation.mean() <= 0.0 {
        return Err(wrong("vacation", "a law with a positive mean"));
    }
    Ok(Model::Vacations {
        lam,
        service,
        vacation,
    })
}

fn setup(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let lam = params.positive(LAM)?;
    let service = service_of(params, name.starts_with("m/d/"))?;
    stable(lam * service.mean())?;
    Ok(Model::Setup {
        lam,
        service,
        setup: params.dist(&["setup", "set_up"])?,
    })
}

fn balking(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let text = params.text(&["join_prob", "join"]).unwrap_or("1/(n+1)");
    let join = Expression::parse(text, "n");
    let join = join.map_err(|_| wrong("join_prob", "a formula in n"))?;
    Ok(Model::Balking {
        lam: params.positive(LAM)?,
        mu: params.positive(&["mu"])?,
        join,
    })
}

fn modulated(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let rates = params.numbers(&["rates", "lam", "lams"])?;
    let [first, second] = rates[..] else {
        return Err(wrong("rates", "two rates"));
    };
    let switch = params.pair("switch", ["switch1", "switch2"])?;
    let mu = params.positive(&["mu"])?;
    let lam = (first * switch[1] + second * switch[0]) / (switch[0] + switch[1]);
    stable(lam / mu)?;
    Ok(Model::Modulated {
        rates: [first, second],
        switch,
        mu,
    })
}

fn batches(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let lam_batch = params.positive(&["lam_batch", "lam", "lambda"])?;
    let batch = params.dist(&["batch", "batch_size", "X"])?;
    match batch {
        Dist::Det { value } if value < 1.0 || value.fract() != 0.0 => {
            return Err(wrong("batch", "a whole number from 1"));
        }
        Dist::Det { .. } | Dist::Geometric { .. } => {}
        Dist::Uniform { lo, hi } if lo >= 1.0 && lo.fract() == 0.0 && hi.fract() == 0.0 => {}
        _ => {
            return Err(wrong(
                "batch",
                "a law on whole numbers: det, geometric or uniform",
            ));
        }
    }
    let mu = params.positive(&["mu"])?;
    stable(lam_batch * batch.mean() / mu)?;
    Ok(Model::Batches {
        lam_batch,
        batch,
        mu,
    })
}

fn time_varying(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let (key, value) = params.require(&["lam_t", "lam", "lambda_t"])?;
    let lam_t = rate::read(key, value)?;
    let service = params.service()?;
    // Times of the figures are in their names.
    params.find(&["t"]);
    Ok(Model::TimeVarying { lam_t, service })
}

fn parallel(params: &mut Params<'_>, name: &str, dispatch: Dispatch) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    if let Some(tie) = params.text(&["tie", "ties"])
        && tie != "random"
    {
        return Err(wrong("tie", "`random`"));
    }
    let lam = params.positive(LAM)?;
    let mu = params.pair("mu", ["mu1", "mu2"])?;
    if mu[0] != mu[1] {
        return Err(wrong("mu", "one rate for all"));
    }
    let queues = params.optional_count(&["n", "k", "servers"])?.unwrap_or(2);
    stable(lam / (mu[0] * f64::from(queues)))?;
    Ok(Model::Parallel {
        lam,
        mu: mu[0],
        queues,
        dispatch,
    })
}

fn jsq(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    parallel(params, name, Dispatch::ShortestQueue)
}

fn round_robin(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    parallel(params, name, Dispatch::RoundRobin)
}

fn random_split(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    parallel(params, name, Dispatch::Random)
}

fn mean_field(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let mu = params.optional(&["mu"])?.unwrap_or(1.0);
    let rho = match params.optional(&["rho"])? {
        Some(rho) => rho,
        None => params.positive(LAM)? / mu,
    };
    stable(rho)?;
    Ok(Model::MeanField {
        rho,
        mu,
        choices: params.count(&["d", "choices"])?,
    })
}

fn heterogeneous(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let lam = params.positive(LAM)?;
    let mu = match params.pair("mu", ["mu1", "mu2"]) {
        Ok(both) => both.to_vec(),
        Err(_) => params.positives(&["mu", "mus"])?,
    };
    params.find(&["k"]);
    stable(lam / mu.iter().sum::<f64>())?;
    Ok(Model::Heterogeneous { lam, mu })
}

fn fork_join(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let lam = params.positive(LAM)?;
    let mu = params.pair("mu", ["mu1", "mu2"])?;
    if mu[0] != mu[1] {
        return Err(wrong("mu", "one rate for all"));
    }
    let servers = params.optional_count(&["n", "k", "servers"])?.unwrap_or(2);
    stable(lam / mu[0])?;
    Ok(Model::ForkJoin {
        lam,
        mu: mu[0],
        servers,
    })
}

fn exhaustive(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    polling(params, name, Polling::Exhaustive)
}

fn gated(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    polling(params, name, Polling::Gated)
}

fn polling(params: &mut Params<'_>, name: &str, rule: Polling) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let queues = params.count(&["N", "n", "queues"])?;
    let lam_each = params.positive(&["lam_each", "lam"])?;
    let service = params.service()?;
    let switchover = params.dist(&["switchover", "switch_over", "switch"])?;
    stable(f64::from(queues) * lam_each * service.mean())?;
    Ok(Model::Polling {
        queues,
        lam_each,
        service,
        switchover,
        rule,
    })
}

fn impatient(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let lam = params.positive(LAM)?;
    let mu = params.positive(&["mu"])?;
    let servers = params.optional_count(&["k", "c", "servers"])?.unwrap_or(1);
    let exponential = name.replace(' ', "").ends_with("+m");
    let rate = if exponential {
        params.find(&["theta"])
    } else {
        None
    };
    let patience = match rate {
        Some((key, value)) => Dist::Exp {
            mean: 1.0 / params::positive(key, value)?,
        },
        None => params.dist(&["patience", "D", "tau", "d"])?,
    };
    // A bare number is a constant elsewhere; under `+M` it can only be the mean.
    let patience = match patience {
        Dist::Det { value } if exponential && value > 0.0 => Dist::Exp { mean: value },
        other => other,
    };
    Ok(Model::Impatient {
        lam,
        mu,
        servers,
        patience,
    })
}
