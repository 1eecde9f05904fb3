//! Our own tree of one file: items and signatures, bodies left as byte ranges.
//!
//! It depends on the file's bytes alone, knows no framework, and can cross threads and go to a cache. Spans are
//! bytes of that file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::code::Code;
use crate::source::Span;

/// An identifier, without `r#`.
pub type Name = SmolStr;

/// What one file says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FileTree {
    /// Items in source order.
    pub items: Vec<Arc<Item>>,
    /// `#![…]` attributes.
    pub attrs: Vec<Attr>,
    /// Items that syn rejected while the rest of the file was kept.
    pub skipped: Vec<Skipped>,
    /// Comments that address this program.
    pub suppressions: Vec<Suppression>,
    /// What it says, apart from places.
    pub code: Code,
}

/// An item that could not be parsed and was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The item.
    pub span: Span,
    /// syn's message.
    pub message: String,
}

/// A comment that starts with `contract-check:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The whole comment.
    pub span: Span,
    /// What follows `contract-check:`, trimmed.
    pub text: String,
    /// The line it covers, as the range of bytes of that line: the line it ends, or the next line of code
    /// directly below when it stands alone. `None` when an empty line or the end of file follows.
    pub covers: Option<Span>,
}

/// A condition from `#[cfg(…)]` or `cfg!(…)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Cfg {
    /// `test`.
    Test,
    /// One option as written without spaces: `feature="x"`, `unix`, `debug_assertions`.
    Option(Name),
    /// All hold; empty is true.
    All(Vec<Cfg>),
    /// One holds; empty is false.
    Any(Vec<Cfg>),
    /// It does not hold.
    Not(Box<Cfg>),
}

/// An attribute other than `cfg`; those of a `cfg_attr` are listed with its predicate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attr {
    /// `derive`, `actix_web::get`.
    pub path: Path,
    /// The bytes between the delimiters, or after `=`; empty range when there is neither.
    pub args: Span,
    /// The whole attribute, from `#` to `]`.
    pub span: Span,
    /// From `cfg_attr`.
    pub cfg: Option<Cfg>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Item {
    /// Its name; empty for `use`, `impl` and macro calls.
    pub name: Name,
    /// The name's bytes, or the item's first token.
    pub name_span: Span,
    /// The whole item, attributes included.
    pub span: Span,
    /// All attributes but `cfg` and doc comments.
    pub attrs: Vec<Attr>,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Cfg>,
    /// What it is.
    pub kind: ItemKind,
}

/// Kinds of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ItemKind {
    /// A function or method.
    Fn(Box<FnItem>),
    /// `mod name;` (`None`) or `mod name { … }`.
    Mod(Option<Vec<Arc<Item>>>),
    /// One `use` declaration, flattened into its leaves.
    Use(Vec<UseLeaf>),
    /// `extern crate name as rename;` the item's name is the one bound (`_` allowed); this is the crate.
    ExternCrate(Name),
    /// `const` or `static`; associated constants without value have none.
    Const {
        /// Declared type.
        ty: TypeRef,
        /// Value.
        value: Option<Body>,
        /// `static`, not `const`.
        is_static: bool,
    },
    /// `type Name<…> = ty;` associated types without value have none.
    TypeAlias {
        /// Parameters.
        generics: Generics,
        /// What it stands for.
        ty: Option<TypeRef>,
    },
    /// A struct or union.
    Struct {
        /// Parameters.
        generics: Generics,
        /// Fields; tuple fields are named `0`, `1`, ….
        fields: Vec<Field>,
        /// `struct X(…);`
        is_tuple: bool,
    },
    /// An enum.
    Enum {
        /// Parameters.
        generics: Generics,
        /// Variants.
        variants: Vec<Variant>,
    },
    /// A trait.
    Trait {
        /// Parameters.
        generics: Generics,
        /// Supertraits.
        supertraits: Vec<TypeRef>,
        /// Its items.
        items: Vec<Arc<Item>>,
    },
    /// An impl block.
    Impl(Box<ImplItem>),
    /// `macro_rules! name { … }`: the bytes between the outer delimiters.
    MacroRules(Span),
    /// A macro called as an item.
    MacroCall(MacroCall),
    /// An item with nothing of interest (`extern "C"` blocks, trait aliases).
    Other,
}

