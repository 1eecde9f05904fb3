//! Statements that a database is given: where each runs, and where each piece of its text comes from.

use std::{collections::BTreeMap, rc::Rc};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    effect::{Callable, Origin, RunsOn, Saying, Statement},
    lost_text::LostText,
    text::{Piece, Text},
    value::{Draft, Query, Search, Value},
};
use crate::{
    databases,
    link::{DefId, Target, types::Ty},
    source::Place,
    sql::{self, Dialect, Operation, Receiver},
};

/// A function or closure that is running.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) callable: Callable,
    /// The bytes of its body, in a file on disk.
    pub(super) body: Place,
    /// The call that runs it.
    pub(super) at: Place,
    /// What the contract calls a writer.
    pub(super) writer: Option<Target>,
    /// What its caller chose for it.
    pub(super) given: Given,
}

/// What the caller of generic code decides: types for its parameters, and values whose type it leaves open.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    pub(super) types: Vec<Ty>,
    pub(super) values: Vec<Value>,
    /// For a closure, what made it: that one's choices are its own.
    pub(super) made_by: Option<Callable>,
    /// A default method of a trait, which does what the type it is called on says.
    pub(super) by_self: bool,
}

/// A statement with the root that was being evaluated.
#[derive(Debug, Clone)]
pub(super) struct Emitted {
    pub(super) statement: Statement,
    pub(super) root: Option<DefId>,
    /// How many callables ran around what chose the table, when that is not what put the statement together.
    pub(super) depth: Option<usize>,
}

/// Statements that are not known in full, by number.
pub(super) type Open = BTreeMap<u32, Rc<Emitted>>;

/// What was said within a call that is to be remembered.
#[derive(Debug)]
pub(super) struct Within {
    /// Statements that are not known in full: they count only if the root they belong to is not called.
    pub(super) open: Open,
    /// The outermost of what runs on which anything of it rests.
    pub(super) outermost: usize,
}

/// Which statements were met: the same code says the same each time that it is entered.
#[derive(Debug, Default)]
pub(super) struct Met {
    numbers: FxHashMap<Statement, u32>,
    /// How often any was.
    times: u64,
    of_root: FxHashSet<(u32, Option<DefId>)>,
    /// Of the calls under way that are to be remembered, outermost first.
    within: Vec<Within>,
    /// Texts of statements that are not met where a database is given them.
    pub(super) lost: LostText,
}

impl Met {
    /// How many different ones.
    pub(super) fn different(&self) -> usize {
        self.numbers.len()
    }

    /// How often any was met.
    pub(super) fn times(&self) -> u64 {
        self.times
    }

    /// A call begins that is to be remembered.
    pub(super) fn begin(&mut self) {
        self.within.push(Within { open: Open::new(), outermost: usize::MAX });
    }

    /// That call has ended: what was said within it was said within those around it.
    pub(super) fn end(&mut self) -> Option<Within> {
        let ended = self.within.pop()?;
        if let Some(around) = self.within.last_mut() {
            around.outermost = around.outermost.min(ended.outermost);
            for (number, one) in &ended.open {
                around.open.entry(*number).or_insert_with(|| Rc::clone(one));
            }
        }
        Some(ended)
    }

    /// What was said rests on what runs at `depth`.
    pub(super) fn rests_on(&mut self, depth: usize) {
        if let Some(within) = self.within.last_mut() {
            within.outermost = within.outermost.min(depth);
        }
    }

    /// The number of a statement.
    fn note(&mut self, statement: &Statement) -> u32 {
        self.times += 1;
        if let Some(known) = self.numbers.get(statement) {
            return *known;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(statement.clone(), number);
        number
    }
}

impl Evaluator<'_> {
    /// A statement that is being put together by `library` in the call at `at`.
    pub fn query(&mut self, library: &'static str, draft: Draft, at: Place) -> Value {
        self.queries += 1;
        let query = Query { number: self.queries, library, draft, at, chosen: at, rows: None };
        self.drafted(query)
    }

