//! Opening the database of the configuration, with a clear word where that cannot be.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::failure::Outcome;
use super::schema::Schema;
use crate::config::Config;
use crate::demo::broken_off;
use crate::store::Store;

/// Opens a database that is there and has this program's schema.
pub async fn open_current(config: &Config) -> Outcome<Store> {
    let Some(store) = open_existing(config).await? else {
        let file = file(config)?.unwrap_or_default();
        return Err(format!("there is no database file {}: run `banyan migrate up` to make it", file.display()).into());
    };
    Schema::of(&store).await?.require_current()?;
    Ok(store)
}

/// As [`open_current`], for a server, whose operations are bounded in time.
pub async fn open_serving(config: &Config) -> Outcome<Store> {
    let store = open_current(config).await?;
    if broken_off(&store.read().await?).await? {
        return Err("the database holds a demo whose loading broke off: delete it and load it anew".to_owned().into());
    }
    store.close().await;
    Ok(Store::serving(config, false).await?)
}

/// Opens a database that is there; `None`: its file does not exist.
pub async fn open_existing(config: &Config) -> Outcome<Option<Store>> {
    match file(config)? {
        Some(file) if !file.exists() => Ok(None),
        _ => open(config, false).await.map(Some),
    }
}

/// Opens a database, an SQLite file being made where there is none.
pub async fn open_or_make(config: &Config) -> Outcome<Store> {
    open(config, true).await
}

async fn open(config: &Config, create: bool) -> Outcome<Store> {
    match file(config)? {
        Some(file) => check_file(&file)?,
        None => check_server(config).await?,
    }
    Ok(Store::open(config, create).await?)
}

/// The file of an SQLite database.
pub fn file(config: &Config) -> Outcome<Option<PathBuf>> {
    let url = config.database_url.as_str();
    if !url.starts_with("sqlite:") {
        return Ok(None);
    }
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err("a database in memory ends with the command: name a file, as in sqlite://banyan.db"
            .to_owned()
            .into());
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|error| format!("--database-url: {error}"))?;
    if options.get_filename().as_os_str().is_empty() {
        return Err("--database-url names no file: write it as in sqlite://banyan.db".to_owned().into());
    }
    Ok(Some(options.get_filename().to_owned()))
}

fn check_file(file: &Path) -> Outcome {
    let shown = file.display();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(format!("there is no folder {} for the database {shown}", folder.display()).into());
    }
    if !file.exists() {
        return Ok(());
    }
    let mut head = Vec::new();
    let read = std::fs::File::open(file).and_then(|open| open.take(16).read_to_end(&mut head));
    read.map_err(|error| format!("cannot read the database {shown}: {error}"))?;
    if head.is_empty() || head == b"SQLite format 3\0" {
        Ok(())
    } else {
        Err(format!("{shown} is not an SQLite database").into())
    }
}

/// Says at once why PostgreSQL cannot be reached; the pool would go on trying for half a minute.
async fn check_server(config: &Config) -> Outcome {
    if !config.database_url.starts_with("postgres") {
        return Ok(());
    }
    let Ok(options) = PgConnectOptions::from_str(&config.database_url) else {
        // The store says what is wrong with the URL.
        return Ok(());
    };
    let place = format!("PostgreSQL at {}:{}", options.get_host(), options.get_port());
    let options = options.disable_statement_logging();
    match tokio::time::timeout(Duration::from_secs(10), PgConnection::connect_with(&options)).await {
        Err(_) => Err(format!("{place} does not answer").into()),
        Ok(Err(sqlx::Error::Database(error))) => Err(format!("{place}: {}", error.message()).into()),
        Ok(Err(sqlx::Error::Io(error))) => Err(format!("cannot reach {place}: {error}").into()),
        Ok(Err(error)) => Err(format!("cannot reach {place}: {error}").into()),
        Ok(Ok(connection)) => {
            // The pool makes its own.
            let _ = connection.close().await;
            Ok(())
        }
    }
}