/// An impl block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImplItem {
    /// Parameters.
    pub generics: Generics,
    /// The trait, for a trait impl.
    pub of_trait: Option<Path>,
    /// `impl !Trait for`.
    pub negative: bool,
    /// The type.
    pub self_ty: TypeRef,
    /// Its items.
    pub items: Vec<Arc<Item>>,
}

/// One leaf of a `use` tree: `use a::{b as c, d::*}` has two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UseLeaf {
    /// `::a::b`.
    pub global: bool,
    /// All segments, without the `*`; `use a::{self}` has `a`.
    pub path: Vec<Name>,
    /// What it brings.
    pub kind: UseKind,
    /// The leaf's bytes.
    pub span: Span,
}

/// What a leaf of a `use` tree brings into scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum UseKind {
    /// This name (`_` for an anonymous import).
    Name(Name),
    /// Everything.
    Glob,
}

/// A function's signature and body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FnItem {
    /// Parameters.
    pub generics: Generics,
    /// `self`, `&self`, `&mut self`, `self: T`; not in `params`.
    pub receiver: Option<Receiver>,
    /// Parameters after the receiver.
    pub params: Vec<Param>,
    /// Return type; unit when absent.
    pub ret: Option<TypeRef>,
    /// `async fn`.
    pub is_async: bool,
    /// The body; a required method has none.
    pub body: Option<Body>,
}

/// A `self` parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receiver {
    /// `&self` or `&mut self`.
    pub reference: bool,
    /// `mut`.
    pub mutable: bool,
    /// `self: T`.
    pub ty: Option<TypeRef>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Pattern.
    pub pat: Pat,
    /// Type; closures may leave it out.
    pub ty: Option<TypeRef>,
    /// Attributes, `cfg` excluded.
    pub attrs: Vec<Attr>,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Cfg>,
}

/// A body left unread: a brace group, or the value of a constant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Its bytes, braces included for a block; the expression for a constant.
    pub span: Span,
    /// `ident_hash` of every identifier in it but `_` (macro arguments and `{name}` in strings included), sorted, each once.
    pub idents: Box<[u32]>,
    /// The paths in it by their hash, of those that read alike only the first: those of several segments (`::name` too),
    /// and single names where `(` or `!` follows.
    pub paths: Box<[Span]>,
    /// `ident_hash` of the last name of each macro that it calls, sorted, each once.
    pub macros: Box<[u32]>,
    /// What it holds.
    pub flags: BodyFlags,
}

/// What a lexer can see of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a body has or has not")]
pub struct BodyFlags {
    /// String literals.
    pub strings: bool,
    /// A string literal with a verb in it with which SQL writes.
    pub verbs: bool,
    /// Nested items (`fn`, `use`, `impl`, `struct`, `mod`, `macro_rules!`, …).
    pub items: bool,
    /// What may be a call of a macro of which the name is given: `$name!(…)`.
    pub given_macros: bool,
}

/// A struct's or variant's field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name, or position.
    pub name: Name,
    /// Type.
    pub ty: TypeRef,
    /// Attributes, `cfg` excluded.
    pub attrs: Vec<Attr>,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Cfg>,
}

/// An enum's variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Name.
    pub name: Name,
    /// Fields; tuple fields are named `0`, `1`, ….
    pub fields: Vec<Field>,
    /// `V(…)`.
    pub is_tuple: bool,
    /// Attributes, `cfg` excluded.
    pub attrs: Vec<Attr>,
}

/// Type parameters; lifetimes are dropped.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Generics {
    /// Type and const parameters in order.
    pub params: Vec<GenericParam>,
    /// `where` predicates on other types than a plain parameter.
    pub wheres: Vec<(TypeRef, Vec<TypeRef>)>,
}

/// One type or const parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenericParam {
    /// Name.
    pub name: Name,
    /// Its bounds, those of `where` predicates on it included.
    pub bounds: Vec<TypeRef>,
    /// `= Default`.
    pub default: Option<TypeRef>,
    /// `const N: usize`.
    pub is_const: bool,
}

