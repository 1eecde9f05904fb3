//! The one place that calls the stages in order.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use jiff::civil::Date;
use rayon::prelude::*;

mod attributes;
mod catchers;
mod facts;
mod implied;
mod libraries;
mod made_code;
mod mentioned;
mod reader;
mod schema;
mod servers;
mod starts;
mod unread;

pub use self::facts::{Written, facts, judge};
pub use crate::report::Report;
use crate::{
    cache::{Cache, FileRead, Kept},
    calls::{CallGraph, Parts},
    contract::{Contract, GateFunction},
    discover::{self, Sum, attachments::Attachments},
    error::RunError,
    evaluate::{self, Declared, Gate, Positions, effect::Effects},
    finding::{Gap, Where},
    init,
    link::{DefId, FunctionPlaces, ParsedFile, Program, Target},
    registry,
    routes::{Arms, RouteTable},
    rules::{self, Facts, Names, RULES},
    selftest::{self, Items},
    source::{FileId, Origin, Place, Sources},
    stage::{Clock, Stage},
    syntax::{
        self,
        tree::{FileTree, Suppression},
    },
    writes::WriteTable,
};

/// Stack of a thread that parses or evaluates: both recurse with the nesting of the code.
const STACK: usize = 1 << 30;

/// A file's text, or why it cannot be had.
type Text = Result<Arc<str>, String>;

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where to look.
    pub scan: discover::Scan,
    /// The contract: its path as shown, and its text.
    pub contract: Option<(String, String)>,
    /// Threads.
    pub jobs: usize,
    /// Report every warning as a denial.
    pub deny_warnings: bool,
    /// Today, for exemptions.
    pub today: Date,
    /// Where to look for what an earlier run found, and to keep what this one finds.
    pub cache: Option<Cache>,
    /// Whether [`Run::table`] is asked for.
    pub with_table: bool,
}

/// What a run found.
#[derive(Debug)]
pub struct Run {
    /// For the formats.
    pub report: Report,
    /// All routes, for questions about them; empty where a run was found in the cache and they were not asked for.
    pub table: RouteTable,
    /// What each stage took.
    pub stages: Vec<Stage>,
    /// The packages of the tree.
    pub packages: Vec<discover::Package>,
    /// What the contract's gates and writers are in the tree; empty for a run that was found in the cache.
    pub items: Items,
    /// Functions of the tree that may be writers; empty for a run that was found in the cache.
    pub writers: Vec<String>,
}

/// Text put behind that of a file, in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appended {
    /// The file, relative to the scanned root.
    pub file: String,
    /// The text.
    pub text: String,
}

/// Reads the tree, evaluates it and holds it against the contract.
///
/// # Errors
/// When the tree or the contract cannot be read.
pub fn run(request: Request) -> Result<Run, RunError> {
    run_with(request, None, Clock::new(|_| {}))
}

/// As [`run`], with text put behind that of one file, and a clock.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    request: Request,
    appended: Option<Appended>,
    clock: Clock,
) -> Result<Run, RunError> {
    on_worker(move || stages(request, appended, clock))
}

/// Does something on a thread whose stack is large enough for it.
fn on_worker<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RunError> + Send + 'static,
) -> Result<T, RunError> {
    let worker = std::thread::Builder::new().stack_size(STACK).spawn(work);
    let worker = worker.map_err(|source| RunError::Thread { source })?;
    worker.join().unwrap_or(Err(RunError::Stopped))
}

fn contract_of(given: Option<(String, String)>) -> Result<Contract, RunError> {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let (path, text) = given.unwrap_or_else(|| (String::new(), "version = 1\n".to_owned()));
    Contract::parse(&path, &text, &ids).map_err(|mistakes| RunError::Contract(Box::new(mistakes)))
}

fn pool(jobs: usize) -> Result<rayon::ThreadPool, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).stack_size(STACK).build();
    pool.map_err(|error| RunError::Thread { source: std::io::Error::other(error) })
}

