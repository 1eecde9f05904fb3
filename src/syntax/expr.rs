//! Expressions of `syn` to those of our tree.
//!
//! Spans are put together from parts: asking `syn` for the span of a whole expression costs its length, which for a
//! chain of calls makes a square.

use std::sync::Arc;
use thin_vec::{ThinVec, thin_vec};

use syn::spanned::Spanned as _;

use super::lower::{Lower, ident};
use super::pattern::{literal, member};
use super::stmt::leading_attrs;
use super::tree::{Arm, Cfg, ClosureExpr, Expr, ExprKind, Label, MethodCall, Name, Param, UnaryOp};

impl Lower<'_> {
    /// Lowers an expression.
    pub fn expr(&self, expr: &syn::Expr) -> Expr {
        match expr {
            syn::Expr::MethodCall(_)
            | syn::Expr::Call(_)
            | syn::Expr::Field(_)
            | syn::Expr::Index(_)
            | syn::Expr::Try(_)
            | syn::Expr::Await(_)
            | syn::Expr::Cast(_)
            | syn::Expr::Binary(_) => self.chain(expr),
            syn::Expr::Assign(expr) => self.assign(expr),
            syn::Expr::Group(expr) => self.expr(&expr.expr),
            syn::Expr::Paren(expr) => self.expr(&expr.expr),
            syn::Expr::Lit(expr) => {
                Expr { kind: ExprKind::Lit(literal(&expr.lit)), span: self.span(expr.lit.span()) }
            }
            syn::Expr::Path(expr) => {
                let path = self.qualified(expr.qself.as_ref(), &expr.path);
                let span = path.span;
                Expr { kind: ExprKind::Path(path), span }
            }
            syn::Expr::Macro(expr) => {
                let call = Box::new(self.macro_call(&expr.mac));
                let span = call.span;
                Expr { kind: ExprKind::Macro(call), span }
            }
            syn::Expr::Unary(_)
            | syn::Expr::Reference(_)
            | syn::Expr::RawAddr(_)
            | syn::Expr::Let(_)
            | syn::Expr::Break(_)
            | syn::Expr::Continue(_)
            | syn::Expr::Return(_)
            | syn::Expr::Yield(_)
            | syn::Expr::Range(_)
            | syn::Expr::Closure(_) => self.prefixed(expr),
            syn::Expr::Array(_)
            | syn::Expr::Repeat(_)
            | syn::Expr::Struct(_)
            | syn::Expr::Tuple(_) => self.collection(expr),
            expr => self.control(expr),
        }
    }

    /// What starts with an operand. A loop, since `syn` nests a chain of calls to the left as deep as it is long.
    fn chain(&self, expr: &syn::Expr) -> Expr {
        let mut links = ThinVec::new();
        let mut operand = expr;
        while let Some(inner) = first_operand(operand) {
            links.push(operand);
            operand = inner;
        }
        let mut lowered = self.expr(operand);
        while let Some(link) = links.pop() {
            lowered = self.link(link, lowered);
        }
        lowered
    }

    /// One link of a chain, its first operand lowered.
    fn link(&self, expr: &syn::Expr, first: Expr) -> Expr {
        let start = first.span;
        let (kind, end) = match expr {
            syn::Expr::MethodCall(expr) => {
                let call = MethodCall {
                    receiver: first,
                    name: ident(&expr.method),
                    name_span: self.span(expr.method.span()),
                    generics: expr
                        .turbofish
                        .as_ref()
                        .map(|args| self.generic_args(args).0)
                        .unwrap_or_default(),
                    args: self.exprs(&expr.args),
                };
                (ExprKind::MethodCall(Box::new(call)), self.span(expr.paren_token.span.close()))
            }
            syn::Expr::Call(expr) => {
                let kind = ExprKind::Call(Box::new(first), self.exprs(&expr.args));
                (kind, self.span(expr.paren_token.span.close()))
            }
            syn::Expr::Field(expr) => {
                let name = match &expr.member {
                    syn::Member::Named(name) => name.span(),
                    syn::Member::Unnamed(index) => index.span,
                };
                (ExprKind::Field(Box::new(first), member(&expr.member)), self.span(name))
            }
            syn::Expr::Index(expr) => {
                let kind = ExprKind::Index(Box::new(first), Box::new(self.expr(&expr.index)));
                (kind, self.span(expr.bracket_token.span.close()))
            }
            syn::Expr::Try(expr) => {
                (ExprKind::Try(Box::new(first)), self.span(expr.question_token.span))
            }
            syn::Expr::Await(expr) => {
                (ExprKind::Await(Box::new(first)), self.span(expr.await_token.span))
            }
            syn::Expr::Cast(expr) => {
                (ExprKind::Cast(Box::new(first), self.ty(&expr.ty)), self.span(expr.ty.span()))
            }
            syn::Expr::Binary(expr) => {
                let right = self.expr(&expr.right);
                let end = right.span;
                (binary(&expr.op, first, right), end)
            }
            expr => return self.unread_expr(expr),
        };
        Expr { kind, span: start.to(end) }
    }

    fn assign(&self, expr: &syn::ExprAssign) -> Expr {
        let (left, right) = (self.expr(&expr.left), self.expr(&expr.right));
        let span = left.span.to(right.span);
        Expr { kind: ExprKind::Assign(Box::new(left), Box::new(right)), span }
    }

    /// What starts with an operator or a keyword and ends with an operand.
    fn prefixed(&self, expr: &syn::Expr) -> Expr {
        let boxed = |expr: &syn::Expr| Box::new(self.expr(expr));
        let maybe = |expr: Option<&syn::Expr>| expr.map(boxed);
        let (first, kind) = match expr {
            syn::Expr::Unary(expr) => {
                let (op, span) = match expr.op {
                    syn::UnOp::Deref(token) => (UnaryOp::Deref, token.span),
                    syn::UnOp::Not(token) => (UnaryOp::Not, token.span),
                    syn::UnOp::Neg(token) => (UnaryOp::Neg, token.span),
                    _ => return self.expr(&expr.expr),
                };
                (span, ExprKind::Unary(op, boxed(&expr.expr)))
            }
            syn::Expr::Reference(expr) => {
                (expr.and_token.span, ExprKind::Ref(expr.mutability.is_some(), boxed(&expr.expr)))
            }
            syn::Expr::RawAddr(expr) => {
                let mutable = matches!(expr.mutability, syn::PointerMutability::Mut(_));
                (expr.and_token.span, ExprKind::Ref(mutable, boxed(&expr.expr)))
            }
            syn::Expr::Let(expr) => (
                expr.let_token.span,
                ExprKind::Let(Box::new(self.pat(&expr.pat)), boxed(&expr.expr)),
            ),
            syn::Expr::Break(expr) => {
                let kind = ExprKind::Break(label(expr.label.as_ref()), maybe(expr.expr.as_deref()));
                (expr.break_token.span, kind)
            }
            syn::Expr::Continue(expr) => {
                (expr.continue_token.span, ExprKind::Continue(label(expr.label.as_ref())))
            }
            syn::Expr::Return(expr) => {
                (expr.return_token.span, ExprKind::Return(maybe(expr.expr.as_deref())))
            }
            syn::Expr::Yield(expr) => {
                let value = expr.expr.as_deref().map(|value| self.expr(value));
                (expr.yield_token.span, ExprKind::Other(value.into_iter().collect()))
            }
            syn::Expr::Range(expr) => {
                let (limits, closed) = match &expr.limits {
                    syn::RangeLimits::HalfOpen(token) => (self.span(token.span()), false),
                    syn::RangeLimits::Closed(token) => (self.span(token.span()), true),
                };
                let (start, end) = (maybe(expr.start.as_deref()), maybe(expr.end.as_deref()));
                let span = start.as_ref().map_or(limits, |start| start.span.to(limits));
                let span = end.as_ref().map_or(span, |end| span.to(end.span));
                return Expr { kind: ExprKind::Range(start, end, closed), span };
            }
            syn::Expr::Closure(expr) => return self.closure(expr),
            expr => return self.unread_expr(expr),
        };
        let mut span = self.span(first);
        match &kind {
            ExprKind::Unary(_, last)
            | ExprKind::Ref(_, last)
            | ExprKind::Let(_, last)
            | ExprKind::Break(_, Some(last))
            | ExprKind::Return(Some(last)) => span = span.to(last.span),
            ExprKind::Other(values) => {
                span = values.iter().fold(span, |span, value| span.to(value.span));
            }
            _ => {}
        }
        Expr { kind, span }
    }

    fn closure(&self, expr: &syn::ExprClosure) -> Expr {
        let params = expr.inputs.iter().map(|input| match input {
            syn::Pat::Type(typed) => self.param(typed),
            pat => Param { pat: self.pat(pat), ty: None, attrs: ThinVec::new(), cfg: None },
        });
        let params = params.collect();
        let body = self.expr(&expr.body);
        let first = [expr.asyncness.map(|token| token.span), expr.capture.map(|token| token.span)];
        let first = first.into_iter().flatten().next().unwrap_or(expr.inputs_begin.span);
        let span = self.span(first).to(body.span);
        let is_async = expr.asyncness.is_some();
        let (ret, is_move) = (self.return_type(&expr.output), expr.capture.is_some());
        let closure = ClosureExpr { params, ret, body, is_async, is_move };
        Expr { kind: ExprKind::Closure(Arc::new(closure)), span }
    }

    /// Arrays, tuples and struct literals.
    fn collection(&self, expr: &syn::Expr) -> Expr {
        match expr {
            syn::Expr::Array(expr) => {
                let span =
                    self.range(expr.bracket_token.span.open(), expr.bracket_token.span.close());
                Expr { kind: ExprKind::Array(self.exprs(&expr.elems)), span }
            }
            syn::Expr::Repeat(expr) => {
                let span =
                    self.range(expr.bracket_token.span.open(), expr.bracket_token.span.close());
                let kind = ExprKind::Repeat(
                    Box::new(self.expr(&expr.expr)),
                    Box::new(self.expr(&expr.len)),
                );
                Expr { kind, span }
            }
            syn::Expr::Tuple(expr) => {
                let span = self.range(expr.paren_token.span.open(), expr.paren_token.span.close());
                Expr { kind: ExprKind::Tuple(self.exprs(&expr.elems)), span }
            }
            syn::Expr::Struct(expr) => {
                let path = self.qualified(expr.qself.as_ref(), &expr.path);
                let span = path.span.to(self.span(expr.brace_token.span.close()));
                let fields = expr.fields.iter().map(|field| {
                    (member(&field.member), self.under(self.cfg(&field.attrs), &field.expr))
                });
                let rest = expr.rest.as_deref().map(|rest| Box::new(self.expr(rest)));
                Expr { kind: ExprKind::Struct(path, fields.collect(), rest), span }
            }
            expr => self.unread_expr(expr),
        }
    }

    /// Blocks and what holds them.
    fn control(&self, expr: &syn::Expr) -> Expr {
        let kind_of = |name: Option<&syn::Label>, block| {
            ExprKind::Block(label(name.map(|label| &label.name)), block)
        };
        let named = |name: Option<&syn::Label>, keyword| {
            self.span(name.map_or(keyword, |label| label.name.span()))
        };
        let (first, end, kind) = match expr {
            syn::Expr::If(expr) => return self.if_else(expr),
            syn::Expr::Match(expr) => {
                let kind = ExprKind::Match(
                    Box::new(self.expr(&expr.expr)),
                    expr.arms.iter().map(|arm| self.arm(arm)).collect(),
                );
                (self.span(expr.match_token.span), self.span(expr.brace_token.span.close()), kind)
            }
            syn::Expr::Block(expr) => {
                let block = self.block(&expr.block);
                let first =
                    expr.label.as_ref().map_or(block.span, |label| self.span(label.name.span()));
                (first, block.span, kind_of(expr.label.as_ref(), block))
            }
            syn::Expr::Unsafe(expr) => {
                let block = self.block(&expr.block);
                (self.span(expr.unsafe_token.span), block.span, kind_of(None, block))
            }
            syn::Expr::Const(expr) => {
                let block = self.block(&expr.block);
                (self.span(expr.const_token.span), block.span, kind_of(None, block))
            }
            syn::Expr::Async(expr) => {
                let block = self.block(&expr.block);
                let span = block.span;
                let body = Expr { kind: kind_of(None, block), span };
                let is_move = expr.capture.is_some();
                let run = ClosureExpr {
                    params: ThinVec::new(),
                    ret: None,
                    body,
                    is_async: true,
                    is_move,
                };
                (self.span(expr.async_token.span), span, ExprKind::Async(Arc::new(run)))
            }
            syn::Expr::TryBlock(expr) => {
                let block = self.block(&expr.block);
                let span = block.span;
                let inner = Expr { kind: kind_of(None, block), span };
                (self.span(expr.try_token.span), span, ExprKind::Other(thin_vec![inner]))
            }
            syn::Expr::Loop(expr) => {
                let body = self.block(&expr.body);
                let first = named(expr.label.as_ref(), expr.loop_token.span);
                (
                    first,
                    body.span,
                    ExprKind::Loop(label(expr.label.as_ref().map(|label| &label.name)), body),
                )
            }
            syn::Expr::While(expr) => {
                let body = self.block(&expr.body);
                let first = named(expr.label.as_ref(), expr.while_token.span);
                let name = label(expr.label.as_ref().map(|label| &label.name));
                (first, body.span, ExprKind::While(name, Box::new(self.expr(&expr.cond)), body))
            }
            syn::Expr::ForLoop(expr) => {
                let body = self.block(&expr.body);
                let first = named(expr.label.as_ref(), expr.for_token.span);
                let name = label(expr.label.as_ref().map(|label| &label.name));
                let (pat, iter) = (Box::new(self.pat(&expr.pat)), Box::new(self.expr(&expr.expr)));
                (first, body.span, ExprKind::For(name, pat, iter, body))
            }
            expr => return self.unread_expr(expr),
        };
        Expr { kind, span: first.to(end) }
    }

    fn if_else(&self, expr: &syn::ExprIf) -> Expr {
        let cond = Box::new(self.expr(&expr.cond));
        let then = self.block(&expr.then_branch);
        let otherwise = expr.else_branch.as_ref().map(|(_, branch)| Box::new(self.expr(branch)));
        let end = otherwise.as_ref().map_or(then.span, |branch| branch.span);
        Expr {
            kind: ExprKind::If(cond, then, otherwise),
            span: self.span(expr.if_token.span).to(end),
        }
    }

    fn arm(&self, arm: &syn::Arm) -> Arm {
        let (pat, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => {
                (self.pat(&guarded.pat), Some(Box::new(self.expr(&guarded.guard))))
            }
            pat => (self.pat(pat), None),
        };
        Arm { pat, guard, body: self.expr(&arm.body), cfg: self.cfg(&arm.attrs) }
    }

    fn unread_expr(&self, expr: &syn::Expr) -> Expr {
        Expr { kind: ExprKind::Other(ThinVec::new()), span: self.span(expr.span()) }
    }

    /// Lowers elements or arguments.
    pub fn exprs<'e>(&self, exprs: impl IntoIterator<Item = &'e syn::Expr>) -> ThinVec<Expr> {
        exprs.into_iter().map(|expr| self.under(self.cfg(leading_attrs(expr)), expr)).collect()
    }

    /// What stands under a `cfg` if there is one.
    fn under(&self, cfg: Option<Box<Cfg>>, expr: &syn::Expr) -> Expr {
        let expr = self.expr(expr);
        match cfg {
            Some(cfg) => {
                let span = expr.span;
                Expr { kind: ExprKind::Under(cfg, Box::new(expr)), span }
            }
            None => expr,
        }
    }
}

