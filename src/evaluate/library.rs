//! What the standard library does to values.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Flow,
    method::Method,
    text::Text,
    value::{Cell, List, Term, Value, cell},
};
use crate::{link::types::Ty, source::Place};

/// What is inside an `Option` or `Result`.
pub(super) enum Unwrapped {
    /// `Some(x)`, `Ok(x)`.
    Inside(Value),
    /// `None`, `Err(_)`.
    Nothing,
    /// Neither is known.
    Other,
}

/// Looks into an `Option` or `Result`.
pub(super) fn unwrap(value: &Value) -> Unwrapped {
    let Value::Term(term) = value.bare() else { return Unwrapped::Other };
    match term.path.rsplit("::").next() {
        Some("Some" | "Ok") if term.path.starts_with("std::") => Unwrapped::Inside(
            term.args
                .as_ref()
                .and_then(|args| args.first())
                .cloned()
                .unwrap_or_else(Value::unknown),
        ),
        Some("None" | "Err") if term.path.starts_with("std::") => Unwrapped::Nothing,
        _ => Unwrapped::Other,
    }
}

impl Evaluator<'_> {
    /// Functions of `std`; `None` when it is none that is known here.
    pub(super) fn library_call(
        &mut self,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Result<Option<Value>, Flow> {
        let Some(path) = term.path.strip_prefix("std::") else { return Ok(None) };
        let first = args.first().cloned();
        let (owner, name) = path.rsplit_once("::").unwrap_or(("", path));
        let owner = owner.rsplit("::").next().unwrap_or(owner);
        Ok(Some(match (owner, name) {
            (
                "Box" | "Arc" | "Rc" | "Pin" | "Mutex" | "RwLock" | "Cell" | "RefCell" | "Cow"
                | "OnceLock",
                "new" | "pin" | "from" | "Borrowed" | "Owned",
            )
            | ("convert", "identity")
            | ("Into", "into")
            | ("future", "ready")
            | ("From", "from")
            | ("Clone", "clone") => first.unwrap_or_else(Value::unknown),
            ("String", "new") => Value::Str(Text::known("")),
            ("String" | "str", "from" | "from_str")
            | ("ToString", "to_string")
            | ("ToOwned", "to_owned") => {
                first.map_or_else(super::pattern::unknown_text, |value| as_text(&value))
            }
            ("String" | "Vec", "with_capacity") | ("Vec" | "VecDeque", "new") => {
                if owner == "String" {
                    Value::Str(Text::known(""))
                } else {
                    Value::list(Vec::new())
                }
            }
            // What is made when it is first asked for is taken as made here.
            ("LazyLock" | "LazyCell", "new") => {
                self.call(&first.unwrap_or_else(Value::unknown), Vec::new(), at)?
            }
            ("Vec", "from" | "from_iter") => first.unwrap_or_else(Value::unknown),
            ("mem", "take") => {
                let Some(Value::Ref(target)) = first else {
                    return Ok(Some(first.unwrap_or_else(Value::unknown)));
                };
                let held = target.borrow().clone();
                let ty = self.type_of(&held);
                let empty = self.default_of(&ty, at);
                self.write(&target, empty);
                held
            }
            ("mem", "replace") => {
                let Some(Value::Ref(target)) = first else { return Ok(None) };
                let held = target.borrow().clone();
                self.write(&target, args.get(1).cloned().unwrap_or_else(Value::unknown));
                held
            }
            ("iter", "once") => Value::list(args.to_vec()),
            ("iter", "empty") => Value::list(Vec::new()),
            ("Default" | "Vec" | "String" | "Option", "default") => {
                let ty = term
                    .generics
                    .first()
                    .cloned()
                    .or_else(|| self.expected.clone())
                    .unwrap_or(Ty::Unknown);
                self.default_of(&ty, at)
            }
            ("process", "exit" | "abort") => return Err(Flow::Return),
            _ => return Ok(None),
        }))
    }

    /// Methods of `std` types; `None` when it is none that is known here.
    pub(super) fn library_method(
        &mut self,
        receiver: &Cell,
        bare: &Value,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let target = super::expr::target_of(receiver);
        if let Value::Str(text) = bare {
            return Ok(self.text_method(&target, text, method));
        }
        match unwrap(bare) {
            Unwrapped::Inside(inner) => return self.wrapped_method(bare, Some(&inner), method),
            Unwrapped::Nothing => return self.wrapped_method(bare, None, method),
            Unwrapped::Other => {}
        }
        if let Value::List(list) = bare {
            return self.list_method(&target, list, method);
        }
        Ok(Some(match method.name {
            "clone" | "to_owned" | "cloned" | "copied"
                if !matches!(bare, Value::Unknown(Ty::Def(..))) =>
            {
                bare.copied()
            }
            "as_ref" | "as_mut" | "borrow" | "borrow_mut" | "by_ref" | "lock" | "unwrap"
            | "expect" | "into_inner" | "into" | "try_into" | "boxed" | "as_deref"
            | "unwrap_or_default" | "await"
                if !matches!(bare, Value::Unknown(_)) && method.args.len() <= 1 =>
            {
                match receiver.borrow().clone() {
                    Value::Ref(inner)
                        if matches!(method.name, "as_mut" | "borrow_mut" | "by_ref" | "lock") =>
                    {
                        Value::Ref(inner)
                    }
                    value => value,
                }
            }
            "unwrap" | "expect" | "unwrap_or_default" => match bare {
                Value::Unknown(ty) => {
                    let inner = super::types::success_type(ty);
                    self.symbolic(&inner)
                }
                _ => return Ok(None),
            },
            "to_string" if matches!(bare, Value::Int(_) | Value::Char(_) | Value::Bool(_)) => {
                as_text(bare)
            }
            _ => return Ok(None),
        }))
    }

    fn text_method(&mut self, target: &Cell, text: &Text, method: &Method<'_>) -> Option<Value> {
        let arg = method.args.first();
        let other = || arg.and_then(Value::text).unwrap_or_else(Text::hole);
        let exact = |change: &dyn Fn(&str, &str) -> String| match (text.exact(), other().exact()) {
            (Some(a), Some(b)) => Value::Str(Text::known(&change(&a, &b))),
            _ => Value::Str(Text::hole()),
        };
        Some(match method.name {
            "push_str" | "push" | "write_str" => {
                let joined = text.then(&other());
                self.write(target, Value::Str(joined));
                Value::Unit
            }
            "insert_str" => {
                let joined = match method.args.as_slice() {
                    [Value::Int(0), front] => front.text().unwrap_or_else(Text::hole).then(text),
                    _ => Text::hole(),
                };
                self.write(target, Value::Str(joined));
                Value::Unit
            }
            "clear" => {
                self.write(target, Value::Str(Text::known("")));
                Value::Unit
            }
            "to_string" | "to_owned" | "into" | "as_str" | "clone" | "as_ref" | "into_string"
            | "into_boxed_str" | "to_str" | "borrow" | "as_mut_str" | "deref" | "into_owned"
            | "as_bytes" | "unwrap" | "expect" => Value::Str(text.clone()),
            "trim" => Value::Str(text.exact().map_or_else(Text::hole, |t| Text::known(t.trim()))),
            "to_lowercase" | "to_ascii_lowercase" => Value::Str(text.map(str::to_lowercase)),
            "to_uppercase" | "to_ascii_uppercase" => Value::Str(text.map(str::to_uppercase)),
            "trim_end_matches" => {
                exact(&|a, b| a.strip_suffix(b).map_or(a, |_| a.trim_end_matches(b)).to_owned())
            }
            "trim_start_matches" => exact(&|a, b| a.trim_start_matches(b).to_owned()),
            "repeat" => match (text.exact(), arg) {
                (Some(a), Some(Value::Int(n @ 0..=64))) => {
                    Value::Str(Text::known(&a.repeat(usize::try_from(*n).unwrap_or(0))))
                }
                _ => Value::Str(Text::hole()),
            },
            "replace" => match (text.exact(), method.args.as_slice()) {
                (Some(a), [from, to]) => {
                    match (from.text().and_then(|t| t.exact()), to.text().and_then(|t| t.exact())) {
                        (Some(from), Some(to)) => Value::Str(Text::known(&a.replace(&from, &to))),
                        _ => Value::Str(Text::hole()),
                    }
                }
                _ => Value::Str(Text::hole()),
            },
            "len" => text
                .exact()
                .and_then(|t| i128::try_from(t.len()).ok())
                .map_or_else(Value::unknown, Value::Int),
            "is_empty" => text.exact().map_or_else(Value::unknown, |t| Value::Bool(t.is_empty())),
            "starts_with" | "ends_with" | "contains" => match (text.exact(), other().exact()) {
                (Some(a), Some(b)) => Value::Bool(match method.name {
                    "starts_with" => a.starts_with(&b),
                    "ends_with" => a.ends_with(&b),
                    _ => a.contains(&b),
                }),
                _ => Value::unknown(),
            },
            "split" => match (text.exact(), other().exact()) {
                (Some(a), Some(b)) if !b.is_empty() => Value::list(
                    a.split(b.as_str()).map(|part| Value::Str(Text::known(part))).collect(),
                ),
                _ => Value::unknown(),
            },
            _ => return None,
        })
    }

    /// Methods of an `Option` or `Result` of which it is known what it is.
    fn wrapped_method(
        &mut self,
        whole: &Value,
        inside: Option<&Value>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let arg = method.args.first();
        let at = method.at;
        let rewrap = |value: Value| match whole {
            Value::Term(term) => {
                Value::Term(Rc::new(Term { args: Some(vec![value]), ..(**term).clone() }))
            }
            _ => value,
        };
        Ok(Some(match (method.name, inside) {
            (
                "unwrap" | "expect" | "unwrap_or_default" | "unwrap_or" | "unwrap_or_else" | "take",
                Some(inner),
            ) => {
                if method.name == "take" {
                    whole.clone()
                } else {
                    inner.clone()
                }
            }
            ("map_or" | "map_or_else", Some(inner)) => {
                let run = method.args.get(1).cloned().unwrap_or_else(Value::unknown);
                self.call(&run, vec![inner.clone()], at)?
            }
            ("map_or" | "unwrap_or", None) => arg.cloned().unwrap_or_else(Value::unknown),
            ("unwrap_or_else" | "map_or_else" | "or_else", None) => {
                self.call(&arg.cloned().unwrap_or_else(Value::unknown), Vec::new(), at)?
            }
            ("map", Some(inner)) => {
                let made = self.call(
                    &arg.cloned().unwrap_or_else(Value::unknown),
                    vec![inner.clone()],
                    at,
                )?;
                rewrap(made)
            }
            ("and_then", Some(inner)) => {
                self.call(&arg.cloned().unwrap_or_else(Value::unknown), vec![inner.clone()], at)?
            }
            ("map" | "and_then" | "filter", None) => whole.clone(),
            ("is_some" | "is_ok", inside) => Value::Bool(inside.is_some()),
            ("is_none" | "is_err", inside) => Value::Bool(inside.is_none()),
            ("unwrap" | "expect", None) => return Err(Flow::Return),
            (
                "as_ref" | "as_mut" | "as_deref" | "ok" | "cloned" | "copied" | "clone" | "map_err"
                | "ok_or" | "or" | "ok_or_else" | "context" | "with_context" | "into"
                | "inspect_err",
                _,
            ) => whole.clone(),
            ("iter" | "into_iter", inside) => Value::list(inside.cloned().into_iter().collect()),
            _ => return Ok(None),
        }))
    }

    fn list_method(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let arg = method.args.first().cloned();
        let at = method.at;
        let with = |items: Vec<Value>, open: bool| Value::List(Rc::new(List { items, open }));
        let run = arg.clone().unwrap_or_else(Value::unknown);
        Ok(Some(match method.name {
            "push" | "push_back" | "insert" => {
                let mut items = list.items.clone();
                items.extend(method.args.last().cloned());
                self.write(target, with(items, list.open));
                Value::Unit
            }
            "extend" | "append" | "extend_from_slice" => {
                let more = arg.and_then(|arg| self.iterated(&arg));
                let mut items = list.items.clone();
                let open = list.open || more.as_ref().is_none_or(|more| more.open);
                items.extend(more.iter().flat_map(|more| more.items.iter().cloned()));
                self.write(target, with(items, open));
                Value::Unit
            }
            "chain" => {
                let more = arg.and_then(|arg| self.iterated(&arg));
                let open = list.open || more.as_ref().is_none_or(|more| more.open);
                let items = list
                    .items
                    .iter()
                    .cloned()
                    .chain(more.iter().flat_map(|more| more.items.iter().cloned()));
                with(items.collect(), open)
            }
            "iter" | "into_iter" | "iter_mut" | "collect" | "to_vec" | "clone" | "copied"
            | "cloned" | "as_slice" | "into" | "as_ref" | "drain" | "peekable" | "fuse"
            | "into_boxed_slice" | "to_owned" | "filter" | "skip_while" | "take_while"
            | "unwrap" | "values" | "by_ref" | "into_values" => Value::List(list.clone()),
            "rev" => with(list.items.iter().rev().cloned().collect(), list.open),
            "enumerate" => {
                let items = list.items.iter().zip(0..).map(|(item, n)| {
                    Value::Tuple(Rc::new(vec![cell(Value::Int(n)), cell(item.clone())]))
                });
                with(items.collect(), list.open)
            }
            "zip" => {
                let other = arg.and_then(|arg| self.iterated(&arg)).unwrap_or_default();
                let items =
                    list.items.iter().zip(&other.items).map(|(a, b)| {
                        Value::Tuple(Rc::new(vec![cell(a.clone()), cell(b.clone())]))
                    });
                with(items.collect(), list.open)
            }
            "map" | "for_each" | "filter_map" | "flat_map" | "inspect" => {
                let mut items = Vec::new();
                for item in &list.items {
                    let made = self.call(&run, vec![item.clone()], at)?;
                    match method.name {
                        "flat_map" => match self.iterated(&made) {
                            Some(inner) => items.extend(inner.items.iter().cloned()),
                            None => items.push(made),
                        },
                        "filter_map" => match unwrap(&made) {
                            Unwrapped::Inside(inner) => items.push(inner),
                            Unwrapped::Nothing => {}
                            Unwrapped::Other => items.push(made),
                        },
                        _ => items.push(made),
                    }
                }
                with(items, list.open)
            }
            "fold" | "try_fold" => {
                let mut state = run;
                let step = method.args.get(1).cloned().unwrap_or_else(Value::unknown);
                for item in &list.items {
                    state = self.call(&step, vec![state, item.clone()], at)?;
                }
                state
            }
            "reduce" => {
                let mut items = list.items.iter();
                let Some(mut state) = items.next().cloned() else {
                    return Ok(Some(Value::unknown()));
                };
                for item in items {
                    state = self.call(&run, vec![state, item.clone()], at)?;
                }
                Value::term("std::option::Option::Some", Some(vec![state]), at)
            }
            "join" | "concat"
                if list.items.iter().any(|item| matches!(item.bare(), Value::List(_))) =>
            {
                let mut items = Vec::new();
                let mut open = list.open;
                for item in &list.items {
                    if let Value::List(inner) = item.bare() {
                        open |= inner.open;
                        items.extend(inner.items.iter().cloned());
                    } else {
                        open = true;
                    }
                }
                with(items, open)
            }
            "join" | "concat" => {
                let between = arg.and_then(|arg| arg.text()).unwrap_or_default();
                let mut text = Text::default();
                for (n, item) in list.items.iter().enumerate() {
                    if n > 0 {
                        text = text.then(&between);
                    }
                    text = text.then(&item.text().unwrap_or_else(Text::hole));
                }
                if list.open {
                    text = text.then(&Text::hole());
                }
                Value::Str(text)
            }
            "len" if !list.open => Value::Int(i128::try_from(list.items.len()).unwrap_or(0)),
            "is_empty" if !list.open => Value::Bool(list.items.is_empty()),
            "first" | "next" if !list.items.is_empty() => {
                let first = list.items.first().cloned().unwrap_or_else(Value::unknown);
                Value::term("std::option::Option::Some", Some(vec![first]), at)
            }
            "last" if !list.items.is_empty() => {
                let last = list.items.last().cloned().unwrap_or_else(Value::unknown);
                Value::term("std::option::Option::Some", Some(vec![last]), at)
            }
            _ => return Ok(None),
        }))
    }

    /// The elements of what a `for` loop or iterator goes over.
    pub(super) fn iterated(&mut self, value: &Value) -> Option<Rc<List>> {
        match value.bare() {
            Value::List(list) => Some(list),
            value => match unwrap(&value) {
                Unwrapped::Inside(inner) => Some(Rc::new(List { items: vec![inner], open: false })),
                Unwrapped::Nothing => Some(Rc::default()),
                Unwrapped::Other => None,
            },
        }
    }
}

/// A value made into a string.
fn as_text(value: &Value) -> Value {
    Value::Str(value.text().unwrap_or_else(Text::hole))
}
