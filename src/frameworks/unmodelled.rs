//! Web frameworks that are known by name and by nothing else.
//!
//! A route that one of them serves is not listed, and so is never judged. A service that takes its payments through such a
//! framework would be passed in silence, so each package that depends on one is a gap at its manifest.

/// Frameworks and servers that route requests and that no model speaks of, as Rust spells them. Those that only run the
/// router of a modelled one (`axum_server`, `poem_lambda`, `shuttle_axum`) are not among them.
const CRATES: &[&str] = &[
    // Routers with handlers.
    "canteen",
    "conduit",
    "conduit_router",
    "cot",
    "faf",
    "feather",
    "finchers",
    "graphul",
    "hyperlane",
    "iron",
    "nickel",
    "ohkami",
    "pavex",
    "picoserve",
    "roa",
    "rouille",
    "routerify",
    "rweb",
    "saphir",
    "shio",
    "silent",
    "submillisecond",
    "thruster",
    "tower_web",
    "vial",
    "xitca_http",
    "xitca_web",
    "zino",
    // Servers whose callers tell requests apart themselves.
    "astra",
    "may_minihttp",
    "tiny_http",
    // Procedures that are called over HTTP.
    "grpcio",
    "jsonrpsee",
    "jsonrpc_http_server",
    "tarpc",
    "twirp",
    "volo_grpc",
    "volo_http",
    "volo_thrift",
    // What a platform calls for each request.
    "fastly",
    "lambda_http",
    "lambda_runtime",
    "spin_sdk",
    "vercel_runtime",
    "worker",
];

/// Whether a crate outside the tree is a web framework of which only the name is known.
pub fn is_unmodelled(crate_name: &str) -> bool {
    CRATES.contains(&crate_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_modelled() {
        let modelled = |one: &&&str| crate::frameworks::is_framework(one);
        assert_eq!(CRATES.iter().find(modelled), None);
    }
}
