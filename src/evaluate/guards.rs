//! Choices: under which arms of which conditions something holds.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One choice: condition number and the arm that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Guard {
    /// The condition.
    pub condition: u32,
    /// Its arm.
    pub arm: u16,
}

/// A conjunction of choices; empty is always.
///
/// A list by falling condition whose tails are shared: conditions are numbered as they are met, so that one more choice
/// is one more link, however many were made before.
#[derive(Clone, Default)]
pub struct Guards(Option<Arc<Link>>);

struct Link {
    guard: Guard,
    rest: Guards,
    /// Of this and all that follow: guards are hashed far more often than they are made.
    hash: u64,
}

impl Guards {
    /// This and one more choice; `None` when it contradicts one already made.
    pub fn with(&self, guard: Guard) -> Option<Self> {
        let mut newer: Vec<Guard> = Vec::new();
        let mut rest = self;
        while let Some(link) = &rest.0 {
            match link.guard.condition.cmp(&guard.condition) {
                Ordering::Greater => newer.push(link.guard),
                Ordering::Equal => return (link.guard == guard).then(|| self.clone()),
                Ordering::Less => break,
            }
            rest = &link.rest;
        }
        let mut all = rest.after(guard);
        while let Some(guard) = newer.pop() {
            all = all.after(guard);
        }
        Some(all)
    }

    /// This with a choice of a condition that is newer than all of them.
    fn after(&self, guard: Guard) -> Self {
        let before = self.0.as_ref().map_or(0, |link| link.hash);
        let own = u64::from(guard.condition) << 16 | u64::from(guard.arm);
        let hash = (before.rotate_left(5) ^ own).wrapping_mul(0x517c_c1b7_2722_0a95);
        Self(Some(Arc::new(Link { guard, rest: self.clone(), hash })))
    }

    /// Whether this choice is among them.
    pub fn holds(&self, guard: Guard) -> bool {
        self.iter().any(|one| *one == guard)
    }

    /// Both; `None` when they exclude each other.
    pub fn and(&self, other: &Self) -> Option<Self> {
        self.and_counting(other, &mut 0)
    }

    /// As [`Guards::and`]; adds how many choices had to be looked at or made anew to `work`.
    pub fn and_counting(&self, other: &Self, work: &mut u64) -> Option<Self> {
        let mut merged: Vec<Guard> = Vec::new();
        let (mut one, mut two) = (self, other);
        // Where one holds all choices of the other it is the answer, and nothing new has to be made.
        let (mut is_one, mut is_two) = (true, true);
        let all = loop {
            let (Some(a), Some(b)) = (&one.0, &two.0) else {
                is_two &= one.0.is_none();
                is_one &= two.0.is_none();
                break if one.0.is_some() { one } else { two };
            };
            if Arc::ptr_eq(a, b) {
                break one;
            }
            match a.guard.condition.cmp(&b.guard.condition) {
                Ordering::Greater => {
                    merged.push(a.guard);
                    is_two = false;
                    one = &a.rest;
                }
                Ordering::Less => {
                    merged.push(b.guard);
                    is_one = false;
                    two = &b.rest;
                }
                Ordering::Equal if a.guard.arm != b.guard.arm => return None,
                Ordering::Equal => {
                    merged.push(a.guard);
                    (one, two) = (&a.rest, &b.rest);
                }
            }
        };
        let looked_at = merged.len().try_into().unwrap_or(u64::MAX);
        *work = work.saturating_add(looked_at);
        if is_one {
            return Some(self.clone());
        }
        if is_two {
            return Some(other.clone());
        }
        // To make a choice anew, and to take it apart again, costs many times a look.
        *work = work.saturating_add(looked_at.saturating_mul(8));
        let mut made = all.clone();
        while let Some(guard) = merged.pop() {
            made = made.after(guard);
        }
        Some(made)
    }

    /// Whether no configuration satisfies both.
    pub fn excludes(&self, other: &Self) -> bool {
        let (mut one, mut two) = (self, other);
        while let (Some(a), Some(b)) = (&one.0, &two.0) {
            if Arc::ptr_eq(a, b) {
                return false;
            }
            match a.guard.condition.cmp(&b.guard.condition) {
                Ordering::Greater => one = &a.rest,
                Ordering::Less => two = &b.rest,
                Ordering::Equal if a.guard.arm != b.guard.arm => return true,
                Ordering::Equal => (one, two) = (&a.rest, &b.rest),
            }
        }
        false
    }

    /// The choices that both make: what is left when either is enough.
    #[must_use]
    pub fn shared(&self, other: &Self) -> Self {
        let mut common: Vec<Guard> = Vec::new();
        let (mut one, mut two) = (self, other);
        let mut all = loop {
            let (Some(a), Some(b)) = (&one.0, &two.0) else { break Self::default() };
            if Arc::ptr_eq(a, b) {
                break one.clone();
            }
            match a.guard.condition.cmp(&b.guard.condition) {
                Ordering::Greater => one = &a.rest,
                Ordering::Less => two = &b.rest,
                Ordering::Equal => {
                    if a.guard == b.guard {
                        common.push(a.guard);
                    }
                    (one, two) = (&a.rest, &b.rest);
                }
            }
        };
        while let Some(guard) = common.pop() {
            all = all.after(guard);
        }
        all
    }

