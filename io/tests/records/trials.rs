//! `trials.parquet` read back.

use std::path::Path;

use kendall_io::records::{OutputDir, RowOrder, TrialSink, TrialVariants};
use kendall_study::trials::Metric;

use super::support::{metadata, mix, read};

const METRICS: usize = 3;

fn metrics() -> Vec<Metric> {
    let metric = |index: usize| Metric {
        name: format!("e2e_s.p{index}"),
        unit: "s",
        description: format!("percentile {index}"),
    };
    (0..METRICS).map(metric).collect()
}

fn variants() -> TrialVariants {
    let texts = |texts: [&str; 4]| texts.map(str::to_owned).to_vec();
    TrialVariants {
        names: texts(["a=1, b=ä", "a=1, b=", "a=2, b=ä", "a=2, b="]),
        varied: vec![
            ("a".to_owned(), texts(["1", "1", "2", "2"])),
            ("b".to_owned(), texts(["ä", "", "ä", ""])),
        ],
    }
}

/// Metrics of a trial, some of which it lacks.
fn row(variant: usize, trial: u32) -> [Option<f64>; METRICS] {
    [0, 1, 2].map(|metric| {
        let noise = mix(u64::from(trial) * 64 + variant as u64 * 8 + metric);
        (metric != 1 || !noise.is_multiple_of(3)).then_some(noise as f64 / 1e9)
    })
}

fn sink(path: &Path) -> TrialSink {
    let dir = OutputDir::prepare(path, false).unwrap();
    let meta = metadata(RowOrder::Trace);
    dir.trials(&meta, &variants(), &metrics()).unwrap()
}

#[test]
fn rows_are_the_trials() {
    let scratch = tempfile::tempdir().unwrap();
    let mut sink = sink(scratch.path());
    // More than a set of buffers.
    let all: Vec<(usize, u32)> = (0..4)
        .flat_map(|variant| (0..5000).map(move |trial| (variant, trial)))
        .collect();
    for &(variant, trial) in &all {
        let seed = u64::MAX - u64::from(trial);
        sink.trial(variant, trial, seed, &row(variant, trial));
    }
    assert_eq!(sink.finish().unwrap(), 20_000);
    let file = read(&scratch.path().join("trials.parquet"));
    let texts = |of: &dyn Fn(usize) -> String| all.iter().map(|&(v, _)| of(v)).collect::<Vec<_>>();
    let given = variants();
    assert_eq!(file.strings("variant"), texts(&|v| given.names[v].clone()));
    for (key, values) in &given.varied {
        assert_eq!(file.strings(key), texts(&|v| values[v].clone()), "{key}");
    }
    let numbers = |of: &dyn Fn(u32) -> u64| {
        let numbers = all.iter().map(|&(_, trial)| Some(of(trial)));
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(file.integers("trial"), numbers(&u64::from));
    let seed = |trial| u64::MAX - u64::from(trial);
    assert_eq!(file.integers("seed"), numbers(&seed));
    let mut absent = 0;
    for (index, metric) in metrics().iter().enumerate() {
        let expected: Vec<_> = all.iter().map(|&(v, trial)| row(v, trial)[index]).collect();
        absent += expected.iter().filter(|value| value.is_none()).count();
        assert_eq!(file.floats(&metric.name), expected, "{}", metric.name);
        let field = file.footer.schema().field_with_name(&metric.name).unwrap();
        assert_eq!(field.metadata()["unit"], "s");
        assert_eq!(field.metadata()["description"], metric.description);
        assert!(field.is_nullable());
    }
    assert!(absent > 1000, "{absent}");
    let names = file.key("kendall.variants");
    assert_eq!(
        names.as_deref(),
        Some(r#"["a=1, b=ä","a=1, b=","a=2, b=ä","a=2, b="]"#)
    );
}

#[test]
fn interrupted_trials_keep_a_partial_name() {
    let scratch = tempfile::tempdir().unwrap();
    let mut sink = sink(scratch.path());
    sink.trial(2, 7, 8, &row(2, 7));
    let path = sink.abandon().unwrap();
    assert_eq!(path, scratch.path().join("trials.partial.parquet"));
    assert_eq!(read(&path).strings("a"), ["2"]);
    assert!(!scratch.path().join("trials.parquet").exists());
    // The next run removes it.
    OutputDir::prepare(scratch.path(), false).unwrap();
    assert!(!path.exists());
}
