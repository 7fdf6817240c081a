//! The identity provider: a real one on loopback, and everything that is not its token.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::enums::OneTimePurpose;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::pkcs8::EncodePrivateKey;
use poem::listener::TcpAcceptor;
use poem::{EndpointExt, Route, handler, web};
use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};
use serde_json::{Value, json};

use super::{number, one_time, opens};
use crate::support::{Actor, Engine, Outcome, Setup, TestApp, run};

/// 2026-03-02T09:00:00+07:00, where the server's clock begins.
const NOW: i64 = 1_772_416_800;

/// What the provider's server answers with.
#[derive(Clone)]
struct Desk {
    issuer: String,
    keys: Arc<Mutex<Vec<Value>>>,
    fetched: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
}

#[handler]
fn discovery(desk: web::Data<&Desk>) -> web::Json<Value> {
    web::Json(json!({ "issuer": desk.issuer, "jwks_uri": format!("{}/keys", desk.issuer) }))
}

#[handler]
async fn key_set(desk: web::Data<&Desk>) -> poem::Response {
    desk.fetched.fetch_add(1, Ordering::SeqCst);
    if desk.silent.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    if desk.broken.load(Ordering::SeqCst) {
        return poem::http::StatusCode::BAD_GATEWAY.into();
    }
    let body = json!({ "keys": *desk.keys.lock().unwrap() }).to_string();
    poem::Response::builder().content_type("application/json").body(body)
}

/// A provider in a thread of its own.
pub struct Provider {
    desk: Desk,
}

impl Provider {
    fn start() -> Provider {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let desk = Desk {
            issuer,
            keys: Arc::default(),
            fetched: Arc::default(),
            broken: Arc::default(),
            silent: Arc::default(),
        };
        let app =
            Route::new().at("/.well-known/openid-configuration", discovery).at("/keys", key_set).data(desk.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let acceptor = TcpAcceptor::from_std(listener).unwrap();
                poem::Server::new_with_acceptor(acceptor).run(app).await.unwrap();
            });
        });
        Provider { desk }
    }

    pub fn publish(&self, keys: &[&Key]) {
        *self.desk.keys.lock().unwrap() = keys.iter().map(|key| key.public.clone()).collect();
    }

    fn fetched(&self) -> usize {
        self.desk.fetched.load(Ordering::SeqCst)
    }

    /// Good claims, with some members of them replaced; null takes one away.
    fn claims(&self, subject: &str, replaced: Value) -> Value {
        let mut claims =
            json!({ "iss": self.desk.issuer, "aud": "banyan", "sub": subject, "iat": NOW, "exp": NOW + 300 });
        for (name, value) in replaced.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    pub fn token(&self, key: &Key, subject: &str, replaced: Value) -> String {
        key.sign(key.name, &self.claims(subject, replaced))
    }
}

/// A key of the provider's, or of somebody who would like to be it.
pub struct Key {
    name: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

impl Key {
    fn of(name: &'static str, algorithm: Algorithm, private: EncodingKey) -> Key {
        let mut public = serde_json::to_value(Jwk::from_encoding_key(&private, algorithm).unwrap()).unwrap();
        public["kid"] = json!(name);
        public["use"] = json!("sig");
        Key { name, algorithm, private, public }
    }

    pub fn elliptic(name: &'static str) -> Key {
        let secret = p256::SecretKey::random(&mut rsa::rand_core::OsRng);
        let der = secret.to_pkcs8_der().unwrap();
        Key::of(name, Algorithm::ES256, EncodingKey::from_ec_der(der.as_bytes()))
    }

    fn sign(&self, name: &str, claims: &Value) -> String {
        let header = Header { kid: Some(name.to_owned()), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.private).unwrap()
    }
}

fn rsa_key() -> &'static rsa::RsaPrivateKey {
    static KEY: OnceLock<rsa::RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap())
}

