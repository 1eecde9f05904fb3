use std::sync::Arc;

use super::*;
use crate::sql::{Dialect, Ident};

fn schema(files: &[(&str, &str)]) -> Schema {
    let source = |(path, text): &(&str, &str)| Source {
        path: (*path).to_owned(),
        text: Arc::from(*text),
        is_file: true,
    };
    Schema::new(files.iter().map(source).collect())
}

fn shown(all: Vec<Further>) -> Vec<String> {
    let one = |further: Further| match (further.table, further.unread) {
        (Some(table), _) => format!("{} {table}", further.operation.word()),
        (None, why) => why.unwrap_or_default(),
    };
    all.into_iter().map(one).collect()
}

fn written(schema: &Schema, table: &str, operation: Operation, clauses: Clauses) -> Vec<String> {
    let parts = table.split('.').map(|part| Ident::new(part, false)).collect();
    shown(schema.of_write(&TableName::new(parts).unwrap(), operation, clauses))
}

fn inserted(schema: &Schema, table: &str) -> Vec<String> {
    written(schema, table, Operation::Insert, Clauses::INSERT)
}

fn called(schema: &Schema, text: &str, dialect: Option<Dialect>) -> Vec<String> {
    let calls = schema.of_calls(&[Piece::Known(text)], dialect);
    calls.into_iter().flat_map(|(_, further)| shown(further)).collect()
}

#[test]
fn mysql_routines_and_triggers() {
    let schema = schema(&[(
        "a.sql",
        "DELIMITER //\nCREATE DEFINER=`root`@`%` PROCEDURE `pay`(IN given INT)\nBEGIN\n  SELECT 1 INTO @x;\n  \
         UPDATE `payments` SET a = given;\nEND //\n\
         CREATE TRIGGER `t` BEFORE INSERT ON `orders` FOR EACH ROW INSERT INTO payments (id) VALUES (NEW.id) //\n\
         DELIMITER ;\nCREATE TRIGGER later AFTER INSERT ON carts FOR EACH ROW FOLLOWS x DELETE FROM b;\n",
    )]);
    assert_eq!(called(&schema, "CALL pay(1)", Some(Dialect::MySql)), ["update payments"]);
    assert_eq!(inserted(&schema, "orders"), ["insert payments"]);
    assert_eq!(inserted(&schema, "carts"), ["delete b"]);
}

#[test]
fn sql_server_routines_and_triggers() {
    let schema = schema(&[(
        "a.sql",
        "CREATE PROCEDURE [dbo].[pay] @id int AS\nBEGIN\n  UPDATE p SET a = 1 FROM payments p\nEND\nGO\n\
         CREATE TRIGGER t ON [dbo].[orders] AFTER INSERT AS BEGIN INSERT INTO log SELECT id FROM inserted END\nGO\n",
    )]);
    let ms = Some(Dialect::MsSql);
    assert_eq!(called(&schema, "EXEC dbo.pay @id = 1", ms), ["update payments"]);
    assert_eq!(inserted(&schema, "orders"), ["insert log"]);
    assert_eq!(written(&schema, "orders", Operation::Delete, Clauses::DELETE), [""; 0]);
}

#[test]
fn what_is_replaced_or_dropped_later_does_not_count() {
    let make = "CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS void LANGUAGE sql AS $$ DELETE FROM p $$;\
        CREATE TRIGGER t AFTER INSERT ON o EXECUTE FUNCTION f();";
    let delete = |table: &str| format!("delete {table}");
    let after = |later: &str| {
        let files = [("m/2_b.sql", make), ("m/10_c.sql", later)];
        inserted(&schema(&files), "o")
    };
    assert_eq!(after(""), [delete("p")]);
    assert_eq!(
        after(
            "CREATE OR REPLACE FUNCTION f(a int, b text) RETURNS void LANGUAGE sql AS $$ DELETE FROM q $$"
        ),
        [delete("q")]
    );
    assert_eq!(
        after(
            "CREATE OR REPLACE FUNCTION f(a int) RETURNS void LANGUAGE sql AS $$ DELETE FROM q $$"
        ),
        [delete("p"), delete("q")]
    );
    for gone in [
        "DROP FUNCTION f(int, text) CASCADE",
        "DROP FUNCTION IF EXISTS f",
        "DROP TRIGGER t ON o",
        "drop trigger if exists t",
        "DROP TABLE o",
        "DO $$ BEGIN DROP TRIGGER t ON o; END $$",
    ] {
        assert!(after(gone).is_empty(), "{gone}");
    }
    assert_eq!(after("DROP TRIGGER t ON other"), [delete("p")]);
    // Nothing says that one directory comes after the other.
    let apart = schema(&[("a/1.sql", make), ("b/1.sql", "DROP TRIGGER t ON o")]);
    assert_eq!(inserted(&apart, "o"), [delete("p")]);
}

