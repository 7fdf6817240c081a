// The statements of the server that is written by hand. Those that answer many questions at once number them.

const MEASURES = `r.unit_id AS "unitId", r.programme, r.submitted, r.pending, r.returned, r.approved, r.rejected, r.revoked,
  r.claimed_benefit AS "claimedBenefit", r.verified_benefit AS "verifiedBenefit",
  r.benefit_not_computable AS "benefitNotComputable", r.participants, r.target`;

export const unit = "SELECT id, code, name FROM peer.unit WHERE code = $1";

export const units = `SELECT u.id, u.code, u.name FROM unnest($1::int[]) WITH ORDINALITY k (id, n)
  JOIN peer.unit u ON u.id = k.id ORDER BY k.n`;

export const children = `SELECT k.n::int AS n, c.id, c.code, c.name
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY k (id, most, n)
  CROSS JOIN LATERAL (SELECT id, code, name FROM peer.unit WHERE parent_id = k.id ORDER BY id LIMIT k.most) c ORDER BY k.n, c.id`;

export const rollups = `SELECT ${MEASURES} FROM unnest($1::int[], $2::text[]) WITH ORDINALITY k (id, programme, n)
  JOIN peer.rollup r ON r.unit_id = k.id AND r.programme = k.programme ORDER BY k.n`;

export const breakdowns = `SELECT k.n::int AS n, r.programme, r.position, r.submitted, r.approved,
  r.verified_benefit AS "verifiedBenefit", r.participants FROM unnest($1::int[], $2::text[]) WITH ORDINALITY k (id, programme, n)
  JOIN peer.rollup_group r ON r.unit_id = k.id AND r.programme = k.programme ORDER BY k.n, r.position`;

export const groups = "SELECT programme, position, code, label FROM peer.participant_group";

export const largest = `SELECT i.id, i.code, i.title, i.state, i.version, i.verified_benefit AS "verifiedBenefit", a.standing,
  i.unit_id AS "unitId" FROM peer.approved a JOIN peer.initiative i ON i.id = a.initiative_id
  WHERE a.unit_id = $1 AND a.programme = $2 ORDER BY a.standing, a.initiative_id LIMIT $3`;

export const authors = `SELECT k.n::int AS n, a.share, a.display_name AS "displayName"
  FROM unnest($1::int[]) WITH ORDINALITY k (id, n) JOIN peer.author a ON a.initiative_id = k.id ORDER BY k.n, a.position`;

export const approve = "SELECT code, version, state FROM peer.approve($1, $2, $3)";
