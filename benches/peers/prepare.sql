-- The tables of the peers: schema `peer`, filled from Banyan's own, as a team would shape them that knows the five questions beforehand.
-- Statements work on whole sets, indexes come after filling.

DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '512MB';
SET LOCAL jit = off;

-- Numbers run in the order in which units are listed. `path`: the unit and everything above it, the root last.
CREATE TABLE peer.unit AS
SELECT u.id AS was, (row_number() OVER (ORDER BY u.name_sort, u.code))::int AS id, u.code::text AS code, u.name,
       NULL::int AS parent_id, NULL::int[] AS path
FROM public.unit u;
CREATE UNIQUE INDEX unit_was ON peer.unit (was);
ANALYZE peer.unit;

CREATE TEMP TABLE above ON COMMIT DROP AS
SELECT c.descendant_id AS was, a.id AS ancestor, c.distance
FROM public.unit_closure c JOIN peer.unit a ON a.was = c.ancestor_id;
CREATE INDEX ON above (was);
ANALYZE above;
UPDATE peer.unit u SET path = p.path, parent_id = p.path[2]
FROM (SELECT was, array_agg(ancestor ORDER BY distance) AS path FROM above GROUP BY was) p WHERE p.was = u.was;

-- The groups of each programme.
CREATE TABLE peer.participant_group AS
SELECT p.code::text AS programme, g.position::int AS position, g.code::text AS code, g.name AS label, g.id AS was
FROM public.participant_group g JOIN public.programme p ON p.id = g.programme_id;

-- What counts of each unit by itself.
CREATE TEMP TABLE own ON COMMIT DROP AS
SELECT i.unit_id AS was, g.programme, g.position,
       count(*) AS submitted,
       count(*) FILTER (WHERE state = 'SUBMITTED') AS pending,
       count(*) FILTER (WHERE state = 'RETURNED') AS returned,
       count(*) FILTER (WHERE state = 'APPROVED') AS approved,
       count(*) FILTER (WHERE state = 'REJECTED') AS rejected,
       count(*) FILTER (WHERE state = 'REVOKED') AS revoked,
       sum(counted_claim) FILTER (WHERE state IN ('SUBMITTED', 'RETURNED', 'APPROVED')) AS claimed,
       sum(verified_benefit) FILTER (WHERE state = 'APPROVED') AS verified,
       count(*) FILTER (WHERE counted_opaque AND state IN ('SUBMITTED', 'RETURNED', 'APPROVED')) AS opaque
FROM public.initiative i JOIN peer.participant_group g ON g.was = i.group_id
WHERE state NOT IN ('DRAFT', 'WITHDRAWN') GROUP BY 1, 2, 3;
ANALYZE own;

-- Each person once for each unit and group.
CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT DISTINCT a.ancestor, g.programme, g.position, p.account_id
FROM public.participant p JOIN above a ON a.was = p.unit_id JOIN peer.participant_group g ON g.was = p.group_id
WHERE p.counted_to IS NULL;
ANALYZE person;

-- A unit with everything below it, in a programme. Room is left in the pages: approvals change rows where they stand.
CREATE TABLE peer.rollup (
  unit_id int NOT NULL, programme text COLLATE "C" NOT NULL,
  submitted int NOT NULL, pending int NOT NULL, returned int NOT NULL, approved int NOT NULL, rejected int NOT NULL,
  revoked int NOT NULL, claimed_benefit bigint NOT NULL, verified_benefit bigint NOT NULL, benefit_not_computable int NOT NULL,
  participants int NOT NULL, target int,
  ratio float8 GENERATED ALWAYS AS (approved::float8 / target) STORED
) WITH (fillfactor = 70);
INSERT INTO peer.rollup
SELECT u.id, p.code, coalesce(s.submitted, 0), coalesce(s.pending, 0), coalesce(s.returned, 0), coalesce(s.approved, 0),
       coalesce(s.rejected, 0), coalesce(s.revoked, 0), coalesce(s.claimed, 0), coalesce(s.verified, 0), coalesce(s.opaque, 0),
       coalesce(n.participants, 0), t.value
FROM peer.unit u CROSS JOIN public.programme p
LEFT JOIN (SELECT a.ancestor, programme, sum(submitted) AS submitted, sum(pending) AS pending, sum(returned) AS returned,
                  sum(approved) AS approved, sum(rejected) AS rejected, sum(revoked) AS revoked, sum(claimed) AS claimed,
                  sum(verified) AS verified, sum(opaque) AS opaque
           FROM own JOIN above a USING (was) GROUP BY 1, 2) s ON s.ancestor = u.id AND s.programme = p.code
LEFT JOIN (SELECT ancestor, programme, count(*) AS participants
           FROM (SELECT DISTINCT ancestor, programme, account_id FROM person) one GROUP BY 1, 2) n
       ON n.ancestor = u.id AND n.programme = p.code
