import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, said, tenant } from "../../test/contract/store/fixture.ts";
import { startTestServer, type TestServer } from "../../test/http-server.ts";

/** A Sunday, half past eleven in the evening by UTC. */
const late = Date.UTC(2026, 10, 22, 23, 30);
const now = late + 60_000;

interface Sums {
  readonly received: number;
  readonly turns: number;
  readonly p95?: number;
}
interface Answer {
  readonly behind: boolean;
  readonly total: Sums;
  readonly days: readonly (Sums & { readonly day: string })[];
  readonly hours: readonly (readonly number[])[];
  readonly groups: readonly (Sums & { readonly of: string })[];
}

let server: TestServer;
let cookie = "";
before(async () => {
  server = await startTestServer({ clock: { now: () => now, elapsed: () => 0, after: () => () => {} } });
  cookie = await server.setup();
  for (const chat of ["c1", "c2"]) {
    await server.store.receive({
      tenant,
      account,
      channel: "test",
      at: late,
      events: [said("Hello", { chat: { id: chat, kind: "direct" } })],
    });
  }
});
after(() => server[Symbol.asyncDispose]());

async function ask(query: string): Promise<Answer> {
  const { status, json } = await server.ask(`/api/analytics?${query}`, { cookie });
  assert.equal(status, 200, JSON.stringify(json));
  return json as unknown as Answer;
}

function busy({ hours }: Answer): readonly (readonly [number, number, number])[] {
  return hours.flatMap((line, weekday) => line.flatMap((n, hour) => (n > 0 ? [[weekday, hour, n] as const] : [])));
}

test("says so while it counts, then what was counted", async () => {
  const first = await ask("from=2026-11-22&to=2026-11-23");
  assert.deepEqual([first.behind, first.total.received], [true, 0]);
  while (await server.store.countFigures(now));
  const { behind, total, groups } = await ask("from=2026-11-22&to=2026-11-23");
  assert.deepEqual([behind, total.received, "p95" in total], [false, 2, false]);
  assert.deepEqual(
    groups.map(({ of, received }) => [of, received]),
    [["desk", 2]],
  );
  assert.deepEqual((await ask("from=2026-11-22&to=2026-11-23&by=agent")).groups, []);
  assert.equal((await ask("from=2026-11-22&to=2026-11-23&channel=elsewhere")).total.received, 0);
});

test("days and hours are those of the zone", async () => {
  const utc = await ask("from=2026-11-22&to=2026-11-23");
  assert.deepEqual(
    utc.days.map(({ day, received }) => [day, received]),
    [
      ["2026-11-22", 2],
      ["2026-11-23", 0],
    ],
  );
  assert.deepEqual(busy(utc), [[6, 23, 2]], "a Sunday at eleven in the evening");
  const berlin = await ask("from=2026-11-22&to=2026-11-23&zone=Europe/Berlin");
  assert.deepEqual(
    berlin.days.map(({ day, received }) => [day, received]),
    [
      ["2026-11-22", 0],
      ["2026-11-23", 2],
    ],
  );
  assert.deepEqual(busy(berlin), [[0, 0, 2]], "a Monday at midnight");
  assert.equal((await ask("from=2026-11-22&to=2026-11-22&zone=Europe/Berlin")).total.received, 0);
  // The hour that begins at 23:00 by UTC begins at half past four there.
  assert.deepEqual(busy(await ask("from=2026-11-23&to=2026-11-23&zone=Asia/Kolkata")), [[0, 4, 2]]);
  assert.equal((await ask("from=2026-11-23&to=2026-11-23&zone=Pacific/Kiritimati")).total.received, 2);
});

test("what makes no sense is refused, and counting again is for admins", async () => {
  for (const query of ["from=2026-11-22", "from=2026-11-22&to=2026-11-21", "from=2020-01-01&to=2026-11-22", "from=x&to=y"]) {
    assert.equal((await server.ask(`/api/analytics?${query}`, { cookie })).status, 400, query);
  }
  const { status, json } = await server.ask("/api/analytics?from=2026-11-22&to=2026-11-22&zone=Mars/Olympus", { cookie });
  assert.deepEqual([status, /no such time zone/.test(JSON.stringify(json))], [400, true]);
  assert.equal((await server.ask("/api/analytics?from=2026-11-22&to=2026-11-22")).status, 401);
  assert.equal((await server.ask("/api/analytics/recount", { method: "POST", cookie })).status, 202);
  assert.equal((await ask("from=2026-11-22&to=2026-11-23")).behind, true);
  while (await server.store.countFigures(now));
  assert.equal((await ask("from=2026-11-22&to=2026-11-23")).total.received, 2);
  const [entry] = await server.store.records.auditLog(tenant, { limit: 1 });
  assert.equal(entry?.action, "analytics-recount");
});
