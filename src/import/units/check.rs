//! Whether a file of units is right. Pure: what the database has is given.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::enums::UnitKind;
use sea_orm::ActiveEnum;

use super::existing::Existing;
use super::tree::{self, Link};
use super::{BLOC, CODE, COORDINATOR, ESTABLISHED_ON, KIND, NAME, NAME_EN, PARENT, SECTOR};
use crate::error::clip;
use crate::import::fault::{Faults, Refused};
use crate::import::lines::{day, named};
use crate::import::sheet::{Line, Sheet};
use crate::text;
use crate::unit::{NAME_MAX, sector};

/// A line whose cells are right by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub line: u64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: UnitKind,
    pub parent: Option<String>,
    pub coordinator: Option<String>,
    pub bloc: Option<String>,
    pub sector: Option<String>,
    pub established_on: Option<NaiveDate>,
}

/// The units that are new, parents first.
pub fn checked(
    sheet: &Sheet,
    known: &HashMap<String, Existing>,
    blocs: &[String],
    today: NaiveDate,
) -> Result<Vec<Entry>, Refused> {
    let mut faults = Faults::default();
    let (mut entries, mut links) = (Vec::new(), Vec::new());
    let mut first_lines: HashMap<&str, u64> = HashMap::new();
    for line in sheet.lines() {
        if let Some(first) = first_lines.get(line.cell(CODE)) {
            faults.add(line.number, "code", format!("line {first} has the same code"));
            // What else is wrong with it is said too.
            entry(&mut faults, line, blocs, today);
            continue;
        }
        first_lines.insert(line.cell(CODE), line.number);
        let entry = entry(&mut faults, line, blocs, today);
        match (known.get(line.cell(CODE)), entry) {
            (Some(unit), Some(entry)) => same(&mut faults, sheet, &entry, unit),
            (Some(_), None) => {}
            (None, entry) => {
                links.push(Link::of(line));
                entries.extend(entry);
            }
        }
    }
    let order = tree::checked(&mut faults, known, &links);
    faults.finish()?;
    // Without a fault every new line has an entry and a link, in the same order.
    let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|i| entries[i].take()).collect())
}

fn entry(faults: &mut Faults, line: Line<'_>, blocs: &[String], today: NaiveDate) -> Option<Entry> {
    let number = line.number;
    let code = faults.take(number, "code", text::code("code", line.cell(CODE)));
    let name = faults.take(number, "name", text::line("name", line.cell(NAME), NAME_MAX));
    let name_en = faults.take(number, "name_en", text::optional("name_en", line.given(NAME_EN), NAME_MAX));
    let kind = faults.take(number, "kind", named::<UnitKind>(line.cell(KIND)));
    let sector = faults.take(number, "sector", sector("sector", line.given(SECTOR)));
    let bloc = faults.take(number, "bloc", bloc(line.given(BLOC), blocs));
    let established_on = faults.take(number, "established_on", established(line.given(ESTABLISHED_ON), today));
    Some(Entry {
        line: number,
        code: code?,
        name: name?,
        name_en: name_en?,
        kind: kind?,
        parent: line.given(PARENT).map(str::to_owned),
        coordinator: line.given(COORDINATOR).map(str::to_owned),
        bloc: bloc?,
        sector: sector?,
        established_on: established_on?,
    })
}

fn bloc(given: Option<&str>, blocs: &[String]) -> Result<Option<String>, String> {
    let Some(bloc) = given else { return Ok(None) };
    if blocs.iter().any(|known| known == bloc) {
        return Ok(Some(bloc.to_owned()));
    }
    Err(format!("no bloc has the code \"{}\"; the federation's are: {}", clip(bloc), blocs.join(", ")))
}

fn established(given: Option<&str>, today: NaiveDate) -> Result<Option<NaiveDate>, String> {
    match given.map(day).transpose()? {
        Some(day) if day > today => Err(format!("{day} lies in the future")),
        day => Ok(day),
    }
}

