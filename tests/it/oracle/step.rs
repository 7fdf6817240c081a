//! What people do, and how it is said over the API.

use serde_json::{Value, json};

use super::model::{Cell, Model};

/// What somebody states of a benefit; `None` in an edit leaves it.
#[derive(Clone, Debug)]
pub struct Claim {
    pub amount: Option<i64>,
    pub opaque: bool,
    pub note: bool,
}

#[derive(Clone, Debug)]
pub struct Draft {
    pub unit: usize,
    pub programme: usize,
    pub phase: &'static str,
    pub group: &'static str,
    pub applied_on: &'static str,
    pub claim: Claim,
    /// Beside the caller.
    pub others: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub unit: Option<usize>,
    pub phase: Option<&'static str>,
    pub group: Option<&'static str>,
    pub applied_on: Option<&'static str>,
    pub claim: Option<Claim>,
    pub others: Option<Vec<usize>>,
}

/// What is done to an initiative.
#[derive(Clone, Debug)]
pub enum Act {
    Edit(Edit),
    Submit,
    Withdraw,
    Return,
    Approve(Option<i64>),
    Reject { other: bool, note: bool },
    Revoke,
}

#[derive(Clone, Debug)]
pub enum Deed {
    Found {
        code: String,
        kind: String,
        parent: usize,
        coordinator: Option<usize>,
        bloc: Option<String>,
        sector: Option<String>,
    },
    Move {
        unit: usize,
        parent: usize,
    },
    SetTarget {
        cell: Cell,
        value: i64,
    },
    /// By its id.
    ClearTarget {
        id: String,
    },
    Draft(Draft),
    Act {
        what: usize,
        version: i64,
        act: Act,
    },
}

/// Something done by somebody.
#[derive(Clone, Debug)]
pub struct Step {
    pub by: usize,
    pub deed: Deed,
}

impl Step {
    /// The mutation, its input, and what to select of its payload. `ids` are the node ids of people.
    pub fn request(&self, model: &Model, ids: &[String]) -> (&'static str, Value, &'static str) {
        let code = |unit: &usize| model.units[*unit].code.as_str();
        match &self.deed {
            Deed::Found { code: new, kind, parent, coordinator, bloc, sector } => {
                let input = json!({
                    "code": new, "name": format!("Công đoàn {new}"), "kind": kind, "parent": code(parent), "bloc": bloc,
                    "sector": sector, "coordinator": coordinator.as_ref().map(code),
                    "establishedOn": crate::support::founded(kind),
                });
                ("unitCreate", input, "unit { code }")
            }
            Deed::Move { unit, parent } => {
                ("unitMove", json!({ "unit": code(unit), "parent": code(parent) }), "unit { code parent { code } }")
            }
            Deed::SetTarget { cell: (unit, programme, kind, phase, bloc), value } => {
                let input = json!({ "unit": code(unit), "programme": model.programmes[*programme].code, "kind": kind,
                                    "phase": phase, "bloc": bloc, "value": value });
                ("targetSet", input, "target { id value }")
            }
            Deed::ClearTarget { id } => ("targetClear", json!({ "id": id }), "id"),
            Deed::Draft(draft) => {
                let mut input = json!({
                    "unit": code(&draft.unit), "programme": model.programmes[draft.programme].code, "phase": draft.phase,
                    "group": draft.group, "solution": "TECHNICAL", "title": "Sáng kiến", "appliedOn": draft.applied_on,
                    "coAuthors": authors(&draft.others, ids),
                });
                claim(&mut input, &draft.claim);
                ("initiativeDraft", input, "initiative { id version state }")
            }
            Deed::Act { what, version, act } => {
                let mut input = json!({ "id": model.initiatives[*what].id, "version": version });
                (act.request(&mut input, model, ids), input, "initiative { version state }")
            }
        }
    }
}

impl Act {
    /// Adds to the input what the act says, and names its mutation.
    fn request(&self, input: &mut Value, model: &Model, ids: &[String]) -> &'static str {
        match self {
            Act::Edit(edit) => {
                if let Some(unit) = edit.unit {
                    input["unit"] = json!(model.units[unit].code);
                }
                for (field, value) in [("phase", edit.phase), ("group", edit.group), ("appliedOn", edit.applied_on)] {
                    if let Some(value) = value {
                        input[field] = json!(value);
                    }
                }
                if let Some(said) = &edit.claim {
                    claim(input, said);
                }
                if let Some(others) = &edit.others {
                    input["coAuthors"] = authors(others, ids);
                }
                "initiativeEdit"
            }
            Act::Submit => "initiativeSubmit",
            Act::Withdraw => "initiativeWithdraw",
            Act::Return => {
                input["note"] = json!("Bổ sung số liệu");
                "initiativeReturn"
            }
            Act::Approve(verified) => {
                input["verifiedBenefit"] = json!(verified);
                "initiativeApprove"
            }
            Act::Reject { other, note } => {
                input["reason"] = json!(if *other { "OTHER" } else { "NOT_NEW" });
                input["note"] = json!(note.then_some("Không mới"));
                "initiativeReject"
            }
            Act::Revoke => {
                input["reason"] = json!("DUPLICATE");
                "initiativeRevoke"
            }
        }
    }
}

fn claim(input: &mut Value, claim: &Claim) {
    input["claimedBenefit"] = json!(claim.amount.map(|amount| amount.to_string()));
    input["benefitNotComputable"] = json!(claim.opaque);
    input["benefitNote"] = json!(claim.note.then_some("An toàn hơn"));
}

fn authors(others: &[usize], ids: &[String]) -> Value {
    others.iter().map(|other| json!({ "account": ids[*other], "share": 7.25 })).collect()
}
