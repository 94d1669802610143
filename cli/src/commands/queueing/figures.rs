//! Which figures of a network are shown.

use kendall_queueing::Network;
use kendall_queueing::model::{Absence, Discipline, Joining, Route, Station, Target, WhenFull};
use kendall_study::queueing::{At, Figure};

/// Quantiles that are shown when asked for.
const QUANTILES: [(f64, &str); 3] = [(0.5, "p50"), (0.9, "p90"), (0.99, "p99")];

/// A line of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What it is, in words.
    pub(super) label: String,
    pub(super) figure: Figure,
    /// The name of the metric in theory.
    pub(super) metric: String,
}

fn row(label: impl Into<String>, figure: Figure, metric: impl Into<String>) -> Row {
    Row {
        label: label.into(),
        figure,
        metric: metric.into(),
    }
}

/// The figures of a network, the one whose precision counts first.
pub(super) fn rows(network: &Network, quantiles: bool) -> Vec<Row> {
    let leaves = |station: &Station| station.next.iter().all(|next| *next == Route::Exit);
    if network.stations.len() == 1 && network.populations.is_empty() && leaves(&network.stations[0])
    {
        return single(network, quantiles);
    }
    let mut rows = if network.sources.is_empty() {
        closed(network)
    } else {
        vec![
            row("time in the network", Figure::NetworkSojourn, "E_T_system"),
            row(
                "customers in the network",
                Figure::NetworkPresent,
                "E_N_total",
            ),
            row("throughput", Figure::NetworkThroughput, "throughput"),
        ]
    };
    for (at, station) in network.stations.iter().enumerate() {
        let suffix = format!("_{}", at + 1);
        rows.extend(of_station(network, at, &station.name, &suffix, quantiles));
    }
    rows
}

fn closed(network: &Network) -> Vec<Row> {
    let thinking = network
        .stations
        .iter()
        .position(|s| s.server_count().is_none());
    let served = network
        .stations
        .iter()
        .position(|s| s.server_count().is_some());
    let at = At::station(served.unwrap_or(0));
    let cycle = thinking.map_or(Figure::Cycle(0), Figure::Absence);
    vec![
        row("time of a round, thinking apart", cycle, "E_R_total"),
        row("throughput", Figure::Throughput(at), "throughput"),
    ]
}

/// One station: without its name, and with metrics that need no number.
fn single(network: &Network, quantiles: bool) -> Vec<Row> {
    let mut rows = of_station(network, 0, "", "", quantiles);
    if network.classes.len() > 1 {
        for (class, name) in network.classes.iter().enumerate() {
            rows.extend(of_class(&network.stations[0], 0, class, name, ""));
        }
    }
    rows
}

fn of_station(network: &Network, at: usize, name: &str, suffix: &str, quantiles: bool) -> Vec<Row> {
    let station = &network.stations[at];
    let place = At::station(at);
    let called = |what: &str| match name {
        "" => what.to_owned(),
        name => format!("{name}: {what}"),
    };
    let metric = |base: &str| format!("{base}{suffix}");
    let sojourn = if suffix.is_empty() { "E_T" } else { "E_Tvisit" };
    let queued = station.server_count().is_some();
    let mut rows = vec![row(
        called("sojourn time"),
        Figure::Sojourn(place),
        metric(sojourn),
    )];
    if queued && waits(station) {
        rows.push(row(
            called("waiting time"),
            Figure::Waiting(place),
            metric("E_W"),
        ));
    }
    rows.push(row(
        called("number present"),
        Figure::Present(place),
        metric("E_N"),
    ));
    if queued && one_by_one(station) {
        rows.push(row(
            called("number waiting"),
            Figure::Queued(at),
            metric("E_Nq"),
        ));
    }
    if queued {
        let utilisation = if suffix.is_empty() {
            "utilization"
        } else {
            "util"
        };
        rows.push(row(
            called("utilisation"),
            Figure::Utilisation(at),
            metric(utilisation),
        ));
    }
    if queued && waits(station) && station.absence == Absence::None {
        rows.push(row(
            called("share that waits"),
            Figure::Waits(place),
            metric("P_wait"),
        ));
    }
    // Where upstream servers wait for room, only those from outside can be lost.
    let from_outside = network
        .sources
        .iter()
        .any(|source| source.to == Target::Station(at));
    let turns_away = station.when_full == WhenFull::Lose || from_outside;
    let loses = station.capacity.is_some() && turns_away;
    rows.extend(unserved(station, place, loses, &called, &metric));
    if quantiles {
        for (q, short) in QUANTILES {
            let figure = Figure::SojournQuantile(place, q);
            let what = called(&format!("sojourn time, {short}"));
            rows.push(row(what, figure, metric(&format!("T_{short}"))));
        }
        for (q, short) in QUANTILES.into_iter().filter(|_| queued && waits(station)) {
            let figure = Figure::WaitingQuantile(place, q);
            let what = called(&format!("waiting time, {short}"));
            rows.push(row(what, figure, metric(&format!("W_{short}"))));
        }
    }
    rows
}

/// Shares of those who are not served, where that can be.
fn unserved(
    station: &Station,
    place: At,
    loses: bool,
    called: &impl Fn(&str) -> String,
    metric: &impl Fn(&str) -> String,
) -> Vec<Row> {
    let lost = loses.then_some(("share lost", Figure::Lost(place), "P_loss"));
    let balks = station.joining != Joining::Always;
    let balked = balks.then_some(("share that does not join", Figure::Balked(place), "P_balk"));
    let leaves = station.patience.iter().any(Option::is_some);
    let gave_up = leaves.then_some(("share that gives up", Figure::Reneged(place), "P_abandon"));
    let shares: Vec<_> = lost.into_iter().chain(balked).chain(gave_up).collect();
    let throughput = (!shares.is_empty()).then(|| {
        row(
            called("throughput"),
            Figure::Throughput(place),
            metric("throughput"),
        )
    });
    let shares = shares
        .into_iter()
        .map(|(what, figure, name)| row(called(what), figure, metric(name)));
    shares.chain(throughput).collect()
}

fn of_class(station: &Station, at: usize, class: usize, name: &str, suffix: &str) -> Vec<Row> {
    let place = At::class(at, class);
    let metric = |base: &str| format!("{base}{suffix}_c{}", class + 1);
    let called = |what: &str| format!("{name}: {what}");
    let mut rows = vec![row(
        called("sojourn time"),
        Figure::Sojourn(place),
        metric("E_T"),
    )];
    if waits(station) {
        rows.push(row(
            called("waiting time"),
            Figure::Waiting(place),
            metric("E_W"),
        ));
    }
    rows.push(row(
        called("number present"),
        Figure::Present(place),
        metric("E_N"),
    ));
    rows
}

/// Whether customers wait before a service that is then completed.
fn waits(station: &Station) -> bool {
    one_by_one(station) || matches!(station.discipline, Discipline::Polling(_))
}

fn one_by_one(station: &Station) -> bool {
    matches!(
        station.discipline,
        Discipline::Fcfs
            | Discipline::Lcfs
            | Discipline::Random
            | Discipline::ShortestFirst
            | Discipline::Priority(_)
    )
}
