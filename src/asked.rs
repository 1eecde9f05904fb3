//! Answers about paths outside the tree that were given before: the same few paths are asked about again and again.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

/// Answers by path; one of them for each thread.
#[derive(Debug)]
pub(crate) struct Asked<T>(RefCell<FxHashMap<Box<str>, T>>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Copy> Asked<T> {
    /// What was answered for `path`, or what `answer` gives, which may ask no such question itself.
    pub(crate) fn about(&self, path: &str, answer: impl FnOnce() -> T) -> T {
        if let Some(known) = self.0.borrow().get(path) {
            return *known;
        }
        let given = answer();
        self.0.borrow_mut().insert(path.into(), given);
        given
    }
}
