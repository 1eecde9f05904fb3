//! Blocks and statements of `syn` to those of our tree; nested items join the block.

use super::lower::Lower;
use super::tree::{Block, Expr, ExprKind, Local, Skipped, Stmt, StmtKind};
use crate::source::Span;
use thin_vec::ThinVec;

impl Lower<'_> {
    /// Lowers a block; nested items that cannot be read become statements that say nothing.
    pub fn block(&self, block: &syn::Block) -> Block {
        let span = self.range(block.brace_token.span.open(), block.brace_token.span.close());
        self.stmts(&block.stmts, span)
    }

    /// Lowers statements.
    pub fn stmts(&self, stmts: &[syn::Stmt], span: Span) -> Block {
        let mut block =
            Block { stmts: ThinVec::with_capacity(stmts.len()), items: ThinVec::new(), span };
        let mut skipped: Vec<Skipped> = Vec::new();
        for stmt in stmts {
            match stmt {
                syn::Stmt::Item(item) => block.items.extend(self.item(item, &mut skipped)),
                stmt => block.stmts.extend(self.stmt(stmt)),
            }
        }
        block.stmts.extend(skipped.into_iter().map(|skipped| Stmt {
            cfg: None,
            kind: StmtKind::Expr {
                expr: Expr { kind: ExprKind::Other(ThinVec::new()), span: skipped.span },
                semi: true,
            },
            span: skipped.span,
        }));
        block.stmts.sort_by_key(|stmt| stmt.span.start);
        block
    }

    fn stmt(&self, stmt: &syn::Stmt) -> Option<Stmt> {
        let (cfg, kind, span) = match stmt {
            syn::Stmt::Local(local) => {
                let span = self.range(local.let_token.span, local.semi_token.span);
                let (pat, ty) = match &local.pat {
                    syn::Pat::Type(typed) => (self.pat(&typed.pat), Some(self.ty(&typed.ty))),
                    pat => (self.pat(pat), None),
                };
                let otherwise =
                    local.init.as_ref().and_then(|init| init.diverge.as_ref()).map(|(_, block)| {
                        let expr = self.expr(block);
                        match expr.kind {
                            ExprKind::Block(_, block) => block,
                            _ => Block { span: expr.span, ..Block::default() },
                        }
                    });
                let init = local.init.as_ref().map(|init| self.expr(&init.expr));
                (
                    self.cfg(&local.attrs),
                    StmtKind::Let(Box::new(Local { pat, ty, init, otherwise })),
                    span,
                )
            }
            syn::Stmt::Expr(expr, semi) => {
                let cfg = self.cfg(leading_attrs(expr));
                let expr = self.expr(expr);
                let span = semi.map_or(expr.span, |semi| expr.span.to(self.span(semi.span)));
                (cfg, StmtKind::Expr { expr, semi: semi.is_some() }, span)
            }
            syn::Stmt::Macro(stmt) => {
                let call = self.macro_call(&stmt.mac);
                let own = call.span;
                let span = stmt.semi_token.map_or(own, |semi| own.to(self.span(semi.span)));
                let expr = Expr { kind: ExprKind::Macro(Box::new(call)), span: own };
                (
                    self.cfg(&stmt.attrs),
                    StmtKind::Expr { expr, semi: stmt.semi_token.is_some() },
                    span,
                )
            }
            syn::Stmt::Item(_) => return None,
        };
        Some(Stmt { cfg, kind, span })
    }
}

/// The attributes of a statement: `syn` hangs them on its leftmost part.
pub fn leading_attrs(expr: &syn::Expr) -> &[syn::Attribute] {
    let mut expr = expr;
    loop {
        expr = match expr {
            syn::Expr::Assign(inner) => &inner.left,
            syn::Expr::Binary(inner) => &inner.left,
            syn::Expr::Cast(inner) => &inner.expr,
            syn::Expr::MethodCall(inner) => return &inner.attrs,
            syn::Expr::Call(inner) => return &inner.attrs,
            syn::Expr::Macro(inner) => return &inner.attrs,
            syn::Expr::Block(inner) => return &inner.attrs,
            syn::Expr::If(inner) => return &inner.attrs,
            syn::Expr::Match(inner) => return &inner.attrs,
            syn::Expr::Return(inner) => return &inner.attrs,
            syn::Expr::ForLoop(inner) => return &inner.attrs,
            syn::Expr::While(inner) => return &inner.attrs,
            syn::Expr::Loop(inner) => return &inner.attrs,
            syn::Expr::Path(inner) => return &inner.attrs,
            syn::Expr::Field(inner) => return &inner.attrs,
            syn::Expr::Index(inner) => return &inner.attrs,
            syn::Expr::Unary(inner) => return &inner.attrs,
            syn::Expr::Try(inner) => return &inner.attrs,
            syn::Expr::Await(inner) => return &inner.attrs,
            syn::Expr::Unsafe(inner) => return &inner.attrs,
            syn::Expr::Async(inner) => return &inner.attrs,
            syn::Expr::Lit(inner) => return &inner.attrs,
            syn::Expr::Paren(inner) => return &inner.attrs,
            syn::Expr::Tuple(inner) => return &inner.attrs,
            syn::Expr::Struct(inner) => return &inner.attrs,
            syn::Expr::Array(inner) => return &inner.attrs,
            syn::Expr::Reference(inner) => return &inner.attrs,
            syn::Expr::Break(inner) => return &inner.attrs,
            syn::Expr::Continue(inner) => return &inner.attrs,
            syn::Expr::Closure(inner) => return &inner.attrs,
            _ => return &[],
        }
    }
}
