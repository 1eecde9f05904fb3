//! One write or call -> all that comes of it, through whatever is declared.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::{
    super::{Clauses, Dialect, Operation, Piece, name::TableName, text::Assembled},
    Further, Object, Schema, Site, Through,
    declare::{Routine, Trigger},
    key, same,
};

/// Writes that come of one, at most: what comes of more is written in a circle that names its tables anew.
const MOST: usize = 512;

/// What comes of a call, and where that stands: index of the known piece, byte within it.
pub type Called = (Option<(usize, usize)>, Vec<Further>);

/// Why a body could not be read that a statement runs.
fn is_in(language: &str) -> String {
    format!("is written in {language}")
}

/// What is still to be followed.
enum Open {
    Written(TableName, Operation, Clauses),
    Called(TableName),
}

/// What has come of a statement so far.
#[derive(Default)]
struct Walk {
    open: VecDeque<(Open, Vec<Through>)>,
    routines: FxHashSet<usize>,
    written: FxHashSet<(String, Operation, Clauses)>,
    found: Vec<Further>,
}

impl Schema {
    /// What is written besides where a table is written.
    pub fn of_write(
        &self,
        table: &TableName,
        operation: Operation,
        clauses: Clauses,
    ) -> Vec<Further> {
        let mut walk = Walk::default();
        walk.add(Open::Written(table.clone(), operation, clauses), Vec::new());
        self.walked(walk)
    }

    /// What is written by the routines that a text calls, with the piece and the byte in it at which it does.
    pub fn of_calls(&self, pieces: &[Piece<'_>], dialect: Option<Dialect>) -> Vec<Called> {
        if self.routines.is_empty() {
            return Vec::new();
        }
        let assembled = Assembled::new(pieces);
        let calls = self.called(&assembled, dialect).into_iter().map(|(name, byte)| {
            let mut walk = Walk::default();
            walk.add(Open::Called(name), Vec::new());
            (assembled.place(byte), self.walked(walk))
        });
        calls.collect()
    }

    /// What a trigger writes, wherever it stands.
    pub(super) fn of_trigger(&self, trigger: &Object<Trigger>) -> Vec<Further> {
        let mut walk = Walk::default();
        self.run_trigger(trigger, &[], &mut walk);
        self.walked(walk)
    }

    fn walked(&self, mut walk: Walk) -> Vec<Further> {
        while let Some((open, through)) = walk.open.pop_front().filter(|_| walk.found.len() < MOST)
        {
            match open {
                Open::Called(name) => self.call(&name, &through, &mut walk),
                Open::Written(table, operation, clauses) => {
                    self.write((&table, operation, clauses), &through, &mut walk);
                }
            }
        }
        walk.found
    }

    fn call(&self, name: &TableName, through: &[Through], walk: &mut Walk) {
        for at in self.by_name.get(&key(name)).into_iter().flatten() {
            let Some(routine) = self.routines.get(*at) else { continue };
            if same(&routine.of.name, name) && walk.routines.insert(*at) {
                let step = of_routine(routine);
                let reading = routine.read.get_or_init(|| self.read(&routine.of.body));
                walk.run(reading, &with(through, step));
            }
        }
    }

    fn write(
        &self,
        (table, operation, clauses): (&TableName, Operation, Clauses),
        through: &[Through],
        walk: &mut Walk,
    ) {
        let name = key(table);
        let mut is_replaced = false;
        for at in self.by_table.get(&name).into_iter().flatten() {
            let Some(trigger) = self.triggers.get(*at) else { continue };
            let stands_here = trigger.of.on.as_ref().is_some_and(|on| same(on, table));
            if stands_here && answers(&trigger.of, operation, clauses) {
                is_replaced |= trigger.of.instead;
                self.run_trigger(trigger, through, walk);
            }
        }
        for at in self.views_by_name.get(&name).into_iter().flatten().filter(|_| !is_replaced) {
            let Some(view) = self.views.get(*at).filter(|view| same(&view.of.0, table)) else {
                continue;
            };
            for of in &view.of.1 {
                let step = step("view", &view.of.0, &view.site);
                walk.wrote((of, operation, clauses), with(through, step));
            }
        }
        for at in self.children_by_name.get(&name).into_iter().flatten() {
            let child = self.children.get(*at).filter(|child| same(&child.of.1, table));
            let Some(Object { of: (word, named, parent), site, .. }) = child else { continue };
            let step = step(word, named, site);
            walk.wrote((parent, operation, clauses), with(through, step));
        }
    }

    fn run_trigger(&self, trigger: &Object<Trigger>, through: &[Through], walk: &mut Walk) {
        let step = step(trigger.of.word, &trigger.of.name, &trigger.site);
        let reading = trigger.read.get_or_init(|| self.read(&trigger.of.body));
        walk.run(reading, &with(through, step));
    }
}

impl Walk {
    fn add(&mut self, open: Open, through: Vec<Through>) {
        if let Open::Written(table, operation, clauses) = &open
            && !self.written.insert((table.to_string(), *operation, *clauses))
        {
            return;
        }
        self.open.push_back((open, through));
    }

    /// A table is written, and what comes of that.
    fn wrote(
        &mut self,
        (table, operation, clauses): (&TableName, Operation, Clauses),
        through: Vec<Through>,
    ) {
        if self.written.insert((table.to_string(), operation, clauses)) {
            let open = Open::Written(table.clone(), operation, clauses);
            self.open.push_back((open, through.clone()));
            let table = Some(table.clone());
            self.found.push(Further { operation, clauses, table, through, unread: None });
        }
    }

    /// A body is run.
    fn run(&mut self, reading: &super::Reading, through: &[Through]) {
        for write in &reading.sql.statements {
            if let Some(table) = &write.table {
                self.wrote((table, write.operation, write.clauses), through.to_vec());
            }
        }
        for routine in &reading.calls {
            self.open.push_back((Open::Called(routine.clone()), through.to_vec()));
        }
        let foreign = reading.foreign.as_deref().map(is_in);
        let unread = reading.sql.unreadable.as_ref().map(|unread| unread.reason.clone());
        if let Some(why) = foreign.or(unread) {
            let clauses = Clauses { insert: true, update: true, delete: true };
            self.found.push(Further {
                operation: Operation::Update,
                clauses,
                table: None,
                through: through.to_vec(),
                unread: Some(why),
            });
        }
    }
}

/// Whether a trigger is run by a write. One that empties a table runs no triggers of rows.
fn answers(trigger: &Trigger, operation: Operation, clauses: Clauses) -> bool {
    let Clauses { insert, update, delete } = trigger.events;
    if operation == Operation::Truncate {
        return trigger.on_truncate;
    }
    insert && clauses.insert || update && clauses.update || delete && clauses.delete
}

fn of_routine(routine: &Object<Routine>) -> Through {
    step(routine.of.word, &routine.of.name, &routine.site)
}

fn step(word: &'static str, name: &TableName, site: &Site) -> Through {
    Through { word, name: name.to_string(), at: site.clone() }
}

fn with(through: &[Through], step: Through) -> Vec<Through> {
    // A trigger and the function that it is made of are one.
    let is_own =
        step.word == "function" && through.last().is_some_and(|last| last.word == "trigger");
    let mut through = through.to_vec();
    if !is_own {
        through.push(step);
    }
    through
}
