//! The tree: the real units from the embedded table, then local sector and zone unions, then the grassroots.

use std::collections::HashMap;

use rand::Rng;

use super::scale::Scale;
use super::{PlanUnit, grassroots, spread};

const UNITS: &str = include_str!("../../../data/units-2022.csv");
const DISTRICTS: &str = include_str!("../../../data/districts-2022.csv");

/// At the small scale, districts with at least so many communes get a second grassroots union.
const LARGE_DISTRICT: u32 = 12;

/// Provinces with a union of their industrial, export-processing and economic zones.
const INDUSTRIAL: [&str; 22] = [
    "P01", "P22", "P24", "P26", "P27", "P30", "P31", "P33", "P35", "P36", "P38", "P40", "P48", "P49", "P51", "P70",
    "P72", "P74", "P75", "P77", "P79", "P80",
];

/// What kind of people a unit has; decides for which groups they write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Workplace {
    /// A public service unit: school, hospital.
    Service,
    /// An enterprise, or a service unit that is not public.
    Enterprise,
    /// A body of the party or the state.
    Office,
    /// The office of a union above the grassroots.
    Union,
}

/// The tree, with what the later stages need to know of each unit.
pub(super) struct Ground {
    /// All units, parents first.
    pub units: Vec<PlanUnit>,
    /// For each unit the direct unit above it, or itself; the root stands for itself.
    pub direct: Vec<usize>,
    /// For each unit its kind of people; none where no members are planned.
    pub workplace: Vec<Option<Workplace>>,
    /// Indexes of the direct units.
    pub directs: Vec<usize>,
}

impl Ground {
    /// Adds a unit and answers its index.
    pub(super) fn add(&mut self, unit: PlanUnit, workplace: Option<Workplace>) -> usize {
        let index = self.units.len();
        self.direct.push(match unit.parent {
            None | Some(0) => index,
            Some(parent) => self.direct[parent],
        });
        if unit.parent == Some(0) {
            self.directs.push(index);
        }
        self.units.push(unit);
        self.workplace.push(workplace);
        index
    }

    /// Index of a real unit by its code.
    pub(super) fn index_of(&self, code: &str) -> Result<usize, String> {
        self.units.iter().position(|unit| unit.code == code).ok_or_else(|| format!("units-2022.csv: no unit {code}"))
    }
}

/// The whole tree.
pub(super) fn ground(rng: &mut impl Rng, scale: Scale) -> Result<Ground, String> {
    let mut ground = Ground { units: Vec::new(), direct: Vec::new(), workplace: Vec::new(), directs: Vec::new() };
    real(&mut ground)?;
    let communes = communes()?;
    let real = ground.units.len();
    let mut parents = Vec::new();
    for index in 0..real {
        match ground.units[index].kind {
            "PROVINCIAL_FEDERATION" => parents.extend(local(&mut ground, index)?),
            "DISTRICT_FEDERATION" | "CENTRAL_SECTOR_UNION" | "CORPORATION_UNION" => parents.push(index),
            _ => {}
        }
    }
    let communes_of = |unit: &PlanUnit| {
        let district = unit.code.strip_prefix('D');
        district.map(|code| communes.get(code).copied().unwrap_or(0))
    };
    let counts = match scale {
        Scale::Small => None,
        Scale::Full => Some(spread::over(rng, &ground, &parents, &communes_of)?),
    };
    for (place, index) in parents.into_iter().enumerate() {
        let unit = &ground.units[index];
        let (communes, direct) = (communes_of(unit), unit.parent == Some(0));
        let count = match (&counts, communes) {
            (_, Some(0)) => {
                grassroots::island(&mut ground, index);
                continue;
            }
            (Some(counts), _) => counts[place],
            (None, Some(communes)) => 1 + usize::from(communes >= LARGE_DISTRICT),
            (None, None) if direct => rng.random_range(4..=7),
            (None, None) => rng.random_range(1..=2),
        };
        grassroots::below(rng, &mut ground, index, count);
    }
    grassroots::inside(rng, &mut ground, scale);
    Ok(ground)
}

