//! Libraries whose connections are given SQL as text: each is a table of its calls.

use std::rc::Rc;

use super::{Database, Sample, handle};
use crate::{
    evaluate::{
        Evaluator,
        effect::RunsOn,
        method::Method,
        text::Text,
        value::{Cell, Draft, Query, Term, Value},
    },
    source::Place,
    sql::{Dialect, Operation},
};

/// A call by its name, and which of its arguments (the receiver not counted) is the SQL.
pub(super) type Call = (&'static str, usize);

/// What the calls of one library mean.
#[derive(Debug)]
pub struct GivenText {
    /// Its name.
    pub name: &'static str,
    /// Its crates.
    pub crates: &'static [&'static str],
    /// The database, where there is but one.
    pub dialect: Option<Dialect>,
    /// Types and functions by which a glob import is known to be of the library.
    pub items: &'static [&'static str],
    /// Methods that run text or a prepared statement.
    pub runs: &'static [Call],
    /// Methods that prepare text on the connection that will run it.
    pub prepares: &'static [Call],
    /// Methods that prepare text which is then given to a method of `runs`.
    pub makes: &'static [Call],
    /// Functions and methods that give a connection together with what drives it: the crate, and the end of the path.
    pub pairs: &'static [(&'static str, &'static str)],
    /// Functions that make a statement of text: the end of the path.
    pub functions: &'static [Call],
    /// Methods of a made statement that run it; the executor is the first argument.
    pub statement_runs: &'static [&'static str],
    /// Methods that give a connection or transaction to a closure.
    pub lends: &'static [&'static str],
    /// Methods that write rows of a table that they are given by name.
    pub appends: &'static [Call],
    /// Methods that open one row of a table that they are given by name, and the argument that says it is only read.
    pub opens_row: &'static [(&'static str, usize, usize)],
    /// Methods that put other rows in the place of a whole database's.
    pub replaces_all: &'static [&'static str],
    /// Functions that do: the end of the path, and which arguments are the databases read and written.
    pub copies: &'static [(&'static str, usize, usize)],
    /// How its code looks.
    pub sample: &'static [Sample],
}

/// What neither holds nor runs a statement in any of them: rows and their parts, parameters, settings.
const DATA: &[&str] = &[
    "ChannelBinding",
    "Column",
    "ErrorCode",
    "FromRow",
    "FromSql",
    "FromValue",
    "IsolationLevel",
    "ManagerConfig",
    "NoTls",
    "Null",
    "OpenFlags",
    "Opts",
    "OptsBuilder",
    "Params",
    "PoolConstraints",
    "PoolOpts",
    "Row",
    "SslOpts",
    "ToSql",
    "ToValue",
    "TxOpts",
    "Type",
    "Value",
    "ValueRef",
    "WrongType",
    "named_params",
    "params",
];

/// A library without calls, to be filled in.
pub(super) const NOTHING: GivenText = GivenText {
    name: "",
    crates: &[],
    dialect: None,
    items: &[],
    runs: &[],
    prepares: &[],
    makes: &[],
    pairs: &[],
    functions: &[],
    statement_runs: &[],
    lends: &[],
    appends: &[],
    opens_row: &[],
    replaces_all: &[],
    copies: &[],
    sample: &[],
};

/// The argument of a call in a table.
fn given<'a>(calls: &[Call], name: &str, args: &'a [Value]) -> Option<&'a Value> {
    let (_, at) = calls.iter().find(|(known, _)| *known == name)?;
    args.get(*at)
}

impl GivenText {
    fn row_opened(&self, name: &str) -> Option<&'static (&'static str, usize, usize)> {
        self.opens_row.iter().find(|(known, ..)| *known == name)
    }

    fn writes_without_text(&self, name: &str) -> bool {
        self.row_opened(name).is_some() || self.replaces_all.contains(&name)
    }

    fn is_pair(&self, path: &str) -> bool {
        self.pairs.iter().any(|(krate, end)| {
            let item = handle::item(path, &[*krate]).unwrap_or_default();
            let of_config = item.starts_with("Config::") || item.starts_with("config::Config::");
            item == *end || of_config && item.ends_with(end)
        })
    }

    /// A connection that is opened, and what drives it.
    fn pair(&self, args: &[Value], at: Place) -> Value {
        let krate = self.crates.first().copied().unwrap_or_default();
        let opened = Value::term(&format!("{krate}::Client::connect"), Some(args.to_vec()), at);
        Value::tuple(vec![opened, Value::unknown()])
    }

    fn statement_method(
        &self,
        evaluator: &mut Evaluator<'_>,
        query: &Rc<Query>,
        method: &Method<'_>,
    ) -> Value {
        if self.statement_runs.contains(&method.name) {
            evaluator.run_query(query, method.args.first());
            return Value::unknown();
        }
        if matches!(query.draft, Draft::Reads) && !crate::evaluate::gives_itself(method.name) {
            return Value::unknown();
        }
        Value::Query(query.clone())
    }

    /// Rows are written of which no text tells, here and now.
    fn write(
        &self,
        evaluator: &mut Evaluator<'_>,
        draft: (Operation, Option<Rc<str>>),
        on: &Value,
        at: Place,
    ) -> Value {
        let made = evaluator.query(self.name, Draft::Table(draft.0, draft.1), at);
        if let Value::Query(query) = &made {
            evaluator.run_query(query, Some(on));
        }
        Value::unknown()
    }

    /// A whole database is copied onto another. A backup goes from one that is in use to one that was opened for it.
    fn copy(
        &self,
        evaluator: &mut Evaluator<'_>,
        (from, to): (&Value, &Value),
        at: Place,
    ) -> Option<Value> {
        let is_opened = |end| matches!(self.runs_on(end), Some(RunsOn::Opened(_)));
        (is_opened(from) || !is_opened(to))
            .then(|| self.write(evaluator, (Operation::Merge, None), to, at))
    }

    /// The closure among the arguments runs with a connection or transaction.
    fn lend(
        &self,
        evaluator: &mut Evaluator<'_>,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let run = method.args.iter().find(|arg| arg.is_callable())?.clone();
        let path = format!("{}::Connection::{}", self.crates.first()?, method.name);
        let lent = Value::term(&path, Some(vec![value.clone()]), method.at);
        Some(evaluator.call_and_await(&run, vec![lent], method.at))
    }
}

