//! A slice of a programme's initiatives.

use entity::enums::UnitKind;

use super::find::Definition;
use crate::error::{Error, Result, clip};
use crate::text::message;

/// As a client names it: each list means any of its members; no list means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slice {
    pub phase: Option<Vec<String>>,
    pub group: Option<Vec<String>>,
    pub bloc: Option<Vec<String>>,
    pub kind: Option<Vec<UnitKind>>,
}

/// With codes looked up, sorted and without doubles: equal slices are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ResolvedSlice {
    pub phases: Option<Vec<i64>>,
    pub groups: Option<Vec<i64>>,
    pub blocs: Option<Vec<String>>,
    pub kinds: Option<Vec<UnitKind>>,
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
        let codes = [&self.phase, &self.group, &self.bloc];
        if codes.into_iter().flatten().flatten().any(|code| code.contains('\0')) {
            return Err(Error::BadInput(message!("a code in slice has a NUL character")));
        }
        Ok(())
    }

    /// Looks the codes up in a programme.
    pub fn resolve(&self, programme: &Definition) -> Result<ResolvedSlice> {
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
        Ok(ResolvedSlice { phases: phases.transpose()?, groups: groups.transpose()?, blocs: blocs.transpose()?, kinds })
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
        fn one<T>(list: &Option<Vec<T>>) -> Option<Option<&T>> {
            match list.as_deref() {
                None => Some(None),
                Some([one]) => Some(Some(one)),
                Some(_) => None,
            }
        }
        if self.kinds.is_some() {
            return None;
        }
        let (phase, group, bloc) = (one(&self.phases)?, one(&self.groups)?, one(&self.blocs)?);
        Some((phase.copied().unwrap_or(0), group.copied().unwrap_or(0), bloc.map_or("", String::as_str)))
    }

    /// The target cell of the slice: at most one phase and one bloc and nothing else.
    pub fn target_cell(&self) -> Option<(i64, &str)> {
        self.cell().filter(|(_, group, _)| *group == 0).map(|(phase, _, bloc)| (phase, bloc))
    }
}
