//! A generated workload, a stretch at a time.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeSet, BinaryHeap};

use kendall_kernel::{Streams, Time};
use kendall_llm::{Source, Trace};

use super::blocks::Blocks;
use super::rows::{Columns, Extras};
use super::tenant::{Names, Tenant};
use super::{BLOCK_TOKENS, GenerateError, Grid, check_requests};
use crate::workload::{GenerateSpec, TenantSpec};

/// Rows of a stretch: enough that what is done once per stretch does not show, and few enough that
/// the requests in the system determine what is kept of them.
const STRETCH_ROWS: usize = 4096;

/// Most tenants: classes have 16 bits.
const MAX_TENANTS: usize = 1 << 16;

/// A generated workload as a [`Source`]: the rows of [`generate`](super::generate) in the same
/// order, without ever holding more than a stretch of them.
///
/// # Memory usage
/// A stretch of rows, the sessions under way, the first block id of each prefix that has
/// appeared, and the columns of traces that are drawn from.
///
/// # Examples
/// ```
/// use kendall_llm::Source;
/// use kendall_study::workload::{GenerateSpec, Generator};
///
/// let spec = GenerateSpec { requests: 10_000, ..GenerateSpec::default() };
/// let mut workload = Generator::new(&spec, 42)?;
/// let mut rows = 0;
/// while let Some(stretch) = workload.next_rows() {
///     rows += stretch.len();
/// }
/// workload.ended()?;
/// assert_eq!(rows, 10_000);
/// # Ok::<(), kendall_study::workload::GenerateError>(())
/// ```
#[derive(Debug)]
pub struct Generator {
    requests: u32,
    given: u32,
    extras: Extras,
    tenants: Vec<Tenant>,
    /// Their names; none of a workload without any.
    tenant_names: Vec<String>,
    /// The next arrival of every tenant that has one, ties by number; without tenants empty.
    order: BinaryHeap<Reverse<(Time, u16)>>,
    names: Names,
    /// Most rows of a stretch.
    pub(super) stretch_rows: usize,
    error: Option<GenerateError>,
}

impl Generator {
    /// Prepares the workload that a specification and a seed describe.
    ///
    /// # Errors
    /// Settings out of their range; see [`Generator::ended`] for what shows only later.
    pub fn new(spec: &GenerateSpec, seed: u64) -> Result<Generator, GenerateError> {
        let requests = check_requests(spec.requests)?;
        let grid = Grid::new(spec.arrival_resolution_s)?;
        let streams = Streams::new(seed);
        let mut extras = Extras::default();
        let mut tenants = Vec::with_capacity(spec.tenants.len().max(1));
        let mut add = |spec: &GenerateSpec, class: u16, streams: Streams| {
            extras.sessions |= spec.sessions.is_some();
            extras.priorities |= spec.priority != 0;
            tenants.push(Tenant::new(spec, class, streams, grid)?);
            Ok(())
        };
        if spec.tenants.is_empty() {
            add(spec, 0, streams)?;
        }
        check_names(&spec.tenants)?;
        for (class, tenant) in (0..).zip(&spec.tenants) {
            let added = add(&tenant.over(spec), class, streams.named(&tenant.name));
            added.map_err(|error| of_tenant(class, &tenant.name, error))?;
        }
        extras.classes = !spec.tenants.is_empty();
        let mut order = BinaryHeap::new();
        if !spec.tenants.is_empty() {
            let numbered = (0..).zip(&tenants);
            order.extend(numbered.filter_map(|(at, tenant): (u16, &Tenant)| {
                Some(Reverse((tenant.next_arrival()?, at)))
            }));
        }
        Ok(Generator {
            requests,
            given: 0,
            extras,
            tenants,
            tenant_names: spec.tenants.iter().map(|it| it.name.clone()).collect(),
            order,
            names: Names {
                blocks: Blocks::new(BLOCK_TOKENS),
                sessions: 0,
            },
            stretch_rows: STRETCH_ROWS,
            error: None,
        })
    }