impl Database for GivenText {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sample(&self) -> &'static [Sample] {
        self.sample
    }

    fn crates(&self) -> &'static [&'static str] {
        self.crates
    }

    fn knows(&self, path: &str) -> bool {
        handle::item(path, self.crates)
            .and_then(|item| item.rsplit(':').next())
            .is_some_and(|item| self.items.contains(&item))
    }

    fn is_data(&self, path: &str) -> bool {
        let Some(item) = handle::item(path, self.crates) else { return false };
        // What belongs to such a type is as little: `Value::Bytes`.
        item.split("::")
            .any(|name| DATA.contains(&name) || matches!(name, "types" | "vtab" | "tls" | "error"))
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let item = handle::item(&term.path, self.crates)?;
        if self.is_pair(&term.path) {
            return Some(self.pair(args, at));
        }
        let ends = |name: &str| item == name || item.ends_with(&format!("::{name}"));
        if let Some((_, at_arg)) = self.functions.iter().find(|(name, _)| ends(name)) {
            let text = args.get(*at_arg).and_then(Value::text).unwrap_or_else(Text::hole);
            return Some(evaluator.query(self.name, Draft::Sql(text, self.dialect), at));
        }
        if let Some((_, from, to)) = self.copies.iter().find(|(name, ..)| ends(name)) {
            return self.copy(evaluator, (args.get(*from)?, args.get(*to)?), at);
        }
        // `Connection::execute(&conn, "…")`.
        let (receiver, rest) = args.split_first()?;
        let name = item.rsplit(':').next().unwrap_or(item);
        let method = Method { name, generics: Vec::new(), args: rest.to_vec(), at };
        let known = [self.runs, self.prepares, self.makes];
        if !known.iter().any(|calls| given(calls, name, rest).is_some())
            && !self.writes_without_text(name)
        {
            return None;
        }
        let cell = crate::evaluate::value::cell(receiver.clone());
        self.method(evaluator, &cell, &receiver.bare(), &method)
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        if let Value::Query(query) = value {
            return (query.library == self.name)
                .then(|| self.statement_method(evaluator, query, method));
        }
        if let Value::Term(term) = value
            && self.pairs.iter().any(|(_, end)| end.ends_with(method.name))
            && self.is_pair(&format!("{}::{}", term.path, method.name))
        {
            return Some(self.pair(std::slice::from_ref(value), method.at));
        }
        let known = [self.runs, self.prepares, self.makes, self.appends];
        let named = known.iter().any(|calls| calls.iter().any(|(name, _)| *name == method.name))
            || self.lends.contains(&method.name)
            || self.writes_without_text(method.name);
        if !named {
            return None;
        }
        handle::of_crates(evaluator, value, self.crates)?;
        if self.lends.contains(&method.name)
            && let Some(result) = self.lend(evaluator, value, method)
        {
            return Some(result);
        }
        if let Some(text) = given(self.makes, method.name, &method.args) {
            let text = text.text().unwrap_or_else(Text::hole);
            return Some(evaluator.query(self.name, Draft::Sql(text, self.dialect), method.at));
        }
        if let Some(table) = given(self.appends, method.name, &method.args) {
            let table = table.text().and_then(|text| text.exact()).map(Rc::from);
            let draft = Draft::Table(Operation::Insert, table);
            return Some(evaluator.query(self.name, draft, method.at));
        }
        if self.replaces_all.contains(&method.name) {
            return Some(self.write(evaluator, (Operation::Merge, None), value, method.at));
        }
        if let Some((_, table, only_read)) = self.row_opened(method.name) {
            if matches!(method.args.get(*only_read).map(Value::bare), Some(Value::Bool(true))) {
                return None;
            }
            let table = method.args.get(*table)?.text().and_then(|text| text.exact());
            let draft = (Operation::Update, table.map(Rc::from));
            return Some(self.write(evaluator, draft, value, method.at));
        }
        let run = |evaluator: &mut Evaluator<'_>, given: &Value| {
            evaluator.run_given(self.name, given, self.dialect, Some(value), method.at);
        };
        if let Some(given) = given(self.prepares, method.name, &method.args) {
            run(evaluator, given);
            return Some(evaluator.query(self.name, Draft::Reads, method.at));
        }
        let given = given(self.runs, method.name, &method.args)?;
        run(evaluator, given);
        Some(Value::unknown())
    }

    fn is_handed_statements(&self, of_trait: &str) -> bool {
        handle::item(of_trait, self.crates)
            .is_some_and(|item| item.rsplit(':').next() == Some("GenericClient"))
    }

    fn runs_on(&self, executor: &Value) -> Option<RunsOn> {
        handle::runs_on(executor, self.crates)
    }
}
