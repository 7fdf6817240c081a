//! `banyan serve`: the server, on a database whose schema is this program's.

use std::net::{SocketAddr, ToSocketAddrs};

use super::failure::{Failure, Outcome};
use super::wire::Wire;
use super::{database, print};
use crate::app::App;
use crate::audit::{record_left_out, run_sealer};
use crate::config::Config;
use crate::graphql::Api;
use crate::http::{self, Metrics, Options};
use crate::ledger::run_folder;
use crate::reorganisation::run_scheduler;
use crate::rollup::run_keeper;

const EXAMPLES: &str = "\
Examples:
  banyan serve
  banyan serve --listen 0.0.0.0:8080 --database-url postgres://banyan@db.example.org/banyan

Any number of servers may share one PostgreSQL database; an SQLite file has one.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    pub listen: Listen,

    /// Tell in each answer's Server-Timing header how many statements it took
    #[arg(long, env = "BANYAN_SERVER_TIMING")]
    server_timing: bool,

    #[command(flatten)]
    wire: Wire,
}

#[derive(clap::Args)]
pub struct Listen {
    /// Address and port to answer at; port 0 takes a free one
    #[arg(long = "listen", env = "BANYAN_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT",
          value_parser = address)]
    pub address: SocketAddr,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| "this is not ADDRESS:PORT, such as 127.0.0.1:8080 or 0.0.0.0:80".to_owned())
}

pub async fn run(config: Config, args: Args) -> Outcome {
    let store = database::open_serving(&config).await?;
    let app = App::new(store, config).with_provider()?;
    let api = args.wire.api(app).await?;
    let options = args.wire.options(args.server_timing);
    let scheme = if options.certificate.is_some() { "https" } else { "http" };
    answer(api, args.listen.address, options, |address| {
        let url = base_url(address).replacen("http", scheme, 1);
        let _ = print::line(format_args!("Banyan answers at {url}/graphql; Ctrl+C stops it"));
    })
    .await
}

/// Serves until it is told to stop, then closes the database.
pub async fn answer(api: Api, listen: SocketAddr, options: Options, on_ready: impl FnOnce(SocketAddr)) -> Outcome {
    let app = api.app().clone();
    let store = app.store.clone();
    let metrics = match app.config.telemetry.metrics_listen {
        Some(address) => Some(Metrics::open(&app, address).await?),
        None => None,
    };
    let on_ready = |address| {
        on_ready(address);
        if let Some(metrics) = &metrics {
            let _ = print::line(format_args!("Metrics stand at {}/metrics", base_url(metrics.address)));
        }
    };
    let folder = tokio::spawn(run_folder(app.clone()));
    let sealer = tokio::spawn(run_sealer(app.clone()));
    let keeper = tokio::spawn(run_keeper(app.clone()));
    let scheduler = tokio::spawn(run_scheduler(app.clone()));
    let clearing = tokio::spawn(store.clone().run_clearing());
    let served = http::serve(api, listen, options, on_ready).await;
    // What it has not folded stays queued, and is counted.
    folder.abort();
    let _ = folder.await;
    // A plan that is being applied is rolled back, and is due again.
    scheduler.abort();
    let _ = scheduler.await;
    // What it has not kept is read from events.
    keeper.abort();
    let _ = keeper.await;
    // What is not sealed stays queued; what was only counted would be lost.
    sealer.abort();
    let _ = sealer.await;
    clearing.abort();
    let _ = clearing.await;
    if let Err(error) = record_left_out(&app).await {
        tracing::error!(%error, "the audit log lacks how many refusals were left out");
    }
    store.close().await;
    served.map_err(Failure::from)
}

/// The address as a client on this machine uses it.
pub fn base_url(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("http://127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("http://[::1]:{}", v6.port()),
        other => format!("http://{other}"),
    }
}
