import { after, before, describe } from "node:test";
import { storeContract } from "../contract/store.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { postgresInstallations } from "../support/postgres-store.ts";

let server: PostgresServer;

describe("a real PostgreSQL", { skip: postgresMissing() }, () => {
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  storeContract(
    "postgres",
    postgresInstallations(() => server),
  );
});
