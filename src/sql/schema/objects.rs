//! Declarations one after the other -> what is there in the end.

use std::cell::OnceCell;

use super::{
    super::name::{Ident, TableName},
    Object, Site,
    declare::{Body, Declaration, Kind, Routine, Trigger, VIEW},
    same,
};

/// What is declared at some point.
#[derive(Debug, Default)]
pub(super) struct Objects {
    pub(super) routines: Vec<Object<Routine>>,
    pub(super) triggers: Vec<Object<Trigger>>,
    pub(super) views: Vec<Object<(TableName, Vec<TableName>)>>,
    pub(super) children: Vec<Object<(&'static str, TableName, TableName)>>,
    /// Texts that run routines.
    pub(super) runs: Vec<(String, Site)>,
}

impl Objects {
    /// Adds what others left behind.
    pub(super) fn extend(&mut self, other: Self) {
        self.routines.extend(other.routines);
        self.triggers.extend(other.triggers);
        self.views.extend(other.views);
        self.children.extend(other.children);
        self.runs.extend(other.runs);
    }

    /// What is there after one more declaration.
    pub(super) fn apply(&mut self, declaration: Declaration, site: Site) {
        match declaration {
            Declaration::Routine(routine) => {
                // One of other arguments is another one.
                self.routines.retain(|one| {
                    !same(&one.of.name, &routine.name)
                        || one.of.arguments != routine.arguments
                        || (one.of.word == VIEW) != (routine.word == VIEW)
                });
                self.routines.push(object(routine, site));
            }
            Declaration::Trigger(trigger) => {
                self.triggers
                    .retain(|one| !same(&one.of.name, &trigger.name) || one.of.on != trigger.on);
                self.triggers.push(object(trigger, site));
            }
            Declaration::View(name, tables) => {
                self.views.retain(|one| !same(&one.of.0, &name));
                self.views.push(object((name, tables), site));
            }
            Declaration::Child(word, child, parent) => {
                self.children.push(object((word, child, parent), site));
            }
            Declaration::Alone(child, parent) => {
                self.children.retain(|one| !same(&one.of.1, &child) || !same(&one.of.2, &parent));
            }
            Declaration::Runs(text) => self.runs.push((text, site)),
            Declaration::Renamed(kind, old, new) => self.rename(kind, &old, &new),
            Declaration::Dropped(kind, name, arguments, on) => match kind {
                Kind::Routine => self.drop_routine(&name, arguments.as_deref()),
                Kind::Trigger => self.triggers.retain(|one| {
                    let stands_on = |table| one.of.on.as_ref().is_none_or(|on| same(on, table));
                    !same(&one.of.name, &name) || !on.as_ref().is_none_or(stands_on)
                }),
                Kind::Relation => self.drop_relations(&|relation| same(relation, &name)),
                Kind::Schema => self.drop_schema(&name),
            },
        }
    }

    fn rename(&mut self, kind: Kind, old: &TableName, new: &TableName) {
        let rename = |name: &mut TableName| {
            if same(name, old) {
                *name = renamed(name, new);
            }
        };
        match kind {
            Kind::Relation => {
                let views = self.routines.iter_mut().filter(|one| one.of.word == VIEW);
                views.for_each(|one| rename(&mut one.of.name));
                self.triggers.iter_mut().filter_map(|one| one.of.on.as_mut()).for_each(rename);
                for view in &mut self.views {
                    rename(&mut view.of.0);
                    // A view goes on selecting from the table that it was made for.
                    view.of.1.iter_mut().for_each(rename);
                }
                for child in &mut self.children {
                    rename(&mut child.of.1);
                    rename(&mut child.of.2);
                }
            }
            Kind::Routine => {
                let routines = self.routines.iter_mut().filter(|one| one.of.word != VIEW);
                routines.for_each(|one| rename(&mut one.of.name));
                for trigger in &mut self.triggers {
                    if let Body::Call(called) = &mut trigger.of.body {
                        rename(called);
                    }
                }
            }
            Kind::Trigger | Kind::Schema => {}
        }
    }

    /// What is dropped without its arguments, or with those of the only routine of that name, is that one.
    fn drop_routine(&mut self, name: &TableName, arguments: Option<&[String]>) {
        let is_named = |one: &Object<Routine>| one.of.word != VIEW && same(&one.of.name, name);
        let named = self.routines.iter().filter(|one| is_named(one)).count();
        self.routines.retain(|one| {
            !is_named(one)
                || named > 1 && arguments.is_some_and(|given| !fits(&one.of.arguments, given))
        });
        self.drop_idle_triggers(|called| same(called, name));
    }

    /// A trigger goes with its function.
    fn drop_idle_triggers(&mut self, gone: impl Fn(&TableName) -> bool) {
        let routines = &self.routines;
        self.triggers.retain(|one| match &one.of.body {
            Body::Call(called) => {
                !gone(called) || routines.iter().any(|left| same(&left.of.name, called))
            }
            _ => true,
        });
    }

    fn drop_relations(&mut self, gone: &dyn Fn(&TableName) -> bool) {
        self.triggers.retain(|one| !one.of.on.as_ref().is_some_and(gone));
        self.views.retain(|one| !gone(&one.of.0));
        self.routines.retain(|one| one.of.word != VIEW || !gone(&one.of.name));
        self.children.retain(|one| !gone(&one.of.1) && !gone(&one.of.2));
    }

    fn drop_schema(&mut self, schema: &TableName) {
        let within = |name: &TableName| {
            let of = name.parts().iter().rev().nth(1).map(Ident::text);
            of.is_some_and(|of| of.eq_ignore_ascii_case(schema.table()))
        };
        self.routines.retain(|one| !within(&one.of.name));
        self.drop_idle_triggers(within);
        self.drop_relations(&within);
    }
}

fn object<T>(of: T, site: Site) -> Object<T> {
    Object { of, site, read: OnceCell::new() }
}

/// Whether types may be those of a routine's arguments, of which the names may be left out.
fn fits(arguments: &[String], given: &[String]) -> bool {
    let same = |(one, other): (&String, &String)| one == other || one.ends_with(other.as_str());
    arguments.len() == given.len() && arguments.iter().zip(given).all(same)
}

/// A new name in the schema of the old one.
fn renamed(old: &TableName, new: &TableName) -> TableName {
    if new.parts().len() > 1 {
        return new.clone();
    }
    let schema = old.parts().split_last().map_or(&[][..], |(_, schema)| schema);
    let parts: Vec<Ident> = schema.iter().chain(new.parts()).cloned().collect();
    TableName::new(parts).unwrap_or_else(|| new.clone())
}
