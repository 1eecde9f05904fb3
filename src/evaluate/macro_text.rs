//! What stands between the delimiters of a macro call, parsed once in each way that is asked for.

use std::{cell::OnceCell, rc::Rc};

use super::Evaluator;
use crate::{
    source::{FileId, Span},
    syntax::{
        body::{self, Piece},
        tree::{Arm, Block, Expr, MacroCall, Pat},
    },
};
use thin_vec::ThinVec;

/// The arguments of one macro call.
#[derive(Debug, Default)]
pub(super) struct MacroText {
    args: OnceCell<Option<ThinVec<Expr>>>,
    arrows: OnceCell<Option<Vec<Expr>>>,
    statements: OnceCell<Option<Block>>,
    pieces: OnceCell<(Vec<Piece>, bool)>,
    matches: OnceCell<Option<(Expr, Arm)>>,
    repeated: OnceCell<Option<(Expr, Expr)>>,
    branches: OnceCell<Option<Rc<Block>>>,
}

impl MacroText {
    /// Expressions between commas.
    pub(super) fn args(&self, text: &str, span: Span) -> Option<&[Expr]> {
        self.args.get_or_init(|| body::parse_args(text, span)).as_deref()
    }

    /// Expressions between commas, of which `=>` may stand between some.
    pub(super) fn arrows(&self, text: &str, span: Span) -> Option<&[Expr]> {
        self.args(text, span)
            .or_else(|| self.arrows.get_or_init(|| body::parse_arrow_args(text, span)).as_deref())
    }

    /// Statements.
    pub(super) fn statements(&self, text: &str, span: Span) -> Option<&Block> {
        self.statements.get_or_init(|| body::parse_stmts(text, span)).as_ref()
    }

    /// What expressions there are, and whether that is all.
    pub(super) fn pieces(&self, text: &str, span: Span) -> (&[Piece], bool) {
        let (pieces, whole) =
            self.pieces.get_or_init(|| body::parse_pieces(text, span).unwrap_or_default());
        (pieces, *whole)
    }

    /// A value and how often it is there: `value; len`.
    pub(super) fn repeated(&self, text: &str, span: Span) -> Option<&(Expr, Expr)> {
        self.repeated.get_or_init(|| body::parse_repeated(text, span)).as_ref()
    }

    /// Statements under the conditions of the branches that they stand in, as `read` reads them.
    pub(super) fn branches(&self, read: impl FnOnce() -> Option<Rc<Block>>) -> Option<Rc<Block>> {
        self.branches.get_or_init(read).clone()
    }

    /// A value and a pattern with its guard.
    pub(super) fn matches(&self, text: &str, span: Span) -> Option<&(Expr, Arm)> {
        self.matches.get_or_init(|| body::parse_matches(text, span)).as_ref()
    }
}

/// The arguments of macro calls, by their place.
pub(super) type MacroTexts = super::recent::Recent<(FileId, Span), Rc<MacroText>>;

impl Evaluator<'_> {
    /// The arguments of a call in the text that is being evaluated.
    pub(super) fn macro_text(&mut self, call: &MacroCall) -> Rc<MacroText> {
        let (key, weight) = ((self.scope.file, call.args), call.args.len());
        if let Some(known) = self.macro_texts.get(&key, weight) {
            return known;
        }
        let made = Rc::<MacroText>::default();
        self.macro_texts.insert(key, made.clone(), weight);
        made
    }

    /// Runs `run` on the pattern that a macro call stands for; `None` where that is not known.
    pub(super) fn in_macro_pattern<T>(
        &mut self,
        call: &MacroCall,
        run: impl FnOnce(&mut Self, &Pat) -> T,
    ) -> Option<T> {
        let file = self.program.expand(self.scope.module, self.scope.file, call)?.ok()?;
        let text = self.program.text(file);
        let whole = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
        let pat = body::parse_pat(&text, whole)?;
        let outer = std::mem::replace(&mut self.scope.file, file);
        let made = run(self, &pat);
        self.scope.file = outer;
        Some(made)
    }
}
