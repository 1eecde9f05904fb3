//! What is kept of a run: all that is printed of it, but for the texts, which a run reads in any case.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{
    Cache, FileRead, Key, KeyParts,
    alike::{KeptFiles, SetAnew},
    rewritten::KeptQuiet,
};
use crate::{
    discover::{self, Sum, Workspace, attachments::Attachments},
    evaluate::Quiet,
    finding::{Finding, Gap, Where},
    report::{ClassCount, Report, RouteLine, WriteLine},
    routes::RouteTable,
    source::{FileId, Origin, Place, Sources},
};

/// A run as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptRun {
    /// Files that the code named, each with the hash of its text, or nothing where it had none.
    attachments: Vec<(String, Option<Sum>)>,
    /// The files that could not be read.
    missing: BTreeSet<String>,
    /// The files that places of it are in, by number.
    shown: BTreeSet<FileId>,
    /// Where the texts behind those of the files come from: expansions.
    expansions: Vec<Origin>,
    unread: Vec<String>,
    files: usize,
    writes: Vec<WriteLine>,
    routes: Vec<RouteLine>,
    classes: Vec<ClassCount>,
    findings: Vec<Finding>,
    prints: Vec<String>,
    gaps: Vec<Gap>,
}

/// The entry of one run.
#[derive(Debug, Clone)]
pub struct Kept {
    cache: Cache,
    key: Key,
    /// Where it is kept which entry is that of the last run over the tree.
    latest: Key,
    sums: Vec<Sum>,
    include_tests: bool,
}

/// What was found: a report, and the routes.
pub type Found = (Report, RouteTable);

/// An entry, and what is kept of the routes where they are asked for.
type Entry = (KeptRun, Option<Vec<u8>>);

impl Kept {
    /// The entry of a run over `workspace`.
    ///
    /// - `asked`: the rest of what its result depends on.
    /// - `include_tests`: whether tests are read.
    /// - `sums`: those of [`Workspace::files`].
    pub fn new(
        cache: Cache,
        asked: &impl Serialize,
        include_tests: bool,
        workspace: &Workspace,
        sums: Vec<Sum>,
    ) -> Option<Self> {
        let packages = (&workspace.packages, &workspace.unread, &workspace.documents);
        let mut parts = KeyParts::new("run").with_value(asked)?.with_value(&packages)?;
        for path in &workspace.files {
            parts = parts.with(path.as_bytes());
        }
        for text in discover::read_documents(workspace) {
            parts = parts.with(text.as_deref().unwrap_or_default().as_bytes());
        }
        let latest = parts.clone().with(b"latest").finish();
        for sum in &sums {
            parts = parts.with(sum);
        }
        Some(Self { cache, key: parts.finish(), latest, sums, include_tests })
    }

    /// The report and the routes of that run, if there was one and all that it read besides is as it was; or those of
    /// the last run, if files of it are only set otherwise.
    ///
    /// - `contract`: its path and text.
    /// - `with_table`: whether the routes are asked for; an empty table is returned if not.
    /// - `pool`: reads the texts again that places are in.
    pub fn get(
        &self,
        pool: &rayon::ThreadPool,
        workspace: &Workspace,
        contract: (&str, &Arc<str>),
        attachments: &Attachments,
        with_table: bool,
    ) -> Option<Found> {
        let (run, set_anew) = match self.run(&self.key, with_table) {
            Some(run) => {
                if self.last_run() != Some(self.key) {
                    self.put_last_run();
                }
                (run, SetAnew::new())
            }
            None => self.alike(pool, workspace, with_table)?,
        };
        self.restored(run, set_anew, pool, workspace, contract, attachments)
    }

    /// One entry, and what is kept of the routes.
    fn run(&self, key: &Key, with_table: bool) -> Option<Entry> {
        let [run, table] = self.cache.get(key, with_table)?;
        Some((postcard::from_bytes(&run).ok()?, with_table.then_some(table)))
    }

