//! What a statement runs: text that is put together in it, text in a variable, procedures.

use super::*;

#[test]
fn text_that_is_put_together() {
    check_database(&[
        ("DO $$ BEGIN EXECUTE 'DELETE FROM ' || quote_ident(t); END $$", "~delete ? !run time"),
        (
            "DO $$ BEGIN EXECUTE 'DELETE FROM ' || t || ' WHERE a = 1'; END $$",
            "~delete ? !run time",
        ),
        ("DO $$ BEGIN EXECUTE 'UPDATE pay_' || y || ' SET a = 1'; END $$", "~update ? !run time"),
        ("DO $$ BEGIN EXECUTE 'DELETE FROM payments' || c; END $$", "~delete payments"),
        ("DO $$ BEGIN EXECUTE format('DELETE FROM %I', t); END $$", "~delete ? !run time"),
        (
            "DO $$ BEGIN EXECUTE format('DELETE FROM payments WHERE a = %L', x); END $$",
            "~delete payments",
        ),
        ("DO $$ BEGIN EXECUTE format(t, x); END $$", "!unreadable"),
        ("DO $$ BEGIN EXECUTE 'CREATE TABLE ' || t || ' (a int)'; END $$", ""),
        ("DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD a int', t); END $$", ""),
        ("DO $$ BEGIN EXECUTE 'SELECT ' || a INTO b USING c; END $$", ""),
        ("DO $$ BEGIN EXECUTE v || ' payments'; END $$", "!unreadable"),
        ("DO $$ BEGIN EXECUTE r.command; END $$", "!unreadable"),
        ("DO $$ BEGIN EXECUTE replace('DELETE FROM t', 't', t); END $$", "!unreadable"),
        ("EXECUTE IMMEDIATE CONCAT('DELETE FROM ', @t, ' WHERE a = 1')", "~delete ? !run time"),
        ("EXECUTE IMMEDIATE 'DELETE FROM payments'", "~delete payments"),
        ("EXEC('DELETE FROM ' + @t)", "~delete ? !run time"),
        ("EXEC ('DELETE FROM payments WHERE a = ' + @a) SELECT 1", "~delete payments"),
        (
            "EXEC sp_executesql N'DELETE FROM payments WHERE a = @a', N'@a int', @a = 1",
            "~delete payments",
        ),
        ("SELECT dblink_exec('server', 'DELETE FROM payments')", "~delete payments"),
        (
            "SELECT * FROM OPENQUERY(server, 'DELETE FROM payments OUTPUT deleted.id')",
            "~delete payments",
        ),
        ("SELECT lower('DELETE FROM payments')", ""),
    ]);
}

#[test]
fn text_in_variables() {
    check_database(&[
        ("SET @q = 'DELETE FROM payments'; PREPARE s FROM @q; EXECUTE s", "~delete payments"),
        (
            "SET @q = CONCAT('DELETE FROM ', @t); PREPARE s FROM @q; EXECUTE s",
            "~delete ? !run time",
        ),
        ("SET @q := 'SELECT 1'; PREPARE s FROM @q; EXECUTE s", ""),
        ("PREPARE s FROM @q", "!unreadable"),
        ("PREPARE s FROM ?", "!unreadable"),
        (
            "DECLARE @q nvarchar(max) = N'DELETE FROM payments'; EXEC sp_executesql @q",
            "~delete payments",
        ),
        ("DECLARE @q nvarchar(max) SET @q = N'DELETE FROM ' + @t EXEC(@q)", "~delete ? !run time"),
        ("EXEC sp_executesql @q", "!unreadable"),
        ("EXEC(@q)", "!unreadable"),
        (
            "DO $$ DECLARE q text := 'DELETE FROM payments'; BEGIN EXECUTE q; END $$",
            "~delete payments",
        ),
        ("DO $$ DECLARE q text; BEGIN q := 'SELECT ' || a; EXECUTE q INTO b; END $$", ""),
        ("DO $$ BEGIN EXECUTE q; END $$", "!unreadable"),
        ("DO $$ BEGIN EXECUTE q USING a; END $$", "!unreadable"),
    ]);
}

#[test]
fn procedures() {
    check_database(&[
        ("CALL pay($1, $2)", "!unreadable"),
        ("CALL finance.pay()", "!unreadable"),
        ("CALL ¤($1)", "!unreadable"),
        ("EXEC pay @a = 1", "!unreadable"),
        ("EXEC dbo.pay", "!unreadable"),
        ("EXEC @result = [dbo].[pay] @a = 1", "!unreadable"),
        ("EXECUTE dbo.pay @a = 1", "!unreadable"),
        ("SET NOCOUNT ON; EXEC pay", "!unreadable"),
        ("DO $$ BEGIN CALL pay(); END $$", "!unreadable"),
        ("EXEC sp_getapplock @Resource = 'a', @LockMode = 'Exclusive'", ""),
        ("CALL refresh_continuous_aggregate('hourly', NULL, NULL)", ""),
        // What was prepared was read where it was.
        ("EXECUTE s", ""),
        ("EXECUTE s(1)", ""),
        ("EXECUTE s USING @a", ""),
        ("DEALLOCATE PREPARE s", ""),
        ("PREPARE TRANSACTION 'a'", ""),
        ("GRANT EXECUTE ON FUNCTION f TO a", ""),
        ("IF 1 = 1 GRANT EXECUTE ON f TO a", ""),
        ("DO $$ BEGIN CREATE TRIGGER t BEFORE UPDATE ON a EXECUTE FUNCTION f(); END $$", ""),
        ("DO $$ BEGIN REVOKE EXECUTE ON FUNCTION f FROM a; END $$", ""),
        ("SELECT call FROM a; SELECT exec FROM b", ""),
        ("BEGIN; SELECT 1; COMMIT", ""),
    ]);
    check(Receiver::Unknown, &[("CALL pay()", ""), ("EXEC pay", ""), ("EXEC(@q)", "")]);
}
