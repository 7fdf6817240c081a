//! How many connections there are.

use super::{Dialect, Store};
use crate::meter::{Pool, PoolState};

impl Store {
    /// The pools as they are now; nothing is asked of the database.
    pub fn pools(&self) -> Vec<PoolState> {
        [(Pool::Reader, &self.reader), (Pool::Writer, &self.writer)]
            .into_iter()
            .map(|(pool, connection)| {
                let (open, idle, most) = match self.dialect {
                    Dialect::Sqlite => {
                        let pool = connection.get_sqlite_connection_pool();
                        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
                    }
                    Dialect::Postgres => {
                        let pool = connection.get_postgres_connection_pool();
                        (pool.size(), pool.num_idle(), pool.options().get_max_connections())
                    }
                };
                PoolState { pool, open, idle: u32::try_from(idle).unwrap_or(open).min(open), most }
            })
            .collect()
    }
}
