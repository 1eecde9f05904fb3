//! Names as people write them in a contract, to what they mean.

use super::{DefId, DefKind, Namespace, Program, Resolution, Target, modules::std_crate};

impl Program {
    /// What a name of the contract means.
    ///
    /// - `accubooks::gates::register`: as Rust resolves it from a crate of the tree, re-exports followed; a path from
    ///   another crate is itself.
    /// - `gates::register`, `Ledger::post`: when the first segment names no crate, every definition whose path ends so.
    /// - `register`: every definition of that last name.
    ///
    /// Answers are kept: items of blocks opened later are not in them, though [`Program::matches`] knows them by a single
    /// identifier.
    pub fn contract_name(&self, name: &str) -> Vec<Target> {
        if let Some(known) = self.contract_names.borrow().get(name) {
            return known.clone();
        }
        let segments: Vec<&str> =
            name.trim_start_matches("::").split("::").map(str::trim).collect();
        let found = match segments.as_slice() {
            [single] => self.ending_with(&[*single]),
            _ => self.contract_path(&segments),
        };
        self.contract_names.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    /// Whether a name of the contract means `target`. A single identifier also means anything outside the tree of that
    /// last name.
    ///
    /// A method of an impl is also what its trait calls it: `Gated::register` means that of every type.
    pub fn matches(&self, name: &str, target: &Target) -> bool {
        self.means_itself(name, target)
            || self.of_its_trait(target).is_some_and(|target| self.means_itself(name, &target))
    }

    /// The method of a trait that a method of an impl is.
    pub fn of_its_trait(&self, target: &Target) -> Option<Target> {
        let Target::Item(method) = target else { return None };
        let def = self.def(*method);
        match self.trait_of(def.parent?)? {
            Target::Item(of_trait) => {
                let mut members = self.members(of_trait).into_iter();
                members.find(|member| self.def(*member).name == def.name).map(Target::Item)
            }
            Target::External(path) => {
                Some(Target::External(format!("{path}::{}", def.name).into()))
            }
        }
    }

    fn means_itself(&self, name: &str, target: &Target) -> bool {
        let path = name.trim_start_matches("::");
        let single = path.find(':').is_none_or(|at| !path.split_at(at).1.starts_with("::"));
        match target {
            Target::External(path) if single => path
                .strip_suffix(name.trim())
                .is_some_and(|before| before.is_empty() || before.ends_with("::")),
            Target::Item(def) if single => {
                let graph = self.graph.borrow();
                let def = graph.def(*def);
                def.kind != DefKind::Impl && def.name == name.trim()
            }
            _ => {
                if let Some(known) = self.contract_names.borrow().get(name) {
                    return known.contains(target);
                }
                self.contract_name(name).contains(target)
            }
        }
    }

    /// A path of several segments.
    fn contract_path(&self, segments: &[&str]) -> Vec<Target> {
        let Some((first, rest)) = segments.split_first() else { return Vec::new() };
        let crates = self.crates();
        let named = crates.iter().filter(|id| *first == "crate" || self.krate(**id).name == *first);
        let roots: Vec<_> = named.map(|id| self.krate(*id).root).collect();
        if roots.is_empty() {
            let outside = matches!(*first, "std" | "core" | "alloc")
                || crates.iter().any(|id| self.krate(*id).externs.contains_key(*first));
            if outside {
                let mut path = std_crate(first).to_owned();
                for segment in rest {
                    path.push_str("::");
                    path.push_str(segment);
                }
                return vec![Target::External(path.into())];
            }
            return self.ending_with(segments);
        }
        let mut found = Vec::new();
        for root in roots {
            let path: Vec<&str> = std::iter::once("self").chain(rest.iter().copied()).collect();
            for ns in [Namespace::Type, Namespace::Value, Namespace::Macro] {
                for (_, is) in self.resolve(root, &path, false, ns) {
                    let target = match is {
                        Resolution::Def(def) | Resolution::Variant(def, _) => Target::Item(def),
                        Resolution::External(path) => Target::External(path),
                        Resolution::Module(_) | Resolution::Primitive(_) => continue,
                    };
                    if !found.contains(&target) {
                        found.push(target);
                    }
                }
            }
        }
        found
    }

    /// Definitions whose path ends with these segments.
    fn ending_with(&self, segments: &[&str]) -> Vec<Target> {
        let graph = self.graph.borrow();
        let ends = |id: &DefId| {
            let def = graph.def(*id);
            if def.kind == DefKind::Impl || segments.last() != Some(&def.name.as_str()) {
                return false;
            }
            let mut path = def.path.rsplit("::");
            segments.iter().rev().all(|segment| path.next() == Some(*segment))
        };
        self.defs().into_iter().filter(ends).map(Target::Item).collect()
    }
}
