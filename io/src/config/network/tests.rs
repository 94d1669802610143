use std::fs;

use kendall_kernel::{Law, Streams};
use kendall_queueing::model::{
    Absence, Arrivals, Discipline, Joining, JunctionKind, Policy, Polling, Rate, Route, Servers,
    Target, Visit, WhenFull,
};
use kendall_queueing::notation::{self, Params};
use kendall_queueing::{Simulation, Until};

use proptest::prelude::*;

use kendall_study::queueing::{Intervals, WarmUpRule};

use super::*;

fn read_all(text: &str, settings: &[&str]) -> Result<QueueingScenario, ConfigFileError> {
    let settings = settings.iter().map(|text| text.parse().unwrap());
    parse_network("x.toml", text, &settings.collect::<Vec<_>>())
}

fn ok(text: &str) -> QueueingScenario {
    read_all(text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The error and its hint.
fn fails(text: &str, settings: &[&str]) -> (String, String) {
    let error = read_all(text, settings).unwrap_err();
    (error.to_string(), error.hint().unwrap_or_default())
}

const MM1: &str = "[source.all]\nrate = 0.5\n[station.desk]\nservice = \"exponential:mean=1\"\n";

/// Two classes, two stations, a junction.
const TWO: &str = r#"
[queueing]
classes = ["gold", "silver"]
[source.gold]
class = "gold"
to = "a"
rate = 0.2
[source.silver]
class = "silver"
to = "j"
rate = 0.1
[station.b]
service = 1
[station.a]
service = { gold = 1, silver = "uniform:min=0,max=1" }
next = { gold = "b", silver = { b = 0.5, j = 0.25 } }
[junction.j]
policy = "power-of"
choices = 2
stations = ["a", "b"]
"#;

#[test]
fn a_station_and_a_source_are_enough() {
    let scenario = ok(MM1);
    let params = Params {
        arrival_rate: Some(0.5),
        service_rate: Some(1.0),
        ..Params::default()
    };
    let mut expected = notation::parse("M/M/1", &params).unwrap();
    expected.stations[0].name = "desk".to_owned();
    assert_eq!(scenario.network, expected);
    assert_eq!(scenario.run, QueueingRun::default());
    assert_eq!(scenario.sources, ["all"]);
}

#[test]
fn names_become_positions_in_the_order_of_the_file() {
    let network = ok(TWO).network;
    let names: Vec<_> = network.stations.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(network.sources[0].to, Target::Station(1));
    assert_eq!(network.sources[1].to, Target::Junction(0));
    assert_eq!(network.sources[1].class, 1);
    assert_eq!(network.stations[0].next, [Route::Exit, Route::Exit]);
    let a = &network.stations[1];
    assert_eq!(a.service[1], Law::Uniform { min: 0.0, max: 1.0 });
    assert_eq!(a.next[0], Route::To(Target::Station(0), 0));
    let Route::Random(branches) = &a.next[1] else {
        panic!("{:?}", a.next);
    };
    let places: Vec<_> = branches.iter().map(|b| (b.to, b.probability)).collect();
    assert_eq!(
        places,
        [(Target::Station(0), 0.5), (Target::Junction(0), 0.25)]
    );
    let JunctionKind::Dispatch { policy, stations } = &network.junctions[0].kind else {
        panic!("{:?}", network.junctions);
    };
    assert_eq!((*policy, &stations[..]), (Policy::PowerOf(2), &[1, 0][..]));
}

#[test]
fn every_form_of_a_route_is_read() {
    let routes = |next: &str| {
        let text = TWO.replace("service = 1\n", &format!("service = 1\nnext = {next}\n"));
        ok(&text).network.stations[0].next.clone()
    };
    let to = |class| Route::To(Target::Station(1), class);
    assert_eq!(routes("\"exit\""), [Route::Exit, Route::Exit]);
    assert_eq!(routes("\"a\""), [to(0), to(1)]);
    assert_eq!(routes("{ to = \"a\", class = \"gold\" }"), [to(0), to(0)]);
    assert_eq!(routes("{ silver = \"a\" }"), [Route::Exit, to(1)]);
    assert_eq!(routes("{ a = 0.5 }"), routes("{ a = 0.5, exit = 0.5 }"));
    let changing = routes(
        "[{ to = \"a\", probability = 0.3, class = \"silver\" }, { to = \"a\", probability = 0.2 }]",
    );
    let Route::Random(branches) = &changing[0] else {
        panic!("{changing:?}");
    };
    let classes: Vec<_> = branches.iter().map(|b| (b.probability, b.class)).collect();
    assert_eq!(classes, [(0.3, 1), (0.2, 0)]);
}

#[test]
fn every_key_of_a_station_is_read() {
    let text = r#"
        [queueing]
        classes = ["gold", "silver"]
        [source.all]
        class = "gold"
        to = "first"
        interarrival = { law = "uniform", min = 1, max = 2 }
        batch = "geometric:p=0.5"
        [station.first]
        speeds = [1.0, 2.0]
        capacity = 9
        when_full = "block"
        discipline = "SJF"
        service = 1
        joining = [1.0, 0.5]
        units = { gold = 1, silver = 2 }
        [station.second]
        servers = inf
        service = 1
        joining = "reciprocal"
        [station.third]
        discipline = "polling"
        visit = "gated"
        switchover = { gold = 1, silver = 0.5 }
        service = 1
        [station.fourth]
        discipline = "preemptive_priority"
        priority = { gold = 3, silver = 1 }
        service = 1
        [station.fifth]
        discipline = "dps"
        weights = { gold = 3, silver = 1 }
        service = 1
        [station.sixth]
        servers = 3
        service = 1
        breakdowns = { up = "exponential:mean=9", down = 1, while_busy = true }
        patience = { silver = 2 }
        [station.seventh]
        vacations = 1
        service = 1
        [station.eighth]
        setup = 1
        service = 1
    "#;
    let network = ok(text).network;
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = &network.stations[..]
    else {
        panic!("{} stations", network.stations.len());
    };
    assert_eq!(network.sources[0].batch, Some(Law::Geometric { p: 0.5 }));
    assert_eq!(first.servers, Servers::Speeds(vec![1.0, 2.0]));
    assert_eq!(
        (first.capacity, first.when_full),
        (Some(9), WhenFull::Block)
    );
    assert_eq!(first.discipline, Discipline::ShortestFirst);
    assert_eq!(first.joining, Joining::Table(vec![1.0, 0.5]));
    assert_eq!(first.units, [1, 2]);
    assert_eq!(second.servers, Servers::Infinite);
    assert_eq!(second.joining, Joining::Reciprocal);
    let constant = |value| Law::Constant { value };
    let polling = Polling {
        visit: Visit::Gated,
        switchover: vec![constant(1.0), constant(0.5)],
    };
    assert_eq!(third.discipline, Discipline::Polling(polling));
    let priority = Discipline::PreemptivePriority(vec![3, 1]);
    assert_eq!(fourth.discipline, priority);
    assert_eq!(fifth.discipline, Discipline::Discriminatory(vec![3.0, 1.0]));
    assert_eq!(sixth.patience, [None, Some(constant(2.0))]);
    assert!(matches!(
        sixth.absence,
        Absence::Breakdowns {
            while_busy: true,
            ..
        }
    ));
    assert_eq!(seventh.absence, Absence::Vacations(constant(1.0)));
    assert_eq!(eighth.absence, Absence::Setup(constant(1.0)));
}

#[test]
fn every_kind_of_arrivals_is_read() {
    let arrivals = |keys: &str| {
        let network = ok(&MM1.replace("rate = 0.5", keys)).network;
        network.sources[0].arrivals.clone()
    };
    assert_eq!(
        arrivals("interarrival = 2"),
        Arrivals::Renewal(Law::Constant { value: 2.0 })
    );
    assert_eq!(
        arrivals("times = [0, 1.5, 3]"),
        Arrivals::Given(vec![0.0, 1.5, 3.0])
    );
    let mmpp = arrivals("mmpp = { rates = [1.0, 2.0], switching = [[0, 0.1], [0.2, 0]] }");
    let map = "map = { silent = [[0, 0.1], [0.2, 0]], marked = [[1, 0], [0, 2]] }";
    assert_eq!(mmpp, arrivals(map));
    assert_eq!(
        arrivals("sinusoidal = { mean = 1, amplitude = 0.5, period = 24 }"),
        Arrivals::Varying(Rate::Sinusoidal {
            mean: 1.0,
            amplitude: 0.5,
            period: 24.0,
            shift: 0.0
        })
    );
    assert_eq!(
        arrivals("piecewise = { lengths = [1, 2], rates = [0, 1] }"),
        Arrivals::Varying(Rate::Piecewise {
            lengths: vec![1.0, 2.0],
            rates: vec![0.0, 1.0]
        })
    );
}

#[test]
fn arrivals_are_read_from_traces_beside_the_file() {
    let scratch = tempfile::tempdir().unwrap();
    let trace = "arrival_s,prompt_tokens,output_tokens\n1.5,10,2\n1.5,20,3\n4,10,1\n";
    fs::write(scratch.path().join("day.csv"), trace).unwrap();
    let text = "[queueing]\nunit_s = 0.5\n[source.all]\ntrace = \"day.csv\"\n\
                [station.desk]\nservice = 1\n";
    let file = scratch.path().join("desk.toml");
    fs::write(&file, text).unwrap();
    let scenario = load_network(&file, &[]).unwrap();
    let arrivals = &scenario.network.sources[0].arrivals;
    assert_eq!(*arrivals, Arrivals::Given(vec![3.0, 3.0, 8.0]));
    // Written out with the whole name, it is found from anywhere.
    check_round_trip(&scenario);

    fs::write(
        scratch.path().join("day.csv"),
        "arrival_s,prompt_tokens\n1,x\n",
    )
    .unwrap();
    let error = load_network(&file, &[]).unwrap_err();
    assert!(error.to_string().contains("desk.toml:4:"), "{error}");
    assert!(error.to_string().contains("day.csv"), "{error}");
    let missing = fails(&text.replace("day", "night"), &[]);
    assert!(missing.0.contains("night.csv"), "{missing:?}");
    let twice = fails(&format!("{MM1}[source.more]\nrate = 1\ntimes = [1]\n"), &[]);
    assert!(twice.0.contains("exactly one of"), "{twice:?}");
}

#[test]
fn a_run_has_the_settings_of_the_file() {
    let run = "seed = 7\n[queueing]\nunit_s = 60\nuntil = 100\nreplications = 3\nwarm_up = 5\n\
               intervals = \"regenerative\"\nprecision = 0.05\nlevel = 0.99\n";
    let expected = QueueingRun {
        seed: 7,
        customers: None,
        until: Some(100.0),
        replications: 3,
        warm_up: WarmUpRule::Customers(5),
        intervals: Intervals::Regenerative,
        precision: Some(0.05),
        level: 0.99,
        unit_s: 60.0,
    };
    assert_eq!(ok(&format!("{run}{MM1}")).run, expected);
    let auto = ok(&format!("[queueing]\nwarm_up = \"auto\"\n{MM1}"));
    assert_eq!(auto.run.warm_up, WarmUpRule::Mser5);
    for scenario in [auto, ok(&format!("{run}{MM1}"))] {
        assert_eq!(ok(&scenario.to_toml()).run, scenario.run);
    }
}

#[test]
fn settings_are_laid_over_the_file() {
    let over = [
        "station.desk.servers=3",
        "station.desk.discipline=ps",
        "source.all.rate=2",
        "queueing.customers=10",
        "station.z.service=1",
        "station.desk.next=z",
        "source.all.to=desk",
    ];
    let scenario = read_all(MM1, &over).unwrap();
    let [desk, z] = &scenario.network.stations[..] else {
        panic!("{:?}", scenario.network.stations);
    };
    assert_eq!(desk.servers, Servers::Equal(3));
    assert_eq!(desk.discipline, Discipline::ProcessorSharing);
    assert_eq!(desk.next, [Route::To(Target::Station(1), 0)]);
    assert_eq!(z.name, "z");
    assert_eq!(scenario.run.customers, Some(10));
    let infinite = read_all(MM1, &["station.desk.servers=inf"]).unwrap();
    assert_eq!(infinite.network.stations[0].servers, Servers::Infinite);
}

#[test]
fn faults_name_the_key_its_place_and_a_remedy() {
    let two = |from: &str, to: &str| {
        assert!(TWO.contains(from), "{from}");
        TWO.replace(from, to)
    };
    let mm1 = |from: &str, to: &str| {
        assert!(MM1.contains(from), "{from}");
        MM1.replace(from, to)
    };
    let with = |key: &str| format!("{MM1}{key}\n");
    let cases: &[(String, &str, &str)] = &[
        (
            with("server = 3"),
            "x.toml:5:1: unknown field `server`",
            "`servers`",
        ),
        (
            with("rate = 3"),
            "x.toml:5:1: unknown field `rate`",
            "`source.NAME.rate`",
        ),
        (
            mm1("rate", "rat"),
            "x.toml:2:1: unknown field `rat`",
            "`rate`",
        ),
        (
            format!("precision = 1\n{MM1}"),
            "x.toml:1:1: unknown field",
            "queueing.precision",
        ),
        (
            mm1("exponential", "exponental"),
            "x.toml:4:11: unknown law `exponental`",
            "",
        ),
        (
            with("servers = 0"),
            "x.toml:5:11: `station.desk.servers` has no servers",
            "",
        ),
        (
            with("servers = \"many\""),
            "x.toml:5:11: invalid value: \"many\"",
            "",
        ),
        (with("servers = -1"), "x.toml:5:11: invalid value: -1", ""),
        (
            with("capacity = 0"),
            "x.toml:5:12: `station.desk.capacity` is 0, must be at least 1",
            "",
        ),
        (
            with("when_full = \"wait\""),
            "x.toml:5:13: unknown variant `wait`",
            "",
        ),
        (
            with("when_full = \"block\""),
            "x.toml:3:1: `station.desk` `when_full` says block",
            "",
        ),
        (
            with("discipline = \"srtp\""),
            "x.toml:5:14: `station.desk.discipline` is `srtp`",
            "`srpt`",
        ),
        (
            with("discipline = \"edf\""),
            "`edf`, which is no discipline",
            "fb",
        ),
        (with("discipline = \"priority\""), "needs `priority`", ""),
        (
            with("priority = [\"customers\"]"),
            "x.toml:5:12: `station.desk.priority` is for",
            "",
        ),
        (
            with("speeds = [1, 2]\nservers = 2"),
            "x.toml:5:10: `station.desk.speeds`",
            "",
        ),
        (
            with("vacations = 1\nsetup = 1"),
            "only one of `vacations`",
            "",
        ),
        (
            with("joining = \"never\""),
            "x.toml:5:11: invalid value: \"never\"",
            "",
        ),
        (
            with("joining = [1.5]"),
            "x.toml:5:11: `station.desk.joining`",
            "",
        ),
        (
            with("next = { desk = 1.5 }"),
            "x.toml:5:8: `station.desk.next` gives `desk`",
            "",
        ),
        (
            with("next = \"dsk\""),
            "x.toml:5:8: `station.desk.next` names the place `dsk`",
            "`desk`",
        ),
        (
            with("patience = \"normal:mean=1,sd=1\""),
            "x.toml:5:12: `station.desk.patience` is normal",
            "",
        ),
        (with("service = 1"), "duplicate key", ""),
        (
            mm1("service = \"exponential:mean=1\"\n", ""),
            "x.toml:3:1: `station.desk` needs",
            "service",
        ),
        (
            mm1("0.5", "-0.5"),
            "x.toml:2:8: `source.all.rate` is -0.5",
            "",
        ),
        (
            mm1("rate = 0.5", ""),
            "x.toml:1:1: `source.all` must have exactly one",
            "rate = 0.5",
        ),
        (
            mm1("rate", "times = [1]\nrate"),
            "`source.all` must have exactly one",
            "",
        ),
        (
            mm1("rate = 0.5", "times = [2, 1]"),
            "x.toml:2:9: `source.all.times`",
            "",
        ),
        (
            mm1("rate = 0.5", "interarrival = 0"),
            "x.toml:2:16: `source.all.interarrival` is 0, must be",
            "",
        ),
        (
            mm1("rate = 0.5", "to = \"x\"\nrate = 1"),
            "x.toml:2:6: `source.all.to`",
            "desk",
        ),
        (
            "[queueing]\n".to_owned(),
            "x.toml: the network has no station",
            "[station.desk]",
        ),
        (
            "[station.a]\nservice = 1".to_owned(),
            "nobody is in the network",
            "population",
        ),
        (
            with("[population.p]\nstation = \"desk\""),
            "missing field `count`",
            "",
        ),
        (
            two(
                "silver = { b = 0.5, j = 0.25 }",
                "silver = { b = 0.9, j = 0.25 }",
            ),
            "`station.a.next.silver` has probabilities that add up to 1.15",
            "leaves",
        ),
        (
            two("silver = { b = 0.5, j = 0.25 }", "silver = 0.5"),
            "`silver` has a probability",
            "",
        ),
        (
            two("silver = { b = 0.5, j = 0.25 }", "bronze = \"b\""),
            "`station.a.next.bronze` names the class",
            "silver",
        ),
        (
            two("next = {", "next = [{ to = \"b\" }, { to = \"j\" }] # "),
            "no probability for `b`",
            "",
        ),
        (
            two("next = {", "next = [{ to = \"b\", prob = 1 }] # "),
            "unknown field `prob`",
            "probability",
        ),
        (
            two("gold = 1, ", ""),
            "`station.a.service` says nothing of the class `gold`, which comes here",
            "",
        ),
        (
            two("class = \"gold\"\n", ""),
            "`source.gold` needs a `class`",
            "",
        ),
        (two("to = \"a\"\n", ""), "`source.gold` needs a `to`", ""),
        (two("choices = 2\n", ""), "`junction.j` needs `choices`", ""),
        (
            two("power-of", "random"),
            "`junction.j.choices` is for the policy power-of",
            "",
        ),
        (
            two("policy = \"power-of\"\nchoices = 2\n", ""),
            "`junction.j` needs a `policy`",
            "",
        ),
        (
            two("\"a\", \"b\"]", "\"a\", \"c\"]"),
            "`junction.j.stations` names the station `c`",
            "",
        ),
        (
            two("\"a\", \"b\"]", "\"a\"]\nfork = [\"b\"]"),
            "`junction.j` must have either",
            "",
        ),
        (
            two("[junction.j]", "[junction.a]"),
            "x.toml:17:1: `junction.a` has the name of a station",
            "",
        ),
        (
            two("[\"gold\", \"silver\"]", "[\"gold\", \"gold\"]"),
            "x.toml:3:11: `queueing.classes` names `gold` twice",
            "",
        ),
        (
            two("[\"gold\", \"silver\"]", "[\"gold\", \"law\"]"),
            "cannot name a class `law`",
            "",
        ),
        (
            mm1(
                "rate = 0.5",
                "sinusoidal = { mean = 1, amplitude = 2, period = 3 }",
            ),
            "x.toml:2:14: `source.all.sinusoidal` `amplitude` is 2, must be at most the mean",
            "",
        ),
        (
            mm1("rate = 0.5", "rate = 0.5\nbatch = \"normal:mean=1,sd=1\""),
            "x.toml:3:9: `source.all.batch` is normal",
            "",
        ),
        (
            with("breakdowns = { up = 0, down = 1 }"),
            "x.toml:5:21: `station.desk.breakdowns.up` is 0, must be positive",
            "",
        ),
        (
            with("capacity = 2\n[population.p]\ncount = 3"),
            "x.toml: the network: `count` is 3",
            "",
        ),
        (MM1.replace("desk", "exit"), "`station.exit` cannot be", ""),
        (
            format!("[queueing]\nlevel = 1\n{MM1}"),
            "x.toml:2:9: `queueing.level` is 1",
            "",
        ),
        (
            format!("[queueing]\nunit_s = 0\n{MM1}"),
            "x.toml:2:10: `queueing.unit_s` is 0",
            "",
        ),
        (
            format!("[queueing]\nuntil = nan\n{MM1}"),
            "x.toml:2:9: `queueing.until` is NaN",
            "",
        ),
        (
            format!("[queueing]\ncustomers = 0\n{MM1}"),
            "x.toml:2:13: `queueing.customers`",
            "",
        ),
        (
            format!("[queueing]\ncustomers = 5\nwarm_up = 5\n{MM1}"),
            "x.toml:3:11: `queueing.warm_up`",
            "",
        ),
        (
            format!("[queueing]\nwarm_up = \"otto\"\n{MM1}"),
            "x.toml:2:11: invalid value: \"otto\", expected a number of customers or \"auto\"",
            "",
        ),
        (
            format!("[queueing]\nwarm_up = -1\n{MM1}"),
            "x.toml:2:11: invalid value: -1, expected a number of customers or \"auto\"",
            "",
        ),
        (
            format!("[queueing]\nintervals = \"cycles\"\n{MM1}"),
            "x.toml:2:13: unknown variant `cycles`, expected `batch-means` or `regenerative`",
            "",
        ),
        (
            format!("[queueing]\nreplications = 0\n{MM1}"),
            "x.toml:2:16: `queueing.replications`",
            "",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, message, hint) in cases {
        let (error, remedy) = fails(text, &[]);
        if !error.contains(message) || !remedy.contains(hint) {
            wrong.push(format!(
                "{error}\nhint: {remedy}\nnot {message}\nhint: {hint}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn faults_of_settings_name_the_setting() {
    let (error, _) = fails(MM1, &["seed=3", "station.desk.servers=0"]);
    assert!(
        error.starts_with("--set station.desk.servers=0: `station.desk.servers`"),
        "{error}"
    );
    let (error, hint) = fails(MM1, &["station.desk.servrs=3"]);
    assert!(
        error.starts_with("--set station.desk.servrs=3: unknown field"),
        "{error}"
    );
    assert_eq!(hint, "did you mean `servers`?");
    // The section is in the file, and its fault is not the setting's.
    let text = MM1.replace("service = \"exponential:mean=1\"\n", "");
    let (error, _) = fails(&text, &["station.desk.servers=3"]);
    assert!(error.starts_with("x.toml:3:1: "), "{error}");
}

/// Customers who change class from station to station, each class at one station only.
#[test]
fn classes_that_never_come_need_no_service() {
    let text = r#"
        [queueing]
        classes = ["first", "second", "third"]
        [source.all]
        class = "first"
        to = "a"
        rate = 0.7
        [station.a]
        service = { first = 1, third = 0.25 }
        next = { first = { to = "f", class = "second" } }
        [junction.f]
        fork = ["b"]
        next = { second = { to = "d", class = "third" } }
        [junction.d]
        policy = "random"
        stations = ["a"]
        [station.b]
        service = { second = 2 }
    "#;
    let scenario = ok(text);
    let network = &scenario.network;
    assert_eq!(
        reach::reached(network),
        [[true, false, true], [false, true, false]]
    );
    assert_eq!(network.stations[1].service[0], stations::NO_SERVICE);
    let written = scenario.to_toml();
    assert!(!written.contains("constant:value=0\""), "{written}");
    check_round_trip(&scenario);
    let (error, _) = fails(&text.replace(", third = 0.25", ""), &[]);
    assert!(error.contains("class `third`, which comes here"), "{error}");
}

#[test]
fn rates_are_written_as_they_were_given() {
    for hundredths in 1..1000 {
        let rate = f64::from(hundredths) / 100.0;
        let scenario = ok(&MM1.replace("0.5", &rate.to_string()));
        let written: File = toml::from_str(&scenario.to_toml()).unwrap();
        assert_eq!(written.source.0[0].1.rate, Some(rate));
        assert_eq!(ok(&scenario.to_toml()), scenario);
    }
}

#[test]
fn kinds_are_told_by_their_sections() {
    assert_eq!(kind(MM1), ScenarioKind::Queueing);
    assert_eq!(kind("[queueing]"), ScenarioKind::Queueing);
    assert_eq!(kind("[llm]\ninstances = 2"), ScenarioKind::Serving);
    assert_eq!(kind(""), ScenarioKind::Serving);
    assert_eq!(kind("[queueing"), ScenarioKind::Serving);
}

/// The written form reads back as the same scenario.
fn check_round_trip(scenario: &QueueingScenario) {
    let text = scenario.to_toml();
    assert_eq!(ok(&text), *scenario, "{text}");
    assert_eq!(ok(&text).to_toml(), text);
    assert_eq!(kind(&text), ScenarioKind::Queueing);
}

#[test]
fn networks_survive_being_written() {
    for text in [MM1, TWO] {
        check_round_trip(&ok(text));
    }
    let params = Params {
        arrival_rate: Some(0.3),
        service_rate: Some(0.7),
        patience_rate: Some(0.1),
        ..Params::default()
    };
    for notation in ["M/H2/3+M", "M^2/E3/1/SRPT", "D/LN/inf", "U/P/2/9/ROS"] {
        let impatient = notation.contains('+');
        let params = Params {
            patience_rate: params.patience_rate.filter(|_| impatient),
            ..params.clone()
        };
        let network = notation::parse(notation, &params).unwrap();
        check_round_trip(&QueueingScenario::new(network, QueueingRun::default()));
    }
    let closed = Params {
        patience_rate: None,
        ..params
    };
    let network = notation::parse("M/M/2//5", &closed).unwrap();
    check_round_trip(&QueueingScenario::new(network, QueueingRun::default()));
}

#[test]
fn routes_in_any_order_survive_being_written() {
    let mut scenario = ok(TWO);
    for next in &mut scenario.network.stations[1].next {
        if let Route::Random(branches) = next {
            branches.reverse();
            branches.push(branches[0].clone());
            branches[2].probability = 0.125;
            branches[2].class = 0;
        }
    }
    let mixture = Law::Mixture {
        weights: vec![1.0, 3.0],
        laws: vec![Law::Constant { value: 2.0 }, Law::Exponential { mean: 0.1 }],
    };
    scenario.network.stations[0].service[1] = mixture;
    scenario.network.stations[0].patience = vec![None, None];
    scenario.network.check().unwrap();
    check_round_trip(&scenario);
}

#[test]
fn shipped_networks_resolve_survive_and_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/scenarios/queueing");
    let mut seen = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(kind(&read_text(&path).unwrap()), ScenarioKind::Queueing);
        let scenario = load_network(&path, &[]).unwrap();
        assert_eq!(
            Some(scenario.name.as_str()),
            path.file_stem().unwrap().to_str()
        );
        check_round_trip(&scenario);
        scenario.network.check_stable().unwrap();
        let streams = Streams::new(scenario.run.seed);
        let mut simulation =
            Simulation::new(&scenario.network, streams, scenario.run.unit_s).unwrap();
        let until = Until {
            customers: 5000,
            time_ns: u64::MAX,
        };
        simulation.run(until, &mut ()).unwrap();
        let given = scenario
            .network
            .sources
            .iter()
            .map(|source| match &source.arrivals {
                Arrivals::Given(times) => times.len() as u64,
                _ => 5000,
            });
        let expected = given.sum::<u64>().min(5000);
        assert!(simulation.progress() >= expected, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 7, "{seen}");
}

const GUIDE: &str = include_str!("../../../../docs/guides/queueing-networks.md");

#[test]
fn examples_of_the_guide_resolve() {
    let mut blocks = GUIDE.split("```toml").skip(1);
    let mut seen = 0;
    while let Some((_, block)) = blocks.next().and_then(|block| block.split_once('\n')) {
        let text = block.split("```").next().unwrap();
        ok(text).network.check_stable().unwrap();
        seen += 1;
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn the_guide_knows_every_key() {
    for key in crate::config::keys::all::<File>() {
        let name = key.rsplit('.').next().unwrap();
        let words = GUIDE.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
        assert!(words.into_iter().any(|word| word == name), "{key}");
    }
    for known in kendall_queueing::disciplines::DISCIPLINES {
        for name in known.names {
            assert!(GUIDE.contains(&format!("`{name}`")), "{name}");
        }
    }
}

proptest! {
    /// Whatever a file says, reading ends with a network or an error, and a network survives
    /// being written.
    #[test]
    fn no_text_is_too_much(
        cuts in prop::collection::vec((0..400_usize, 0..3_usize, 0..WORDS.len()), 1..4),
    ) {
        let mut words: Vec<&str> = TWO.split_inclusive([' ', '\n', '=', ',']).collect();
        for (at, gone, word) in cuts {
            let at = at % words.len();
            let gone = gone.min(words.len() - at);
            words.splice(at..at + gone, [WORDS[word]]);
        }
        if let Ok(scenario) = read_all(&words.concat(), &[]) {
            check_round_trip(&scenario);
        }
    }
}

const WORDS: [&str; 16] = [
    "",
    "\n",
    "0",
    "1",
    "-1",
    "nan",
    "1e308",
    "\"exit\"",
    "\"b\"",
    "\"j\"",
    "gold",
    "{",
    "}",
    "next = ",
    "[station.j]\n",
    "[population.p]\ncount = 2\n",
];
