//! Texts that functions are given.

use super::*;

#[test]
fn texts_that_functions_run() {
    check_database(&[
        (
            "SELECT cron.schedule('nightly', '0 3 * * *', $$DELETE FROM payments$$)",
            "~delete payments",
        ),
        (
            "SELECT cron.schedule_in_database('a', '0 3 * * *', 'UPDATE payments SET n = 0', 'app')",
            "~update payments",
        ),
        ("SELECT run_command_on_workers('DELETE FROM payments')", "~delete payments"),
        ("SELECT exec_sql('UPDATE payments SET n = 1')", "~update payments"),
        ("SELECT * FROM exec_sql(query => 'delete from payments')", "~delete payments"),
        ("SELECT pg_background_launch('INSERT INTO payments (n) VALUES (1)')", "~insert payments"),
        (
            "DO $$ BEGIN PERFORM dblink_exec('x', 'DELETE FROM payments'); END $$",
            "~delete payments",
        ),
        ("WITH a AS (SELECT exec_sql('DELETE FROM payments')) SELECT * FROM a", "delete payments"),
        (
            "INSERT INTO notes SELECT exec_sql('DELETE FROM payments')",
            "insert notes, delete payments",
        ),
    ]);
}

#[test]
fn texts_that_functions_only_read() {
    check_database(&[
        ("SELECT log('delete from cart')", ""),
        ("SELECT f('delete from cart')", ""),
        ("SELECT f('Delete from cart clicked', 'update failed')", ""),
        ("SELECT audit_log('DELETE FROM payments')", ""),
        ("SELECT replace(t, 'delete from payments', 'b') FROM payments", ""),
        ("SELECT lower('DELETE FROM payments WHERE a = 1')", ""),
        ("SELECT to_tsquery('DELETE FROM payments')", ""),
        ("SELECT pg_notify('a', 'DELETE FROM payments')", ""),
        (
            "SELECT * FROM audit WHERE q IN ('DELETE FROM payments') AND f(q, 'DELETE FROM payments' || x)",
            "",
        ),
        ("INSERT INTO audit (q) VALUES ('DELETE FROM payments')", "insert audit"),
        ("EXPLAIN SELECT exec_sql('DELETE FROM payments')", ""),
        ("SELECT json_build_object('q', 'DELETE FROM payments')", ""),
    ]);
    check(Receiver::Unknown, &[("SELECT exec_sql('DELETE FROM payments')", "")]);
}

#[test]
fn text_that_format_makes() {
    check_database(&[
        (
            "DO $$ BEGIN EXECUTE format('DELETE FROM %I WHERE n = %L', 'notes', 1); END $$",
            "~delete notes",
        ),
        (
            "DO $$ BEGIN EXECUTE format('DELETE FROM %2$I.%1$I', 'notes', 'app'); END $$",
            "~delete app.notes",
        ),
        (
            "DO $$ BEGIN EXECUTE format('DELETE FROM %1$I.%2$I', s, 'notes'); END $$",
            "~delete notes",
        ),
        (
            "DO $$ BEGIN EXECUTE format('UPDATE %I SET a = %L', t, 'b'); END $$",
            "~update ? !run time",
        ),
        ("DO $$ BEGIN EXECUTE format('%s FROM %I', 'DELETE', 'notes'); END $$", "~delete notes"),
        (
            "DO $$ BEGIN EXECUTE format('UPDATE notes SET a = a %% 2, b = %-5s', 'x'); END $$",
            "~update notes",
        ),
        ("DO $$ BEGIN EXECUTE format('DELETE FROM %I', lower('A')); END $$", "~delete ? !run time"),
    ]);
}
