//! Steps of plans: sensible ones, and what somebody may write who does not know or does not mean well.

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::deeds::legal;

/// Texts that are no code that anybody has, and hardly a name.
const WEIRD: [&str; 16] = [
    "",
    " ",
    "KHONG-CO",
    " P0 ",
    "p0",
    "TLD ",
    "P0\u{0}",
    "\u{0}",
    "Đ01",
    "🌳🌳",
    "\u{202e}P0",
    "P0\nP1",
    "P0|P1",
    "'; DROP TABLE unit; --",
    "\u{feff}P0",
    "e\u{301}\u{301}\u{301}",
];

const OPERATIONS: [&str; 10] =
    ["CREATE", "MOVE", "MERGE", "SPLIT", "RENAME", "RECODE", "CHANGE_KIND", "DISSOLVE", "REESTABLISH", "KEEP"];

const KINDS: [&str; 6] = [
    "PROVINCIAL_FEDERATION",
    "DISTRICT_FEDERATION",
    "GRASSROOTS_UNION",
    "MEMBER_GRASSROOTS_UNION",
    "NATIONAL_CONFEDERATION",
    "CENTRAL_SECTOR_UNION",
];

#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub code: String,
    pub kind: String,
    pub parent: String,
}

/// What steps are made of.
#[derive(Default)]
pub struct Pool {
    pub units: Vec<Known>,
    pub ended: Vec<String>,
    pub members: Vec<String>,
}

fn one<'a, T>(dice: &mut StdRng, of: &'a [T]) -> Option<&'a T> {
    (!of.is_empty()).then(|| &of[dice.random_range(0..of.len())])
}

fn chance(dice: &mut StdRng, percent: u32) -> bool {
    dice.random_range(0..100) < percent
}

impl Pool {
    /// These live now; who lived before has ended, or has another code.
    pub fn now(&mut self, alive: Vec<Known>) {
        let gone = self.units.iter().filter(|unit| !alive.iter().any(|now| now.code == unit.code));
        self.ended.extend(gone.map(|unit| unit.code.clone()));
        self.units = alive;
    }

    /// Null mostly; the past, what is to come, and what no calendar needs.
    pub fn instant(&self, dice: &mut StdRng) -> Value {
        match dice.random_range(0..100) {
            0..8 => json!("2026-03-02T08:59:00+07:00"),
            8..12 => json!("2026-03-02T09:10:00+07:00"),
            12..15 => json!("2027-01-01T00:00:00+07:00"),
            15..16 => json!("0001-01-01T00:00:00Z"),
            16..17 => json!("9999-12-31T23:59:59.999Z"),
            _ => Value::Null,
        }
    }

    pub fn steps(&self, dice: &mut StdRng, plan: usize) -> Vec<Value> {
        let n = [1, 1, 1, 2, 2, 3, 5][dice.random_range(0..7)];
        let broken = chance(dice, 50);
        (0..n)
            .map(|i| {
                let mut step = self.sensible(dice, &format!("N{plan}-{i}"));
                while broken && chance(dice, 40) {
                    self.spoil(dice, plan, &mut step);
                }
                step
            })
            .collect()
    }

    fn below(&self, code: &str) -> Vec<&Known> {
        self.units.iter().filter(|unit| unit.parent == code).collect()
    }

