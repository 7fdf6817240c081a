//! Grassroots unions and the levels inside them: names that are plausible, and say that they are samples.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::PlanUnit;
use super::programme::{ENTERPRISE, PUBLIC};
use super::scale::Scale;
use super::units::{Ground, Workplace, place};

/// What a union of a sector or a corporation has below it.
pub(super) struct Branch {
    /// Code of the unit.
    code: &'static str,
    /// Sector of the unit and of everything below it.
    pub sector: &'static str,
    /// What kind of people it has.
    pub workplace: Workplace,
    /// Names, completed by a number.
    names: [&'static str; 2],
}

const fn branch_of(code: &'static str, sector: &'static str, workplace: Workplace, names: [&'static str; 2]) -> Branch {
    Branch { code, sector, workplace, names }
}

const BRANCHES: [Branch; 20] = {
    use Workplace::{Enterprise, Office, Service};
    [
        branch_of("S01", "EDUCATION", Service, ["Trường Đại học", "Trường Cao đẳng Sư phạm"]),
        branch_of("S02", "HEALTH", Service, ["Bệnh viện Trung ương", "Viện Nghiên cứu Y học"]),
        branch_of("S03", "INDUSTRY_TRADE", Enterprise, ["Công ty Cơ khí", "Công ty Hóa chất"]),
        branch_of("S04", "CONSTRUCTION", Enterprise, ["Công ty Xây dựng", "Công ty Vật liệu xây dựng"]),
        branch_of("S05", "TRANSPORT", Enterprise, ["Công ty Vận tải", "Công ty Công trình giao thông"]),
        branch_of("S06", "AGRICULTURE", Enterprise, ["Công ty Nông nghiệp", "Công ty Khai thác công trình thủy lợi"]),
        branch_of("S07", "BANKING", Enterprise, ["Chi nhánh ngân hàng", "Trung tâm Dịch vụ ngân hàng"]),
        branch_of("S08", "INFORMATION", Enterprise, ["Công ty Viễn thông", "Bưu điện"]),
        branch_of("S09", "PUBLIC_ADMINISTRATION", Office, ["Cơ quan cấp bộ", "Cục chuyên ngành"]),
        branch_of("S10", "PUBLIC_SECURITY", Office, ["Đơn vị hậu cần", "Đơn vị kỹ thuật"]),
        branch_of("S11", "DEFENCE", Office, ["Xí nghiệp sửa chữa", "Đơn vị kho"]),
        branch_of("C01", "OIL_GAS", Enterprise, ["Công ty Dịch vụ dầu khí", "Nhà máy Lọc dầu"]),
        branch_of("C02", "ELECTRICITY", Enterprise, ["Công ty Điện lực", "Nhà máy Thủy điện"]),
        branch_of("C03", "MINING", Enterprise, ["Công ty Than", "Công ty Tuyển khoáng"]),
        branch_of("C04", "RUBBER", Enterprise, ["Công ty Cao su", "Nông trường Cao su"]),
        branch_of("C05", "TEXTILE", Enterprise, ["Công ty May", "Công ty Sợi"]),
        branch_of("C06", "RAILWAY", Enterprise, ["Công ty Đường sắt", "Xí nghiệp Đầu máy"]),
        branch_of("C07", "MARITIME", Enterprise, ["Công ty Vận tải biển", "Cảng biển"]),
        branch_of("C08", "AVIATION", Enterprise, ["Xí nghiệp Kỹ thuật hàng không", "Trung tâm Dịch vụ mặt đất"]),
        branch_of("C09", "SHIPBUILDING", Enterprise, ["Công ty Đóng tàu", "Xí nghiệp Sửa chữa tàu"]),
    ]
};

/// The branch of a central sector or corporation union.
pub(super) fn branch(code: &str) -> Option<&'static Branch> {
    BRANCHES.iter().find(|branch| branch.code == code)
}

/// A pattern of grassroots unions below territorial unions.
struct Shape {
    name: &'static str,
    workplace: Workplace,
    bloc: &'static str,
    sector: &'static str,
}

const fn shape(name: &'static str, workplace: Workplace, bloc: &'static str, sector: &'static str) -> Shape {
    Shape { name, workplace, bloc, sector }
}

/// In turn along the districts of a province, so that every province has every kind of workplace.
const SHAPES: [Shape; 16] = {
    use Workplace::{Enterprise, Office, Service};
    [
        shape("Trường Tiểu học", Service, PUBLIC, "EDUCATION"),
        shape("Công ty TNHH May", Enterprise, ENTERPRISE, "TEXTILE"),
        shape("Cơ quan Ủy ban nhân dân", Office, PUBLIC, "PUBLIC_ADMINISTRATION"),
        shape("Trường Trung học cơ sở", Service, PUBLIC, "EDUCATION"),
        shape("Công ty Cổ phần Cơ khí", Enterprise, ENTERPRISE, "INDUSTRY_TRADE"),
        shape("Trung tâm Y tế", Service, PUBLIC, "HEALTH"),
        shape("Công ty Cổ phần Chế biến nông sản", Enterprise, ENTERPRISE, "AGRICULTURE"),
        shape("Trường Mầm non", Service, PUBLIC, "EDUCATION"),
        shape("Công ty Cổ phần Xây dựng", Enterprise, ENTERPRISE, "CONSTRUCTION"),
        shape("Khối Đảng, đoàn thể", Office, PUBLIC, "PUBLIC_ADMINISTRATION"),
        shape("Trường Trung học phổ thông", Service, PUBLIC, "EDUCATION"),
        shape("Công ty TNHH Điện tử", Enterprise, ENTERPRISE, "INDUSTRY_TRADE"),
        shape("Bệnh viện Đa khoa", Service, PUBLIC, "HEALTH"),
        shape("Trường Mầm non tư thục", Enterprise, ENTERPRISE, "EDUCATION"),
        shape("Hợp tác xã Dịch vụ nông nghiệp", Enterprise, ENTERPRISE, "AGRICULTURE"),
        shape("Công ty Cổ phần Vận tải", Enterprise, ENTERPRISE, "TRANSPORT"),
    ]
};
const SCHOOLS: [Shape; 2] = [
    shape("Trường Trung học phổ thông", Workplace::Service, PUBLIC, "EDUCATION"),
    shape("Trung tâm Giáo dục thường xuyên", Workplace::Service, PUBLIC, "EDUCATION"),
];
const CLINICS: [Shape; 2] = [
    shape("Bệnh viện Chuyên khoa", Workplace::Service, PUBLIC, "HEALTH"),
    shape("Trung tâm Kiểm soát bệnh tật", Workplace::Service, PUBLIC, "HEALTH"),
];
const FACTORIES: [Shape; 2] = [
    shape("Công ty TNHH Linh kiện", Workplace::Enterprise, ENTERPRISE, "INDUSTRY_TRADE"),
    shape("Công ty TNHH Giày da", Workplace::Enterprise, ENTERPRISE, "TEXTILE"),
];
const SCHOOL_NAMES: [&str; 8] =
    ["Hoa Mai", "Bình Minh", "Sao Mai", "Hướng Dương", "Ánh Dương", "Măng Non", "Hoa Phượng", "Hòa Bình"];

/// How the names of grassroots unions begin.
const PREFIX: &str = "Công đoàn cơ sở ";

/// Grassroots unions directly below a unit.
pub(super) fn below(rng: &mut impl Rng, ground: &mut Ground, parent: usize, count: usize) {
    let above = ground.units[parent].clone();
    for number in 1..=count {
        if let Some(branch) = branch(&above.code) {
            let bloc = if branch.workplace == Workplace::Enterprise { ENTERPRISE } else { PUBLIC };
            let shape = shape(branch.names[number % 2], branch.workplace, bloc, branch.sector);
            add(
                ground,
                parent,
                format!("{}-G{number:02}", above.code),
                format!("{} số {number} (mẫu)", shape.name),
                &shape,
            );
            continue;
        }
        let shapes: &[Shape] = match above.sector {
            Some("EDUCATION") => &SCHOOLS,
            Some(_) => &CLINICS,
            None if above.kind == "ZONE_UNION" => &FACTORIES,
            None => &SHAPES,
        };
        // Numbered along the whole tree: neighbours differ, and no number comes twice.
        let serial = ground.units.len();
        let shape = &shapes[serial % shapes.len()];
        let called = match (shape.workplace, shape.sector) {
            (Workplace::Service | Workplace::Enterprise, "EDUCATION") => {
                format!("{} {}", shape.name, SCHOOL_NAMES.choose(rng).unwrap_or(&SCHOOL_NAMES[0]))
            }
            (Workplace::Enterprise, _) => format!("{} số {serial}", shape.name),
            (Workplace::Service, _) if above.kind != "DISTRICT_FEDERATION" && number <= 2 => {
                format!("{} số {number}", shape.name)
            }
            _ => shape.name.to_owned(),
        };
        // Small demos have two of a parent: what is called alike there is told apart by its region.
        let alike = !(shape.workplace == Workplace::Enterprise && shape.sector != "EDUCATION");
        let called = if number > 2 && alike { format!("{called} số {number}") } else { called };
        let region = match above.kind {
            "DISTRICT_FEDERATION" => place(&above.name).to_owned(),
            _ => above.parent.map(|province| place(&ground.units[province].name).to_owned()).unwrap_or_default(),
        };
        add(ground, parent, format!("{}-G{number}", above.code), format!("{called}, {region} (mẫu)"), shape);
    }
}

/// The one grassroots union of a district without communes.
pub(super) fn island(ground: &mut Ground, parent: usize) {
    let (code, name) = (format!("{}-G1", ground.units[parent].code), place(&ground.units[parent].name).to_owned());
    let office = shape("Cơ quan", Workplace::Office, PUBLIC, "PUBLIC_ADMINISTRATION");
    add(ground, parent, code, format!("{} {name} (mẫu)", office.name), &office);
}

fn add(ground: &mut Ground, parent: usize, code: String, name: String, shape: &Shape) {
    let unit = PlanUnit {
        code,
        name: format!("{PREFIX}{name}"),
        name_en: None,
        kind: "GRASSROOTS_UNION",
        parent: Some(parent),
        coordinator: None,
        bloc: Some(shape.bloc),
        sector: Some(shape.sector),
    };
    ground.add(unit, Some(shape.workplace));
}

/// Levels inside some of the grassroots unions: member unions, departmental unions, teams.
pub(super) fn inside(rng: &mut impl Rng, ground: &mut Ground, scale: Scale) {
    let one_in = match scale {
        Scale::Small => 14,
        Scale::Full => 700,
    };
    for index in 0..ground.units.len() {
        let unit = &ground.units[index];
        if unit.kind != "GRASSROOTS_UNION" || !rng.random_ratio(1, one_in) {
            continue;
        }
        let part = match unit.bloc {
            Some(ENTERPRISE) => "Phân xưởng",
            _ => "Khối chuyên môn",
        };
        let of = unit.name.strip_prefix(PREFIX).unwrap_or_default().to_owned();
        let mut add = |parent, kind, suffix, name: &str| level(ground, parent, kind, suffix, format!("{name}, {of}"));
        let mut holder = index;
        if rng.random_ratio(1, 3) {
            holder = add(index, "MEMBER_GRASSROOTS_UNION", "TV1", "Công đoàn cơ sở thành viên số 1");
            add(index, "MEMBER_GRASSROOTS_UNION", "TV2", "Công đoàn cơ sở thành viên số 2");
        }
        let department = add(holder, "DEPARTMENTAL_UNION", "BP1", &format!("Công đoàn bộ phận {part} số 1"));
        add(holder, "DEPARTMENTAL_UNION", "BP2", &format!("Công đoàn bộ phận {part} số 2"));
        add(department, "UNION_TEAM", "T1", "Tổ công đoàn số 1");
    }
}

fn level(ground: &mut Ground, parent: usize, kind: &'static str, suffix: &str, name: String) -> usize {
    let above = ground.units[parent].clone();
    let unit = PlanUnit { code: format!("{}-{suffix}", above.code), name, kind, parent: Some(parent), ..above };
    ground.add(unit, ground.workplace[parent])
}
