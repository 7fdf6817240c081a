//! The kinds of unit, as data: level, legal parents, legal coordinators, and when units of the kind were founded.

use std::collections::HashMap;
use std::sync::OnceLock;

use chrono::NaiveDate;
use entity::enums::UnitKind;
use sea_orm::ActiveEnum;
use serde::Deserialize;

const DATA: &str = include_str!("../../data/unit-kinds.csv");

/// What holds for a kind (data/unit-kinds.csv).
#[derive(Clone, Debug)]
pub struct KindRule {
    /// 1 the confederation … 6 the team.
    pub level: i32,
    /// Vietnamese.
    pub name: String,
    parents: Vec<UnitKind>,
    coordinators: Vec<UnitKind>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    level: i32,
    name_vi: String,
    legal_parent_kinds: String,
    coordinating_parent_kinds: String,
    valid_period: String,
}

impl KindRule {
    /// Whether a unit of the kind may be founded on the day.
    pub fn may_begin_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// The rule of a kind.
pub fn rule(kind: UnitKind) -> &'static KindRule {
    static RULES: OnceLock<HashMap<UnitKind, KindRule>> = OnceLock::new();
    let rules = RULES.get_or_init(parse);
    static NONE: KindRule =
        KindRule { level: 0, name: String::new(), parents: Vec::new(), coordinators: Vec::new(), from: None, to: None };
    // A test proves that the data have a line for every kind; a kind without one could stand nowhere.
    rules.get(&kind).unwrap_or(&NONE)
}

/// Whether a unit of the kind may stand directly below one of the other kind.
pub fn legal_parent(kind: UnitKind, parent: UnitKind) -> bool {
    rule(kind).parents.contains(&parent)
}

/// Whether a unit of the kind may be coordinated by one of the other kind.
pub fn legal_coordinator(kind: UnitKind, coordinator: UnitKind) -> bool {
    rule(kind).coordinators.contains(&coordinator)
}

/// The kinds that may stand above, as a list for messages.
pub fn parents_in_words(kind: UnitKind) -> String {
    let names: Vec<String> = rule(kind).parents.iter().map(|kind| kind.to_value()).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

fn parse() -> HashMap<UnitKind, KindRule> {
    let mut reader = csv::Reader::from_reader(DATA.as_bytes());
    let lines = reader.deserialize::<Line>().filter_map(Result::ok);
    lines
        .filter_map(|line| {
            let (from, to) = period(&line.valid_period);
            let kind = UnitKind::try_from_value(&line.kind).ok()?;
            let parents = kinds(&line.legal_parent_kinds);
            let coordinators = kinds(&line.coordinating_parent_kinds);
            Some((kind, KindRule { level: line.level, name: line.name_vi, parents, coordinators, from, to }))
        })
        .collect()
}

fn kinds(list: &str) -> Vec<UnitKind> {
    list.split('|').filter_map(|kind| UnitKind::try_from_value(&kind.to_owned()).ok()).collect()
}

/// `1929..`, `..2025-06-30`, `..2025`, `historical` (long over), or nothing.
fn period(text: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
    if text == "historical" {
        return (None, NaiveDate::from_ymd_opt(2025, 12, 31));
    }
    let (from, to) = text.split_once("..").unwrap_or(("", ""));
    (day(from, 1, 1), day(to, 12, 31))
}

fn day(text: &str, month: u32, day: u32) -> Option<NaiveDate> {
    match text.parse::<i32>() {
        Ok(year) => NaiveDate::from_ymd_opt(year, month, day),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn the_data_have_a_line_for_every_kind_and_one_root() {
        let roots: Vec<_> = UnitKind::iter().filter(|kind| rule(*kind).parents.is_empty()).collect();
        assert_eq!(roots, [UnitKind::NationalConfederation]);
        assert!(UnitKind::iter().all(|kind| (1..=6).contains(&rule(kind).level) && !rule(kind).name.is_empty()));
    }

    #[test]
    fn a_kind_whose_period_is_over_begins_only_in_it() {
        let district = rule(UnitKind::DistrictFederation);
        let on = |text: &str| text.parse().unwrap();
        assert!(district.may_begin_on(on("2025-06-30")) && !district.may_begin_on(on("2025-07-01")));
        assert!(!rule(UnitKind::LocalSectorUnion).may_begin_on(on("2026-01-01")));
        assert!(!rule(UnitKind::CommuneUnion).may_begin_on(on("2025-06-30")));
        assert!(rule(UnitKind::GrassrootsUnion).may_begin_on(on("2026-01-01")));
    }
}
