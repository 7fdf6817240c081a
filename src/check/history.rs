//! Kept history against the events. Not row by row, which would have to be held, but cell by cell: what changes of a cell before a
//! mark is multiplied by a random number of that mark, and added up; once as events say it, once as stored rows do. If any row is not
//! what the events before its mark add up to, the two sums differ, but for one chance in very many. Steps between marks are compared
//! alike, by random numbers of their instants.

use std::collections::HashMap;

use super::classes::Kept;
use super::found::Found;
use super::lists::{Lists, Past, PastCell};
use super::mend::Mend;
use super::recount::Changed;
use super::spill::Record;
use super::tree::Tree;
use super::words::Codes;
use crate::app::App;
use crate::error::Result;
use crate::ledger::Tally;
use crate::rollup::{Grade, steps, turns};
use crate::store::{Both, Tx, bytes, lean_row, truth};

/// Rows that are read at once.
const PAGE: usize = 5_000;

/// A sum for each measure of a tally, and one for participants; they wrap around.
type Sums = [u64; PERSONS + 1];

/// The place of participants among them.
const PERSONS: usize = Tally::COLUMNS.len();

lean_row!(KeptRow {
    unit_id: i64,
    #[serde(deserialize_with = "truth")]
    reported: bool,
    grade: i32,
    #[serde(deserialize_with = "truth")]
    built: bool,
});

lean_row!(Mark {
    grade: i32,
    at: i64,
    events: i64,
    #[serde(deserialize_with = "truth")]
    stepped: bool,
});

lean_row!(Row {
    unit_id: i64,
    #[serde(deserialize_with = "truth")]
    reported: bool,
    programme_id: i64,
    phase_id: i64,
    group_id: i64,
    bloc: String,
    at: i64,
});

lean_row!(Rest {
    participants: i64,
    #[serde(deserialize_with = "bytes")]
    steps: Vec<u8>,
});

type HistoryRow = Both<Row, Both<Tally, Rest>>;

/// Units whose history is built, and how many are to be built still.
pub(super) async fn kept(tx: &Tx) -> Result<(Kept, usize)> {
    let rows: Vec<KeptRow> = tx.lean(tx.sql("SELECT unit_id, reported, grade, built FROM rollup_kept")).await?;
    let unbuilt = rows.iter().filter(|row| !row.built).count();
    let mut kept = Kept::new();
    for row in rows.into_iter().filter(|row| row.built) {
        kept.entry((row.unit_id, row.reported)).or_default().push(Grade::of_number(row.grade));
    }
    Ok((kept, unbuilt))
}

/// A grade's marks, and what stands before each.
struct Marks {
    at: Vec<i64>,
    /// Events that are said to come before it and after the one before.
    said: Vec<i64>,
    counted: Vec<i64>,
    weights: Vec<u64>,
    /// Whether rows at it tell what has changed since the one before, instant by instant.
    stepped: Vec<bool>,
}

impl Marks {
    /// Which mark is the first after the instant.
    fn place(&self, at: i64) -> usize {
        self.at.partition_point(|mark| *mark <= at)
    }

    /// 0 after the last mark.
    fn weight(&self, at: i64) -> u64 {
        self.weights.get(self.place(at)).copied().unwrap_or(0)
    }

    /// Whether steps are kept of what happened at the instant.
    fn is_stepped(&self, at: i64) -> bool {
        self.stepped.get(self.place(at)).copied().unwrap_or(false)
    }
}

pub(super) struct History {
    marks: [Marks; 3],
    seed: u64,
    expected: Vec<Sums>,
    stored: Vec<Sums>,
    /// Of steps, by cell.
    expected_steps: HashMap<u32, Sums>,
    stored_steps: HashMap<u32, Sums>,
}

impl History {
    pub async fn begin(app: &App, tx: &Tx) -> Result<History> {
        use rand::Rng;
        let seed: u64 = app.random(|random| random.random());
        let sql = tx.sql("SELECT grade, at, events, stepped FROM rollup_mark WHERE at > 0 ORDER BY grade, at");
        let rows: Vec<Mark> = tx.lean(sql).await?;
        let marks = Grade::ALL.map(|grade| {
            let these: Vec<&Mark> = rows.iter().filter(|row| row.grade == grade.number()).collect();
            Marks {
                at: these.iter().map(|row| row.at).collect(),
                said: these.iter().map(|row| row.events).collect(),
                counted: vec![0; these.len()],
                weights: these.iter().map(|row| weight(seed, grade, row.at)).collect(),
                stepped: these.iter().map(|row| row.stepped).collect(),
            }
        });
        Ok(History {
            marks,
            seed,
            expected: Vec::new(),
            stored: Vec::new(),
            expected_steps: HashMap::new(),
            stored_steps: HashMap::new(),
        })
    }

    /// Whether there is any.
    pub fn is_kept(&self) -> bool {
        self.marks.iter().any(|marks| !marks.at.is_empty())
    }

