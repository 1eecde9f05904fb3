//! Our own tree of one file: items and signatures, bodies left as byte ranges.
//!
//! It depends on the file's bytes alone, knows no framework, and can cross threads and go to a cache. Spans are
//! bytes of that file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use thin_vec::ThinVec;

use super::code::Code;
use crate::source::Span;

/// An identifier, without `r#`.
pub type Name = SmolStr;

/// What one file says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FileTree {
    /// Items in source order.
    pub items: ThinVec<Arc<Item>>,
    /// `#![…]` attributes.
    pub attrs: ThinVec<Attr>,
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
    Option(Box<Name>),
    /// All hold; empty is true.
    All(ThinVec<Cfg>),
    /// One holds; empty is false.
    Any(ThinVec<Cfg>),
    /// It does not hold.
    Not(Box<Cfg>),
}

impl Cfg {
    /// One option, as written without spaces.
    pub fn option(text: impl Into<Name>) -> Self {
        Self::Option(Box::new(text.into()))
    }
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
    pub cfg: Option<Box<Cfg>>,
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
    pub attrs: ThinVec<Attr>,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Box<Cfg>>,
    /// What it is.
    pub kind: ItemKind,
}

/// Kinds of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ItemKind {
    /// A function or method.
    Fn(Box<FnItem>),
    /// `mod name;` (`None`) or `mod name { … }`.
    Mod(Option<ThinVec<Arc<Item>>>),
    /// One `use` declaration, flattened into its leaves.
    Use(ThinVec<UseLeaf>),
    /// `extern crate name as rename;` the item's name is the one bound (`_` allowed); this is the crate.
    ExternCrate(Name),
    /// `const` or `static`; associated constants without value have none.
    Const {
        /// Declared type.
        ty: TypeRef,
        /// Value.
        value: Option<Box<Body>>,
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
        fields: ThinVec<Field>,
        /// `struct X(…);`
        is_tuple: bool,
    },
    /// An enum.
    Enum {
        /// Parameters.
        generics: Generics,
        /// Variants.
        variants: ThinVec<Variant>,
    },
    /// A trait.
    Trait {
        /// Parameters.
        generics: Generics,
        /// Supertraits.
        supertraits: ThinVec<TypeRef>,
        /// Its items.
        items: ThinVec<Arc<Item>>,
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
    pub items: ThinVec<Arc<Item>>,
}

/// One leaf of a `use` tree: `use a::{b as c, d::*}` has two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UseLeaf {
    /// `::a::b`.
    pub global: bool,
    /// All segments, without the `*`; `use a::{self}` has `a`.
    pub path: ThinVec<Name>,
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
    pub params: ThinVec<Param>,
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
    pub attrs: ThinVec<Attr>,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Box<Cfg>>,
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
    pub attrs: ThinVec<Attr>,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Box<Cfg>>,
}

/// An enum's variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Name.
    pub name: Name,
    /// Fields; tuple fields are named `0`, `1`, ….
    pub fields: ThinVec<Field>,
    /// `V(…)`.
    pub is_tuple: bool,
    /// Attributes, `cfg` excluded.
    pub attrs: ThinVec<Attr>,
}

/// Type parameters; lifetimes are dropped.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Generics {
    /// Type and const parameters in order.
    pub params: ThinVec<GenericParam>,
    /// `where` predicates on other types than a plain parameter.
    pub wheres: ThinVec<(TypeRef, ThinVec<TypeRef>)>,
}

/// One type or const parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenericParam {
    /// Name.
    pub name: Name,
    /// Its bounds, those of `where` predicates on it included.
    pub bounds: ThinVec<TypeRef>,
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
    Tuple(ThinVec<TypeRef>),
    /// `fn(A) -> B`.
    Fn(ThinVec<TypeRef>, Option<Box<TypeRef>>),
    /// `dyn A + B`; a bound is a path.
    Dyn(ThinVec<TypeRef>),
    /// `impl A + B`.
    Impl(ThinVec<TypeRef>),
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
    pub segments: ThinVec<PathSegment>,
    /// Its bytes.
    pub span: Span,
}

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathSegment {
    /// `self`, `super`, `crate`, `Self` and `$crate` included.
    pub name: Name,
    /// `<A, B>`, or `(A) -> B` as its inputs followed by binding `Output`.
    pub args: ThinVec<TypeRef>,
    /// `<Item = T>`, `Output` of `Fn(A) -> T`.
    pub bindings: ThinVec<(Name, TypeRef)>,
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
    pub stmts: ThinVec<Stmt>,
    /// Nested items, in scope in the whole block.
    pub items: ThinVec<Arc<Item>>,
    /// With its braces.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Box<Cfg>>,
    /// What it does.
    pub kind: StmtKind,
    /// Its bytes.
    pub span: Span,
}

/// Kinds of statements; nested items are kept in the block.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `let pat: ty = init else { … };`
    Let(Box<Local>),
    /// An expression; without `;` at the end of a block it is the block's value.
    Expr {
        /// The expression.
        expr: Expr,
        /// Whether `;` follows.
        semi: bool,
    },
}

/// A `let` statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    /// Pattern.
    pub pat: Pat,
    /// Annotation.
    pub ty: Option<TypeRef>,
    /// Value.
    pub init: Option<Expr>,
    /// `else` block.
    pub otherwise: Option<Block>,
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
    Bytes(Box<Name>),
    /// An integer.
    Int(Integer),
    /// A float, as written.
    Float(Box<Name>),
    /// A character.
    Char(char),
    /// A boolean.
    Bool(bool),
}

