//! The reorganisation of 2025 as a plan: 63 provincial federations become 34, and the district federations end. A draft, ready to be
//! tried and applied; what the sources are not sure of is carried with that mark, or held.

use entity::enums::{ReorganisationState, Role};
use entity::{reorganisation, reorganisation_step, role_grant};

use super::load::OPENING;
use crate::app::App;
use crate::error::Result;
use crate::reorganisation::read_sheet;
use crate::store::{Conflict, Tx};

const PLAN: &str = include_str!("../../data/reorganisation-2025-plan.csv");

const CODE: &str = "VN-2025";
const NAME: &str = "Sắp xếp tổ chức công đoàn năm 2025";
const REASON: &str = "Nghị quyết 202/2025/QH15: 34 tỉnh, thành phố từ ngày 1/7/2025; kết thúc hoạt động của cấp huyện";

/// 1 July 2025, 00:00 in Vietnam.
const EFFECTIVE: i64 = 1_751_302_800_000;
/// 23 June 2025, 08:00 in Vietnam: a week before.
const DRAWN_UP: i64 = 1_750_640_400_000;

/// Makes the operator ADMIN of the root too: so he may apply plans.
pub(super) async fn admit(app: &App, tx: &Tx, root: i64, operator: i64) -> Result<()> {
    let (role, grant) = (Role::Admin, app.new_id());
    let grant = role_grant::Model { id: grant, account_id: operator, unit_id: root, role, granted_at: OPENING };
    tx.insert::<role_grant::Entity>(&[grant], Conflict::Fail).await?;
    Ok(())
}