fn rsa(name: &'static str) -> Key {
    let der = rsa_key().to_pkcs1_der().unwrap();
    Key::of(name, Algorithm::RS256, EncodingKey::from_rsa_der(der.as_bytes()))
}

/// Runs a server beside a provider, with a person G1's MEMBER who is `lan` there.
pub fn with_provider(engine: Engine, test: impl AsyncFnOnce(&TestApp, &Provider, &Actor)) {
    let provider = Provider::start();
    let setup = Setup { issuer: Some(provider.desk.issuer.clone()), ..Setup::default() };
    run(engine, setup, async |app| {
        app.small_federation().await;
        let lan = app.member_of("G1").await;
        let tx = app.app.store.write().await.unwrap();
        let issuer = &provider.desk.issuer;
        banyan::account::identity::keep(&app.app, &tx, number(&lan), issuer, "lan").await.unwrap();
        tx.commit().await.unwrap();
        test(app, &provider, &lan).await;
    });
}

macro_rules! both {
    ($name:ident, $test:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                with_provider(Engine::Sqlite, $test);
            }

            #[test]
            fn postgres() {
                with_provider(Engine::Postgres, $test);
            }
        }
    };
}

both!(a_token_of_the_provider_opens_its_persons_account, async |app, provider, lan| {
    let (rs, es) = (rsa("rs"), Key::elliptic("es"));
    provider.publish(&[&rs, &es]);
    for key in [&rs, &es] {
        let me = app.bearer(&provider.token(key, "lan", json!({})));
        let reply = me.query("{ viewer { account { id } grants { role } } }", json!({})).await.ok();
        assert_eq!(reply.text("/viewer/account/id"), lan.id());
        assert_eq!(reply.texts("/viewer/grants", "role"), ["MEMBER"]);
        me.draft("G1", json!({})).await;
    }
    assert_eq!(provider.fetched(), 1);
    // Several audiences, ours among them; instants with a fraction; a clock that is a little off.
    for replaced in [
        json!({ "aud": ["other", "banyan"] }),
        json!({ "exp": NOW as f64 + 0.5 }),
        json!({ "exp": NOW - 29 }),
        json!({ "nbf": NOW + 30, "iat": NOW + 30 }),
        json!({ "iat": null }),
    ] {
        assert!(opens(app, &provider.token(&rs, "lan", replaced.clone())).await, "{replaced}");
    }
    // Time goes on.
    let token = provider.token(&rs, "lan", json!({}));
    app.pass(329);
    assert!(opens(app, &token).await);
    app.pass(1);
    assert!(!opens(app, &token).await);
});

