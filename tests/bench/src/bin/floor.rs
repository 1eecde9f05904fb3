//! The floor of a cold run: walks a directory, reads and parses every Rust file with `syn`, and does nothing else.
//!
//! `floor DIR THREADS` prints the files, their bytes, and how many of them `syn` rejects.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use ignore::{DirEntry, WalkBuilder};
use rayon::prelude::*;

/// As that of the linter.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stack of a worker, as that of the linter.
const STACK: usize = 1 << 30;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(threads)) = (arguments.next(), arguments.next()) else {
        return Err("usage: floor DIR THREADS".into());
    };
    let threads = threads.parse()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build()?;
    let files = rust_files(Path::new(&dir));
    let parsed: Vec<Option<(usize, bool)>> =
        pool.install(|| files.par_iter().map(|path| parse(path)).collect());
    let read = parsed.iter().flatten();
    let bytes: usize = read.clone().map(|(bytes, _)| bytes).sum();
    let rejected = read.filter(|(_, accepted)| !accepted).count();
    println!("{} files, {bytes} bytes, {rejected} rejected", files.len());
    Ok(())
}

/// The files that the linter reads where no contract excludes any.
fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut walk = WalkBuilder::new(dir);
    walk.hidden(true).git_ignore(true).require_git(false).parents(true);
    walk.ignore(false).git_exclude(false).git_global(false).follow_links(true);
    walk.filter_entry(|entry| !is_target(entry));
    let entries = walk.build().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let paths = files.map(DirEntry::into_path);
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// Whether an entry is a directory that Cargo writes to.
fn is_target(entry: &DirEntry) -> bool {
    let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
    is_dir && entry.file_name() == "target" && entry.path().join("CACHEDIR.TAG").is_file()
}

/// The bytes of a file, and whether `syn` accepts them; nothing of one that is not UTF-8.
fn parse(path: &Path) -> Option<(usize, bool)> {
    let text = fs::read_to_string(path).ok()?;
    Some((text.len(), syn::parse_file(&text).is_ok()))
}
