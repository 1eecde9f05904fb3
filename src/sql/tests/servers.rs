//! What only some servers take: words before a table, batches without semicolons, text that is run as a statement.

use super::*;

#[test]
fn words_between_verb_and_table() {
    check_database(&[
        ("DELETE QUICK FROM t", "delete t"),
        ("DELETE IGNORE FROM t WHERE a = 1", "delete t"),
        ("DELETE LOW_PRIORITY QUICK FROM t", "delete t"),
        ("DELETE HISTORY FROM t", "delete t"),
        ("DELETE history FROM history JOIN b ON b.id = history.id", "delete history"),
        ("DELETE history FROM payments history JOIN b ON b.id = history.id", "delete payments"),
        ("DELETE FROM history WHERE a = 1", "delete history"),
        ("INSERT IGNORE t (a) VALUES (1)", "insert t"),
        ("INSERT LOW_PRIORITY IGNORE INTO t (a) VALUES (1)", "insert t"),
        ("INSERT INTO ignore (a) VALUES (1)", "insert ignore"),
        ("UPDATE IGNORE t SET a = 1", "update t"),
        ("UPDATE LOW_PRIORITY t SET a = 1", "update t"),
        ("UPDATE history SET a = 1", "update history"),
        ("DELETE TOP (10) PERCENT FROM t", "delete t"),
        ("DELETE TOP (10) PERCENT t WHERE a = 1", "delete t"),
        ("UPDATE TOP (10) PERCENT t SET a = 1", "update t"),
        ("INSERT TOP (10) PERCENT INTO t SELECT * FROM s", "insert t"),
        ("DELETE FROM ONLY (t) WHERE a = 1", "delete t"),
        ("DELETE FROM ONLY (public.t)", "delete public.t"),
        ("UPDATE ONLY (t) SET a = 1", "update t"),
    ]);
}

#[test]
fn columns_called_like_words_of_routines() {
    check_database(&[
        ("CREATE TABLE a (event int, begin int, x text); DELETE FROM b", "delete b"),
        ("CREATE TABLE a (trigger int, begin int, end int); DELETE FROM b", "delete b"),
        ("CREATE TABLE event (begin int); DELETE FROM b", "delete b"),
        ("ALTER TABLE a ADD COLUMN event int, ADD COLUMN begin int; DELETE FROM b", "delete b"),
        (
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; END; DELETE FROM b",
            "delete b",
        ),
    ]);
}
