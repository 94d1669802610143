//! Classic queues: `queue`, and `run` for networks of queues.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::support::{KENDALL, Ran, Scratch};

/// A short run of a well-known queue.
const MM1: [&str; 8] = [
    "queue",
    "M/M/1",
    "--arrival-rate",
    "0.5",
    "--service-rate",
    "1",
    "--customers",
    "20000",
];

/// Two classes and three stations, one of them visited again and again.
const NETWORK: &str = "
[queueing]
classes = [\"gold\", \"silver\"]
customers = 2000
replications = 3

[source.golds]
class = \"gold\"
rate = 0.2
to = \"desk\"

[source.silvers]
class = \"silver\"
rate = 0.3
to = \"desk\"

[station.desk]
discipline = \"priority\"
priority = [\"gold\", \"silver\"]
service = \"exponential:mean=1\"
next = { bench = 0.5, shelf = 0.2 }

[station.bench]
service = 1.0
next = { desk = 0.3 }

[station.shelf]
servers = \"inf\"
service = \"uniform:min=0,max=4\"
";

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

#[test]
fn every_example_of_the_help_runs() {
    let scratch = Scratch::new();
    let help = scratch.fine(&["queue", "--help"]);
    let examples = help
        .lines()
        .filter_map(|line| line.strip_prefix("  kendall "));
    let mut count = 0;
    for example in examples {
        let words: Vec<&str> = example.split_whitespace().collect();
        let table = scratch.fine(&with(&words, &["--customers", "5000", "-q"]));
        let head = format!("network    {}\n", words[1]);
        assert!(table.starts_with(&head), "{table}");
        assert!(table.contains(" sojourn time "), "{table}");
        count += 1;
    }
    assert!(count >= 5, "{help}");
    let letters = ["M", "D", "E3", "H2", "U", "LN", "P"];
    let disciplines = scratch.fine(&["list", "disciplines"]);
    let disciplines = disciplines
        .lines()
        .filter_map(|line| line.split("  ").next());
    let notations = letters
        .iter()
        .map(|letter| format!("{letter}/{letter}/1"))
        .chain(disciplines.map(|name| format!("M/M/1/{}", name.to_uppercase())));
    for notation in notations {
        let rates = ["--arrival-rate", "0.5", "--service-rate", "1"];
        let short = ["--customers", "2000", "-q"];
        scratch.fine(&[&["queue", &notation][..], &rates, &short].concat());
        // The help names it, be it a letter or a discipline.
        let part = notation.split('/').next_back().filter(|part| *part != "1");
        assert!(part.is_none_or(|name| help.contains(name)), "{notation}");
    }
}

#[test]
fn estimates_stand_beside_exact_values() {
    let scratch = Scratch::new();
    let document = scratch.summary(&MM1);
    let figures = document["figures"].as_array().unwrap();
    let exact = |metric: &str| {
        let figure = figures.iter().find(|figure| figure["metric"] == metric);
        figure.unwrap_or(&Value::Null)["exact"].as_f64().unwrap()
    };
    for (metric, known) in [
        ("E_T", 2.0),
        ("E_W", 1.0),
        ("E_N", 1.0),
        ("E_Nq", 0.5),
        ("utilization", 0.5),
        ("P_wait", 0.5),
    ] {
        assert!((exact(metric) - known).abs() < 1e-9, "{metric}");
    }
    for figure in figures {
        let estimate = &figure["estimate"];
        let number = |key: &str| estimate[key].as_f64().unwrap();
        let (error, half_width) = (number("std_error"), number("half_width"));
        assert!(error > 0.0 && half_width > 1.9 * error, "{figure}");
        let off = (number("value") - figure["exact"].as_f64().unwrap()) / error;
        // Beyond that once in a million runs; the score is on a normal scale, less than Student's.
        assert!(off.abs() < 5.0, "{figure}");
        let score = figure["z_score"].as_f64().unwrap();
        assert!(
            score * off >= 0.0 && score.abs() <= off.abs() + 1e-9,
            "{figure}"
        );
    }
    assert!(document["customers"].as_u64().unwrap() >= 20_000);
    let table = scratch.fine(&MM1);
    assert!(
        table.starts_with("network    M/M/1\nload       0.5000 of what"),
        "{table}"
    );
    assert_eq!(table.matches(" s.e.").count(), figures.len(), "{table}");
}

#[test]
fn a_precision_is_reached_or_its_lack_is_said() {
    let scratch = Scratch::new();
    let rates = ["--arrival-rate", "0.5", "--service-rate", "1", "-q"];
    let queue = with(&["queue", "M/M/1", "--precision", "2%"], &rates);
    let document: Value = serde_json::from_str(&scratch.fine(&with(&queue, &["--json"]))).unwrap();
    let first = &document["figures"][0]["estimate"];
    let share = first["half_width"].as_f64().unwrap() / first["value"].as_f64().unwrap();
    assert!(share <= 0.02, "{share}");
    let ran = scratch.run(&with(&queue, &["--customers", "1000"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "warning: the precision asked for is not reached within 1000 customers\n\
         hint: --customers raises the limit\n"
    );
}

#[test]
fn one_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let scratch = Scratch::new();
    scratch.write("net.toml", NETWORK);
    let network = ["run", "net.toml", "-q"];
    for args in [
        &MM1[..],
        &with(&MM1, &["--warm-up", "auto"]),
        &with(&MM1, &["--intervals", "regenerative"]),
        &network,
        &with(&network, &["--warm-up", "auto"]),
        &with(&network, &["--set", "queueing.intervals=regenerative"]),
    ] {
        let on = |threads: &str, seed: &str| {
            let args = with(args, &["--json", "--seed", seed]);
            let mut command = scratch.command(&args);
            let ran = Ran::from(command.env("RAYON_NUM_THREADS", threads).output().unwrap());
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            ran.stdout
        };
        let once = on("1", "7");
        assert_eq!(on("2", "7"), once);
        assert_ne!(on("2", "8"), once);
    }
    let files = |dir: &str| {
        scratch.fine(&["run", "net.toml", "-q", "-o", dir]);
        ["customers.parquet", "summary.json"].map(|file| scratch.bytes(&format!("{dir}/{file}")))
    };
    assert_eq!(files("first"), files("second"));
}

#[test]
fn every_stay_is_a_row() {
    let scratch = Scratch::new();
    scratch.write("net.toml", NETWORK);
    let said = scratch.fine(&["run", "net.toml", "-q", "-o", "out"]);
    assert!(said.ends_with("\nresults in out\n"), "{said}");
    assert_eq!(scratch.names("out"), ["customers.parquet", "summary.json"]);
    let json = scratch.fine(&["run", "net.toml", "-q", "--json"]);
    assert_eq!(scratch.bytes("out/summary.json"), json.as_bytes());

    let rows = scratch.table("out/customers.parquet");
    assert_eq!(
        rows.key("kendall.stations"),
        Some("[\"desk\",\"bench\",\"shelf\"]")
    );
    assert_eq!(rows.key("kendall.classes"), Some("[\"gold\",\"silver\"]"));
    let (arrival, departure) = (rows.numbers("arrival_ns"), rows.numbers("departure_ns"));
    assert!(departure.is_sorted());
    assert!(
        rows.strings("status")
            .iter()
            .all(|status| status == "served")
    );
    let starts = rows.numbers("service_start_ns");
    let services = rows.numbers("service_ns");
    let stations = rows.numbers("station");
    for row in 0..rows.rows() {
        assert!(arrival[row] <= starts[row] && starts[row] <= departure[row]);
        // Nobody is interrupted or slowed down here.
        assert_eq!(departure[row] - starts[row], services[row], "row {row}");
        assert!(
            stations[row] != 1 || services[row] == 1_000_000_000,
            "row {row}"
        );
    }
    // 2,000 customers were counted after the warm-up, of whom all visited the desk.
    let desks = stations.iter().filter(|station| **station == 0).count();
    assert!(desks >= 3000, "{desks}");
    let ids = rows.numbers("customer_id");
    assert!(ids.iter().max().unwrap() < &(desks as u64));

    // What ran can run again, by its own footer.
    scratch.write("again.toml", rows.key("kendall.config").unwrap());
    scratch.fine(&["run", "again.toml", "-q", "-o", "again"]);
    assert_eq!(
        scratch.bytes("again/customers.parquet"),
        scratch.bytes("out/customers.parquet")
    );
}

#[test]
fn what_was_given_by_options_is_in_the_file() {
    let scratch = Scratch::new();
    let options = ["--seed", "3", "--replications", "5", "-q", "-o"];
    let rows = |command: &[&str], dir: &str| {
        scratch.fine(&with(command, &[dir]));
        scratch.table(&format!("{dir}/customers.parquet"))
    };
    let first = rows(&with(&MM1, &options), "first");
    scratch.write("again.toml", first.key("kendall.config").unwrap());
    let again = rows(&["run", "again.toml", "-q", "-o"], "again");
    assert_eq!(again.columns(), first.columns());
    assert_eq!(first.key("kendall.seed"), Some("3"));
    let settings = ["seed = 3\n", "replications = 5\n", "customers = 4000\n"];
    let config = first.key("kendall.config").unwrap();
    assert!(
        settings.iter().all(|line| config.contains(line)),
        "{config}"
    );

    // One of an antithetic pair draws in its own way.
    let paired = with(&with(&MM1, &["--antithetic"]), &options);
    let paired = rows(&paired, "paired");
    assert_ne!(paired.numbers("service_ns"), first.numbers("service_ns"));
}

#[test]
fn results_go_where_they_can_and_nowhere_else() {
    let scratch = Scratch::new();
    scratch.fine(&with(&MM1, &["-o", "run"]));
    let before = scratch.bytes("run/customers.parquet");
    let again = scratch.refused(&with(&MM1, &["-o", "run", "--seed", "1"]));
    assert!(
        again.starts_with("error: run already holds a finished run (customers.parquet)\n")
            || again.starts_with("error: run already holds a finished run (summary.json)\n"),
        "{again}"
    );
    assert_eq!(scratch.bytes("run/customers.parquet"), before);
    scratch.fine(&with(&MM1, &["-o", "run", "--seed", "1", "--force"]));
    assert_ne!(scratch.bytes("run/customers.parquet"), before);
    assert_eq!(scratch.names("run"), ["customers.parquet", "summary.json"]);

    scratch.write("file", "");
    assert_eq!(
        scratch.refused(&with(&MM1, &["-o", "file"])),
        "error: file is not a directory\nhint: -o takes a directory, not a file\n"
    );
    if cfg!(target_os = "linux") {
        // Before the run, however long it would take.
        let long = ["--customers", "1e12", "-o", "/proc/self/task"];
        let said = scratch.refused(&with(&MM1[..6], &long));
        let start = "error: output directory /proc/self/task is not writable\n";
        assert!(said.starts_with(start), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    for full in ["customers.partial.parquet", "summary.partial.json"] {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path("out")).unwrap();
        symlink("/dev/full", scratch.path("out").join(full)).unwrap();
        let ran = scratch.run(&with(&MM1, &["-o", "out"]));
        assert_eq!(ran.code, Some(2), "{full}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
        let start = format!("error: cannot write out/{full}\ncaused by: No space left on device");
        assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
        let left = scratch.names("out");
        assert!(
            left.iter().all(|name| name.contains(".partial")),
            "{left:?}"
        );
    }
    for args in [&MM1[..], &with(&MM1, &["--json"])] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = Ran::from(
            Command::new(KENDALL)
                .args(args)
                .stdout(full)
                .output()
                .unwrap(),
        );
        assert_eq!(ran.code, Some(2));
        assert_eq!(
            ran.stderr,
            "error: standard output: No space left on device (os error 28)\n\
             hint: is the disk full?\n"
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(KENDALL)
        .args(MM1)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_shows_what_is_known_so_far() {
    use super::signals::{catches_interrupts, interrupted};

    let args = [&MM1[..6], &["--customers", "1e12"]].concat();
    let ran = interrupted(&Scratch::new(), &args, catches_interrupts);
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "interrupted: the figures are those of the customers so far\n"
    );
    assert!(
        ran.stdout.starts_with("network    M/M/1\n"),
        "{}",
        ran.stdout
    );
}
