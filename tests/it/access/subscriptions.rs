//! Subscriptions, as everybody: who may begin one, and what he is told.

use serde_json::{Value, json};

use super::cast::STRANGERS;
use super::reads::{COVERING, FACING, READERS};
use super::{Cast, Who};
use crate::support::{Socket, both};

use Who::*;

const ROLLUP: &str = "subscription($unit: String!, $programme: String!) { rollupChanged(unit: $unit, programme: $programme) \
                      { submitted unit { code } } }";
const INITIATIVES: &str = "subscription($unit: String!) { initiativeChanged(within: $unit) { code state } }";

/// That the operation ended before it began: it answers as if there were no such unit or programme.
fn refused(message: &Value) -> bool {
    message["type"] == "error"
        && message["payload"].as_array().map(Vec::len) == Some(1)
        && message["payload"][0]["extensions"]["code"] == "NOT_FOUND"
        && !message.to_string().contains("submitted")
}

both!(
    async fn a_roll_up_is_told_to_whom_it_shows(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        for (unit, programme, shown, hidden) in [
            ("P01", "SK", &[Nobody, SiblingMember, Author][..], &[][..]),
            ("P01", "NB", &[SiblingMember, Author], &[Nobody]),
            ("P01", "RIENG", COVERING, FACING),
            ("G1", "SK", &[Author, Member, OwnReviewer, Admin, Operator], STRANGERS),
        ] {
            for (who, shows) in shown.iter().map(|who| (who, true)).chain(hidden.iter().map(|who| (who, false))) {
                let mut socket = Socket::of(cast.get(*who)).await;
                socket.subscribe("r", ROLLUP, json!({ "unit": unit, "programme": programme })).await;
                let told = socket.next().await;
                if shows {
                    assert_eq!(told["payload"]["data"]["rollupChanged"]["unit"]["code"], unit, "{who:?}: {told}");
                } else {
                    assert!(refused(&told), "{programme} at {unit} for {who:?}: {told}");
                }
            }
        }
    }
);

/// A subscriber and the messages that he was told of initiatives, as code and state.
struct Listener {
    who: Who,
    socket: Socket,
    told: Vec<(String, String)>,
}

impl Listener {
    async fn of(cast: &Cast, who: Who) -> Listener {
        let mut socket = Socket::of(cast.get(who)).await;
        // Every unit of the second level shows by its face, to nobody too.
        socket.subscribe("i", INITIATIVES, json!({ "unit": "P01" })).await;
        socket.subscribe("r", ROLLUP, json!({ "unit": "P01", "programme": "SK" })).await;
        let mut listener = Listener { who, socket, told: Vec::new() };
        listener.counts().await;
        listener
    }

    /// Listens until the roll-up, which shows to everybody, has changed; answers what it counts then.
    async fn counts(&mut self) -> i64 {
        loop {
            let message = self.socket.next().await;
            assert_eq!(message["type"], "next", "{:?}: {message}", self.who);
            let data = &message["payload"]["data"];
            if message["id"] == "r" {
                return data["rollupChanged"]["submitted"].as_i64().unwrap();
            }
            let text = |name: &str| data["initiativeChanged"][name].as_str().unwrap().to_owned();
            self.told.push((text("code"), text("state")));
        }
    }

    /// Listens until it is told this.
    async fn hears(&mut self, code: &str, state: &str) {
        let wanted = (code.to_owned(), state.to_owned());
        while !self.told.contains(&wanted) {
            let message = self.socket.next().await;
            let found = &message["payload"]["data"]["initiativeChanged"];
            if message["id"] == "i" {
                let text = |name: &str| found[name].as_str().unwrap().to_owned();
                self.told.push((text("code"), text("state")));
            }
        }
    }
}

both!(
    async fn a_change_is_told_to_whoever_reads_the_initiative(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        for who in STRANGERS {
            let mut socket = Socket::of(cast.get(*who)).await;
            socket.subscribe("i", INITIATIVES, json!({ "unit": "G1" })).await;
            let told = socket.next().await;
            assert!(refused(&told), "{who:?}: {told}");
        }
        let deaf = [Nobody, SiblingMember, SiblingReviewer, SiblingAdmin, Operator];
        let all = READERS.iter().chain([&Member]).chain(&deaf);
        let mut listeners = Vec::new();
        for who in all {
            listeners.push(Listener::of(&cast, *who).await);
        }
        let both = json!({ "coAuthors": [{ "account": cast.get(CoAuthor).id(), "share": 30 }] });
        let author = cast.get(Author);
        author.draft("G1", both.clone()).await;
        let sent = author.send_in("G1", both.clone()).await;
        for listener in listeners.iter_mut().filter(|listener| READERS.contains(&listener.who)) {
            listener.hears(&sent.code, "SUBMITTED").await;
        }
        let approve = json!({ "verifiedBenefit": 1 });
        cast.get(Reviewer).act("initiativeApprove", &sent, approve).await.done();
        for listener in listeners.iter_mut().filter(|listener| !deaf.contains(&listener.who)) {
            listener.hears(&sent.code, "APPROVED").await;
        }
        // Others go on being told what everybody may see, and nothing else: so many looks of the feed later it would be there.
        for round in 1..=2 {
            let next = author.send_in("G1", both.clone()).await;
            listeners[0].hears(&next.code, "SUBMITTED").await;
            for listener in listeners.iter_mut().filter(|listener| deaf.contains(&listener.who)) {
                listener.counts().await;
                assert!(listener.told.is_empty(), "{:?} in round {round}: {:?}", listener.who, listener.told);
            }
        }
        // A member of the unit is told of what is approved, and of nothing before.
        let member = listeners.iter().find(|listener| listener.who == Member).unwrap();
        assert_eq!(member.told, [(sent.code, "APPROVED".to_owned())]);
    }
);
