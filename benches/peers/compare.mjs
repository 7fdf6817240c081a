// Measures Banyan and its peers: starts them, compares what they answer, loads them in turns, prints the table, ends them.
// run.sh tells how it is called.

import { availableParallelism, loadavg } from "node:os";
import { isDeepStrictEqual, parseArgs } from "node:util";
import * as approvals from "./approvals.mjs";
import { checkSummaries, connect, drop, prepare } from "./database.mjs";
import { data, load, request } from "./load.mjs";
import { CASES, province, reshape } from "./queries.mjs";
import { banyan, peer, stopAll } from "./servers.mjs";
import { table } from "./table.mjs";

// The time of a case is divided among these; one more before them warms up and does not count.
const ROUNDS = 3;
// As many initiatives are sent in for each second of approving; who has approved all of them is through earlier.
const APPROVALS = { banyan: 800, peer: 3000 };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { markdown: { type: "boolean" }, keep: { type: "boolean" } },
});
const [url, seconds = "3"] = positionals;
const slice = Number(seconds) / ROUNDS;
const port = Number(process.env.PEERS_PORT ?? 4900);
const say = (text) => console.error(text);
const machine = () => `${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)}`;

async function start(database) {
  const program = process.env.BANYAN;
  const servers = [await banyan("Banyan", program, port, url)];
  say("filling the schema of the peers");
  const begun = performance.now();
  await prepare(database);
  say(`filled in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  servers.push(await banyan("Banyan, each executed", program, port + 1, url, "--answers-mb", "0"));
  servers.push({ ...(await peer("PostGraphile", "postgraphile.mjs", port + 2, url)), postgraphile: true });
  servers.push(await peer("by hand", "handwritten.mjs", port + 3, url));
  return servers;
}

/** The cases as each server's requests. Fails where two servers do not tell the same. */
async function cases(servers) {
  const variables = { code: await province(servers[0], data) };
  say(`the province is ${variables.code}`);
  const found = [];
  for (const { name, text, postgraphile, sign } of CASES) {
    const texts = servers.map((server) => (server.postgraphile ? postgraphile : text));
    const answers = await Promise.all(servers.map((server, i) => data(server, texts[i], variables)));
    const shapes = answers.map((answer, i) => comparable(servers[i].postgraphile ? reshape(answer) : answer));
    shapes.forEach((shape, i) => {
      if (!isDeepStrictEqual(shape, shapes[0])) {
        const told = [i, 0].map((at) => `${servers[at].name} tells ${JSON.stringify(shapes[at])}`);
        throw new Error(`${name}: ${told.join("\n")}`);
      }
    });
    say(`${name}: ${JSON.stringify(answers[0]).length} bytes, told alike`);
    const asked = servers.map((server, i) => request(name.startsWith("{") ? { port: server.port } : server, texts[i], variables));
    found.push({ name, run: (i, seconds) => load(servers[i], () => asked[i], sign, seconds) });
  }
  return found;
}

/** Without what is each server's own: the names of its types, and its cursors, of which only counts that there is one. */
function comparable({ __typename, ...answer }) {
  const page = answer.unit?.initiatives?.pageInfo;
  if (page) page.endCursor = typeof page.endCursor;
  return answer;
}

/** Every case at every server, in turns; the sums. */
async function measure(all, servers, seconds) {
  const sums = all.map(() => servers.map(() => ({ requests: 0, seconds: 0 })));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [c, { run }] of all.entries()) {
      for (const i of servers.keys()) {
        const measured = await run(i, seconds, round);
        if (round === 0) continue;
        sums[c][i].requests += measured.requests;
        sums[c][i].seconds += measured.seconds;
      }
    }
  }
  return sums;
}

async function measureApprovals(database, servers) {
  say("sending in what is to be approved");
  const lot = (rate) => Math.ceil(rate * slice);
  const lists = [];
  for (const server of servers) {
    const lots = [];
    for (let round = 0; round <= ROUNDS; round++) {
      lots.push(await (server.tokens
        ? approvals.atBanyan(server, lot(APPROVALS.banyan))
        : approvals.atPeer(server, database, servers[0].units.member, lot(APPROVALS.peer))));
    }
    lists.push(lots);
  }
  const before = await Promise.all(servers.map(approvals.approved));
  const all = servers.map(() => 0);
  const run = async (i, seconds, round) => {
    const measured = await approvals.approve(servers[i], lists[i][round], seconds);
    all[i] += measured.requests;
    return measured;
  };
  const sums = await measure([{ run }], servers, slice);
  const after = await Promise.all(servers.map(approvals.approved));
  // Both of Banyan's servers write the same records, and so do the peers.
  const done = [all[0] + all[1], all[0] + all[1], all[2] + all[3], all[2] + all[3]];
  servers.forEach(({ name }, i) => {
    if (after[i] - before[i] !== done[i]) throw new Error(`${name}: ${done[i]} approved, ${after[i] - before[i]} told`);
  });
  await checkSummaries(database, approvals.PROGRAMME);
  return sums;
}

async function main() {
  const database = await connect(url);
  try {
    const servers = await start(database);
    const all = await cases(servers);
    say(`measuring; ${machine()}`);
    const sums = await measure(all, servers, slice);
    sums.push(...(await measureApprovals(database, servers)));
    say(`measured; ${machine()}`);
    console.log(table([...all.map(({ name }) => name), "M1 approve"], servers, sums, options.markdown));
  } finally {
    await stopAll();
    if (!options.keep) await drop(database);
    await database.end();
  }
}

// Who interrupts does not wait for the database: the schema stays, and the next run replaces it.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => stopAll().finally(() => process.exit(1)));
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