both!(what_is_not_the_providers_token_for_us_opens_nothing, async |app, provider, _lan| {
    let (rs, es) = (rsa("rs"), Key::elliptic("es"));
    provider.publish(&[&rs, &es]);
    assert!(opens(app, &provider.token(&rs, "lan", json!({}))).await);
    for replaced in [
        json!({ "aud": "other" }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "iss": "https://id.example.org" }),
        json!({ "iss": null }),
        json!({ "exp": NOW - 30 }),
        json!({ "exp": null }),
        json!({ "exp": (NOW + 300).to_string() }),
        json!({ "exp": i64::MAX }),
        json!({ "exp": true }),
        json!({ "nbf": NOW + 31 }),
        json!({ "nbf": "later" }),
        json!({ "iat": NOW + 31 }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "mai" }),
        json!({ "sub": "lan\u{0}" }),
        json!({ "sub": 7 }),
        json!({ "sub": "x".repeat(256) }),
    ] {
        assert!(!opens(app, &provider.token(&rs, "lan", replaced.clone())).await, "{replaced}");
    }
    let good = provider.claims("lan", json!({}));
    // Signed by others, or by another of the provider's keys than it names.
    let stranger = Key::elliptic("es");
    let other = Key::elliptic("stranger");
    for token in [stranger.sign("es", &good), other.sign("stranger", &good), es.sign("rs", &good), rs.sign("es", &good)]
    {
        assert!(!opens(app, &token).await);
    }
    // Not signed, or with the public key as a secret.
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    for algorithm in ["none", "None", "NONE", ""] {
        let head = part(&json!({ "alg": algorithm, "typ": "JWT", "kid": "rs" }));
        for signature in ["", "AAAA"] {
            assert!(!opens(app, &format!("{head}.{}.{signature}", part(&good))).await, "{algorithm}");
        }
    }
    let public = rsa_key().to_public_key();
    let pem = public.to_pkcs1_pem(rsa::pkcs8::LineEnding::LF).unwrap();
    let der = public.to_pkcs1_der().unwrap();
    for secret in [pem.as_bytes(), der.as_bytes(), rs.public["n"].as_str().unwrap().as_bytes(), b""] {
        let header = Header { kid: Some("rs".to_owned()), ..Header::new(Algorithm::HS256) };
        let token = encode(&header, &good, &EncodingKey::from_secret(secret)).unwrap();
        assert!(!opens(app, &token).await);
    }
    // An algorithm of the key's family that is not on the list.
    let header = Header { kid: Some("rs".to_owned()), ..Header::new(Algorithm::RS512) };
    assert!(!opens(app, &encode(&header, &good, &rs.private).unwrap()).await);
    // A token that was cut, changed, or is none at all.
    let token = provider.token(&rs, "lan", json!({}));
    let (head, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let changed = part(&provider.claims("lan", json!({ "admin": true })));
    for bad in [
        token[..token.len() - 2].to_owned(),
        format!("{head}.{changed}.{signature}"),
        format!("{head}..{signature}"),
        "a.b.c".to_owned(),
        "..".to_owned(),
        format!("{}.{}.{}", "A".repeat(9_000), "A".repeat(9_000), "A".repeat(9_000)),
    ] {
        assert!(!opens(app, &bad).await, "{bad}");
    }
    assert!(opens(app, &token).await);
});

both!(keys_are_rotated_and_floods_of_unknown_ones_cost_the_provider_nothing, async |app, provider, _lan| {
    let (old, new) = (Key::elliptic("old"), Key::elliptic("new"));
    provider.publish(&[&old]);
    let fresh = |key: &Key, seconds: i64| {
        provider.token(key, "lan", json!({ "iat": NOW + seconds, "exp": NOW + seconds + 300 }))
    };
    assert!(opens(app, &fresh(&old, 0)).await);
    app.pass(20);
    provider.publish(&[&old, &new]);
    assert!(opens(app, &fresh(&new, 20)).await && opens(app, &fresh(&old, 20)).await);
    assert_eq!(provider.fetched(), 2);
    // Unknown keys, many at once and one after the other.
    let strangers: Vec<String> =
        (0..50).map(|i| old.sign(&format!("unknown {i}"), &provider.claims("lan", json!({})))).collect();
    app.pass(10);
    let all = futures_util::future::join_all(strangers.iter().map(|token| opens(app, token))).await;
    assert!(all.iter().all(|opened| !opened));
    for token in &strangers[..10] {
        assert!(!opens(app, token).await);
    }
    assert_eq!(provider.fetched(), 3);
    // A key that the provider has withdrawn holds for an hour at most.
    provider.publish(&[&new]);
    assert!(opens(app, &fresh(&old, 30)).await);
    app.pass(3_600);
    assert!(!opens(app, &fresh(&old, 3_630)).await);
    assert!(opens(app, &fresh(&new, 3_630)).await);
});

