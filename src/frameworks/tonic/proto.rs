//! The services of a `.proto` file: package, service and rpc names, and nothing else of it.
//!
//! A tokenizer and a walk over braces: messages, enums and options are passed over.

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    /// `billing.v1`; empty when the file has none.
    pub(super) package: String,
    /// `Payments`.
    pub(super) name: String,
    /// The names of its rpcs, in order.
    pub(super) methods: Vec<String>,
}

impl Service {
    /// `billing.v1.Payments`, as a path of gRPC has it.
    pub(super) fn full_name(&self) -> String {
        if self.package.is_empty() {
            self.name.clone()
        } else {
            format!("{}.{}", self.package, self.name)
        }
    }
}

/// A word (with its dots), a string, or one other character.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text,
    Mark(char),
}

/// The tokens of `text`, comments left out.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else if first == '"' || first == '\'' {
            rest = after_string(rest, first);
            all.push(Token::Text);
        } else if is_word(first) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            all.push(Token::Word(word));
            rest = after;
        } else {
            if !first.is_whitespace() {
                all.push(Token::Mark(first));
            }
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    all
}

/// What follows the string that `text` begins with.
fn after_string(text: &str, quote: char) -> &str {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

/// The services that `text` declares.
pub(super) fn services(text: &str) -> Vec<Service> {
    let mut all: Vec<Service> = Vec::new();
    let mut package = String::new();
    let mut depth = 0_usize;
    // The depth inside the service being read.
    let mut inside = None;
    let tokens = tokens(text);
    let mut before = None;
    for (at, token) in tokens.iter().enumerate() {
        let next = match tokens.get(at + 1) {
            Some(Token::Word(name)) => Some((*name).to_owned()),
            _ => None,
        };
        // A word begins a declaration only behind the end of another.
        let begins = matches!(before, None | Some(';' | '{' | '}'));
        match token {
            Token::Word("package") if begins && depth == 0 => package = next.unwrap_or_default(),
            Token::Word("service") if begins && depth == 0 => {
                if let Some(name) = next {
                    let methods = Vec::new();
                    all.push(Service { package: String::new(), name, methods });
                    inside = Some(depth + 1);
                }
            }
            Token::Word("rpc") if begins && inside == Some(depth) => {
                if let (Some(service), Some(name)) = (all.last_mut(), next) {
                    service.methods.push(name);
                }
            }
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth = depth.saturating_sub(1);
                if inside.is_some_and(|inner| depth < inner) {
                    inside = None;
                }
            }
            _ => {}
        }
        before = match token {
            Token::Mark(mark) => Some(*mark),
            _ => Some(' '),
        };
    }
    // `package` may stand anywhere at the top.
    for service in &mut all {
        service.package.clone_from(&package);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::services;

    #[test]
    fn check() {
        let text = r#"
            syntax = "proto3"; // service Fake { rpc A (B) returns (C); }
            package billing.v1;
            option go_package = "x; service Also {";
            message service { string rpc = 1; }
            /* service Old { } */
            service Payments {
                option deprecated = true;
                rpc Create (CreateRequest) returns (Payment) {
                    option (google.api.http) = { post: "/v1/payments" body: "*" };
                }
                rpc Watch(stream A) returns (stream B);
            }
            service Empty {}
        "#;
        let found = services(text);
        let shown: Vec<_> = found.iter().map(|s| (s.full_name(), s.methods.join(","))).collect();
        let expected = [("billing.v1.Payments", "Create,Watch"), ("billing.v1.Empty", "")];
        assert_eq!(shown, expected.map(|(name, methods)| (name.to_owned(), methods.to_owned())));
        assert_eq!(services("service A { rpc B(C) returns (D); }")[0].full_name(), "A");
        assert!(services("service { rpc").is_empty());
    }
}
