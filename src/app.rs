//! What every operation needs and nothing may fetch for itself: the store, the clock, random numbers, the settings.

use std::collections::HashSet;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};

use entity::enums::TokenKind;
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use sea_orm::FromQueryResult;
use tokio::sync::{Notify, Semaphore};

use crate::clock::{self, Clock};
use crate::config::Config;
use crate::error::Result;
use crate::meter::Meter;
use crate::oidc::Provider;
use crate::pace::{Pace, Rate, Readers};
use crate::store::{Again, Generation, Joints, Store};

/// How many refusals the audit log takes from one caller, and from all: so many at once, then one in so many milliseconds.
const REFUSALS_OF_ONE: Rate = Rate { burst: 20, every: 3_000 };
const REFUSALS_OF_ALL: Rate = Rate { burst: 200, every: 50 };

/// How many wait to have a password hashed for each that is served.
const HASH_QUEUE: usize = 64;

/// How many letters may be under way at once.
const LETTERS: usize = 16;

/// Memory for what is known of tokens, bytes.
const TOKENS: u64 = 4 << 20;

/// A token that holds, as it was found.
#[derive(Clone, Debug, FromQueryResult)]
pub struct KnownToken {
    pub id: i64,
    pub account_id: i64,
    pub kind: TokenKind,
    pub session_id: Option<i64>,
    pub roles: Option<String>,
    pub unit_id: Option<i64>,
    pub made_by: Option<i64>,
    /// Milliseconds since the epoch.
    pub expires_at: i64,
    pub last_used_at: Option<i64>,
    /// A later use that this server has noted, or 0.
    #[sea_orm(skip)]
    pub noted_at: Arc<AtomicI64>,
    /// When its session is over, if it has one.
    pub session_ends_at: Option<i64>,
}

/// Shared by every request; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub config: Arc<Config>,
    /// The store's.
    pub meter: Meter,
    /// Told after a commit that left differences to fold.
    pub fold_wanted: Arc<Notify>,
    /// Tokens whose last use is just being written.
    pub noting: Arc<Mutex<HashSet<i64>>>,
    /// Tokens by their hashes, each as it was found in one generation of credentials.
    pub tokens: Arc<Again<[u8; 32], Arc<KnownToken>, Generation>>,
    /// What several requests do together.
    pub joints: Joints,
    /// Queries that are being answered.
    pub readers: Readers,
    /// Who may have refusals of his recorded now.
    pub refusals: Arc<Pace>,
    /// Turns at hashing a password, and places to wait for one.
    pub hash_turns: Arc<Semaphore>,
    pub hash_queue: Arc<Semaphore>,
    /// Places for letters under way.
    pub mail_places: Arc<Semaphore>,
    /// The identity provider, if there is one.
    pub provider: Option<Arc<Provider>>,
    random: Arc<Mutex<StdRng>>,
}

impl App {
    /// The server's own: system clock, random numbers from the operating system.
    pub fn new(store: Store, config: Config) -> App {
        App::with(store, config, Clock::System, StdRng::from_os_rng())
    }

    /// With a given clock and generator, for tests and repeatable data.
    pub fn with(store: Store, config: Config, clock: Clock, random: StdRng) -> App {
        let workers = usize::from(config.identity.password_workers);
        App {
            meter: store.meter.clone(),
            store,
            clock,
            config: Arc::new(config),
            fold_wanted: Arc::new(Notify::new()),
            noting: Arc::default(),
            tokens: Arc::new(Again::new(TOKENS, size_of::<KnownToken>())),
            joints: Joints::default(),
            readers: Readers::default(),
            refusals: Arc::new(Pace::new(REFUSALS_OF_ONE, REFUSALS_OF_ALL)),
            mail_places: Arc::new(Semaphore::new(LETTERS)),
            provider: None,
            hash_turns: Arc::new(Semaphore::new(workers)),
            hash_queue: Arc::new(Semaphore::new(workers * HASH_QUEUE)),
            random: Arc::new(Mutex::new(random)),
        }
    }

    /// The same, with the identity provider that the settings name, if they name one.
    pub fn with_provider(mut self) -> Result<App> {
        self.provider = Provider::of(&self.config)?.map(Arc::new);
        Ok(self)
    }

    /// The same on another store.
    pub fn on(&self, store: Store) -> App {
        App { store, joints: Joints::default(), ..self.clone() }
    }

    /// The same at an instant at which its clock stands still: for storing what happened long ago.
    pub fn at(&self, instant: i64) -> App {
        let clock = Clock::Fixed(Arc::new(AtomicI64::new(instant)));
        App { clock, joints: Joints::default(), ..self.clone() }
    }

    /// For work in the background, whose statements take as long as they take.
    pub fn unhurried(&self) -> App {
        self.on(self.store.unhurried())
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The local day in the configured time zone.
    pub fn today(&self) -> chrono::NaiveDate {
        clock::local_day(self.config.time_zone, self.now())
    }

    /// A new opaque id: 63 random bits, never 0.
    pub fn new_id(&self) -> i64 {
        self.random(|random| random.random_range(1..=i64::MAX))
    }

    /// Bytes for a secret.
    pub fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.random(|random| random.fill_bytes(&mut bytes));
        bytes
    }

    /// Draws from the one generator.
    pub fn random<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        // A panic elsewhere leaves the generator whole: its state is replaced at once.
        draw(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
