//! What is searched for of a row: triggers keep it; here it is compared with, and written anew.

use super::{Dialect, Sql, Tx};
use crate::error::Result;

impl Sql {
    /// Whether what is searched for of a row is what follows from its keys: what joins it, and the condition. SQLite's word index does
    /// not tell what it has of a row: there it is taken for right.
    pub fn words_of(&self, index: &str, alias: &str, (folded, spelled): (&str, &str)) -> (String, String) {
        match self.dialect {
            Dialect::Sqlite => (String::new(), "1".to_owned()),
            Dialect::Postgres => (
                format!(" LEFT JOIN {index} x ON x.id = {alias}.id"),
                format!("COALESCE(x.words = searched_words({alias}.{folded}, {alias}.{spelled}, {alias}.code), FALSE)"),
            ),
        }
    }
}

impl Tx {
    /// Ids that the index has words of, and that no row of the table has.
    pub async fn stray_words(&self, index: &str, table: &str) -> Result<Vec<i64>> {
        if self.dialect == Dialect::Sqlite {
            return Ok(Vec::new());
        }
        // Nobody but the trigger writes there: as a rule both have the same number, which is soon known.
        let more = self.sql(format!("SELECT (SELECT COUNT(*) FROM {index}) - (SELECT COUNT(*) FROM {table}) AS id"));
        if self.ids(more).await?.pop() == Some(0) {
            return Ok(Vec::new());
        }
        let strays = format!("SELECT x.id FROM {index} x WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = x.id)");
        self.ids(self.sql(format!("{strays} ORDER BY x.id LIMIT 10000"))).await
    }

    /// Writes the words of one row anew; those of a row that is not there go.
    pub async fn rewrite_words(
        &self,
        (index, table): (&str, &str),
        (folded, spelled): (&str, &str),
        id: i64,
    ) -> Result<()> {
        if self.dialect == Dialect::Sqlite {
            return Ok(());
        }
        let mut sql = self.sql(format!("DELETE FROM {index} WHERE id = "));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        let mut sql = self.sql(format!(
            "INSERT INTO {index} SELECT id, searched_words({folded}, {spelled}, code) FROM {table} WHERE id = "
        ));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        Ok(())
    }
}