    /// Adds what events changed, of an initiative that was first submitted then and counts in these cells.
    pub fn add(&mut self, lists: &[Past], submitted_at: i64, changes: &[Changed]) {
        for Changed { at, tally, .. } in changes {
            let fields = tally.words();
            let (mut changed, mut n) = ([(0, 0); 12], 0);
            for (column, field) in fields.into_iter().enumerate().filter(|(_, field)| *field != 0) {
                changed[n] = (column, field.cast_unsigned());
                n += 1;
            }
            for (nth, marks) in self.marks.iter_mut().enumerate() {
                let place = marks.place(*at);
                let Some(weight) = marks.weights.get(place).copied() else { continue };
                marks.counted[place] += 1;
                let instant = marks.stepped[place].then(|| instant_weight(self.seed, *at));
                for list in lists.iter().filter(|list| list.since <= submitted_at && submitted_at < list.until) {
                    for cell in &list.cells[nth] {
                        let sums = sums_of(&mut self.expected, *cell);
                        for (column, field) in &changed[..n] {
                            sums[*column] = sums[*column].wrapping_add(weight.wrapping_mul(*field));
                        }
                        let Some(weight) = instant else { continue };
                        let sums = self.expected_steps.entry(*cell).or_default();
                        for (column, field) in &changed[..n] {
                            sums[*column] = sums[*column].wrapping_add(weight.wrapping_mul(*field));
                        }
                    }
                }
            }
        }
    }

    /// Adds one person: all his records, each with the cells that it counts in.
    pub fn add_person(&mut self, records: &[(Record, std::sync::Arc<[Past]>)], room: &mut Vec<(usize, u32, usize)>) {
        room.clear();
        for (number, (record, lists)) in records.iter().enumerate() {
            let these =
                lists.iter().filter(|list| list.since <= record.submitted_at && record.submitted_at < list.until);
            for list in these {
                for (nth, cells) in list.cells.iter().enumerate() {
                    room.extend(cells.iter().map(|cell| (nth, *cell, number)));
                }
            }
        }
        room.sort_unstable();
        for same in room.chunk_by(|one, other| one.1 == other.1) {
            let (nth, cell, _) = same[0];
            let periods = same.iter().map(|(_, _, number)| {
                let record = records[*number].0;
                (record.from, Some(record.to).filter(|to| *to != i64::MAX))
            });
            let periods: Vec<(i64, Option<i64>)> = periods.collect();
            let mut sum = 0_u64;
            for (at, turn) in turns(&periods) {
                let weight = self.marks[nth].weight(at);
                sum = sum.wrapping_add(weight.wrapping_mul(turn.cast_unsigned()));
                if self.marks[nth].is_stepped(at) {
                    let of = &mut self.expected_steps.entry(cell).or_default()[PERSONS];
                    *of = of.wrapping_add(instant_weight(self.seed, at).wrapping_mul(turn.cast_unsigned()));
                }
            }
            let of = &mut sums_of(&mut self.expected, cell)[PERSONS];
            *of = of.wrapping_add(sum);
        }
    }

    /// Reads the stored rows and compares.
    pub async fn compare(
        mut self,
        tx: &Tx,
        mut lists: Lists,
        (codes, tree): (&Codes, &Tree),
        found: &mut Found,
    ) -> Result<()> {
        let kept = &tree.classes.kept;
        found.report.history = self.read(tx, kept, &mut lists).await?;
        self.compare_marks(found);
        let mut cells: Vec<(&PastCell, u32)> = lists.past.iter().collect();
        cells.sort_unstable();
        for ((reported, cell), number) in cells {
            let reported = *reported;
            let sums = |all: &[Sums]| all.get(number as usize).copied().unwrap_or_default();
            let steps = |all: &HashMap<u32, Sums>| all.get(&number).copied().unwrap_or_default();
            let same = sums(&self.expected) == sums(&self.stored);
            if !same || steps(&self.expected_steps) != steps(&self.stored_steps) {
                let grades = kept.get(&(cell.unit, reported)).map_or(&[][..], Vec::as_slice);
                let grade = grades.iter().find(|grade| grade.has(cell.phase, cell.group, &cell.bloc));
                let Some(grade) = grade.copied() else { continue };
                let way = if reported { "as reported" } else { "through the tree now" };
                let place = format!("history of {}, {way}", codes.cell(tree, cell));
                let mend = Mend::History(cell.unit, reported, grade);
                found.mendable(
                    place,
                    "what the events before its marks add up to".to_owned(),
                    "something else".to_owned(),
                    mend,
                );
            }
        }
        Ok(())
    }

