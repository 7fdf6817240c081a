//! People who write while the tree is reorganised under them, and those who reorganise it.

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::deeds::legal;
use super::desk::{Asked, Desk, Entry, PATIENCE, Then};
use crate::support::{Actor, Outcome, ROOT, Reply, draft_input};

/// A client with his own dice. It ends early where the server does, with what it was about to do.
pub struct Client<'a> {
    pub desk: &'a Desk,
    pub actor: Actor,
    pub dice: StdRng,
}

/// Why a member may not, here and now.
const MEMBER: &[&str] = &["ILLEGAL_STATE", "STALE_VERSION", "UNKNOWN_CODE", "NOT_FOUND", "FORBIDDEN"];
const REVIEWER: &[&str] = &["ILLEGAL_STATE", "STALE_VERSION"];
const TREE: &[&str] = &[
    "ILLEGAL_STATE",
    "STALE_VERSION",
    "UNKNOWN_CODE",
    "CYCLE",
    "ILLEGAL_PARENT",
    "INVALID",
    "CODE_NOT_AVAILABLE",
    "NOT_FOUND",
];

type Ended = Result<(), Asked>;

/// What an admin reads of the tree before he does something to it.
struct Seen {
    code: String,
    kind: String,
    parent: String,
}

impl Client<'_> {
    fn index(&mut self, n: usize) -> usize {
        self.dice.random_range(0..n)
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (!of.is_empty()).then(|| of[self.index(of.len())].clone())
    }

    fn code(&mut self) -> String {
        let codes = self.desk.codes.lock().unwrap().clone();
        self.pick(&codes).unwrap()
    }

    async fn ask(
        &mut self,
        mutation: &'static str,
        input: Value,
        may: &'static [&'static str],
        then: Then,
    ) -> Result<Outcome, Asked> {
        self.desk.ask(Asked { actor: self.actor.clone(), mutation, input, may, then }).await
    }

    /// What is there now, asked for until there is an answer; none where the server is gone.
    async fn read(&self, document: &str) -> Option<Reply> {
        for _ in 0..PATIENCE {
            let reply = self.actor.try_query(document, json!({})).await?;
            if reply.codes().is_empty() || reply.codes().iter().any(|code| *code != "BUSY") {
                return Some(reply.ok());
            }
        }
        panic!("always BUSY: {document}");
    }

    /// One of the entries that are so.
    fn entry(&mut self, so: impl Fn(&Entry) -> bool) -> Option<(usize, Entry)> {
        let entries: Vec<(usize, Entry)> =
            self.desk.entries.lock().unwrap().iter().cloned().enumerate().filter(|(_, entry)| so(entry)).collect();
        self.pick(&entries)
    }

    /// Drafts, edits, sends in and takes back.
    pub async fn member(&mut self, member: usize, times: usize) -> Ended {
        for _ in 0..times {
            let own =
                self.entry(|entry| entry.member == member && ["DRAFT", "RETURNED", "SUBMITTED"].contains(&entry.state));
            let choice = self.index(10);
            let Some((at, entry)) = own.filter(|_| choice > 3) else {
                let (unit, claim) = (self.home().await, 1 + self.index(1_000) as i64);
                let input = draft_input(&unit, json!({ "claimedBenefit": claim, "programme": self.desk.programme }));
                self.ask("initiativeDraft", input, MEMBER, Then::Drafted { member, claim }).await?;
                continue;
            };
            let input = json!({ "id": entry.id, "version": entry.version });
            let outcome = match (entry.state, choice) {
                ("SUBMITTED", 9) => {
                    let then = Then::Acted { entry: at, action: "WITHDRAW", state: "WITHDRAWN" };
                    self.ask("initiativeWithdraw", input, MEMBER, then).await?
                }
                ("SUBMITTED", _) => continue,
                ("DRAFT", 4 | 5) => {
                    let mut input = input;
                    input["unit"] = json!(self.home().await);
                    let then = Then::Acted { entry: at, action: "EDIT", state: "DRAFT" };
                    self.ask("initiativeEdit", input, MEMBER, then).await?
                }
                _ => {
                    let then = Then::Acted { entry: at, action: "SUBMIT", state: "SUBMITTED" };
                    self.ask("initiativeSubmit", input, MEMBER, then).await?
                }
            };
            if entry.state == "DRAFT" && outcome == Outcome::refused(&["STALE_VERSION"]) {
                self.read_again(at, &entry).await;
            }
        }
        Ok(())
    }

    /// A unit in which he may write, or any.
    async fn home(&mut self) -> String {
        let document = "{ viewer { grants { role unit { code } } } }";
        let Some(reply) = self.read(document).await else { return self.code() };
        let grants = reply.list("/viewer/grants").clone();
        let units: Vec<String> =
            grants.iter().map(|grant| grant["unit"]["code"].as_str().unwrap().to_owned()).collect();
        match self.index(3) {
            0 => self.code(),
            _ => self.pick(&units).filter(|code| code != ROOT).unwrap_or_else(|| self.code()),
        }
    }

    /// The draft went to another unit when his ended: that made a version of it.
    async fn read_again(&mut self, at: usize, entry: &Entry) {
        let document = format!("{{ initiative(code: \"{}\") {{ version state }} }}", entry.code);
        let Some(reply) = self.read(&document).await else { return };
        if reply.text("/initiative/state") == "DRAFT" {
            self.desk.entries.lock().unwrap()[at].version = reply.int("/initiative/version");
        }
    }

    /// Decides on whatever has been sent in.
    pub async fn reviewer(&mut self, times: usize) -> Ended {
        for _ in 0..times {
            let Some((at, entry)) = self.entry(|entry| ["SUBMITTED", "APPROVED"].contains(&entry.state)) else {
                if self.tree().await.is_none() {
                    return Ok(());
                }
                continue;
            };
            let mut input = json!({ "id": entry.id, "version": entry.version });
            let (mutation, action, state) = match (entry.state, self.index(6)) {
                ("APPROVED", 0) => ("initiativeRevoke", "REVOKE", "REVOKED"),
                ("APPROVED", _) => {
                    tokio::task::yield_now().await;
                    continue;
                }
                (_, 0) => ("initiativeReject", "REJECT", "REJECTED"),
                (_, 1) => ("initiativeReturn", "RETURN", "RETURNED"),
                _ => ("initiativeApprove", "APPROVE", "APPROVED"),
            };
            match mutation {
                "initiativeApprove" => input["verifiedBenefit"] = json!(1 + self.index(500)),
                "initiativeReturn" => input["note"] = json!("Bổ sung"),
                _ => input["reason"] = json!("NOT_NEW"),
            }
            self.ask(mutation, input, REVIEWER, Then::Acted { entry: at, action, state }).await?;
        }
        Ok(())
    }

    /// Sets targets of whatever unit.
    pub async fn planner(&mut self, times: usize) -> Ended {
        for _ in 0..times {
            let kind = ["GUIDELINE", "REGISTERED"][self.index(2)];
            let input = json!({ "unit": self.code(), "programme": self.desk.programme, "kind": kind, "value": 1 + self.index(50) });
            self.ask("targetSet", input, &["ILLEGAL_STATE", "NOT_FOUND"], Then::Nothing).await?;
        }
        Ok(())
    }

    async fn tree(&mut self) -> Option<Vec<Seen>> {
        let document = "{ units(first: 100) { nodes { code kind parent { code } } } }";
        let reply = self.read(document).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let units = reply.list("/units/nodes").iter();
        Some(
            units
                .map(|unit| Seen {
                    code: text(&unit["code"]),
                    kind: text(&unit["kind"]),
                    parent: text(&unit["parent"]["code"]),
                })
                .collect(),
        )
    }

    /// Merges, splits, moves, ends and re-establishes, by single mutations and by plans; tries plans and takes them back.
    pub async fn admin(&mut self, name: &str, times: usize) -> Ended {
        for n in 0..times {
            let Some(tree) = self.tree().await else { return Ok(()) };
            let (code, choice) = (format!("{name}{n}"), self.index(10));
            let some: Vec<&Seen> = tree.iter().filter(|unit| !unit.parent.is_empty()).collect();
            let Some(unit) = self.pick(&some) else { continue };
            let alike: Vec<&str> = some
                .iter()
                .filter(|other| other.kind == unit.kind && other.code != unit.code)
                .map(|other| other.code.as_str())
                .collect();
            let homes: Vec<&str> =
                tree.iter().filter(|home| legal(&unit.kind, &home.kind)).map(|home| home.code.as_str()).collect();
            let (Some(other), Some(home)) = (self.pick(&alike), self.pick(&homes)) else { continue };
            match choice {
                0 => self.change("unitMerge", json!({ "units": [unit.code], "into": other })).await?,
                1 if unit.kind != "DISTRICT_FEDERATION" => {
                    self.desk.codes.lock().unwrap().push(code.clone());
                    let input = json!({ "units": [unit.code, other], "into": code, "name": code, "kind": unit.kind, "parent": home });
                    self.change("unitMerge", input).await?;
                }
                2 | 3 => self.change("unitMove", json!({ "unit": unit.code, "parent": home })).await?,
                4 => {
                    let below: Vec<&str> = some
                        .iter()
                        .filter(|child| child.parent == unit.code)
                        .map(|child| child.code.as_str())
                        .take(1)
                        .collect();
                    let parts = json!([{ "unit": other, "units": below, "share": 25 }]);
                    self.change("unitSplit", json!({ "unit": unit.code, "into": unit.code, "parts": parts })).await?;
                }
                5 => self.change("unitDissolve", json!({ "unit": unit.code, "into": other })).await?,
                6 => {
                    let (ended, home) =
                        (self.code(), self.pick(&tree.iter().map(|unit| unit.code.clone()).collect::<Vec<_>>()));
                    self.change("unitReestablish", json!({ "unit": ended, "parent": home })).await?;
                }
                7 | 8 => self.plan(&format!("PLAN-{code}"), [&unit.code, other, home]).await?,
                _ => {
                    self.desk.codes.lock().unwrap().push(code.clone());
                    self.change("unitRecode", json!({ "unit": unit.code, "code": code })).await?;
                }
            }
            if self.index(3) == 0 {
                self.undo().await?;
            }
        }
        Ok(())
    }

    async fn change(&mut self, mutation: &'static str, input: Value) -> Ended {
        self.ask(mutation, input, TREE, Then::Nothing).await.map(|_| ())
    }

    async fn plan(&mut self, code: &str, [unit, other, home]: [&str; 3]) -> Ended {
        let step = match self.index(3) {
            0 => json!({ "operation": "MERGE", "units": [unit], "into": other }),
            1 => json!({ "operation": "MOVE", "units": [unit], "parent": home }),
            _ => json!({ "operation": "DISSOLVE", "units": [unit] }),
        };
        let steps = json!([step, { "operation": "RENAME", "units": [other], "name": code }]);
        let input = json!({ "code": code, "unit": ROOT, "name": code, "steps": steps });
        self.ask("reorganisationDraft", input, TREE, Then::Reorganised).await?;
        self.ask("reorganisationDryRun", json!({ "code": code }), TREE, Then::Reorganised).await?;
        self.ask("reorganisationApply", json!({ "code": code, "version": 1 }), TREE, Then::Reorganised)
            .await
            .map(|_| ())
    }

    async fn undo(&mut self) -> Ended {
        let document = "{ reorganisations(first: 5) { nodes { code state } } }";
        let Some(reply) = self.read(document).await else { return Ok(()) };
        let applied = reply.list("/reorganisations/nodes").iter().filter(|plan| plan["state"] == "APPLIED");
        let codes: Vec<String> = applied.map(|plan| plan["code"].as_str().unwrap().to_owned()).collect();
        if let Some(code) = self.pick(&codes) {
            self.ask("reorganisationUndo", json!({ "code": code, "reason": "Nhầm" }), TREE, Then::Reorganised).await?;
        }
        Ok(())
    }
}
