//! A slice of a programme's initiatives.

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::enums::UnitKind;

use super::find::Definition;
use crate::clock::day_start;
use crate::error::{Error, Result, clip};
use crate::text::message;

/// As a client names it: each list means any of its members; no list means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slice {
    pub phase: Option<Vec<String>>,
    pub group: Option<Vec<String>>,
    pub bloc: Option<Vec<String>>,
    pub kind: Option<Vec<UnitKind>>,
    pub during: Option<Days>,
}

/// Local days, both inside; none: without that end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Days {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Days {
    /// The instants from the first up to the end of the last: half-open.
    pub fn instants(self, zone: Tz) -> (i64, i64) {
        let after = |day: NaiveDate| day.succ_opt().map_or(i64::MAX, |day| day_start(zone, day));
        (self.from.map_or(i64::MIN, |day| day_start(zone, day)), self.to.map_or(i64::MAX, after))
    }

    pub fn check(self, field: &str) -> Result<()> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => Err(Error::BadInput(message!(
                "{argument} ends before it begins: {from} to {to}",
                argument = field,
                from,
                to
            ))),
            _ => Ok(()),
        }
    }
}

/// With codes looked up, sorted and without doubles: equal slices are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ResolvedSlice {
    pub phases: Option<Vec<i64>>,
    pub groups: Option<Vec<i64>>,
    pub blocs: Option<Vec<String>>,
    pub kinds: Option<Vec<UnitKind>>,
    /// The instants of first submission, half-open; the ends of `i64` where none is named.
    pub during: Option<(i64, i64)>,
    /// Whether it named every phase, or every group, of several: these count as any here, and still are several to targets.
    pub names_all: bool,
}

impl Slice {
    /// An empty list could mean all or nothing; it is refused.
    pub fn check(&self) -> Result<()> {
        let lengths = [
            ("phase", self.phase.as_ref().map(Vec::len)),
            ("group", self.group.as_ref().map(Vec::len)),
            ("bloc", self.bloc.as_ref().map(Vec::len)),
            ("kind", self.kind.as_ref().map(Vec::len)),
        ];
        for (name, length) in lengths {
            if length == Some(0) {
                return Err(Error::BadInput(message!(
                    "{argument} is an empty list: leave it out, or name one at least",
                    argument = format!("slice.{name}")
                )));
            }
        }
        self.during.unwrap_or_default().check("slice.during")?;
        let codes = [&self.phase, &self.group, &self.bloc];
        if codes.into_iter().flatten().flatten().any(|code| code.contains('\0')) {
            return Err(Error::BadInput(message!("a code in slice has a NUL character")));
        }
        Ok(())
    }

    /// Looks the codes up in a programme.
    pub fn resolve(&self, programme: &Definition, zone: Tz) -> Result<ResolvedSlice> {
        self.check()?;
        let phases = self.phase.as_ref().map(|codes| {
            let known = || programme.phases.iter().map(|phase| phase.code.as_str());
            lookup("phase", codes, programme, |code| programme.phase(code).map(|phase| phase.id), known)
        });
        let groups = self.group.as_ref().map(|codes| {
            let known = || programme.groups.iter().map(|group| group.code.as_str());
            lookup("group", codes, programme, |code| programme.group(code).map(|group| group.id), known)
        });
        let blocs = self.bloc.as_ref().map(|codes| {
            let known = || programme.blocs.iter().map(String::as_str);
            let find = |code: &str| programme.blocs.iter().find(|bloc| *bloc == code).cloned();
            lookup("bloc", codes, programme, find, known)
        });
        let kinds = self.kind.clone().map(|mut kinds| {
            kinds.sort_unstable();
            kinds.dedup();
            kinds
        });
        let during = self.during.filter(|days| *days != Days::default()).map(|days| days.instants(zone));
        // Every initiative has a phase and a group, which the programme can no more lose.
        let mut names_all = false;
        let mut narrowed = |ids: Option<Vec<i64>>, all: usize| {
            let named = ids.as_ref().is_some_and(|ids| ids.len() == all && all > 1);
            names_all |= named;
            ids.filter(|_| !named)
        };
        let phases = narrowed(phases.transpose()?, programme.phases.len());
        let groups = narrowed(groups.transpose()?, programme.groups.len());
        Ok(ResolvedSlice { phases, groups, blocs: blocs.transpose()?, kinds, during, names_all })
    }
}

fn lookup<'a, T: Ord, I: Iterator<Item = &'a str>>(
    name: &str,
    codes: &[String],
    programme: &Definition,
    find: impl Fn(&str) -> Option<T>,
    known: impl Fn() -> I,
) -> Result<Vec<T>> {
    let mut found = Vec::with_capacity(codes.len());
    for code in codes {
        found.push(find(code).ok_or_else(|| {
            let known: Vec<&str> = known().collect();
            Error::BadInput(message!(
                "programme {programme} has no {field} \"{code}\"; it has: {known}",
                programme = &programme.row.code,
                field = format!("slice.{name}"),
                code = clip(code),
                known = known.join(", ")
            ))
        })?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

impl ResolvedSlice {
    /// The stored cell that answers the slice: phase, group, bloc, each 0 or empty for any. `None`: no one cell does.
    pub fn cell(&self) -> Option<(i64, i64, &str)> {
        match self.cells()?.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The stored cells that add up to the slice, as [`cell`](Self::cell) has them; none where kinds or days are named.
    pub fn cells(&self) -> Option<Vec<(i64, i64, &str)>> {
        if self.kinds.is_some() || self.during.is_some() {
            return None;
        }
        let ids = |list: &Option<Vec<i64>>| list.clone().unwrap_or_else(|| vec![0]);
        let blocs: Vec<&str> = match &self.blocs {
            None => vec![""],
            Some(blocs) => blocs.iter().map(String::as_str).collect(),
        };
        let mut cells = Vec::new();
        for phase in ids(&self.phases) {
            for group in ids(&self.groups) {
                cells.extend(blocs.iter().map(|bloc| (phase, group, *bloc)));
            }
        }
        Some(cells)
    }

    /// The target cell of the slice: at most one phase and one bloc and nothing else.
    pub fn target_cell(&self) -> Option<(i64, &str)> {
        self.cell().filter(|(_, group, _)| *group == 0 && !self.names_all).map(|(phase, _, bloc)| (phase, bloc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn whole(zone: Tz, day: &str) -> (i64, i64) {
        let day = Some(day.parse().unwrap());
        Days { from: day, to: day }.instants(zone)
    }

    #[test]
    fn days_are_those_of_the_zone() {
        assert_eq!(whole(Tz::Asia__Ho_Chi_Minh, "2022-04-13"), (1_649_782_800_000, 1_649_782_800_000 + DAY));
        assert_eq!(Days::default().instants(Tz::UTC), (i64::MIN, i64::MAX));
        // The day of the change has 23 hours, and in São Paulo it once had no midnight.
        for (zone, day) in [(Tz::Europe__Paris, "2022-03-27"), (Tz::America__Sao_Paulo, "2018-11-04")] {
            let (from, to) = whole(zone, day);
            assert_eq!(to - from, DAY - 3_600_000, "{day}");
        }
    }
}