LEFT JOIN (SELECT DISTINCT ON (unit_id, programme_id) unit_id, programme_id, value FROM public.target
           WHERE phase_id = 0 AND bloc = '' AND kind IN ('GUIDELINE', 'REGISTERED') ORDER BY 1, 2, kind) t
       ON t.unit_id = u.was AND t.programme_id = p.id
ORDER BY p.code, u.parent_id NULLS FIRST, u.id;

-- The same by group.
CREATE TABLE peer.rollup_group (
  unit_id int NOT NULL, programme text COLLATE "C" NOT NULL, position int NOT NULL, code text NOT NULL, label text NOT NULL,
  submitted int NOT NULL, approved int NOT NULL, verified_benefit bigint NOT NULL, participants int NOT NULL
) WITH (fillfactor = 70);
INSERT INTO peer.rollup_group
SELECT u.id, g.programme, g.position, g.code, g.label, coalesce(s.submitted, 0), coalesce(s.approved, 0),
       coalesce(s.verified, 0), coalesce(n.participants, 0)
FROM peer.unit u CROSS JOIN peer.participant_group g
LEFT JOIN (SELECT a.ancestor, programme, position, sum(submitted) AS submitted, sum(approved) AS approved, sum(verified) AS verified
           FROM own JOIN above a USING (was) GROUP BY 1, 2, 3) s
       ON s.ancestor = u.id AND s.programme = g.programme AND s.position = g.position
LEFT JOIN (SELECT ancestor, programme, position, count(*) AS participants FROM person GROUP BY 1, 2, 3) n
       ON n.ancestor = u.id AND n.programme = g.programme AND n.position = g.position
ORDER BY g.programme, u.parent_id NULLS FIRST, u.id, g.position;

-- Numbers run in the order of codes, which decides between equal benefits.
CREATE TABLE peer.initiative AS
SELECT i.id AS was, (row_number() OVER (ORDER BY i.code))::int AS id, i.code::text AS code, u.id AS unit_id, g.programme, g.position,
       i.state, i.version, i.title, i.claimed_benefit, i.verified_benefit
FROM public.initiative i JOIN peer.unit u ON u.was = i.unit_id JOIN peer.participant_group g ON g.was = i.group_id;
CREATE UNIQUE INDEX initiative_was ON peer.initiative (was);
ANALYZE peer.initiative;

-- Names of authors stand in their rows: one lookup less.
CREATE TABLE peer.author AS
SELECT i.id AS initiative_id, a.position::int AS position, a.share / 100.0::float8 AS share, c.display_name
FROM public.initiative_author a JOIN peer.initiative i ON i.was = a.initiative_id JOIN public.account c ON c.id = a.account_id
ORDER BY 1, 2;

-- Every approved initiative under each unit above it, the largest benefit first: a list is read off the key.
CREATE TABLE peer.approved AS
SELECT a.ancestor AS unit_id, i.programme, -coalesce(i.verified_benefit, -1) AS standing, i.id AS initiative_id
FROM peer.initiative i JOIN peer.unit u ON u.id = i.unit_id JOIN above a ON a.was = u.was
WHERE i.state = 'APPROVED' ORDER BY 1, 2, 3, 4;

ALTER TABLE peer.unit DROP COLUMN was, ALTER code TYPE text COLLATE "C", ALTER code SET NOT NULL, ALTER name SET NOT NULL,
  ADD PRIMARY KEY (id), ADD UNIQUE (code), ADD FOREIGN KEY (parent_id) REFERENCES peer.unit;
CREATE INDEX unit_parent ON peer.unit (parent_id, id);
ALTER TABLE peer.participant_group DROP COLUMN was, ALTER programme TYPE text COLLATE "C", ADD PRIMARY KEY (programme, position);
ALTER TABLE peer.rollup ADD PRIMARY KEY (unit_id, programme), ADD FOREIGN KEY (unit_id) REFERENCES peer.unit;
ALTER TABLE peer.rollup_group ADD PRIMARY KEY (unit_id, programme, position),
  ADD FOREIGN KEY (unit_id, programme) REFERENCES peer.rollup;
ALTER TABLE peer.initiative DROP COLUMN was, ALTER code TYPE text COLLATE "C", ALTER programme TYPE text COLLATE "C",
  ADD PRIMARY KEY (id), ADD UNIQUE (code), ADD FOREIGN KEY (unit_id) REFERENCES peer.unit;
ALTER TABLE peer.author ADD PRIMARY KEY (initiative_id, position), ADD FOREIGN KEY (initiative_id) REFERENCES peer.initiative;
ALTER TABLE peer.approved ALTER programme TYPE text COLLATE "C", ADD PRIMARY KEY (unit_id, programme, standing, initiative_id),
  ADD FOREIGN KEY (unit_id) REFERENCES peer.unit, ADD FOREIGN KEY (initiative_id) REFERENCES peer.initiative;
