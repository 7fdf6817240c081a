//! A plan's steps as a CSV file: one line a step, units separated by `|`.

use entity::enums::{Certainty, Operation};
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use super::faults::PlanFaults;
use super::step::{Input, Part, Restated, Step, Targets};
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
    /// `CODE=initiative|initiative;CODE=initiative`: of the parts.
    records: String,
    /// `CODE:PROGRAMME:KIND:PHASE:BLOC=VALUE`, several with `;`; without CODE the one of `into`, PHASE and BLOC may be left out, `>=` is at least.
    restated: String,
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
        let parts = parts.and_then(|parts| with_records(parts, &self.records));
        if parts.is_none() {
            unknown("records", &self.records, "CODE=INITIATIVE|INITIATIVE;CODE=INITIATIVE, each CODE one of parts");
        }
        let restated = restated(&self.restated);
        if restated.is_none() {
            unknown("restated", &self.restated, "CODE:PROGRAMME:KIND:PHASE:BLOC=VALUE;:PROGRAMME:KIND>=VALUE");
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
            restated: restated?,
        };
        Some(Step { operation: operation?, input, certainty: certainty?, held: held?, note: some(self.note) })
    }

    fn of(step: &Step) -> Line {
        let Input { units, into, parent, code, name, name_en, kind, bloc, sector, targets, parts, restated } =
            step.input.clone();
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
            records: records(&parts),
            restated: restated.iter().map(cell).collect::<Vec<_>>().join(";"),
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
            Some(Part { unit: unit.trim().to_owned(), units: list(units), share, ..Part::default() })
        })
        .collect()
}

/// The parts with the initiatives that go to them.
fn with_records(mut parts: Vec<Part>, cell: &str) -> Option<Vec<Part>> {
    for text in cell.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let (unit, records) = text.split_once('=')?;
        parts.iter_mut().find(|part| part.unit == unit.trim())?.initiatives.extend(list(records));
    }
    Some(parts)
}

fn records(parts: &[Part]) -> String {
    let some = parts.iter().filter(|part| !part.initiatives.is_empty());
    some.map(|part| format!("{}={}", part.unit, part.initiatives.join("|"))).collect::<Vec<_>>().join(";")
}

fn restated(text: &str) -> Option<Vec<Restated>> {
    let cells = text.split(';').map(str::trim).filter(|cell| !cell.is_empty());
    cells
        .map(|text| {
            let (cell, value) = text.split_once('=')?;
            let (cell, at_least) = cell.strip_suffix('>').map_or((cell, false), |cell| (cell, true));
            let names: Vec<&str> = cell.split(':').map(str::trim).collect();
            let name = |at: usize| names.get(at).map(|name| (*name).to_owned()).filter(|name| !name.is_empty());
            let value = value.trim().parse().ok()?;
            let (unit, phase, bloc) = (name(0), name(3), name(4));
            (names.len() <= 5).then_some(())?;
            Some(Restated { unit, programme: name(1)?, kind: name(2)?, phase, bloc, value, at_least })
        })
        .collect()
}

fn cell(one: &Restated) -> String {
    let Restated { unit, programme, kind, phase, bloc, value, at_least } = one;
    let names = [unit.as_deref(), Some(programme), Some(kind), phase.as_deref(), bloc.as_deref()];
    let names = names.map(Option::unwrap_or_default).join(":");
    format!("{}{}={value}", names.trim_end_matches(':'), if *at_least { ">" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let text = "operation,units,into,parent,code,name,kind,parts,records,restated,certainty,held,note\n\
            CREATE,,,TLD,N37,Ninh Bình,PROVINCIAL_FEDERATION,,,,,,\n\
            MERGE,P35|P36|P37,N37,,,,,,,:1M-SK:GUIDELINE>=27000;N37:1M-SK:REGISTERED::PUBLIC=5,MEDIUM,,\"by law, all\"\n\
            SPLIT,G1,G1,,,,,G2@25=G1-1|G1-2;G3=G1-3,G3=SK-AB|SK-CD,,,yes,\n";
        let steps = read_sheet(text).unwrap();
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[1].input.units, ["P35", "P36", "P37"]);
        assert_eq!((steps[1].certainty, steps[2].held), (Certainty::Medium, true));
        let restated = |i: usize| {
            let one = &steps[1].input.restated[i];
            (one.unit.as_deref(), one.kind.as_str(), one.bloc.as_deref(), one.value, one.at_least)
        };
        assert_eq!(restated(0), (None, "GUIDELINE", None, 27_000, true));
        assert_eq!(restated(1), (Some("N37"), "REGISTERED", Some("PUBLIC"), 5, false));
        assert_eq!((steps[2].input.parts[0].share, steps[2].input.parts[1].units.len()), (Some(2_500), 1));
        assert_eq!(steps[2].input.parts[1].initiatives, ["SK-AB", "SK-CD"]);
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