    /// Ends after so many requests at most.
    #[must_use]
    pub fn limited(self, limit: u64) -> Generator {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        Generator {
            requests: self.requests.min(limit),
            ..self
        }
    }

    /// Requests that it gives in all, unless it fails.
    #[must_use]
    pub fn requests(&self) -> u64 {
        u64::from(self.requests)
    }

    /// Why no more rows came, unless all were given.
    ///
    /// # Errors
    /// Laws that drew what is no time, a prefix as long as the longest prompt, and arrivals that
    /// pass 2^64 ns before there are enough.
    pub fn ended(self) -> Result<(), GenerateError> {
        self.error.map_or(Ok(()), Err)
    }

    /// Sessions under way.
    #[cfg(test)]
    pub(super) fn underway(&self) -> usize {
        self.tenants.iter().map(Tenant::underway).sum()
    }

    /// All rows that are left as one stretch.
    pub(super) fn rest(mut self) -> Result<Trace, GenerateError> {
        let mut columns = Columns::new(self.extras);
        while self.given < self.requests {
            self.append(&mut columns)?;
        }
        Ok(columns.into_trace(BLOCK_TOKENS))
    }

    /// Appends the next row of all tenants'.
    fn append(&mut self, columns: &mut Columns) -> Result<(), GenerateError> {
        let appended = match (self.tenants.as_mut_slice(), self.tenant_names.as_slice()) {
            ([alone], []) => alone.append(&mut self.names, columns)?,
            _ => self.append_first(columns)?,
        };
        if !appended {
            return Err(GenerateError::TooFewArrivals {
                rows: u64::from(self.given),
                requests: u64::from(self.requests),
            });
        }
        self.given += 1;
        Ok(())
    }

    /// Appends the row of the tenant whose next is the first. O(log tenants).
    fn append_first(&mut self, columns: &mut Columns) -> Result<bool, GenerateError> {
        let Some(mut first) = self.order.peek_mut() else {
            return Ok(false);
        };
        let Reverse((_, class)) = *first;
        let tenant = &mut self.tenants[usize::from(class)];
        let appended = tenant.append(&mut self.names, columns);
        let name = &self.tenant_names[usize::from(class)];
        let appended = appended.map_err(|error| of_tenant(class, name, error))?;
        match tenant.next_arrival() {
            Some(next) => *first = Reverse((next, class)),
            None => drop(PeekMut::pop(first)),
        }
        Ok(appended)
    }
}

impl Source for Generator {
    fn next_rows(&mut self) -> Option<Trace> {
        let rows = (self.requests - self.given) as usize;
        let rows = rows.min(self.stretch_rows);
        if rows == 0 || self.error.is_some() {
            return None;
        }
        let mut columns = Columns::new(self.extras);
        columns.reserve(rows);
        for _ in 0..rows {
            if let Err(error) = self.append(&mut columns) {
                self.error = Some(error);
                break;
            }
        }
        (columns.len() > 0).then(|| columns.into_trace(BLOCK_TOKENS))
    }
}

fn of_tenant(class: u16, name: &str, error: GenerateError) -> GenerateError {
    GenerateError::Tenant {
        index: usize::from(class),
        name: name.to_owned(),
        source: Box::new(error),
    }
}

/// Every name stands for a tenant, and its number is a class.
fn check_names(tenants: &[TenantSpec]) -> Result<(), GenerateError> {
    if tenants.len() > MAX_TENANTS {
        return Err(GenerateError::Length {
            list: "workload.generate.tenants",
            found: tenants.len(),
            must: "at most 65536",
        });
    }
    let mut seen = BTreeSet::new();
    for (index, TenantSpec { name, .. }) in tenants.iter().enumerate() {
        let must = match (name.as_str(), seen.insert(name)) {
            ("", _) => "a name",
            (_, false) => "unlike that of every other tenant",
            (_, true) => continue,
        };
        let name = name.clone();
        return Err(GenerateError::TenantName { index, name, must });
    }
    Ok(())
}