fn stages(request: Request, appended: Option<Appended>, mut clock: Clock) -> Result<Run, RunError> {
    let contract = contract_of(request.contract)?;
    let mut scan = request.scan;
    scan.exclude.extend(contract.scan.exclude.iter().map(|entry| entry.value.clone()));
    let pool = pool(request.jobs)?;
    clock.begin("discover");
    let cache = request.cache.filter(|_| appended.is_none());
    // Where something is kept, chances are that nothing has to be read but for its hash.
    let (workspace, sums) = if cache.as_ref().is_some_and(|cache| !cache.is_empty()) {
        let (workspace, sums) = pool.install(|| discover::scan_with_sums(&scan))?;
        (workspace, Some(sums))
    } else {
        (pool.install(|| discover::scan(&scan))?, None)
    };
    clock.end(workspace.files.len(), "files", None);
    let attachments = Attachments::new(workspace.root.clone());
    clock.begin("cache");
    let today = contract.exemptions.iter().any(|one| one.expires.is_some());
    let today = today.then(|| request.today.to_string());
    let asked = (&contract.path, &contract.text, request.deny_warnings, today);
    let tests = contract.scan.include_tests;
    let entry =
        |cache, sums: Vec<Sum>| pool.install(|| Kept::new(cache, &asked, tests, &workspace, sums));
    let mut kept = cache.clone().zip(sums).and_then(|(cache, sums)| entry(cache, sums));
    if let Some(kept) = &kept {
        let contract = (contract.path.as_str(), &contract.text);
        let found = kept.get(&pool, &workspace, contract, &attachments, request.with_table);
        if let Some((report, table)) = found {
            clock.end(workspace.files.len(), "files", None);
            let (packages, stages) = (workspace.packages, clock.into_stages());
            let items = Items::default();
            return Ok(Run { stages, report, table, packages, items, writers: Vec::new() });
        }
    }
    clock.end(workspace.files.len(), "files", None);
    clock.begin("read");
    let mut texts = pool.install(|| discover::read_texts(&workspace));
    let bytes = texts.iter().flat_map(|(_, text)| text).map(|text| text.len()).sum();
    clock.end(texts.len(), "files", Some(bytes));
    if let Some(cache) = cache {
        // The texts may be newer than the sums that were looked for.
        let sum = |text: &Text| discover::sum(text.as_deref().map_err(String::as_str));
        let sums: Vec<Sum> = pool.install(|| texts.par_iter().map(|(_, text)| sum(text)).collect());
        kept = entry(cache, sums);
    }
    for (path, text) in &mut texts {
        if let (Some(more), Ok(text)) = (appended.as_ref().filter(|more| more.file == *path), text)
        {
            *text = Arc::from(format!("{text}{}", more.text));
        }
    }
    clock.begin("parse");
    let trees = pool.install(|| parse(&texts));
    clock.end(trees.len(), "files", Some(bytes));
    // What the threads still hold of parsing goes with them.
    drop(pool);
    let (today, deny_warnings, jobs) = (request.today, request.deny_warnings, request.jobs);
    Ok(analysed(
        Tree {
            contract,
            workspace,
            attachments,
            documents: None,
            texts,
            trees,
            kept,
            today,
            deny_warnings,
            jobs,
        },
        clock,
    ))
}

/// A tree that was read, and what to hold it against.
struct Tree {
    contract: Contract,
    workspace: discover::Workspace,
    attachments: Attachments,
    /// The texts of documents, where they are not on disk.
    documents: Option<BTreeMap<String, Option<Arc<str>>>>,
    texts: Vec<(String, Text)>,
    trees: Vec<Option<Result<FileTree, String>>>,
    /// Where the result is kept.
    kept: Option<Kept>,
    today: Date,
    deny_warnings: bool,
    /// How many threads may run.
    jobs: usize,
}

