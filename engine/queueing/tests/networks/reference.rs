//! A plain simulator of one station: lists that are sorted anew whenever somebody is looked for.
//!
//! At one instant services end first, then customers give up, then one customer arrives, and so on.

use kendall_queueing::Outcome;
use kendall_queueing::model::Discipline;

/// What a customer brings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) arrived: u64,
    pub(crate) size: u64,
    pub(crate) class: u16,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) started: Option<u64>,
    pub(crate) left: u64,
    pub(crate) outcome: Outcome,
}

/// The station.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) discipline: Discipline,
    pub(crate) servers: usize,
    pub(crate) capacity: Option<usize>,
    pub(crate) patience: Option<u64>,
}

struct State<'a> {
    desk: &'a Desk,
    jobs: &'a [Job],
    now: u64,
    left: Vec<u64>,
    started: Vec<Option<u64>>,
    fates: Vec<Option<Fate>>,
    /// In order of arrival, those in service too.
    present: Vec<usize>,
    serving: Vec<usize>,
}

/// What becomes of each customer, in order of arrival.
pub(crate) fn simulate(desk: &Desk, jobs: &[Job]) -> Vec<Fate> {
    let mut state = State {
        desk,
        jobs,
        now: 0,
        left: jobs.iter().map(|job| job.size).collect(),
        started: vec![None; jobs.len()],
        fates: vec![None; jobs.len()],
        present: Vec::new(),
        serving: Vec::new(),
    };
    for (number, job) in jobs.iter().enumerate() {
        state.pass_until(job.arrived);
        let full = desk
            .capacity
            .is_some_and(|room| state.present.len() >= room);
        if full {
            state.end(number, Outcome::Lost);
        } else {
            state.present.push(number);
            state.choose();
        }
    }
    state.pass_until(u64::MAX);
    state.fates.into_iter().map(|fate| fate.unwrap()).collect()
}

impl State<'_> {
    /// Lets everything happen that does up to and at a time.
    fn pass_until(&mut self, time: u64) {
        loop {
            let done = self
                .serving
                .iter()
                .map(|&n| (self.now + self.left[n], n))
                .min();
            let gives_up = self.next_to_give_up();
            let services_first = match (done, gives_up) {
                (Some((done, _)), Some((gives_up, _))) => done <= gives_up,
                (done, _) => done.is_some(),
            };
            let next = if services_first { done } else { gives_up };
            let Some((at, number)) = next.filter(|(at, _)| *at <= time) else {
                break;
            };
            self.advance(at);
            if services_first {
                self.end(number, Outcome::Served);
            } else {
                self.end(number, Outcome::Reneged);
            }
            self.choose();
        }
        if time < u64::MAX {
            self.advance(time);
        }
    }

    fn next_to_give_up(&self) -> Option<(u64, usize)> {
        let patience = self.desk.patience?;
        let waiting = self.present.iter().filter(|&&n| self.started[n].is_none());
        waiting.map(|&n| (self.jobs[n].arrived + patience, n)).min()
    }

    fn advance(&mut self, time: u64) {
        for &number in &self.serving {
            self.left[number] -= time - self.now;
        }
        self.now = time;
    }

    fn end(&mut self, number: usize, outcome: Outcome) {
        self.present.retain(|&n| n != number);
        self.serving.retain(|&n| n != number);
        self.fates[number] = Some(Fate {
            started: self.started[number],
            left: self.now,
            outcome,
        });
    }

    /// Decides who is served now: the first of all present, or of those who wait.
    fn choose(&mut self) {
        if preemptive(&self.desk.discipline) {
            self.serving.clear();
        }
        let mut others = self.present.clone();
        others.retain(|n| !self.serving.contains(n));
        others.sort_by_key(|&n| self.rank(n));
        let free = self.desk.servers - self.serving.len();
        self.serving.extend(others.into_iter().take(free));
        for &number in &self.serving {
            self.started[number].get_or_insert(self.now);
        }
    }

    fn rank(&self, number: usize) -> (u64, usize) {
        let class = usize::from(self.jobs[number].class);
        let key = match &self.desk.discipline {
            Discipline::Fcfs => 0,
            Discipline::Lcfs | Discipline::LcfsPreemptive => u64::MAX - number as u64,
            Discipline::ShortestFirst | Discipline::PreemptiveShortestFirst => {
                self.jobs[number].size
            }
            Discipline::ShortestRemaining => self.left[number],
            Discipline::Priority(ranks) | Discipline::PreemptivePriority(ranks) => {
                u64::from(ranks[class])
            }
            other => panic!("{other:?} has no plain order"),
        };
        (key, number)
    }
}

fn preemptive(discipline: &Discipline) -> bool {
    use Discipline::{
        LcfsPreemptive, PreemptivePriority, PreemptiveShortestFirst, ShortestRemaining,
    };
    matches!(
        discipline,
        LcfsPreemptive | PreemptiveShortestFirst | ShortestRemaining | PreemptivePriority(_)
    )
}
