//! Text meant to break the reader: deep, long, cut anywhere.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

#[test]
fn hostile_text_is_read_in_bounded_time() {
    let deep = 10_000;
    let texts = [
        format!("INSERT INTO t VALUES {}", "(".repeat(deep)),
        format!("INSERT INTO t VALUES {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("INSERT INTO t VALUES {}1{}", "(".repeat(23), ")".repeat(23)),
        format!("INSERT INTO t SELECT {}1{}", "(".repeat(23), ")".repeat(23)),
        format!("DELETE FROM t WHERE x IN (SELECT 1 FROM {}a{})", "(".repeat(21), ")".repeat(21)),
        format!("DELETE FROM t WHERE x IN (SELECT 1 FROM {}a", "(".repeat(21)),
        format!("DELETE FROM t WHERE {}1{}", "f(".repeat(23), ")".repeat(23)),
        format!("DELETE FROM t WHERE {}1", "(SELECT ".repeat(23)),
        format!("DELETE FROM t WHERE {}1", "NOT ".repeat(deep)),
        format!("DELETE FROM t WHERE {}1", "- ".repeat(deep)),
        format!("DELETE FROM t WHERE {}1", "CASE WHEN ".repeat(deep)),
        format!("DELETE FROM t WHERE {}1", "a AND ".repeat(30_000)),
        format!("DELETE FROM t WHERE 1 {}", "+ 1 ".repeat(590)),
        format!("DELETE FROM t WHERE a{}", "[1]".repeat(deep)),
        format!("DELETE FROM t WHERE a{}", "::int".repeat(deep)),
        format!("DELETE FROM t WHERE a{}", ".b".repeat(deep)),
        format!("INSERT INTO t SELECT 1 {}", "UNION SELECT 1 ".repeat(deep)),
        format!("WITH {} DELETE FROM t", "a AS (WITH ".repeat(deep)),
        format!("{}DELETE FROM t", "EXPLAIN ANALYZE ".repeat(deep)),
        format!("INSERT INTO t VALUES ('{}')", "x".repeat(1 << 20)),
        format!("INSERT INTO t VALUES (1){}", ", (1)".repeat(40_000)),
        "DELETE FROM t;".repeat(5_000),
        format!("UPDATE t SET {}", "é\u{0}\u{7}\u{1b}".repeat(10_000)),
        format!("INSERT INTO t VALUES ({})", "{}, ".repeat(10_000)),
        format!("/*{}", "/*".repeat(30_000)),
        format!("INSERT INTO t VALUES (ARRAY{}", "[".repeat(deep)),
        format!("DELETE FROM t WHERE a < {}", "array<".repeat(deep)),
        format!("INSERT INTO t (a) VALUES (CAST(1 AS {}", "STRUCT<a ".repeat(deep)),
        format!("UPDATE {} SET a = 1", "a JOIN ".repeat(deep)),
        "INSERT INTO t (a) VALUES ".repeat(5_000),
        "INSERT INTO t (".repeat(5_000),
        "UPDATE a JOIN ".repeat(5_000),
        "UPDATE TOP (".repeat(5_000),
        "UPDATE t {} ".repeat(5_000),
        "MERGE INTO t USING ".repeat(5_000),
        format!("INSERT INTO t {}", "{} ".repeat(10_000)),
        format!("INSERT INTO t ON CONFLICT {}", "(a) WHERE ".repeat(5_000)),
        "WITH a AS (DELETE FROM t) ".repeat(5_000),
        "BEGIN EXECUTE 'EXECUTE ''EXECUTE DELETE FROM t'' ".repeat(10_000),
        format!("DO $$ BEGIN {} END $$", "a := 'x' || b; EXECUTE a; ".repeat(10_000)),
        format!("EXEC({}", "(a + ".repeat(10_000)),
        "EXEC(".repeat(10_000),
    ];
    for text in texts {
        let head: String = text.chars().take(60).collect();
        for receiver in [Receiver::Database, Receiver::Unknown] {
            let start = Instant::now();
            writes(&[Piece::Known(&text)], receiver, None);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(20), "{took:?} for {head}");
        }
    }
}

fn fragment() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "INSERT INTO ",
        "UPDATE ",
        "DELETE FROM ",
        "SET ",
        "VALUES ",
        "(",
        ")",
        "a",
        "a.b",
        "\"a\"",
        "`a",
        "'x'",
        "'",
        "=",
        ",",
        ";",
        "WITH ",
        "AS ",
        "WHERE ",
        "SELECT ",
        "FROM ",
        "JOIN ",
        "ON ",
        "MERGE INTO ",
        "USING ",
        "WHEN MATCHED THEN ",
        "TRUNCATE ",
        "COPY ",
        "STDIN ",
        "$1 ",
        "? ",
        "¤",
        "{}",
        "{",
        "}",
        "--\n",
        "/*",
        "*/",
        "$$",
        "\u{0}",
        "é",
        "DO ",
        "CASE ",
        "END ",
        "CREATE TRIGGER ",
        "BEGIN ",
        "EXPLAIN ",
        "[",
        "]",
        "%s",
        "EXECUTE ",
        "EXEC ",
        "CALL ",
        "PREPARE ",
        "@q ",
        "|| ",
        "OR REPLACE ",
    ])
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
        writes(&pieces(&text), Receiver::Database, None);
        writes(&[Piece::Known("INSERT INTO "), Piece::Known(&text)], Receiver::Database, None);
    }

    #[test]
    fn any_mixture_is_read_and_passes_the_prefilter(parts in proptest::collection::vec(fragment(), 0..24)) {
        let text = parts.concat();
        let reading = writes(&pieces(&text), Receiver::Database, None);
        for (piece, byte) in reading.statements.iter().filter_map(|write| write.place) {
            let pieces = pieces(&text);
            let Some(Piece::Known(known)) = pieces.get(piece) else { panic!("no such piece") };
            prop_assert!(known.is_char_boundary(byte));
        }
        let says = !reading.statements.is_empty() || reading.unreadable.is_some();
        // What is not known, be it the place of a format string, may be all of a statement.
        let has_hole = text.contains('¤') || text.contains('{') && text.contains('}');
        if says && !has_hole {
            prop_assert!(looks_like_write(&text) || text::may_run(&text));
        }
    }
}
