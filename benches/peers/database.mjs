// The schema `peer` in the database: made, looked over, taken away.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

const TABLES = ["unit", "participant_group", "rollup", "rollup_group", "initiative", "author", "approved"];

/** How many summaries of a programme are not what their initiatives, or their groups, add up to. */
const WRONG = `SELECT count(*)::int AS wrong FROM peer.rollup r
  LEFT JOIN (SELECT a.unit_id, count(*) AS approved, sum(i.verified_benefit) AS verified
             FROM peer.approved a JOIN peer.initiative i ON i.id = a.initiative_id WHERE a.programme = $1 GROUP BY 1) a USING (unit_id)
  LEFT JOIN (SELECT unit_id, sum(approved) AS approved, sum(verified_benefit) AS verified
             FROM peer.rollup_group WHERE programme = $1 GROUP BY 1) g USING (unit_id)
  WHERE r.programme = $1 AND ((r.approved, r.verified_benefit) IS DISTINCT FROM (coalesce(a.approved, 0), coalesce(a.verified, 0))
    OR (r.approved, r.verified_benefit) IS DISTINCT FROM (g.approved, g.verified))`;

export async function connect(url) {
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  return database;
}

/** Makes the schema anew, of what the database holds now. */
export async function prepare(database) {
  const text = (file) => readFileSync(join(import.meta.dirname, file), "utf8");
  await database.query(`BEGIN; ${text("prepare.sql")} ${text("approve.sql")} COMMIT;`);
  for (const table of TABLES) await database.query(`VACUUM ANALYZE peer.${table}`);
}

export async function checkSummaries(database, programme) {
  const { wrong } = (await database.query(WRONG, [programme])).rows[0];
  if (wrong > 0) throw new Error(`${wrong} summaries of the peers are wrong`);
}

export async function drop(database) {
  await database.query("DROP SCHEMA IF EXISTS peer CASCADE");
}
