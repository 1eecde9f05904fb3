//! How code of a framework looks: what routes through and past a gate are made up of when a contract tests itself.
//!
//! Each framework says it in its own file; a word in capitals stands for what differs from one route to the next:
//!
//! | word | stands for |
//! |---|---|
//! | `VERB`, `METHOD` | the method, as functions are called and as it is sent |
//! | `PATH` | the path, quoted |
//! | `RELATIVE` | the same without its first slash |
//! | `SEGMENTS` | its segments, quoted, with ` / ` between them |
//! | `ATTRIBUTES`, `PARAMETERS`, `BODY` | what stands before the handler, what it takes and what it does first |
//! | `ROUTE` | the router with the one route |
//! | `ROUTER` | what is served |
//! | `LAYER` | a layer, or the function that is made one |
//! | `CALL` | a call of a gate |

/// What one framework's code looks like.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The crate through which it is named.
    pub krate: &'static str,
    /// The framework that its routes are listed under, when that is another.
    pub listed_as: Option<&'static str>,
    /// Items, among them a handler called `handler`.
    pub handler: &'static str,
    /// Items by which `ROUTER` is served.
    pub served: &'static str,
    /// A router with the route and nothing around it.
    pub route: &'static str,
    /// The type of such a router, as a function takes and returns it.
    pub router: &'static str,
    /// Items that serve a route whose path, or a part of it, is only known when the program runs.
    pub unknown: Option<&'static str>,
    /// How a layer that is a value is laid.
    pub layer: Option<Laid>,
    /// How what a function without arguments gives is laid, where it is not as any value is.
    pub layer_made: Option<Laid>,
    /// How a layer that is a function is laid.
    pub layer_function: Option<Laid>,
    /// Whether what a handler takes may be a gate.
    pub extractors: bool,
    /// Whether an attribute of a handler may be one.
    pub attributes: bool,
    /// What a gate function may take, a whole router first.
    pub taken: &'static [Taken],
}

/// A layer and a route.
#[derive(Debug, Clone, Copy)]
pub struct Laid {
    /// The layer around the route.
    pub over: &'static str,
    /// What is wrong where it is laid past the route, for people: `added after`.
    pub how: &'static str,
    /// The layer laid past the route.
    pub past: &'static str,
}

/// What a gate function takes and gives back.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// The last name of its type or trait.
    pub ty: &'static str,
    /// The value that is given.
    pub value: &'static str,
    /// The value that is given when the function registers the route itself.
    pub empty: &'static str,
    /// What is served of what the call gives back.
    pub router: &'static str,
    /// Items by which that is served, where they are others than for a router.
    pub served: Option<&'static str>,
}

impl Taken {
    /// A value of a type that the function wraps.
    pub const fn new(ty: &'static str, value: &'static str, router: &'static str) -> Self {
        Self { ty, value, empty: value, router, served: None }
    }

    /// A router, to which the function may also add the route.
    pub const fn router(ty: &'static str, empty: &'static str) -> Self {
        Self { ty, value: "ROUTE", empty, router: "CALL", served: None }
    }
}
