//! Whether an error says that the database is away: it cannot be reached, or broke a connection off. And how a transaction begins all the
//! same where connections ended while nobody used them.

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::Error;

use super::Dialect;

/// The connections of a pool that may have ended while nobody used them: it hands out unasked what was just used.
pub struct Unasked {
    left: u32,
}

impl Unasked {
    pub fn of(dialect: Dialect, pool: &DatabaseConnection) -> Unasked {
        let left = match dialect {
            Dialect::Sqlite => 0,
            Dialect::Postgres => pool.get_postgres_connection_pool().options().get_max_connections(),
        };
        Unasked { left }
    }

    /// Whether the first statement that runs on a connection is to run on another one: this one had ended, and nothing was done.
    pub fn ended<T>(&mut self, first: &Result<T, DbErr>) -> bool {
        let ended = self.left > 0 && first.as_ref().is_err_and(is_broken_off);
        self.left -= u32::from(ended);
        ended
    }
}

/// True where the same may succeed once the database is back; nothing is wrong with what was asked.
pub fn is_away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        // One that hangs up on a greeting is taken for one that answers nonsense.
        DbErr::Conn(RuntimeErr::SqlxError(error)) => {
            matches!(**error, Error::Protocol(_) | Error::Tls(_) | Error::PoolTimedOut | Error::PoolClosed)
                || broke_off(error)
        }
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            matches!(**error, Error::PoolTimedOut | Error::PoolClosed) || broke_off(error)
        }
        _ => false,
    }
}

/// True where there was a connection, and it ended before it answered.
pub(super) fn is_broken_off(error: &DbErr) -> bool {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => broke_off(error),
        _ => false,
    }
}

fn broke_off(error: &Error) -> bool {
    match error {
        Error::Io(_) => true,
        Error::Database(error) => error.code().is_some_and(|code| tells_of_an_end(&code)),
        _ => false,
    }
}

/// PostgreSQL's codes for a connection that fails, for a server that stops or starts, and for one that takes no more
/// connections. SQLite's codes are never so long.
fn tells_of_an_end(code: &str) -> bool {
    // 08P01 says that this program asked for nonsense.
    let connection = code.len() == 5 && code.starts_with("08") && code != "08P01";
    matches!(code, "57P01" | "57P02" | "57P03" | "53300") || connection
}

#[cfg(test)]
mod tests {
    use std::io::{Error as Io, ErrorKind};
    use std::sync::Arc;

    use sea_orm::ConnAcquireErr;

    use super::*;

    fn of(error: Error) -> RuntimeErr {
        RuntimeErr::SqlxError(Arc::new(error))
    }

    #[test]
    fn who_cannot_be_reached_is_away() {
        for kind in [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof] {
            for wrap in [DbErr::Conn, DbErr::Exec, DbErr::Query] {
                assert!(is_away(&wrap(of(Error::Io(Io::from(kind))))), "{kind}");
            }
        }
        assert!(is_away(&DbErr::Query(of(Error::PoolTimedOut))) && is_away(&DbErr::Query(of(Error::PoolClosed))));
        assert!(is_away(&DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)));
        assert!(is_away(&DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)));
        assert!(is_away(&DbErr::Conn(of(Error::Protocol("unexpected response from SSLRequest: 0x00".to_owned())))));
        assert!(["08006", "57P01", "57P03", "53300"].into_iter().all(tells_of_an_end));
    }

    #[test]
    fn a_fault_of_our_own_is_none_of_that() {
        assert!(!is_away(&DbErr::Query(of(Error::RowNotFound))));
        assert!(!is_away(&DbErr::Query(of(Error::Protocol("x".to_owned())))));
        assert!(!is_away(&DbErr::Query(of(Error::WorkerCrashed))));
        assert!(!is_away(&DbErr::Custom("connection".to_owned())));
        for code in ["40001", "42P01", "57014", "23505", "3D000", "5", "8", "10", "08"] {
            assert!(!tells_of_an_end(code), "{code}");
        }
    }
}
