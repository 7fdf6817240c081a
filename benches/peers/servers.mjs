// The servers: each a process group of its own on a port of its own, started, waited for and ended.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_SECONDS = 60;
// A database that is empty yet is filled first.
const PATIENCE_SECONDS_LOADING = 3600;

const AMPLE = ["--budget", "1000000000", "--budget-per-second", "100000000",
  "--anonymous-budget", "1000000000", "--anonymous-budget-per-second", "100000000"];

const running = new Set();

/** `banyan demo` as it is released, with further settings; asks with the analyst's token. */
export async function banyan(name, program, port, database, ...settings) {
  const folder = mkdtempSync(join(tmpdir(), "peers-"));
  const ready = join(folder, "ready.json");
  try {
    const server = start(name, program, ["demo", "--listen", `127.0.0.1:${port}`, "--database-url", database,
      "--ready-file", ready, ...AMPLE, ...settings], port);
    await answering(server, PATIENCE_SECONDS_LOADING);
    const { tokens, units } = JSON.parse(readFileSync(ready, "utf8"));
    return Object.assign(server, { token: tokens.analyst, tokens, units });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One of the programs beside this one. */
export async function peer(name, script, port, database) {
  const server = start(name, process.execPath, [join(import.meta.dirname, script), String(port), database], port);
  await answering(server, PATIENCE_SECONDS);
  return server;
}

/** Ends all that were started. */
export async function stopAll() {
  signal("SIGTERM");
  for (let waited = 0; running.size > 0 && waited < 50; waited++) await sleep(100);
  signal("SIGKILL");
}

function signal(name) {
  for (const child of running) {
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      // One that has just ended by itself.
      if (error.code !== "ESRCH") throw error;
    }
  }
}

function start(name, program, args, port) {
  const env = { ...process.env, NODE_ENV: "production", GRAPHILE_ENV: "production", RUST_LOG: process.env.RUST_LOG ?? "warn" };
  const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "ignore", "inherit"] });
  const server = { name, port, ended: false };
  const end = () => {
    server.ended = true;
    running.delete(child);
  };
  child.once("spawn", () => running.add(child)).once("exit", end).once("error", end);
  return server;
}

async function answering(server, seconds) {
  const body = JSON.stringify({ query: "{ __typename }" });
  const headers = { "content-type": "application/json" };
  for (const end = Date.now() + 1000 * seconds; Date.now() < end && !server.ended; await sleep(50)) {
    const asked = { method: "POST", headers, body, signal: AbortSignal.timeout(2000) };
    const answer = await fetch(`http://127.0.0.1:${server.port}/graphql`, asked).catch(() => null);
    if (answer?.ok && !server.ended) return;
  }
  throw new Error(`${server.name} does not answer at port ${server.port}`);
}
