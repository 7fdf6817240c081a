//! Which stored cells answer a question about the present: of phases, groups and blocs each any, chosen ones, or one by one.

use super::dimension::Dimension;
use super::view::View;

/// What of a cell's dimension is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pick<T> {
    /// Whatever it is: one number for all.
    Any,
    /// Any of these, added up.
    Of(Vec<T>),
    /// Each by itself; all of them, or of these.
    Each(Option<Vec<T>>),
}

impl<T: Clone> Pick<T> {
    fn of(chosen: &Option<Vec<T>>, each: bool) -> Pick<T> {
        match (chosen, each) {
            (chosen, true) => Pick::Each(chosen.clone()),
            (Some(chosen), false) => Pick::Of(chosen.clone()),
            (None, false) => Pick::Any,
        }
    }

    pub fn is_each(&self) -> bool {
        matches!(self, Pick::Each(_))
    }

    /// The values that it is narrowed to.
    pub fn chosen(&self) -> Option<&[T]> {
        match self {
            Pick::Of(chosen) | Pick::Each(Some(chosen)) => Some(chosen),
            Pick::Any | Pick::Each(None) => None,
        }
    }

    /// Whether persons of different cells would be added up.
    fn mixes(&self) -> bool {
        matches!(self, Pick::Of(chosen) if chosen.len() != 1)
    }
}

/// The cells of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub phase: Pick<i64>,
    pub group: Pick<i64>,
    pub bloc: Pick<String>,
    by_state: bool,
}

impl Grid {
    /// The cells that answer the view's slice by these dimensions; none where it is not of the present, or goes by what cells do
    /// not know. CHILD is left to whoever asks: direct units have cells of their own.
    pub fn of(view: &View, by: &[Dimension]) -> Option<Grid> {
        let known = |dimension: &Dimension| {
            use Dimension::{Bloc, Child, Group, Phase, State};
            matches!(dimension, Child | Phase | Group | Bloc | State)
        };
        if !view.is_present() || view.slice.kinds.is_some() || !by.iter().all(known) {
            return None;
        }
        let each = |dimension| by.contains(&dimension);
        Some(Grid {
            phase: Pick::of(&view.slice.phases, each(Dimension::Phase)),
            group: Pick::of(&view.slice.groups, each(Dimension::Group)),
            bloc: Pick::of(&view.slice.blocs, each(Dimension::Bloc)),
            by_state: each(Dimension::State),
        })
    }

    /// One cell for everything.
    pub fn any() -> Grid {
        Grid { phase: Pick::Any, group: Pick::Any, bloc: Pick::Any, by_state: false }
    }

    /// Whether its cells tell distinct persons too: these do not add up, and no cell knows them by state.
    pub fn counts_persons(&self) -> bool {
        !self.by_state && !self.phase.mixes() && !self.group.mixes() && !self.bloc.mixes()
    }

    /// Whether one part is several cells.
    pub fn adds_cells(&self) -> bool {
        self.phase.mixes() || self.group.mixes() || self.bloc.mixes()
    }

    /// The same whatever the bloc.
    pub fn of_any_bloc(&self) -> Grid {
        Grid { bloc: Pick::Any, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::programme::ResolvedSlice;

    fn grid(slice: ResolvedSlice, by: &[Dimension]) -> Option<Grid> {
        Grid::of(&View::present(slice, Tz::UTC), by)
    }

    #[test]
    fn cells_answer_what_they_know() {
        let all = grid(ResolvedSlice::default(), &[]).unwrap();
        assert_eq!((&all.phase, &all.group, &all.bloc), (&Pick::Any, &Pick::Any, &Pick::Any));
        assert!(grid(ResolvedSlice::default(), &[Dimension::Child, Dimension::Group]).unwrap().group.is_each());
        for dimension in [Dimension::Kind, Dimension::Level, Dimension::Sector, Dimension::Month] {
            assert_eq!(grid(ResolvedSlice::default(), &[dimension]), None, "{dimension:?}");
        }
        let slice = ResolvedSlice { during: Some((0, 1)), ..ResolvedSlice::default() };
        assert_eq!(grid(slice, &[]), None);
        let past = View { as_of: Some(1), ..View::present(ResolvedSlice::default(), Tz::UTC) };
        assert_eq!(Grid::of(&past, &[]), None);
    }

    #[test]
    fn persons_of_several_cells_do_not_add_up() {
        let of = |phases: &[i64]| ResolvedSlice { phases: Some(phases.to_vec()), ..ResolvedSlice::default() };
        assert!(grid(of(&[1]), &[]).unwrap().counts_persons());
        assert!(!grid(of(&[1, 2]), &[]).unwrap().counts_persons());
        assert!(grid(of(&[1, 2]), &[Dimension::Phase]).unwrap().counts_persons());
        assert!(!grid(of(&[1, 2]), &[Dimension::Group]).unwrap().counts_persons());
        assert!(!grid(of(&[1]), &[Dimension::State]).unwrap().counts_persons());
    }
}
