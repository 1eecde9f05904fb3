//! Files of SQL: which of them declare something that counts, in which order they are run, and what clients add to them.

use std::borrow::Cow;

use super::super::Dialect;

/// What is declared that makes one write another, or takes that back.
const OBJECTS: &[&str] =
    &["function", "procedure", " proc ", "trigger", "view", " rule ", "partition", "inherit"];
/// What changes the names of what is declared elsewhere.
const CHANGES: &[&str] = &["drop ", "rename "];

/// Whether a text may declare something by which one write is another.
pub(super) fn may_declare(text: &str) -> bool {
    let declares = ["create", "alter"].iter().any(|verb| holds(text, verb));
    declares && (OBJECTS.iter().any(|word| holds(text, word)) || calls_by_default(text))
}

/// Whether a column gets its value from a function that is of no server: `n int DEFAULT zap()`.
fn calls_by_default(text: &str) -> bool {
    let of = |rest: &str| {
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '"'))?;
        let calls = rest.get(end..)?.starts_with('(') && !is_of_server(rest.get(..end)?);
        (calls && end > 0).then_some(())
    };
    let bytes = text.as_bytes();
    bytes.windows(WORD.len()).enumerate().any(|(at, word)| {
        word.eq_ignore_ascii_case(WORD.as_bytes())
            && text.get(at + WORD.len()..).and_then(of).is_some()
    })
}

/// The word before the value of a column that is given none.
const WORD: &str = "default";
/// Functions of servers that give columns their values.
const OF_SERVERS: &[&str] = &[
    "now",
    "gen_random_uuid",
    "uuid_generate_v4",
    "uuid_generate_v1",
    "uuid_generate_v7",
    "uuidv7",
    "uuid",
    "nextval",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "current_timestamp",
    "current_date",
    "localtimestamp",
    "datetime",
    "date",
    "strftime",
    "unixepoch",
    "julianday",
    "randomblob",
    "hex",
    "lower",
    "getdate",
    "getutcdate",
    "sysdatetime",
    "sysutcdatetime",
    "newid",
    "newsequentialid",
    "json_object",
    "json_array",
    "jsonb_build_object",
    "timezone",
    "random",
    "md5",
    "encode",
    "concat",
    "coalesce",
    "cast",
    "extract",
];

/// Whether a function of that name is one of a server, which writes nothing.
pub(super) fn is_of_server(name: &str) -> bool {
    OF_SERVERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a text may change what is declared elsewhere.
pub(super) fn may_change(text: &str) -> bool {
    may_declare(text) || CHANGES.iter().any(|word| holds(text, word))
}

/// Whether a text holds a word in lower case letters, in any case; a blank stands for any.
fn holds(text: &str, word: &str) -> bool {
    let same = |one: &u8, other: &u8| {
        one.eq_ignore_ascii_case(other) || *other == b' ' && one.is_ascii_whitespace()
    };
    let first = word.as_bytes().first().copied().unwrap_or_default();
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        same(byte, &first)
            && bytes
                .get(at..at + word.len())
                .is_some_and(|here| here.iter().zip(word.as_bytes()).all(|(a, b)| same(a, b)))
    })
}

/// Whether a file says how to go back: it declares what an earlier one did.
pub(super) fn goes_back(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name == "down.sql" || name.ends_with(".down.sql") || name.ends_with("_down.sql")
}

/// The files that a file is run in a row with: those of its directory, or of the directories beside it where each holds an
/// `up.sql`.
pub(super) fn series(path: &str) -> &str {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name.eq_ignore_ascii_case("up.sql") {
        return dir.rsplit_once('/').map_or("", |(above, _)| above);
    }
    dir
}

/// Where a file stands in its series. diesel compares versions as text without hyphens (`version_from_string` in
/// `migrations_internals`), sqlx and refinery compare numbers.
pub(super) fn order(path: &str) -> (u128, String, String) {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_dir = name.eq_ignore_ascii_case("up.sql");
    let named = if is_dir { dir.rsplit('/').next().unwrap_or(dir) } else { name };
    let version: String = named.split(['_', '.']).next().unwrap_or_default().replace('-', "");
    let digits = version.trim_start_matches(['V', 'v', 'U', 'm']);
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if is_dir || !is_number {
        return (0, version, path.to_owned());
    }
    (digits.parse().unwrap_or(u128::MAX), String::new(), path.to_owned())
}

/// The database that a text is clearly written for, where it is not the one that is tried first.
pub(super) fn spoken(text: &str) -> Option<Dialect> {
    if text.contains("$$") {
        return None;
    }
    let batches = || text.lines().any(|line| line.trim().eq_ignore_ascii_case("go"));
    if text.contains('`') || holds(text, "delimiter ") {
        Some(Dialect::MySql)
    } else if text.contains("[dbo]") || batches() {
        Some(Dialect::MsSql)
    } else {
        None
    }
}

/// A text without what is for clients: the delimiters of `mysql`, the batches of `sqlcmd`, the meta-commands of `psql`,
/// and the part of dbmate's and goose's files that goes back. Bytes stay where they are.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let is_command = |line: &str| {
        let line = line.trim();
        line.starts_with('\\')
            || line.eq_ignore_ascii_case("go")
            || line.get(..10).is_some_and(|head| head.eq_ignore_ascii_case("delimiter "))
            || goes_back_from(line)
    };
    if !text.lines().any(is_command) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut delimiter: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        if goes_back_from(bare) {
            break;
        }
        let given = bare.get(..10).filter(|head| head.eq_ignore_ascii_case("delimiter "));
        if given.is_some() {
            delimiter = bare.get(10..).map(str::trim).filter(|sign| *sign != ";");
        }
        if given.is_some() || bare.starts_with('\\') || bare.eq_ignore_ascii_case("go") {
            let sign = if bare.eq_ignore_ascii_case("go") { ';' } else { ' ' };
            plain.push(sign);
            plain.extend(line.chars().skip(1).map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else if let Some(sign) = delimiter.filter(|sign| line.contains(*sign)) {
            let end = format!("{:width$}", ";", width = sign.len());
            plain.push_str(&line.replace(sign, &end));
        } else {
            plain.push_str(line);
        }
    }
    Cow::Owned(plain)
}

fn goes_back_from(line: &str) -> bool {
    let Some(comment) = line.strip_prefix("--") else { return false };
    let comment = comment.trim().to_ascii_lowercase();
    comment.starts_with("migrate:down") || comment.starts_with("+goose down")
}
