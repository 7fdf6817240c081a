// PostGraphile over the schema `peer`: `node postgraphile.mjs PORT DATABASE_URL`.

import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { POOL, workers } from "./cluster.mjs";

const preset = (database) => ({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: database, schemas: ["peer"], poolConfig: POOL })],
  // Plain lists cost less than connections; Q4, which asks for a page's end, takes the connection.
  schema: { defaultBehavior: "+list +connection" },
  grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false, watch: false },
  grafast: { explain: false },
});

workers(async (port, database) => {
  const server = createServer();
  await postgraphile(preset(database)).createServ(grafserv).addTo(server);
  server.listen(port, "127.0.0.1");
});
