// The table: requests a second, and how often as many as the better peer's.

const PEERS = 2;

/** `sums[case][server]` are requests and seconds; the first servers are Banyan's, the last two the peers. */
export function table(names, servers, sums, markdown) {
  const head = ["requests/s (times the better peer's)", ...servers.map(({ name }) => name)];
  const lines = sums.map((row, i) => {
    const rates = row.map(({ requests, seconds }) => requests / seconds);
    const better = Math.max(...rates.slice(-PEERS));
    return [names[i], ...rates.map((rate) => `${figure(rate)} (${(rate / better).toFixed(2)})`)];
  });
  return markdown ? asMarkdown(head, lines) : asText([head, ...lines]);
}

function figure(rate) {
  return Math.round(rate).toLocaleString("en");
}

function asMarkdown(head, lines) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const name = ([first, ...rest]) => [first.startsWith("{") ? `\`${first}\`` : first, ...rest];
  return [line(head), `|${"---|".repeat(head.length)}`, ...lines.map((cells) => line(name(cells)))].join("\n");
}

function asText(lines) {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((cells) => cells[i].length)));
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return lines.map((cells) => cells.map(pad).join("  ")).join("\n");
}
