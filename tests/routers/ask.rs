//! What is asked of a framework's own router, and what it must answer.
//!
//! Every listed pair of method and path must be answered by something that is neither 404 nor 405; every other method
//! on the same paths, and every path that the fixture shows as not served, by one of these two. No request has a key:
//! where the fixture has a gate in use, it must stop what is listed as gated and nothing that is listed as bare.

use std::collections::BTreeSet;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// What the fixtures' gates answer without a key.
const STOPPED: [u16; 2] = [400, 428];

/// A request, and whether it is listed as a route.
pub struct Question {
    pub method: &'static str,
    pub path: String,
    pub listed: bool,
    /// Whether a gate stands before it, where the table says so.
    gated: Option<bool>,
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn is_rest(segment: &str) -> bool {
    segment.starts_with("{*")
}

/// A path that a client could send for one of a route table.
fn example(path: &str) -> String {
    let mut out = String::new();
    for piece in path.split_inclusive('/') {
        let (segment, slash) =
            piece.strip_suffix('/').map_or((piece, ""), |segment| (segment, "/"));
        let value = match segment {
            rest if is_rest(rest) => "Cargo.toml",
            one if one.contains('{') => "12345678",
            literal => literal,
        };
        out.push_str(value);
        out.push_str(slash);
    }
    out
}

/// Whether a path of a route table could take that of a request.
fn takes(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (segments(pattern), segments(path));
    if pattern.last().is_some_and(|last| is_rest(last)) {
        let fixed = pattern.len() - 1;
        return path.len() >= fixed
            && pattern[..fixed].iter().zip(&path).all(|(a, b)| a.contains('{') || a == b);
    }
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(a, b)| a.contains('{') || a == b)
}

/// The questions that follow from the route table in the file `ROUTES` and from what the fixture does not serve.
pub fn questions(unserved: &[&str]) -> Vec<Question> {
    let file = std::env::var("ROUTES").expect("ROUTES names the output of `routes --format json`");
    let text = std::fs::read_to_string(file).expect("the route table");
    let table: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let routes: Vec<(String, String, String)> = table["routes"]
        .as_array()
        .expect("routes")
        .iter()
        .map(|route| {
            let word = |key: &str| route[key].as_str().expect("a known method and path").to_owned();
            (word("method"), word("path"), word("status"))
        })
        .collect();
    let paths: BTreeSet<(String, String)> = routes
        .iter()
        .map(|(_, path, _)| (path.clone(), example(path)))
        .chain(unserved.iter().map(|path| ((*path).to_owned(), (*path).to_owned())))
        .collect();
    let mut all = Vec::new();
    for (pattern, path) in paths {
        for method in METHODS {
            let answers = |listed: &str| listed == method || listed == "ANY";
            let own = || routes.iter().filter(|(verb, of, _)| *of == pattern && answers(verb));
            let says = |status: &str| own().all(|(_, _, is)| is == status).then_some(());
            let listed = own().next().is_some();
            let gated = says("gated").map(|()| true).or(says("bare").map(|()| false));
            // Frameworks differ in whether another route that fits takes over.
            let other = routes.iter().any(|(verb, of, _)| answers(verb) && takes(of, &path));
            if listed || !other {
                let gated = gated.filter(|_| listed);
                all.push(Question { method, path: path.clone(), listed, gated });
            }
        }
    }
    all
}

/// Holds the answers against the route table.
///
/// - `answers`: the status of each question in each way in which it was asked.
pub fn judge(answers: &[(Question, Vec<u16>)]) {
    let gates = std::env::var_os("GATES").is_some();
    let (mut wrong, mut stopped) = (Vec::new(), 0);
    for (question, statuses) in answers {
        // A gate may stand before everything, what is not there included.
        let refused = |status: &u16| {
            matches!(status, 404 | 405) || gates && !question.listed && STOPPED.contains(status)
        };
        let answered = !statuses.iter().all(refused);
        if answered != question.listed {
            let what = if question.listed { "is listed" } else { "is not listed" };
            wrong.push(format!("{} {} {what}: {statuses:?}", question.method, question.path));
        }
    }
    for (question, statuses) in answers.iter().filter(|_| gates) {
        let stops = statuses.iter().all(|status| STOPPED.contains(status));
        stopped += usize::from(stops);
        if question.gated.is_some_and(|gated| gated != stops) {
            let what = if stops { "bare" } else { "gated" };
            wrong.push(format!(
                "{} {} is listed as {what}: {statuses:?}",
                question.method, question.path
            ));
        }
    }
    let listed = answers.iter().filter(|(question, _)| question.listed).count();
    println!("{listed} listed requests and {} others, {stopped} stopped", answers.len() - listed);
    assert!(wrong.is_empty(), "the route table is wrong about\n{}", wrong.join("\n"));
}
