//! How a server is watched.

use std::net::{SocketAddr, ToSocketAddrs};

use clap::Args;

/// The longest name of an operation that is counted for itself, in bytes.
const LONGEST_NAME: usize = 100;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Observability")]
pub struct Telemetry {
    /// Address and port at which a server answers /metrics for Prometheus, to anybody who reaches it; not set: nowhere
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_METRICS_LISTEN", value_name = "ADDRESS:PORT",
          value_parser = address)]
    pub metrics_listen: Option<SocketAddr>,

    /// Names of operations that the metrics count for themselves, beside those of trusted documents; may be given several times
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_METRICS_OPERATION", value_name = "NAME",
          value_delimiter = ',', value_parser = operation)]
    pub metrics_operation: Vec<String>,

    /// URL of an OpenTelemetry collector that gets spans and log lines by OTLP over HTTP, such as http://127.0.0.1:4318; not
    /// set: none. The standard's other variables (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, ...) count too
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub otlp_endpoint: Option<String>,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| "this is not ADDRESS:PORT, such as 127.0.0.1:9464".to_owned())
}

fn operation(text: &str) -> Result<String, String> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = text.bytes().all(inside) && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    match is_name && text.len() <= LONGEST_NAME {
        true => Ok(text.to_owned()),
        false => Err(format!("this is no name of an operation of up to {LONGEST_NAME} letters, digits and _")),
    }
}
