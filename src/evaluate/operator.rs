//! Operators whose meaning the types of the tree give, and those with `=`.

use super::{
    Evaluator,
    branch::Eval,
    method::Method,
    value::{Cell, Value, cell},
};
use crate::{
    link::types::Ty,
    source::Span,
    syntax::tree::{Expr, ExprKind, UnaryOp},
};

impl Evaluator<'_> {
    /// `target op= value`.
    pub(super) fn assign_with(
        &mut self,
        span: Span,
        op: &str,
        target: &Expr,
        value: &Expr,
    ) -> Eval {
        let value = self.eval(value)?;
        let (place, known) = self.place_known(target)?;
        let old = place.borrow().bare();
        self.current = self.here(span);
        if let Some(done) = self.operator_of_tree(op, true, &place, &value) {
            done?;
            return Ok(Value::Unit);
        }
        let new = match self.binary_of(op, &old, &value.bare()) {
            // What a number is added to stays a number.
            Value::Unknown(Ty::Unknown) => Value::Unknown(self.type_of(&old)),
            new => new,
        };
        if let (ExprKind::Index(list, _), false) = (&target.kind, known) {
            self.put_somewhere(list, &new)?;
        }
        self.write(&place, new);
        Ok(Value::Unit)
    }

    /// `!value` or `-value` where the type of `value` is of the tree and says what the operator does.
    pub(super) fn prefix_of_tree(&mut self, op: UnaryOp, value: &Value) -> Option<Eval> {
        let name = match op {
            UnaryOp::Not => "not",
            UnaryOp::Neg => "neg",
            UnaryOp::Deref => return None,
        };
        let value = value.bare();
        if !self.has_own_method(&value, name) {
            return None;
        }
        let method = Method { name, generics: Vec::new(), args: Vec::new(), at: self.current };
        Some(self.method_in_tree(&cell(value.clone()), &value, method))
    }

    /// `left op right` or `left op= right` where the type of `left` is of the tree and says what the operator does.
    pub(super) fn operator_of_tree(
        &mut self,
        op: &str,
        assigns: bool,
        left: &Cell,
        right: &Value,
    ) -> Option<Eval> {
        let (does, assigning) = operator_methods(op)?;
        let value = left.borrow().bare();
        let at = self.current;
        let method = |name| Method { name, generics: Vec::new(), args: vec![right.clone()], at };
        if assigns && self.has_own_method(&value, assigning) {
            return Some(self.method_in_tree(left, &value, method(assigning)));
        }
        if !self.has_own_method(&value, does) {
            return None;
        }
        let made = self.method_in_tree(left, &value, method(does));
        if assigns && let Ok(made) = &made {
            self.write(left, made.clone());
        }
        Some(made)
    }
}

/// The methods of `std::ops` that an operator calls, alone and with `=`.
fn operator_methods(op: &str) -> Option<(&'static str, &'static str)> {
    Some(match op {
        "+" => ("add", "add_assign"),
        "-" => ("sub", "sub_assign"),
        "*" => ("mul", "mul_assign"),
        "/" => ("div", "div_assign"),
        "%" => ("rem", "rem_assign"),
        "&" => ("bitand", "bitand_assign"),
        "|" => ("bitor", "bitor_assign"),
        "^" => ("bitxor", "bitxor_assign"),
        "<<" => ("shl", "shl_assign"),
        ">>" => ("shr", "shr_assign"),
        _ => return None,
    })
}
