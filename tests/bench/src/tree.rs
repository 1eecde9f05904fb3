//! Files in memory, to be written anywhere.

use std::{collections::BTreeMap, fs, io, path::Path};

/// A source tree.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Texts by path.
    files: BTreeMap<String, String>,
}

impl Tree {
    /// A tree of one package, `service`, with a manifest and nothing else.
    pub fn package() -> Self {
        let mut tree = Self::default();
        tree.add("Cargo.toml", manifest("service", &[]));
        tree
    }

    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// As it was, with a file more.
    #[must_use]
    pub fn with(mut self, path: &str, text: impl Into<String>) -> Self {
        self.add(path, text);
        self
    }

    /// Bytes of Rust source.
    pub fn bytes(&self) -> usize {
        self.rust().map(|(_, text)| text.len()).sum()
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "rs"))
    }

    /// Writes it below `dir`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_to(&self, dir: &Path) -> io::Result<()> {
        for (path, text) in &self.files {
            let path = dir.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }
}

/// Cargo.toml of a package with what services use.
///
/// - `local`: packages beside it.
pub fn manifest(name: &str, local: &[&str]) -> String {
    let mut text = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n"
    );
    for external in
        ["axum = \"0.8\"", "reqwest = \"0.12\"", "serde = \"1\"", "sqlx = \"0.8\"", "tokio = \"1\""]
    {
        text.push_str(external);
        text.push('\n');
    }
    for other in local {
        text.push_str(&format!("{other} = {{ path = \"../{other}\" }}\n"));
    }
    text
}