    /// A write that `library` puts together in the call at `at`; its table is named by one of the types `named_by`.
    ///
    /// Generic code (`fn insert<T: Table>(…)`, a trait's default method) writes what its caller chose, so such a write
    /// belongs to the innermost caller that names a type rather than passing one on.
    pub fn table_query(
        &mut self,
        library: &'static str,
        operation: Operation,
        table: Option<Rc<str>>,
        named_by: &[DefId],
        at: Place,
    ) -> Value {
        self.queries += 1;
        let chosen = self.chosen_at(named_by, at);
        let draft = Draft::Table(operation, table);
        self.drafted(Query { number: self.queries, library, draft, at, chosen, rows: None })
    }

    /// The call that chose one of `types` for what runs at `at`; `at` itself when nothing was left open there.
    fn chosen_at(&self, types: &[DefId], at: Place) -> Place {
        let (mut place, mut index) = (at, self.running.len());
        while let Some(running) = index.checked_sub(1).and_then(|at| self.running.get(at)) {
            let given = &running.given;
            if !given.by_self
                && !given.types.iter().any(|ty| types.iter().any(|def| ty_names(ty, *def)))
                && !given.values.iter().any(|held| types.iter().any(|def| names(held, *def, 0)))
            {
                break;
            }
            place = running.at;
            index -= 1;
            if let Some(maker) = given.made_by
                && let Some(found) = self.running.iter().rposition(|one| one.callable == maker)
            {
                index = found + 1;
            }
        }
        place
    }

    fn drafted(&mut self, query: Query) -> Value {
        self.draft_arrives(&query.draft);
        if !matches!(query.draft, Draft::Reads) {
            let emitted = self.emitted(&query, RunsOn::Other);
            self.met.note(&emitted.statement);
            self.drafts.insert(query.number, emitted);
        }
        Value::Query(Rc::new(query))
    }

    /// The statement `query` with another draft in place of its own: what a builder's method leaves.
    pub fn redraft(&mut self, query: &Query, draft: Draft) -> Value {
        self.draft_arrives(&draft);
        let changed = Query { draft, ..query.clone() };
        if !matches!(changed.draft, Draft::Reads) {
            let emitted = self.emitted(&changed, RunsOn::Other);
            self.met.note(&emitted.statement);
            self.drafts.insert(changed.number, emitted);
        }
        Value::Query(Rc::new(changed))
    }

    /// The text of a statement that is made into a string: from here on the string is what counts.
    pub fn text_of_query(&mut self, query: &Query) -> Text {
        self.drafts.remove(&query.number);
        match &query.draft {
            Draft::Sql(text, _) => text.clone(),
            Draft::Reads => Text::known(""),
            Draft::Table(..) => Text::hole(),
        }
    }

    /// `query` is not run as it is: its text goes on by itself.
    pub fn forget_draft(&mut self, query: &Query) {
        self.drafts.remove(&query.number);
    }

    /// `query` runs on `executor`.
    pub fn run_query(&mut self, query: &Query, executor: Option<&Value>) {
        self.drafts.remove(&query.number);
        if matches!(query.draft, Draft::Reads) {
            return;
        }
        let on = executor.map_or(RunsOn::Other, databases::runs_on);
        let emitted = self.emitted(query, on);
        self.say(emitted);
    }

    /// Text is given to a call that takes SQL, or (`Receiver::Unknown`) to one of which nothing is known.
    pub fn run_sql(
        &mut self,
        library: &'static str,
        text: &Text,
        receiver: Receiver,
        dialect: Option<Dialect>,
        executor: Option<&Value>,
        at: Place,
    ) {
        let on = executor.map_or(RunsOn::Other, databases::runs_on);
        self.text_arrives(text);
        let origin = self.origin(None, at);
        let saying = self.saying(text, dialect, receiver, at);
        self.emit_statement(Statement { library, saying, origin, on });
    }

