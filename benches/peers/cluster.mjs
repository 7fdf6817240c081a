// Two processes that answer at one port: there are two processors, and JavaScript runs on one.

import cluster from "node:cluster";

const WORKERS = 2;

/** One process's connections to the database: everything is in memory, and statements are planned once. */
export const POOL = { max: 8, options: "-c random_page_cost=1.1 -c jit=off -c plan_cache_mode=force_generic_plan" };

/** Runs `serve(port, database)` in each process; both come as arguments of the program. */
export function workers(serve) {
  const [port, database] = process.argv.slice(2);
  if (!cluster.isPrimary) return serve(Number(port), database);
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  cluster.on("exit", (worker, code) => process.exit(code || 1));
}
