//! Where the beginning of a run ends, and what its intervals rest on: `--warm-up` and
//! `--intervals`, and the same in files.

use serde_json::Value;

use super::support::Scratch;

const MM1: [&str; 6] = [
    "queue",
    "M/M/1",
    "--arrival-rate",
    "0.5",
    "--service-rate",
    "1",
];

const DESK: &str = "[source.s]\nrate = 0.5\n[station.desk]\nservice = \"exponential:mean=1\"\n";

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

fn number(document: &Value, path: &str) -> u64 {
    let found = document.pointer(path).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no number at {path}: {document}"))
}

#[test]
fn a_warm_up_is_found_and_said() {
    let scratch = Scratch::new();
    let auto = with(&MM1, &["--customers", "200000", "--warm-up", "auto"]);
    let table = scratch.fine(&with(&auto, &["-q"]));
    // Ten times the warm-up that follows from the load.
    let line = "warm-up    found by MSER-5 in the sojourn time of 8 pilots of 10000 customers\n";
    assert!(table.contains(line), "{table}");

    let document = scratch.summary(&auto);
    assert_eq!(document["warm_up_pilots"]["rule"], "mser-5");
    assert_eq!(document["warm_up_pilots"]["figure"], "E_T");
    let found = number(&document, "/warm_up_customers");
    let step = 5 * number(&document, "/warm_up_pilots/customers_per_observation");
    assert_eq!(found % step, 0, "{document}");
    assert!(2 * found <= number(&document, "/warm_up_pilots/customers"));
    assert!(
        table.contains(&format!("; {found} more warmed each up;")),
        "{table}"
    );
    // As many as it says, had they been given.
    let given = found.to_string();
    let by_hand = scratch.summary(&with(&MM1, &["--customers", "200000", "--warm-up", &given]));
    assert_eq!(by_hand["figures"], document["figures"]);
    assert_eq!(by_hand["warm_up_pilots"], Value::Null);
}

#[test]
fn a_crowd_at_the_start_is_left_out() {
    let network = "
        [queueing]
        customers = 20000
        warm_up = \"auto\"
        [source.s]
        rate = 0.5
        [population.crowd]
        count = 500
        [station.desk]
        service = \"exponential:mean=1\"
    ";
    let scratch = Scratch::new();
    scratch.write("net.toml", network);
    let document = scratch.summary(&["run", "net.toml"]);
    // The crowd and those who come meanwhile: 1,000 on average, with a standard deviation of
    // sqrt(500 * 6) in each of the ten pilots. The last of them do not stand out.
    let found = number(&document, "/warm_up_customers");
    assert!((600..1300).contains(&found), "{found}");
    let cold = scratch.summary(&["run", "net.toml", "--warm-up", "0"]);
    let mean = |document: &Value| {
        let value = document.pointer("/figures/0/estimate/value");
        value.and_then(Value::as_f64).unwrap()
    };
    // 500 * 1000 / 2 more over 20,000 customers; without the crowd 2 is the mean. If `late` customers
    // are counted before it is gone, they wait for at most that half of them who were there before.
    let late = (1300 - found) as f64;
    let most = 2.1 + late * late / 4.0 / 20_000.0;
    let (cold, found) = (mean(&cold), mean(&document));
    assert!(
        cold > 8.0 && found < most && most < 8.0,
        "{cold} {found} {most}"
    );
}

#[test]
fn cycles_make_intervals() {
    let scratch = Scratch::new();
    let args = with(
        &MM1,
        &["--customers", "200000", "--intervals", "regenerative"],
    );
    let document = scratch.summary(&args);
    assert_eq!(document["intervals"], "regenerative");
    assert_eq!(number(&document, "/warm_up_customers"), 0);
    let (cycles, customers) = (
        number(&document, "/cycles"),
        number(&document, "/customers"),
    );
    assert_eq!(document["controlled"], Value::Null);
    for figure in document["figures"].as_array().unwrap() {
        let estimate = &figure["estimate"];
        assert_eq!(estimate["method"], "regenerative");
        assert_eq!(number(estimate, "/groups"), cycles);
        assert_eq!(number(estimate, "/observations"), customers);
        // Normal but for terms of the order of one over the number of cycles, 100,000.
        let score = figure["z_score"].as_f64().unwrap();
        assert!(score.abs() < 5.0, "{figure}");
    }
    // A cycle has 2 customers on average with variance 6, and the end cuts off a few.
    let expected = customers as f64 / 2.0;
    let spread = 5.0 * (expected * 6.0).sqrt() / 2.0;
    assert!(
        (cycles as f64 - expected).abs() < spread,
        "{cycles} of {customers}"
    );
    let table = scratch.fine(&with(&args, &["-q"]));
    let said = format!(
        "run        {customers} customers in 4 replications, {cycles} cycles between arrivals at the \
         empty network, without a warm-up; seed 0\n"
    );
    assert!(table.contains(&said), "{table}");

    let precise = with(&MM1, &["--precision", "3%", "--intervals", "regenerative"]);
    let document = scratch.summary(&precise);
    let first = &document["figures"][0]["estimate"];
    let share = first["half_width"].as_f64().unwrap() / first["value"].as_f64().unwrap();
    assert!(share <= 0.03, "{share}");
}

