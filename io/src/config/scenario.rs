//! Reading scenarios, and settings laid over them.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use kendall_study::Scenario;
use toml::{Table, Value};

use super::error::ConfigFileError;
use super::keys::Root;

/// `KEY=VALUE` from the command line; the value is TOML, or a string if it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    path: Vec<String>,
    value: Value,
    text: String,
    /// The option that gave it.
    option: &'static str,
}

impl FromStr for Setting {
    type Err = ConfigFileError;

    fn from_str(text: &str) -> Result<Setting, ConfigFileError> {
        Setting::given_by("--set", text)
    }
}

impl Setting {
    /// `KEY=VALUE` as another option than `--set` gives it, which errors then name.
    ///
    /// # Errors
    /// A text without a key or a value.
    pub fn given_by(option: &'static str, text: &str) -> Result<Setting, ConfigFileError> {
        let error = || ConfigFileError::Setting {
            text: text.to_owned(),
        };
        let (key, value) = text.split_once('=').ok_or_else(error)?;
        let path: Vec<String> = key.trim().split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(error());
        }
        let value = value.trim();
        let parsed = toml::from_str::<Table>(&format!("value = {value}")).ok();
        let value = parsed
            .and_then(|mut table| table.remove("value"))
            .unwrap_or_else(|| Value::String(value.to_owned()));
        Ok(Setting {
            path,
            value,
            text: text.to_owned(),
            option,
        })
    }

    /// Whether it sets the key (a full name), as a whole or in part.
    #[must_use]
    pub fn sets(&self, key: &str) -> bool {
        let both = key.split('.').zip(&self.path);
        both.into_iter().all(|(wanted, given)| wanted == given)
    }

    /// Whether both give one key one value, however it is written: `x` is `"x"`.
    #[must_use]
    pub fn sets_the_same(&self, other: &Setting) -> bool {
        self.path == other.path && self.value == other.value
    }

    /// Its key, name by name.
    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    /// Where it stands, for messages: the option, mostly `--set`, and its text.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{} {}", self.option, self.text)
    }
}

/// Reads a scenario and lays settings over it, later ones over earlier ones. Traces that the
/// scenario names are looked for beside the scenario.
///
/// # Errors
/// A file that cannot be read, is not TOML, or has keys or values that a scenario does not take.
pub fn load(path: &Path, settings: &[Setting]) -> Result<Scenario, ConfigFileError> {
    let mut scenario = parse(&path.display().to_string(), &read_text(path)?, settings)?;
    let Some(folder) = path.parent() else {
        return Ok(scenario);
    };
    let beside = |trace: &mut String, key: &str| {
        let set_by_hand = settings.iter().any(|setting| setting.sets(key));
        if !set_by_hand && trace != "-" {
            *trace = folder.join(&*trace).display().to_string();
        }
    };
    if let Some(trace) = &mut scenario.workload.trace {
        beside(trace, "workload.trace");
    }
    if let Some(spec) = &mut scenario.workload.generate {
        for (key, from_trace) in spec.traces_mut() {
            beside(&mut from_trace.trace, &format!("{key}.trace"));
        }
    }
    Ok(scenario)
}

/// The text of a scenario, of whatever kind.
///
/// # Errors
/// A file that cannot be read or is not text.
pub fn read_text(path: &Path) -> Result<String, ConfigFileError> {
    let bytes = fs::read(path).map_err(|source| ConfigFileError::Io {
        path: path.to_owned(),
        source,
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let name = path.display().to_string();
        let place = place_at(&name, &String::from_utf8_lossy(good), good.len());
        ConfigFileError::invalid::<Scenario>(place, "not UTF-8, expected TOML")
    })
}

/// The same from text; `name` stands for the file in errors.
///
/// # Errors
/// Text that is not TOML, or has keys or values that a scenario does not take.
pub fn parse(name: &str, text: &str, settings: &[Setting]) -> Result<Scenario, ConfigFileError> {
    read(name, text, settings)
}

