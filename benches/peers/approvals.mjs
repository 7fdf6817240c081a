// M1: approving, one initiative a request, none twice. What there is to approve is sent in before.

import { data, load, request } from "./load.mjs";

export const PROGRAMME = "SK-MO";
const BENEFIT = "1000000";

const GROUP = `{ programme(code: "${PROGRAMME}") { groups { code } } }`;
const DRAFT = `mutation($input: InitiativeDraftInput!) { initiativeDraft(input: $input) {
  initiative { id version } userErrors { message } } }`;
const SUBMIT = `mutation($input: InitiativeSubmitInput!) { initiativeSubmit(input: $input) {
  initiative { id version } userErrors { message } } }`;
const APPROVE = `mutation($input: InitiativeApproveInput!) { initiativeApprove(input: $input) {
  initiative { id version state } userErrors { message } } }`;
const BY_HAND = `mutation($code: String!, $version: Int!, $benefit: String!) {
  initiativeApprove(code: $code, version: $version, verifiedBenefit: $benefit) { code version state } }`;
const POSTGRAPHILE = `mutation($code: String!, $version: Int!, $benefit: BigInt!) {
  approve(input: { initiativeCode: $code, knownVersion: $version, benefit: $benefit }) { result { code version state } } }`;

const APPROVED = `{ unit(code: "TLD") { rollup(programme: "${PROGRAMME}") { approved } } }`;
const APPROVED_POSTGRAPHILE = `{ unit: unitByCode(code: "TLD") {
  rollup: rollupsByUnitIdList(condition: { programme: "${PROGRAMME}" }) { approved } } }`;

/** Requests that approve so many initiatives of Banyan's, sent in by the demo's member into his unit. */
export async function atBanyan(server, number) {
  const member = { ...server, token: server.tokens.member };
  const reviewer = { ...server, token: server.tokens.reviewer };
  const group = (await data(member, GROUP)).programme.groups[0].code;
  const requests = [];
  const sendIn = async () => {
    while (number-- > 0) {
      const draft = await done(member, DRAFT, { unit: server.units.member, programme: PROGRAMME, phase: "1", group,
        solution: "TECHNICAL", title: "Sáng kiến để đo tốc độ", appliedOn: "2025-06-15", claimedBenefit: "2000000" });
      const { id, version } = await done(member, SUBMIT, draft);
      requests.push(request(reviewer, APPROVE, { input: { id, version, verifiedBenefit: BENEFIT } }));
    }
  };
  await Promise.all(Array.from({ length: 16 }, sendIn));
  return requests;
}

async function done(server, mutation, input) {
  const [answer] = Object.values(await data(server, mutation, { input }));
  if (answer.userErrors.length > 0) throw new Error(JSON.stringify(answer.userErrors));
  return answer.initiative;
}

/** The same at a peer. */
export async function atPeer(server, database, unit, number) {
  const { rows } = await database.query("SELECT peer.send_in($1, $2) AS code", [unit, number]);
  const text = server.postgraphile ? POSTGRAPHILE : BY_HAND;
  return rows.map(({ code }) => request(server, text, { code, version: 2, benefit: BENEFIT }));
}

/** Sends as many of the requests as the time allows. */
export function approve(server, requests, seconds) {
  return load(server, () => requests.pop(), '"APPROVED"', seconds);
}

/** How many the whole federation has approved in that programme, as the server's roll-up says. */
export async function approved(server) {
  const { unit } = await data(server, server.postgraphile ? APPROVED_POSTGRAPHILE : APPROVED);
  return (server.postgraphile ? unit.rollup[0] : unit.rollup).approved;
}
