//! Rankings and leaderboards, held against the model.

use rand::Rng;
use serde_json::{Value, json};

use super::compare::{BY, Question, arguments};
use super::history::Dice;
use super::model::{Model, Slice, kinds};

pub fn ranked<'a>(
    all: &mut Vec<Question<'a>>,
    model: &'a Model,
    programme: usize,
    slice: Slice,
    view: &str,
    by: &'static str,
) {
    let arguments = arguments(model, programme, &slice);
    let field = format!("ranking({arguments}{view}, by: {by}) {{ unit {{ code }} rank of value amount gapToNext }}");
    let expected = move |unit: usize| {
        let cluster = model.units[unit].parent.map_or_else(|| vec![unit], |parent| model.children(parent));
        let board = model.board(&cluster, programme, &slice, by);
        board.into_iter().find(|line| line["unit"]["code"] == model.units[unit].code).unwrap()
    };
    all.push(Question { field, expected: Box::new(expected), read: Value::clone });
}

pub fn boarded<'a>(
    all: &mut Vec<Question<'a>>,
    model: &'a Model,
    programme: usize,
    slice: Slice,
    view: &str,
    dice: &mut Dice,
) {
    let by = dice.one(&BY);
    let deep = dice.chance(50);
    let kind = dice.chance(30).then(|| kinds()[dice.rng.random_range(1..kinds().len())].code.as_str());
    let field = format!(
        "leaderboard({}{view}, by: {by}, depth: {}, first: 100{}) {{ totalCount nodes {{ unit {{ code }} rank of value amount gapToNext }} }}",
        arguments(model, programme, &slice),
        if deep { "DESCENDANTS" } else { "CHILDREN" },
        kind.map_or_else(String::new, |kind| format!(", kind: [{kind}]"))
    );
    let expected = move |unit: usize| {
        let below = (0..model.units.len()).filter(|other| *other != unit && model.is_in(*other, unit));
        let cluster = below.filter(|other| deep || model.units[*other].parent == Some(unit));
        let cluster: Vec<usize> =
            cluster.filter(|other| kind.is_none_or(|kind| model.units[*other].kind == kind)).collect();
        json!({ "totalCount": cluster.len(), "nodes": model.board(&cluster, programme, &slice, by) })
    };
    all.push(Question { field, expected: Box::new(expected), read: Value::clone });
}
