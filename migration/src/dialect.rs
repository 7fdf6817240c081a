//! One template for both databases: what differs are type names and SQLite's table options.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::Step;

/// The statements of a template for one database, without their semicolons.
///
/// Templates use PostgreSQL's type names. `{table}` stands after a table's closing bracket, `{pairs}` after one whose key
/// has several columns (SQLite then keeps the rows in the key's own tree), `{bytewise}` after the type of a text that sorts by
/// its bytes. A statement that begins with `{sqlite}` or `{postgres}` is for that database alone; `{;}` is a semicolon inside a
/// statement.
pub fn statements(template: &str, backend: DbBackend) -> Vec<String> {
    let sql = match backend {
        DbBackend::Sqlite => template
            .replace("BIGINT", "INTEGER")
            .replace("BOOLEAN", "INTEGER")
            .replace("BYTEA", "BLOB")
            .replace(" DATE", " TEXT")
            .replace("{table}", "STRICT")
            .replace("{pairs}", "STRICT, WITHOUT ROWID")
            .replace(" {bytewise}", ""),
        _ => template.replace("{table}", "").replace("{pairs}", "").replace("{bytewise}", "COLLATE \"C\""),
    };
    // Its own mark would be split in two.
    let sql = sql.replace("{;}", "\u{0}");
    let (own, other) = match backend {
        DbBackend::Sqlite => ("{sqlite}", "{postgres}"),
        _ => ("{postgres}", "{sqlite}"),
    };
    let statements = sql.split(';').map(str::trim).filter(|text| !text.is_empty() && !text.starts_with(other));
    statements.map(|text| text.trim_start_matches(own).trim_start().replace('\u{0}', ";")).collect()
}

pub(crate) struct SqlMigration(pub &'static Step);

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.0.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in statements(self.0.template, manager.get_database_backend()) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("migrations only go forward: restore a backup instead".to_owned()))
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
