// A server written by hand over the schema `peer`: fastify, mercurius with compiled queries and batched loading, prepared
// statements. `node handwritten.mjs PORT DATABASE_URL`.

import fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { POOL, workers } from "./cluster.mjs";
import * as sql from "./statements.mjs";

const schema = `
  type Query { unit(code: String!): Unit }
  type Mutation { initiativeApprove(code: String!, version: Int!, verifiedBenefit: String!): Initiative! }
  type Unit {
    code: String!
    name: String!
    children(first: Int!): Units!
    rollup(programme: String!): Rollup!
    initiatives(programme: String!, state: [State!]!, orderBy: InitiativeOrder!, first: Int!): Initiatives!
  }
  type Units { nodes: [Unit!]! }
  type Rollup {
    submitted: Int! pending: Int! returned: Int! approved: Int! rejected: Int! revoked: Int!
    claimedBenefit: String! verifiedBenefit: String! benefitNotComputable: Int! participants: Int!
    completion: Completion
    breakdown(by: [Dimension!]!): [Slice!]!
  }
  type Completion { numerator: Int! target: Int! ratio: Float! }
  type Slice { keys: [Key!]! submitted: Int! approved: Int! verifiedBenefit: String! participants: Int! }
  type Key { value: String! label: String! }
  type Initiatives { nodes: [Initiative!]! pageInfo: PageInfo! }
  type Initiative {
    code: String! title: String! state: State! version: Int! verifiedBenefit: String unit: Unit! authors: [Author!]!
  }
  type Author { share: Float! account: Account! }
  type Account { displayName: String! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  enum State { APPROVED }
  enum InitiativeOrder { VERIFIED_BENEFIT_DESC }
  enum Dimension { GROUP }
`;

workers(async (port, database) => {
  const pool = new pg.Pool({ connectionString: database, ...POOL });
  const rows = async (name, ...values) => (await pool.query({ name, text: sql[name], values })).rows;
  // Groups belong to a programme's definition: they are read once.
  const labels = new Map((await rows("groups")).map((group) => [group.programme + group.position, group]));

  const keys = ({ programme, position }) => {
    const { code, label } = labels.get(programme + position);
    return [{ value: code, label }];
  };
  const completion = ({ approved, target }) => target && { numerator: approved, target, ratio: approved / target };

  const resolvers = {
    Query: { unit: async (_, { code }) => (await rows("unit", code))[0] },
    Mutation: {
      initiativeApprove: async (_, { code, version, verifiedBenefit }) =>
        (await rows("approve", code, version, verifiedBenefit))[0],
    },
    Rollup: { completion },
    Slice: { keys },
    Author: { account: (author) => author },
  };

  const loader = (load) => ({ loader: load, opts: { cache: false } });
  const loaders = {
    Unit: {
      rollup: loader((asked) =>
        rows("rollups", asked.map(({ obj }) => obj.id), asked.map(({ params }) => params.programme))),
      children: loader(async (asked) => {
        const found = await rows("children", asked.map(({ obj }) => obj.id), asked.map(({ params }) => params.first));
        return parts(found, asked).map((nodes) => ({ nodes }));
      }),
      initiatives: loader((asked) => Promise.all(asked.map(async ({ obj, params }) => {
        const found = await rows("largest", obj.id, params.programme, params.first + 1);
        const nodes = found.slice(0, params.first);
        const last = nodes.at(-1);
        const endCursor = last ? Buffer.from(`${last.standing},${last.id}`).toString("base64") : null;
        return { nodes, pageInfo: { hasNextPage: found.length > nodes.length, endCursor } };
      }))),
    },
    Rollup: {
      breakdown: loader(async (asked) =>
        parts(await rows("breakdowns", asked.map(({ obj }) => obj.unitId), asked.map(({ obj }) => obj.programme)), asked)),
    },
    Initiative: {
      unit: loader((asked) => rows("units", asked.map(({ obj }) => obj.unitId))),
      authors: loader(async (asked) => parts(await rows("authors", asked.map(({ obj }) => obj.id)), asked)),
    },
  };

  const app = fastify();
  app.register(mercurius, { schema, resolvers, loaders, jit: 1, graphiql: false });
  await app.listen({ port, host: "127.0.0.1" });
});

/** Rows by the question, numbered from 1, that they answer. */
function parts(rows, asked) {
  const parts = asked.map(() => []);
  for (const row of rows) parts[row.n - 1].push(row);
  return parts;
}