#[test]
fn files_stand_in_the_order_of_their_versions() {
    let order = |paths: &[&str]| {
        let mut sorted = paths.to_vec();
        sorted.sort_by_cached_key(|path| source::order(path));
        assert_eq!(sorted, paths);
    };
    order(&["m/1_z.sql", "m/2_y.sql", "m/10_x.sql"]);
    order(&["m/V1__z.sql", "m/V2__y.sql", "m/V10__x.sql"]);
    order(&[
        "m/20141020175650_z/up.sql",
        "m/2017-09-23-182408_y/up.sql",
        "m/2026-06-10-120000-0000_x/up.sql",
    ]);
    assert_eq!(source::series("m/2017_y/up.sql"), "m");
    assert_eq!(source::series("m/1_y.sql"), "m");
    assert!(source::goes_back("m/2017_y/down.sql") && source::goes_back("m/1_y.down.sql"));
}

#[test]
fn the_part_that_goes_back_is_not_read() {
    let schema = schema(&[(
        "a.sql",
        "-- migrate:up\nCREATE VIEW v AS SELECT * FROM t;\n-- migrate:down\nDROP VIEW v;\n",
    )]);
    assert_eq!(inserted(&schema, "v"), ["insert t"]);
}

#[test]
fn circles_end() {
    let schema = schema(&[(
        "a.sql",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT g(); INSERT INTO a VALUES (1) $$;\
         CREATE FUNCTION g() RETURNS void LANGUAGE sql AS $$ SELECT f(); INSERT INTO b VALUES (1) $$;\
         CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION g();",
    )]);
    assert_eq!(inserted(&schema, "a"), ["insert b"]);
}

#[test]
fn made_declarations_that_are_not_known_are_gaps() {
    let make = "CREATE PROCEDURE make(t text, body text) LANGUAGE plpgsql AS $a$\
        DECLARE defs text := $$ CREATE TRIGGER t AFTER INSERT ON thing EXECUTE FUNCTION f() $$;\
        BEGIN defs := replace(defs, 'thing', t); EXECUTE defs; END $a$;";
    let called = schema(&[("a.sql", &format!("{make}\nCALL make('orders', '');"))]);
    assert_eq!(called.gaps.len(), 1, "{:?}", called.gaps);
    assert!(called.gaps[0].1.starts_with("line 2 runs `make`"), "{:?}", called.gaps);
    assert!(schema(&[("a.sql", make)]).gaps.is_empty());
    // What diesel sets up writes nothing but the row at hand.
    let touch = "CREATE FUNCTION manage(t regclass) RETURNS void AS $$ BEGIN \
        EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %s FOR EACH ROW EXECUTE PROCEDURE touch()', t); \
        END; $$ LANGUAGE plpgsql;\
        CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN NEW.at := now(); RETURN NEW; END; $$ LANGUAGE plpgsql;\
        SELECT manage('users');";
    assert!(schema(&[("a.sql", touch)]).gaps.is_empty());
    let audit = touch.replace("NEW.at := now()", "INSERT INTO audit VALUES (1)");
    assert_eq!(schema(&[("a.sql", &audit)]).gaps.len(), 1);
}

#[test]
fn columns_and_views_that_call_routines() {
    let make =
        "CREATE FUNCTION zap() RETURNS int LANGUAGE sql AS $$ DELETE FROM payments RETURNING 1 $$;";
    let table = |text: &str| schema(&[("m/1.sql", make), ("m/2.sql", text)]);
    let gone = ["delete payments"];
    let notes = table("CREATE TABLE notes (id int DEFAULT nextval('a'), n int DEFAULT (zap()));");
    assert_eq!(inserted(&notes, "notes"), gone);
    assert_eq!(written(&notes, "notes", Operation::Update, Clauses::UPDATE), [""; 0]);
    assert_eq!(
        inserted(&table("ALTER TABLE a.notes ADD COLUMN n int DEFAULT zap()"), "notes"),
        gone
    );
    assert_eq!(inserted(&table("CREATE TABLE notes (n int DEFAULT zap())"), "others"), [""; 0]);
    assert_eq!(inserted(&table("CREATE TABLE notes (zap int DEFAULT now())"), "notes"), [""; 0]);
    let view = table(
        "CREATE VIEW v AS SELECT zap() AS z; CREATE VIEW w AS SELECT * FROM v; CREATE VIEW x AS SELECT 1;",
    );
    let read = |text: &str| called(&view, text, None);
    assert_eq!(read("SELECT * FROM v"), gone);
    assert_eq!(read("SELECT a FROM notes, public.v WHERE b = 1"), gone);
    assert_eq!(read("SELECT a FROM notes JOIN w ON true"), gone);
    for text in [
        "SELECT v FROM notes",
        "SELECT a, v FROM notes",
        "SELECT * FROM x",
        "SELECT v() FROM x",
        "DELETE FROM v",
    ] {
        assert_eq!(read(text), [""; 0], "{text}");
    }
    let dropped = table("CREATE VIEW v AS SELECT zap(); DROP VIEW v; CREATE VIEW v AS SELECT 1;");
    assert_eq!(called(&dropped, "SELECT * FROM v", None), [""; 0]);
}