/// Stores the draft, drawn up by the operator at the root.
pub(super) async fn draft(app: &App, tx: &Tx, root: i64, operator: i64) -> Result<()> {
    let id = app.new_id();
    let row = reorganisation::Model {
        id,
        code: CODE.to_owned(),
        name: NAME.to_owned(),
        unit_id: root,
        state: ReorganisationState::Draft,
        version: 1,
        reason: Some(REASON.to_owned()),
        effective_at: Some(EFFECTIVE),
        created_at: DRAWN_UP,
        created_by: operator,
        proposed_by: None,
        proposed_at: None,
        confirmed_by: None,
        applied_at: None,
        undoes_id: None,
        undone_by_id: None,
        faults: None,
        report: None,
    };
    tx.insert::<reorganisation::Entity>(&[row], Conflict::Fail).await?;
    let steps: Vec<_> =
        (1..).zip(read_sheet(PLAN)?).map(|(position, step)| step.into_row(id, position)).collect::<Result<_>>()?;
    tx.insert::<reorganisation_step::Entity>(&steps, Conflict::Fail).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    //! The plan is what follows from the lists of what became of each province and of each unit.

    use std::collections::{BTreeMap, BTreeSet};

    use entity::enums::{Certainty, Operation};
    use sea_orm::ActiveEnum;

    use super::*;
    use crate::demo::plan::MERGED;
    use crate::reorganisation::{Input, Step, write_sheet};

    const PROVINCES: &str = include_str!("../../data/reorganisation-2025.csv");
    const UNITS: &str = include_str!("../../data/reorganisation-2025-units.csv");
    const NAMES: &str = include_str!("../../data/units-2022.csv");

    /// What no list says: translations of new names.
    const ENGLISH: [(&str, &str); 3] = [
        ("P46", "Hue City Federation of Labour"),
        ("S06", "Vietnam Agriculture and Environment Trade Union"),
        ("S08", "Vietnam Science and Technology Trade Union"),
    ];

    type Row = BTreeMap<String, String>;

    fn table(text: &str) -> Vec<Row> {
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    fn step(operation: Operation, input: Input, certainty: Certainty, note: &str) -> Step {
        Step { operation, input, certainty, held: false, note: some(note) }
    }

    /// Units that are made of several provinces: each takes the name of one of them.
    fn made(provinces: &[Row]) -> Vec<Step> {
        let english: BTreeMap<String, String> =
            table(NAMES).into_iter().map(|row| (row["code"].clone(), row["name_en"].clone())).collect();
        let kept = provinces.iter().filter(|row| row["relation"] == "MERGED_NAME_KEPT");
        let kept: BTreeMap<&str, &Row> = kept.map(|row| (row["new_unit_code"].as_str(), row)).collect();
        let create = |(code, row): (&str, &Row)| {
            let input = Input {
                parent: some("TLD"),
                code: some(code),
                name: some(&row["new_unit_name_vi"]),
                name_en: some(&english[&row["old_unit_code"]]),
                kind: some("PROVINCIAL_FEDERATION"),
                ..Input::default()
            };
            step(Operation::Create, input, Certainty::High, &row["legal_basis"])
        };
        kept.into_iter().map(create).collect()
    }

    /// What became of one unit.
    fn became(row: &Row, provinces: &[Row]) -> Vec<Step> {
        let (code, successor, note) = (&row["unit_code"], &row["successor_unit_code"], &row["note"]);
        let certainty = match row["event"].as_str() {
            "UNKNOWN" => Certainty::Unknown,
            _ => Certainty::try_from_value(&row["confidence"]).unwrap(),
        };
        let units = vec![code.clone()];
        let english = || ENGLISH.iter().find(|(of, _)| of == code).map(|(_, name)| (*name).to_owned());
        let of = |operation, input| step(operation, Input { units: units.clone(), ..input }, certainty, note);
        match row["event"].as_str() {
            "CONTINUE" if successor != code => {
                let mut steps = vec![of(Operation::Recode, Input { code: some(successor), ..Input::default() })];
                let province = provinces.iter().find(|province| province["old_unit_code"] == *code).unwrap();
                if province["relation"] == "RENAMED" {
                    let input =
                        Input { name: some(&province["new_unit_name_vi"]), name_en: english(), ..Input::default() };
                    steps.push(Step { note: some(&province["note"]), ..of(Operation::Rename, input) });
                }
                steps
            }
            // Whether it was there still is not known: the demo has it end before.
            "UNKNOWN" if code == MERGED => vec![Step { held: true, ..of(Operation::Keep, Input::default()) }],
            "CONTINUE" | "UNKNOWN" => vec![of(Operation::Keep, Input::default())],
            "RENAME" => {
                let name = note.strip_prefix("2026 name: ").unwrap().split(';').next().unwrap();
                vec![of(Operation::Rename, Input { name: some(name), name_en: english(), ..Input::default() })]
            }
            event => {
                let operation = if event == "MERGE_INTO" { Operation::Merge } else { Operation::Dissolve };
                // Nobody knows when, if at all.
                let held = row["effective_date"].is_empty();
                vec![Step { held, ..of(operation, Input { into: some(successor), ..Input::default() }) }]
            }
        }
    }

    fn derived() -> Vec<Step> {
        let provinces = table(PROVINCES);
        let became = table(UNITS).iter().flat_map(|row| became(row, &provinces)).collect::<Vec<_>>();
        made(&provinces).into_iter().chain(became).collect()
    }

    #[test]
    fn the_plan_is_what_the_lists_say() {
        let sheet = write_sheet(&derived()).unwrap();
        assert!(sheet == PLAN, "data/reorganisation-2025-plan.csv should be:\n{sheet}");
        assert_eq!(read_sheet(PLAN).unwrap(), derived());
    }

    #[test]
    fn every_line_of_the_list_of_units_is_found_again() {
        let steps = read_sheet(PLAN).unwrap();
        let count = |operation| steps.iter().filter(|step| step.operation == operation && !step.held).count();
        assert_eq!(count(Operation::Create), 23);
        assert_eq!((count(Operation::Recode), count(Operation::Merge)), (11, 52));
        assert_eq!((count(Operation::Dissolve), count(Operation::Rename)), (705, 3));
        assert_eq!(count(Operation::Keep), 15);
        let held: Vec<&str> = steps.iter().filter(|step| step.held).map(|step| step.input.units[0].as_str()).collect();
        assert_eq!(held, ["S05", "S09", "C09"]);
        let unknown = steps.iter().filter(|step| step.certainty == Certainty::Unknown).count();
        assert_eq!(unknown, 5);
        let named: BTreeSet<&String> = steps.iter().flat_map(|step| &step.input.units).collect();
        let listed = table(UNITS);
        assert_eq!((named.len(), listed.len()), (788, 788));
        assert!(listed.iter().all(|row| named.contains(&row["unit_code"])));
        // Every province ends up where the list of provinces says.
        for province in table(PROVINCES) {
            let of = |step: &&Step| step.input.units == [province["old_unit_code"].clone()];
            let step = steps.iter().find(of).unwrap();
            let to = step.input.into.as_ref().or(step.input.code.as_ref());
            assert_eq!(to, Some(&province["new_unit_code"]));
        }
    }
}
