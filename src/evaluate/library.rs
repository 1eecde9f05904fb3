//! What the standard library does to values.

mod made;

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Flow,
    endless::made_by,
    lock::is_lazy,
    method::Method,
    number::is_integer,
    option::{Unwrapped, ok, option, unwrap},
    text::Text,
    value::{Cell, List, Term, Value, cell},
};
use crate::{link::types::Ty, source::Place};

impl Evaluator<'_> {
    /// Functions of `std`; `None` when it is none that is known here.
    #[expect(clippy::too_many_lines, reason = "one arm for each function")]
    pub(super) fn library_call(
        &mut self,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Result<Option<Value>, Flow> {
        let first = args.first().cloned();
        if makes_lazy(&term.path) {
            let Some(made) = first.filter(Value::is_callable) else { return Ok(None) };
            return self.perhaps_later(|e| e.call(&made, Vec::new(), at)).map(Some);
        }
        if let Some(locked) = self.put_behind(&term.path, first.as_ref(), at) {
            return Ok(Some(locked));
        }
        if let Some(done) = self.task_call(&term.path, args, at)? {
            return Ok(Some(done));
        }
        if let Some(made) = self.made_by_its_type(term, args, at) {
            return Ok(Some(made));
        }
        let Some(path) = term.path.strip_prefix("std::") else { return Ok(None) };
        let (owner, name) = path.rsplit_once("::").unwrap_or(("", path));
        let owner = owner.rsplit(':').next().unwrap_or(owner);
        Ok(Some(match (owner, name) {
            (
                "Box" | "Pin" | "Cow",
                "new" | "pin" | "from" | "Borrowed" | "Owned",
            )
            | ("Arc" | "Rc", "pin" | "from")
            | ("convert", "identity")
            | ("Into", "into")
            | ("future", "ready")
            | ("From", "from")
            // A pointer that is cloned points to the same.
            | ("Arc" | "Rc" | "Clone", "clone") => match first {
                Some(value)
                    if owner == "Clone"
                        && value.outermost_lock().is_none()
                        && self.has_own_method(&value.bare(), name) =>
                {
                    let method = Method { name, generics: Vec::new(), args: Vec::new(), at };
                    return self
                        .method_in_tree(&super::value::cell(value.clone()), &value, method)
                        .map(Some);
                }
                first => first.unwrap_or_else(Value::unknown),
            },
            ("Arc" | "Rc", "new") => {
                let held = first.unwrap_or_else(Value::unknown);
                self.note_shared(&held);
                held
            }
            // What a pointer points to, to be changed there.
            ("Arc" | "Rc", "make_mut" | "unwrap_or_clone") => return Ok(first),
            ("Arc" | "Rc", "get_mut" | "into_inner") => option(first, at),
            ("Arc" | "Rc", "try_unwrap") => ok(first.unwrap_or_else(Value::unknown), at),
            // The guard of a part of what a lock holds.
            (guard, "map") if guard.ends_with("Guard") || matches!(guard, "Ref" | "RefMut") => {
                let [held, part] = args else { return Ok(None) };
                self.call(part, vec![held.clone()], at)?
            }
            ("Future", "poll") => return Ok(first.and_then(|first| self.polled(&first, at))),
            ("IntoFuture", "into_future") => match first {
                Some(value) if self.has_own_method(&value.bare(), name) => {
                    let method = Method { name, generics: Vec::new(), args: Vec::new(), at };
                    return self
                        .method_in_tree(&super::value::cell(value.clone()), &value, method)
                        .map(Some);
                }
                first => first.unwrap_or_else(Value::unknown),
            },
            // What is in it is kept, a router too.
            ("Option", "Some") | ("Result", "Ok" | "Err") | ("Poll", "Ready") => {
                let args = Some(args.to_vec());
                Value::Term(Rc::new(Term { args, at, ..(**term).clone() }))
            }
            ("String", "new" | "with_capacity") => Value::Str(Text::known("")),
            ("String", "from_iter") => {
                let into = vec![Ty::External("std::string::String".into(), Vec::new())];
                let method = Method { name: "collect", generics: into, args: Vec::new(), at };
                return self.method(&cell(first.unwrap_or_else(Value::unknown)), method).map(Some);
            }
            ("CString", "new") if first.as_ref().is_some_and(|given| given.text().is_some()) => {
                ok(first.map_or_else(Value::unknown, |given| as_text(&given)), at)
            }
            ("CStr", "from_ptr") | ("CString", "from_raw" | "from_vec_unchecked") => return Ok(first),
            ("String" | "str", "from_utf8") => super::parse::from_utf8(first, at),
            ("String" | "str", "from" | "from_str" | "from_utf8_lossy" | "from_utf8_unchecked")
            | ("ToString", "to_string")
            | ("ToOwned", "to_owned") => {
                first.map_or_else(|| Value::Str(Text::hole()), |value| as_text(&value))
            }
            // What is made when it is first asked for is taken as made here.
            ("LazyLock" | "LazyCell", "new") => {
                let made = first.unwrap_or_else(Value::unknown);
                self.perhaps_later(|e| e.call(&made, Vec::new(), at))?
            }
            ("cmp", "max" | "min") => {
                let [one, two] = args else { return Ok(None) };
                let args = vec![two.clone()];
                let method = Method { name, generics: Vec::new(), args, at };
                return self.ordering_method(&one.bare(), &method);
            }
            ("mem", _) => return Ok(self.memory_call(name, args, at)),
            ("iter", "zip") => {
                let [one, two] = args else { return Ok(None) };
                let Some(one) = self.iterated(one).filter(|one| !one.open) else {
                    return Ok(None);
                };
                let args = vec![two.clone()];
                let method = Method { name, generics: Vec::new(), args, at };
                return self.list_method(&cell(Value::List(one.clone())), &one, &method);
            }
            ("array", "from_fn") => return Ok(None),
            ("array" | "slice", "from_ref") => Value::list(args.to_vec()),
            ("array" | "slice", "from_mut") => super::views::view(args),
            ("Box", "leak") => match first {
                Some(value @ Value::Ref(_)) => value,
                value => Value::Ref(cell(value.unwrap_or_else(Value::unknown))),
            },
            // What it gives is asked of it where it is gone through.
            ("iter", "from_fn" | "once_with" | "successors") => {
                Value::Term(Rc::new(Term { args: Some(args.to_vec()), at, ..(**term).clone() }))
            }
            ("iter", "repeat" | "repeat_with") => return Ok(made_by(name, args, at)),
            ("iter", "repeat_n") => match args {
                [value, Value::Int(n @ 0..=1024)] => {
                    Value::list((0..*n).map(|_| value.copied()).collect())
                }
                _ => return Ok(None),
            },
            ("iter", "once") => Value::list(args.to_vec()),
            ("iter", "empty") => Value::list(Vec::new()),
            ("Default", "default") => {
                let ty = term
                    .generics
                    .first()
                    .cloned()
                    .or_else(|| self.expected.clone())
                    .unwrap_or(Ty::Unknown);
                self.default_of(&ty, at)
            }
            ("process", "exit" | "abort") => return Err(Flow::Return),
            ("char", "from" | "from_u32" | "from_digit") => {
                return Ok(super::character::made(name, args, at));
            }
            (of, "from") if is_integer(of) => first.unwrap_or_else(Value::unknown),
            // A method by its path: `str::trim`, `char::is_numeric`, `i32::pow`.
            (of, _) if matches!(of, "str" | "char" | "String") || is_integer(of) => {
                let Some((first, args)) = args.split_first() else { return Ok(None) };
                let method = Method { name, generics: Vec::new(), args: args.to_vec(), at };
                return self.library_method(&cell(first.clone()), &first.bare(), &method);
            }
            // `Iterator::fold(iter, …)`.
            ("DoubleEndedIterator" | "Iterator", _) => {
                let Some((first, args)) = args.split_first() else { return Ok(None) };
                if let Value::Unknown(Ty::Unknown) = first.bare() {
                    return Ok(None);
                }
                let method = Method { name, generics: Vec::new(), args: args.to_vec(), at };
                return self.method(&cell(first.clone()), method).map(Some);
            }
            // `Result::ok`, `Option::is_some`; one that makes an `Option` is no method.
            ("Option" | "Result", _)
                if name.starts_with(char::is_lowercase) && !name.starts_with("from") =>
            {
                let Some((first, args)) = args.split_first() else { return Ok(None) };
                if let Value::Unknown(Ty::Unknown) = first.bare() {
                    return Ok(None);
                }
                let method = Method { name, generics: Vec::new(), args: args.to_vec(), at };
                return self.method(&cell(first.clone()), method).map(Some);
            }
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
        let target = super::target_of(receiver);
        if method.args.is_empty() && lends(method.name) && is_held(bare) {
            // What is done through a lock or a guard is done to the value itself.
            if !self.has_own_method(bare, method.name) {
                if locks(method.name) {
                    self.share(&target);
                }
                return Ok(Some(Value::Ref(target)));
            }
        }
        if let Some(done) = self.formatted_into(bare, method) {
            return Ok(Some(done));
        }
        if let Some(done) = self.ordering_method(bare, method)? {
            return Ok(Some(done));
        }
        if let Value::Str(text) = bare {
            return self.method_of_text(&target, text, method);
        }
        if matches!(bare, Value::Int(_) | Value::Bool(_) | Value::Char(_))
            && let Some(done) = self.cell_method(&target, bare, method)
        {
            return Ok(Some(done));
        }
        if let Some(known) = super::character::character_method(bare, method)
            .or_else(|| super::number::integer_method(bare, method))
        {
            return Ok(Some(known));
        }
        if !matches!(unwrap(bare), Unwrapped::Other) {
            return self.wrapped_method(&target, bare, method);
        }
        if let Value::List(list) = bare {
            return self.method_on_list(receiver, &target, list, method);
        }
        if let Value::Term(term) = bare
            && let Some(done) = self.endless_method(term, method)?
        {
            return Ok(Some(done));
        }
        if let Value::Term(term) = bare
            && let Some(done) = self.entry_method(term, method)?
        {
            return Ok(Some(done));
        }
        if method.name == "to_string"
            && matches!(bare, Value::Object(_) | Value::Unknown(Ty::Def(..)))
        {
            return Ok(Some(self.displayed(bare)));
        }
        if self.has_own_method(bare, method.name) {
            return Ok(None);
        }
        if matches!(method.name, "poll" | "poll_unpin")
            && method.args.len() == 1
            && let Some(answer) = self.polled(bare, method.at)
        {
            return Ok(Some(answer));
        }
        if let Some(made) = self.filled_cell(bare, method)? {
            return Ok(Some(made));
        }
        let plain = matches!(bare, Value::Term(_) | Value::Closure(_) | Value::Object(_));
        let accesses = matches!(method.name, "read" | "write") && method.args.is_empty();
        if plain && (super::types::keeps_success(method.name) || accesses) {
            return Ok(Some(receiver.borrow().clone()));
        }
        if let Value::Unknown(ty) = bare {
            if let Some(done) = self.inside_method(ty, method)? {
                return Ok(Some(done));
            }
            if let Some(guard) = self.guard_of_any(ty, method) {
                return Ok(Some(guard));
            }
            if let Some(held) = super::types::held_type(ty, method.name) {
                return Ok(Some(self.symbolic(&held)));
            }
            let known = matches!(
                super::types::pointee(ty),
                Ty::External(..) | Ty::Param(_) | Ty::Dyn(_) | Ty::Impl(_)
            );
            if known && super::types::gives_itself(method.name) {
                return Ok(Some(receiver.borrow().clone()));
            }
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
            // A cell that is filled when it is first asked.
            "get_or_init" | "get_or_try_init" | "get_or_insert_with" if method.args.len() == 1 => {
                let make = method.args.first().cloned().unwrap_or_else(Value::unknown);
                self.call(&make, Vec::new(), method.at)?
            }
            "to_string" if matches!(bare, Value::Int(_) | Value::Char(_) | Value::Bool(_)) => {
                as_text(bare)
            }
            _ => return Ok(None),
        }))
    }

    /// What a cell or option is filled with where nothing is known of it; `None` for any other method.
    fn filled_cell(&mut self, bare: &Value, method: &Method<'_>) -> Result<Option<Value>, Flow> {
        let fills = matches!(method.name, "get_or_init" | "get_or_try_init" | "get_or_insert_with");
        let Some(make) = method.args.first().filter(|make| fills && make.is_callable()) else {
            return Ok(None);
        };
        let made = self.call(make, Vec::new(), method.at)?;
        let made = self.awaited(made);
        if matches!(bare, Value::Unknown(_)) {
            // It stays in the cell, for whoever else has that.
            self.escape(&made);
        }
        Ok(Some(made))
    }

    /// Whether a value of a type of the tree has a method of that name of its own.
    pub(super) fn has_own_method(&self, value: &Value, name: &str) -> bool {
        let own = match value {
            Value::Object(object) => Ty::Def(object.def, Vec::new()),
            Value::Unknown(ty) => super::types::pointee(ty).clone(),
            _ => return false,
        };
        let Ty::Def(..) = own else { return false };
        own.head().is_some_and(|head| !self.program.assoc_of(&head, name).is_empty())
    }

    fn method_on_list(
        &mut self,
        receiver: &Cell,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let opens = match method.name {
            "unwrap" => method.args.is_empty(),
            "expect" => method.args.len() == 1,
            name => lends(name) && method.args.is_empty(),
        };
        if opens {
            return Ok(Some(Value::Ref(target.clone())));
        }
        let made = self.list_method(target, list, method)?;
        if made.is_some() && matches!(&*receiver.borrow(), Value::Ref(_)) {
            self.gone_over(target, method);
        }
        Ok(made)
    }

    fn method_of_text(
        &mut self,
        target: &Cell,
        text: &Text,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if method.name == "parse" {
            return self.parsed(text, method).map(Some);
        }
        if let Some(bytes) = super::text_parts::as_bytes(text, method) {
            return match method.name {
                "bytes" => Ok(Some(Value::List(bytes))),
                _ => self.list_method(target, &bytes, method),
            };
        }
        Ok(self.text_method(target, text, method))
    }

    fn text_method(&mut self, target: &Cell, text: &Text, method: &Method<'_>) -> Option<Value> {
        if let Some(given) = self.text_changed(target, text, method) {
            return Some(given);
        }
        if let Some(found) = self.text_search(text, method) {
            return Some(found);
        }
        let arg = method.args.first();
        Some(match method.name {
            "to_string" | "to_owned" | "into" | "as_str" | "clone" | "as_ref" | "into_string"
            | "into_boxed_str" | "to_str" | "borrow" | "deref" | "into_owned" | "as_bytes"
            | "into_bytes" | "to_vec" | "unwrap" | "expect" | "as_ptr" | "as_c_str"
            | "into_raw" => Value::Str(text.clone()),
            "to_lowercase" | "to_ascii_lowercase" => Value::Str(text.map(str::to_lowercase)),
            "to_uppercase" | "to_ascii_uppercase" => Value::Str(text.map(str::to_uppercase)),
            "repeat" => match (text.exact(), arg) {
                (Some(a), Some(Value::Int(n @ 0..=64))) => {
                    Value::Str(Text::known(&a.repeat(usize::try_from(*n).unwrap_or(0))))
                }
                _ => Value::Str(Text::hole()),
            },
            "len" => text
                .exact()
                .and_then(|t| i128::try_from(t.len()).ok())
                .map_or_else(Value::unknown, Value::Int),
            "is_empty" => text.exact().map_or_else(Value::unknown, |t| Value::Bool(t.is_empty())),
            _ => return super::text_parts::text_part(text, method),
        })
    }
}

/// Whether a function makes a value that its closure computes when it is first used.
fn makes_lazy(path: &str) -> bool {
    path.strip_suffix("::new").is_some_and(is_lazy)
}

/// Whether a method gives `&mut`, or the guard of a lock, to the value that it is called on.
pub(super) fn lends(method: &str) -> bool {
    matches!(
        method,
        "as_mut"
            | "blocking_lock"
            | "blocking_write"
            | "borrow_mut"
            | "by_ref"
            | "get_mut"
            | "lock"
            | "try_lock"
            | "try_write"
            | "write"
    )
}

/// Whether a method gives the guard of a lock or cell, through which others may see what is written: `get_mut` and the like
/// are called by who has it alone.
pub(super) fn locks(method: &str) -> bool {
    lends(method) && !matches!(method, "as_mut" | "by_ref" | "get_mut")
}

/// Whether a value is a plain one, which a lock may be around.
pub(super) fn is_held(value: &Value) -> bool {
    matches!(
        value,
        Value::Router(_)
            | Value::Str(_)
            | Value::Object(_)
            | Value::Tuple(_)
            | Value::Int(_)
            | Value::Bool(_)
            | Value::Char(_)
    )
}

/// A value made into a string.
fn as_text(value: &Value) -> Value {
    Value::Str(value.text().unwrap_or_else(Text::hole))
}
