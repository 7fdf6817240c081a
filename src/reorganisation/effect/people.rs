//! People of units that end: members go with their records, or where a split sends them.

use super::{Deed, Touched};
use crate::account::{Leaving, join_too, rehome as send};
use crate::error::Result;
use crate::reorganisation::sketch::{Sketch, Sketched};
use crate::unit::restructure::Moment;

pub async fn rehome(deed: &Deed<'_>, sketch: &Sketch, moment: Moment) -> Result<Touched> {
    let units = sketch.those(Sketched::ends);
    let sources: Vec<i64> = sketch.lineage.iter().map(|(from, _)| *from).collect();
    let sent: Vec<i64> = sketch.members.keys().copied().collect();
    let goes =
        |account: i64, unit: i64| sketch.members.get(&account).copied().unwrap_or_else(|| sketch.seat(unit, false));
    let leaving = Leaving { reorganisation: deed.reorganisation, units: &units, sources: &sources, sent: &sent };
    let (members, grants) = send(deed.app, deed.tx, &leaving, goes, moment.recorded).await?;
    let admitted = join_too(deed.app, deed.tx, &sketch.authors, moment.recorded).await?;
    Ok(Touched { members, grants: grants + admitted, ..Touched::default() })
}