/// Reads a file of either kind.
pub(super) fn read<T: Root>(
    name: &str,
    text: &str,
    settings: &[Setting],
) -> Result<T, ConfigFileError> {
    let in_file = |error: toml::de::Error| {
        let place = match error.span() {
            Some(span) => place_at(name, text, span.start),
            None => name.to_owned(),
        };
        ConfigFileError::invalid::<T>(place, error.message())
    };
    let alone: T = toml::from_str(text).map_err(in_file)?;
    if settings.is_empty() {
        return Ok(alone);
    }
    lay_over(&toml::from_str(text).map_err(in_file)?, settings)
}

/// Lays settings over a table. They are judged together, since some make sense only together; an
/// error is blamed on the first setting that leads to it.
fn lay_over<T: Root>(base: &Table, settings: &[Setting]) -> Result<T, ConfigFileError> {
    let mut table = base.clone();
    let mut stages = Vec::with_capacity(settings.len());
    for setting in settings {
        insert(&mut table, &setting.path, setting.value.clone()).map_err(|key| {
            let message = format!("`{key}` is a value, not a section");
            ConfigFileError::invalid::<T>(setting.place(), &message)
        })?;
        stages.push(table.clone());
    }
    let read =
        |table: &Table| -> Result<T, toml::de::Error> { Value::Table(table.clone()).try_into() };
    read(&table).map_err(|error| {
        let message = error.message();
        let leads_to_it =
            |stage: &Table| read(stage).is_err_and(|error| error.message() == message);
        let culprit = stages.iter().position(leads_to_it);
        let place = culprit.map_or_else(|| "--set".to_owned(), |index| settings[index].place());
        ConfigFileError::invalid::<T>(place, message)
    })
}

