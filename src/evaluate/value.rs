//! What expressions evaluate to.

mod copied;
mod place;
mod visit;

use std::{
    hash::{BuildHasher as _, Hash as _, Hasher as _},
    rc::Rc,
    sync::Arc,
};

pub use self::place::{Cell, Lock, Spot, cell, cell_like, target_of, up_to_lock};
pub(super) use self::visit::Search;
use super::{digest::Digest, router::Handle, running::is_known, text::Text};
use crate::{
    evaluate::effect::{Callable, Guards},
    link::{DefId, ModuleId, Target, types::Ty},
    source::{FileId, Place},
    sql::{Dialect, Operation},
    syntax::tree::{ClosureExpr, Name},
};

/// Hashes that tell values apart where they are not kept. One seed is drawn for a run, so that nobody can write code of
/// which two values have one hash; nothing that is shown depends on it.
pub(super) type Seeded = foldhash::quality::RandomState;
pub(super) type SeededHasher = <Seeded as std::hash::BuildHasher>::Hasher;

/// A value as far as it is known.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing known but, perhaps, its type.
    Unknown(Ty),
    /// `()`.
    Unit,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A character.
    Char(char),
    /// A string.
    Str(Text),
    /// A tuple.
    Tuple(Rc<Vec<Cell>>),
    /// An array, vector, slice or iterator whose elements are known.
    List(Rc<List>),
    /// A struct or enum value of the tree.
    Object(Rc<Object>),
    /// A call of, or a constant or constructor in, code that is not in the tree.
    Term(Rc<Term>),
    /// A function of the tree.
    Fn(Rc<FnValue>),
    /// A closure, or an `async` block (no parameters): it runs when it is called or awaited.
    Closure(Rc<Closure>),
    /// `&mut place`.
    Ref(Cell),
    /// A router, method router, scope or the like.
    Router(Handle),
    /// A statement that is being put together, or something that runs statements.
    Query(Rc<Query>),
    /// A value that came back from functions it was given to.
    Passed(Rc<Passed>),
    /// One of several values, each under its choice.
    Alt(Rc<Vec<(Guards, Value)>>),
}

/// Known elements, in order.
#[expect(clippy::struct_excessive_bools, reason = "each may hold without the others")]
#[derive(Debug, Clone, Default)]
pub struct List {
    /// The elements.
    pub items: Vec<Value>,
    /// Whether there may be more that are not known.
    pub open: bool,
    /// Whether some of the elements are there in some arms of a condition only.
    pub unsure: bool,
    /// Whether the elements may stand in any other order.
    pub shuffled: bool,
    /// Whether the elements are places of another list, of which this is a part: `&mut list[1..]`.
    pub is_view: bool,
    /// Whether it is an array: what its `map` is given runs at once.
    pub is_array: bool,
    /// The number of what is done when it is gone through; 0 for nothing.
    pub awaits: u32,
    /// What it is a list of.
    pub kind: Kind,
}

/// What a collection is: one number is a position in a list, and a key of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// An array, slice, vector, queue or iterator.
    #[default]
    Sequence,
    /// A map, the list of its pairs.
    Map(Order),
    /// A set.
    Set(Order),
}

/// The order in which a map or set gives its elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Any.
    Any,
    /// That of the keys.
    Sorted,
    /// That in which they were put in.
    Inserted,
}

/// A struct value or enum value of the tree.
#[derive(Debug, Clone)]
pub struct Object {
    /// The struct or enum.
    pub def: DefId,
    /// The variant's position, for an enum.
    pub variant: Option<u32>,
    /// Type arguments.
    pub generics: Vec<Ty>,
    /// Known fields.
    pub fields: Vec<(Name, Cell)>,
}

/// Something made outside the tree.
#[derive(Debug, Clone)]
pub struct Term {
    /// `axum::middleware::from_fn`; for a method call the method after the receiver's path.
    pub path: Arc<str>,
    /// Receiver first, then arguments; `None` when it was not called.
    pub args: Option<Vec<Value>>,
    /// Type arguments of the path.
    pub generics: Vec<Ty>,
    /// Where.
    pub at: Place,
    /// What was asked of it before.
    pub digest: Digest,
}

/// A function of the tree as a value.
#[derive(Debug, Clone, PartialEq)]
pub struct FnValue {
    /// The function.
    pub def: DefId,
    /// `Self` in it, for a method.
    pub self_ty: Option<Ty>,
    /// Turbofish.
    pub generics: Vec<Ty>,
}

