//! Who asks in the tests of access, and what there is to be seen.

use std::collections::HashMap;

use entity::enums::Role;
use serde_json::{Value, json};

use crate::support::{Actor, ROOT, Sent, TestApp};

/// Those who ask. Everything happens in G1, a union below P01; the siblings are of P02.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Nobody,
    /// MEMBER of G1, first author of everything.
    Author,
    /// MEMBER of G2, named as an author everywhere.
    CoAuthor,
    /// MEMBER of G1 and no author.
    Member,
    /// REVIEWER of G1 itself.
    OwnReviewer,
    /// REVIEWER, ANALYST and ADMIN of P01.
    Reviewer,
    Analyst,
    Admin,
    /// MEMBER of G3, REVIEWER and ADMIN of P02.
    SiblingMember,
    SiblingReviewer,
    SiblingAdmin,
    /// OPERATOR and ADMIN of the root.
    Operator,
    Top,
}

/// Whoever stands outside P01.
pub const STRANGERS: &[Who] = &[Who::Nobody, Who::SiblingMember, Who::SiblingReviewer, Who::SiblingAdmin];

pub struct Cast {
    actors: HashMap<Who, Actor>,
    names: Vec<(String, String)>,
}

/// Runs one statement on the database itself.
pub async fn sql(app: &TestApp, text: &str) -> u64 {
    let tx = app.app.store.write().await.unwrap();
    let changed = tx.run(tx.sql(text)).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

impl Cast {
    pub async fn assemble(app: &TestApp) -> Cast {
        build(app).await;
        let mut actors = HashMap::from([(Who::Nobody, app.anonymous()), (Who::Operator, app.operator().await)]);
        for (who, unit, role) in [
            (Who::Author, "G1", Role::Member),
            (Who::CoAuthor, "G2", Role::Member),
            (Who::Member, "G1", Role::Member),
            (Who::OwnReviewer, "G1", Role::Reviewer),
            (Who::Reviewer, "P01", Role::Reviewer),
            (Who::Analyst, "P01", Role::Analyst),
            (Who::Admin, "P01", Role::Admin),
            (Who::SiblingMember, "G3", Role::Member),
            (Who::SiblingReviewer, "P02", Role::Reviewer),
            (Who::SiblingAdmin, "P02", Role::Admin),
            (Who::Top, ROOT, Role::Admin),
        ] {
            actors.insert(who, app.person(unit, &[(unit, role)]).await);
        }
        let mut cast = Cast { actors, names: Vec::new() };
        cast.act(app).await;
        cast
    }

    pub fn get(&self, who: Who) -> &Actor {
        &self.actors[&who]
    }

    /// The text with every `<name>` replaced by the id or code that it stands for.
    pub fn fill(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    }

    fn name(&mut self, name: &str, value: &str) {
        self.names.push((name.to_owned(), value.to_owned()));
    }

    fn name_sent(&mut self, name: &str, sent: &Sent) {
        self.name(name, &sent.id);
        self.name(&format!("{name}.code"), &sent.code);
    }

    async fn act(&mut self, app: &TestApp) {
        let (author, reviewer) = (self.get(Who::Author).clone(), self.get(Who::Reviewer).clone());
        for (who, email) in [(&author, "tacgia"), (&reviewer, "xetduyet")] {
            let id = banyan::graphql::account_id(who.id()).unwrap();
            let phone = format!("+8491234{}", 1000 + email.len());
            let set = format!("UPDATE account SET email = '{email}@example.org', phone = '{phone}' WHERE id = {id}");
            assert_eq!(sql(app, &set).await, 1);
        }
        let both = json!({ "coAuthors": [{ "account": self.get(Who::CoAuthor).id(), "share": 30 }] });
        for name in ["draft", "to_edit", "to_submit"] {
            let draft = author.draft("G1", both.clone()).await;
            self.name_sent(name, &draft);
        }
        for name in ["sent", "to_withdraw", "to_return", "to_approve", "to_reject", "to_approve_all", "to_reject_all"] {
            let sent = author.send_in("G1", both.clone()).await;
            self.name_sent(name, &sent);
        }
        for name in ["approved", "to_revoke"] {
            let sent = author.send_in("G1", both.clone()).await;
            reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "500000" })).await.done();
            self.name_sent(name, &sent);
        }
        for (name, unit, programme) in
            [("public_target", "P01", "SK"), ("hidden_target", "G1", "SK"), ("private_target", "P01", "RIENG")]
        {
            let input = json!({ "unit": unit, "programme": programme, "kind": "REGISTERED", "value": 10 });
            let reply = self.get(Who::Admin).mutate("targetSet", input, "target { id }").await.done();
            self.name(name, reply.text("/targetSet/target/id"));
        }
        let cluster = json!({ "unit": "P01", "code": "CUM", "name": "Cụm 1", "members": ["G1", "G2"] });
        let reply = self.get(Who::Admin).mutate("clusterSet", cluster, "cluster { id }").await.done();
        self.name("cluster", reply.text("/clusterSet/cluster/id"));
        self.name("author", author.id());
        self.name("member", self.get(Who::Member).id().to_owned().as_str());
        let query = "{ viewer { grants { id } } }";
        let reply = author.query(query, json!({})).await.ok();
        self.name("grant", reply.text("/viewer/grants/0/id"));
        for (name, who) in [("member_grant", Who::Member), ("operator_grant", Who::Operator)] {
            let reply = self.get(who).query(query, json!({})).await.ok();
            self.name(name, reply.text("/viewer/grants/0/id"));
        }
        let guest = json!({ "displayName": "Khách", "unit": "G2", "roles": ["MEMBER"] });
        let reply = self.get(Who::Admin).mutate("accountInvite", guest, "token").await.done();
        self.name("invitation", reply.text("/accountInvite/token"));
    }
}

