//! What most tests begin with: some units, a programme, initiatives that have been sent in.

use serde_json::{Value, json};

use super::app::ROOT;
use super::{Actor, Reply, TestApp};

/// An initiative that somebody has sent in.
#[derive(Clone, Debug)]
pub struct Sent {
    pub id: String,
    pub code: String,
    pub version: i64,
}

/// The input of a draft that can be sent in, with some members of it replaced.
pub fn draft_input(unit: &str, replaced: Value) -> Value {
    let mut input = json!({
        "unit": unit, "programme": "SK", "phase": "1", "group": "A", "solution": "TECHNICAL",
        "title": "Cải tiến máy may", "appliedOn": "2025-06-15", "claimedBenefit": "1000000",
    });
    for (name, value) in replaced.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

impl TestApp {
    /// Founds units, each given as code, kind and parent.
    pub async fn plant(&self, units: &[(&str, &str, &str)]) {
        let admin = self.admin_of(ROOT).await;
        for (code, kind, parent) in units {
            let input = json!({ "code": code, "name": format!("Công đoàn {code}"), "kind": kind, "parent": parent,
                                "establishedOn": founded(kind) });
            admin.mutate("unitCreate", input, "unit { code }").await.done();
        }
    }

    /// The programme SK: phases 1 and 2, groups A, B and C, both blocs, public down to the direct units.
    pub async fn programme(&self) {
        let phase = |code: &str, year: &str, entered: [&str; 2]| {
            json!({ "code": code, "name": format!("Giai đoạn {code}"), "appliedFrom": format!("{year}-01-01"),
                    "appliedTo": format!("{year}-12-31"), "enteredFrom": entered[0], "enteredTo": entered[1] })
        };
        let groups: Vec<Value> =
            ["A", "B", "C"].iter().map(|g| json!({ "code": g, "name": format!("Nhóm {g}") })).collect();
        let input = json!({
            "code": "SK", "name": "Sáng kiến", "startsOn": "2025-01-01", "planEndsOn": "2026-12-31",
            "visibility": "PUBLIC", "publicLevel": 1, "groups": groups, "blocs": ["ENTERPRISE", "PUBLIC"],
            "phases": [phase("1", "2025", ["2026-01-01", "2026-06-30"]), phase("2", "2026", ["2026-03-01", "2026-12-31"])],
        });
        self.operator().await.mutate("programmeCreate", input, "programme { code }").await.done();
    }

    /// A province P01 with the grassroots unions G1 and G2, a province P02 with G3, and the programme SK.
    pub async fn small_federation(&self) {
        self.plant(&[
            ("P01", "PROVINCIAL_FEDERATION", ROOT),
            ("P02", "PROVINCIAL_FEDERATION", ROOT),
            ("G1", "GRASSROOTS_UNION", "P01"),
            ("G2", "GRASSROOTS_UNION", "P01"),
            ("G3", "GRASSROOTS_UNION", "P02"),
        ])
        .await;
        self.programme().await;
    }
}

/// A day on which units of the kind were founded; kinds that have ended need one in their time.
pub fn founded(kind: &str) -> Value {
    match kind {
        "DISTRICT_FEDERATION" | "LOCAL_SECTOR_UNION" | "CENTRAL_AGENCY_UNION" | "DISTRICT_EDUCATION_UNION" => {
            json!("2010-05-01")
        }
        _ => Value::Null,
    }
}

impl Actor {
    /// Writes an initiative down and answers it as version 1.
    pub async fn draft(&self, unit: &str, replaced: Value) -> Sent {
        let reply = self.mutate("initiativeDraft", draft_input(unit, replaced), "initiative { id code version }").await;
        let reply = reply.done();
        let sent = "/initiativeDraft/initiative";
        Sent {
            id: reply.text(&format!("{sent}/id")).to_owned(),
            code: reply.text(&format!("{sent}/code")).to_owned(),
            version: reply.int(&format!("{sent}/version")),
        }
    }

    /// Writes an initiative down and sends it in.
    pub async fn send_in(&self, unit: &str, replaced: Value) -> Sent {
        let mut sent = self.draft(unit, replaced).await;
        self.act("initiativeSubmit", &sent, json!({})).await.done();
        sent.version += 1;
        sent
    }

    /// Does something to an initiative in the version at hand.
    pub async fn act(&self, mutation: &str, sent: &Sent, more: Value) -> Reply {
        let mut input = more;
        input["id"] = json!(sent.id);
        input["version"] = json!(sent.version);
        self.mutate(mutation, input, "initiative { id code state version verifiedBenefit claimedBenefit }").await
    }
}
