//! Batches, and sets of requests that decode together.

use super::queues::Prompt;

/// What a GPU works on.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Prompts in it, as they will be when it ends.
    pub(super) pieces: Vec<Prompt>,
    /// Tokens of all pieces.
    pub(super) prompt_tokens: u32,
    /// Requests that decode in it, one token each.
    pub(super) cohort: Cohort,
    /// How many of them, the last ones, decode for the first time.
    pub(super) joined: u32,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.cohort.len() == 0
    }

    /// Requests in it.
    pub(super) fn sequences(&self) -> u32 {
        self.pieces.len() as u32 + self.cohort.len()
    }

    /// Forgets what was in it, once its requests have been given back.
    pub(super) fn clear(&mut self) {
        debug_assert_eq!(self.cohort.len(), 0, "decodes were given back");
        self.pieces.clear();
        self.prompt_tokens = 0;
        self.joined = 0;
    }

    /// Requests that decode for the first time.
    pub(super) fn newcomers(&self) -> impl Iterator<Item = u32> + '_ {
        let members = &self.cohort.members;
        let first = members.len() - self.joined as usize;
        members[first..].iter().map(|member| member.request)
    }
}

/// Requests that decode together, in the order of the queue.
///
/// A clock counts their steps and a member knows at which count it is done, so that a step, or any
/// number of them up to the first that finishes somebody, costs one addition.
#[derive(Clone, Debug)]
pub(super) struct Cohort {
    clock: u64,
    /// Count at which the next member is done; `u64::MAX` without members.
    next: u64,
    members: Vec<Member>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    /// Count at which it has its last token.
    last: u64,
    request: u32,
}

impl Default for Cohort {
    fn default() -> Cohort {
        Cohort {
            clock: 0,
            next: u64::MAX,
            members: Vec::new(),
        }
    }
}

impl Cohort {
    pub(super) fn len(&self) -> u32 {
        self.members.len() as u32
    }

    /// Steps until somebody is done.
    pub(super) fn until_done(&self) -> u64 {
        self.next - self.clock
    }

    /// The members, each with the tokens that are left.
    pub(super) fn left(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let left = |member: &Member| (member.request, (member.last - self.clock) as u32);
        self.members.iter().map(left)
    }

    /// Adds a request behind all others.
    pub(super) fn join(&mut self, request: u32, output_tokens: u32) {
        let last = self.clock + u64::from(output_tokens);
        self.next = self.next.min(last);
        self.members.push(Member { last, request });
    }

    /// Moves the first `count` members of another set, or all, behind all others.
    pub(super) fn absorb(&mut self, other: &mut Cohort, count: u32) {
        let count = other.members.len().min(count as usize);
        for member in other.members.drain(..count) {
            let last = self.clock + (member.last - other.clock);
            self.next = self.next.min(last);
            self.members.push(Member { last, ..member });
        }
        let lasts = other.members.iter().map(|member| member.last);
        other.next = lasts.min().unwrap_or(u64::MAX);
    }

    /// Decodes so many tokens of each, at most until somebody is done; tells who is. O(1), O(n) if
    /// somebody is.
    #[inline]
    pub(super) fn advance(&mut self, steps: u64, mut done: impl FnMut(u32)) {
        self.clock += steps;
        debug_assert!(self.clock <= self.next, "nobody decodes beyond its output");
        if self.clock < self.next {
            return;
        }
        let clock = self.clock;
        let mut next = u64::MAX;
        self.members.retain(|member| {
            if member.last == clock {
                done(member.request);
                return false;
            }
            next = next.min(member.last);
            true
        });
        self.next = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(cohort: &mut Cohort, steps: u64) -> Vec<u32> {
        let mut requests = Vec::new();
        cohort.advance(steps, |request| requests.push(request));
        requests
    }

    #[test]
    fn members_are_done_when_they_have_their_output() {
        let mut cohort = Cohort::default();
        cohort.join(0, 3);
        cohort.join(1, 5);
        assert_eq!(cohort.until_done(), 3);
        assert!(done(&mut cohort, 2).is_empty());
        cohort.join(2, 1);
        assert_eq!(done(&mut cohort, 1), [0, 2]);
        assert_eq!((cohort.len(), cohort.until_done()), (1, 2));
        assert_eq!(done(&mut cohort, 2), [1]);
        assert_eq!(cohort.len(), 0);
    }

    #[test]
    fn sets_merge_on_the_clock_of_the_first() {
        let (mut one, mut other) = (Cohort::default(), Cohort::default());
        one.join(0, 10);
        assert!(done(&mut one, 4).is_empty());
        for (request, output) in [(1, 9), (2, 3), (3, 20)] {
            other.join(request, output);
        }
        assert!(done(&mut other, 1).is_empty());
        one.absorb(&mut other, 2);
        assert_eq!((one.len(), one.until_done()), (3, 2));
        assert_eq!((other.len(), other.until_done()), (1, 19));
        assert_eq!(done(&mut one, 2), [2]);
        assert_eq!(done(&mut one, 4), [0]);
        assert_eq!(done(&mut one, 2), [1]);
    }
}
