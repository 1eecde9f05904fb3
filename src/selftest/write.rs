//! Writes outside the writer, one for each guarded table, and the other ways in which a write may be wrong.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{
    Canary, Expect, Plan,
    form::{Fill, Form, Place},
    gate::{GateKind, WriterItem, path_in},
};
use crate::{
    contract::{Class, Contract, Level, RoutePath, Subject, TableName, WriteKind},
    databases::{DATABASES, Sample},
    discover::Package,
    rules::{judgement::gate_entries, rule},
};

/// What must come of a write outside the writer.
const WRITTEN: Expect = Expect::Caught(&["direct-write"]);

/// A crate that statements are run through in `package`, and its name there.
pub(super) fn library(package: &Package) -> Option<(&'static Sample, &str)> {
    let samples = DATABASES.iter().flat_map(|database| database.sample());
    samples.into_iter().find_map(|sample| {
        let used = package.dependencies.iter().find(|one| one.package == sample.krate)?;
        Some((sample, used.name.as_str()))
    })
}

/// What canaries of one class are made of.
pub(super) struct Writes<'w> {
    pub(super) contract: &'w Contract,
    pub(super) class: &'w Class,
    pub(super) package: &'w Package,
    /// The crate that canaries live in.
    pub(super) home: &'w str,
    /// How routes look there.
    pub(super) form: Option<Form<'w>>,
    pub(super) writers: &'w [WriterItem],
    /// Whether code there can name items of a crate.
    pub(super) can_name: &'w dyn Fn(&str) -> bool,
    pub(super) today: Date,
}

impl Writes<'_> {
    /// Adds the canaries of the class's tables.
    pub(super) fn canaries(&self, plan: &mut Plan) {
        let class = self.class;
        let Some(kind) = class.writes.first().filter(|_| !class.tables.is_empty()) else { return };
        let Some((sample, krate)) = library(self.package) else {
            let why = format!(
                "class {}: {} uses no database that canaries know",
                class.name, self.package.name
            );
            plan.untried.push(why);
            return;
        };
        let library = Library { sample, krate };
        let mut open = Vec::new();
        for table in &class.tables {
            if self.is_exempt(&table.value) {
                plan.untried.push(format!(
                    "class {}: every write to {} is exempt",
                    class.name, table.value
                ));
                continue;
            }
            let name = table.value.to_string();
            let code = library.write(&format!("{:?}", statement(kind.value, &name)), "");
            self.add(plan, "a write outside the writer", &name, WRITTEN, code);
            open.push(name);
        }
        if let Some(table) = open.first() {
            self.others(plan, &library, kind.value, table);
        }
    }

    /// What else can be wrong with a write, on one table for all.
    fn others(&self, plan: &mut Plan, library: &Library<'_>, kind: WriteKind, table: &str) {
        let sql = format!("{:?}", statement(kind, table));
        if self.contract.scan.unresolved != Level::Allow {
            let unread = format!("&format!({:?})", statement(kind, "{table}"));
            let expect = Expect::Caught(&["unresolved-write"]);
            let code = library.write(&unread, ", table: &str");
            self.add(plan, "a write to a table that is not known", "any table", expect, code);
        }
        if let Some(form) = self.form
            && let Some(path) = self.path_outside()
        {
            let method = self.class.methods.first().map_or("POST", |method| method.value.as_str());
            let place = Place { method, path: &path, operation: None };
            // A plain call, for handlers that are not async.
            let waits = form.sample.handler.contains("async fn") && library.sample.is_async;
            let body = format!("write(on()){};", if waits { ".await" } else { "" });
            let items = format!(
                "{}fn on<T>() -> T {{\n    std::env::args().map(|_| todo!()).next().unwrap()\n}}\n",
                library.write(&sql, "")
            );
            let fill = Fill { items: &items, body: &body, ..Fill::default() };
            let expect = Expect::Caught(&["undeclared-reach"]);
            let what = "a route in no class that writes";
            self.add(plan, what, table, expect, form.code(place, fill));
        }
        if gate_entries(self.class).next().is_some() {
            self.operation(plan, table, library.write(&sql, ""));
        }
        for writer in self.writers.iter().filter(|writer| writer.class == self.class.name) {
            self.inside(plan, library, &sql, table, writer);
        }
    }

    /// A storage function of an operation that is added to the contract for the time of the test: only classes with a
    /// gate have operations.
    fn operation(&self, plan: &mut Plan, table: &str, code: String) {
        let number = plan.canaries.len();
        let function = format!("{}::contract_check_canary_{number}::write", self.home);
        _ = write!(
            plan.contract,
            "\n[[class.{:?}.operation]]\nname = \"contractCheckCanary{number}\"\nroute = \"POST /contract-check-canary/{number}\"\nfunction = \"{function}\"\n",
            self.class.name
        );
        let expect = Expect::Caught(&["bypassed-writer"]);
        self.add(plan, "an operation that writes without its writer", table, expect, code);
    }

    /// A write inside the writer, and what is wrong with it when it runs on a pool.
    fn inside(
        &self,
        plan: &mut Plan,
        library: &Library<'_>,
        sql: &str,
        table: &str,
        writer: &WriterItem,
    ) {
        let what = format!("a write inside {}", writer.name);
        if writer.kind == GateKind::Nothing {
            let code = library.write(sql, "");
            self.add(plan, &what, table, Expect::Written(writer.name.clone()), code);
            return;
        }
        let krate = writer.path.split(':').next().unwrap_or_default();
        if !(self.can_name)(krate) {
            plan.untried.push(format!(
                "class {}: {what}: {krate} is no dependency of {}",
                self.class.name, self.package.name
            ));
            return;
        }
        let GateKind::Function(arguments) = &writer.kind else {
            plan.untried.push(format!("class {}: {what}: it is no function", self.class.name));
            return;
        };
        let Some(call) = arguments.iter().position(|argument| argument.is_callable) else {
            plan.untried
                .push(format!("class {}: {what}: it is given nothing to run", self.class.name));
            return;
        };
        let values = (0..arguments.len()).map(|at| if at == call { "RUN" } else { "unknown()" });
        let values: Vec<&str> = values.collect();
        let path = path_in(&writer.path, self.home);
        let code = library.inside(sql, &path, &values.join(", "));
        self.add(plan, &what, table, Expect::Written(writer.name.clone()), code.clone());
        let rule = rule("write-outside-transaction");
        if library.sample.is_pool && rule.is_some() {
            let expect = Expect::Caught(&["write-outside-transaction"]);
            let what = format!("{what} that runs on a pool");
            self.add(plan, &what, table, expect, code);
        }
    }

    fn add(&self, plan: &mut Plan, what: &str, subject: &str, expect: Expect, code: String) {
        plan.canaries.push(Canary {
            class: self.class.name.clone(),
            what: what.to_owned(),
            subject: subject.to_owned(),
            code,
            expect,
        });
    }

    /// A path that no class claims and nothing excuses.
    fn path_outside(&self) -> Option<String> {
        let path = "/contract-check-canary-outside";
        let parsed = RoutePath::parse(path);
        let claimed = self
            .contract
            .classes
            .iter()
            .any(|class| class.routes.iter().any(|pattern| pattern.overlaps(&parsed)));
        let subject = Subject { route: Some(("POST", &parsed)), ..Subject::default() };
        let exempt = self.contract.exemptions_of(&subject);
        (!claimed && exempt.is_empty()).then(|| path.to_owned())
    }

    fn is_exempt(&self, table: &TableName) -> bool {
        let subject =
            Subject { table: Some(table), class: Some(&self.class.name), ..Subject::default() };
        let exempt = self.contract.exemptions_of(&subject);
        let mut exempt = exempt.iter().filter_map(|id| self.contract.exemption(*id));
        exempt.any(|one| !one.expired(self.today))
    }
}

