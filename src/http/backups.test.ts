import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { extract } from "tar";
import { startTestServer } from "../../test/http-server.ts";

interface Backup {
  readonly id: string;
  readonly bytes: number;
  readonly messages: number;
  readonly automatic: boolean;
}

test("a backup is made, listed, checked, downloaded whole, and removed; all of it is audited", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  const made = await server.ask("/api/backups", { method: "POST", body: {}, cookie });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual((await server.ask("/api/backups/place", { cookie })).json, { folder: join(server.home, "backups"), apart: false });
  const { id, bytes, automatic } = made.json as unknown as Backup;
  assert.equal(automatic, false);
  assert.ok(bytes > 0);
  assert.deepEqual((await server.ask("/api/backups", { cookie })).json, [made.json]);
  assert.equal((await server.ask(`/api/backups/${id}/check`, { method: "POST", body: {}, cookie })).status, 200);

  const tar = await fetch(`http://127.0.0.1:${server.server.port}/api/backups/${id}/download`, { headers: { cookie } });
  assert.equal(tar.headers.get("content-disposition"), `attachment; filename="polylogue-${id}.tar"`);
  const folder = await mkdtemp(join(tmpdir(), "polylogue-tar-"));
  await writeFile(join(folder, "b.tar"), new Uint8Array(await tar.arrayBuffer()));
  await extract({ file: join(folder, "b.tar"), cwd: folder });
  assert.deepEqual(
    await readFile(join(folder, "manifest.json"), "utf8"),
    await readFile(join(server.home, "backups", id, "manifest.json"), "utf8"),
  );
  assert.ok((await readFile(join(folder, "polylogue.db"))).equals(await readFile(join(server.home, "backups", id, "polylogue.db"))));
  await rm(folder, { recursive: true });

  await writeFile(join(server.home, "backups", id, "polylogue.db"), "damaged");
  const damaged = await server.ask(`/api/backups/${id}/check`, { method: "POST", body: {}, cookie });
  assert.equal(damaged.json.error?.code, "request-invalid");
  assert.match(String(damaged.json.error?.message), /isn't as it was saved/);

  assert.equal((await server.ask(`/api/backups/${id}`, { method: "DELETE", cookie })).status, 200);
  assert.deepEqual((await server.ask("/api/backups", { cookie })).json, []);
  assert.equal((await server.ask(`/api/backups/${id}`, { method: "DELETE", cookie })).status, 404);
  const log = (await server.ask("/api/audit", { cookie })).json as unknown as readonly { readonly action: string }[];
  assert.deepEqual(
    log.map(({ action }) => action).filter((action) => action.startsWith("backup")),
    ["backup-remove", "backup-download", "backup-make"],
  );
});

test("a path is no id of a backup", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  await server.ask("/api/backups", { method: "POST", body: {}, cookie });
  for (const id of ["..%2Ffiles", "%252e%252e", "2026", "files"]) {
    assert.equal((await server.ask(`/api/backups/${id}/download`, { cookie })).status, 404, id);
    assert.equal((await server.ask(`/api/backups/${id}`, { method: "DELETE", cookie })).status, 404, id);
  }
  assert.equal(((await server.ask("/api/backups", { cookie })).json as unknown as readonly Backup[]).length, 1);
});
