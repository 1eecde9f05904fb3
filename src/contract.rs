//! contract.toml as written, every value with its span, and the questions the rules ask it.
//!
//! Nothing here reads a file or a clock: the text comes from `settings`, and so does today's date. Names of Rust items
//! stay names; `link` says what they resolve to, and registries of operations are read there and added here.

mod class;
mod exemption;
mod mistake;
mod name;
mod operation;
pub mod path;
mod pattern;
pub mod route_macro;
mod scan;
mod section;
mod table;
mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

pub use class::{Class, Gate, GateFunction, WriteKind};
pub use exemption::{Exemption, Subject, is_reason};
pub(crate) use mistake::nearest;
pub use mistake::{ContractErrors, Mistake};
pub use name::ItemName;
pub use operation::{ANY, DeclaredRoute, METHODS, MUTATIONS, Operation};
pub use path::RoutePath;
pub use pattern::Pattern;
pub use scan::{Level, Scan, Server};
pub use section::Entry;
pub use table::{TableName, Tables};

/// The version of contracts this program reads.
pub const VERSION: i64 = 1;

/// A class, by its place in [`Contract::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub usize);

/// An exemption, by its place in [`Contract::exemptions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExemptionId(pub usize);

/// A contract without mistakes.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Its path, as given.
    pub path: String,
    /// Its text, for excerpts.
    pub text: Arc<str>,
    /// `[scan]`.
    pub scan: Scan,
    /// `[rules]`: levels other than a rule's own.
    pub rules: BTreeMap<String, Entry<Level>>,
    /// The classes in the order of the file.
    pub classes: Vec<Class>,
    /// `[[server]]`.
    pub servers: Vec<Server>,
    /// `[[exempt]]`.
    pub exemptions: Vec<Exemption>,
}

/// Whether two names are of one binary: Cargo takes `-` and `_` for the same in what it builds.
pub fn same_bin(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

impl Contract {
    /// Reads a contract.
    ///
    /// - `path`: how messages call the file; it is not opened.
    /// - `known_rules`: the rules there are; `[rules]` may name no other.
    ///
    /// # Errors
    /// All mistakes of the file, in its order. Text that is no TOML is refused before anything else is looked at.
    pub fn parse(path: &str, text: &str, known_rules: &[&str]) -> Result<Self, ContractErrors> {
        validate::contract(path, text, known_rules)
    }

    /// The class of that id.
    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.classes.get(id.0)
    }

    /// The class of that name.
    pub fn class_named(&self, name: &str) -> Option<ClassId> {
        self.classes.iter().position(|class| class.name == name).map(ClassId)
    }

    /// Adds to a class the operations that its registry declares.
    ///
    /// - `unread`: what in the registry cannot be read, one sentence each.
    #[must_use]
    pub fn with_operations(
        mut self,
        class: ClassId,
        operations: Vec<Operation>,
        unread: Vec<String>,
    ) -> Self {
        if let Some(class) = self.classes.get_mut(class.0) {
            class.operations.extend(operations);
            class.unread.extend(unread);
        }
        self
    }

    /// The classes a route is in; `method` is upper case or [`ANY`].
    pub fn classes_of(&self, method: &str, path: &RoutePath) -> Vec<ClassId> {
        self.ids(|class| class.contains(method, path))
    }

    /// The classes a route is not in but can be asked for a path of.
    pub fn overlapping(&self, method: &str, path: &RoutePath) -> Vec<ClassId> {
        self.ids(|class| class.overlaps(method, path))
    }

    /// The operation of a class declared for a route.
    pub fn operation_for(
        &self,
        class: ClassId,
        method: &str,
        path: &RoutePath,
    ) -> Option<&Operation> {
        self.class(class)?.operation_for(method, path)
    }

    /// The operation of a class by name.
    pub fn operation_named(&self, class: ClassId, name: &str) -> Option<&Operation> {
        self.class(class)?.operation_named(name)
    }

    /// The exemptions about `subject`, in force or expired.
    pub fn exemptions_of(&self, subject: &Subject<'_>) -> Vec<ExemptionId> {
        if self.exemptions.is_empty() {
            return Vec::new();
        }
        let others = self.tables();
        let about = self
            .exemptions
            .iter()
            .enumerate()
            .filter(|(_, exemption)| exemption.covers(subject, &others));
        about.map(|(index, _)| ExemptionId(index)).collect()
    }

    /// The exemption of that id.
    pub fn exemption(&self, id: ExemptionId) -> Option<&Exemption> {
        self.exemptions.get(id.0)
    }

    /// The exemptions whose last day is before `today`.
    pub fn expired(&self, today: Date) -> Vec<ExemptionId> {
        let all = self.exemptions.iter().enumerate();
        all.filter(|(_, exemption)| exemption.expired(today))
            .map(|(index, _)| ExemptionId(index))
            .collect()
    }

    /// Another level for a rule than its own.
    pub fn level(&self, rule: &str) -> Option<Level> {
        self.rules.get(rule).map(|entry| entry.value)
    }

    /// The entry of [`Contract::servers`] that is about a binary of a package, by its place there.
    pub fn server_of(&self, package: &str, bin: Option<&str>) -> Option<usize> {
        let of_package = || {
            let servers = self.servers.iter().enumerate();
            servers.filter(|(_, server)| server.package.value == package)
        };
        let named = of_package().find(|(_, server)| {
            server
                .bin
                .as_ref()
                .map(|one| one.value.as_str())
                .is_some_and(|one| bin.is_some_and(|bin| same_bin(one, bin)))
        });
        named.or_else(|| of_package().find(|(_, server)| server.bin.is_none())).map(|(at, _)| at)
    }

    fn tables(&self) -> Vec<&TableName> {
        self.classes.iter().flat_map(|class| &class.tables).map(|entry| &entry.value).collect()
    }

    fn ids(&self, wanted: impl Fn(&Class) -> bool) -> Vec<ClassId> {
        let all = self.classes.iter().enumerate();
        all.filter(|(_, class)| wanted(class)).map(|(index, _)| ClassId(index)).collect()
    }
}

#[cfg(test)]
mod tests;