    /// Something that may well be done, by itself.
    fn sensible(&self, dice: &mut StdRng, new: &str) -> Value {
        let alive: Vec<&Known> = self.units.iter().filter(|unit| !unit.parent.is_empty()).collect();
        let nothing = json!({ "operation": "KEEP", "units": [] });
        let Some(unit) = one(dice, &alive) else { return nothing };
        let alike: Vec<&&Known> =
            alive.iter().filter(|other| other.kind == unit.kind && other.code != unit.code).collect();
        let homes: Vec<&Known> =
            self.units.iter().filter(|home| legal(&unit.kind, &home.kind) && home.code != unit.code).collect();
        let other = one(dice, &alike).map_or(new, |other| other.code.as_str());
        let home = one(dice, &homes).map_or("TLD", |home| home.code.as_str());
        let code = &unit.code;
        match OPERATIONS[dice.random_range(0..OPERATIONS.len())] {
            "CREATE" => {
                let kind = if unit.kind == "DISTRICT_FEDERATION" { "GRASSROOTS_UNION" } else { unit.kind.as_str() };
                json!({ "operation": "CREATE", "code": new, "name": format!("Công đoàn {new}"), "kind": kind, "parent": home })
            }
            "MOVE" => json!({ "operation": "MOVE", "units": [code], "parent": home }),
            "MERGE" => {
                let third = one(dice, &alike).map_or(code.as_str(), |other| other.code.as_str());
                let units = if chance(dice, 30) { json!([code, third]) } else { json!([code]) };
                json!({ "operation": "MERGE", "units": units, "into": other, "targets": if chance(dice, 80) { "ADD_UP" } else { "KEEP" } })
            }
            "SPLIT" => {
                let some: Vec<&str> =
                    self.below(code).iter().filter(|_| chance(dice, 60)).map(|child| child.code.as_str()).collect();
                let share = [json!(null), json!(33.3), json!(100), json!(0)][dice.random_range(0..4)].clone();
                let into =
                    one(dice, &alike).filter(|_| chance(dice, 30)).map_or(code.as_str(), |into| into.code.as_str());
                json!({ "operation": "SPLIT", "units": [code], "into": into, "parts": [{ "unit": other, "units": some, "share": share }] })
            }
            "RENAME" => json!({ "operation": "RENAME", "units": [code], "name": format!("Tên {new}"), "nameEn": new }),
            "RECODE" => json!({ "operation": "RECODE", "units": [code], "code": new }),
            "CHANGE_KIND" => json!({ "operation": "CHANGE_KIND", "units": [code], "kind": unit.kind }),
            "DISSOLVE" if chance(dice, 70) => json!({ "operation": "DISSOLVE", "units": [code], "into": other }),
            "DISSOLVE" => json!({ "operation": "DISSOLVE", "units": [code] }),
            "REESTABLISH" => match one(dice, &self.ended) {
                Some(ended) => {
                    let home = one(dice, &self.units).map_or("TLD", |home| home.code.as_str());
                    json!({ "operation": "REESTABLISH", "units": [ended], "parent": home })
                }
                None => nothing,
            },
            _ => json!({ "operation": "KEEP", "units": [code] }),
        }
    }

    /// Any code: one that lives, that lived, of the root, of this plan, or none at all.
    fn code(&self, dice: &mut StdRng, plan: usize) -> Value {
        let huge = "X".repeat(3_000);
        json!(match dice.random_range(0..100) {
            0..45 => one(dice, &self.units).map(|unit| unit.code.clone()).unwrap_or_default(),
            45..60 => one(dice, &self.ended).cloned().unwrap_or_default(),
            60..66 => "TLD".to_owned(),
            66..74 => format!("N{plan}-{}", dice.random_range(0..4)),
            74..77 => huge,
            _ => WEIRD[dice.random_range(0..WEIRD.len())].to_owned(),
        })
    }

    fn text(&self, dice: &mut StdRng) -> Value {
        match dice.random_range(0..8) {
            0 => Value::Null,
            1 => json!("n".repeat(20_000)),
            2 => json!("Công đoàn ".repeat(30)),
            _ => json!(WEIRD[dice.random_range(0..WEIRD.len())]),
        }
    }

    fn part(&self, dice: &mut StdRng, plan: usize) -> Value {
        let shares =
            [json!(0), json!(-1), json!(50), json!(100.01), json!(1e300), json!(-1e300), json!(0.001), Value::Null];
        let accounts: Vec<Value> = (0..dice.random_range(0..3))
            .map(|_| match chance(dice, 80) {
                true => json!(one(dice, &self.members)),
                false => json!(WEIRD[dice.random_range(0..WEIRD.len())]),
            })
            .collect();
        let units: Vec<Value> = (0..dice.random_range(0..3)).map(|_| self.code(dice, plan)).collect();
        json!({ "unit": self.code(dice, plan), "units": units, "accounts": accounts, "share": shares[dice.random_range(0..shares.len())] })
    }

    /// Makes one thing of it something else.
    fn spoil(&self, dice: &mut StdRng, plan: usize, step: &mut Value) {
        match dice.random_range(0..13) {
            0 => step["operation"] = json!(OPERATIONS[dice.random_range(0..OPERATIONS.len())]),
            1..4 => step["units"] = (0..dice.random_range(0..4)).map(|_| self.code(dice, plan)).collect(),
            4 => step["into"] = self.code(dice, plan),
            5 => step["parent"] = self.code(dice, plan),
            6 => step["code"] = self.code(dice, plan),
            7 => step["name"] = self.text(dice),
            8 => step["kind"] = json!(KINDS[dice.random_range(0..KINDS.len())]),
            9 => step["parts"] = (0..dice.random_range(0..4)).map(|_| self.part(dice, plan)).collect(),
            10 => {
                let field = ["bloc", "sector", "note", "nameEn"][dice.random_range(0..4)];
                step[field] = self.text(dice);
            }
            11 => {
                let fields: Vec<String> =
                    step.as_object().unwrap().keys().filter(|key| *key != "operation").cloned().collect();
                if let Some(field) = one(dice, &fields) {
                    step.as_object_mut().unwrap().remove(field);
                }
            }
            _ => step["held"] = json!(chance(dice, 30)),
        }
    }
}