#[test]
fn what_was_chosen_is_in_the_file() {
    for (options, key) in [
        (["--warm-up", "auto"], "warm_up = \"auto\"\n"),
        (
            ["--intervals", "regenerative"],
            "intervals = \"regenerative\"\n",
        ),
    ] {
        let scratch = Scratch::new();
        // Their number decides that of the batches, where it is given.
        let args = with(&MM1, &["--customers", "40000", "--replications", "4"]);
        scratch.fine(&[&args, &options[..], &["-q", "-o", "out"]].concat());
        let rows = scratch.table("out/customers.parquet");
        let config = rows.key("kendall.config").unwrap();
        assert!(config.contains(key), "{config}");
        scratch.write("again.toml", config);
        scratch.fine(&["run", "again.toml", "-q", "-o", "again"]);
        assert_eq!(
            scratch.bytes("again/customers.parquet"),
            scratch.bytes("out/customers.parquet")
        );
        let figures = |dir: &str| {
            let bytes = scratch.bytes(&format!("{dir}/summary.json"));
            serde_json::from_slice::<Value>(&bytes).unwrap()["figures"].clone()
        };
        assert_eq!(figures("again"), figures("out"));
    }
}

#[test]
fn what_cannot_be_told_is_refused() {
    let short = "hint: count more customers (--customers; queueing.customers in a file), or ";
    let batches = "use intervals of batch means\n";
    let of_queue = |notation: &str, options: &str| {
        let options: Vec<&str> = options.split_whitespace().collect();
        let args = [
            &["queue", notation][..],
            &MM1[2..],
            &options,
            &["-q", "-o", "out"],
        ];
        Scratch::new().refused(&args.concat())
    };
    let said = of_queue("M/M/1", "--warm-up auto --customers 60");
    let start = "error: MSER-5 needs replications of at least 20 customers, these have 15\n";
    assert_eq!(
        said,
        format!("{start}{short}say how many do not count (--warm-up N)\n")
    );
    let said = of_queue("M/M/1", "--intervals regenerative --customers 100");
    assert!(
        said.starts_with("error: regenerative intervals need at least 100 cycles, "),
        "{said}"
    );
    assert!(
        said.ends_with(&format!("customers\n{short}{batches}")),
        "{said}"
    );
    let said = of_queue("M/M/2//3", "--intervals regenerative");
    assert!(
        said.starts_with("error: the network has customers of its own: "),
        "{said}"
    );
    assert!(said.ends_with(batches), "{said}");
    for (more, words) in [
        ("--warm-up auto", "have no use for a warm-up"),
        ("--warm-up 100", "have no use for a warm-up"),
        (
            "--antithetic",
            "antithetic pairs do\nhint: leave out --antithetic",
        ),
        (
            "--quantiles",
            "not for quantiles\nhint: leave out --quantiles",
        ),
        ("--until 100", "'--intervals <WHAT>' cannot be used with"),
    ] {
        let said = of_queue("M/M/1", &format!("--intervals regenerative {more}"));
        assert!(
            said.starts_with("error: ") && said.contains(words),
            "{said}"
        );
    }
    let said = of_queue("M/M/1", "--warm-up otto");
    assert!(
        said.contains("a whole number, for example 1000000, 1e6 or 10M, or auto"),
        "{said}"
    );
}

#[test]
fn networks_are_refused_likewise() {
    let of_network = |network: &str, options: &[&str]| {
        let scratch = Scratch::new();
        scratch.write("net.toml", network);
        scratch.refused(&[&["run", "net.toml", "-q"], options].concat())
    };
    let regenerative = ["--set", "queueing.intervals=regenerative"];
    let vacations = format!("{DESK}vacations = 1.0\n");
    let said = of_network(&vacations, &regenerative);
    assert!(
        said.contains("the servers of `desk` go on vacation\nhint: "),
        "{said}"
    );
    // Given arrivals make it a run to a time, but that is not what is wrong.
    let given = DESK.replace("rate = 0.5", "times = [1, 2, 3]");
    let said = of_network(&given, &regenerative);
    assert!(
        said.contains("source 1 has arrivals that follow a phase, the time or a list\nhint: "),
        "{said}"
    );
    let said = of_network(DESK, &with(&regenerative, &["--until", "100"]));
    assert!(
        said.contains("a run to a time has no regenerative intervals"),
        "{said}"
    );
    let said = of_network(DESK, &["--warm-up", "auto", "--until", "100"]);
    assert!(
        said.contains("there is no warm-up to find\nhint: leave out the time"),
        "{said}"
    );
    // A thousand who wait for their turn: each longer than the one before.
    let crowd = format!("{DESK}[population.crowd]\ncount = 1000\n");
    let short = with(
        &["--warm-up", "auto"],
        &["--set", "queueing.customers=1000"],
    );
    let said = of_network(&crowd, &short);
    let start = "error: MSER-5 finds no end of the warm-up within 1000 customers: replications as \
                 long as these are too short to tell\nhint: count more customers";
    assert!(said.starts_with(start), "{said}");
    let said = Scratch::new().refused(&["replay", "--warm-up", "auto", "-q"]);
    assert!(
        said.starts_with("error: --warm-up auto is for networks of queues"),
        "{said}"
    );
}