    fn compare_marks(&self, found: &mut Found) {
        for (grade, marks) in Grade::ALL.into_iter().zip(&self.marks) {
            for ((at, said), counted) in marks.at.iter().zip(&marks.said).zip(&marks.counted) {
                if said != counted {
                    let place = format!("history's mark {at} of grade {}, events before it", grade.number());
                    found.mendable(place, counted.to_string(), said.to_string(), Mend::Mark(grade, *at, *counted));
                }
            }
        }
    }

    /// Adds up the stored rows; answers how many there are.
    async fn read(&mut self, tx: &Tx, kept: &Kept, lists: &mut Lists) -> Result<usize> {
        let (columns, steps) = (Tally::COLUMNS.join(", "), tx.dialect.bytes_or_none("steps"));
        let key = "unit_id, reported, programme_id, phase_id, group_id, bloc, at";
        let mut last: Option<(u32, Sums)> = None;
        let mut after: Option<HistoryRow> = None;
        let mut n = 0;
        loop {
            let mut sql = tx.sql(format!("SELECT {key}, {columns}, participants, {steps} FROM rollup_history"));
            if let Some(Both(row, _)) = &after {
                let values = [
                    sql.bind(row.unit_id),
                    if row.reported { "TRUE" } else { "FALSE" }.to_owned(),
                    sql.bind(row.programme_id),
                    sql.bind(row.phase_id),
                    sql.bind(row.group_id),
                    sql.bind(row.bloc.as_str()),
                    sql.bind(row.at),
                ];
                sql.push(&format!(" WHERE ({key}) > ({})", values.join(", ")));
            }
            sql.push(&format!(" ORDER BY {key} LIMIT {PAGE}"));
            let mut rows: Vec<HistoryRow> = tx.lean(sql).await?;
            for row in &rows {
                self.add_row(kept, lists, row, &mut last);
            }
            n += rows.len();
            let Some(end) = rows.pop().filter(|_| rows.len() + 1 == PAGE) else { return Ok(n) };
            after = Some(end);
        }
    }

    fn add_row(
        &mut self,
        kept: &Kept,
        lists: &mut Lists,
        Both(row, Both(tally, rest)): &HistoryRow,
        last: &mut Option<(u32, Sums)>,
    ) {
        let Some(grades) = kept.get(&(row.unit_id, row.reported)) else { return };
        let grade = grades.iter().find(|grade| grade.has(row.phase_id, row.group_id, &row.bloc));
        let Some(grade) = grade.copied() else { return };
        let cell = crate::ledger::CellKey {
            unit: row.unit_id,
            programme: row.programme_id,
            phase: row.phase_id,
            group: row.group_id,
            bloc: row.bloc.clone(),
        };
        let number = lists.past.of((row.reported, cell));
        let mut held: Sums = [0; PERSONS + 1];
        let words = tally.words().into_iter().chain([rest.participants]);
        held.iter_mut().zip(words).for_each(|(held, word)| *held = word.cast_unsigned());
        let before = last.filter(|(cell, _)| *cell == number).map_or([0; PERSONS + 1], |(_, held)| held);
        // A row at an instant that is no mark has a weight that no event has.
        let weight = weight(self.seed, grade, row.at);
        let sums = sums_of(&mut self.stored, number);
        for ((sum, now), before) in sums.iter_mut().zip(held).zip(before) {
            *sum = sum.wrapping_add(weight.wrapping_mul(now.wrapping_sub(before)));
        }
        *last = Some((number, held));
        self.add_steps(grade, number, row.at, &rest.steps);
    }

    fn add_steps(&mut self, grade: Grade, number: u32, at: i64, stored: &[u8]) {
        // Its mark is the first after what came right before it.
        let told = self.marks.iter().zip(Grade::ALL).any(|(marks, of)| of == grade && marks.is_stepped(at - 1));
        if !told {
            return;
        }
        let sums = self.stored_steps.entry(number).or_default();
        for step in steps(at, stored) {
            // What cannot be read is like nothing that was expected.
            let (at, words, persons) =
                step.map_or((0, [1; PERSONS], 1), |step| (step.at, step.tally.words(), step.persons));
            let weight = instant_weight(self.seed, at);
            for (sum, word) in sums.iter_mut().zip(words.into_iter().chain([persons])) {
                *sum = sum.wrapping_add(weight.wrapping_mul(word.cast_unsigned()));
            }
        }
    }
}

/// A random number of an instant.
fn instant_weight(seed: u64, at: i64) -> u64 {
    weight(!seed, Grade::Totals, at)
}

fn sums_of(all: &mut Vec<Sums>, number: u32) -> &mut Sums {
    let number = number as usize;
    if all.len() <= number {
        all.resize(number + 1, [0; PERSONS + 1]);
    }
    &mut all[number]
}

/// A random number of the mark (the finalizer of SplitMix64), odd, so that no difference of one measure is multiplied away.
pub(super) fn weight(seed: u64, grade: Grade, at: i64) -> u64 {
    let mut x =
        seed ^ at.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (grade.number().cast_unsigned() as u64) << 56;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)) | 1
}
