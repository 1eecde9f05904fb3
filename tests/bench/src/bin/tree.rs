//! Writes a tree to measure on: `tree NAME SIZE DIR`.

use std::{error::Error, path::Path};

use trees::{FAMILIES, family};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, size, dir] = &arguments[..] else {
        let list: String = FAMILIES
            .iter()
            .map(|family| format!("\n  {}: {}", family.name, family.counts))
            .collect();
        return Err(format!("usage: tree NAME SIZE DIR, where NAME is one of{list}").into());
    };
    let tree = (family(name)?.tree)(size.parse()?);
    tree.write_to(Path::new(dir))?;
    println!("{} files, {} bytes of Rust", tree.rust().count(), tree.bytes());
    Ok(())
}
