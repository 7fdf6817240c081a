//! The published figures, computed from a database that holds the demo: each is answered by the ordinary API, as an analyst of
//! the confederation would ask it. Nothing here knows an answer.
//!
//! `table` says what to ask for each figure, `ask` asks, `value` calculates with exact fractions, `verdict` compares, `published`
//! reads the figures' file.

mod ask;
mod published;
mod table;
mod value;
mod verdict;

use std::collections::HashMap;

use super::cast::{ANALYST, cast};
use super::plan::Scale;
use crate::app::App;
use crate::error::{Error, Result};
use crate::watch::Watch;
use ask::Asking;
use table::{How, Scope};
pub use verdict::Verdict;
use verdict::judge;

/// A published figure beside what the database says.
#[derive(Clone, Debug)]
pub struct Line {
    /// Such as `F043`.
    pub id: String,
    /// Instant, unit and measure.
    pub what: String,
    /// With its qualifier.
    pub published: String,
    /// None where nothing was computed.
    pub computed: Option<String>,
    pub verdict: Verdict,
    /// Why, where that is not plain.
    pub note: String,
}

/// Computes every published figure. `app` should be in no hurry.
pub async fn figures(app: &App, scale: Scale, watch: &dyn Watch) -> Result<Vec<Line>> {
    let published = published::published()?;
    let tx = app.store.read().await?;
    let analyst = cast(&tx).await?.into_iter().find(|part| part.key == ANALYST.key);
    let analyst = analyst.ok_or_else(|| Error::Internal("the demo has no analyst".to_owned()))?;
    drop(tx);
    let mut asking = Asking::new(app, analyst.account);
    let mut table: HashMap<&str, (How, Scope)> =
        table::table().into_iter().map(|(id, how, scope)| (id, (how, scope))).collect();
    watch.begin("figures", published.len() as u64);
    let mut lines = Vec::with_capacity(published.len());
    for figure in published {
        let (how, scope) = table.remove(figure.id.as_str()).ok_or_else(|| {
            Error::Internal(format!("published-figures.csv has {}, and nothing says how to compute it", figure.id))
        })?;
        lines.push(line(&mut asking, scale, figure, how, scope).await?);
        watch.advance(1);
    }
    Ok(lines)
}

async fn line(asking: &mut Asking, scale: Scale, figure: published::Figure, how: How, scope: Scope) -> Result<Line> {
    let (what, said) = (figure.what(), figure.said());
    let id = figure.id.clone();
    let none = |verdict, note: &str| Line {
        id: id.clone(),
        what: what.clone(),
        published: said.clone(),
        computed: None,
        verdict,
        note: note.to_owned(),
    };
    if scale == Scale::Small && scope == Scope::FullScale {
        return Ok(none(Verdict::NotModelled, "so small a part is there at full scale only"));
    }
    let (value, contradicted, note) = match how {
        How::NotModelled(why) => return Ok(none(Verdict::NotModelled, why)),
        How::Asked(sum, note) => (asking.value(&sum).await?, None, note),
        How::Contradicted(sum, why) => (asking.value(&sum).await?, Some(why), why),
    };
    let hundredth = scale == Scale::Small && scope == Scope::Scaled && published::is_scaled(&figure.measured_in);
    let verdict = match contradicted {
        Some(_) => Verdict::Contradicted,
        None => judge(value, &figure.value, figure.qualifier, hundredth)?,
    };
    Ok(Line {
        id,
        what,
        published: said,
        computed: Some(value.shown(figure.value.decimals)),
        verdict,
        note: note.to_owned(),
    })
}
