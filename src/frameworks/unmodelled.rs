//! Web frameworks that are known by name and by nothing else.
//!
//! A route that one of them serves is not listed, and so is never judged. A service that takes its payments through such a
//! framework would be passed in silence, so each package that depends on one is a gap at its manifest.

/// Frameworks and servers that route requests and that no model speaks of, as Rust spells them. Those that only run the
/// router of a modelled one (`axum_server`, `poem_lambda`, `shuttle_axum`) are not among them.
const CRATES: &[&str] = &[
    // Routers with handlers.
    "afire",
    "anansi",
    "canteen",
    "chopin",
    "chopin_core",
    "conduit",
    "conduit_router",
    "cot",
    "faf",
    "feather",
    "finchers",
    "graphul",
    "hotaru",
    "humphrey",
    "hyperlane",
    "ignitia",
    "iron",
    "khttp",
    "krustie",
    "lieweb",
    "nickel",
    "ohkami",
    "pavex",
    "pencil",
    "picoserve",
    "rama",
    "rapid_web",
    "roa",
    "roa_core",
    "rouille",
    "routerify",
    "rustful",
    "rusty_express",
    "rweb",
    "saphir",
    "sapper",
    "shio",
    "sib",
    "silent",
    "simple_server",
    "snowboard",
    "spring_web",
    "submillisecond",
    "summer_web",
    "tako",
    "thruster",
    "touche",
    "tower_web",
    "tuono_lib",
    "vial",
    "vidi",
    "water_http",
    "xitca_http",
    "xitca_web",
    "zino",
    // Servers whose callers tell requests apart themselves.
    "astra",
    "edge_http",
    "httpbis",
    "kvarn",
    "may_minihttp",
    "micro_http",
    "monoio_http",
    "oxhttp",
    "rama_http",
    "rama_http_backend",
    "tiny_http",
    "tk_http",
    "tokio_minihttp",
    "vortex_server",
    // Procedures that are called over HTTP.
    "connectrpc",
    "dxr_server",
    "grpcio",
    "jsonrpc_http_server",
    "jsonrpc_v2",
    "jsonrpsee",
    "jsonrpsee_http_server",
    "jsonrpsee_server",
    "prost_twirp",
    "tarpc",
    "twirp",
    "volo_grpc",
    "volo_http",
    "volo_thrift",
    // What a platform calls for each request.
    "azure_functions",
    "cgi",
    "fastcgi_server",
    "fastly",
    "lambda_http",
    "lambda_runtime",
    "lamedh_http",
    "netlify_lambda_http",
    "spin_sdk",
    "vercel_runtime",
    "wasmcloud_component",
    "worker",
    "wstd",
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
