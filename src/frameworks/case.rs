//! Names as the macros of frameworks rewrite them.

/// `create_payment` for `CreatePayment`, as the `heck` crate has it.
pub(super) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() && *before != '_'
                    || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase())
            });
        if starts {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `createPayment` for `create_payment`.
pub(super) fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for (at, word) in name.split('_').filter(|word| !word.is_empty()).enumerate() {
        let mut letters = word.chars();
        let first = letters.next();
        if at == 0 {
            camel.extend(first.into_iter().flat_map(char::to_lowercase));
        } else {
            camel.extend(first.into_iter().flat_map(char::to_uppercase));
        }
        camel.push_str(letters.as_str());
    }
    camel
}

/// What is the same for every spelling of a name.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{camel_case, plain, snake_case};

    #[test]
    fn check() {
        let names = ["CreatePayment", "GetURL", "URLMap", "PingV2", "x"].map(snake_case);
        assert_eq!(names, ["create_payment", "get_url", "url_map", "ping_v2", "x"]);
        assert_eq!(["create_payment", "_x", "id"].map(camel_case), ["createPayment", "x", "id"]);
        assert_eq!(plain("Create_Payment"), plain("createPayment"));
    }
}
