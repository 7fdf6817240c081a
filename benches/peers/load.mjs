// Load: kept connections that send one request after the other for a bounded time. Fixed bytes are written, and an answer is only
// measured by its Content-Length and searched for two texts, so that it takes as little of the machine as it can.

import net from "node:net";

const CONNECTIONS = 16;

/** Who has not answered by then never will. */
const PATIENCE = 60_000;

/** A GraphQL request as the bytes that are sent. */
export function request(server, query, variables) {
  const body = JSON.stringify({ query, variables });
  const bearer = server.token ? `Authorization: Bearer ${server.token}\r\n` : "";
  return Buffer.from(
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\n` +
      `Accept: application/json\r\n${bearer}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/**
 * Sends what `next` answers, until the time is over or it answers nothing. Every answer must hold `sign` and no errors. What was
 * sent is waited for: answers how many there were in how many seconds.
 */
export async function load(server, next, sign, seconds) {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(server.port)));
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  const counts = await Promise.all(sockets.map((socket) => ask(socket, next, sign, end)));
  return { requests: counts.reduce((a, b) => a + b), seconds: (performance.now() - begun) / 1000 };
}

function connect(port) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

function ask(socket, next, sign, end) {
  return new Promise((resolve, reject) => {
    let buffer = Buffer.allocUnsafe(1 << 18);
    let [filled, body, whole, count] = [0, 0, 0, 0];
    const fail = (why) => {
      socket.destroy();
      reject(new Error(`${why}: ${buffer.toString("utf8", 0, Math.min(filled, 2000))}`));
    };
    const send = () => {
      const bytes = performance.now() < end ? next() : undefined;
      if (bytes) return socket.write(bytes);
      socket.removeAllListeners("close");
      socket.destroy();
      resolve(count);
    };
    socket.on("error", (error) => fail(error.message));
    socket.setTimeout(PATIENCE, () => fail("no answer"));
    socket.on("close", () => fail("the server hung up"));
    socket.on("data", (chunk) => {
      if (filled + chunk.length > buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      filled += chunk.copy(buffer, filled);
      if (!whole) {
        const head = buffer.subarray(0, filled).indexOf("\r\n\r\n");
        if (head < 0) return;
        const length = /\r\ncontent-length: *(\d+)/i.exec(buffer.latin1Slice(0, head));
        if (!length) return fail("an answer of unknown length");
        body = head + 4;
        whole = body + Number(length[1]);
      }
      if (filled < whole) return;
      const answer = buffer.subarray(body, whole);
      if (!buffer.latin1Slice(0, 13).startsWith("HTTP/1.1 200 ") || answer.includes('"errors"') || !answer.includes(sign)) {
        return fail("an answer that was not expected");
      }
      filled = whole = 0;
      count++;
      send();
    });
    send();
  });
}

/** The data of one answer that has no errors. */
export async function data(server, query, variables) {
  const headers = { "content-type": "application/json", ...(server.token && { authorization: `Bearer ${server.token}` }) };
  const answer = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
    method: "POST", headers, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(PATIENCE),
  });
  const { data, errors } = await answer.json();
  if (errors || !data) throw new Error(`${server.name}: ${JSON.stringify(errors)}`);
  return data;
}
