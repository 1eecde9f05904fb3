//! Statements of batches and blocks, which begin where no semicolon stands.

use super::*;

#[test]
fn statements_without_into_or_from() {
    check_database(&[
        ("SET NOCOUNT ON INSERT payments (n) VALUES (1)", "insert payments"),
        ("SET XACT_ABORT, NOCOUNT ON DELETE payments", "delete payments"),
        ("DECLARE @n int DELETE payments", "delete payments"),
        (
            "DECLARE @n int = 1 INSERT payments (n) VALUES (@n) SELECT SCOPE_IDENTITY()",
            "insert payments",
        ),
        ("IF @@ROWCOUNT = 0 INSERT dbo.payments (n) VALUES (1)", "insert dbo.payments"),
        ("IF @@ROWCOUNT = 0 DELETE p FROM dbo.payments p", "delete dbo.payments"),
        (
            "UPDATE a SET n = 1 WHERE id = 2 IF @@ROWCOUNT = 0 INSERT payments (n) VALUES (1)",
            "update a, insert payments",
        ),
        (
            "INSERT a VALUES (1) INSERT b SELECT 1 INSERT c DEFAULT VALUES",
            "insert a, insert b, insert c",
        ),
        (
            "BEGIN TRY INSERT payments (n) VALUES (1) END TRY BEGIN CATCH END CATCH",
            "insert payments",
        ),
        ("BEGIN TRY SELECT 1 END TRY BEGIN CATCH DELETE payments END CATCH", "delete payments"),
        ("BEGIN TRAN INSERT payments (n) VALUES (1) COMMIT", "insert payments"),
        ("BEGIN TRANSACTION t DELETE payments COMMIT TRANSACTION t", "delete payments"),
        ("BEGIN NOT ATOMIC INSERT payments SET n = 1; END", "insert payments"),
        ("BEGIN NOT ATOMIC REPLACE payments SET n = 1; END", "upsert payments"),
        ("REPLACE payments SET n = 1", "upsert payments"),
        ("IF EXISTS (SELECT 1 FROM notes) DELETE FROM payments ELSE SELECT 1", "delete payments"),
        ("IF 1 = 1 SELECT 1 ELSE DELETE payments", "delete payments"),
        (
            "WHILE 1 = 1 BEGIN DELETE TOP (5) payments WHERE a = 1 IF @@ROWCOUNT = 0 BREAK END",
            "delete payments",
        ),
        ("again: DELETE FROM payments", "delete payments"),
        ("again: DELETE TOP (5) FROM payments IF @@ROWCOUNT > 0 GOTO again", "delete payments"),
        (
            "BEGIN TRY WITH c AS (SELECT * FROM payments) DELETE FROM c END TRY BEGIN CATCH END CATCH",
            "delete payments",
        ),
        (
            "UPDATE p SET n = CASE WHEN n > 1 THEN 0 ELSE n END FROM payments p SELECT 1",
            "update payments",
        ),
        ("EXEC('SET NOCOUNT ON INSERT payments (n) VALUES (1)')", "~insert payments"),
        ("PRINT 'x' INSERT payments (n) VALUES (1)", "insert payments"),
    ]);
    let bare = "SELECT 1 DELETE payments";
    let hinted = writes(&[Piece::Known(bare)], Receiver::Database, Some(Dialect::MsSql));
    assert_eq!(shown(&hinted), "delete payments");
    let block = "BEGIN NOT ATOMIC IF a THEN INSERT payments SET n = 1; END IF; END";
    let hinted = writes(&[Piece::Known(block)], Receiver::Database, Some(Dialect::MySql));
    assert_eq!(shown(&hinted), "insert payments");
}

#[test]
fn words_that_begin_nothing() {
    check_database(&[
        ("DECLARE @t TABLE (n int) INSERT @t (n) VALUES (1) SELECT * FROM payments", ""),
        ("SET NOCOUNT ON DECLARE @t TABLE (n int) DELETE @t", ""),
        ("IF EXISTS (SELECT 1 FROM a) SELECT 1", ""),
        (
            "ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b (y) ON DELETE SET NULL ON UPDATE SET NULL",
            "",
        ),
        ("INSERT INTO a (x) VALUES (1) ON CONFLICT (x) DO UPDATE SET y = 1", "upsert a"),
        ("WITH x AS (SELECT 1) INSERT INTO a (y) SELECT 1 UNION SELECT 2", "insert a"),
        (
            "MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN UPDATE SET x = 1 \
             WHEN NOT MATCHED THEN INSERT (i) VALUES (1)",
            "merge a",
        ),
        ("INSERT a EXEC dbo.load", "~insert a !unreadable"),
        ("SELECT CASE WHEN a THEN insert(b, 1, 2, 'x') ELSE replace(c, 'a', 'b') END FROM d", ""),
    ]);
    check(
        Receiver::Unknown,
        &[
            ("note: delete from cart clicked", ""),
            ("error: DELETE payments", ""),
            ("Set it, delete payments", ""),
        ],
    );
}

#[test]
fn a_byte_order_mark_is_no_text() {
    check_database(&[
        ("\u{feff}DELETE FROM payments", "delete payments"),
        ("\u{feff}-- all of them\n\u{feff}DELETE FROM payments WHERE a = ¤", "delete payments"),
        ("SELECT 1; \u{feff}DELETE FROM payments", "delete payments"),
    ]);
}
