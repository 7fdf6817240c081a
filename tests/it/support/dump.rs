//! Everything that is stored, as text, to be compared with what is stored later.

use std::collections::BTreeMap;

use banyan::store::Dialect;
use sea_orm::JsonValue;

use super::TestApp;

/// The rows of each table.
pub type Dump = BTreeMap<String, Vec<String>>;

impl TestApp {
    /// The rows of every table but those whose names begin so, from one snapshot.
    pub async fn dump(&self, without: &[&str]) -> Dump {
        let tx = self.app.store.read().await.unwrap();
        let (tables, row) = match tx.dialect {
            Dialect::Sqlite => (
                "SELECT m.name, group_concat('quote(\"' || c.name || '\")', ' || '','' || ') AS columns \
                 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
                 AND m.sql NOT LIKE 'CREATE VIRTUAL%' \
                 GROUP BY m.name",
                false,
            ),
            Dialect::Postgres => (
                "SELECT table_name::text AS name, '' AS columns FROM information_schema.tables WHERE table_schema = 'public'",
                true,
            ),
        };
        let tables: Vec<JsonValue> = tx.all(tx.sql(tables)).await.unwrap();
        let mut dump = Dump::new();
        for table in &tables {
            let name = table["name"].as_str().unwrap();
            // What has been written is no part of what there is.
            if name.starts_with("generation") || without.iter().any(|start| name.starts_with(start)) {
                continue;
            }
            let columns = if row { "t::text" } else { table["columns"].as_str().unwrap() };
            let rows: Vec<JsonValue> =
                tx.all(tx.sql(format!("SELECT {columns} AS line FROM {name} AS t ORDER BY 1"))).await.unwrap();
            dump.insert(name.to_owned(), rows.iter().map(|row| row["line"].to_string()).collect());
        }
        assert!(dump.contains_key("unit") && dump.contains_key("initiative_event"));
        dump
    }
}

/// The first rows in which two dumps differ.
pub fn differences(before: &Dump, after: &Dump) -> Vec<String> {
    let mut found = Vec::new();
    for (table, rows) in after {
        let old = &before[table];
        found.extend(rows.iter().filter(|row| !old.contains(row)).map(|row| format!("{table} has {row}")));
        found.extend(old.iter().filter(|row| !rows.contains(row)).map(|row| format!("{table} had {row}")));
        if found.is_empty() && old != rows {
            found.push(format!("{table} has {} rows and had {}", rows.len(), old.len()));
        }
    }
    found.truncate(10);
    found
}
