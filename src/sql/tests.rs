//! Tables of statements: `¤` is a hole, and the expectation lists `operation table`, `~` before what was only scanned.

use super::*;
use std::fmt::Write as _;

mod altered;
mod batches;
mod executed;
mod functions;
mod hostile;
mod servers;

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (index, known) in text.split('¤').enumerate() {
        if index > 0 {
            pieces.push(Piece::Hole);
        }
        if !known.is_empty() {
            pieces.push(Piece::Known(known));
        }
    }
    pieces
}

fn shown(reading: &SqlReading) -> String {
    let mut shown = String::new();
    for write in &reading.statements {
        let separator = if shown.is_empty() { "" } else { ", " };
        let partial = if write.partial { "~" } else { "" };
        let operation = format!("{:?}", write.operation).to_lowercase();
        let table = write.table.as_ref().map_or("?".to_owned(), ToString::to_string);
        write!(shown, "{separator}{partial}{operation} {table}").unwrap();
    }
    if let Some(unreadable) = &reading.unreadable {
        let kind = if unreadable.reason.contains("run time") { "run time" } else { "unreadable" };
        write!(shown, "{}!{kind}", if shown.is_empty() { "" } else { " " }).unwrap();
    }
    shown
}

fn check(receiver: Receiver, cases: &[(&str, &str)]) {
    let mut wrong = String::new();
    for (text, expected) in cases {
        let reading = writes(&pieces(text), receiver, None);
        let found = shown(&reading);
        if found != *expected {
            writeln!(
                wrong,
                "{text}\n  expected {expected:?}\n  found    {found:?} {:?}",
                reading.unreadable
            )
            .unwrap();
        }
        if !reading.statements.is_empty() && !text.contains('¤') {
            let passes = looks_like_write(text) || text::may_run(text);
            assert!(passes, "the prefilter drops {text}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn check_database(cases: &[(&str, &str)]) {
    check(Receiver::Database, cases);
}

#[test]
fn inserts() {
    check_database(&[
        ("INSERT INTO customers (id, name) VALUES ($1, $2)", "insert customers"),
        ("insert into customers (id, name) values (?, ?)", "insert customers"),
        ("INSERT INTO customers (id, name) VALUES (?1, ?2)", "insert customers"),
        ("INSERT INTO customers (id, name) VALUES (:id, :name)", "insert customers"),
        ("INSERT INTO customers (id, name) VALUES (@p1, @P2)", "insert customers"),
        ("INSERT INTO customers (id, name) VALUES (%s, %s)", "insert customers"),
        ("INSERT INTO customers (id, name) VALUES ({}, {name:?})", "insert customers"),
        ("INSERT INTO public.customers DEFAULT VALUES", "insert public.customers"),
        ("INSERT INTO \"Customers\" (\"Id\") VALUES ($1) RETURNING *", "insert Customers"),
        ("INSERT INTO `customers` (`id`) VALUES (?)", "insert customers"),
        ("INSERT INTO [dbo].[Customers] ([Id]) VALUES (@id)", "insert dbo.customers"),
        ("INSERT INTO customers AS c (id) VALUES ($1)", "insert customers"),
        (
            "INSERT INTO customers (id) SELECT id FROM staging ON CONFLICT (id) DO NOTHING",
            "insert customers",
        ),
        (
            "INSERT INTO c (id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = EXCLUDED.n RETURNING id",
            "upsert c",
        ),
        (
            "INSERT INTO c (id) VALUES ($1::uuid) ON CONFLICT ON CONSTRAINT c_pk DO UPDATE SET n = c.n + 1",
            "upsert c",
        ),
        (
            "INSERT INTO c (id) VALUES ($1) ON CONFLICT (id) WHERE x IS NULL DO UPDATE SET a = 1 WHERE c.a < 1",
            "upsert c",
        ),
        ("INSERT INTO c (a) VALUES (?) ON DUPLICATE KEY UPDATE a = VALUES(a)", "upsert c"),
        ("INSERT IGNORE INTO c (a) VALUES (?)", "insert c"),
        ("INSERT OR REPLACE INTO c (a) VALUES (?)", "upsert c"),
        ("INSERT OR IGNORE INTO c (a) VALUES (?1)", "insert c"),
        ("INSERT OR UPDATE INTO c (id) SELECT @id FROM UNNEST(@v) AS v", "upsert c"),
        ("INSERT OR UPDATE c (id) VALUES (@id)", "upsert c"),
        ("REPLACE INTO c (a) VALUES (?)", "upsert c"),
        ("INSERT INTO c SET a = ?, b = ?", "insert c"),
        ("INSERT INTO c (a) SELECT * FROM UNNEST($1::uuid[], $2::text[])", "insert c"),
        ("INSERT INTO c (a) OVERRIDING SYSTEM VALUE VALUES (1)", "insert c"),
        ("INSERT INTO c OUTPUT inserted.id VALUES (@p1)", "insert c"),
        ("/* create */ INSERT INTO c -- the customer\n (a) VALUES (1);", "insert c"),
        ("  \n\t(INSERT INTO c (a) VALUES (1))", "insert c"),
        ("COPY payments (id, amount) FROM STDIN WITH (FORMAT csv)", "insert payments"),
        ("COPY payments FROM STDIN", "insert payments"),
        ("COPY payments FROM '/tmp/x.csv' CSV", "insert payments"),
        ("COPY payments TO STDOUT", ""),
        ("COPY (SELECT 1) TO STDOUT", ""),
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE payments", "~insert payments"),
    ]);
}

#[test]
fn updates_and_deletes() {
    check_database(&[
        ("UPDATE payments SET amount = $1 WHERE id = $2", "update payments"),
        ("UPDATE payments p SET amount = p.amount + $1 WHERE p.id = $2", "update payments"),
        (
            "UPDATE payments AS p SET amount = 1 FROM invoices i WHERE i.id = p.id",
            "update payments",
        ),
        ("UPDATE ONLY public.payments SET amount = 1", "update public.payments"),
        (
            "UPDATE p SET p.amount = 1 FROM payments p JOIN invoices i ON i.id = p.id",
            "update payments",
        ),
        (
            "UPDATE payments p JOIN invoices i ON i.id = p.id SET p.amount = i.amount",
            "update payments",
        ),
        (
            "UPDATE payments p JOIN invoices i ON i.id = p.id SET p.amount = 1, i.open = 0",
            "update payments, update invoices",
        ),
        (
            "UPDATE payments p JOIN invoices i ON i.id = p.id SET open = 0",
            "update payments, update invoices",
        ),
        (
            "UPDATE payments, invoices SET payments.a = 1 WHERE payments.id = invoices.id",
            "update payments",
        ),
        ("UPDATE payments SET (a, b) = (SELECT 1, 2), data = data || $1::jsonb", "update payments"),
        ("UPDATE payments SET tags['x'] = 2", "~update payments"),
        ("UPDATE OR IGNORE payments SET a = ?", "update payments"),
        ("UPDATE payments SET a = 1 WHERE CURRENT OF c", "update payments"),
        (
            "UPDATE payments SET updated_at = NOW() - INTERVAL '1 day' WHERE id = ANY($1)",
            "update payments",
        ),
        ("UPDATE payments SET a = ? ORDER BY id LIMIT 10", "update payments"),
        ("UPDATE TOP (10) payments SET a = 1", "update payments"),
        ("UPDATE payments WITH (ROWLOCK) SET a = @p1", "update payments"),
        ("DELETE FROM payments", "delete payments"),
        ("DELETE FROM ONLY payments WHERE id = $1", "delete payments"),
        (
            "DELETE FROM payments p USING invoices i WHERE p.id = i.id RETURNING p.*",
            "delete payments",
        ),
        ("DELETE p FROM payments p JOIN invoices i ON p.id = i.id", "delete payments"),
        (
            "DELETE p, i FROM payments p JOIN invoices i ON p.id = i.id",
            "delete payments, delete invoices",
        ),
        (
            "DELETE FROM p, i USING payments p JOIN invoices i ON p.id = i.id",
            "delete payments, delete invoices",
        ),
        ("DELETE TOP (5) FROM payments WHERE a = 1", "delete payments"),
        (
            "DELETE FROM payments OUTPUT deleted.* INTO audit WHERE id = @p1",
            "delete payments, insert audit",
        ),
        (
            "WITH d AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) rn FROM payments) DELETE FROM d WHERE rn > 1",
            "delete payments",
        ),
        ("TRUNCATE payments", "truncate payments"),
        (
            "TRUNCATE TABLE payments, public.invoices RESTART IDENTITY CASCADE",
            "truncate payments, truncate public.invoices",
        ),
        ("TRUNCATE TABLE ONLY payments", "truncate payments"),
        (
            "MERGE INTO payments AS p USING staged s ON p.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a \
             WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)",
            "merge payments",
        ),
        ("MERGE payments USING s ON 1 = 1 WHEN MATCHED THEN DELETE;", "merge payments"),
    ]);
}

#[test]
fn writes_inside_other_statements() {
    check_database(&[
        (
            "WITH moved AS (DELETE FROM payments WHERE id = $1 RETURNING *) INSERT INTO archive SELECT * FROM moved",
            "delete payments, insert archive",
        ),
        (
            "WITH a AS (WITH b AS (UPDATE payments SET x = 1 RETURNING *) SELECT * FROM b) SELECT * FROM a",
            "update payments",
        ),
        ("WITH x AS (SELECT 1) UPDATE payments SET a = 1 FROM x", "update payments"),
        ("WITH x AS MATERIALIZED (SELECT 1) DELETE FROM payments USING x", "delete payments"),
        ("BEGIN; INSERT INTO a VALUES (1); DELETE FROM b; COMMIT;", "insert a, delete b"),
        (
            "INSERT INTO a VALUES (';'); -- ; DELETE FROM c\nUPDATE b SET x = ';'",
            "insert a, update b",
        ),
        ("INSERT INTO a VALUES (1); SOME nonsense here; UPDATE b SET x = 1", "insert a, update b"),
        ("EXPLAIN ANALYZE INSERT INTO a VALUES (1)", "insert a"),
        ("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM a", "delete a"),
        ("EXPLAIN (ANALYZE false) DELETE FROM a", ""),
        ("EXPLAIN DELETE FROM a", ""),
        ("EXPLAIN QUERY PLAN UPDATE a SET x = 1", ""),
        ("PREPARE x AS INSERT INTO a VALUES ($1)", "insert a"),
        ("PREPARE x (int) AS UPDATE a SET b = $1", "update a"),
        (
            "DO $$ BEGIN INSERT INTO a VALUES (1); UPDATE b SET x = 1 WHERE y; END $$",
            "~insert a, ~update b",
        ),
        (
            "DO $$ BEGIN EXECUTE 'DELETE FROM a'; EXECUTE format('INSERT INTO %I VALUES (1)', t); END $$",
            "~delete a, ~insert ? !run time",
        ),
        ("CREATE FUNCTION f() RETURNS void AS $$ DELETE FROM a; $$ LANGUAGE sql", ""),
        (
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = 1; DELETE FROM c; END; DELETE FROM d",
            "delete d",
        ),
        ("CREATE TABLE a AS SELECT * FROM b", "insert a"),
        ("CREATE TABLE a (id int REFERENCES b ON DELETE CASCADE ON UPDATE CASCADE)", ""),
        ("SELECT * FROM a FOR UPDATE", ""),
        ("SELECT 'DELETE FROM a; DELETE FROM b'", ""),
        ("GRANT INSERT, UPDATE ON a TO b", ""),
        ("CALL do_it(1)", "!unreadable"),
        ("IF NOT EXISTS (SELECT 1 FROM a) INSERT INTO a (x) VALUES (1)", "insert a"),
        ("EXEC('DELETE FROM a WHERE x = 1')", "~delete a"),
        ("SELECT * INTO b FROM a", "insert b"),
    ]);
}

#[test]
fn holes_in_values_and_clauses() {
    check_database(&[
        ("INSERT INTO payments (¤) VALUES (¤)", "insert payments"),
        ("INSERT INTO payments (a, ¤) VALUES ($1, ¤)", "insert payments"),
        ("INSERT INTO payments ¤ VALUES ¤", "insert payments"),
        ("INSERT INTO payments (a) VALUES ¤ ON CONFLICT (¤) DO UPDATE SET ¤", "upsert payments"),
        ("INSERT INTO payments (a) VALUES (1), ¤", "insert payments"),
        ("INSERT INTO payments (a) VALUES ($¤, $¤)", "insert payments"),
        ("INSERT INTO payments (a) VALUES ('¤', ¤) ¤", "insert payments"),
        ("INSERT INTO payments (a) ¤", "insert payments"),
        ("INSERT INTO payments ¤", "insert payments"),
        ("INSERT ¤ INTO payments (a) VALUES (1)", "insert payments"),
        ("INSERT INTO payments (a) SELECT ¤ FROM ¤ WHERE ¤", "insert payments"),
        ("INSERT INTO payments (a) VALUES (1) ON CONFLICT ¤ DO NOTHING", "insert payments"),
        ("INSERT INTO payments (a) VALUES (1) ON CONFLICT (id) ¤", "upsert payments"),
        ("UPDATE payments SET ¤ WHERE id IN (¤)", "update payments"),
        ("UPDATE payments SET ¤ = $1 WHERE ¤ = $2", "update payments"),
        ("UPDATE payments SET a = $1, ¤ WHERE id = ¤", "update payments"),
        ("UPDATE payments SET a = 1 ¤", "update payments"),
        ("UPDATE payments SET a = 1 WHERE b ¤ $1 AND ¤ ORDER BY ¤ LIMIT ¤", "update payments"),
        ("UPDATE payments SET a = 1 WHERE¤", "update payments"),
        ("UPDATE payments ¤ WHERE id = 1", "update payments"),
        ("UPDATE payments SET a = 1 WHERE id IN ¤ RETURNING ¤", "update payments"),
        ("DELETE FROM payments ¤", "delete payments"),
        ("DELETE FROM payments¤", "delete payments"),
        ("DELETE FROM payments WHERE ¤ ORDER BY ¤ LIMIT ¤", "delete payments"),
        ("DELETE FROM payments WHERE a = '¤' AND b > ¤::int", "delete payments"),
        ("¤ UPDATE payments SET a = 1", "update payments"),
        ("WITH ¤ DELETE FROM payments WHERE id = 1", "~delete payments"),
        ("{} INTO payments (a) VALUES (1)", "insert payments"),
        ("DELETE FROM payments WHERE id IN ({ids})", "delete payments"),
        ("INSERT INTO payments (meta) VALUES ('{}'), ('{\"a\": 1}')", "insert payments"),
    ]);
}

#[test]
fn holes_in_table_names() {
    check_database(&[
        ("INSERT INTO ¤ (a) VALUES (1)", "insert ? !run time"),
        ("UPDATE ¤ SET a = 1", "update ? !run time"),
        ("DELETE FROM ¤ WHERE a = 1", "delete ? !run time"),
        ("TRUNCATE TABLE ¤", "truncate ? !run time"),
        ("DELETE FROM \"¤\" WHERE a = 1", "delete ? !run time"),
        ("DELETE FROM `¤` WHERE a = 1", "delete ? !run time"),
        ("DELETE FROM {table} WHERE a = 1", "delete ? !run time"),
        ("DELETE FROM payments_¤ WHERE a = 1", "delete ? !run time"),
        ("DELETE FROM payments_¤", "delete ? !run time"),
        ("DELETE FROM payments¤ WHERE a = 1", "delete ? !run time"),
        ("DELETE FROM ¤payments WHERE a = 1", "delete ? !run time"),
        ("DELETE FROM ¤.payments WHERE a = 1", "delete payments"),
        ("DELETE FROM \"¤\".\"payments\" WHERE a = 1", "delete payments"),
        ("DELETE FROM public.¤ WHERE a = 1", "delete ? !run time"),
        ("INSERT INTO ¤ ¤", "insert ? !run time"),
        ("INSERT INTO ¤", "insert ? !run time"),
        ("INSERT INTO ¤ (a) ¤", "insert ? !run time"),
        ("UPDATE ¤ ¤", "update ? !run time"),
        ("MERGE INTO ¤ USING s ON a = b WHEN MATCHED THEN DELETE", "merge ? !run time"),
        ("COPY ¤ FROM STDIN", "insert ? !run time"),
        ("DELETE FROM payments USING ¤ WHERE a = 1", "delete payments"),
        ("¤", ""),
        ("SELECT * FROM ¤ WHERE deleted = 1", ""),
    ]);
}

#[test]
fn text_that_is_cut_off() {
    check_database(&[
        ("INSERT INTO payments (amount) ", "insert payments"),
        ("INSERT INTO payments (amount, ", "insert payments"),
        ("INSERT INTO payments (amount) VALUES (", "insert payments"),
        ("INSERT INTO payments (amount) VALUES", "insert payments"),
        ("INSERT INTO payments", "insert payments"),
        ("INSERT INTO payments(id, amount) ¤ ON CONFLICT DO NOTHING", "insert payments"),
        ("UPDATE invoices SET", "update invoices"),
        ("UPDATE invoices SET amount = ", "update invoices"),
        ("UPDATE invoices SET amount = 1 WHERE id IN (", "update invoices"),
        ("UPDATE invoices SET amount = '", "~update invoices"),
        ("DELETE FROM payments WHERE ", "delete payments"),
        ("DELETE FROM payments WHERE id IN (1, ", "delete payments"),
        ("UPDATE ", "!unreadable"),
        ("DELETE FROM", "delete ? !run time"),
    ]);
}

#[test]
fn sentences() {
    let sentences = [
        "update failed",
        "delete from cart clicked",
        "insert into the queue failed",
        "Update the record set",
        "Update the record set.",
        "updated",
        "Truncate logs",
        "copy files from backup",
        "Replace into what?",
        "merge conflict",
        "Delete",
        "do not delete from cart",
        "with care; delete from cart clicked",
        "UPDATE {} failed: {}",
        "deleting {id}",
        "insert: {}",
        "DELETE /api/payments/{id}",
        "delete from ¤ failed",
        "Insert into ¤ failed: ¤",
        "update ¤",
        "Begin: update x set",
        "set the value; update later",
        "",
    ];
    check(Receiver::Unknown, &sentences.map(|sentence| (sentence, "")));
    check(
        Receiver::Unknown,
        &[
            ("INSERT INTO payments (a) VALUES ($1)", "insert payments"),
            ("UPDATE payments SET ¤ WHERE id = $1", "update payments"),
            ("INSERT INTO payments (a) ¤", "insert payments"),
            ("DELETE FROM payments WHERE id = ?", "delete payments"),
            ("TRUNCATE TABLE payments", "truncate payments"),
            ("DO $$ BEGIN DELETE FROM a; END $$", "~delete a"),
            ("INSERT INTO ¤ (a) VALUES (1)", "insert ? !run time"),
        ],
    );
    check_database(&[
        ("update failed", "!unreadable"),
        ("INSERT INTO payments VALUES ((1)", "insert payments"),
        ("UPDATE payments SET a == == 1", "~update payments"),
    ]);
}

#[test]
fn places_and_clauses() {
    let reading = writes(
        &[Piece::Known("SELECT 'é';\n "), Piece::Known("DELETE FROM a")],
        Receiver::Database,
        None,
    );
    assert_eq!(reading.statements[0].place, Some((1, 0)));
    let reading = writes(
        &[Piece::Known("INSERT INTO é VALUES ({}); DELETE FROM a")],
        Receiver::Database,
        None,
    );
    assert_eq!(reading.statements[1].place, Some((0, 28)));
    let text = "MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (i) VALUES (1)";
    let merge = writes(&[Piece::Known(text)], Receiver::Database, None);
    assert_eq!(merge.statements[0].clauses, Clauses { insert: true, update: false, delete: true });
    let hinted =
        writes(&[Piece::Known("DELETE FROM \"Pay\"")], Receiver::Database, Some(Dialect::Sqlite));
    assert_eq!(hinted.statements[0].table.as_ref().unwrap().to_string(), "pay");
    assert!(writes(&[Piece::Known("SELECT 1")], Receiver::Unknown, None).is_sql);
    assert!(!writes(&[Piece::Known("hello there")], Receiver::Unknown, None).is_sql);
    assert!(
        !writes(&[Piece::Known("select a delete button or so")], Receiver::Unknown, None).is_sql
    );
}

#[test]
fn statements_as_services_write_them() {
    check_database(&[
        (
            "UPDATE jobs SET state = 'running', at = now() WHERE id = (SELECT id FROM jobs WHERE state = 'new' ORDER BY at FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING *",
            "update jobs",
        ),
        (
            "UPDATE payments AS p SET amount = v.amount FROM (VALUES ($1::uuid, $2::numeric)) AS v(id, amount) WHERE p.id = v.id",
            "update payments",
        ),
        (
            "UPDATE payments SET meta = jsonb_set(meta, '{a}', $1), b = CASE WHEN c THEN 1 ELSE 2 END WHERE meta->>'k' = $2 AND meta @> $3",
            "update payments",
        ),
        (
            "UPDATE payments SET a = $1 WHERE meta ? 'k' AND at AT TIME ZONE 'UTC' > now()",
            "update payments",
        ),
        (
            "INSERT INTO users (email) VALUES ($1) ON CONFLICT (lower(email)) DO UPDATE SET email = EXCLUDED.email RETURNING (xmax = 0) AS inserted",
            "upsert users",
        ),
        (
            "INSERT INTO keys (k, s) SELECT $1, $2::status WHERE NOT EXISTS (SELECT 1 FROM keys WHERE k = $1)",
            "insert keys",
        ),
        ("INSERT INTO t (a) VALUES (?), (?) AS new ON DUPLICATE KEY UPDATE a = new.a", "upsert t"),
        ("INSERT INTO t (a, b) VALUES (N'x', GETDATE())", "insert t"),
        ("INSERT INTO t (a) VALUES (unixepoch('now'), x'00ff', ?)", "insert t"),
        (
            "DELETE FROM t WHERE ctid IN (SELECT ctid FROM t WHERE a < now() - make_interval(days => $1) LIMIT 100)",
            "delete t",
        ),
        ("DELETE FROM sessions WHERE expires_at < datetime('now', '-1 day')", "delete sessions"),
        (
            "WITH ins AS (INSERT INTO a (x) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id) SELECT id FROM ins UNION ALL SELECT id FROM a WHERE x = $1",
            "insert a",
        ),
        (
            "WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 2 FROM t) INSERT INTO a SELECT * FROM t",
            "insert a",
        ),
        ("BEGIN IMMEDIATE; UPDATE a SET b = 1; COMMIT", "update a"),
        ("BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE; DELETE FROM a; END;", "delete a"),
        ("SET search_path TO x; DELETE FROM a", "delete a"),
        ("PRAGMA foreign_keys = ON; DELETE FROM a;", "delete a"),
        ("LOCK TABLE a IN EXCLUSIVE MODE; TRUNCATE a;", "truncate a"),
        ("UPDATE \"public\".\"Payments\" SET \"Amount\" = $1", "update public.Payments"),
        ("UPDATE payments\r\n   SET amount = $1\r\n WHERE id = $2\r\n", "update payments"),
        ("DELETE FROM payments -- all of them", "delete payments"),
        ("# note\nDELETE FROM payments", "delete payments"),
        ("/* a /* b */ c */ DELETE FROM payments", "delete payments"),
        ("INSERT INTO log (text) VALUES ('it\\'s')", "insert log"),
        ("INSERT INTO log (text) VALUES (E'it\\'s', $tag$DELETE FROM x$tag$)", "insert log"),
        ("UPDATE user SET a = 1", "update user"),
        (
            "UPDATE \"order\" SET a = 1; DELETE FROM `order` WHERE b = ?",
            "update order, delete order",
        ),
        ("INSERT INTO order_items (order, key, values) VALUES (1, 2, 3)", "insert order_items"),
        ("DELETE FROM db1.dbo.payments WHERE id = @id", "delete db1.dbo.payments"),
        ("DELETE FROM db1..payments WHERE id = @id", "delete db1.payments"),
        ("REPLACE INTO kv VALUES (1, 2)", "upsert kv"),
        ("UPDATE kv SET v = v || ? WHERE k GLOB ?", "update kv"),
        (
            "INSERT INTO kv (k) VALUES (?) ON CONFLICT(k) DO UPDATE SET v = excluded.v WHERE excluded.t > kv.t",
            "upsert kv",
        ),
        ("ALTER TABLE a DISABLE TRIGGER ALL; DELETE FROM a", "delete a"),
        ("DECLARE @x INT = 1; DELETE FROM a WHERE b = @x", "delete a"),
    ]);
}
