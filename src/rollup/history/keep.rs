//! Keeping history up, behind whoever writes: one server at a time, by a lease. That two should keep it at once does no harm: each
//! writes only what follows on what it saw.

use std::time::Duration;

use sea_orm::FromQueryResult;

use super::closed::Closing;
use super::days::{self, Days};
use super::due::{Due, Dues};
use super::grade::Grade;
use super::nets::{Added, Book};
use super::seats::{Keeper, Keepers};
use super::span::{Reach, Span};
use super::write::{self, Seen};
use crate::app::App;
use crate::error::Result;
use crate::ledger::SHALLOW;
use crate::store::Tx;

/// From one look to the next. Writers tell nobody; and what is not kept yet is answered by events, so nobody waits for it.
const EVERY: Duration = Duration::from_secs(2);

/// How long a lease holds that is not renewed.
const LEASE: i64 = 15_000;

/// Events that are taken together while a server runs: bounds its memory, and how long SQLite's one writer is taken.
const SERVING: usize = 8_192;

/// The same where nothing else goes on: memory grows by it, and time does not.
const LOADING: usize = 250_000;

/// What a server that keeps history up remembers from look to look.
pub struct Keeping {
    me: i64,
    closing: Closing,
    due: Due,
}

/// Keeps history up as long as the server runs.
pub async fn run_keeper(app: App) {
    let mut keeping = Keeping::of(&app);
    let app = loop {
        match app.store.background(&app.config).await {
            Ok(store) => break app.on(store),
            Err(error) => tracing::warn!(%error, "history cannot be kept up; it is tried again"),
        }
        tokio::time::sleep(EVERY).await;
    };
    loop {
        if let Err(error) = keeping.turn(&app).await {
            tracing::warn!(%error, "history cannot be kept up; it is tried again");
        }
        tokio::time::sleep(EVERY).await;
    }
}

impl Keeping {
    pub fn of(app: &App) -> Keeping {
        Keeping { me: app.new_id(), closing: Closing::default(), due: Due::default() }
    }

    /// Does what there is to do, unless another server keeps history up.
    pub async fn turn(&mut self, app: &App) -> Result<()> {
        loop {
            let closed = self.closing.look(app).await?;
            let tx = app.store.read().await?;
            let due = self.due.look(&tx, &app.config.history, closed).await?;
            let anything = !due.is_empty() || anything_to_prepare(app, &tx).await?;
            drop(tx);
            if !anything || !lease(app, self.me).await? || !serve(app, &due, closed).await? {
                return Ok(());
            }
        }
    }
}

/// Keeps up with everything that is closed now, and answers when there is nothing left to do; for loading and for tests, on a store
/// that is not bounded in time. False where nothing could be closed, because somebody writes for very long: history is then left to
/// a server, and events answer meanwhile.
pub async fn keep_up(app: &App) -> Result<bool> {
    let Some(closed) = Closing::settle(app).await? else { return Ok(false) };
    let mut known = None;
    while prepare(app).await? || advance(app, &Grade::ALL, closed, LOADING, true, &mut known).await? {}
    Ok(true)
}

/// Takes the lease, or renews it; false where another server has it.
async fn lease(app: &App, me: i64) -> Result<bool> {
    let tx = app.store.write().await?;
    let mut sql = tx.sql("UPDATE rollup_keeper SET holder = ");
    let me = sql.bind(me);
    let now = sql.now(&app.clock);
    sql.push(&format!("{me}, until = {now} + {LEASE} WHERE id = 1 AND (holder = {me} OR until < {now})"));
    let held = tx.run(sql).await? > 0;
    tx.commit().await?;
    Ok(held)
}

/// Whether units or days are to be built, or units to be kept from now on.
async fn anything_to_prepare(app: &App, tx: &Tx) -> Result<bool> {
    Ok(!unbuilt(tx).await?.is_empty()
        || !days::are_kept(tx, app.config.time_zone).await?
        || !tx.ids(tx.sql(format!("{} LIMIT 1", unknown("u.id")))).await?.is_empty())
}

/// One piece of what there is to do while a server runs, for the grades that are due; false where there was nothing.
async fn serve(app: &App, due: &Dues, closed: i64) -> Result<bool> {
    if prepare(app).await? {
        return Ok(true);
    }
    let mut done = false;
    for (grades, wait) in [(&due.grades, true), (&due.waiting, false)] {
        for grade in grades {
            done |= advance(app, &[*grade], closed, SERVING, wait, &mut None).await?;
        }
    }
    Ok(done)
}

/// Begins to keep what is not kept yet, and builds days or one unit that have to be built; false where there was nothing.
async fn prepare(app: &App) -> Result<bool> {
    register(app).await?;
    let tx = app.store.read().await?;
    let next = unbuilt(&tx).await?.into_iter().next();
    let kept = days::are_kept(&tx, app.config.time_zone).await?;
    drop(tx);
    let mut built = false;
    if !kept {
        // Nothing waits for it: events answer.
        built = days::build(app).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "days cannot be built; it is tried again");
            false
        });
    }
    if let Some(unbuilt) = &next {
        build(app, unbuilt).await?;
    }
    Ok(built || next.is_some())
}

/// Inner units whose history is not kept yet.
fn unknown(columns: &str) -> String {
    format!(
        "SELECT {columns} AS id FROM unit u WHERE u.has_cells AND NOT EXISTS \
         (SELECT 1 FROM rollup_kept k WHERE k.unit_id = u.id AND k.reported)"
    )
}

