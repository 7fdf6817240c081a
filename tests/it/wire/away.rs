//! What is answered while PostgreSQL is away.

use banyan::app::App;
use banyan::graphql::Api;
use banyan::http::Options;
use banyan::store::Store;
use rand::SeedableRng;
use rand::rngs::StdRng;
use reqwest::Method;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{at, send};
use crate::support::{Engine, Setup, run};

/// A way to the server that can be broken off: the address of its beginning.
async fn way(to: String, mut open: watch::Receiver<bool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            if !*open.borrow_and_update() {
                continue;
            }
            let (to, mut open) = (to.clone(), open.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(to).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = open.wait_for(|open| !open) => {}
                }
            });
        }
    });
    address
}

#[test]
fn a_database_that_is_away_is_told_as_busy() {
    run(Engine::Postgres, Setup::default(), async |app| {
        let operator = app.operator().await;
        let url = &app.app.config.database_url;
        let server = url.split('/').nth(2).unwrap().rsplit('@').next().unwrap();
        let (switch, open) = watch::channel(true);
        let way = way(server.to_owned(), open).await;
        let mut config = (*app.app.config).clone();
        config.database_url = url.replace(server, &way);
        let store = Store::serving(&config, false).await.unwrap();
        let beyond = App::with(store, config, app.app.clock.clone(), StdRng::seed_from_u64(3));
        let beside = app.beside(Api::new(beyond), Options::default()).await;

        let query = format!("{}/graphql?query=%7Bunit(code:%22TLD%22)%7Bcode%7D%7D", beside.url);
        let somebody = async || send(at(Method::GET, &query).bearer_auth(operator.token())).await;
        let nobody = async || send(at(Method::GET, &query)).await;
        assert_eq!((nobody().await.code(), somebody().await.code()), (String::new(), String::new()));

        switch.send(false).unwrap();
        let field = nobody().await;
        assert_eq!((field.status, field.code().as_str()), (200, "BUSY"), "{}", field.text);
        let whole = somebody().await;
        assert_eq!((whole.status, whole.code().as_str()), (503, "BUSY"), "{}", whole.text);
        assert_eq!(whole.header("retry-after"), "10");

        switch.send(true).unwrap();
        assert_eq!((nobody().await.code(), somebody().await.code()), (String::new(), String::new()));
    });
}
