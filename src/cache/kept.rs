//! What is kept of a run: all that is printed of it, but for the texts, which a run reads in any case.

use std::{collections::BTreeSet, sync::Arc};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Cache, Key};
use crate::{
    discover::{self, Sum, Workspace, attachments::Attachments},
    finding::{Finding, Gap, Where},
    report::{ClassCount, Report, RouteLine, WriteLine},
    routes::RouteTable,
    source::{FileId, Origin, Sources},
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
}

impl Kept {
    /// The entry of a run over `workspace`.
    ///
    /// - `asked`: the rest of what its result depends on.
    /// - `sums`: those of [`Workspace::files`].
    pub fn new(
        cache: Cache,
        asked: &impl Serialize,
        workspace: &Workspace,
        sums: &[Sum],
    ) -> Option<Self> {
        let packages = (&workspace.packages, &workspace.unread, &workspace.documents);
        let mut key = Key::new("run").with_value(asked)?.with_value(&packages)?;
        for (path, sum) in workspace.files.iter().zip(sums) {
            key = key.with(path.as_bytes()).with(sum);
        }
        for document in &workspace.documents {
            let text = discover::read_document(workspace, document);
            key = key.with(text.as_deref().unwrap_or_default().as_bytes());
        }
        Some(Self { cache, key })
    }

    /// The report and the routes of that run, if there was one and all that it read besides is as it was.
    ///
    /// - `sums`: those of [`Workspace::files`].
    /// - `with_table`: whether the routes are asked for; an empty table is returned if not.
    /// - `pool`: reads the texts again that places are in.
    pub fn get(
        &self,
        pool: &rayon::ThreadPool,
        workspace: &Workspace,
        sums: &[Sum],
        contract: (&str, &Arc<str>),
        attachments: &Attachments,
        with_table: bool,
    ) -> Option<(Report, RouteTable)> {
        let [run, table] = self.cache.get(&self.key, with_table)?;
        let kept: KeptRun = postcard::from_bytes(&run).ok()?;
        let same = |(path, hash): &(String, Option<[u8; 32]>)| {
            attachments.text("", path).map(|text| discover::sum(Ok(&text))) == *hash
        };
        if !kept.attachments.iter().all(same) {
            return None;
        }
        let files = workspace.files.iter().zip(sums);
        let readable: Vec<(FileId, &String, &Sum)> = files
            .filter(|(path, _)| !kept.missing.contains(*path))
            .zip(0..)
            .map(|((path, sum), file)| (FileId(file), path, sum))
            .collect();
        let empty: Arc<str> = Arc::from("");
        let text = |(file, path, known): &(FileId, &String, &Sum)| {
            if !kept.shown.contains(file) {
                return Some(Arc::clone(&empty));
            }
            let text = discover::read_again(workspace, path).ok()?;
            // It may have been written to since.
            (discover::sum(Ok(&text)) == **known).then_some(text)
        };
        let texts: Option<Vec<Arc<str>>> = pool.install(|| readable.par_iter().map(text).collect());
        let mut sources = Sources::default();
        for ((_, path, _), text) in readable.iter().zip(texts?) {
            sources.add(Origin::File(Arc::from(path.as_str())), text);
        }
        for origin in kept.expansions {
            sources.add(origin, Arc::clone(&empty));
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
        let table =
            if with_table { postcard::from_bytes(&table).ok()? } else { RouteTable::default() };
        Some((report, table))
    }

    /// Keeps what a run came to.
    ///
    /// - `attachments`: all that the run asked for.
    pub fn put(
        &self,
        workspace: &Workspace,
        report: &Report,
        table: &RouteTable,
        attachments: &Attachments,
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
        let kept = KeptRun {
            attachments: asked.collect(),
            missing: missing.cloned().collect(),
            shown: shown(report, table),
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
        if let Ok(content) = postcard::to_stdvec(&kept) {
            // Few questions need all that makes a route.
            self.cache.put(&self.key, &content, &table_written);
        }
    }
}

/// The files that anything printed of a run may stand in.
fn shown(report: &Report, table: &RouteTable) -> BTreeSet<FileId> {
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
    let all = listed.chain(registered).chain(lines).chain(writes);
    all.map(|place| report.sources.real(place).file).collect()
}
