//! What names and paths were found to mean before.

use std::{hash::Hash, rc::Rc, sync::Arc};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{ModuleId, Namespace, names::Found};
use crate::syntax::tree::Name;

pub(super) type Key = (ModuleId, Name, Namespace);

/// The scope and namespace of a path, whether it begins with `::`, and whether it stands in a `use`.
pub(super) type Meant = (ModuleId, Namespace, bool, bool);

/// How many paths are remembered: the next ones take the place of all.
const MOST_PATHS: usize = 1 << 15;

/// Answers to questions that are asked in a module.
pub(super) trait Asked {
    /// The module.
    fn module(&self) -> ModuleId;
}

impl Asked for Key {
    fn module(&self) -> ModuleId {
        self.0
    }
}

impl Asked for (Meant, Name) {
    fn module(&self) -> ModuleId {
        self.0.0
    }
}

impl Asked for (ModuleId, Name) {
    fn module(&self) -> ModuleId {
        self.0
    }
}

impl Asked for (ModuleId, usize) {
    fn module(&self) -> ModuleId {
        self.0
    }
}

/// What was answered: blocks are opened one after the other, and no module outside them looks into one.
pub(super) struct Answers<K, V> {
    of_modules: FxHashMap<K, V>,
    of_blocks: FxHashMap<K, V>,
    /// The first module that is of a block.
    first_block: ModuleId,
}

impl<K, V> Answers<K, V> {
    fn new(first_block: ModuleId) -> Self {
        Self { of_modules: FxHashMap::default(), of_blocks: FxHashMap::default(), first_block }
    }
}

impl<K: Asked + Eq + Hash, V> Answers<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let of_block = key.module() >= self.first_block;
        if of_block { &self.of_blocks } else { &self.of_modules }.get(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        let of_block = key.module() >= self.first_block;
        let answers = if of_block { &mut self.of_blocks } else { &mut self.of_modules };
        answers.insert(key, value);
    }

    /// As [`Self::insert`]; past a number of them the new ones take the place of all.
    fn insert_bounded(&mut self, key: K, value: V) {
        if self.of_blocks.len() + self.of_modules.len() >= MOST_PATHS {
            *self = Self::new(self.first_block);
        }
        self.insert(key, value);
    }
}

/// What has been looked up.
pub(crate) struct Memo {
    pub(super) names: Answers<Key, Rc<Found>>,
    /// Whole paths, their names in one text.
    paths: Answers<(Meant, Name), Found>,
    /// What globs of modules outside the tree may mean by whole paths.
    candidates: Answers<(ModuleId, Name), Vec<Arc<str>>>,
    pub(super) nothing: Rc<Found>,
    pub(super) globs: Answers<(ModuleId, usize), Rc<Found>>,
    pub(super) provisional: FxHashMap<Key, Rc<Found>>,
    pub(super) provisional_globs: FxHashMap<(ModuleId, usize), Rc<Found>>,
    pub(super) tries: FxHashMap<(ModuleId, usize), u8>,
    pub(super) busy: FxHashSet<Key>,
    pub(super) busy_globs: FxHashSet<(ModuleId, usize)>,
    pub(super) incomplete: bool,
}

impl Memo {
    /// One that knows nothing.
    ///
    /// - `first_block`: the first module that is of a block.
    pub(super) fn new(first_block: ModuleId) -> Self {
        Self {
            names: Answers::new(first_block),
            paths: Answers::new(first_block),
            candidates: Answers::new(first_block),
            nothing: Rc::default(),
            globs: Answers::new(first_block),
            provisional: FxHashMap::default(),
            provisional_globs: FxHashMap::default(),
            tries: FxHashMap::default(),
            busy: FxHashSet::default(),
            busy_globs: FxHashSet::default(),
            incomplete: false,
        }
    }

    /// Forgets what names mean in blocks.
    pub(super) fn forget_blocks(&mut self) {
        self.names.of_blocks.clear();
        self.paths.of_blocks.clear();
        self.candidates.of_blocks.clear();
        self.globs.of_blocks.clear();
        self.tries.clear();
    }

    /// Forgets what paths mean.
    pub(super) fn forget_paths(&mut self) {
        self.paths = Answers::new(self.paths.first_block);
        self.candidates = Answers::new(self.candidates.first_block);
    }

    pub(super) fn idle(&self) -> bool {
        self.busy.is_empty() && self.busy_globs.is_empty()
    }

    pub(super) fn known_path(&self, meant: Meant, path: &[&str]) -> Answer {
        if !self.idle() {
            return Answer::Open;
        }
        let key = (meant, joined(path));
        self.paths.get(&key).map_or(Answer::New(key), |found| Answer::Known(found.clone()))
    }

    pub(super) fn keep_path(&mut self, key: (Meant, Name), found: Found) {
        self.paths.insert_bounded(key, found);
    }

    pub(super) fn known_candidates(&self, key: &(ModuleId, Name)) -> Option<Vec<Arc<str>>> {
        self.candidates.get(key).cloned()
    }

    /// Remembers what a path may mean, unless an answer that it rests on is incomplete.
    pub(super) fn keep_candidates(&mut self, key: (ModuleId, Name), found: Vec<Arc<str>>) {
        if self.idle() {
            self.candidates.insert_bounded(key, found);
        }
    }
}

/// What is known of a path that is asked for.
pub(super) enum Answer {
    /// Other questions are open.
    Open,
    New((Meant, Name)),
    Known(Found),
}

/// The names of a path in one text.
pub(super) fn joined(path: &[&str]) -> Name {
    match path {
        [only] => Name::from(*only),
        path => Name::from(path.join(":")),
    }
}
