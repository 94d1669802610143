//! Networks of stations.

use serde_json::Value;

use super::model::{ClosedStation, Model, OpenStation};
use super::params::{self, Params, Unsupported, wrong};
use super::read::fcfs_only;

/// Numbers of servers: a list, one number for all, or one server each.
fn servers(params: &mut Params<'_>, stations: usize) -> Result<Vec<u32>, Unsupported> {
    let Some((name, value)) = params.find(&["servers", "k", "c"]) else {
        return Ok(vec![1; stations]);
    };
    if value.is_number() {
        return Ok(vec![params::count(name, value)?; stations]);
    }
    let counts: Result<Vec<u32>, _> = params::items(name, value)?
        .iter()
        .map(|item| params::count(name, item))
        .collect();
    counts.and_then(|counts| {
        if counts.len() == stations {
            Ok(counts)
        } else {
            Err(lengths(name))
        }
    })
}

fn lengths(name: &str) -> Unsupported {
    wrong(name, "one value per station")
}

pub(super) fn open(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let gamma = params.numbers(&["gamma", "lam"])?;
    let mu = params.positives(&["mu"])?;
    let (key, rows) = params.require(&["P", "routing"])?;
    let rows = params::items(key, rows)?;
    let servers = servers(params, gamma.len())?;
    if mu.len() != gamma.len() || rows.len() != gamma.len() {
        return Err(lengths(key));
    }
    let mut stations = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let routing: Result<Vec<f64>, _> = params::items(key, row)?
            .iter()
            .map(|item| params::not_negative(key, item))
            .collect();
        let routing = routing?;
        if routing.len() != gamma.len() || routing.iter().sum::<f64>() > 1.0 + 1e-9 {
            return Err(wrong(key, "a square matrix whose rows sum to at most 1"));
        }
        stations.push(OpenStation {
            gamma: gamma[index],
            mu: mu[index],
            servers: servers[index],
            routing,
        });
    }
    Ok(Model::Open { stations })
}

pub(super) fn closed(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let customers = params.count(&["N", "customers", "n"])?;
    let think_time = params
        .optional(&["Z", "think_time", "think"])?
        .unwrap_or(0.0);
    if let Some((key, routing)) = params.find(&["routing", "P"])
        && !is_cycle(routing)
    {
        return Err(wrong(key, "a cycle through the stations"));
    }
    let demands = match params.find(&["demands"]) {
        Some(_) => params.positives(&["demands"])?,
        None => params
            .positives(&["mu"])?
            .iter()
            .map(|mu| 1.0 / mu)
            .collect(),
    };
    let servers = servers(params, demands.len())?;
    let stations = demands.iter().zip(servers);
    let stations = stations
        .map(|(&demand, servers)| ClosedStation { demand, servers })
        .collect();
    Ok(Model::Closed {
        customers,
        think_time,
        stations,
    })
}

/// Whether routing, in words or as a matrix, is from each station to the next.
fn is_cycle(routing: &Value) -> bool {
    if let Some(text) = routing.as_str() {
        return text.to_lowercase().contains("cycl");
    }
    let rows = routing.as_array().map(Vec::as_slice).unwrap_or_default();
    let next = |index: usize| (index + 1) % rows.len();
    let certain =
        |(index, row): (usize, &Value)| row.get(next(index)).and_then(Value::as_f64) == Some(1.0);
    !rows.is_empty() && rows.iter().enumerate().all(certain)
}

pub(super) fn machine_repair(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    Ok(Model::MachineRepair {
        machines: params.count(&["M", "machines"])?,
        repairers: params.optional_count(&["r", "repairers"])?.unwrap_or(1),
        fail_rate: params.positive(&["fail_rate", "lam"])?,
        repair_rate: params.positive(&["repair_rate", "mu"])?,
    })
}

/// Room at a station: a whole number, or `inf`.
fn room(name: &str, value: &Value) -> Result<Option<u32>, Unsupported> {
    match value.as_str().map(str::to_lowercase).as_deref() {
        Some("inf" | "infinity" | "infinite") => Ok(None),
        _ => params::count(name, value).map(Some),
    }
}

pub(super) fn tandem(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let lam = params.positive(&["lam", "lambda"])?;
    let mu = params.pair("mu", ["mu1", "mu2"])?;
    let (key, value) = params.require(&["capacity", "capacity2", "K"])?;
    let capacity2 = match value.as_array().map(Vec::as_slice) {
        Some([first, second]) => {
            if room(key, first)?.is_some() {
                return Err(wrong(key, "unlimited at station 1"));
            }
            room(key, second)?
        }
        Some(_) => return Err(lengths(key)),
        None => room(key, value)?,
    };
    Ok(Model::Tandem { lam, mu, capacity2 })
}

pub(super) fn saturated_line(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    fcfs_only(params, name)?;
    let mu = params.pair("mu", ["mu1", "mu2"])?;
    let capacity2 = params.count(&["capacity2", "capacity", "K"])?;
    Ok(Model::SaturatedLine { mu, capacity2 })
}