    /// Text or a prepared statement is given to a call that runs it, or several of them are.
    ///
    /// A prepared statement that is not known here is known where it is prepared.
    pub fn run_given(
        &mut self,
        library: &'static str,
        given: &Value,
        dialect: Option<Dialect>,
        executor: Option<&Value>,
        at: Place,
    ) {
        match given.bare() {
            Value::Query(query) => self.run_query(&query, executor),
            Value::Alt(all) => {
                for (_, value) in all.iter() {
                    self.run_given(library, value, dialect, executor, at);
                }
            }
            Value::List(list) => {
                for value in &list.items {
                    self.run_given(library, value, dialect, executor, at);
                }
            }
            Value::Unknown(Ty::External(path, _)) if path.ends_with("Statement") => {}
            value => {
                let text = value.text().unwrap_or_else(Text::hole);
                self.run_sql(library, &text, Receiver::Database, dialect, executor, at);
            }
        }
    }

    fn draft_arrives(&mut self, draft: &Draft) {
        if let Draft::Sql(text, _) = draft {
            self.text_arrives(text);
        }
    }

    fn emitted(&self, query: &Query, on: RunsOn) -> Emitted {
        let depth = (query.chosen != query.at).then(|| self.runs(query.chosen)).flatten();
        Emitted { statement: self.statement(query, on), root: self.root, depth }
    }

    fn statement(&self, query: &Query, on: RunsOn) -> Statement {
        let origin = self.origin(Some(query.chosen), query.at);
        let saying = match &query.draft {
            Draft::Sql(text, dialect) => self.saying(text, *dialect, Receiver::Database, query.at),
            Draft::Table(operation, table) => Saying::Table {
                operation: *operation,
                table: table.as_ref().map(ToString::to_string),
            },
            Draft::Reads => {
                Saying::Sql { pieces: Vec::new(), dialect: None, receiver: Receiver::Unknown }
            }
        };
        Statement { library: query.library, saying, origin, on }
    }

    pub(super) fn saying(
        &self,
        text: &Text,
        dialect: Option<Dialect>,
        receiver: Receiver,
        at: Place,
    ) -> Saying {
        let pieces = text.pieces().iter().map(|piece| match piece {
            Piece::Known(text, written) => (Some(text.to_string()), self.origin(*written, at)),
            Piece::Hole => (None, self.origin(None, at)),
        });
        Saying::Sql { pieces: pieces.collect(), dialect, receiver }
    }

    /// Every statement: those that ran, and those that were put together and went where they could not be followed.
    ///
    /// What a function that turned out to be called said with arguments that were not known does not count: it was
    /// evaluated with those it is called with as well.
    pub(super) fn all_statements(&mut self) -> Vec<Statement> {
        let drafts = std::mem::take(&mut self.drafts).into_values();
        let mut all: Vec<Emitted> = std::mem::take(&mut self.statements);
        all.extend(drafts);
        let is_kept = |emitted: &Emitted| {
            !(self.early.was_called(emitted.root) && has_holes(&emitted.statement))
        };
        all.retain(is_kept);
        let lost = self.met.lost.take(&all).into_iter().filter(is_kept);
        all.extend(lost);
        let all: std::collections::BTreeSet<Statement> =
            all.into_iter().map(|emitted| emitted.statement).collect();
        all.into_iter().collect()
    }

    fn emit_statement(&mut self, statement: Statement) {
        self.say(Emitted { statement, root: self.root, depth: None });
    }

    fn say(&mut self, emitted: Emitted) {
        let number = self.met.note(&emitted.statement);
        let within = self.met.within.last_mut();
        if let Some(within) = within {
            let depth = emitted.depth.unwrap_or(usize::MAX);
            within.outermost = within.outermost.min(depth);
            if has_holes(&emitted.statement) {
                within.open.entry(number).or_insert_with(|| Rc::new(emitted.clone()));
            }
        }
        if self.met.of_root.insert((number, self.root)) {
            self.statements.push(emitted);
        }
    }

    /// What a remembered call says again, for the root that is being evaluated now.
    pub(super) fn say_again(&mut self, open: &Open) {
        let root = self.root;
        for (number, one) in open {
            if let Some(within) = self.met.within.last_mut() {
                within.open.entry(*number).or_insert_with(|| Rc::clone(one));
            }
            if self.met.of_root.insert((*number, root)) {
                self.statements.push(Emitted { root, ..(**one).clone() });
            }
        }
    }