/// A closure with what it captured.
#[derive(Debug, Clone)]
pub struct Closure {
    /// Parameters and body.
    pub expr: Arc<ClosureExpr>,
    /// Where it stands.
    pub at: Place,
    /// What made it.
    pub made_by: Callable,
    /// Scope of its names.
    pub module: ModuleId,
    /// Its text.
    pub file: FileId,
    /// The function it stands in.
    pub owner: Option<DefId>,
    /// `Self` there.
    pub self_ty: Option<Ty>,
    /// Type parameters there.
    pub generics: Rc<Vec<(Name, Ty)>>,
    /// Names of locals that are declared `mut` where it was made.
    pub mutable: Rc<Vec<Name>>,
    /// The locals it can see.
    pub captured: Rc<Vec<(Name, Cell)>>,
    /// How often it was made within itself: 0 for one that was not made while another of its place ran.
    pub nested: usize,
    /// The router that it gave when it was first handed to code outside the tree, if it takes nothing.
    pub gave: std::cell::OnceCell<Option<Handle>>,
}

/// Values within what a closure captured that are looked at.
const MOST_CAPTURED: u32 = 1_000;

impl Closure {
    /// A number for the types that it runs with, and the text, the functions and the routers in what it captured.
    pub(super) fn captured_text(&self, seed: &Seeded) -> u64 {
        let mut hasher = seed.build_hasher();
        let mut left = MOST_CAPTURED;
        self.made_by.instance().hash(&mut hasher);
        for (_, held) in self.captured.iter() {
            held.borrow().hash_text(seed, &mut hasher, &mut left);
        }
        hasher.finish()
    }
}

/// A statement of a database library, as far as it is put together.
#[derive(Debug, Clone)]
pub struct Query {
    /// Its number: a copy is the same statement.
    pub number: u32,
    /// The library.
    pub library: &'static str,
    /// What it would do.
    pub draft: Draft,
    /// The call that made it.
    pub at: Place,
    /// What decides what it writes: the call that made it, or the one that chose its table for generic code.
    pub chosen: Place,
    /// The type of the rows that it gives back, where the code says.
    pub rows: Option<Ty>,
}

/// What a statement that is being put together would do.
#[derive(Debug, Clone)]
pub enum Draft {
    /// Run this SQL.
    Sql(Text, Option<Dialect>),
    /// Write a table (`None`: its name is not known).
    Table(Operation, Option<Rc<str>>),
    /// Nothing that writes: a read, a connection, a handle of a table.
    Reads,
}

/// A value with the functions it was given to and came back from.
#[derive(Debug, Clone)]
pub struct Passed {
    /// The value that came back.
    pub value: Value,
    /// What had been given.
    pub given: Value,
    /// The function.
    pub through: Target,
    /// The call.
    pub at: Place,
}

impl Value {
    /// Nothing known.
    pub fn unknown() -> Self {
        Self::Unknown(Ty::Unknown)
    }

