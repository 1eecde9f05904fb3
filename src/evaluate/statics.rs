//! Statics behind locks: all code shares one place, and what is put there is found where it is taken out.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    branch::Eval,
    crowded::is_telling,
    given_away::DEEPEST,
    join::same,
    lock::{is_lazy, is_lock, is_locked, kind_of, outermost, told_apart},
    locked::{set_to, unset},
    method::Method,
    option::{NONE, Unwrapped, unwrap},
    shared::Shared,
    text::Text,
    value::{Cell, List, Lock, Search, Spot, Value, cell},
};
use crate::{
    frameworks,
    link::{Def, DefId, ModuleId, Namespace, Resolution, types::Ty},
    source::{Place, Span},
    syntax::{
        body::parse_expr,
        token::{TextStart, Tokens},
        tree::{Expr, ExprKind, ItemKind, Stmt, StmtKind},
    },
};

/// How many elements what is added is compared with.
const MOST_COMPARED: usize = 16;
/// How deep in a static its places are sought.
pub(super) const MOST_DEEP: u32 = 4;

/// What statics hold that can be written to.
#[derive(Debug, Default)]
pub(super) struct Statics {
    held: FxHashMap<DefId, Held>,
    /// The places in them, each kept from being used again.
    places: FxHashMap<*const Spot, Cell>,
    /// What was read since the root began, in order.
    reads: Vec<Read>,
    /// Other places that more code sees than is followed.
    pub(super) shared: Shared,
}

/// A static that was read, and a number for what it held then; `None` if that is more than plain data.
pub(super) type Read = (DefId, Option<u64>);

/// What a static holds.
#[derive(Debug, Clone)]
struct Held {
    /// As who names it has it: the lock, where it is one.
    named: Value,
    /// Where what is behind the outermost lock stands.
    place: Cell,
}

impl Statics {
    fn note(&mut self, reads: &[Read]) {
        for read in reads {
            if self.reads.last() != Some(read) {
                self.reads.push(*read);
            }
        }
    }
}

