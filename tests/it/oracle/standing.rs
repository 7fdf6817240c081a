//! Targets and rankings of the model.

use serde_json::{Value, json};

use super::model::{Model, Slice, amount};

impl Slice {
    /// The phase and bloc of the one target cell of the slice: at most one of each, and nothing else.
    fn target_cell(&self) -> Option<(Option<&'static str>, Option<&'static str>)> {
        let one = |list: &Option<Vec<&'static str>>| -> Option<Option<&'static str>> {
            let Some(list) = list else { return Some(None) };
            list.iter().all(|code| *code == list[0]).then_some(Some(list[0]))
        };
        if self.group.is_some() || self.kind.is_some() || self.during.is_some() {
            return None;
        }
        Some((one(&self.phase)?, one(&self.bloc)?))
    }
}

impl Model {
    pub fn target(&self, unit: usize, programme: usize, slice: &Slice, kind: &'static str) -> Option<i64> {
        let (phase, bloc) = slice.target_cell()?;
        self.targets.get(&(unit, programme, kind, phase, bloc)).map(|(value, _)| *value)
    }

    /// Of the kind that is named; where none is, GUIDELINE, else REGISTERED.
    fn chosen(
        &self,
        unit: usize,
        programme: usize,
        slice: &Slice,
        kind: Option<&'static str>,
    ) -> Option<(&'static str, i64)> {
        let kinds = kind.map_or(vec!["GUIDELINE", "REGISTERED"], |kind| vec![kind]);
        kinds.into_iter().find_map(|kind| Some((kind, self.target(unit, programme, slice, kind)?)))
    }

    pub fn registered_below(&self, unit: usize, programme: usize, slice: &Slice) -> Value {
        let cells =
            self.children(unit).into_iter().filter_map(|child| self.target(child, programme, slice, "REGISTERED"));
        let cells: Vec<i64> = cells.collect();
        if cells.is_empty() { Value::Null } else { json!(cells.iter().sum::<i64>()) }
    }

    pub fn completion(
        &self,
        unit: usize,
        programme: usize,
        slice: &Slice,
        of: &str,
        kind: Option<&'static str>,
    ) -> Value {
        let Some((kind, target)) = self.chosen(unit, programme, slice, kind) else { return Value::Null };
        let numerator = amount(&self.counted(unit, programme, slice), of);
        json!({ "numerator": numerator, "target": target, "kind": kind, "ratio": numerator as f64 / target as f64 })
    }

    pub fn units_over(
        &self,
        unit: usize,
        programme: usize,
        slice: &Slice,
        of: &str,
        kind: Option<&'static str>,
    ) -> Value {
        let children = self.children(unit);
        let target = |child: usize| self.chosen(child, programme, slice, kind).map(|(_, target)| target);
        let over = |child: usize| target(child).is_some_and(|t| amount(&self.counted(child, programme, slice), of) > t);
        json!({
            "over": children.iter().filter(|child| over(**child)).count(),
            "withTarget": children.iter().filter(|child| target(**child).is_some()).count(),
            "total": children.len(),
        })
    }

    /// A cluster's ranking, best first, ties by code, without a score last.
    pub fn board(&self, cluster: &[usize], programme: usize, slice: &Slice, by: &str) -> Vec<Value> {
        // As fractions, so that completions compare exactly.
        let score = |unit: usize| -> Option<(i128, i128)> {
            let amount = i128::from(amount(&self.counted(unit, programme, slice), by));
            match by {
                "COMPLETION" => Some((amount, self.chosen(unit, programme, slice, None)?.1.into())),
                _ => Some((amount, 1)),
            }
        };
        let better = |a: (i128, i128), b: (i128, i128)| a.0 * b.1 > b.0 * a.1;
        let mut members: Vec<(Option<(i128, i128)>, usize)> =
            cluster.iter().map(|unit| (score(*unit), *unit)).collect();
        members.sort_by(|(a, unit), (b, other)| {
            let order = match (a, b) {
                (Some(a), Some(b)) => (b.0 * a.1).cmp(&(a.0 * b.1)),
                _ => b.is_some().cmp(&a.is_some()),
            };
            order.then_with(|| self.units[*unit].code.cmp(&self.units[*other].code))
        });
        let scores: Vec<(i128, i128)> = members.iter().filter_map(|(score, _)| *score).collect();
        let line = |(score, unit): &(Option<(i128, i128)>, usize)| {
            let rank = score.map(|own| 1 + scores.iter().filter(|other| better(**other, own)).count());
            let amount = score.filter(|_| by != "COMPLETION").map(|(amount, _)| amount);
            let next = amount.and_then(|own| scores.iter().map(|other| other.0).filter(|other| *other > own).min());
            let value = match by {
                "CLAIMED_BENEFIT" | "VERIFIED_BENEFIT" => None,
                _ => score.map(|(reached, target)| reached as f64 / target as f64),
            };
            json!({
                "unit": { "code": self.units[*unit].code }, "rank": rank, "of": scores.len(), "value": value,
                "amount": amount.map(|amount| amount.to_string()),
                "gapToNext": next.zip(amount).map(|(next, own)| (next - own).to_string()),
            })
        };
        members.iter().map(line).collect()
    }
}