/// The stages after parsing.
fn analysed(tree: Tree, mut clock: Clock) -> Run {
    let Tree { contract, mut workspace, attachments, documents, texts, trees, kept, .. } = tree;
    let sources = sources_of(&texts);
    let (files, missing) = parsed_files(texts, trees);
    libraries::settle(&mut workspace.packages, &files, &sources);
    let unread = unread::of(&workspace, missing);
    let suppressions: Vec<(FileId, Suppression)> = files
        .iter()
        .flat_map(|file| {
            file.tree
                .iter()
                .flat_map(|tree| tree.suppressions.iter().map(|s| (file.file, s.clone())))
        })
        .collect();
    let include_tests = contract.scan.include_tests;
    let read_of = |file: &ParsedFile| match &file.tree {
        Ok(tree) => FileRead::of(tree, include_tests),
        Err(_) => FileRead::Text,
    };
    let mut read: Vec<FileRead> = files.iter().map(read_of).collect();
    let (attached, known, held) = (attachments.clone(), workspace.clone(), documents.clone());
    let reader = reader::Syntax { attachments: attached, documents: held, workspace: known };
    clock.begin("link");
    let program = Program::link(&workspace, files, sources, include_tests, Rc::new(reader));

    clock.end(program.defs().len(), "definitions", None);
    clock.begin("evaluate");
    let functions = contract.classes.iter().flat_map(|class| &class.gate.functions);
    let gates: Vec<Gate> = functions.map(gate).collect();
    let writers = contract.classes.iter().flat_map(|class| &class.writers);
    let writers: Vec<String> = writers.map(|writer| writer.path.clone()).collect();
    let is_writer = |target: &Target| writers.iter().any(|name| program.matches(name, target));
    let registries = registry::constants(&contract, &program);
    let constants: Vec<DefId> = registries.iter().map(|(_, id)| *id).collect();
    let declared = Declared {
        gates: &gates,
        writers: &writers,
        is_writer: &is_writer,
        constants: &constants,
        route_macros: &contract.scan.route_macros,
    };
    let packages = &workspace.packages;
    let asks = kept.is_some();
    let effects = evaluate::evaluate(&program, packages, include_tests, declared, tree.jobs, asks);
    clock.end(effects.entered.len(), "functions", None);
    clock.begin("rules");
    let (starts, arms) = (starts::starts(&effects, &program), arms(&effects));
    let contract = registry::with_registries(contract.clone(), &registries, &effects.constants);

    let sources = program.sources().clone();
    let notes = program.notes().clone();
    let reached: BTreeSet<FileId> = program.reached_files().into_iter().map(|one| one.1).collect();
    let mut unread_paths: Vec<String> = unread.iter().map(|unread| unread.path.clone()).collect();
    let unparsed = unread::unparsed(&unread, &notes, &sources);
    let mut gaps = notes.gaps;
    gaps.extend(unread::unmodelled(&workspace.packages, &program, &mut unread_paths));
    let schema = schema::of(&workspace, documents.as_ref(), include_tests, &effects, &sources);
    gaps.extend(schema::gaps(&schema, &mut unread_paths));
    gaps.extend(made_code::gaps(&program, &workspace.packages, &contract, &mut read));
    gaps.extend(effects.gaps.into_iter().map(|(at, reason)| Gap { at: Where::Source(at), reason }));
    gaps.sort();
    gaps.dedup();
    let suppressions: Vec<_> =
        suppressions.into_iter().filter(|(file, _)| reached.contains(file)).collect();

    let entered = effects.entered.clone();
    let mut graph = CallGraph::new(Parts {
        calls: effects.calls,
        choices: effects.choices,
        entered: effects.entered,
        starts,
        within: effects.within,
    });
    let implied = implied::implied(&program, &graph, &entered, &effects.statements);
    graph.imply(&implied.calls, &implied.starts);
    let handlers = effects.registrations.iter().filter_map(|one| one.runs);
    let writes = WriteTable::new(effects.statements, &schema)
        .of_instances(&graph)
        .without_idle_migrations(&graph, handlers);
    let placed = servers::entries(&contract, &program, &workspace, &effects.servers);
    let misplaced = servers::misplaced(&contract, &workspace.packages, &placed);
    let mut registrations = servers::mounted(effects.registrations, &contract, &placed);
    catchers::leave_out(&mut registrations, &graph, &writes);
    let table = RouteTable::new(registrations, arms, &sources);
    let names = Linked { program: &program, functions: OnceCell::new() };
    let facts = Facts {
        sources: &sources,
        contract: &contract,
        names: &names,
        table: &table,
        writes: &writes,
        graph: &graph,
        writers: &effects.writers,
        unparsed: &unparsed,
        suppressions: &suppressions,
        misplaced: &misplaced,
        unread: &unread_paths,
        today: tree.today,
        deny_warnings: tree.deny_warnings,
    };
    let outcome = rules::check(&facts);
    let report = Report::new(&facts, outcome, reached.len(), gaps);
    if let Some(kept) = &kept {
        // Loose files are roots or not by what all of them say.
        let targets = || workspace.packages.iter().flat_map(|package| &package.targets);
        if !targets().any(|target| target.kind == discover::TargetKind::Loose) {
            for (file, read) in (0..).map(FileId).zip(&mut read) {
                if !reached.contains(&file) {
                    *read = FileRead::Nothing;
                }
            }
        }
        let mut quiet = effects.quiet.unwrap_or_default();
        let named = std::iter::once(&*contract.text);
        let texts: Vec<&str> = named.chain(sources.texts()).collect();
        if let Ok(pool) = pool(tree.jobs) {
            pool.install(|| quiet.read_words(texts.into_par_iter()));
            kept.put(&pool, &workspace, (&report, &table), &attachments, &read, quiet);
        }
    }
    let items = selftest::items(&contract, &program);
    let writers = init::writers(&program);
    clock.end(report.findings.len(), "findings", None);
    let (packages, stages) = (workspace.packages, clock.into_stages());
    Run { report, table, stages, packages, items, writers }
}

