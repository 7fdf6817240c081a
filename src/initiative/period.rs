//! When an initiative may be sent in for the first time.

use chrono::NaiveDate;
use entity::phase;

use crate::error::{ErrorCode, Faults};
use crate::text::message;

/// First submission needs today in the entry period and the day of application in the applied period; both days inside.
pub fn check(faults: &mut Faults, phase: &phase::Model, today: NaiveDate, applied_on: NaiveDate) {
    if today < phase.entered_from || today > phase.entered_to {
        let message = message!(
            "phase {phase} takes initiatives from {from} to {to}; today is {today}",
            phase = &phase.code,
            from = phase.entered_from,
            to = phase.entered_to,
            today
        );
        faults.add(ErrorCode::OutOfPeriod, "id", message);
    }
    if applied_on < phase.applied_from || applied_on > phase.applied_to {
        let message = message!(
            "phase {phase} is for initiatives applied from {from} to {to}; this one was applied on {day}",
            phase = &phase.code,
            from = phase.applied_from,
            to = phase.applied_to,
            day = applied_on
        );
        faults.add(ErrorCode::OutOfPeriod, "appliedOn", message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_are_inside() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let phase = phase::Model {
            id: 1,
            programme_id: 1,
            code: "1".into(),
            name: "1".into(),
            position: 0,
            applied_from: day("2022-01-01"),
            applied_to: day("2022-01-31"),
            entered_from: day("2022-02-01"),
            entered_to: day("2022-02-28"),
        };
        let faults = |today: &str, applied: &str| {
            let mut faults = Faults::default();
            check(&mut faults, &phase, day(today), day(applied));
            faults.finish().is_err()
        };
        assert!(!faults("2022-02-01", "2022-01-01") && !faults("2022-02-28", "2022-01-31"));
        assert!(faults("2022-01-31", "2022-01-01") && faults("2022-03-01", "2022-01-01"));
        assert!(faults("2022-02-01", "2021-12-31") && faults("2022-02-01", "2022-02-01"));
    }
}
