//! Each test twice: once on each database.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt;

use super::{Engine, Setup, TestApp};

/// Runs a test against a server of its own, and clears up after it whatever becomes of it.
pub fn run(engine: Engine, setup: Setup, test: impl AsyncFnOnce(&TestApp)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::start(engine, setup).await;
        let outcome = AssertUnwindSafe(test(&app)).catch_unwind().await;
        app.stop().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    });
}

/// Declares a test as two: `name::sqlite` and `name::postgres`. `with` a setup where it needs another than the usual one.
macro_rules! both {
    (async fn $name:ident($app:ident: &TestApp) $body:block) => {
        both!(with $crate::support::Setup::default(); async fn $name($app: &TestApp) $body);
    };
    (with $setup:expr; async fn $name:ident($app:ident: &TestApp) $body:block) => {
        mod $name {
            use super::*;

            async fn test($app: &$crate::support::TestApp) $body

            #[test]
            fn sqlite() {
                $crate::support::run($crate::support::Engine::Sqlite, $setup, test);
            }

            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Engine::Postgres, $setup, test);
            }
        }
    };
}

pub(crate) use both;