/// File, line and column of a byte of the file's text.
pub(super) fn place_at(name: &str, text: &str, byte: usize) -> String {
    let before = &text.as_bytes()[..byte.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n');
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.len() - line_start.map_or(0, |at| at + 1) + 1;
    format!("{name}:{line}:{column}")
}

/// Sets a value, making the sections on the way; the name of a value in the way is the error.
pub(super) fn insert(table: &mut Table, path: &[String], value: Value) -> Result<(), String> {
    match path {
        [] => Ok(()),
        [key] => {
            table.insert(key.clone(), value);
            Ok(())
        }
        [section, rest @ ..] => {
            let entry = table
                .entry(section.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            match entry {
                Value::Table(inner) => insert(inner, rest, value),
                _ => Err(section.clone()),
            }
        }
    }
}

/// A scenario as TOML, every default written out.
#[must_use]
pub fn to_toml(scenario: &Scenario) -> String {
    toml::to_string(scenario).unwrap_or_else(|error| format!("# not representable: {error}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(texts: &[&str]) -> Vec<Setting> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn settings_are_laid_over_the_file_in_order() {
        let text = "[llm.scheduler]\nmax_num_seqs = 4\n";
        let over = [
            "llm.scheduler.max_num_seqs=8",
            "llm.router=least-loaded",
            "seed=3",
        ];
        let scenario = parse("x.toml", text, &settings(&over)).unwrap();
        assert_eq!(scenario.llm.scheduler.max_num_seqs, 8);
        assert_eq!(scenario.llm.router, kendall_llm::RouterKind::LeastLoaded);
        assert_eq!(scenario.seed, 3);
    }

    #[test]
    fn an_unknown_key_names_its_place_and_the_nearest() {
        let error = parse("x.toml", "[llm.scheduler]\nmax_num_seq = 4\n", &[]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("x.toml:2:1: unknown field `max_num_seq`"),
            "{error}"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some("did you mean `max_num_seqs`?")
        );
        let error = parse("x.toml", "", &settings(&["llm.kv.blocksize=4"])).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("--set llm.kv.blocksize=4: unknown"),
            "{error}"
        );
        assert_eq!(error.hint().as_deref(), Some("did you mean `block_size`?"));
    }

    #[test]
    fn settings_are_judged_together_and_blamed_one_by_one() {
        let over = [
            "llm.cost.kind=linear",
            "llm.cost.c_s=0.01",
            "llm.cost.a_s=0",
        ];
        let over = [&over[..], &["llm.cost.b0_tokens=0"]].concat();
        let scenario = parse("x.toml", "", &settings(&over)).unwrap();
        assert!(matches!(
            scenario.llm.cost,
            kendall_study::scenario::CostSection::Linear(_)
        ));
        let over = ["seed=3", "llm.instances=many", "llm.tensor_parallel=2"];
        let error = parse("x.toml", "", &settings(&over)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--set llm.instances=many: invalid type: string \"many\", expected a whole number \
             from 0 to 65535"
        );
    }

    #[test]
    fn a_key_in_the_wrong_section_is_found() {
        for (given, meant) in [
            ("max_num_seqs=3", "llm.scheduler.max_num_seqs"),
            ("llm.watermark=0.1", "llm.scheduler.watermark"),
            ("scheduler.policy=fcfs", "llm.scheduler"),
        ] {
            let error = parse("x.toml", "", &settings(&[given])).unwrap_err();
            let hint = format!("did you mean `{meant}`?");
            assert_eq!(error.hint(), Some(hint), "{error}");
        }
        let error = parse("x.toml", "", &settings(&["llm.seed=3"])).unwrap_err();
        let hint = "`seed` stands at the top level, before all sections";
        assert_eq!(error.hint().as_deref(), Some(hint), "{error}");
    }

    #[test]
    fn settings_need_a_key_and_a_value() {
        for text in ["llm.instances", "=3", "llm..instances=3"] {
            assert!(matches!(
                text.parse::<Setting>(),
                Err(ConfigFileError::Setting { .. })
            ));
        }
    }

    #[test]
    fn a_scenario_survives_being_written() {
        let scenario = Scenario::default();
        assert_eq!(
            parse("default", &to_toml(&scenario), &[]).unwrap(),
            scenario
        );
    }

    #[test]
    fn traces_are_looked_for_beside_the_scenario() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("x.toml");
        let text = "[workload.generate.from_trace]\ntrace = \"a.csv\"\n\
                    [[workload.generate.tenants]]\nname = \"one\"\n\
                    [[workload.generate.tenants]]\nname = \"two\"\n\
                    from_trace = { trace = \"b.csv\", lengths = false }\n";
        fs::write(&path, text).unwrap();
        let traces = |over: &[&str]| -> Vec<String> {
            let mut scenario = load(&path, &settings(over)).unwrap();
            let spec = scenario.workload.generate.as_mut().unwrap();
            let traces = spec.traces_mut().map(|(_, it)| it.trace.clone());
            traces.collect()
        };
        let beside = |name: &str| scratch.path().join(name).display().to_string();
        assert_eq!(traces(&[]), [beside("a.csv"), beside("b.csv")]);
        let over = ["workload.generate.from_trace.trace=c.csv"];
        assert_eq!(traces(&over), ["c.csv".to_owned(), beside("b.csv")]);
    }

    #[test]
    fn generated_workloads_survive_being_written() {
        let text = r#"
            [workload.generate]
            length_correlation = 0.5
            priority = 2
            arrivals = { process = "mmpp", states = [
                { rate_per_s = 1.0, mean_s = 2.0, next = [0.0, 1.0] },
                { rate_per_s = 9.0, mean_s = 1.0 },
            ] }
            diurnal = { amplitude = 0.25 }
            spikes = [{ at_s = 1.0, duration_s = 2.0, factor = 3.0, every_s = 10.0 }]
            from_trace = { trace = "a.csv", columns = { arrival_s = "t" }, lengths = false }
            tenants = [
                { name = "one", arrivals = { process = "gamma", rate_per_s = 1.0, cv = 2.0 }, spikes = [] },
                { name = "two", arrivals = { process = "from-trace", gap_block = 7 }, priority = -1 },
            ]
        "#;
        let scenario = parse("x.toml", text, &[]).unwrap();
        let written = to_toml(&scenario);
        assert_eq!(
            parse("again", &written, &[]).unwrap(),
            scenario,
            "{written}"
        );
    }

    #[test]
    fn shipped_scenarios_resolve() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/scenarios");
        let mut seen = 0;
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                load(&path, &[])
                    .unwrap()
                    .resolve(&super::super::catalog())
                    .unwrap();
                seen += 1;
            }
        }
        assert!(seen >= 3);
    }
}