    /// Statements in text that is handed to a function of which nothing is known.
    pub(super) fn sql_handed_on(&mut self, args: &[Value], at: Place) {
        let handed = |part: &Value| match part {
            Value::Str(_) | Value::Query(_) => Search::Found,
            Value::Object(_) | Value::Term(_) => Search::Past,
            _ => Search::Within,
        };
        for handed in args.iter().flat_map(|arg| arg.all(handed)) {
            match handed {
                Value::Str(text) => {
                    let first = text.pieces().iter().find_map(|piece| match piece {
                        Piece::Known(text, _) if !text.trim().is_empty() => Some(text.clone()),
                        _ => None,
                    });
                    let prose = text.exact().is_some_and(|text| sql::reads_as_prose(&text));
                    // The verb of `WITH a AS (… {} …) INSERT INTO t …` stands behind what is not known.
                    let mut writes = first.is_some_and(|first| sql::looks_like_write(&first));
                    writes |= sql::looks_like_write(&text.shown("{}"));
                    if !prose && writes {
                        self.run_sql("unknown", &text, Receiver::Unknown, None, None, at);
                    }
                }
                Value::Query(query) => self.run_query(&query, None),
                _ => {}
            }
        }
    }

    /// What is running now; outside every function, in a constant for example, what stands here.
    pub(super) fn running_now(&self) -> Callable {
        let here = || Callable::closure(self.real(self.current));
        self.running.last().map_or_else(here, |running| running.callable)
    }

    /// The innermost running body that holds a place, by its index.
    fn runs(&self, place: Place) -> Option<usize> {
        let real = self.real(place);
        self.running.iter().rposition(|running| {
            running.body.file == real.file && running.body.span.contains(real.span)
        })
    }

    /// What wrote the text at `written`, or else what is running; with the call there that leads to the call at `sink`.
    pub(super) fn origin(&self, written: Option<Place>, sink: Place) -> Origin {
        let sink = self.real(sink);
        let found = written.and_then(|written| self.runs(written));
        let Some((found, wrote)) = found.and_then(|at| Some((at, self.running.get(at)?))) else {
            return Origin { by: self.running_now(), at: sink, through: Vec::new() };
        };
        let above = self.running.get(found + 1..).unwrap_or_default();
        let there = wrote.body.file == sink.file && wrote.body.span.contains(sink.span);
        let at = match above.first() {
            Some(next) if !there => self.real(next.at),
            _ => sink,
        };
        let through = above.iter().filter_map(|running| running.writer.clone()).collect();
        Origin { by: wrote.callable, at, through }
    }
}

/// Whether a type is made of `def`.
fn ty_names(ty: &Ty, def: DefId) -> bool {
    match ty {
        Ty::Def(this, args) => *this == def || args.iter().any(|arg| ty_names(arg, def)),
        Ty::Slice(inner) => ty_names(inner, def),
        Ty::Tuple(parts) => parts.iter().any(|part| ty_names(part, def)),
        ty => ty.args().iter().any(|arg| ty_names(arg, def)),
    }
}

/// Whether a value is made of one of type `def`.
fn names(value: &Value, def: DefId, depth: u32) -> bool {
    let inner = |value: &Value| names(value, def, depth + 1);
    depth < 8
        && match value {
            Value::Unknown(ty) => ty_names(ty, def),
            Value::Object(object) => {
                object.def == def
                    || object.generics.iter().any(|ty| ty_names(ty, def))
                    || object.fields.iter().any(|(_, held)| inner(&held.borrow()))
            }
            Value::Term(term) => term.args.iter().flatten().any(inner),
            Value::Ref(held) => inner(&held.borrow()),
            Value::Passed(passed) => inner(&passed.value),
            Value::Tuple(parts) => parts.iter().any(|part| inner(&part.borrow())),
            Value::List(list) => list.items.iter().any(inner),
            Value::Alt(all) => all.iter().any(|(_, value)| inner(value)),
            _ => false,
        }
}

/// Whether part of what a statement says is not known.
pub(super) fn has_holes(statement: &Statement) -> bool {
    match &statement.saying {
        Saying::Sql { pieces, .. } => pieces.iter().any(|(text, _)| text.is_none()),
        Saying::Table { table, .. } => table.is_none(),
    }
}
