//! What stood above one unit at any time, as its dated places and those of its ancestors make it, against the dated closure. Pure.

use super::tree::{Place, Tree};

/// Which of the two times: when something was recorded, or when it held as is known today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lens {
    Reported,
    Known,
}

impl Lens {
    pub fn name(self) -> &'static str {
        match self {
            Lens::Reported => "as reported",
            Lens::Known => "as known today",
        }
    }

    /// When the place holds, half-open.
    fn of(self, place: &Place) -> Option<(i64, i64)> {
        let (from, to) = (place.valid_from, place.valid_to.unwrap_or(i64::MAX));
        let period = match self {
            Lens::Known if place.superseded_at.is_some() => return None,
            Lens::Known => (from, to),
            Lens::Reported => (from.max(place.recorded_at), to.min(place.superseded_at.unwrap_or(i64::MAX))),
        };
        Some(period).filter(|(from, to)| from < to)
    }
}

/// A row of the closure; 0 as a beginning is the unit's own.
pub(super) struct Row {
    pub ancestor: i64,
    pub distance: i32,
    pub seat: Option<i64>,
    pub ended: bool,
    pub reported: Option<(i64, i64)>,
    pub known: (i64, i64),
}

/// That something stands so far above where the records are seated, from the one instant to the other.
type Line = (i64, i32, i64, i64, i64);

pub(super) struct Dated<'a> {
    tree: &'a Tree,
    unit: usize,
    rows: Vec<Row>,
}