/// The name of a block or loop that code inside of it can leave, without `'`; few have one.
pub type Label = Option<Box<Name>>;

/// An integer as a literal gives it. It is aligned as pointers are: expressions would all be larger for its sake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(C, packed(8))]
pub struct Integer(i128);

impl Integer {
    /// Its value.
    pub fn get(self) -> i128 {
        self.0
    }
}

impl From<i128> for Integer {
    fn from(value: i128) -> Self {
        Self(value)
    }
}

/// Kinds of expressions. Parentheses and groups are dropped.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Lit(Lit),
    /// A path.
    Path(Path),
    /// `callee(args)`.
    Call(Box<Expr>, ThinVec<Expr>),
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
    Block(Label, Block),
    /// `if cond { … } else …`.
    If(Box<Expr>, Block, Option<Box<Expr>>),
    /// `let pat = expr` in a condition.
    Let(Box<Pat>, Box<Expr>),
    /// `match x { … }`.
    Match(Box<Expr>, ThinVec<Arm>),
    /// `loop { … }`.
    Loop(Label, Block),
    /// `while cond { … }`.
    While(Label, Box<Expr>, Block),
    /// `for pat in iter { … }`.
    For(Label, Box<Pat>, Box<Expr>, Block),
    /// `break 'label value`.
    Break(Label, Option<Box<Expr>>),
    /// `continue 'label`.
    Continue(Label),
    /// `return value`.
    Return(Option<Box<Expr>>),
    /// `move |params| body`.
    Closure(Arc<ClosureExpr>),
    /// `async { … }`: a closure without parameters whose body is the block.
    Async(Arc<ClosureExpr>),
    /// `Path { fields, ..rest }`.
    Struct(Path, ThinVec<(Name, Expr)>, Option<Box<Expr>>),
    /// `(a, b)`; unit is empty.
    Tuple(ThinVec<Expr>),
    /// `[a, b]`.
    Array(ThinVec<Expr>),
    /// `[value; len]`.
    Repeat(Box<Expr>, Box<Expr>),
    /// `a..b`, `a..=b` (`true`).
    Range(Option<Box<Expr>>, Option<Box<Expr>>, bool),
    /// `x?`.
    Try(Box<Expr>),
    /// `x.await`.
    Await(Box<Expr>),
    /// A macro call.
    Macro(Box<MacroCall>),
    /// An element, argument or field under a `cfg`.
    Under(Box<Cfg>, Box<Expr>),
    /// Something else; its parts are evaluated for their effects.
    Other(ThinVec<Expr>),
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
    pub generics: ThinVec<TypeRef>,
    /// Arguments after the receiver.
    pub args: ThinVec<Expr>,
}

/// A closure.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosureExpr {
    /// Parameters.
    pub params: ThinVec<Param>,
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
    pub guard: Option<Box<Expr>>,
    /// Body.
    pub body: Expr,
    /// The conjunction of its `cfg` attributes.
    pub cfg: Option<Box<Cfg>>,
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
    TupleStruct(Path, ThinVec<Pat>, Option<usize>),
    /// `Path { a, b: p, .. }`.
    Struct(Path, ThinVec<(Name, Pat)>),
    /// `(a, .., b)`.
    Tuple(ThinVec<Pat>, Option<usize>),
    /// `[a, rest @ .., b]`; the place is that of an element, which is `_` for a bare `..`.
    Slice(ThinVec<Pat>, Option<usize>),
    /// `&p`, `&mut p`, `box p`.
    Ref(Box<Pat>),
    /// A literal.
    Lit(Lit),
    /// `a..=b` (`true`), `a..b`, `a..`: each end a literal or a path, or unread.
    Range(Box<(Option<Pat>, Option<Pat>)>, bool),
    /// A constant block, or an end of a range that is neither a literal nor a path.
    Unread,
    /// `a | b`.
    Or(ThinVec<Pat>),
    /// `p: T`.
    Typed(Box<Pat>, TypeRef),
    /// A macro call, read when something is matched against it.
    Macro(Box<MacroCall>),
}

/// The hash by which [`Body::idents`] knows an identifier: FNV-1a, 32 bits, of its bytes without `r#`.
pub fn ident_hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most of the memory of a run is these.
    #[test]
    fn nodes_are_small() {
        let sizes = [
            ("Expr", size_of::<Expr>(), 64),
            ("Stmt", size_of::<Stmt>(), 88),
            ("Arm", size_of::<Arm>(), 136),
            ("Pat", size_of::<Pat>(), 56),
            ("Path", size_of::<Path>(), 32),
            ("PathSegment", size_of::<PathSegment>(), 40),
            ("TypeRef", size_of::<TypeRef>(), 32),
            ("Item", size_of::<Item>(), 112),
            ("FnItem", size_of::<FnItem>(), 168),
            ("Param", size_of::<Param>(), 104),
            ("Field", size_of::<Field>(), 72),
            ("Attr", size_of::<Attr>(), 56),
        ];
        let large: Vec<_> = sizes.iter().filter(|(_, size, most)| size > most).collect();
        assert!(large.is_empty(), "larger than they were: {large:?}");
    }
}
