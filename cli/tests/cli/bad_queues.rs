//! Queues that are no good: what is said about them, and that nothing is left.

use super::support::Scratch;

/// What is said about a queue.
fn said(notation: &str, options: &str) -> String {
    let options: Vec<&str> = options.split_whitespace().collect();
    Scratch::new().refused(&[&["queue", notation, "-o", "out"], &options[..]].concat())
}

/// What is said about a network in a file.
fn said_of_network(network: &str, options: &[&str]) -> String {
    let scratch = Scratch::new();
    scratch.write("net.toml", network);
    scratch.refused(&[&["run", "net.toml", "-q"], options].concat())
}

const RATES: &str = "--arrival-rate 0.5 --service-rate 1";

const FORM: &str = "hint: write arrivals/services/servers, then /capacity, /population and \
                    /discipline if need be: M/M/1, M/E3/8, M/M/1/10, M/G/1/SRPT, M/M/3//5\n";

const LETTERS: &str = "hint: the letters are M (exponential), D (deterministic), Ek (Erlang of k \
                       stages), Hk (hyperexponential of k branches), U (uniform), LN \
                       (lognormal), P (Pareto), G or GI (any law, given by a flag)\n";

#[test]
fn notations_say_what_is_missing_or_unknown() {
    let missing = said("M/M/", RATES);
    assert_eq!(
        missing,
        format!("error: `M/M/` has no number of servers\n{FORM}")
    );
    let letter = format!("error: `Q` is no law of Kendall's notation\n{LETTERS}");
    assert_eq!(said("M/Q/1", RATES), letter);
    // What can be read without the rates is.
    assert_eq!(said("M/Q/1", ""), letter);
    let discipline = said("M/M/1/SRTP", RATES);
    assert!(
        discipline.starts_with("error: unknown discipline `SRTP`, did you mean `srpt`? the"),
        "{discipline}"
    );
    for (notation, words) in [
        ("", "error: `` has no law of the times between arrivals\n"),
        (
            "M/M/0",
            "error: servers `0` is not a whole number of at least 1",
        ),
        ("M/M/-1", "error: servers `-1` is not a whole number"),
        (
            "M/M/3/2",
            "error: a capacity of 2, which includes those in service",
        ),
        ("M/M^2/1", "error: `M^2`: services of whole batches"),
    ] {
        let said = said(notation, RATES);
        assert!(said.starts_with(words), "{said}");
        assert!(said.contains("\nhint: "), "{said}");
    }
}

#[test]
fn rates_and_laws_are_positive_times() {
    for rate in ["-1", "0", "nan", "inf"] {
        let options = format!("--arrival-rate {rate} --service-rate 1");
        let shown = if rate == "nan" { "NaN" } else { rate };
        assert_eq!(
            said("M/M/1", &options),
            format!("error: --arrival-rate is {shown}, must be positive and finite\n")
        );
    }
    assert_eq!(
        said("M/M/1", "--arrival-rate 0.5"),
        "error: --service-rate is missing\n\
         hint: add for example --service-rate 0.5 (per time unit)\n"
    );
    assert!(said("M/M/1", "--arrival-rate much --service-rate 1").contains("invalid value 'much'"));
    for (law, fault) in [
        ("pareto:alpha=-1,min=1", "alpha"),
        ("gauss:mean=1", "gauss"),
        ("exponential:mean=-2", "mean"),
        ("exponential:men=2", "men"),
    ] {
        let said = said("M/G/1", &format!("--arrival-rate 0.5 --service {law}"));
        assert!(
            said.starts_with("error: ") && said.contains(fault),
            "{said}"
        );
    }
    let negative = said("M/G/1", "--arrival-rate 0.5 --service normal:mean=1,sd=1");
    assert!(negative.contains("takes negative values"), "{negative}");
    assert_eq!(
        said(
            "M/D/1",
            "--arrival-rate 0.5 --service-rate 1 --service constant:value=1"
        ),
        "error: --service and --service-rate say the same thing; give one of them\n"
    );
}

