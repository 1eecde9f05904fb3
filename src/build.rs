//! Names the build by its sources, so that no build takes up what another one has cached.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    // A package may come without a lock file; cargo builds anew when a part that is named is missing.
    let parts = ["src", "rules", "Cargo.toml", "Cargo.lock"];
    for part in parts.into_iter().filter(|part| Path::new(part).exists()) {
        println!("cargo::rerun-if-changed={part}");
        add(Path::new(part), &mut hash)?;
    }
    println!("cargo::rustc-env=CONTRACT_CHECK_SOURCES={hash:016x}");
    Ok(())
}

/// Adds a file, or all that is below a directory, by FNV-1a.
fn add(path: &Path, hash: &mut u64) -> io::Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::path);
        return entries.iter().try_for_each(|entry| add(&entry.path(), hash));
    }
    let name = path.to_string_lossy().into_owned().into_bytes();
    for byte in name.into_iter().chain([0]).chain(fs::read(path)?) {
        *hash = (*hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Ok(())
}