/// A sample, and the name under which a package has its crate.
struct Library<'l> {
    sample: &'static Sample,
    krate: &'l str,
}

impl Library<'_> {
    /// A function `write` that runs a statement.
    fn write(&self, sql: &str, parameters: &str) -> String {
        let (run, keyword) = self.run(sql);
        self.named(&format!(
            "{}pub {keyword}fn write(on: {}{parameters}) {{\n    let _ = {run};\n}}\n",
            self.import(),
            self.sample.on
        ))
    }

    /// A function that runs a statement through the function at `path`.
    fn inside(&self, sql: &str, path: &str, values: &str) -> String {
        let (run, keyword) = self.run(sql);
        let block = if self.sample.is_async { "async move " } else { "" };
        let call = format!("|_| {block}{{ let _ = {run}; }}");
        let waits = if self.sample.is_async { ".await" } else { "" };
        self.named(&format!(
            "use {path} as aliased;\n{}fn unknown<T>() -> T {{\n    std::env::args().map(|_| todo!()).next().unwrap()\n}}\npub {keyword}fn write(on: {}) {{\n    let _ = aliased({}){waits};\n}}\n",
            self.import(),
            self.sample.on,
            values.replace("RUN", &call)
        ))
    }

    fn run(&self, sql: &str) -> (String, &'static str) {
        let run = self.sample.run.replace("SQL", sql);
        if self.sample.is_async { (format!("{run}.await"), "async ") } else { (run, "") }
    }

    fn import(&self) -> String {
        match self.sample.import {
            "" => String::new(),
            import => format!("use {import} as _;\n"),
        }
    }

    fn named(&self, text: &str) -> String {
        let (own, used) = (self.sample.krate, self.krate);
        if own == used {
            return text.to_owned();
        }
        text.replace(&format!("{own}::"), &format!("{used}::"))
    }
}

fn statement(kind: WriteKind, table: &str) -> String {
    match kind {
        WriteKind::Insert => format!("INSERT INTO {table} (id) VALUES (1)"),
        WriteKind::Update => format!("UPDATE {table} SET id = 1"),
        WriteKind::Delete => format!("DELETE FROM {table}"),
    }
}