    /// A list with known elements.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(List { items, ..List::default() }))
    }

    /// A tuple of these.
    pub fn tuple(parts: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(parts.into_iter().map(cell).collect()))
    }

    /// `path(args)` of code outside the tree.
    pub fn term(path: &str, args: Option<Vec<Self>>, at: Place) -> Self {
        Self::Term(Rc::new(Term::new(Arc::from(path), args, at)))
    }

    /// The value behind references and marks of functions passed.
    #[must_use]
    pub fn bare(&self) -> Self {
        match self {
            Self::Ref(cell) => cell.borrow().bare(),
            Self::Passed(passed) => passed.value.bare(),
            value => value.clone(),
        }
    }

    /// Follows references only.
    #[must_use]
    pub fn deref(&self) -> Self {
        match self {
            Self::Ref(cell) => cell.borrow().deref(),
            value => value.clone(),
        }
    }

    /// The string it is, as far as known; `None` when it is no string.
    pub fn text(&self) -> Option<Text> {
        match self.bare() {
            Self::Str(text) => Some(text),
            Self::Char(c) => Some(Text::known(c.encode_utf8(&mut [0; 4]))),
            Self::Int(n) => Some(Text::known(&n.to_string())),
            Self::Bool(b) => Some(Text::known(if b { "true" } else { "false" })),
            _ => None,
        }
    }

    /// Whether it is a router, or a list, tuple, `Ok` or `Some` with one in it.
    pub fn holds_routers(&self) -> bool {
        self.holds(&|_| true)
    }

    /// As [`Value::holds_routers`], of routers of which `which` holds.
    pub fn holds(&self, which: &dyn Fn(&Handle) -> bool) -> bool {
        self.any(&mut |part| match part {
            Self::Router(router) => which(router).into(),
            Self::Object(_) => Search::Past,
            Self::Term(term) if !term.path.starts_with("std::") => Search::Past,
            _ => Search::Within,
        })
    }

    /// Whether a router or something that runs is in it.
    pub fn holds_code(&self) -> bool {
        self.any(&mut |part| match part {
            Self::Router(_) | Self::Fn(_) | Self::Closure(_) | Self::Query(_) => Search::Found,
            Self::Term(term) if term.is_inert() => Search::Past,
            _ => Search::Within,
        })
    }

    /// Adds the text and the functions in it to a hash.
    ///
    /// - `left`: how many more values are looked at: parts may be shared many times over.
    fn hash_text(&self, seed: &Seeded, into: &mut SeededHasher, left: &mut u32) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        match self {
            Self::Str(text) => text.hash(into),
            Self::Fn(function) => {
                function.def.hash(into);
                let types = function.self_ty.iter().chain(&function.generics);
                types.filter(|ty| is_known(ty)).for_each(|ty| ty.hash(into));
            }
            Self::Closure(closure) => {
                (closure.at, closure.made_by.instance()).hash(into);
                let captured = closure.captured.iter();
                captured.for_each(|(_, held)| held.borrow().hash_text(seed, into, left));
            }
            Self::Tuple(parts) => {
                parts.iter().for_each(|part| part.borrow().hash_text(seed, into, left));
            }
            Self::List(list) => list.items.iter().for_each(|item| item.hash_text(seed, into, left)),
            Self::Object(object) => {
                object
                    .fields
                    .iter()
                    .for_each(|(_, held)| held.borrow().hash_text(seed, into, left));
            }
            Self::Term(term) if term.is_inert() => {
                let text = term.digest.text.get_or_init(|| {
                    let mut own = seed.build_hasher();
                    let mut left = MOST_CAPTURED;
                    let args = term.args.iter().flatten();
                    args.for_each(|arg| arg.hash_text(seed, &mut own, &mut left));
                    own.finish()
                });
                text.hash(into);
            }
            Self::Term(term) => {
                term.args.iter().flatten().for_each(|arg| arg.hash_text(seed, into, left));
            }
            Self::Ref(target) => target.borrow().hash_text(seed, into, left),
            Self::Passed(passed) => passed.value.hash_text(seed, into, left),
            Self::Alt(all) => all.iter().for_each(|(_, one)| one.hash_text(seed, into, left)),
            Self::Unknown(_)
            | Self::Unit
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Char(_)
            | Self::Query(_) => {}
            Self::Router(router) => router.node.hash_last(into),
        }
    }

    /// Adds what is known of it for certain to a hash.
    ///
    /// - `left`: how many more values are looked at: parts may be shared many times over.
    pub(super) fn hash_known(&self, into: &mut SeededHasher, left: &mut u32) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        std::mem::discriminant(self).hash(into);
        match self {
            Self::Bool(known) => known.hash(into),
            Self::Int(known) => known.hash(into),
            Self::Char(known) => known.hash(into),
            Self::Str(text) => text.exact().hash(into),
            Self::Fn(function) => function.def.hash(into),
            Self::Tuple(parts) => {
                parts.iter().for_each(|part| part.borrow().hash_known(into, left));
            }
            Self::List(list) => {
                list.items.len().hash(into);
                list.items.iter().for_each(|item| item.hash_known(into, left));
            }
            Self::Object(object) => {
                (object.def, object.variant).hash(into);
                object.fields.iter().for_each(|(_, held)| held.borrow().hash_known(into, left));
            }
            Self::Term(term) => {
                term.path.hash(into);
                term.args.iter().flatten().for_each(|arg| arg.hash_known(into, left));
            }
            Self::Ref(target) => target.borrow().hash_known(into, left),
            Self::Passed(passed) => passed.value.hash_known(into, left),
            Self::Alt(all) => all.iter().for_each(|(_, one)| one.hash_known(into, left)),
            Self::Unknown(_) | Self::Unit | Self::Closure(_) | Self::Router(_) | Self::Query(_) => {
            }
        }
    }

    /// Whether a place that others may hold too is in it.
    pub(super) fn lends(&self) -> bool {
        self.any(&mut |part| match part {
            Self::Ref(_) => Search::Found,
            Self::Passed(_) => Search::Past,
            Self::Term(term) if term.is_inert() => Search::Past,
            _ => Search::Within,
        })
    }

    /// Whether calling it runs code of the tree.
    pub fn is_callable(&self) -> bool {
        match self {
            Self::Fn(_) | Self::Closure(_) => true,
            Self::Passed(passed) => passed.value.is_callable() || passed.given.is_callable(),
            Self::Ref(cell) => cell.borrow().is_callable(),
            Self::Alt(all) => all.iter().any(|(_, value)| value.is_callable()),
            _ => false,
        }
    }
}
