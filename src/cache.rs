//! What earlier runs found, by what they had read.
//!
//! An entry is a file named after its [`Key`]: a hash of everything its content depends on, the program's own sources
//! included, so that an entry is right or it is not found; where files were only set otherwise since, the last run is
//! found too. Entries are written aside and renamed, which makes two runs
//! at once harmless, and carry a hash of themselves: whatever is odd about one is a miss. The cache changes speed,
//! never output.

mod alike;
mod kept;
mod key;
mod rewritten;

pub use alike::FileRead;
pub use kept::{Found, Kept, KeptRun};
pub use key::{Key, KeyParts};

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The name of the cache's folder below the target directory.
const FOLDER: &str = "contract-check";
/// Marks a directory that backups leave out (<https://bford.info/cachedir/>).
const TAG: &str =
    "Signature: 8a477f597d28d172789f06886806bc55\n# Made by contract-check; may be deleted.\n";
/// Bytes of the length of the first part of an entry, and of the hashes of both, before them.
const HEAD: usize = 8 + 2 * blake3::OUT_LEN;
/// An entry that was not used for that long is deleted.
const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Entries at most.
const MOST: usize = 512;
/// Bytes of all entries at most.
const MOST_BYTES: u64 = 512 << 20;

/// A folder of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache below `dir`, for what is scanned at `root`. Nothing is made before the first entry is put there.
    ///
    /// There is none where `dir` is in the scanned tree or in its repository: whoever wrote the tree could have put
    /// entries there that say it is clean.
    pub fn outside(root: &Path, dir: &Path) -> Option<Self> {
        let folder = dir.join(FOLDER);
        let root = root.canonicalize().ok()?;
        let top = root.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(&root);
        let there = folder.ancestors().find_map(|dir| dir.canonicalize().ok())?;
        (!there.starts_with(top)).then_some(Self { folder })
    }

    /// Whether nothing was ever kept here.
    pub fn is_empty(&self) -> bool {
        !self.folder.is_dir()
    }

    /// The two parts of what is under `key`; the second is empty unless it is asked for.
    pub fn get(&self, key: &Key, with_second: bool) -> Option<[Vec<u8>; 2]> {
        let path = self.path(key);
        let mut file = fs::File::open(&path).ok()?;
        let mut head = [0; HEAD];
        file.read_exact(&mut head).ok()?;
        let (length, sums) = head.split_first_chunk::<8>()?;
        let (first_sum, second_sum) = sums.split_at_checked(blake3::OUT_LEN)?;
        let first = part(&mut file, u64::from_le_bytes(*length), first_sum)?;
        let second = if with_second { part(&mut file, u64::MAX, second_sum)? } else { Vec::new() };
        // The time of the last use is what pruning goes by; where it cannot be set, the entry is made anew some day.
        if let Ok(file) = fs::File::options().append(true).open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some([first, second])
    }

    /// Puts two parts under `key`. A folder that cannot be written to is a cache that holds nothing.
    pub fn put(&self, key: &Key, first: &[u8], second: &[u8]) {
        let _ = self.write(key, first, second);
    }

    fn write(&self, key: &Key, first: &[u8], second: &[u8]) -> std::io::Result<()> {
        if !self.folder.is_dir() {
            fs::create_dir_all(&self.folder)?;
            fs::write(self.folder.join("CACHEDIR.TAG"), TAG)?;
            fs::write(self.folder.join(".gitignore"), "*\n")?;
        }
        let mut aside = tempfile::NamedTempFile::new_in(&self.folder)?;
        aside.write_all(&(first.len() as u64).to_le_bytes())?;
        aside.write_all(blake3::hash(first).as_bytes())?;
        aside.write_all(blake3::hash(second).as_bytes())?;
        aside.write_all(first)?;
        aside.write_all(second)?;
        aside.persist(self.path(key)).map_err(|error| error.error)?;
        self.prune();
        Ok(())
    }

    /// Deletes entries that were not used for long, and the oldest beyond [`MOST`] and [`MOST_BYTES`].
    fn prune(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let of = |entry: &fs::DirEntry| {
            let about = entry.metadata().ok()?;
            Some((about.modified().ok()?, about.len(), entry.path()))
        };
        let mut all: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "run"))
            .filter_map(|entry| of(&entry))
            .collect();
        all.sort_by(|one, other| other.cmp(one));
        let mut bytes = 0;
        for (at, (used, length, path)) in all.iter().enumerate() {
            bytes += length;
            let old = used.elapsed().is_ok_and(|age| age > KEEP);
            if old || at >= MOST || (at > 0 && bytes > MOST_BYTES) {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{key}.run"))
    }
}

/// The next bytes of a file, `most` if it has them, when that is their hash.
fn part(file: &mut fs::File, most: u64, sum: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    // A length that the file does not have is one of an entry that is broken.
    let likely = file.metadata().ok()?.len().min(most);
    bytes.reserve_exact(usize::try_from(likely).ok()?);
    file.take(most).read_to_end(&mut bytes).ok()?;
    (blake3::hash(&bytes).as_bytes() == sum).then_some(bytes)
}
