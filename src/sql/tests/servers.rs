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
fn rows_that_come_from_a_client_or_another_server() {
    check_database(&[
        ("INSERT BULK payments (a int) WITH (TABLOCK)", "~insert payments"),
        ("INSERT BULK dbo.payments ([a] int)", "~insert dbo.payments"),
        ("INSERT INTO bulk (a) VALUES (1)", "insert bulk"),
        ("INSERT bulk (a) VALUES (1)", "insert bulk"),
        ("INSERT INTO OPENQUERY(s, 'SELECT a FROM t') VALUES (1)", "insert ? !run time"),
        ("DELETE OPENQUERY(s, 'SELECT a FROM t WHERE a = 1')", "delete ? !run time"),
        ("UPDATE OPENQUERY(s, 'SELECT a FROM t') SET a = 1", "update ? !run time"),
        ("LOAD XML INFILE 'x' INTO TABLE payments", "~insert payments"),
        ("UPSERT INTO payments (a) VALUES ($1)", "upsert payments"),
        (
            "WITH a AS (UPSERT INTO payments VALUES (1) RETURNING b) SELECT * FROM a",
            "~upsert payments",
        ),
    ]);
}

#[test]
fn names_written_by_number() {
    check_database(&[
        ("DELETE FROM U&\"pay\\006dents\"", "delete payments"),
        ("DELETE FROM u&\"pay\\+00006dents\" WHERE id = $1", "delete payments"),
        ("UPDATE public.U&\"pay!006dents\" UESCAPE '!' SET a = 1", "update public.payments"),
        ("INSERT INTO U&\"a\\\\b\" (x) VALUES (1)", "insert a\\b"),
        ("DELETE FROM U&\"a\\zz\" WHERE id = 1", "delete a\\zz"),
        ("UPDATE t SET a = u & \"b\"", "update t"),
        ("DELETE FROM t WHERE name = U&'pay\\006dents'", "delete t"),
    ]);
}

#[test]
fn queries_that_store_their_rows() {
    check_database(&[
        ("SELECT * INTO payments FROM a", "insert payments"),
        ("SELECT a, b INTO UNLOGGED dbo.payments FROM a WHERE b = ?", "insert dbo.payments"),
        ("SELECT a INTO payments FROM b UNION ALL SELECT a FROM c", "insert payments"),
        ("WITH x AS (SELECT 1) SELECT * INTO payments FROM x", "insert payments"),
        ("SELECT * INTO ¤ FROM a", "insert ? !run time"),
        ("SELECT * INTO #t FROM a", ""),
        ("SELECT * INTO TEMP payments FROM a", ""),
        ("SELECT * INTO TEMPORARY TABLE payments FROM a", ""),
        ("SELECT a INTO @b FROM c", ""),
        ("SELECT a FROM b INTO OUTFILE '/tmp/x'", ""),
        ("SELECT a INTO OUTFILE '/tmp/x' FROM b", ""),
        ("DO $$ BEGIN SELECT a INTO b FROM c; END $$", ""),
        ("SELECT into_account FROM payments", ""),
        ("SELECT 'x INTO y FROM z'", ""),
    ]);
    check(Receiver::Unknown, &[("SELECT an item INTO basket FROM list", "")]);
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
            "~delete a, delete b",
        ),
    ]);
}

#[test]
fn output_into_columns() {
    check_database(&[
        ("DELETE FROM a OUTPUT deleted.id INTO b (id) WHERE x = 1", "delete a, insert b"),
        ("DELETE FROM a OUTPUT deleted.id, deleted.x INTO dbo.b (id, x)", "delete a, insert dbo.b"),
        ("UPDATE a SET x = 1 OUTPUT inserted.id INTO b (id) WHERE y = 2", "update a, insert b"),
        ("INSERT INTO a (x) OUTPUT inserted.id INTO b (id) VALUES (1)", "insert a, insert b"),
        ("DELETE FROM a OUTPUT deleted.id INTO @t WHERE x = 1", "delete a"),
        ("IF 1 = 1 DELETE FROM a OUTPUT deleted.id INTO b (id)", "delete a, insert b"),
        ("IF 1 = 1 DELETE FROM a OUTPUT deleted.id INTO @t (id)", "delete a"),
    ]);
}

