//! Paths of a body or type to what they may mean.

use ra_ap_rustc_lexer::TokenKind;

use super::{
    Node,
    mentions::{Mentioned, Scope, Scopes, is_known, is_of_library},
};
use crate::{
    link::{DefId, DefKind, Found, ModuleId, Namespace, Resolution},
    source::Span,
    syntax::{
        token::{TextStart, Tokens},
        tree::{Name, Path, ident_hash},
    },
};

impl Scopes<'_> {
    /// A path as written; of single names only those that a glob may bring, the others are known by their hash.
    pub(super) fn path(
        &mut self,
        module: ModuleId,
        scope: &Scope,
        written: &str,
        all: &mut Mentioned,
    ) -> Option<()> {
        let is_path = written.contains("::");
        if !is_path && !scope.brings_unknown {
            return Some(());
        }
        let global = written.starts_with("::");
        let segments = segments(written);
        let (Some(first), Some((last, before))) = (segments.first(), segments.split_last()) else {
            return Some(());
        };
        if *first == "Self" {
            return Some(());
        }
        if is_path && (global || !Self::is_in_scope(scope, ident_hash(first))) {
            let crate_of = |found: Found| match found.as_slice() {
                [(_, Resolution::External(krate))] => Some(krate.clone()),
                _ => None,
            };
            let key = (module, global, Name::from(*first));
            let known = self.crates.get(&key).cloned().unwrap_or_else(|| {
                let found = self.program.resolve(module, &[first], global, Namespace::Type);
                crate_of(found).map(|krate| (is_of_library(&krate), krate))
            });
            self.crates.insert(key, known.clone());
            if let Some((of_library, krate)) = known {
                all.nodes.extend(self.detached(before.last().copied(), last));
                return self.outside_path(
                    &krate,
                    of_library,
                    segments.get(1..).unwrap_or_default(),
                );
            }
        }
        let mut found = Vec::new();
        let mut is_member = false;
        if is_path {
            // The type before an associated item or variant; the item's name is among those of the body.
            let owners = self.program.resolve(module, before, global, Namespace::Type);
            let is_owner = |is: &Resolution| matches!(is, Resolution::Def(_));
            is_member = !owners.is_empty() && owners.iter().all(|(_, is)| is_owner(is));
            for (_, is) in &owners {
                self.push(is, &mut found);
                let ty = match is {
                    Resolution::External(path) => path.rsplit(':').next(),
                    _ => before.last().copied(),
                };
                all.nodes.extend(self.detached(ty, last));
            }
        }
        if !is_member {
            let whole = self.resolved(module, &segments, global);
            found.extend(whole);
        }
        if found.is_empty() {
            if scope.brings_unknown {
                let mut paths = self.program.macro_candidates(module, &segments);
                if !before.is_empty() {
                    paths.extend(self.program.glob_candidates(module, before));
                }
                if paths.iter().any(|path| is_known(path)) {
                    return None;
                }
            }
            if is_path {
                if self.is_lost_in_library(module, &segments) {
                    return None;
                }
                found = self.not_found(before.last().copied().unwrap_or_default(), last);
                all.nodes.extend(self.detached(None, last));
            }
        }
        self.add(&found, all)
    }

    /// A path outside the tree, or a member of one.
    fn outside_path(&mut self, krate: &str, of_library: bool, rest: &[&str]) -> Option<()> {
        if !of_library && !krate.starts_with("tower") {
            return Some(());
        }
        let mut path = krate.to_owned();
        for name in rest {
            path.push_str("::");
            path.push_str(name);
        }
        let whole = self.outside(&path.as_str().into());
        let owner = path.rsplit_once("::").map_or("", |(owner, _)| owner);
        let owner = of_library.then(|| self.outside(&owner.into()));
        let lead =
            self.is_interesting(whole) || owner.is_some_and(|node| self.is_interesting(node));
        (!lead).then_some(())
    }

    /// What a path may mean, in any namespace.
    pub(super) fn resolved(&mut self, module: ModuleId, path: &[&str], global: bool) -> Vec<Node> {
        let mut nodes = Vec::new();
        for ns in [Namespace::Type, Namespace::Value, Namespace::Macro] {
            for (_, is) in self.program.resolve(module, path, global, ns) {
                self.push(&is, &mut nodes);
            }
        }
        nodes
    }

    fn push(&mut self, is: &Resolution, nodes: &mut Vec<Node>) {
        let node = match is {
            Resolution::Def(def) | Resolution::Variant(def, _) => def.0,
            Resolution::External(path) => self.outside(path),
            Resolution::Module(_) | Resolution::Primitive(_) => return,
        };
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }

    /// The nodes that a type's path may mean.
    pub(super) fn type_path(
        &mut self,
        module: ModuleId,
        params: &[Name],
        path: &Path,
        into: &mut Vec<Node>,
    ) {
        let segments: Vec<&str> =
            path.segments.iter().map(|segment| segment.name.as_str()).collect();
        let found = self.program.resolve(module, &segments, path.global, Namespace::Type);
        for (_, is) in &found {
            self.push(is, into);
        }
        let is_param = |name: &&str| params.iter().any(|known| known == name);
        if segments.first().is_some_and(|first| *first == "Self" || is_param(first)) {
            if let [_, .., last] = segments.as_slice() {
                into.extend(self.given_as(ident_hash(last)));
            }
            return;
        }
        if !found.is_empty() {
            return;
        }
        let imported = segments.first().is_some_and(|first| {
            let scope = self.scope(module);
            Self::is_in_scope(&scope, ident_hash(first))
        });
        if !imported {
            for path in self.program.glob_candidates(module, &segments) {
                let node = self.outside(&path);
                into.push(node);
            }
        }
        let Some(last) = segments.last() else { return };
        if self.is_lost_in_library(module, &segments) {
            let node = self.of_library();
            into.push(node);
        }
        let unknown = self.unknown_type(last);
        into.push(unknown);
    }

    /// A type of which only the last name is known: its impls say the same.
    pub(super) fn unknown_type(&mut self, name: &str) -> Node {
        self.outside(&format!("?::{name}").into())
    }

    /// What a path may lead to of which the beginning leads nowhere: something generated, under whatever module.
    pub(super) fn not_found(&self, before: &str, last: &str) -> Vec<Node> {
        let of_module = matches!(before, "crate" | "self" | "super" | "$crate");
        let named = self.by_name.get(&ident_hash(last)).into_iter().flatten();
        let fits = |node: &&Node| {
            let def = self.program.def(DefId(**node));
            let mut path = def.path.rsplit("::");
            if of_module { def.kind != DefKind::Method } else { path.nth(1) == Some(before) }
        };
        named.filter(fits).copied().collect()
    }
}

/// The names in a path as written, between which comments may stand.
fn segments(written: &str) -> Vec<&str> {
    fn bare(text: &str) -> &str {
        text.strip_prefix("r#").unwrap_or(text)
    }
    if written.contains('/') {
        let whole = Span::new(0, u32::try_from(written.len()).unwrap_or(u32::MAX));
        let tokens = Tokens::new(written, whole, TextStart::Piece);
        let names = tokens
            .filter(|token| matches!(token.kind, TokenKind::Ident | TokenKind::RawIdent))
            .map(|token| token.span.of(written));
        return names.map(bare).collect();
    }
    written.split("::").map(str::trim).filter(|part| !part.is_empty()).map(bare).collect()
}