/// Begins to keep them: where there is no mark yet there is nothing to build.
async fn register(app: &App) -> Result<()> {
    let tx = app.store.read().await?;
    let none = tx.ids(tx.sql(format!("{} LIMIT 1", unknown("u.id")))).await?.is_empty();
    drop(tx);
    if none {
        return Ok(());
    }
    let tx = app.store.write().await?;
    let sql = tx.sql(format!(
        "INSERT INTO rollup_kept (unit_id, reported, grade, built) SELECT x.id, TRUE, g.grade, \
         NOT EXISTS (SELECT 1 FROM rollup_mark m WHERE m.grade = g.grade AND m.at > 0) FROM ({}) x JOIN unit v ON v.id = x.id \
         JOIN (SELECT 0 AS grade UNION ALL SELECT 1 UNION ALL SELECT 2) g ON (g.grade < 2) = (v.depth <= {SHALLOW}) \
         WHERE TRUE ON CONFLICT DO NOTHING",
        unknown("u.id")
    ));
    tx.run(sql).await?;
    tx.commit().await
}

#[derive(FromQueryResult)]
struct Unbuilt {
    unit_id: i64,
    reported: bool,
    grade: i32,
}

async fn unbuilt(tx: &Tx) -> Result<Vec<Unbuilt>> {
    tx.all(tx.sql("SELECT unit_id, reported, grade FROM rollup_kept WHERE NOT built LIMIT 1")).await
}

/// Builds the history of one unit, from the first event to the grade's latest mark.
async fn build(app: &App, unbuilt: &Unbuilt) -> Result<bool> {
    let tx = app.store.read().await?;
    let grade = Grade::of_number(unbuilt.grade);
    let marks = write::marks(&tx, grade).await?;
    let seen = Seen {
        grade,
        last_mark: marks.last().copied().unwrap_or(0),
        tree: write::tree_version(&tx).await?,
        bulk: false,
    };
    let mut sql = tx.sql("");
    let (now, past) = (sql.bind(unbuilt.unit_id), sql.bind(unbuilt.unit_id));
    sql.push(&format!(
        "SELECT descendant_id AS id FROM unit_closure WHERE ancestor_id = {now} UNION \
         SELECT descendant_id FROM unit_closure_past WHERE ancestor_id = {past}"
    ));
    let below = tx.ids(sql).await?;
    let span = Span::whole(&tx, grade, marks, &below).await?;
    let keeper: Keeper = (unbuilt.unit_id, unbuilt.reported);
    let keepers = Keepers::from([(keeper, vec![grade])]);
    let rows = Book::new(keepers, &[grade], app.config.time_zone)
        .rows(&tx, Some(&below), &span)
        .await?
        .cells
        .pop()
        .unwrap_or_default();
    drop(tx);
    write::replace(app, &seen, keeper, &rows).await
}

/// What was known after these marks of grades were written, and of which tree.
struct Known {
    tree: i64,
    marks: Vec<(Grade, i64)>,
    book: Book,
}

/// Adds what has happened since the grades' latest marks, up to as many new marks as events allow. What is known then is kept for
/// what comes next, where nothing else goes on.
async fn advance(
    app: &App,
    grades: &[Grade],
    closed: i64,
    most: usize,
    wait: bool,
    known: &mut Option<Known>,
) -> Result<bool> {
    let tx = app.store.read().await?;
    let mut begin = Vec::with_capacity(grades.len());
    for grade in grades {
        begin.push((*grade, write::last_mark(&tx, *grade).await?, grade.every(&app.config.history)));
    }
    let bulk = most == LOADING;
    if bulk {
        tx.begin_bulk(64).await?;
    }
    let Some(span) = Span::next(&tx, &begin, closed, most, wait).await? else {
        if bulk {
            tx.shrink().await?;
        }
        return Ok(false);
    };
    let tree = write::tree_version(&tx).await?;
    let keepers = write::built(&tx, grades).await?;
    let marks: Vec<(Grade, i64)> = begin.iter().map(|(grade, from, _)| (*grade, *from)).collect();
    // Whoever else has been at it meanwhile has set other marks.
    let same = |known: &Known| known.tree == tree && known.marks == marks && *known.book.keepers() == keepers;
    let kept = known.take().filter(same);
    let mut now = match kept {
        Some(known) => known,
        None => {
            let mut book = Book::new(keepers, grades, app.config.time_zone);
            if bulk && begin.iter().all(|(_, from, _)| *from == 0) {
                let every: Vec<(Grade, usize)> = begin.iter().map(|(grade, _, every)| (*grade, *every)).collect();
                book.meet_everybody(&tx, &every, closed).await?;
            }
            Known { tree, marks, book }
        }
    };
    let Added { cells, mut turnout } = now.book.rows(&tx, None, &span).await?;
    if bulk {
        tx.shrink().await?;
    }
    drop(tx);
    let mut added = true;
    for (reach, rows) in span.reaches.iter().zip(cells) {
        let seen = Seen { grade: reach.grade, last_mark: reach.from, tree, bulk };
        let days = (reach.grade == days::GRADE).then(|| {
            let turnout = turnout.take(reach);
            Days::of(app.config.time_zone, reach, &span.changes, turnout)
        });
        added &= write::add(app, &seen, &span.counted(reach), &rows, days.transpose()?).await?;
    }
    for (grade, mark) in &mut now.marks {
        *mark = span.reach(*grade).map_or(*mark, Reach::to);
    }
    *known = added.then_some(now);
    Ok(true)
}