/// A federation in which everything that can be hidden is set, and a programme of each visibility: SK, NB and RIENG.
async fn build(app: &TestApp) {
    let top = app.admin_of(ROOT).await;
    let unit = |code: &str, kind: &str, parent: &str, more: Value| {
        let mut input = json!({ "code": code, "name": format!("Công đoàn {code}"), "kind": kind, "parent": parent });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let whole = json!({ "bloc": "ENTERPRISE", "sector": "MAY", "establishedOn": "1995-05-01", "nameEn": "First" });
    for input in [
        unit("P01", "PROVINCIAL_FEDERATION", ROOT, whole),
        unit("P02", "PROVINCIAL_FEDERATION", ROOT, json!({})),
        unit("C01", "CENTRAL_SECTOR_UNION", ROOT, json!({})),
        unit("G1", "GRASSROOTS_UNION", "P01", json!({})),
        unit("G2", "GRASSROOTS_UNION", "P01", json!({})),
        unit("G3", "GRASSROOTS_UNION", "P02", json!({})),
        unit("Z1", "ZONE_UNION", "P01", json!({})),
        unit("L1", "LOCAL_SECTOR_UNION", "P01", json!({ "coordinator": "C01", "establishedOn": "2010-01-01" })),
        unit("GL", "GRASSROOTS_UNION", "L1", json!({})),
    ] {
        top.mutate("unitCreate", input, "unit { id }").await.done();
    }
    sql(app, "UPDATE unit SET dissolved_on = '2026-01-31' WHERE code = 'P01'").await;
    app.programme().await;
    let operator = app.operator().await;
    for (code, visibility) in [("NB", "FEDERATION"), ("RIENG", "SUBTREE")] {
        programme(&operator, code, visibility, 1).await;
    }
}

/// A programme with one phase and one group, like those of SK.
pub async fn programme(operator: &Actor, code: &str, visibility: &str, level: i32) {
    let phase = json!({ "code": "1", "name": "Một", "appliedFrom": "2025-01-01", "appliedTo": "2025-12-31",
                        "enteredFrom": "2026-01-01", "enteredTo": "2026-12-31" });
    let input = json!({ "code": code, "name": code, "startsOn": "2025-01-01", "planEndsOn": "2026-12-31",
                        "visibility": visibility, "publicLevel": level, "phases": [phase],
                        "groups": [{ "code": "A", "name": "A" }], "blocs": ["ENTERPRISE"] });
    operator.mutate("programmeCreate", input, "programme { id }").await.done();
}