#[test]
fn a_queue_without_a_steady_state_wants_a_horizon() {
    let scratch = Scratch::new();
    let overloaded = [
        "queue",
        "M/M/2",
        "--arrival-rate",
        "2.5",
        "--service-rate",
        "1",
    ];
    assert_eq!(
        scratch.refused(&overloaded),
        "error: there is no steady state: `queue` is offered 1.2500 of what its servers can do\n\
         hint: lower the arrival rate, add servers, or give a horizon (--until) to watch it fill\n"
    );
    let horizon = ["--until", "500", "--replications", "20"];
    let table = scratch.fine(&[&overloaded[..], &horizon].concat());
    assert!(
        table.contains("20 replications from an empty start to time 500"),
        "{table}"
    );
    let net = "
        [source.s]
        rate = 1.1
        to = \"one\"
        [station.one]
        servers = 2
        service = 1.0
        next = \"two\"
        [station.two]
        service = 1.0
    ";
    assert_eq!(
        said_of_network(net, &[]),
        "error: there is no steady state: `two` is offered 1.1000 of what its servers can do\n\
         hint: lower the arrival rate, add servers, or give a horizon (--until) to watch it fill\n"
    );
}

#[test]
fn run_lengths_and_levels_have_ranges() {
    for (options, words) in [
        ("--precision 0", "--precision <P>"),
        ("--precision=-1%", "--precision <P>"),
        ("--level 2", "--level <P>"),
        ("--level 100%", "--level <P>"),
        (
            "--customers many",
            "must be a whole number, for example 1000000, 1e6 or 10M",
        ),
        ("--until 0", "must be a positive number of time units"),
        ("--replications 0", "0 is not in 1..=100000"),
        (
            "--until 10 --customers 5",
            "cannot be used with '--customers <N>'",
        ),
        (
            "--until 10 --precision 1%",
            "cannot be used with '--precision <P>'",
        ),
        (
            "--until 10 --warm-up 5",
            "cannot be used with '--warm-up <N|auto>'",
        ),
        (
            "--batch constant:value=2",
            "--batch is given, but the notation has no batches",
        ),
    ] {
        let said = said("M/M/1", &format!("{RATES} {options}"));
        assert!(
            said.starts_with("error: ") && said.contains(words),
            "{said}"
        );
    }
}

#[test]
fn networks_name_the_place_of_a_fault() {
    let desk = "[source.s]\nrate = 0.5\n[station.desk]\nservice = 1.0\n";
    let bank = "[station.bank]\nservice = 1.0\n";
    let stay = "[population.users]\ncount = 0\n[station.desk]\nservice = 1.0\nnext = \"desk\"\n";
    let nobody = "error: net.toml: nobody is in the network: it has neither a source nor a \
                  population\nhint: add a source (arrivals from outside) or a population with at \
                  least 1 customer\n";
    for (network, start) in [
        (
            format!("{desk}next = {{ desk = 0.7, bank = 0.5 }}\n{bank}"),
            "error: net.toml:5:8: `station.desk.next` has probabilities that add up to 1.2, more \
             than 1\nhint: what is missing to 1 leaves the network\n",
        ),
        (
            format!("{desk}next = {{ desk = 1.2 }}\n"),
            "error: net.toml:5:8: `station.desk.next` gives `desk` the probability 1.2, must be \
             from 0 to 1\n",
        ),
        (
            format!("{desk}colour = 1\n"),
            "error: net.toml:5:1: unknown field `colour`, expected one of `servers`, ",
        ),
        (
            desk.replace("1.0", "\"gauss:mean=1\""),
            "error: net.toml:4:11: unknown law `gauss`, did you mean `gamma`? the laws are ",
        ),
        (bank.to_owned(), nobody),
        (stay.to_owned(), nobody),
    ] {
        let said = said_of_network(&network, &[]);
        assert!(said.starts_with(start), "{said}");
    }
    for (option, value) in [
        ("--iterations", "steps"),
        ("--samples", "1s"),
        ("--on-bad-record", "skip"),
    ] {
        let foreign = said_of_network(desk, &[option, value]);
        let what = "is for serving systems, net.toml is a network of queues\n";
        assert!(
            foreign.starts_with(&format!("error: {option} {what}")),
            "{foreign}"
        );
    }
}

#[test]
fn a_deadlock_names_the_stations() {
    // Each holds what the other waits to give, sooner or later.
    let network = "
        [queueing]
        customers = 100000
        [source.s]
        rate = 0.4
        to = \"left\"
        [station.left]
        capacity = 2
        when_full = \"block\"
        service = 1.0
        next = \"right\"
        [station.right]
        capacity = 1
        when_full = \"block\"
        service = 1.0
        next = { left = 0.5 }
    ";
    let said = said_of_network(network, &[]);
    assert!(said.starts_with("error: deadlock at "), "{said}");
    assert!(
        said.ends_with(
            " s: every busy server of left, right holds a customer that waits for another\n\
             hint: give one of them more room (capacity), or let it turn customers away (when_full \
             = \"lose\")\n"
        ),
        "{said}"
    );
}