#[test]
fn batches_without_semicolons() {
    check_database(&[
        ("SELECT 1 DELETE FROM t", "delete t"),
        ("SELECT 1\nUPDATE t SET a = 1 WHERE b = 2", "update t"),
        ("SELECT @a = b FROM c WHERE d = @e\nINSERT INTO t (a) VALUES (@a)", "insert t"),
        ("CREATE TABLE #t (id int) INSERT INTO x SELECT id FROM #t", "insert x"),
        ("USE master DELETE FROM t", "delete t"),
        ("TRUNCATE TABLE a INSERT INTO a2 VALUES (1)", "truncate a, insert a2"),
        ("DROP TABLE #t DELETE FROM a WHERE b = 1", "delete a"),
        ("DELETE FROM a DELETE FROM b", "delete a, delete b"),
        ("DELETE FROM a\nGO\nDELETE FROM b\nGO", "delete a, delete b"),
        ("WAITFOR DELAY '00:00:01' DELETE FROM a", "delete a"),
        ("GO\nDELETE FROM a\nGO", "delete a"),
        ("SELECT 1 DELETE FROM a WHERE b = 1 DELETE FROM c WHERE b = 2", "delete a, delete c"),
        (
            "CREATE TABLE a AS WITH d AS (DELETE FROM x RETURNING *) SELECT * FROM d",
            "insert a, delete x",
        ),
        ("CREATE TABLE a (id int REFERENCES b ON DELETE CASCADE ON UPDATE SET NULL)", ""),
        ("CREATE TRIGGER t ON a AFTER INSERT AS INSERT INTO b SELECT id FROM inserted", ""),
        ("CREATE PROCEDURE p AS DELETE FROM a WHERE b = 1", ""),
        ("ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES b (y) ON DELETE SET NULL", ""),
        ("SELECT a, update, delete FROM t WHERE update = 1", ""),
        ("SELECT delete FROM t WHERE a = 1", ""),
        ("SELECT a AS delete FROM t WHERE b = 1", ""),
        ("SELECT * FROM a FOR UPDATE", ""),
        ("SELECT * FROM a FOR NO KEY UPDATE OF a SKIP LOCKED", ""),
        ("SELECT 'x' 'DELETE FROM t'", ""),
        ("SELECT (SELECT 1 DELETE FROM t)", ""),
    ]);
    let text = "SELECT id delete FROM t WHERE a = 1";
    let hinted = writes(&[Piece::Known(text)], Receiver::Database, Some(Dialect::Postgres));
    assert_eq!(shown(&hinted), "");
    let prose = "select a button to delete from cart";
    assert!(!writes(&[Piece::Known(prose)], Receiver::Unknown, None).is_sql);
}

#[test]
fn text_that_is_run() {
    check_database(&[
        ("EXEC sp_executesql N'UPDATE t SET a = 1'", "~update t"),
        ("EXEC sys.sp_executesql N'UPDATE t SET a = 1'", "~update t"),
        ("EXEC [sp_executesql] N'DELETE FROM t'", "~delete t"),
        ("EXEC [sys].[sp_executesql] N'DELETE FROM t'", "~delete t"),
        ("EXEC sp_executesql @stmt = N'DELETE FROM t'", "~delete t"),
        ("PREPARE s FROM 'DELETE FROM t WHERE a = ?'", "~delete t"),
        ("/*!40000 DELETE FROM t */", "delete t"),
        ("/*!40000 ALTER TABLE a DISABLE KEYS */; /*! DELETE FROM t */;", "delete t"),
        ("DELETE /*! QUICK */ FROM t", "delete t"),
        ("/* DELETE FROM t */", ""),
        ("ANALYZE DELETE FROM t WHERE a = 1", "~delete t"),
        ("ANALYZE FORMAT=JSON UPDATE t SET a = 1", "~update t"),
        ("ANALYZE TABLE t", ""),
        ("BULK INSERT t FROM 'f.csv'", "~insert t"),
        ("BULK INSERT dbo.t FROM 'f.csv' WITH (FIRSTROW = 2)", "~insert dbo.t"),
    ]);
    let commented = writes(
        &[Piece::Known("/*!40000 DELETE FROM t */")],
        Receiver::Database,
        Some(Dialect::Postgres),
    );
    assert_eq!(shown(&commented), "");
}

#[test]
fn tails_that_do_not_parse() {
    check_database(&[
        ("UPDATE customers SET , note = ¤ WHERE id = 1", "~update customers"),
        ("UPDATE customers AS c SET note = ¤ seen = ¤", "~update customers"),
        ("UPDATE customers SET , WHERE", "~update customers"),
        ("DELETE FROM customers AND id = ¤", "~delete customers"),
        ("INSERT INTO customers , (id) VALUES (1)", "~insert customers"),
        ("INSERT INTO customers id ON CONFLICT (id) DO UPDATE SET , a = 1", "~upsert customers"),
        ("UPDATE ¤ SET , note = 1", "~update ? !run time"),
        ("UPDATE customers , note = 1", "!unreadable"),
    ]);
}