/// The operand a link of a chain starts with.
fn first_operand(expr: &syn::Expr) -> Option<&syn::Expr> {
    Some(match expr {
        syn::Expr::MethodCall(expr) => &expr.receiver,
        syn::Expr::Call(expr) => &expr.func,
        syn::Expr::Field(expr) => &expr.base,
        syn::Expr::Index(expr) => &expr.expr,
        syn::Expr::Try(expr) => &expr.expr,
        syn::Expr::Await(expr) => &expr.base,
        syn::Expr::Cast(expr) => &expr.expr,
        syn::Expr::Binary(expr) => &expr.left,
        _ => return None,
    })
}

fn label(label: Option<&syn::Lifetime>) -> Label {
    label.map(|label| Box::new(ident(&label.ident)))
}

fn binary(op: &syn::BinOp, left: Expr, right: Expr) -> ExprKind {
    let (left, right) = (Box::new(left), Box::new(right));
    let (name, assigns) = match op {
        syn::BinOp::Add(_) => ("+", false),
        syn::BinOp::Sub(_) => ("-", false),
        syn::BinOp::Mul(_) => ("*", false),
        syn::BinOp::Div(_) => ("/", false),
        syn::BinOp::Rem(_) => ("%", false),
        syn::BinOp::And(_) => ("&&", false),
        syn::BinOp::Or(_) => ("||", false),
        syn::BinOp::BitXor(_) => ("^", false),
        syn::BinOp::BitAnd(_) => ("&", false),
        syn::BinOp::BitOr(_) => ("|", false),
        syn::BinOp::Shl(_) => ("<<", false),
        syn::BinOp::Shr(_) => (">>", false),
        syn::BinOp::Eq(_) => ("==", false),
        syn::BinOp::Lt(_) => ("<", false),
        syn::BinOp::Le(_) => ("<=", false),
        syn::BinOp::Ne(_) => ("!=", false),
        syn::BinOp::Ge(_) => (">=", false),
        syn::BinOp::Gt(_) => (">", false),
        syn::BinOp::AddAssign(_) => ("+", true),
        syn::BinOp::SubAssign(_) => ("-", true),
        syn::BinOp::MulAssign(_) => ("*", true),
        syn::BinOp::DivAssign(_) => ("/", true),
        syn::BinOp::RemAssign(_) => ("%", true),
        syn::BinOp::BitXorAssign(_) => ("^", true),
        syn::BinOp::BitAndAssign(_) => ("&", true),
        syn::BinOp::BitOrAssign(_) => ("|", true),
        syn::BinOp::ShlAssign(_) => ("<<", true),
        syn::BinOp::ShrAssign(_) => (">>", true),
        _ => ("", false),
    };
    let name = Name::new_static(name);
    if assigns {
        ExprKind::AssignOp(name, left, right)
    } else {
        ExprKind::Binary(name, left, right)
    }
}