    /// The last run, if files are only set otherwise since.
    fn alike(
        &self,
        pool: &rayon::ThreadPool,
        workspace: &Workspace,
        with_table: bool,
    ) -> Option<(Entry, SetAnew)> {
        let last = self.last_run()?;
        let [files, _] = self.cache.get(&files_of(last), false)?;
        let files: KeptFiles = postcard::from_bytes(&files).ok()?;
        let run = self.run(&last, with_table)?;
        let numbers: FxHashMap<&str, FileId> =
            run.0.readable(workspace).map(|(file, path)| (path, file)).collect();
        let readable = |path: &str| numbers.get(path).copied();
        let tests = self.include_tests;
        let quiet = || {
            let [_, quiet] = self.cache.get(&files_of(last), true)?;
            postcard::from_bytes(&quiet).ok()
        };
        let set_anew =
            pool.install(|| files.alike(workspace, &self.sums, readable, quiet, tests))?;
        Some((run, set_anew))
    }

    fn restored(
        &self,
        (kept, table): Entry,
        set_anew: SetAnew,
        pool: &rayon::ThreadPool,
        workspace: &Workspace,
        contract: (&str, &Arc<str>),
        attachments: &Attachments,
    ) -> Option<Found> {
        let same = |(path, hash): &(String, Option<Sum>)| {
            attachments.text("", path).map(|text| discover::sum(Ok(&text))) == *hash
        };
        if !kept.attachments.iter().all(same) {
            return None;
        }
        let files = workspace.files.iter().map(String::as_str);
        let sums: FxHashMap<&str, &Sum> = files.zip(&self.sums).collect();
        let readable: Vec<(FileId, &str)> = kept.readable(workspace).collect();
        let empty: Arc<str> = Arc::from("");
        let text = |(file, path): &(FileId, &str)| {
            if !kept.shown.contains(file) {
                return Some(Arc::clone(&empty));
            }
            let text = discover::read_again(workspace, path).ok()?;
            // It may have been written to since.
            let known = sums.get(path)?;
            (discover::sum(Ok(&text)) == **known).then_some(text)
        };
        let texts: Option<Vec<Arc<str>>> = pool.install(|| readable.par_iter().map(text).collect());
        let mut sources = Sources::default();
        for ((_, path), text) in readable.iter().zip(texts?) {
            sources.add(Origin::File(Arc::from(*path)), text);
        }
        for origin in kept.expansions {
            sources.add(origin, Arc::clone(&empty));
        }
        for (file, moves) in set_anew {
            sources.set_anew(file, moves);
        }
        let report = Report {
            sources,
            contract_path: contract.0.to_owned(),
            contract_text: Arc::clone(contract.1),
            unread: kept.unread,
            files: kept.files,
            writes: kept.writes,
            routes: kept.routes,
            classes: kept.classes,
            findings: kept.findings,
            prints: kept.prints,
            gaps: kept.gaps,
            ..Report::default()
        };
        let table = match table {
            Some(table) => postcard::from_bytes(&table).ok()?,
            None => RouteTable::default(),
        };
        Some((report, table))
    }

