//! The crates that the code of a package names, as far as its words tell: a crate by itself, and one that another gives on.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    discover::Package,
    syntax::token::{TextStart, Token, Tokens, whole},
};

/// What stands in the texts of one package.
pub(super) struct Mentioned<'t> {
    texts: Vec<&'t str>,
}

impl<'t> Mentioned<'t> {
    /// - `texts`: all texts, by path.
    pub(super) fn of(package: &Package, texts: &'t [(String, Arc<str>)]) -> Self {
        let is_below = |path: &str| {
            let inside = path.strip_prefix(package.dir.as_str());
            package.dir.is_empty() || inside.is_some_and(|rest| rest.starts_with('/'))
        };
        let own = texts.iter().filter(|(path, _)| is_below(path));
        Self { texts: own.map(|(_, text)| &**text).collect() }
    }

    /// Whether a crate is named.
    pub(super) fn names(&self, krate: &str) -> bool {
        self.texts.iter().any(|text| {
            text.match_indices(krate).any(|(at, _)| {
                let (before, after) = text.split_at(at);
                let behind = after.strip_prefix(krate).unwrap_or_default();
                !before.ends_with(is_of_word)
                    && !behind.starts_with(is_of_word)
                    && is_code(text, at)
            })
        })
    }

    /// What of `sought` is named right in one of `crates`: `krate::name` and `krate::{name, …}`, each with the crate.
    pub(super) fn given_on(
        &self,
        crates: &BTreeSet<&str>,
        sought: impl Fn(&str) -> bool,
    ) -> BTreeSet<(&'t str, &'t str)> {
        let mut found = BTreeSet::new();
        for text in &self.texts {
            for (at, _) in text.match_indices("::") {
                let (before, after) = text.split_at(at);
                let krate = before.rsplit(|c| !is_of_word(c)).next().unwrap_or_default();
                if !crates.contains(krate) {
                    continue;
                }
                let rest = after.trim_start_matches(':').trim_start();
                let named = match rest.strip_prefix('{') {
                    Some(list) => list.split('}').next().unwrap_or_default(),
                    None => rest.split(|c| !is_of_word(c)).next().unwrap_or_default(),
                };
                let named: Vec<&str> =
                    named.split(|c| !is_of_word(c)).filter(|name| sought(name)).collect();
                if !named.is_empty() && is_code(text, at) {
                    found.extend(named.into_iter().map(|name| (krate, name)));
                }
            }
        }
        found
    }
}

/// Whether what stands at `at` is code: a comment says nothing of the program.
fn is_code(text: &str, at: usize) -> bool {
    let holds = |token: &Token| (token.span.start as usize..token.span.end as usize).contains(&at);
    let mut tokens = Tokens::new(text, whole(text), TextStart::File);
    tokens.find(holds).is_some_and(|token| token.is_code())
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
