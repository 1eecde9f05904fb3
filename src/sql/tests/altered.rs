//! Rows that are written by statements that declare, and tables that are only read by those that write.

use super::*;

#[test]
fn tables_whose_rows_change_as_they_are_altered() {
    check_database(&[
        ("ALTER TABLE payments TRUNCATE PARTITION p0", "~truncate payments"),
        ("ALTER TABLE payments TRUNCATE PARTITION p0, p1", "~truncate payments"),
        ("ALTER TABLE a EXCHANGE PARTITION p0 WITH TABLE payments", "~merge payments, ~merge a"),
        ("ALTER TABLE payments SWITCH TO dbo.old", "~delete payments, ~insert dbo.old"),
        ("ALTER TABLE a SWITCH PARTITION 1 TO payments PARTITION 2", "~delete a, ~insert payments"),
        ("ALTER TABLE payments UPDATE n = 1 WHERE id = 1", "~update payments"),
        ("ALTER TABLE payments DELETE WHERE id = 1", "~delete payments"),
        (
            "ALTER TABLE payments ON CLUSTER c DELETE WHERE id = 1, UPDATE n = f(1, 2) WHERE 1",
            "~delete payments, ~update payments",
        ),
        ("SELECT 1; ALTER TABLE payments SWITCH TO old", "~delete payments, ~insert old"),
        ("IF 1 = 1 ALTER TABLE payments SWITCH TO old", "~delete payments, ~insert old"),
        ("ALTER TABLE ¤ TRUNCATE PARTITION p0", "~truncate ? !run time"),
        ("ALTER TABLE payments DROP PARTITION p0", ""),
        ("ALTER TABLE payments ADD COLUMN update int, ADD COLUMN exchange int", ""),
        ("ALTER TABLE payments ENABLE TRIGGER update_payments", ""),
    ]);
    check(
        Receiver::Unknown,
        &[
            ("Alter table payments delete where", ""),
            ("alter table payments update where it fails", ""),
            ("ALTER TABLE payments ADD COLUMN delete int", ""),
            ("ALTER TABLE payments DELETE WHERE id = 1", "~delete payments"),
            ("ALTER TABLE payments DELETE WHERE open", "~delete payments"),
            ("alter table payments update n = 1 where id = ¤", "~update payments"),
        ],
    );
}

#[test]
fn rows_that_follow_the_statement() {
    check(
        Receiver::Unknown,
        &[
            ("INSERT INTO payments FORMAT JSONEachRow", "~insert payments"),
            ("INSERT INTO payments (a, b) FORMAT CSV\n1,2", "~insert payments"),
            ("insert into payments format JSONEachRow ¤", "~insert payments"),
            ("INSERT INTO payments FORMAT ¤", "~insert payments"),
            (
                "INSERT INTO payments SETTINGS async_insert=1, wait=0 FORMAT JSONEachRow ¤",
                "~insert payments",
            ),
            ("INSERT INTO ¤\nSETTINGS async_insert=1\nFORMAT CSV\n¤", "~insert ? !run time"),
            ("INSERT INTO payments FROM INFILE 'a.csv' FORMAT CSV", "~insert payments"),
            ("INSERT INTO `payments` FORMAT CSV", "~insert payments"),
            ("INSERT INTO `¤`.`payments` FORMAT ¤", "~insert payments"),
            ("INSERT INTO `¤` FORMAT CSV", "~insert ? !run time"),
            ("INSERT INTO payments (a, b) VALUES", "~insert payments"),
            ("WITH a AS (SELECT ¤) INSERT INTO payments SELECT n FROM a", "insert payments"),
            ("insert into payments values", ""),
            ("insert into the format field", ""),
            ("Insert into cart format is wrong", ""),
            ("Insert into settings failed", ""),
        ],
    );
}

#[test]
fn statements_of_which_nothing_is_known() {
    check_database(&[
        ("EXPLAIN ANALYZE ¤", "!unreadable"),
        ("EXPLAIN (ANALYZE, FORMAT JSON) ¤", "!unreadable"),
        ("/* note */ ¤", "!unreadable"),
        ("BEGIN; ¤; COMMIT", "!unreadable"),
        ("EXPLAIN ¤", ""),
        ("EXPLAIN (COSTS) ¤", ""),
        ("SELECT 1 ¤", ""),
    ]);
    check(Receiver::Unknown, &[("EXPLAIN ANALYZE ¤", "")]);
}

#[test]
fn events() {
    check_database(&[
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM payments", "~delete payments"),
        (
            "CREATE DEFINER=`a`@`b` EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO BEGIN INSERT payments SET n = 1; END",
            "~insert payments",
        ),
        ("ALTER EVENT e DO UPDATE payments SET n = 1", "~update payments"),
        ("CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION f()", ""),
        ("CREATE RULE r AS ON UPDATE TO a DO DELETE FROM b", ""),
    ]);
}

#[test]
fn tables_that_are_only_read() {
    check_database(&[
        ("UPDATE notes, payments SET notes.x = payments.x", "update notes"),
        ("UPDATE notes n, payments AS p SET n.x = 1 WHERE n.id = p.id", "update notes"),
        ("UPDATE notes, payments SET x = 1", "update notes, update payments"),
        ("WITH x AS (SELECT 1), y AS (SELECT 2) UPDATE notes, x SET notes.n = 1", "update notes"),
        ("COPY BINARY payments TO STDOUT", ""),
        ("COPY BINARY payments FROM STDIN", "insert payments"),
        ("COPY payments TO 's3://a/b' (FORMAT parquet, COMPRESSION zstd)", ""),
        ("UPDATE (SELECT n FROM notes) SET n = 1", "update notes"),
        ("DELETE FROM (SELECT * FROM payments) WHERE n = 1", "delete payments"),
    ]);
}
