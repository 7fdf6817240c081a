//! What the codes in a file name.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::FromQueryResult;

use super::fault::Faults;
use super::sheet::{Line, Sheet};
use crate::access::Viewer;
use crate::error::{Result, clip};
use crate::programme::{self, Definition};
use crate::store::Tx;

/// A unit that a line names.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Place {
    pub id: i64,
    code: String,
    dissolved_on: Option<NaiveDate>,
}

/// Units and programmes by their codes.
#[derive(Default)]
pub struct Codes {
    units: HashMap<String, Place>,
    programmes: HashMap<String, Arc<Definition>>,
}

impl Codes {
    /// Looks up what stands in the two columns of all lines.
    pub async fn of(tx: &Tx, sheet: &Sheet, unit: usize, programme: usize) -> Result<Codes> {
        let units: HashSet<&str> = sheet.lines().map(|line| line.cell(unit)).collect();
        let mut sql = tx.sql("SELECT id, code, dissolved_on FROM unit WHERE ");
        let these = sql.any_text("code", &units.into_iter().collect::<Vec<_>>());
        sql.push(&these);
        let units = tx.all::<Place>(sql).await?.into_iter().map(|place| (place.code.clone(), place)).collect();
        let codes: HashSet<String> = sheet.lines().map(|line| line.cell(programme).to_owned()).collect();
        // The command line is nobody, but somebody who sees every definition; no account has the id 0.
        let programmes = programme::by_code(tx, Viewer::of(0), &codes.into_iter().collect::<Vec<_>>()).await?;
        Ok(Codes { units, programmes })
    }

    /// The unit of the line, while it lives.
    pub fn unit(&self, faults: &mut Faults, line: Line<'_>, column: usize) -> Option<&Place> {
        let code = line.cell(column);
        let found = match self.units.get(code) {
            None => Err(format!("no unit has the code \"{}\"", clip(code))),
            Some(Place { dissolved_on: Some(day), .. }) => Err(format!("the unit {code} was dissolved on {day}")),
            Some(place) => Ok(place),
        };
        faults.take(line.number, line.name(column), found)
    }

    pub fn programme(&self, faults: &mut Faults, line: Line<'_>, column: usize) -> Option<&Arc<Definition>> {
        let code = line.cell(column);
        let found = self.programmes.get(code);
        let missing = || format!("no programme has the code \"{}\"", clip(code));
        faults.take(line.number, line.name(column), found.ok_or_else(missing))
    }
}
