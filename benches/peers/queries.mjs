// What is asked. Banyan and the server written by hand take the same text; PostGraphile's differs, and is brought into the same
// shape before answers are compared.

const Q1 = `{ unit(code: "TLD") { code name rollup(programme: "1M-SK") { submitted pending returned approved rejected
  revoked claimedBenefit verifiedBenefit benefitNotComputable participants } } }`;

const Q2 = `{ unit(code: "TLD") { ...U children(first: 100) { nodes { ...U } } } }
fragment U on Unit { code name rollup(programme: "1M-SK") { submitted approved claimedBenefit verifiedBenefit participants
  completion { numerator target ratio } } }`;

const Q3 = `query($code: String!) { unit(code: $code) { ...U children(first: 100) { nodes { ...U } } } }
fragment U on Unit { code name rollup(programme: "1M-SK") { submitted approved
  breakdown(by: [GROUP]) { keys { value label } submitted approved verifiedBenefit participants } } }`;

const Q4 = `query($code: String!) { unit(code: $code) { initiatives(programme: "1M-SK", state: [APPROVED],
  orderBy: VERIFIED_BENEFIT_DESC, first: 50) { nodes { code title state verifiedBenefit unit { code name }
  authors { share account { displayName } } } pageInfo { hasNextPage endCursor } } } }`;

const OF = `rollup: rollupsByUnitIdList(condition: { programme: "1M-SK" })`;

const PG1 = `{ unit: unitByCode(code: "TLD") { code name ${OF} { submitted pending returned approved rejected
  revoked claimedBenefit verifiedBenefit benefitNotComputable participants } } }`;

const PG2 = `{ unit: unitByCode(code: "TLD") { ...U children: unitsByParentIdList(first: 100) { ...U } } }
fragment U on Unit { code name ${OF} { submitted approved claimedBenefit verifiedBenefit participants target ratio } }`;

const PG3 = `query($code: String!) { unit: unitByCode(code: $code) { ...U children: unitsByParentIdList(first: 100) { ...U } } }
fragment U on Unit { code name ${OF} { submitted approved
  breakdown: rollupGroupsByUnitIdAndProgrammeList { code label submitted approved verifiedBenefit participants } } }`;

const PG4 = `query($code: String!) { unit: unitByCode(code: $code) { initiatives: approvedsByUnitId(condition: { programme: "1M-SK" },
  first: 50) { nodes { initiative: initiativeByInitiativeId { code title state verifiedBenefit unit: unitByUnitId { code name }
  authors: authorsByInitiativeIdList { share displayName } } } pageInfo { hasNextPage endCursor } } } }`;

/** Each case by name: its text for either schema, and a text that every answer holds. */
export const CASES = [
  { name: "{ __typename }", text: "{ __typename }", postgraphile: "{ __typename }", sign: '"__typename"' },
  { name: "Q1 root", text: Q1, postgraphile: PG1, sign: '"benefitNotComputable"' },
  { name: "Q2 root and its direct units", text: Q2, postgraphile: PG2, sign: '"ratio"' },
  { name: "Q3 province by group", text: Q3, postgraphile: PG3, sign: '"breakdown"' },
  { name: "Q4 50 initiatives", text: Q4, postgraphile: PG4, sign: '"displayName"' },
];

/** Every province with its size, of Banyan. */
const PROVINCES = `{ unit(code: "TLD") { children(first: 100) { nodes { code children(first: 1) { totalCount }
  rollup(programme: "1M-SK") { submitted } } } } }`;

/** The province that Q3 and Q4 ask for: the largest that has several units. */
export async function province(banyan, data) {
  const { nodes } = (await data(banyan, PROVINCES)).unit.children;
  const size = ({ children, rollup }) => Math.min(children.totalCount, 2) * 1e9 + rollup.submitted;
  return nodes.reduce((a, b) => (size(b) > size(a) ? b : a)).code;
}

/** PostGraphile's answer in the shape of the others'. */
export function reshape({ unit, ...rest }) {
  if (!unit) return rest;
  const { children, initiatives, ...own } = unit;
  const shaped = "rollup" in own ? place(own) : own;
  if (children) shaped.children = { nodes: children.map(place) };
  if (initiatives) shaped.initiatives = { ...initiatives, nodes: initiatives.nodes.map(({ initiative }) => record(initiative)) };
  return { unit: shaped };
}

function place({ rollup: [{ target, ratio, breakdown, ...sums }], ...unit }) {
  if (target !== undefined) sums.completion = target === null ? null : { numerator: sums.approved, target, ratio };
  if (breakdown) sums.breakdown = breakdown.map(({ code, label, ...part }) => ({ keys: [{ value: code, label }], ...part }));
  return { ...unit, rollup: sums };
}

function record({ authors, ...initiative }) {
  return { ...initiative, authors: authors.map(({ share, displayName }) => ({ share, account: { displayName } })) };
}