/// The files that could be read with their trees, and the others with what stands in the way.
fn parsed_files(
    texts: Vec<(String, Text)>,
    trees: Vec<Option<Result<FileTree, String>>>,
) -> (Vec<ParsedFile>, Vec<(String, String)>) {
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    for ((path, text), tree) in texts.into_iter().zip(trees) {
        match (text, tree) {
            (Ok(_), Some(tree)) => {
                let file = FileId(u32::try_from(files.len()).unwrap_or(u32::MAX));
                files.push(ParsedFile { path, file, tree });
            }
            (Ok(_), None) => {}
            (Err(reason), _) => missing.push((path, reason)),
        }
    }
    (files, missing)
}

/// The texts that could be read, in the order of the workspace's files.
fn sources_of(texts: &[(String, Text)]) -> Sources {
    let mut sources = Sources::default();
    for (path, text) in texts {
        if let Ok(text) = text {
            sources.add(Origin::File(Arc::from(path.as_str())), Arc::clone(text));
        }
    }
    sources
}

/// The tree of every file that could be read.
fn parse(texts: &[(String, Text)]) -> Vec<Option<Result<FileTree, String>>> {
    let parsed = texts.par_iter().map(|(_, text)| {
        let text = text.as_ref().ok()?;
        Some(syntax::read_tree(text).map_err(|error| error.message))
    });
    parsed.collect()
}

/// How many arms each condition has.
fn arms(effects: &Effects) -> Arms {
    let mut arms = Arms::default();
    for (condition, number) in &effects.arms {
        arms.raise(*condition, *number);
    }
    arms
}

/// A gate function as evaluation knows it.
fn gate(function: &GateFunction) -> Gate {
    let positions = Positions {
        method: function.method,
        route: function.route,
        handler: function.handler,
        operation: function.operation,
    };
    Gate { name: function.name.path.clone(), positions }
}

/// Names of the contract, as the link stage resolves them.
struct Linked<'p> {
    program: &'p Program,
    functions: OnceCell<FunctionPlaces>,
}

impl Names for Linked<'_> {
    fn matches(&self, contract_name: &str, target: &Target) -> bool {
        self.program.matches(contract_name, target)
    }

    fn path(&self, target: &Target) -> String {
        match target {
            Target::Item(def) => self.program.def(*def).path.to_string(),
            Target::External(path) => path.to_string(),
        }
    }

    fn exists(&self, contract_name: &str) -> bool {
        !self.program.contract_name(contract_name).is_empty()
    }

    fn function_at(&self, place: Place) -> Option<DefId> {
        self.functions.get_or_init(|| FunctionPlaces::new(self.program)).at(place)
    }
}
