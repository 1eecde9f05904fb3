//! `rocket_okapi`: macros that make routes, and a document of them.

/// `rocket_okapi` and what was forked from it.
pub(super) const OKAPI_CRATES: [&str; 2] = ["rocket_okapi", "revolt_rocket_okapi"];

/// What macros of `rocket_okapi` do to routes; the document they also make is left out, but for its own route.
pub(super) const OKAPI: [(&str, &str); 5] = [
    (
        "openapi_get_routes",
        "($settings:ident : $($route:expr),* $(,)*) => { $crate::__documented![$($route),*] };
         ($($route:expr),* $(,)*) => { $crate::__documented![$($route),*] };",
    ),
    // As `openapi_get_routes` was called at first.
    ("routes_with_openapi", "($($route:expr),* $(,)*) => { $crate::__documented![$($route),*] };"),
    (
        "openapi_get_routes_spec",
        "($settings:ident : $($route:expr),* $(,)*) => { ($crate::__routes![$($route),*], ()) };
         ($($route:expr),* $(,)*) => { ($crate::__routes![$($route),*], ()) };",
    ),
    (
        "mount_endpoints_and_merged_docs",
        "($rocket:ident, $base:expr, $settings:ident, $($path:expr => $routes:expr),* $(,)*) => {{
            let base_path = $base.to_string();
            $({
                let (routes, _) = $routes;
                $rocket = $rocket.mount(format!(\"{}{}\", base_path, $path), routes);
            })*
            $rocket = $rocket.mount($base, $crate::__documented![]);
        }};",
    ),
    (
        "get_nested_endpoints_and_docs",
        "($($path:expr => $routes:expr),* $(,)*) => {{
            let mut routes = Vec::new();
            $({
                let (new, _) = $routes;
                routes.extend(new.into_iter().map(|r| r.map_base(|base| format!(\"{}{}\", $path, base))));
            })*
            (routes, ())
        }};",
    ),
];

/// The name of an item of it.
pub(super) fn okapi_item(path: &str) -> Option<&str> {
    let (krate, item) = path.split_once("::")?;
    OKAPI_CRATES.contains(&krate).then_some(item)
}
