//! argon2id, on threads of its own and never more of it at once than configured.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::app::App;
use crate::error::{Error, Result};

/// What became of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with other parameters than are configured now.
    RightAndStale,
}

/// The hash of a prepared password, as a PHC string.
pub async fn hash(app: &App, password: &str) -> Result<String> {
    let (hasher, salt) = (hasher(app)?, salt(app)?);
    let password = password.to_owned();
    on_a_thread(app, move || Ok(hasher.hash_password(password.as_bytes(), &salt).map_err(broken)?.to_string())).await
}

/// A hash of a prepared password that is the same each time, for one account: what an idempotency key stands for.
pub async fn fingerprint(app: &App, account: i64, password: &str) -> Result<String> {
    let hasher = hasher(app)?;
    let salt = SaltString::encode_b64(format!("request {account}").as_bytes()).map_err(broken)?;
    let password = password.to_owned();
    on_a_thread(app, move || Ok(hasher.hash_password(password.as_bytes(), &salt).map_err(broken)?.to_string())).await
}

/// Whether the prepared password is the stored one. Where none is stored as much is computed, and it is wrong.
pub async fn verify(app: &App, password: &str, stored: Option<&str>) -> Result<Verdict> {
    let (hasher, salt) = (hasher(app)?, salt(app)?);
    let (password, stored) = (password.to_owned(), stored.map(str::to_owned));
    on_a_thread(app, move || {
        let Some(stored) = stored else {
            hasher.hash_password(password.as_bytes(), &salt).map_err(broken)?;
            return Ok(Verdict::Wrong);
        };
        let stored = PasswordHash::new(&stored).map_err(broken)?;
        let params = Params::try_from(&stored).map_err(broken)?;
        match hasher.verify_password(password.as_bytes(), &stored) {
            Err(argon2::password_hash::Error::Password) => Ok(Verdict::Wrong),
            Err(error) => Err(broken(error)),
            Ok(()) if cost(&params) == cost(hasher.params()) => Ok(Verdict::Right),
            Ok(()) => Ok(Verdict::RightAndStale),
        }
    })
    .await
}

fn cost(params: &Params) -> (u32, u32, u32) {
    (params.m_cost(), params.t_cost(), params.p_cost())
}

fn hasher(app: &App) -> Result<Argon2<'static>> {
    let settings = &app.config.identity;
    let params = Params::new(settings.password_memory, settings.password_passes, 1, None);
    let params = params.map_err(|error| Error::Internal(format!("argon2's parameters: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn salt(app: &App) -> Result<SaltString> {
    SaltString::encode_b64(&app.secret()[..16]).map_err(broken)
}

fn broken(error: argon2::password_hash::Error) -> Error {
    Error::Internal(format!("argon2: {error}"))
}

async fn on_a_thread<T: Send + 'static>(app: &App, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    // Who finds no place to wait in is told that the server is busy.
    let _place = app.hash_queue.try_acquire().map_err(|_| Error::Busy)?;
    let turn = app.hash_turns.clone().acquire_owned().await.map_err(|_| Error::Busy)?;
    let done = tokio::task::spawn_blocking(move || {
        // Kept by the thread: a client who goes away does not let more of them run.
        let _turn = turn;
        work()
    });
    done.await.map_err(|error| Error::Internal(format!("a password's thread: {error}")))?
}
