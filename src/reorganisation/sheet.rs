//! A plan's steps as a CSV file: one line a step, units separated by `|`.

use entity::enums::{Certainty, Operation};
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use super::faults::PlanFaults;
use super::step::{Input, Part, Step, Targets};
use crate::error::{Error, ErrorCode, Result, clip};
use crate::text::message;

/// A line as it stands in the file. Empty cells are none.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Line {
    operation: String,
    units: String,
    into: String,
    parent: String,
    code: String,
    name: String,
    name_en: String,
    kind: String,
    bloc: String,
    sector: String,
    targets: String,
    /// `CODE=sub|sub;CODE=sub`, with `@33.3` behind the code for a share of the targets in per cent.
    parts: String,
    certainty: String,
    held: String,
    note: String,
}

/// The steps of the file. All faults at once, each naming its step: the first line after the header is step 1.
pub fn read_sheet(text: &str) -> Result<Vec<Step>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(false)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut faults = PlanFaults::default();
    let mut steps = Vec::new();
    for (place, line) in (1..).zip(reader.deserialize::<Line>()) {
        match line {
            Ok(line) => steps.extend(line.step(place, &mut faults)),
            Err(error) => {
                let what = error.to_string();
                let message =
                    message!("line {line} of the file cannot be read: {what}", line = place + 1, what = clip(&what));
                faults.add(place, "", ErrorCode::Invalid, message);
            }
        }
    }
    faults.finish()?;
    Ok(steps)
}

/// The file of the steps.
pub fn write_sheet(steps: &[Step]) -> Result<String> {
    let broken = |error: String| Error::Internal(format!("a plan's file: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for step in steps {
        writer.serialize(Line::of(step)).map_err(|error| broken(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| broken(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| broken(error.to_string()))
}

fn list(cell: &str) -> Vec<String> {
    cell.split('|').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

fn some(cell: String) -> Option<String> {
    Some(cell).filter(|cell| !cell.is_empty())
}

impl Line {
    fn step(self, place: usize, faults: &mut PlanFaults) -> Option<Step> {
        let mut unknown = |field: &str, value: &str, known: &str| {
            let message = message!("{field} is \"{value}\"; it can be: {known}", field, value = clip(value), known);
            faults.add(place, field, ErrorCode::UnknownCode, message);
        };
        let operation = Operation::try_from_value(&self.operation).ok();
        if operation.is_none() {
            unknown("operation", &self.operation, &values::<Operation>());
        }
        let certainty = match self.certainty.as_str() {
            "" => Some(Certainty::High),
            certainty => Certainty::try_from_value(&certainty.to_owned()).ok(),
        };
        if certainty.is_none() {
            unknown("certainty", &self.certainty, &values::<Certainty>());
        }
        let held = match self.held.to_ascii_lowercase().as_str() {
            "" | "no" | "false" => Some(false),
            "yes" | "true" => Some(true),
            _ => None,
        };
        if held.is_none() {
            unknown("held", &self.held, "yes, no");
        }
        let targets = match self.targets.as_str() {
            "" => Some(None),
            "ADD_UP" => Some(Some(Targets::AddUp)),
            "KEEP" => Some(Some(Targets::Keep)),
            _ => None,
        };
        if targets.is_none() {
            unknown("targets", &self.targets, "ADD_UP, KEEP");
        }
        let parts = parts(&self.parts);
        if parts.is_none() {
            unknown("parts", &self.parts, "CODE=CODE|CODE;CODE@33.3=CODE");
        }
        let input = Input {
            units: list(&self.units),
            into: some(self.into),
            parent: some(self.parent),
            code: some(self.code),
            name: some(self.name),
            name_en: some(self.name_en),
            kind: some(self.kind),
            bloc: some(self.bloc),
            sector: some(self.sector),
            targets: targets?,
            parts: parts?,
        };
        Some(Step { operation: operation?, input, certainty: certainty?, held: held?, note: some(self.note) })
    }

    fn of(step: &Step) -> Line {
        let Input { units, into, parent, code, name, name_en, kind, bloc, sector, targets, parts } = step.input.clone();
        let targets = match targets {
            None => "",
            Some(Targets::AddUp) => "ADD_UP",
            Some(Targets::Keep) => "KEEP",
        };
        let part = |part: &Part| {
            let share = part.share.map(|share| format!("@{}", f64::from(share) / 100.0)).unwrap_or_default();
            format!("{}{share}={}", part.unit, part.units.join("|"))
        };
        Line {
            operation: step.operation.to_value(),
            units: units.join("|"),
            into: into.unwrap_or_default(),
            parent: parent.unwrap_or_default(),
            code: code.unwrap_or_default(),
            name: name.unwrap_or_default(),
            name_en: name_en.unwrap_or_default(),
            kind: kind.unwrap_or_default(),
            bloc: bloc.unwrap_or_default(),
            sector: sector.unwrap_or_default(),
            targets: targets.to_owned(),
            parts: parts.iter().map(part).collect::<Vec<_>>().join(";"),
            certainty: step.certainty.to_value(),
            held: if step.held { "yes" } else { "" }.to_owned(),
            note: step.note.clone().unwrap_or_default(),
        }
    }
}

fn values<E: ActiveEnum<Value = String> + sea_orm::Iterable>() -> String {
    E::iter().map(|value| value.to_value()).collect::<Vec<_>>().join(", ")
}

fn parts(cell: &str) -> Option<Vec<Part>> {
    let parts = cell.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (head, units) = part.split_once('=')?;
            let (unit, share) = match head.split_once('@') {
                None => (head, None),
                Some((unit, share)) => (unit, Some(share.trim().parse::<f64>().ok()?)),
            };
            let share = share.map(|share| (share * 100.0).round() as i32);
            Some(Part { unit: unit.trim().to_owned(), units: list(units), accounts: Vec::new(), share })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let text = "operation,units,into,parent,code,name,kind,parts,certainty,held,note\n\
            CREATE,,,TLD,N37,Ninh Bình,PROVINCIAL_FEDERATION,,,,\n\
            MERGE,P35|P36|P37,N37,,,,,,MEDIUM,,\"by law, all\"\n\
            SPLIT,G1,G1,,,,,G2@25=G1-1|G1-2;G3=G1-3,,yes,\n";
        let steps = read_sheet(text).unwrap();
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[1].input.units, ["P35", "P36", "P37"]);
        assert_eq!((steps[1].certainty, steps[2].held), (Certainty::Medium, true));
        assert_eq!((steps[2].input.parts[0].share, steps[2].input.parts[1].units.len()), (Some(2_500), 1));
        assert_eq!(read_sheet(&write_sheet(&steps).unwrap()).unwrap(), steps);
    }

    #[test]
    fn every_fault_of_a_file_is_told_with_its_step() {
        let text = "operation,units,held\nMERGED,P1,\nMOVE,P2,perhaps\n";
        let Err(Error::User(faults)) = read_sheet(text) else { panic!("it was read") };
        let fields: Vec<String> = faults.iter().map(|fault| fault.field.join(".")).collect();
        assert_eq!(fields, ["steps.0.operation", "steps.1.held"]);
        assert!(read_sheet("operation,what\nMOVE,x\n").is_err());
    }
}