both!(a_provider_that_is_away_holds_nothing_up, async |app, provider, _lan| {
    let key = Key::elliptic("es");
    provider.publish(&[&key]);
    let fresh = |seconds: i64| provider.token(&key, "lan", json!({ "iat": NOW + seconds, "exp": NOW + seconds + 300 }));
    // It was never there: that is not the token's fault.
    provider.desk.broken.store(true, Ordering::SeqCst);
    let reply = app.bearer(&fresh(0)).query("{ viewer { account { id } } }", json!({})).await;
    assert_eq!((reply.status, reply.codes()), (503, vec!["BUSY"]));
    app.pass(10);
    provider.desk.broken.store(false, Ordering::SeqCst);
    assert!(opens(app, &fresh(10)).await);
    // It went away: what is known goes on holding, for a day.
    provider.desk.broken.store(true, Ordering::SeqCst);
    app.pass(12 * 3_600);
    assert!(opens(app, &fresh(10 + 12 * 3_600)).await);
    assert!(!opens(app, &key.sign("unknown", &provider.claims("lan", json!({})))).await);
    app.pass(12 * 3_600);
    let late = app.bearer(&fresh(10 + 24 * 3_600)).query("{ viewer { account { id } } }", json!({})).await;
    assert_eq!(late.status, 503);
    // The server's own tokens have nothing to do with it.
    assert_eq!(app.member_of("G1").await.query("{ viewer { account { id } } }", json!({})).await.status, 200);
});

both!(an_invited_person_is_linked_by_the_one_time_token, async |app, provider, lan| {
    let key = Key::elliptic("es");
    provider.publish(&[&key]);
    let mai = app.member_of("G1").await;
    let (token, of_mai) =
        (one_time(app, &mai, OneTimePurpose::Invitation, 3_600_000).await, provider.token(&key, "mai", json!({})));
    let link = async |token: &str, identity: &str| {
        let input = json!({ "token": token, "identityToken": identity });
        app.anonymous().mutate("identityLink", input, "__typename").await.outcome()
    };
    assert!(!opens(app, &of_mai).await);
    // A bad identity leaves the one-time token good; so does one that is somebody else's.
    let refused = Outcome::refused(&["TOKEN_NOT_VALID"]);
    assert_eq!(link(&token, &provider.token(&key, "mai", json!({ "aud": "other" }))).await, refused);
    assert_eq!(link(&token, "").await, refused);
    assert_eq!(link("byno_nothing", &of_mai).await, refused);
    assert_eq!(link(&token, &provider.token(&key, "lan", json!({}))).await, Outcome::refused(&["CODE_NOT_AVAILABLE"]));
    assert_eq!(link(&token, &of_mai).await, Outcome::Done);
    assert_eq!(link(&token, &of_mai).await, refused);
    let reply = app.bearer(&of_mai).query("{ viewer { account { id } } }", json!({})).await.ok();
    assert_eq!(reply.text("/viewer/account/id"), mai.id());
    assert_ne!(mai.id(), lan.id());

    // What came in by the identity ends with the link.
    let viewer = banyan::account::viewer_of(&app.app, &of_mai).await.unwrap();
    assert!(banyan::account::still_holds(&app.app, viewer).await.unwrap());
    let tx = app.app.store.write().await.unwrap();
    banyan::account::identity::unlink(&tx, number(&mai)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!banyan::account::still_holds(&app.app, viewer).await.unwrap());
    assert!(!opens(app, &of_mai).await);
});

both!(a_provider_that_never_answers_holds_up_its_own_tokens_alone, async |app, provider, _lan| {
    let key = Key::elliptic("es");
    provider.publish(&[&key]);
    provider.desk.silent.store(true, Ordering::SeqCst);
    let query = "{ viewer { account { id } } }";
    let (theirs, ours) = (app.bearer(&provider.token(&key, "lan", json!({}))), app.member_of("G1").await);
    let all = futures_util::future::join_all((0..20).map(|_| theirs.query(query, json!({}))));
    let own = async {
        for _ in 0..5 {
            ours.query(query, json!({})).await.ok();
        }
        provider.fetched()
    };
    // Ours are all answered while theirs wait for one request, which the server gives up after a while.
    let (all, fetched) = tokio::join!(all, own);
    assert!(fetched <= 1, "{fetched}");
    assert!(all.iter().all(|reply| (reply.status, reply.codes()) == (503, vec!["BUSY"])));
    assert_eq!(provider.fetched(), 1);
});
