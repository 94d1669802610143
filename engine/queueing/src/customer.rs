//! The customers in the network.

/// Marks that a customer is not part of a forked one.
pub(crate) const NOT_FORKED: u32 = u32::MAX;

/// Most customers at once; numbers above mean something else to servers.
pub(crate) const MOST: u32 = u32::MAX - 1;

/// A customer at a station.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Customer {
    /// Its number in order of appearance in the network.
    pub(crate) number: u64,
    /// When it entered the network, in ns.
    pub(crate) born: u64,
    /// When it came to this station, in ns.
    pub(crate) arrived: u64,
    /// When its service began here, in ns; `u64::MAX` before.
    pub(crate) started: u64,
    /// Work that it brought here, in ns of a server of speed 1.
    pub(crate) size: u64,
    /// Work left, kept while no server is at it.
    pub(crate) left: u64,
    /// Its class.
    pub(crate) class: u16,
    /// Whether it has left the queue that still lists it.
    pub(crate) gone: bool,
    /// The forked customer that it is part of, or [`NOT_FORKED`].
    pub(crate) fork: u32,
    /// Number of its wait, if it may give up; 0 otherwise.
    pub(crate) ticket: u64,
}

/// All customers by handle; handles of those who left are used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    customers: Vec<Customer>,
    free: Vec<u32>,
    /// Waits numbered so far.
    tickets: u64,
}

impl Pool {
    /// A handle for a customer; `None` if there are too many.
    #[inline(always)]
    pub(crate) fn add(&mut self, customer: Customer) -> Option<u32> {
        if let Some(id) = self.free.pop() {
            self.customers[id as usize] = customer;
            return Some(id);
        }
        let id = u32::try_from(self.customers.len()).ok();
        let id = id.filter(|id| *id < MOST)?;
        self.customers.push(customer);
        Some(id)
    }

    /// Numbers the wait of a customer, all over the network: it may be back at a station, or wait at
    /// another, before the deadline of an earlier wait has passed.
    pub(crate) fn begin_wait(&mut self, id: u32) -> u64 {
        self.tickets += 1;
        self.get_mut(id).ticket = self.tickets;
        self.tickets
    }

    /// Forgets a customer.
    #[inline(always)]
    pub(crate) fn remove(&mut self, id: u32) {
        self.free.push(id);
    }

    #[inline(always)]
    pub(crate) fn get(&self, id: u32) -> &Customer {
        &self.customers[id as usize]
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, id: u32) -> &mut Customer {
        &mut self.customers[id as usize]
    }
}