/// A type as written. Lifetimes are dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum TypeRef {
    /// A named type.
    Path(Path),
    /// `&T`, `&mut T`.
    Ref(Box<TypeRef>, bool),
    /// `*const T`.
    Ptr(Box<TypeRef>),
    /// `[T]` or `[T; N]`.
    Slice(Box<TypeRef>),
    /// `(A, B)`; unit is empty.
    Tuple(Vec<TypeRef>),
    /// `fn(A) -> B`.
    Fn(Vec<TypeRef>, Option<Box<TypeRef>>),
    /// `dyn A + B`; a bound is a path.
    Dyn(Vec<TypeRef>),
    /// `impl A + B`.
    Impl(Vec<TypeRef>),
    /// A generic argument that is an expression (`{ N }`, `3`): its value where that is a literal.
    Const(Option<Lit>),
    /// `!`.
    Never,
    /// `_`.
    Infer,
    /// A macro, or something else unread.
    Unknown,
}

/// A path in a type, expression, pattern or attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// `<T as Trait>::x`: `T`, and how many of the segments belong to the trait (0 for `<T>::x`).
    pub qself: Option<Box<(TypeRef, usize)>>,
    /// `::a::b`.
    pub global: bool,
    /// At least one.
    pub segments: Vec<PathSegment>,
    /// Its bytes.
    pub span: Span,
}

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathSegment {
    /// `self`, `super`, `crate`, `Self` and `$crate` included.
    pub name: Name,
    /// `<A, B>`, or `(A) -> B` as its inputs followed by binding `Output`.
    pub args: Vec<TypeRef>,
    /// `<Item = T>`, `Output` of `Fn(A) -> T`.
    pub bindings: Vec<(Name, TypeRef)>,
}

/// A macro call anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MacroCall {
    /// Its path, without `!`.
    pub path: Path,
    /// The bytes between its delimiters.
    pub args: Span,
    /// The whole call.
    pub span: Span,
}

/// A block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// Statements in order.
    pub stmts: Vec<Stmt>,
    /// Nested items, in scope in the whole block.
    pub items: Vec<Arc<Item>>,
    /// With its braces.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Cfg>,
    /// What it does.
    pub kind: StmtKind,
    /// Its bytes.
    pub span: Span,
}

/// Kinds of statements; nested items are kept in the block.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `let pat: ty = init else { … };`
    Let {
        /// Pattern.
        pat: Pat,
        /// Annotation.
        ty: Option<TypeRef>,
        /// Value.
        init: Option<Expr>,
        /// `else` block.
        otherwise: Option<Block>,
    },
    /// An expression; without `;` at the end of a block it is the block's value.
    Expr {
        /// The expression.
        expr: Expr,
        /// Whether `;` follows.
        semi: bool,
    },
}

/// An expression with its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its bytes.
    pub span: Span,
}

/// Literals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Lit {
    /// A string or raw string, unescaped.
    Str(Name),
    /// A byte or C string, lossily as text.
    Bytes(Name),
    /// An integer.
    Int(i128),
    /// A float, as written.
    Float(Name),
    /// A character.
    Char(char),
    /// A boolean.
    Bool(bool),
}

