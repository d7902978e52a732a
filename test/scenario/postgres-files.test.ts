import { after, before, describe } from "node:test";
import pg from "pg";
import type { FileStore } from "../../src/core/store.ts";
import { fileStoreContract } from "../contract/files.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { openPostgres } from "../support/postgres-store.ts";

describe("attachments in a real PostgreSQL", { skip: postgresMissing() }, () => {
  let server: PostgresServer;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    for (const end of ends) await end();
    await server[Symbol.asyncDispose]();
  });

  fileStoreContract("a database", async () => {
    const url = await server.database();
    const store = await openPostgres(url, "guest");
    const look = new pg.Client({ connectionString: url });
    await look.connect();
    ends.push(
      () => store.close(),
      () => look.end(),
    );
    return {
      files: store.files as FileStore,
      pieces: async () => Number((await look.query<{ count: string }>("SELECT count(*) FROM file_chunks")).rows[0]?.count),
    };
  });
});
