//! A single server followed event by event, for second moments that no chain gives.

/// Numbers that look random (Steele, Lea and Flood, Fast splittable pseudorandom number generators,
/// OOPSLA 2014).
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Numbers {
        Numbers(seed)
    }

    /// Uniform on (0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + 1e-17
    }

    pub(super) fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }
}

/// A customer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) arrival: f64,
    pub(super) size: f64,
    pub(super) left: f64,
    /// When service began, if it did.
    pub(super) began: Option<f64>,
    pub(super) class: usize,
}

/// Who is served among those present (in order of arrival): their places.
pub(super) type Serve = fn(&[Job]) -> Vec<usize>;

/// The one with the smallest key, the first among equals; `stays` keeps whoever has begun.
fn smallest(jobs: &[Job], stays: bool, key: impl Fn(&Job) -> f64) -> Vec<usize> {
    if stays && let Some(begun) = jobs.iter().position(|job| job.began.is_some()) {
        return vec![begun];
    }
    let better = |a: &usize, b: &usize| key(&jobs[*a]).total_cmp(&key(&jobs[*b]));
    vec![(0..jobs.len()).min_by(better).unwrap()]
}

pub(super) fn sjf(jobs: &[Job]) -> Vec<usize> {
    smallest(jobs, true, |job| job.size)
}

pub(super) fn psjf(jobs: &[Job]) -> Vec<usize> {
    smallest(jobs, false, |job| job.size)
}

pub(super) fn srpt(jobs: &[Job]) -> Vec<usize> {
    smallest(jobs, false, |job| job.left)
}

pub(super) fn lcfs(jobs: &[Job]) -> Vec<usize> {
    smallest(jobs, true, |job| -job.arrival)
}

/// Any of those waiting, by digits of everybody's arrival times, which are as good as random.
pub(super) fn ros(jobs: &[Job]) -> Vec<usize> {
    if let Some(begun) = jobs.iter().position(|job| job.began.is_some()) {
        return vec![begun];
    }
    let seed = jobs.iter().fold(0, |sum: u64, job| {
        sum.rotate_left(7) ^ job.arrival.to_bits()
    });
    vec![(Numbers::new(seed).uniform() * jobs.len() as f64) as usize]
}

pub(super) fn non_preemptive(jobs: &[Job]) -> Vec<usize> {
    smallest(jobs, true, |job| job.class as f64)
}

pub(super) fn preemptive(jobs: &[Job]) -> Vec<usize> {
    smallest(jobs, false, |job| job.class as f64)
}

pub(super) fn ps(jobs: &[Job]) -> Vec<usize> {
    (0..jobs.len()).collect()
}

/// Those with the least service received.
pub(super) fn fb(jobs: &[Job]) -> Vec<usize> {
    let least = jobs
        .iter()
        .map(|job| job.size - job.left)
        .fold(f64::INFINITY, f64::min);
    (0..jobs.len())
        .filter(|place| jobs[*place].size - jobs[*place].left <= least + 1e-12)
        .collect()
}

/// Lets arrivals through and reports each job that ends with its sojourn.
pub(super) fn run(
    serve: Serve,
    mut arrivals: impl Iterator<Item = (f64, f64, usize)>,
    mut done: impl FnMut(&Job, f64),
) {
    let mut jobs: Vec<Job> = Vec::new();
    let mut now = 0.0;
    let mut next = arrivals.next();
    while next.is_some() || !jobs.is_empty() {
        let serving = if jobs.is_empty() {
            Vec::new()
        } else {
            serve(&jobs)
        };
        for place in &serving {
            jobs[*place].began.get_or_insert(now);
        }
        let share = serving.len() as f64;
        let arrival = next.map_or(f64::INFINITY, |(time, _, _)| time);
        // Until one ends, or the group served catches up with the next (which only matters to FB).
        let end = serving
            .iter()
            .map(|place| jobs[*place].left)
            .fold(f64::INFINITY, f64::min);
        let attained = |job: &Job| job.size - job.left;
        let level = serving.first().map_or(0.0, |place| attained(&jobs[*place]));
        let above = jobs
            .iter()
            .map(attained)
            .filter(|other| *other > level + 1e-12);
        let catch_up = above.fold(f64::INFINITY, f64::min) - level;
        let work = end.min(catch_up);
        let comes_first = serving.is_empty() || arrival < now + work * share;
        // Not from differences of times, which may be too coarse for a small rest.
        let each = if comes_first {
            (arrival - now) / share.max(1.0)
        } else {
            work
        };
        for place in &serving {
            jobs[*place].left -= each;
        }
        now = if comes_first {
            arrival
        } else {
            now + work * share
        };
        if comes_first {
            if let Some((time, size, class)) = next {
                jobs.push(Job {
                    arrival: time,
                    size,
                    left: size,
                    began: None,
                    class,
                });
            }
            next = arrivals.next();
        }
        jobs.retain(|job| {
            let ended = job.left <= 1e-11;
            if ended {
                done(job, now - job.arrival);
            }
            !ended
        });
    }
}

/// Mean of values in order, and its standard error by means of 40 batches.
pub(super) fn batch_means(values: &[f64]) -> (f64, f64) {
    let batches: Vec<f64> = values
        .chunks_exact(values.len() / 40)
        .map(|batch| batch.iter().sum::<f64>() / batch.len() as f64)
        .collect();
    let count = batches.len() as f64;
    let mean = batches.iter().sum::<f64>() / count;
    let variance = batches
        .iter()
        .map(|batch| (batch - mean).powi(2))
        .sum::<f64>()
        / (count - 1.0);
    (mean, (variance / count).sqrt())
}
