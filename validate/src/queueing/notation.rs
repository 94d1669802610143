//! Kendall's notation: arrivals / service / servers / capacity.

use super::classes;
use super::model::{Discipline, Model, Station};
use super::params::{Params, Unsupported, wrong};
use super::read::{service_of, stable};
use crate::theory::Dist;

/// The number of servers or the capacity, as the notation has it.
enum Number<'a> {
    Fixed(u32),
    Unlimited,
    Letter(&'a str),
}

/// Reads a model whose name is notation and nothing else.
pub(super) fn read(params: &mut Params<'_>, name: &str) -> Result<Model, Unsupported> {
    // `M/G/1-PS`, `M/M/1 ROS`: the discipline may be part of the name.
    let (notation, suffix) = match name.split_once(['-', ' ']) {
        Some((notation, suffix)) => (notation, Some(suffix.trim())),
        None => (name, None),
    };
    let unknown = || Unsupported::Model {
        model: name.to_owned(),
    };
    let parts: Vec<&str> = notation.split('/').map(str::trim).collect();
    let (arrival, service, servers, capacity) = match parts[..] {
        [arrival, service, servers] => (arrival, service, servers, None),
        [arrival, service, servers, capacity] => (arrival, service, servers, Some(capacity)),
        _ => return Err(unknown()),
    };
    if !["M", "GI", "G", "D"].contains(&arrival) || !["M", "G", "GI", "D"].contains(&service) {
        return Err(unknown());
    }
    let servers = match number(servers).ok_or_else(unknown)? {
        Number::Fixed(count) => Some(count),
        Number::Unlimited => None,
        Number::Letter(_) => Some(params.count(&["k", "c", "servers"])?),
    };
    if arrival == "M" && capacity.is_none() && params.find(&["classes"]).is_some() {
        return classes::priority(params, name, suffix, servers.ok_or_else(unknown)?);
    }
    let arrival = interarrival(params, arrival)?;
    let service = service_of(params, service == "D")?;
    let capacity = match capacity
        .map(|text| number(text).ok_or_else(unknown))
        .transpose()?
    {
        None | Some(Number::Unlimited) => None,
        Some(Number::Fixed(count)) => Some(count),
        Some(Number::Letter("K")) => Some(params.count(&["K", "capacity"])?),
        Some(Number::Letter(_)) => servers,
    };
    if let (Some(servers), Some(capacity)) = (servers, capacity)
        && capacity < servers
    {
        return Err(wrong("K", "at least the number of servers"));
    }
    if let (Some(servers), None) = (servers, capacity) {
        let load = service.mean() / (arrival.mean() * f64::from(servers));
        let constant = matches!((&arrival, &service), (Dist::Det { .. }, Dist::Det { .. }));
        if !(constant && load == 1.0) {
            stable(load)?;
        }
    }
    let discipline = match params.text(&["discipline"]).or(suffix) {
        Some(text) => discipline(text, name)?,
        None => Discipline::Fcfs,
    };
    Ok(Model::Station(Station {
        arrival,
        service,
        servers,
        capacity,
        discipline,
    }))
}

fn number(text: &str) -> Option<Number<'_>> {
    match text {
        "inf" | "infinity" | "∞" => Some(Number::Unlimited),
        "k" | "c" | "s" | "n" | "K" => Some(Number::Letter(text)),
        _ => text
            .parse()
            .ok()
            .filter(|count| *count > 0)
            .map(Number::Fixed),
    }
}

fn interarrival(params: &mut Params<'_>, letter: &str) -> Result<Dist, Unsupported> {
    if letter != "M"
        && let Some(law) = params.optional_dist(&["arrival", "interarrival"])?
    {
        return if law.mean() > 0.0 {
            Ok(law)
        } else {
            Err(wrong("arrival", "a law with a positive mean"))
        };
    }
    match letter {
        "M" => Ok(Dist::Exp {
            mean: 1.0 / params.positive(&["lam", "lambda"])?,
        }),
        "D" => Ok(Dist::Det {
            value: 1.0 / params.positive(&["lam", "lambda"])?,
        }),
        _ => Err(Unsupported::Missing { name: "arrival" }),
    }
}

fn discipline(text: &str, model: &str) -> Result<Discipline, Unsupported> {
    let word = text.to_uppercase().replace(['-', '_', ' '], "");
    Ok(match word.as_str() {
        "FCFS" | "FIFO" => Discipline::Fcfs,
        "LCFS" | "LIFO" | "LCFSNP" => Discipline::Lcfs,
        "LCFSPR" | "LIFOPR" | "PLCFS" => Discipline::LcfsPr,
        "ROS" | "SIRO" | "RANDOM" | "RSS" => Discipline::Ros,
        "PS" => Discipline::Ps,
        "SJF" | "SPT" | "SJFNP" => Discipline::Sjf,
        "PSJF" => Discipline::Psjf,
        "SRPT" => Discipline::Srpt,
        "FB" | "LAS" | "FBPS" | "SETF" => Discipline::Fb,
        _ => {
            return Err(Unsupported::Discipline {
                discipline: text.to_owned(),
                model: model.to_owned(),
            });
        }
    })
}