/// The units of the embedded table, in its order.
fn real(ground: &mut Ground) -> Result<(), String> {
    let wrong = |what: &str| format!("units-2022.csv: {what}");
    let mut by_code = HashMap::new();
    for row in csv::Reader::from_reader(UNITS.as_bytes()).records() {
        let row = row.map_err(|error| wrong(&error.to_string()))?;
        let [code, name, name_en, kind, parent] = [0, 1, 2, 3, 4].map(|column| row.get(column).unwrap_or_default());
        let parent = match parent {
            "" => None,
            parent => Some(*by_code.get(parent).ok_or_else(|| wrong(&format!("{code} stands before {parent}")))?),
        };
        let unit = PlanUnit {
            code: code.to_owned(),
            name: name.to_owned(),
            name_en: Some(name_en.to_owned()).filter(|name| !name.is_empty()),
            kind: real_kind(kind).ok_or_else(|| wrong(&format!("unknown kind {kind}")))?,
            parent,
            coordinator: None,
            bloc: None,
            sector: grassroots::branch(code).map(|branch| branch.sector),
        };
        by_code.insert(code.to_owned(), ground.add(unit, None));
    }
    Ok(())
}

fn real_kind(kind: &str) -> Option<&'static str> {
    [
        "NATIONAL_CONFEDERATION",
        "PROVINCIAL_FEDERATION",
        "CENTRAL_SECTOR_UNION",
        "CORPORATION_UNION",
        "DISTRICT_FEDERATION",
    ]
    .into_iter()
    .find(|known| *known == kind)
}

/// Count of communes by district code.
fn communes() -> Result<HashMap<String, u32>, String> {
    let wrong = |what: String| format!("districts-2022.csv: {what}");
    let mut reader = csv::Reader::from_reader(DISTRICTS.as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.map_err(|error| wrong(error.to_string()))?;
        let [code, count] = [0, 6].map(|column| row.get(column).unwrap_or_default());
        Ok((code.to_owned(), count.parse().map_err(|_| wrong(format!("{code} has {count} communes")))?))
    });
    rows.collect()
}

/// The education and the health union of a province, and its zone union where it has one.
fn local(ground: &mut Ground, province: usize) -> Result<Vec<usize>, String> {
    let above = ground.units[province].clone();
    let mut unions = vec![
        ("NGD", "Công đoàn ngành Giáo dục", "Education Trade Union", Some((ground.index_of("S01")?, "EDUCATION"))),
        ("NYT", "Công đoàn ngành Y tế", "Health Trade Union", Some((ground.index_of("S02")?, "HEALTH"))),
    ];
    if INDUSTRIAL.contains(&above.code.as_str()) {
        unions.push(("KCN", "Công đoàn các khu công nghiệp", "Industrial Zones Trade Union", None));
    }
    let added = unions.into_iter().map(|(suffix, name, name_en, sector)| {
        let unit = PlanUnit {
            code: format!("{}-{suffix}", above.code),
            name: format!("{name} {}", place(&above.name)),
            name_en: above.name_en.as_deref().map(|name| name.replace("Federation of Labour", name_en)),
            kind: if sector.is_some() { "LOCAL_SECTOR_UNION" } else { "ZONE_UNION" },
            parent: Some(province),
            coordinator: sector.map(|(coordinator, _)| coordinator),
            bloc: None,
            sector: sector.map(|(_, sector)| sector),
        };
        ground.add(unit, Some(Workplace::Union))
    });
    Ok(added.collect())
}

/// "tỉnh Hà Giang" of "Liên đoàn Lao động tỉnh Hà Giang".
pub(super) fn place(name: &str) -> &str {
    name.strip_prefix("Liên đoàn Lao động ").unwrap_or(name)
}
