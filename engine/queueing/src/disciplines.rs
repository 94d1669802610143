//! Names of the disciplines that need no parameters, as notations and files write them.

use crate::model::Discipline;

/// A discipline, its names and what it does.
pub struct NamedDiscipline {
    /// Its names; the first is the one that is printed.
    pub names: &'static [&'static str],
    /// What it does, in a few words.
    pub description: &'static str,
    /// The discipline.
    pub discipline: Discipline,
}

/// Every discipline without parameters. Priorities, weights and polling depend on classes and have
/// no name in a notation.
pub const DISCIPLINES: &[NamedDiscipline] = &[
    named(
        &["fcfs", "fifo"],
        "first come, first served",
        Discipline::Fcfs,
    ),
    named(
        &["lcfs", "lifo"],
        "last come, first served, without preemption",
        Discipline::Lcfs,
    ),
    named(
        &["lcfs-pr"],
        "last come, first served; the displaced resume",
        Discipline::LcfsPreemptive,
    ),
    named(
        &["ros", "siro", "random"],
        "service in random order",
        Discipline::Random,
    ),
    named(
        &["ps"],
        "processor sharing: all at once",
        Discipline::ProcessorSharing,
    ),
    named(
        &["sjf", "spt"],
        "the shortest service first, without preemption",
        Discipline::ShortestFirst,
    ),
    named(
        &["psjf"],
        "the shortest service first, displacing longer ones",
        Discipline::PreemptiveShortestFirst,
    ),
    named(
        &["srpt"],
        "the shortest remaining service first",
        Discipline::ShortestRemaining,
    ),
    named(
        &["fb", "las", "fbps"],
        "those with the least attained service first",
        Discipline::LeastAttained,
    ),
];

const fn named(
    names: &'static [&'static str],
    description: &'static str,
    discipline: Discipline,
) -> NamedDiscipline {
    NamedDiscipline {
        names,
        description,
        discipline,
    }
}

/// The discipline of this name; case does not matter, `_` stands for `-`.
#[must_use]
pub fn by_name(name: &str) -> Option<Discipline> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let found = DISCIPLINES
        .iter()
        .find(|known| known.names.contains(&name.as_str()));
    found.map(|known| known.discipline.clone())
}

/// The printed name of a discipline without parameters.
#[must_use]
pub fn name_of(discipline: &Discipline) -> Option<&'static str> {
    let found = DISCIPLINES
        .iter()
        .find(|known| known.discipline == *discipline);
    found.map(|known| known.names[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_lead_to_their_discipline() {
        let mut seen = std::collections::BTreeSet::new();
        for known in DISCIPLINES {
            for name in known.names {
                assert!(seen.insert(name), "{name}");
                assert_eq!(
                    by_name(&name.to_uppercase()),
                    Some(known.discipline.clone())
                );
            }
            assert_eq!(name_of(&known.discipline), Some(known.names[0]));
        }
        assert_eq!(by_name("lcfs_pr"), Some(Discipline::LcfsPreemptive));
        assert_eq!(by_name("edf"), None);
        assert_eq!(name_of(&Discipline::Priority(vec![0])), None);
    }
}
