//! Trees of code that were read, kept while they are in use.
//!
//! What is parsed once is often entered again soon, and seldom later: the code of a whole tree would be many times its
//! text in memory. So there are two generations. What is asked for moves to the young one; when that is full it becomes
//! the old one, and what nobody asked for since goes.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Values by key, the least recently used of which are dropped.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    young: FxHashMap<K, V>,
    old: FxHashMap<K, V>,
    weight: usize,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// Keeps up to twice as much as `most`.
    pub(super) fn new(most: usize) -> Self {
        Self { young: FxHashMap::default(), old: FxHashMap::default(), weight: 0, most }
    }

    /// The value of `key`, which weighs `weight`.
    pub(super) fn get(&mut self, key: &K, weight: usize) -> Option<V> {
        if let Some(known) = self.young.get(key) {
            return Some(known.clone());
        }
        let (key, known) = self.old.remove_entry(key)?;
        self.insert(key, known.clone(), weight);
        Some(known)
    }

    /// Keeps a value that weighs `weight`.
    pub(super) fn insert(&mut self, key: K, value: V, weight: usize) {
        if self.weight > self.most {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays() {
        let mut kept = Recent::new(10);
        kept.insert("often", 0, 1);
        for number in 1..1_000 {
            kept.insert("other", number, 1);
            assert_eq!(kept.get(&"often", 1), Some(0));
        }
        for number in 0..30 {
            kept.insert("other", number, 1);
        }
        assert_eq!(kept.get(&"often", 1), None);
    }
}
