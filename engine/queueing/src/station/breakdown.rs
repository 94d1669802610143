//! Servers that fail and are repaired.

use kendall_kernel::SlotTree;

use crate::draw::Draws;

/// Failures and repairs of the servers of a station.
#[derive(Clone, Debug)]
pub(super) struct Breakdowns {
    up: Draws,
    down: Draws,
    while_busy: bool,
    /// When a server fails or, if it is down, is repaired.
    change: SlotTree,
    failed: Vec<bool>,
    /// Time to failure left of servers that do not age now.
    age_left: Vec<u64>,
    /// Time of service left of customers whose server is down.
    service_left: Vec<u64>,
}

impl Breakdowns {
    pub(super) fn new(servers: u32, mut up: Draws, down: Draws, while_busy: bool) -> Breakdowns {
        let count = servers as usize;
        let age_left: Vec<u64> = (0..count).map(|_| up.next_ns()).collect();
        let mut change = SlotTree::new(count);
        if !while_busy {
            let first = age_left.iter().enumerate();
            first.for_each(|(server, &age)| change.set(server, age));
        }
        Breakdowns {
            up,
            down,
            while_busy,
            change,
            failed: vec![false; count],
            age_left,
            service_left: vec![0; count],
        }
    }

    pub(super) fn next(&self) -> Option<(usize, u64)> {
        self.change.min()
    }

    pub(super) fn is_down(&self, server: usize) -> bool {
        self.failed[server]
    }

    /// Time of service left of the customer whose server is down; 0 if there is none.
    pub(super) fn service_left(&self, server: usize) -> u64 {
        self.service_left[server]
    }

    /// The server begins to serve.
    pub(super) fn busy(&mut self, now: u64, server: usize) {
        if self.while_busy {
            self.change.set(server, now + self.age_left[server]);
        }
    }

    /// The server ends a service, or a customer leaves it that it kept while it was down.
    pub(super) fn rests(&mut self, now: u64, server: usize) {
        if self.while_busy
            && !self.failed[server]
            && let Some(failure) = self.change.clear(server)
        {
            self.age_left[server] = failure - now;
        }
    }

    /// The server fails with this much time of service left, if it was serving.
    pub(super) fn fail(&mut self, now: u64, server: usize, service_left: u64) {
        self.failed[server] = true;
        self.service_left[server] = service_left;
        self.change.set(server, now + self.down.next_ns());
    }

    /// The server is repaired; the time of service left. It is `serving` again, or idle.
    pub(super) fn repair(&mut self, now: u64, server: usize, serving: bool) -> u64 {
        self.failed[server] = false;
        let age = self.up.next_ns();
        self.age_left[server] = age;
        if self.while_busy && !serving {
            self.change.clear(server);
        } else {
            self.change.set(server, now + age);
        }
        std::mem::take(&mut self.service_left[server])
    }
}