    /// The choices that were made beyond those of `base`; what they exclude of it stays.
    #[must_use]
    pub fn beyond(&self, base: &Self) -> Self {
        let mut own: Vec<Guard> = Vec::new();
        let (mut rest, mut known) = (self, base);
        let mut all = loop {
            let (Some(a), Some(b)) = (&rest.0, &known.0) else { break rest.clone() };
            if Arc::ptr_eq(a, b) {
                break Self::default();
            }
            match a.guard.condition.cmp(&b.guard.condition) {
                Ordering::Greater => {
                    own.push(a.guard);
                    rest = &a.rest;
                }
                Ordering::Less => known = &b.rest,
                Ordering::Equal => {
                    if a.guard != b.guard {
                        own.push(a.guard);
                    }
                    (rest, known) = (&a.rest, &b.rest);
                }
            }
        };
        while let Some(guard) = own.pop() {
            all = all.after(guard);
        }
        all
    }

    /// The same with other numbers for conditions; `None` when that makes choices contradict each other.
    pub fn renumbered(&self, number: impl Fn(u32) -> u32) -> Option<Self> {
        let all = self.iter().map(|one| Guard { condition: number(one.condition), ..*one });
        let mut all: Vec<Guard> = all.collect();
        all.sort_unstable();
        all.iter().try_fold(Self::default(), |made, guard| made.with(*guard))
    }

    /// The choices, the newest condition first.
    pub fn iter(&self) -> impl Iterator<Item = &Guard> {
        std::iter::successors(self.0.as_deref(), |link| link.rest.0.as_deref())
            .map(|link| &link.guard)
    }

    /// Whether it always holds.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl Drop for Guards {
    /// Takes a long list apart in a loop: the default would recurse once for each of its links.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut link) = next.and_then(Arc::into_inner) {
            next = link.rest.0.take();
        }
    }
}

impl fmt::Debug for Guards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Guards {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Guards {}

impl PartialOrd for Guards {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Guards {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut one, mut two) = (self, other);
        loop {
            match (&one.0, &two.0) {
                (Some(a), Some(b)) if Arc::ptr_eq(a, b) => return Ordering::Equal,
                (Some(a), Some(b)) => match a.guard.cmp(&b.guard) {
                    Ordering::Equal => (one, two) = (&a.rest, &b.rest),
                    unequal => return unequal,
                },
                (a, b) => return a.is_some().cmp(&b.is_some()),
            }
        }
    }
}

impl Serialize for Guards {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.iter().collect::<Vec<_>>().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Guards {
    /// Reads choices in any order; of two that contradict each other the first counts.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let choices = Vec::<Guard>::deserialize(deserializer)?;
        let all = choices.iter().rev();
        Ok(all.fold(Self::default(), |all, guard| all.with(*guard).unwrap_or(all)))
    }
}

impl Hash for Guards {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.as_ref().map_or(0, |link| link.hash));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn guards(choices: &BTreeMap<u32, u16>) -> Guards {
        choices.iter().fold(Guards::default(), |all, (condition, arm)| {
            all.with(Guard { condition: *condition, arm: *arm }).unwrap()
        })
    }

    fn choices() -> impl Strategy<Value = BTreeMap<u32, u16>> {
        proptest::collection::btree_map(0..12u32, 0..3u16, 0..8)
    }

    proptest! {
        #[test]
        fn as_maps_do(one in choices(), two in choices(), condition in 0..12u32, arm in 0..3u16) {
            let (a, b) = (guards(&one), guards(&two));
            let clash = one.iter().any(|(key, arm)| two.get(key).is_some_and(|other| other != arm));
            prop_assert_eq!(a.excludes(&b), clash);
            let mut both = one.clone();
            both.extend(two.clone());
            prop_assert_eq!(a.and(&b), (!clash).then(|| guards(&both)));
            let beyond = one.iter().filter(|(key, arm)| two.get(key) != Some(arm));
            let beyond: BTreeMap<u32, u16> = beyond.map(|(key, arm)| (*key, *arm)).collect();
            prop_assert_eq!(a.beyond(&b), guards(&beyond));
            let shared = one.iter().filter(|(key, arm)| two.get(key) == Some(arm));
            let shared: BTreeMap<u32, u16> = shared.map(|(key, arm)| (*key, *arm)).collect();
            prop_assert_eq!(a.shared(&b), guards(&shared));
            let mut more = one.clone();
            let kept = *more.entry(condition).or_insert(arm) == arm;
            prop_assert_eq!(a.with(Guard { condition, arm }), kept.then(|| guards(&more)));
            let turned = one.iter().map(|(key, arm)| (12 - key, *arm)).collect();
            prop_assert_eq!(a.renumbered(|condition| 12 - condition), Some(guards(&turned)));
        }
    }

    #[test]
    fn a_long_list_is_taken_apart_in_a_loop() {
        let long = (0..2_000_000).fold(Guards::default(), |all, condition| {
            all.with(Guard { condition, arm: 0 }).unwrap()
        });
        drop(long);
    }
}
