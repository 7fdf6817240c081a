//! How far a page looks: its classes, the spans of time in which it looks for words, and walks along the order that end.

use sea_orm::Value;

use super::list::InitiativeOrder;
use super::ways::{BELOW, Maker, TEXT_BESIDE, of_state};
use crate::page::Key;
use crate::page::ways::{Begin, Bounded, Way, cursor_at};
use crate::store::{Sql, first_of, span_of};

/// What the index of every order has.
pub(crate) const WALKED_COLUMNS: &str =
    "i.id, i.code, i.unit_id, i.programme_id, i.phase_id, i.group_id, i.state, i.submitted_at";

/// What of a search a part of the list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Nothing is searched for.
    None,
    /// Everything; each row tells its class.
    Each,
    /// One class, which comes in the list after those before it.
    One(i64),
}

impl Class {
    pub fn fixed(self) -> Option<i64> {
        match self {
            Class::One(class) => Some(class),
            _ => None,
        }
    }
}

impl Maker<'_> {
    /// The classes that a page which begins there has, in the order in which it is read.
    pub fn classes_from(&self, begins: Option<&[Value]>, backward: bool) -> Vec<Class> {
        if self.search.is_none() {
            return vec![Class::None];
        }
        if self.hunt.is_none() {
            return vec![Class::Each];
        }
        let at = begins.and_then(|values| number(values.first()?));
        let has = |class: &i64| at.is_none_or(|at| if backward { *class <= at } else { *class >= at });
        let mut classes: Vec<Class> = (0..3).filter(has).map(Class::One).collect();
        if backward {
            classes.reverse();
        }
        classes
    }

    /// The instant at which a page that begins there begins in the class, in the order of time.
    pub fn instant(&self, class: Class, begins: Option<&[Value]>) -> Option<i64> {
        if !self.filter.is_by_time() {
            return None;
        }
        match begins {
            Some([at, instant, ..]) if class.fixed() == number(at) => number(instant),
            _ => {
                let during = self.filter.slice.during.map(|days| days.instants(self.filter.zone));
                let (from, to) = match (during, self.period) {
                    (Some(one), Some(other)) => (one.0.max(other.0), one.1.min(other.1)),
                    (one, other) => one.or(other)?,
                };
                Some(if self.descends() { to } else { from })
            }
        }
    }

    /// Whether the list, in the order of time, is read from the latest on.
    pub fn descends(&self) -> bool {
        (self.filter.order.unwrap_or_default() == InitiativeOrder::SubmittedAtDesc) != self.backward
    }

    /// The spans of time in which there may be something of the class, from where the page begins on.
    pub fn spans(&self, class: Class) -> Vec<i64> {
        match (class, self.hunt) {
            (Class::One(class @ 0..2), Some(hunt)) => {
                let mut spans = hunt.spans(class, self.from, self.descends());
                if let Some((from, to)) = self.period {
                    spans.retain(|span| (span_of(from)..=span_of(to)).contains(span));
                }
                spans
            }
            _ => Vec::new(),
        }
    }

    /// Where looking stops with a span of time: a cursor beyond everything in it, and before all else.
    pub fn after_span(&self, class: Class, span: i64) -> String {
        let (first, after) = (first_of(span), first_of(span + 1));
        let at = match (self.descends(), self.backward) {
            (true, false) => first - 1,
            (true, true) => first,
            (false, false) => after,
            (false, true) => after - 1,
        };
        cursor_at(&self.rows(), &[class.fixed().unwrap_or(0).into(), at.into(), "".into()])
    }

    /// Along the order, past so many lines of its index at most, and so many titles.
    pub fn walk(
        &self,
        sql: &mut Sql,
        class: Class,
        (starts, inside): (Vec<Begin>, String),
        lines: usize,
        titles: usize,
    ) -> Way {
        let mut before = vec!["i.submitted_at IS NOT NULL".to_owned()];
        // The one state whose index the walk can go along.
        if let Some([one]) = self.filter.open().as_deref() {
            before.push(of_state(*one));
        }
        let mut conditions = vec![inside];
        // Days bound an order by time.
        let days = |condition: &&String| self.filter.is_by_time() && condition.starts_with("i.submitted_at");
        before.extend(self.common.iter().filter(days).cloned());
        before.extend(self.in_period(sql));
        conditions.extend(self.common.iter().filter(|condition| !days(condition)).cloned());
        if self.filter.order == Some(InitiativeOrder::VerifiedBenefitDesc) {
            before.extend(self.over("i"));
        } else {
            let over = self.over("t");
            conditions.extend(over.map(|over| format!("(SELECT {over} FROM initiative t WHERE t.id = i.id)")));
        }
        let mut closer = None;
        if let (Class::One(class), Some(search)) = (class, &self.search) {
            let text = search.class(sql, class, TEXT_BESIDE);
            let text = sql.title_beside(&text);
            if class == 2 {
                conditions.extend([search.in_code(sql, "i.code"), text]);
            } else {
                closer = Some((std::mem::replace(&mut conditions, vec![text]), titles));
            }
        }
        let bounded = Some(Bounded { columns: WALKED_COLUMNS, conditions: before, rows: lines, closer });
        let keys = self.keys(class.fixed().map(Key::same), false);
        Way { starts, from: String::new(), conditions, keys, class: class.fixed(), bounded, tag: BELOW }
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::BigInt(number) => *number,
        _ => None,
    }
}
