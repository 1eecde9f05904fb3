//! The items of a block: those written in it, and those that macros make which stand in it as statements. All are in
//! scope in the whole block, before the macro too.

use std::{rc::Rc, sync::Arc};

use rustc_hash::FxHashMap;

use super::Evaluator;
use crate::{
    link::{ModuleId, cfg::both, cfg_branches::cfg_branches},
    source::{FileId, Span},
    syntax::{
        body,
        tree::{Block, Cfg, ExprKind, MacroCall, StmtKind},
    },
};

/// How deep macros in what macros make are looked into for items.
const DEPTH: u32 = 16;

/// The modules of blocks in which macros stand as statements.
pub(super) type BlockModules = FxHashMap<(ModuleId, FileId, Span), ModuleId>;

/// The macros that stand in a block as statements, with their `cfg`.
fn calls(block: &Block) -> impl Iterator<Item = (&MacroCall, Option<&Cfg>)> {
    block.stmts.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Expr { expr, .. } => match &expr.kind {
            ExprKind::Macro(call) => Some((&**call, stmt.cfg.as_deref())),
            _ => None,
        },
        StmtKind::Let(_) => None,
    })
}

impl Evaluator<'_> {
    /// The module in which the names of a block are looked up; the one around it where the block has no items.
    pub(super) fn module_of_block(&mut self, block: &Block) -> ModuleId {
        let (outer, file, owner) = (self.scope.module, self.scope.file, self.scope.owner);
        let own = self.program.open_block(outer, &block.items, file, owner);
        if calls(block).next().is_none() {
            return own;
        }
        let key = (own, file, block.span);
        if let Some(known) = self.block_modules.get(&key) {
            return *known;
        }
        let mut module = own;
        self.add_made_items(block, file, &mut module, (outer, block.span), 0);
        self.block_modules.insert(key, module);
        module
    }

    /// Adds the items that the macros of `block` make to the block's module; where that is still the one around it
    /// (`outer`, in which the block stands at the given place), the block gets one of its own first.
    fn add_made_items(
        &mut self,
        block: &Block,
        file: FileId,
        module: &mut ModuleId,
        outer: (ModuleId, Span),
        depth: u32,
    ) {
        for (call, cfg) in calls(block) {
            let (made, expansion) = match self.program.expand(*module, file, call) {
                Some(Ok(made)) => (made, self.expansion(made)),
                Some(Err(_)) => continue,
                None => {
                    let text = self.program.text(file);
                    let statics = || self.statics_of(file, call);
                    (file, self.under_cfgs(call, &text).or_else(statics))
                }
            };
            let Some(expansion) = expansion else { continue };
            if !expansion.items.is_empty() {
                if *module == outer.0 {
                    let (file, owner) = (self.scope.file, self.scope.owner);
                    *module =
                        self.program.open_block_at(outer.0, outer.1, &Vec::new(), file, owner);
                }
                self.program.add_to_block(*module, &expansion.items, made, cfg);
            }
            if depth < DEPTH {
                self.add_made_items(&expansion, made, module, outer, depth + 1);
            }
        }
    }

    /// The statements and items of all branches of `cfg_if!` or `cfg_select!`, each under the `cfg` of its branch.
    ///
    /// - `text`: of the file in which the call stands.
    pub(super) fn under_cfgs(&self, call: &MacroCall, text: &str) -> Option<Rc<Block>> {
        let name = call.path.segments.last()?.name.as_str();
        let mut block = Block { span: call.args, ..Block::default() };
        for (cfg, span) in cfg_branches(name, call.args.of(text))? {
            let start = call.args.start;
            let mut branch =
                body::parse_stmts(text, Span::new(start + span.start, start + span.end))?;
            for stmt in &mut branch.stmts {
                stmt.cfg = both(cfg.as_ref(), stmt.cfg.as_deref()).map(Box::new);
            }
            for item in &mut branch.items {
                let item = Arc::make_mut(item);
                item.cfg = both(cfg.as_ref(), item.cfg.as_deref()).map(Box::new);
            }
            block.stmts.extend(branch.stmts);
            block.items.extend(branch.items);
        }
        Some(Rc::new(block))
    }

    /// The statics that a macro declares.
    fn statics_of(&self, file: FileId, call: &MacroCall) -> Option<Rc<Block>> {
        let items = self.program.static_items(file, call)?;
        Some(Rc::new(Block { span: call.args, items, ..Block::default() }))
    }

    /// What a macro expands to, as statements.
    pub(super) fn expansion(&mut self, file: FileId) -> Option<Rc<Block>> {
        let text = self.program.text(file);
        let span = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
        if let Some(known) = self.bodies.get(&(file, span), span.len()) {
            return known;
        }
        let parsed = body::parse_stmts(&text, span).map(Rc::new);
        self.bodies.insert((file, span), parsed.clone(), span.len());
        parsed
    }
}
