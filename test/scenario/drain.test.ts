import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { freePorts } from "../servers/ports.ts";
import { postgresMissing, startPostgres } from "../servers/postgres.ts";
import { redisMissing, startRedis } from "../servers/redis.ts";
import { superviseReplica } from "./cluster/replica.ts";
import { stands } from "./mixed/stands.ts";

test("from SIGTERM on a proxy hears that nothing more should come, and what comes all the same is taken and passed on", {
  skip: postgresMissing() || redisMissing(),
  timeout: 120_000,
}, async (t) => {
  await using database = await startPostgres();
  await using engine = await startRedis();
  const [store, [port = 0, otherPort = 0]] = await Promise.all([database.database(), freePorts(2)]);
  const url = `http://127.0.0.1:${port}`;
  const stand = await stands.find(({ kind }) => kind === "webhook")?.open(2, `${url}/hooks`);
  assert.ok(stand);
  t.after(stand.close);
  const [slow = "", late = ""] = stand.chats;
  const configuration = {
    accounts: { webhook: { channel: "webhook", ...stand.account } },
    providers: { demo: { kind: "demo", delayMs: 40 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  const common = { store, engine: engine.url, configuration };
  await using owner = await superviseReplica({ name: "owner", port, ...common });
  // Whose account it is doesn't change before that is answered.
  await stand.say(slow, "long");
  await using other = await superviseReplica({ name: "other", port: otherPort, ...common });
  const status = (path: string, at = port) => fetch(`http://127.0.0.1:${at}${path}`).then((answer) => answer.status);
  assert.deepEqual(await Promise.all([status("/readyz"), status("/readyz", otherPort)]), [200, 200]);

  const began = performance.now();
  let ended = false;
  const over = owner.restart().then(() => {
    ended = true;
  });
  while ((await status("/readyz")) === 200) assert.ok(performance.now() - began < 500, "it still says that it is ready");
  assert.deepEqual(await Promise.all([status("/readyz"), status("/livez"), status("/readyz", otherPort)]), [503, 200, 200]);
  assert.deepEqual(stand.seen(slow), [], "its answer is still being written");
  await stand.say(late, "say late");
  assert.equal(ended, false, "the one that stops took it");
  assert.equal(await status("/readyz"), 503);

  await over;
  for (const until = performance.now() + 20_000; stand.seen(late).length === 0; await wait(50)) assert.ok(performance.now() < until);
  assert.equal(stand.seen(slow).length, 1);
  assert.match(stand.seen(late).join(), /say late/);
  assert.deepEqual([owner.falls, other.falls], [[], []]);
});
