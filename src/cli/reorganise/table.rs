//! A table in plain characters.

/// The widest line.
pub const WIDTH: usize = 108;

/// Rows under a heading: the first `texts` columns to the left, the others to the right. The second column gives way where a line
/// would be too wide: of a sentence the beginning stays, of a name (`names`) the end, which tells it from others.
pub fn table(heading: &[&str], texts: usize, names: bool, rows: &[Vec<String>]) -> String {
    let wide = |cell: &str| cell.chars().count();
    let mut widths: Vec<usize> = heading.iter().map(|cell| wide(cell)).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(wide(cell));
        }
    }
    let all: usize = widths.iter().map(|width| width + 2).sum();
    if let Some(second) = widths.get_mut(1) {
        *second = second.saturating_sub(all.saturating_sub(WIDTH)).max(8);
    }
    let line = |cells: &[&str]| {
        let mut line = String::new();
        for (i, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let cell = clipped(cell, *width, names);
            let gap = " ".repeat(width.saturating_sub(wide(&cell)));
            line += &if i < texts { format!("{cell}{gap}  ") } else { format!("{gap}{cell}  ") };
        }
        format!("{}\n", line.trim_end())
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = line(heading) + &line(&rule.iter().map(String::as_str).collect::<Vec<_>>());
    for row in rows {
        text += &line(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text
}

fn clipped(cell: &str, width: usize, names: bool) -> String {
    let letters = cell.chars().count();
    if letters <= width {
        return cell.to_owned();
    }
    if names {
        let kept: String = cell.chars().skip(letters - width.saturating_sub(2)).collect();
        return format!("..{kept}");
    }
    let kept: String = cell.chars().take(width.saturating_sub(2)).collect();
    format!("{kept}..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_no_wider_than_a_screen() {
        let row = |name: &str, n: &str| vec!["P37".to_owned(), name.to_owned(), n.to_owned()];
        let text = table(&["unit", "name", "n"], 2, true, &[row("Ninh Bình", "7"), row("Hà Nam", "1234")]);
        assert_eq!(
            text,
            "unit  name          n\n----  ---------  ----\nP37   Ninh Bình     7\nP37   Hà Nam     1234\n"
        );
        let text = table(&["unit", "name", "n"], 2, true, &[row(&"Ninh Bình ".repeat(30), "7")]);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH) && text.contains(".."), "{text}");
    }
}