impl Evaluator<'_> {
    /// A static behind a lock: the one place that all code shares.
    pub(super) fn static_place(&mut self, id: DefId, def: &Def) -> Option<Value> {
        let ItemKind::Const { ty, is_static: true, value } = &def.item.kind else { return None };
        // With `= [..]` or without a value.
        if let Some(linked) = self.linked_slice(id, def) {
            return Some(linked);
        }
        if value.is_none() {
            return None;
        }
        if !self.statics.held.contains_key(&id) {
            let ty = self.program.resolve_type(def.module, ty, &self.declared_env(id));
            let ty = told_apart(ty);
            if !is_locked(&ty) && !self.has_locks(&ty, MOST_DEEP) || self.is_of_data(&ty) {
                return None;
            }
            // All that is written there would be told apart in every call that comes to write it.
            if is_of_numbers(&ty) {
                return Some(self.any_number(&ty, def.place()));
            }
            let value = self.held_at_first(id, def, &ty);
            if !is_followed(&value) {
                return None;
            }
            // A list of data that is cloned with the pointer to it is a copy: what every call adds to a cache of statements
            // would be looked through at every other.
            let is_shared = !matches!(value, Value::List(_)) || self.may_serve(&ty, MOST_DEEP);
            let place = cell(value);
            let named = match outermost(&ty).filter(|_| is_shared) {
                Some((lock, _)) => Value::Ref(place.clone()).behind(kind_of(lock)),
                None => Value::Ref(place.clone()),
            };
            self.statics.held.insert(id, Held { named, place });
        }
        let held = self.statics.held.get(&id)?.clone();
        self.note_places(&held.place, MOST_DEEP);
        let now = self.held_by_static(id);
        self.statics.note(&[(id, now)]);
        Some(held.named)
    }

    /// Notes the places of which a static consists: to write to one is to write to it.
    fn note_places(&mut self, place: &Cell, deep: u32) {
        self.statics.places.entry(Rc::as_ptr(place)).or_insert_with(|| place.clone());
        if deep == 0 {
            return;
        }
        let value = place.borrow().clone();
        let mut parts: Vec<Cell> = Vec::new();
        value.any(&mut |part| match part {
            Value::Ref(place) => {
                parts.push(place.clone());
                Search::Past
            }
            Value::Object(object) => {
                parts.extend(object.fields.iter().map(|(_, place)| place.clone()));
                Search::Past
            }
            Value::Term(_) | Value::Alt(_) => Search::Within,
            _ => Search::Past,
        });
        for part in parts {
            self.note_places(&part, deep - 1);
        }
    }

    /// Whether a type of the tree has locks or cells in its fields.
    fn has_locks(&self, ty: &Ty, deep: u32) -> bool {
        match ty {
            _ if deep == 0 => false,
            Ty::External(_, args) => match args.as_slice() {
                [held] => self.has_locks(held, deep),
                _ => false,
            },
            Ty::Def(def, _) => self.fields(*def).is_some_and(|fields| {
                fields.iter().any(|(_, ty)| is_locked(ty) || self.has_locks(ty, deep - 1))
            }),
            _ => false,
        }
    }

    /// Whether a static is of a type of the tree that holds nothing but data, more of which is put there as a program goes
    /// on: a cache, a state. What is in it would be another thing at every call.
    fn is_of_data(&self, ty: &Ty) -> bool {
        let is_changed = |ty: &Ty| is_locked(ty) || self.has_locks(ty, MOST_DEEP);
        let held = match outermost(ty) {
            // What is set once is the same from then on.
            Some((lock, held)) if kind_of(lock) == Lock::Once && !is_changed(held) => return false,
            Some((_, held)) => held,
            None => ty,
        };
        is_own(held) && !self.may_serve(held, MOST_DEEP)
    }

    /// Whether a type may hold routers or code.
    pub(super) fn may_serve(&self, ty: &Ty, deep: u32) -> bool {
        let mut within = ty.args().iter();
        match ty {
            Ty::Fn(..) | Ty::Dyn(_) | Ty::Impl(_) => true,
            Ty::External(path, _) if frameworks::knows(path) => true,
            Ty::External(..) | Ty::AnyOf(..) => within.any(|ty| self.may_serve(ty, deep)),
            Ty::Slice(of) => self.may_serve(of, deep),
            Ty::Tuple(parts) => parts.iter().any(|part| self.may_serve(part, deep)),
            Ty::Def(def, _) if deep > 0 => {
                let fields = self.fields(*def);
                within.any(|ty| self.may_serve(ty, deep - 1))
                    || fields.is_some_and(|fields| {
                        fields.iter().any(|(_, ty)| self.may_serve(ty, deep - 1))
                    })
            }
            _ => false,
        }
    }

    /// What is known of a static of numbers: what it is at any time.
    fn any_number(&mut self, ty: &Ty, at: Place) -> Value {
        if let Some((lock, held)) = outermost(ty)
            && kind_of(lock) == Lock::Once
        {
            return set_to(self.symbolic(held), at).locked(Lock::Once);
        }
        Value::Ref(cell(self.with_type(Value::unknown(), ty)))
    }

    /// What a static holds that is not behind a lock: any code may have written to a `static mut` before it is read, so
    /// that it is what it began with, or something else of its type.
    pub(super) fn perhaps_written(&mut self, id: DefId, def: &Def, value: Value) -> Value {
        let ItemKind::Const { ty, is_static: true, .. } = &def.item.kind else { return value };
        let text = self.program.text(def.file);
        let before = Span::new(def.item.span.start, def.item.name_span.start);
        let mut tokens = Tokens::new(&text, before, TextStart::Piece);
        if !tokens.any(|token| token.is_code() && token.span.of(&text) == "mut") {
            return value;
        }
        let ty = self.program.resolve_type(def.module, ty, &self.declared_env(id));
        match (value, self.symbolic(&ty)) {
            (Value::Unknown(_) | Value::Bool(_) | Value::Int(_) | Value::Char(_), other) => other,
            (value, other) => self.either(value, other),
        }
    }

    /// A number for what a static holds now.
    fn held_by_static(&self, id: DefId) -> Option<u64> {
        let held = self.statics.held.get(&id)?;
        self.fingerprint(std::slice::from_ref(&*held.place.borrow()))
    }

    /// How many reads of statics there were.
    pub(super) fn reads(&self) -> usize {
        self.statics.reads.len()
    }

    /// The statics that were read since there were `before` reads, as they were first, and those of them that hold
    /// something else now. `None` where that is or was more than plain data.
    pub(super) fn read_since(&self, before: usize) -> Option<(Vec<Read>, Vec<DefId>)> {
        let reads = self.statics.reads.get(before..).unwrap_or_default();
        let (mut all, mut changed): (Vec<Read>, Vec<DefId>) = (Vec::new(), Vec::new());
        for (id, held) in reads {
            if all.iter().any(|(known, _)| known == id) {
                continue;
            }
            all.push((*id, *held));
            match (held, self.held_by_static(*id)) {
                (Some(held), Some(now)) if *held == now => {}
                (Some(_), Some(_)) => changed.push(*id),
                _ => return None,
            }
        }
        Some((all, changed))
    }

    /// What the statics hold that were read since there were `before` reads may be any other of its type.
    pub(super) fn may_change_statics(&mut self, before: usize) {
        let reads = self.statics.reads.get(before..).unwrap_or_default();
        let places: Vec<Cell> =
            reads.iter().filter_map(|(id, _)| self.place_of_static(*id)).collect();
        for place in places {
            self.may_be_other(&place, DEEPEST);
        }
    }

    /// The place of a static that was read.
    pub(super) fn place_of_static(&self, id: DefId) -> Option<Cell> {
        self.statics.held.get(&id).map(|held| held.place.clone())
    }

    /// Whether statics hold what they held when they were read.
    pub(super) fn holds_still(&self, reads: &[Read]) -> bool {
        reads.iter().all(|(id, held)| held.is_some() && self.held_by_static(*id) == *held)
    }

    /// A call that read statics is not made again, since it would read the same.
    pub(super) fn read_again(&mut self, reads: &[Read]) {
        self.statics.note(reads);
    }

    /// `written` is put into `place`, or added to what that holds. Where a static holds what runs, is served or writes,
    /// that is more than to compute a value.
    pub(super) fn note_write(&mut self, place: &Cell, written: &Value) {
        self.writes += 1;
        if self.is_of_static(place) && tells(written) && !self.is_held(place, written) {
            self.operations += 1;
        }
    }

    /// Whether a place is known to hold that already, as one whose elements were looked at one by one does.
    fn is_held(&self, place: &Cell, written: &Value) -> bool {
        let held = place.borrow();
        let number = |value: &Value| self.fingerprint(std::slice::from_ref(value));
        same(&held, written) || number(&held).is_some_and(|held| number(written) == Some(held))
    }

    /// Whether a place is that of a static.
    pub(super) fn is_of_static(&self, place: &Cell) -> bool {
        self.statics.places.contains_key(&Rc::as_ptr(place))
    }

    /// Whether what is added to a list is the same as one of its last elements, and the list is that of a static: what all
    /// code adds to one place would make it another one at every call.
    pub(super) fn is_in_static(&self, place: &Cell, list: &List, added: &Value) -> bool {
        if !self.is_of_static(place) {
            return false;
        }
        let number = |value: &Value| self.fingerprint(std::slice::from_ref(value));
        let last = list.items.iter().rev().take(MOST_COMPARED);
        number(added).is_some_and(|added| last.map(number).any(|known| known == Some(added)))
    }

    /// A root begins: nothing was read for it.
    pub(super) fn forget_reads(&mut self) {
        self.statics.reads.clear();
    }

    /// What a static holds before anything is written to it.
    fn held_at_first(&mut self, id: DefId, def: &Def, ty: &Ty) -> Value {
        let value = match (self.constant(id).deref(), outermost(ty)) {
            (Value::Unknown(_), Some((lock, held))) if kind_of(lock) == Lock::Once => {
                return unset(held.clone());
            }
            // To be filled, by code that may have run before what is looked at here.
            (Value::Str(text), _) if text.exact().is_some_and(|text| text.is_empty()) => {
                return Value::Str(Text::hole());
            }
            (Value::Term(term), Some((_, held))) if &*term.path == NONE => {
                return Value::Unknown(held.clone());
            }
            (value, _) => value,
        };
        let ItemKind::Const { value: Some(body), .. } = &def.item.kind else { return value };
        if matches!(value, Value::List(_)) {
            return value;
        }
        let text = self.program.text(def.file);
        let by_default =
            parse_expr(&text, body.span).is_ok_and(|expr| self.is_default(def.module, &expr));
        if !by_default {
            return value;
        }
        // The default of what makes its value later is what it makes.
        let mut ty = ty;
        while let Ty::External(path, args) = ty
            && is_lazy(path)
            && let Some(inner) = args.first()
        {
            ty = inner;
        }
        self.default_of(ty, def.place()).deref()
    }

    /// Whether an expression is the default of its type, however it is wrapped: `Default::default()`,
    /// `LazyLock::new(Default::default)`, `Mutex::new(Vec::default())`, `LazyLock::new(|| Mutex::default())`.
    fn is_default(&self, module: ModuleId, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Path(path) => {
                let named = path.segments.last().is_some_and(|last| last.name == "default");
                // A function of the tree by that name gives what it gives.
                let found = self.program.resolve_path(module, path, Namespace::Value);
                named && !found.iter().any(|(_, is)| matches!(is, Resolution::Def(_)))
            }
            ExprKind::Call(callee, args) => match (&callee.kind, args.as_slice()) {
                (ExprKind::Path(_), []) => self.is_default(module, callee),
                (ExprKind::Path(path), [only]) => {
                    let last = path.segments.last().map(|last| last.name.as_str());
                    matches!(last, Some("new" | "const_new" | "from"))
                        && self.is_default(module, only)
                }
                _ => false,
            },
            ExprKind::Closure(closure) => {
                closure.params.is_empty() && self.is_default(module, &closure.body)
            }
            ExprKind::Block(None, block) => match block.stmts.as_slice() {
                [Stmt { kind: StmtKind::Expr { expr, semi: false }, .. }] => {
                    self.is_default(module, expr)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// A method of a static of which each thread has its own: what it is given runs on what the static holds.
    pub(super) fn of_local_key(
        &mut self,
        asked: &Expr,
        held: &Cell,
        method: &Method<'_>,
    ) -> Option<Eval> {
        let ExprKind::Path(path) = &asked.kind else { return None };
        let name = path.segments.last()?.name.as_str();
        if path.segments.len() == 1 && self.local(name).is_some() {
            return None;
        }
        let found = self.program.resolve_path(self.scope.module, path, Namespace::Value);
        let is_local = |is: &Resolution| matches!(is, Resolution::Def(id) if self.program.is_thread_local(*id));
        if !found.iter().any(|(_, is)| is_local(is)) {
            return None;
        }
        match (method.name, method.args.as_slice()) {
            ("with" | "with_borrow" | "with_borrow_mut" | "try_with", [run]) => {
                let run = run.clone();
                Some(self.call(&run, vec![Value::Ref(held.clone())], method.at))
            }
            ("take" | "get" | "replace" | "set", _) => self.lock_method(held, method).transpose(),
            _ => None,
        }
    }

    /// What statics hold at the end goes where it cannot be followed.
    pub(super) fn let_statics_escape(&mut self) {
        let mut places: Vec<(DefId, Cell)> =
            self.statics.held.iter().map(|(id, held)| (*id, held.place.clone())).collect();
        places.sort_by_key(|(id, _)| *id);
        self.root = None;
        for (_, place) in places {
            let held = place.borrow().clone();
            self.escape(&held);
        }
    }
}

/// Whether it is followed what is written to a static that holds such a value.
fn is_followed(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Object(_) | Value::Router(_) | Value::Str(_))
        || !matches!(unwrap(value), Unwrapped::Other)
        || matches!(value, Value::Unknown(Ty::External(path, _)) if &**path == "std::option::Option")
}

/// Whether a value holds what runs, is served or writes, or a path.
fn tells(value: &Value) -> bool {
    is_telling(value)
        || value.any(&mut |part| match part {
            Value::Str(text) => text.exact().is_some_and(|text| text.starts_with('/')).into(),
            _ => Search::Within,
        })
}

/// Whether a type is one of the tree, perhaps behind pointers or in an option. A list of such is not.
fn is_own(ty: &Ty) -> bool {
    match ty {
        Ty::Def(..) => true,
        Ty::External(path, args) => {
            const POINTERS: [&str; 5] = [
                "std::boxed::Box",
                "std::option::Option",
                "std::pin::Pin",
                "std::rc::Rc",
                "std::sync::Arc",
            ];
            let is_around = is_lazy(path) || is_lock(path) || POINTERS.contains(&&**path);
            is_around && args.first().is_some_and(is_own)
        }
        _ => false,
    }
}

/// Whether a type holds numbers and truth values alone, of which no route and no statement is made up.
fn is_of_numbers(ty: &Ty) -> bool {
    match ty {
        Ty::External(_, args) | Ty::AnyOf(_, args) => {
            !args.is_empty() && args.iter().all(is_of_numbers)
        }
        Ty::Slice(of) => is_of_numbers(of),
        Ty::Tuple(parts) => parts.iter().all(is_of_numbers),
        Ty::Primitive(name) => !matches!(name.as_str(), "str" | "char"),
        _ => false,
    }
}