    /// Keeps what a run came to.
    ///
    /// - `pool`: looks for the places.
    /// - `attachments`: all that the run asked for.
    /// - `read`: what it read of each file that could be read, by number.
    /// - `quiet`: the functions of which nothing came.
    pub fn put(
        &self,
        pool: &rayon::ThreadPool,
        workspace: &Workspace,
        (report, table): (&Report, &RouteTable),
        attachments: &Attachments,
        read: &[FileRead],
        quiet: Quiet,
    ) {
        let Ok(table_written) = postcard::to_stdvec(table) else { return };
        let asked = attachments.known().into_iter();
        let asked = asked.map(|(path, text)| (path, text.map(|text| discover::sum(Ok(&text)))));
        let sources = &report.sources;
        let files: BTreeSet<&str> = sources
            .origins()
            .filter_map(|origin| match origin {
                Origin::File(path) => Some(&**path),
                Origin::Expansion(_) => None,
            })
            .collect();
        let missing = workspace.files.iter().filter(|path| !files.contains(path.as_str()));
        let shown = shown(report, table);
        let kept = KeptRun {
            attachments: asked.collect(),
            missing: missing.cloned().collect(),
            shown: shown.keys().copied().collect(),
            expansions: sources.origins().skip(files.len()).cloned().collect(),
            unread: report.unread.clone(),
            files: report.files,
            writes: report.writes.clone(),
            routes: report.routes.clone(),
            classes: report.classes.clone(),
            findings: report.findings.clone(),
            prints: report.prints.clone(),
            gaps: report.gaps.clone(),
        };
        let Ok(content) = postcard::to_stdvec(&kept) else { return };
        // Few questions need all that makes a route.
        self.cache.put(&self.key, &content, &table_written);
        let numbers: FxHashMap<&str, FileId> =
            kept.readable(workspace).map(|(file, path)| (path, file)).collect();
        let known = workspace.files.par_iter().zip(&self.sums).map(|(path, sum)| {
            let of = numbers.get(path.as_str()).and_then(|file| {
                let bytes = shown.get(file).map_or(&[][..], Vec::as_slice);
                Some((&**sources.text(*file), read.get(file.0 as usize)?, bytes))
            });
            (*sum, of)
        });
        let code = (0..).map(FileId).zip(read).filter_map(|(file, read)| match read {
            FileRead::Code(code) => {
                Some((file, code, shown.get(&file).map_or(&[][..], Vec::as_slice)))
            }
            FileRead::Nothing | FileRead::Text => None,
        });
        let quiet = postcard::to_stdvec(&KeptQuiet::new(quiet, code));
        let files = pool.install(|| KeptFiles::new(known));
        if let (Ok(files), Ok(quiet)) = (postcard::to_stdvec(&files), quiet) {
            self.cache.put(&files_of(self.key), &files, &quiet);
            self.put_last_run();
        }
    }

    fn last_run(&self) -> Option<Key> {
        let [last, _] = self.cache.get(&self.latest, false)?;
        postcard::from_bytes(&last).ok()
    }

    fn put_last_run(&self) {
        if let Ok(key) = postcard::to_stdvec(&self.key) {
            self.cache.put(&self.latest, &key, &[]);
        }
    }
}

/// Where the files of a run are kept.
fn files_of(run: Key) -> Key {
    KeyParts::new("files").with(run.to_string().as_bytes()).finish()
}

impl KeptRun {
    /// The files that could be read, by number.
    fn readable<'w>(&'w self, workspace: &'w Workspace) -> impl Iterator<Item = (FileId, &'w str)> {
        let readable = workspace.files.iter().filter(|path| !self.missing.contains(*path));
        readable.zip(0..).map(|(path, file)| (FileId(file), path.as_str()))
    }
}

/// The bytes in each file at which anything begins or ends that may be printed of a run, in order.
fn shown(report: &Report, table: &RouteTable) -> BTreeMap<FileId, Vec<u32>> {
    let findings = report
        .findings
        .iter()
        .flat_map(|one| std::iter::once(one.at).chain(one.related.iter().map(|label| label.at)));
    let listed = findings.chain(report.gaps.iter().map(|gap| gap.at));
    let listed = listed.filter_map(|at| match at {
        Where::Source(place) => Some(place),
        Where::Contract(_) | Where::Unread(_) => None,
    });
    let registrations = table.routes.iter().flat_map(|route| &route.registrations);
    let registered = registrations.flat_map(|one| {
        let marks = one.marks.iter().map(|mark| mark.at);
        std::iter::once(one.at).chain(marks).chain(one.trail.iter().map(|step| step.at))
    });
    let lines = report.routes.iter().map(|line| line.at);
    let writes = report.writes.iter().map(|line| line.at);
    let mut all: BTreeMap<FileId, Vec<u32>> = BTreeMap::new();
    for place in listed.chain(registered).chain(lines).chain(writes) {
        let Place { file, span } = report.sources.real(place);
        all.entry(file).or_default().extend([span.start, span.end]);
    }
    for bytes in all.values_mut() {
        bytes.sort_unstable();
        bytes.dedup();
    }
    all
}