/// Kinds of expressions. Parentheses and groups are dropped.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Lit(Lit),
    /// A path.
    Path(Path),
    /// `callee(args)`.
    Call(Box<Expr>, Vec<Expr>),
    /// `receiver.name::<generics>(args)`.
    MethodCall(Box<MethodCall>),
    /// `base.name`; tuple positions are names.
    Field(Box<Expr>, Name),
    /// `base[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `!x`, `-x`, `*x`.
    Unary(UnaryOp, Box<Expr>),
    /// `a op b`; the operator as written (`+`, `==`, `&&`).
    Binary(Name, Box<Expr>, Box<Expr>),
    /// `a = b`.
    Assign(Box<Expr>, Box<Expr>),
    /// `a op= b`; the operator without `=`.
    AssignOp(Name, Box<Expr>, Box<Expr>),
    /// `&x`, `&mut x`.
    Ref(bool, Box<Expr>),
    /// `x as T`.
    Cast(Box<Expr>, TypeRef),
    /// A block, with its label; `unsafe` and `const` ones are no different.
    Block(Option<Name>, Block),
    /// `if cond { … } else …`.
    If(Box<Expr>, Block, Option<Box<Expr>>),
    /// `let pat = expr` in a condition.
    Let(Box<Pat>, Box<Expr>),
    /// `match x { … }`.
    Match(Box<Expr>, Vec<Arm>),
    /// `loop { … }`.
    Loop(Option<Name>, Block),
    /// `while cond { … }`.
    While(Option<Name>, Box<Expr>, Block),
    /// `for pat in iter { … }`.
    For(Option<Name>, Box<Pat>, Box<Expr>, Block),
    /// `break 'label value`.
    Break(Option<Name>, Option<Box<Expr>>),
    /// `continue 'label`.
    Continue(Option<Name>),
    /// `return value`.
    Return(Option<Box<Expr>>),
    /// `move |params| body`.
    Closure(Arc<ClosureExpr>),
    /// `async { … }`: a closure without parameters whose body is the block.
    Async(Arc<ClosureExpr>),
    /// `Path { fields, ..rest }`.
    Struct(Path, Vec<(Name, Expr)>, Option<Box<Expr>>),
    /// `(a, b)`; unit is empty.
    Tuple(Vec<Expr>),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// `[value; len]`.
    Repeat(Box<Expr>, Box<Expr>),
    /// `a..b`, `a..=b` (`true`).
    Range(Option<Box<Expr>>, Option<Box<Expr>>, bool),
    /// `x?`.
    Try(Box<Expr>),
    /// `x.await`.
    Await(Box<Expr>),
    /// A macro call.
    Macro(MacroCall),
    /// An element, argument or field under a `cfg`.
    Under(Cfg, Box<Expr>),
    /// Something else; its parts are evaluated for their effects.
    Other(Vec<Expr>),
}

/// A method call.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodCall {
    /// Receiver.
    pub receiver: Expr,
    /// Method.
    pub name: Name,
    /// The name's bytes.
    pub name_span: Span,
    /// Turbofish.
    pub generics: Vec<TypeRef>,
    /// Arguments after the receiver.
    pub args: Vec<Expr>,
}

/// A closure.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosureExpr {
    /// Parameters.
    pub params: Vec<Param>,
    /// Return type.
    pub ret: Option<TypeRef>,
    /// Body.
    pub body: Expr,
    /// `async |…|`.
    pub is_async: bool,
    /// `move`.
    pub is_move: bool,
}

/// One arm of a `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Pattern.
    pub pat: Pat,
    /// `if` guard.
    pub guard: Option<Expr>,
    /// Body.
    pub body: Expr,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Cfg>,
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `!`.
    Not,
    /// `-`.
    Neg,
    /// `*`.
    Deref,
}

/// Patterns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Pat {
    /// `_`, `..` alone, or something unread.
    Wild,
    /// `ref mut name @ sub`. A path pattern of one segment looks the same.
    Bind {
        /// Name.
        name: Name,
        /// `ref mut`: the name is a reference to a place in what the pattern is matched against.
        by_mut: bool,
        /// `mut`: the name is one of a place that can be written to.
        is_mut: bool,
        /// Sub-pattern.
        sub: Option<Box<Pat>>,
        /// The name's bytes.
        span: Span,
    },
    /// A path with several segments.
    Path(Path),
    /// `Path(a, .., b)`: the elements and where `..` stands.
    TupleStruct(Path, Vec<Pat>, Option<usize>),
    /// `Path { a, b: p, .. }`.
    Struct(Path, Vec<(Name, Pat)>),
    /// `(a, .., b)`.
    Tuple(Vec<Pat>, Option<usize>),
    /// `[a, rest @ .., b]`; the place is that of an element, which is `_` for a bare `..`.
    Slice(Vec<Pat>, Option<usize>),
    /// `&p`, `&mut p`, `box p`.
    Ref(Box<Pat>),
    /// A literal.
    Lit(Lit),
    /// `a..=b` (`true`), `a..b`, `a..`: each end a literal or a path, or unread.
    Range(Box<(Option<Pat>, Option<Pat>)>, bool),
    /// A constant block, or an end of a range that is neither a literal nor a path.
    Unread,
    /// `a | b`.
    Or(Vec<Pat>),
    /// `p: T`.
    Typed(Box<Pat>, TypeRef),
    /// A macro call, read when something is matched against it.
    Macro(MacroCall),
}

/// The hash by which [`Body::idents`] knows an identifier: FNV-1a, 32 bits, of its bytes without `r#`.
pub fn ident_hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
