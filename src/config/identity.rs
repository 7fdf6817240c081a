//! How people come in: passwords, sessions, the identity provider.

use std::path::PathBuf;

use clap::Args;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Settings of signing in.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Signing in")]
pub struct Identity {
    /// Memory of a password's hash (argon2id), in KiB
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_PASSWORD_MEMORY", default_value_t = 19_456, value_name = "KIB",
          value_parser = clap::value_parser!(u32).range(8..=4_194_304))]
    pub password_memory: u32,

    /// Passes over that memory
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_PASSWORD_PASSES", default_value_t = 2, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub password_passes: u32,

    /// How many passwords are hashed at once; others wait
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_PASSWORD_WORKERS", default_value_t = 2, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub password_workers: u16,

    /// How long an access token holds, in minutes
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_ACCESS_MINUTES", default_value_t = 15, value_name = "MINUTES",
          value_parser = clap::value_parser!(i64).range(1..=1_440))]
    pub access_minutes: i64,

    /// How long a refresh token holds if it is not used, in days
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_REFRESH_DAYS", default_value_t = 30, value_name = "DAYS",
          value_parser = clap::value_parser!(i64).range(1..=365))]
    pub refresh_days: i64,

    /// How long a session lasts however often it is refreshed, in days
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_SESSION_DAYS", default_value_t = 90, value_name = "DAYS",
          value_parser = clap::value_parser!(i64).range(1..=3_650))]
    pub session_days: i64,

    /// For how long a refresh may be repeated with its idempotency key, in seconds
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_REFRESH_RETRY_SECONDS", default_value_t = 60, value_name = "SECONDS",
          value_parser = clap::value_parser!(i64).range(0..=600))]
    pub refresh_retry_seconds: i64,

    /// How long a token that resets a password holds, in minutes
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_RESET_MINUTES", default_value_t = 60, value_name = "MINUTES",
          value_parser = clap::value_parser!(i64).range(5..=10_080))]
    pub reset_minutes: i64,

    /// How long an invitation holds, in days
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_INVITATION_DAYS", default_value_t = 14, value_name = "DAYS",
          value_parser = clap::value_parser!(i64).range(1..=90))]
    pub invitation_days: i64,

    /// The longest pause that failed sign-ins lead to, in seconds
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_SIGN_IN_PAUSE_SECONDS", default_value_t = 60, value_name = "SECONDS",
          value_parser = clap::value_parser!(i64).range(1..=900))]
    pub sign_in_pause_seconds: i64,

    /// A program that sends a one-time token to its person; it is given JSON on stdin
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_MAIL_COMMAND", value_name = "PROGRAM")]
    pub mail_command: Option<PathBuf>,

    #[command(flatten)]
    pub oidc: Oidc,
}

/// The identity provider whose tokens are taken beside the server's own.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Signing in")]
pub struct Oidc {
    /// Identity provider (OpenID Connect): its issuer URL, as its tokens name it
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,

    /// Whom the provider's tokens must be for: this server's client or API id there (may be given several times)
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "BANYAN_OIDC_AUDIENCE",
        value_name = "ID",
        value_delimiter = ','
    )]
    pub oidc_audience: Vec<String>,

    /// Signature algorithms that are taken
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_OIDC_ALGORITHMS", value_name = "NAMES", value_delimiter = ',',
          default_value = "RS256,ES256",
          value_parser = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"])]
    pub oidc_algorithms: Vec<String>,

    /// How far the provider's clock may be off, in seconds
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_OIDC_LEEWAY_SECONDS", default_value_t = 30, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(0..=300))]
    pub oidc_leeway_seconds: u32,

    /// Certificate (PEM) of an authority of one's own that signed the provider's
    #[arg(long, global = true, hide_short_help = true, env = "BANYAN_OIDC_CA", value_name = "FILE")]
    pub oidc_ca: Option<PathBuf>,
}

/// In milliseconds.
impl Identity {
    pub fn access(&self) -> i64 {
        self.access_minutes * MINUTE
    }

    pub fn refresh(&self) -> i64 {
        self.refresh_days * DAY
    }

    pub fn session(&self) -> i64 {
        self.session_days * DAY
    }

    pub fn refresh_retry(&self) -> i64 {
        self.refresh_retry_seconds * 1_000
    }

    pub fn reset(&self) -> i64 {
        self.reset_minutes * MINUTE
    }

    pub fn invitation(&self) -> i64 {
        self.invitation_days * DAY
    }

    pub fn sign_in_pause(&self) -> i64 {
        self.sign_in_pause_seconds * 1_000
    }
}