impl<'a> Dated<'a> {
    pub fn of(tree: &'a Tree, unit: usize, rows: Vec<Row>) -> Dated<'a> {
        Dated { tree, unit, rows }
    }

    fn id(&self) -> i64 {
        self.tree.units[self.unit].id
    }

    /// When the unit itself begins.
    fn beginning(&self, lens: Lens) -> i64 {
        let places = self.tree.dated_of(self.id());
        let periods = places.iter().filter_map(|place| lens.of(place)).map(|(from, _)| from);
        // One that ended at the instant at which it was made stood nowhere, but did begin.
        periods.min().or_else(|| places.iter().map(|place| place.valid_from).min()).unwrap_or(0)
    }

    /// The lines that are stored: ancestor, distance, seat, from, to.
    fn stored(&self, lens: Lens) -> Vec<Line> {
        let beginning = self.beginning(lens);
        let lines = self.rows.iter().filter(|row| !row.ended).filter_map(|row| {
            let (from, to) = match lens {
                Lens::Reported => row.reported?,
                Lens::Known => row.known,
            };
            let from = if from == 0 { beginning } else { from };
            (from < to).then_some((row.ancestor, row.distance, row.seat.unwrap_or(self.id()), from, to))
        });
        lines.collect()
    }

    /// The lines that there should be, of a unit seated where and when the stored ones say.
    fn expected(&self, lens: Lens, stored: &[Line]) -> Vec<Line> {
        let mut lines = Vec::new();
        chains(self.tree, lens, self.unit, (i64::MIN, i64::MAX), &mut Vec::new(), &mut lines);
        let id = self.id();
        for (ancestor, _, seat, from, to) in stored {
            if let Some(place) = self.tree.place(*seat).filter(|_| ancestor == seat && *seat != id) {
                chains(self.tree, lens, place, (*from, *to), &mut Vec::new(), &mut lines);
            }
        }
        lines
    }

    /// How the stored rows differ from what they should be: expected, stored.
    pub fn differs(&self, lens: Lens) -> Option<(String, String)> {
        let stored = self.stored(lens);
        let expected = joined(self.expected(lens, &stored)).unwrap_or_default();
        let mut seats: Vec<(i64, i64)> =
            stored.iter().filter(|line| line.0 == line.2).map(|line| (line.3, line.4)).collect();
        seats.sort_unstable();
        if let Some(pair) = seats.windows(2).find(|pair| pair[0].1 != pair[1].0) {
            let told = format!("one until {}, the next from {}", pair[0].1, pair[1].0);
            return Some(("seats without gap or overlap".to_owned(), told));
        }
        if seats.last().is_none_or(|(_, to)| *to != i64::MAX) {
            return Some(("a seat now".to_owned(), "none".to_owned()));
        }
        let Some(stored) = joined(stored) else {
            return Some(("one row at a time".to_owned(), "two that overlap".to_owned()));
        };
        let first = (0..).find(|i| expected.get(*i) != stored.get(*i) || expected.len() <= *i)?;
        if first >= expected.len() && first >= stored.len() {
            return None;
        }
        let told = |line: Option<&Line>| match line {
            None => "none".to_owned(),
            Some((ancestor, distance, seat, from, to)) => {
                let to = if *to == i64::MAX { "now".to_owned() } else { to.to_string() };
                let seat =
                    if *seat == self.id() { String::new() } else { format!(", seated at {}", self.tree.code(*seat)) };
                format!("{} at {distance} from {from} to {to}{seat}", self.tree.code(*ancestor))
            }
        };
        Some((told(expected.get(first)), told(stored.get(first))))
    }

    /// Since when a row that leads to the unit now was recorded, and from when on it holds where that is another instant.
    pub fn begins(&self, ancestor: i64, distance: i32, seat: Option<i64>, ended: bool) -> (i64, Option<i64>) {
        if ended {
            let at = self.tree.units[self.unit].ended_at.unwrap_or(0);
            let recorded =
                self.tree.dated_of(self.id()).iter().map(|place| place.superseded_at.unwrap_or(place.recorded_at));
            let recorded = recorded.max().unwrap_or(at).max(at);
            return (recorded, Some(at).filter(|at| *at != recorded));
        }
        let since = |lens: Lens| {
            let stored = self.stored(lens);
            let lines = joined(self.expected(lens, &stored)).unwrap_or_default();
            let seat = seat.unwrap_or(self.id());
            let same = |line: &&Line| (line.0, line.1, line.2) == (ancestor, distance, seat);
            let line = lines.iter().filter(same).find(|line| line.4 == i64::MAX);
            let from = line.map_or(0, |line| if line.3 == self.beginning(lens) { 0 } else { line.3 });
            // What stood there before may have ended at a move that changed nothing here.
            stored.iter().filter(same).map(|line| line.4).filter(|to| *to != i64::MAX).fold(from, i64::max)
        };
        let (reported, known) = (since(Lens::Reported), since(Lens::Known));
        (reported, Some(known).filter(|known| *known != reported && *known != 0))
    }
}

/// Adds the lines of a unit, as long as it stood in the tree in this time, and of what stood above it.
fn chains(tree: &Tree, lens: Lens, unit: usize, (from, to): (i64, i64), below: &mut Vec<i64>, lines: &mut Vec<Line>) {
    let id = tree.units[unit].id;
    if below.contains(&id) {
        return;
    }
    below.push(id);
    let far = i32::try_from(below.len()).unwrap_or(i32::MAX) - 1;
    for place in tree.dated_of(id) {
        let Some((begins, ends)) = lens.of(place) else { continue };
        let (begins, ends) = (begins.max(from), ends.min(to));
        if begins >= ends {
            continue;
        }
        lines.push((id, far, below[0], begins, ends));
        if let Some(parent) = place.parent_id.and_then(|parent| tree.place(parent)) {
            chains(tree, lens, parent, (begins, ends), below, lines);
        }
    }
    below.pop();
}

/// In order, and what follows on itself as one; none where two of a kind overlap.
fn joined(mut lines: Vec<Line>) -> Option<Vec<Line>> {
    lines.sort_unstable();
    let mut joined: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        match joined.last_mut() {
            Some(last) if (last.0, last.1, last.2) == (line.0, line.1, line.2) && last.4 >= line.3 => {
                if last.4 > line.3 {
                    return None;
                }
                last.4 = line.4;
            }
            _ => joined.push(line),
        }
    }
    Some(joined)
}