/// A unit that is there must be what the line says, as far as the file has the columns.
fn same(faults: &mut Faults, sheet: &Sheet, entry: &Entry, unit: &Existing) {
    let date = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let pairs = [
        (NAME, "name", Some(entry.name.clone()), Some(unit.name.clone())),
        (NAME_EN, "name_en", entry.name_en.clone(), unit.name_en.clone()),
        (KIND, "kind", Some(entry.kind.to_value()), Some(unit.kind.to_value())),
        (PARENT, "parent", entry.parent.clone(), unit.parent.clone()),
        (COORDINATOR, "coordinator", entry.coordinator.clone(), unit.coordinator.clone()),
        (BLOC, "bloc", entry.bloc.clone(), unit.bloc.clone()),
        (SECTOR, "sector", entry.sector.clone(), unit.sector.clone()),
        (ESTABLISHED_ON, "established_on", date(entry.established_on), date(unit.established_on)),
    ];
    for (column, name, said, stands) in pairs {
        if sheet.has(column) && said != stands {
            let [said, stands] =
                [said, stands].map(|value| value.map_or("nothing".to_owned(), |v| format!("\"{}\"", clip(&v))));
            faults.add(entry.line, name, format!("{} is there already with {stands}, not {said}", entry.code));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::COLUMNS;
    use super::*;

    fn check(text: &str, known: &[Existing]) -> Result<Vec<String>, Vec<String>> {
        let sheet = Sheet::parse(text.as_bytes(), COLUMNS).ok().unwrap();
        let known = known.iter().map(|unit| (unit.code.clone(), unit.clone())).collect();
        let blocs = ["ENTERPRISE".to_owned(), "PUBLIC".to_owned()];
        match checked(&sheet, &known, &blocs, "2026-01-01".parse().unwrap()) {
            Ok(entries) => Ok(entries.into_iter().map(|entry| entry.code).collect()),
            Err(Refused::Faults(faults)) => Err(faults.iter().map(ToString::to_string).collect()),
            Err(Refused::Failed(error)) => panic!("{error}"),
        }
    }

    fn root() -> Existing {
        Existing {
            id: 1,
            code: "TLD".to_owned(),
            name: "Tổng Liên đoàn".to_owned(),
            name_en: None,
            kind: UnitKind::NationalConfederation,
            parent: None,
            coordinator: None,
            bloc: None,
            sector: None,
            established_on: None,
            dissolved_on: None,
        }
    }

    const TREE: &str = "code,name,kind,parent\n\
        D1,Quận,DISTRICT_FEDERATION,P1\n\
        TLD,Tổng Liên đoàn,NATIONAL_CONFEDERATION,\n\
        P1,Tỉnh,PROVINCIAL_FEDERATION,TLD\n";

    #[test]
    fn lines_in_any_order_come_out_parents_first() {
        assert_eq!(check(TREE, &[]), Ok(vec!["TLD".to_owned(), "P1".to_owned(), "D1".to_owned()]));
        // Decomposed letters are the same name.
        let again = TREE.replace("Tổng", "To\u{302}\u{309}ng");
        assert_eq!(check(&again, &[root()]), Ok(vec!["P1".to_owned(), "D1".to_owned()]));
    }

    #[test]
    fn a_unit_that_is_there_must_say_the_same() {
        let other = TREE.replace("Tổng Liên đoàn", "Liên đoàn");
        let expected = "line 3, column name: TLD is there already with \"Tổng Liên đoàn\", not \"Liên đoàn\"";
        assert_eq!(check(&other, &[root()]), Err(vec![expected.to_owned()]));
    }

    #[test]
    fn there_is_one_root() {
        let two = "code,name,kind,parent\nA,A,NATIONAL_CONFEDERATION,\nB,B,NATIONAL_CONFEDERATION,\n";
        assert_eq!(
            check(two, &[]).unwrap_err(),
            ["line 3, column parent: the tree has one root, and A is it: name a parent"]
        );
        assert_eq!(check(two, &[root()]).unwrap_err().len(), 2);
        let none = "code,name,kind,parent\nA,A,PROVINCIAL_FEDERATION,TLD\n";
        assert_eq!(check(none, &[]).unwrap_err().len(), 2);
        let wrong = "code,name,kind,parent\nA,A,UNION_TEAM,\n";
        assert!(check(wrong, &[]).unwrap_err()[0].starts_with("line 2, column parent: a UNION_TEAM is no root"));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let text = "code,name,kind,parent,bloc,established_on\n\
            A,A,GRASSROOTS_UNION,B,NOPE,2099-01-01\n\
            B,B,GRASSROOTS_UNION,A,,\n\
            C,C,GRASSROOTS_UNION,TLD,,\n\
            D,D,TEAM,X,,yesterday\n\
            D,D,GRASSROOTS_UNION,TLD,,\n\
            E,,PROVINCIAL_FEDERATION,TLD,,\n";
        let places: Vec<String> = check(text, &[root()])
            .unwrap_err()
            .iter()
            .filter_map(|fault| fault.split_once(':').map(|(place, _)| place.to_owned()))
            .collect();
        let expected = [
            "line 2, column bloc",
            "line 2, column established_on",
            "line 2, column parent",
            "line 4, column parent",
            "line 5, column established_on",
            "line 5, column kind",
            "line 5, column parent",
            "line 6, column code",
            "line 7, column name",
        ];
        assert_eq!(places, expected);
    }
}
