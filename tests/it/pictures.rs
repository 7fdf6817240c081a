//! The pictures of docs/reorganisation.md: drawn here, committed there.

use std::fmt::Write;

/// A unit: its code and name, what the lens credits it with, whether it has ended, and what stands below it.
struct Unit(&'static str, &'static str, &'static str, bool, Vec<Unit>);

const WIDTH: i32 = 168;
const HEIGHT: i32 = 58;
const GAP: i32 = 18;
const LEVEL: i32 = 104;

/// How wide everything below the unit is.
fn wide(unit: &Unit) -> i32 {
    let below: i32 = unit.4.iter().map(wide).sum();
    let gaps = GAP * i32::try_from(unit.4.len().saturating_sub(1)).unwrap();
    WIDTH.max(below + gaps)
}

fn draw(svg: &mut String, unit: &Unit, left: i32, top: i32) {
    let middle = left + wide(unit) / 2;
    let mut at = left;
    for below in &unit.4 {
        let child = at + wide(below) / 2;
        let (from, half, to) = (top + HEIGHT, top + HEIGHT + (LEVEL - HEIGHT) / 2, top + LEVEL);
        if !below.3 {
            writeln!(svg, r##"<path d="M{middle} {from}V{half}H{child}V{to}" fill="none" stroke="#666"/>"##).unwrap();
        }
        draw(svg, below, at, top + LEVEL);
        at += wide(below) + GAP;
    }
    let Unit(code, name, figure, ended, _) = unit;
    let (fill, line) = if *ended { ("#f2f2f2", r##" stroke-dasharray="5 4""##) } else { ("#eaf3ff", "") };
    let x = middle - WIDTH / 2;
    writeln!(
        svg,
        r##"<rect x="{x}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{fill}" stroke="#666"{line}/>"##
    )
    .unwrap();
    for (row, (text, weight)) in [(code, "bold"), (name, "normal"), (figure, "normal")].into_iter().enumerate() {
        let y = top + 18 + 16 * i32::try_from(row).unwrap();
        writeln!(svg, r##"<text x="{middle}" y="{y}" font-weight="{weight}">{text}</text>"##).unwrap();
    }
}

fn picture(title: &str, root: &Unit, levels: i32) -> String {
    let (width, height) = (wide(root) + 2 * GAP, 40 + LEVEL * (levels - 1) + HEIGHT + GAP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\" text-anchor=\"middle\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"{GAP}\" y=\"24\" text-anchor=\"start\" font-size=\"14\" font-weight=\"bold\">{title}</text>\n"
    );
    draw(&mut svg, root, GAP, 40);
    svg + "</svg>\n"
}

/// File and text of each.
fn pictures() -> Vec<(&'static str, String)> {
    let unit = |code, name, figure, below| Unit(code, name, figure, false, below);
    let district = |code, name, figure| unit(code, name, figure, vec![]);
    let ha_giang = || vec![district("D024", "Thành phố Hà Giang", "9"), district("P02-NGD", "Giáo dục Hà Giang", "8")];
    let tuyen_quang =
        || vec![district("D070", "Thành phố Tuyên Quang", "33"), district("P08-NGD", "Giáo dục Tuyên Quang", "13")];
    let before = unit(
        "TLD",
        "Tổng Liên đoàn",
        "24336 sent in",
        vec![unit("P02", "Hà Giang", "227", ha_giang()), unit("P08", "Tuyên Quang", "196", tuyen_quang())],
    );
    let all = ha_giang().into_iter().chain(tuyen_quang()).collect();
    let after = unit(
        "TLD",
        "Tổng Liên đoàn",
        "24336 sent in",
        vec![
            unit("TQ", "Tuyên Quang (mới)", "423", all),
            Unit("P02", "ended; followed by TQ", "0", true, vec![]),
            Unit("P08", "ended; followed by TQ", "0", true, vec![]),
        ],
    );
    vec![
        (
            "reorganisation-before.svg",
            picture("AS_REPORTED; AT an instant before; CURRENT until it is applied", &before, 3),
        ),
        ("reorganisation-after.svg", picture("CURRENT; AT an instant after", &after, 3)),
    ]
}

#[test]
fn the_pictures_of_the_documentation_are_drawn_here() {
    for (file, svg) in pictures() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
        if std::env::var_os("BANYAN_DRAW").is_some() {
            std::fs::write(&path, &svg).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == svg, "docs/{file} is another picture: run this test with BANYAN_DRAW=1, and look at it");
    }
}
