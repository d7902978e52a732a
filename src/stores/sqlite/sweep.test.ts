import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { account, answerOf, attempt, begin, noon, operatorSays, said, take, tenant } from "../../../test/contract/store/fixture.ts";
import { type ConversationId, newId } from "../../core/ids.ts";
import type { SweepPlace } from "../../core/retention.ts";
import type { Store } from "../../core/store.ts";
import { openSqliteStore } from "../sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "store-sweep-"));
after(() => rmSync(folder, { recursive: true }));

const hour = 3_600_000;

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What people, models and platforms do to a store, in any order, a sweep going on in between. */
class Life {
  readonly #store: Store;
  readonly #below: (most: number) => number;
  readonly #conversations = new Set<ConversationId>();
  #place: SweepPlace | undefined;
  #up = 0;

  constructor(store: Store, seed: number) {
    this.#store = store;
    this.#below = seeded(seed);
  }

  async step(): Promise<void> {
    const steps = [
      () => this.#hear(),
      () => this.#hear(),
      () => this.#answer(),
      () => this.#answer(),
      () => this.#send(),
      () => this.#send(),
    ];
    const more = [() => this.#tell(), () => this.#pass(), () => this.#sweep(), () => this.#sweep()];
    const all = [...steps, ...more];
    await (all[this.#below(all.length)] as () => Promise<void>)();
  }

  /** Time goes by, and nothing happens but sweeps. */
  async age(): Promise<void> {
    await this.#pass();
    for (let i = 0; i < 4; i++) await this.#sweep();
  }

  get conversations(): ReadonlySet<ConversationId> {
    return this.#conversations;
  }

  #chat() {
    return { id: `c${this.#below(6)}`, kind: "direct" } as const;
  }

  async #hear(): Promise<void> {
    const chat = this.#chat();
    const files = this.#below(3) === 0 ? [newId("file", noon)] : [];
    const parts = files.map((id) => ({ type: "file", source: { at: "store", id, mediaType: "text/plain", size: 1 } }) as const);
    const events = [
      said("hello", { chat, ...(files.length > 0 && { parts }) }),
      said("", { chat, kind: "reaction", reactions: ["!"] } as never),
      said("", { chat, kind: "press", token: "x" } as never),
    ];
    const [received] = await this.#store.receive({ tenant, account, channel: "test", at: noon, events: [events[this.#below(3)] as never] });
    this.#conversations.add(received?.conversation as ConversationId);
  }

  async #answer(): Promise<void> {
    for (const conversation of this.#conversations) {
      if (this.#below(2) === 0 || !(await this.#store.nextEvent(conversation))) continue;
      const lease = await take(this.#store, "turn", conversation);
      const running = await begin(this.#store, conversation, lease);
      const fault = { code: "provider-unavailable", message: "busy" } as const;
      const retry = { fault, dueAt: noon, at: noon, calls: [running.call] };
      const what = this.#below(8);
      if (what === 0) await this.#store.retryTurn(lease, running.turn, retry);
      else if (what === 1) await this.#store.ignoreEvent(lease, running.event, "poison", noon);
      else await this.#store.finishTurn(lease, answerOf(running, "an answer"));
      await this.#store.release(lease);
      return;
    }
  }

  async #send(): Promise<void> {
    const outcomes = [
      { kind: "sent", receipt: "r" },
      { kind: "sent", receipt: "r" },
      { kind: "refused", code: "channel-permanent", message: "" },
      { kind: "unknown", code: "channel-unknown", message: "" },
      { kind: "retry", code: "channel-retry", message: "" },
    ] as const;
    for (const conversation of this.#conversations) {
      if (!(await this.#store.nextDelivery(conversation))) continue;
      const { lease, delivery } = await attempt(this.#store, conversation);
      const outcome = outcomes[this.#below(40) < 34 ? 0 : this.#below(5)] as (typeof outcomes)[number];
      await this.#store.endAttempt(lease, delivery, { outcome, at: noon });
      await this.#store.release(lease);
      if (this.#below(3) === 0) return;
    }
  }

  async #tell(): Promise<void> {
    await this.#store.enqueue(operatorSays("from an operator", { chat: this.#chat() }));
  }

  async #pass(): Promise<void> {
    this.#up += hour * (1 + this.#below(12));
    await this.#store.tellTime({ now: noon + this.#up, upMs: this.#up, boot: "b" });
  }

  async #sweep(): Promise<void> {
    const keep = { messagesDays: 4, ledgerDays: 2, newestMessages: this.#below(2) * 3, dedupeDays: 8 };
    this.#place = await this.#store.sweep(keep, this.#place);
  }
}

const unsettled =
  "SELECT id FROM events WHERE ended_at IS NULL UNION ALL SELECT id FROM deliveries WHERE ended_at IS NULL OR state IN ('unknown', 'dead')";

function holdsTogether(database: DatabaseSync): void {
  const none = (sql: string) => assert.deepEqual(database.prepare(sql).all(), [], sql);
  none("SELECT id FROM events WHERE message IS NOT NULL AND message NOT IN (SELECT seq FROM messages)");
  none("SELECT id FROM events WHERE answer IS NOT NULL AND answer NOT IN (SELECT seq FROM messages)");
  none("SELECT id FROM messages WHERE trace NOT IN (SELECT id FROM events)");
  none("SELECT id FROM deliveries WHERE trace NOT IN (SELECT id FROM events)");
  none("SELECT id FROM conversations WHERE last_event IS NOT NULL AND last_event NOT IN (SELECT seq FROM events)");
  none("SELECT id FROM events WHERE conversation NOT IN (SELECT id FROM conversations)");
  none("SELECT id FROM files WHERE message NOT IN (SELECT seq FROM messages)");
  none("SELECT id FROM dropped_files WHERE id IN (SELECT id FROM files)");
  none("SELECT seq FROM ledger WHERE trace NOT IN (SELECT id FROM events) AND seq < (SELECT max(seq) FROM ledger)");
  none("SELECT tenant FROM tenants t WHERE messages <> (SELECT count(*) FROM messages m WHERE m.tenant = t.tenant)");
  none("SELECT tenant FROM tenants t WHERE conversations <> (SELECT count(*) FROM conversations c WHERE c.tenant = t.tenant)");
  // Who waits keeps its whole story: at least its beginning.
  none(`SELECT id FROM events e WHERE kind <> 'send' AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.trace = e.id AND l.stage = 'received')
    AND (ended_at IS NULL OR EXISTS (SELECT 1 FROM deliveries d WHERE d.trace = e.id AND (d.ended_at IS NULL OR d.state IN ('unknown', 'dead'))))`);
  assert.equal(database.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
}

interface Link {
  readonly seq: number;
  readonly before: number | null;
  readonly message: number | null;
  readonly answer: number | null;
}

/** The list reaches every story with messages but those that only stay because they wait for something. */
async function listHolds(database: DatabaseSync, store: Store, conversation: ConversationId): Promise<void> {
  const link = database.prepare("SELECT seq, before, message, answer FROM events WHERE seq = ?");
  const reached: Link[] = [];
  const start = database.prepare("SELECT last_event FROM conversations WHERE id = ?").get(conversation)?.last_event as number | null;
  for (let at = link.get(start ?? 0) as Link | undefined; at; at = link.get(at.before ?? 0) as Link | undefined) {
    assert.ok(at.seq < (reached.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER), "older and older");
    reached.push(at);
  }
  const oldest = reached.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER;
  const listed = database
    .prepare("SELECT seq, id FROM events WHERE conversation = ? AND kind IN ('message', 'press', 'send') ORDER BY seq")
    .all(conversation);
  assert.deepEqual(
    listed.filter(({ seq }) => (seq as number) >= oldest).map(({ seq }) => seq),
    reached.map(({ seq }) => seq).reverse(),
  );
  const rows = reached.reverse().flatMap(({ message, answer }) => [message, answer].filter((row) => row !== null));
  const ids = rows.map((row) => database.prepare("SELECT id FROM messages WHERE seq = ?").get(row)?.id);
  assert.deepEqual(
    (await store.history(conversation, undefined, 1_000)).map(({ id }) => id),
    ids,
    "the past, as far as it is kept",
  );
  const seen = await store.records.messages(tenant, conversation, { limit: 1_000 });
  assert.deepEqual(new Set(seen.map(({ id }) => id)), new Set(ids));
}

describe("sweeping while everything goes on", () => {
  for (const seed of [1, 2, 3]) {
    test(`what is left holds together, and nothing that waits is lost (seed ${seed})`, async () => {
      const file = join(folder, `${seed}.sqlite`);
      const opened = await openSqliteStore({ file, role: "owner" });
      assert.ok(opened.ok);
      const store = opened.value;
      const database = new DatabaseSync(file, { readOnly: true });
      const life = new Life(store, seed);
      const count = () =>
        database.prepare("SELECT count(*) AS n, coalesce(max(seq), 0) AS newest FROM events").get() as { n: number; newest: number };
      for (let round = 0; round < 25; round++) {
        const before = count();
        for (let i = 0; i < 25; i++) await life.step();
        const waiting = () => database.prepare(unsettled).all();
        const waited = waiting();
        await life.age();
        assert.deepEqual(waiting(), waited, "whoever waits is still there");
        holdsTogether(database);
        for (const conversation of life.conversations) await listHolds(database, store, conversation);
        assert.ok(count().newest >= before.newest, "numbers never come again");
      }
      assert.ok(count().n < count().newest, "something was dropped");
      database.close();
      await store.close();
    });
  }
});

test("what is dropped makes room: a store under a policy stops growing", async () => {
  const file = join(folder, "steady.sqlite");
  const opened = await openSqliteStore({ file, role: "owner" });
  assert.ok(opened.ok);
  const store = opened.value;
  const pages = () => {
    const database = new DatabaseSync(file, { readOnly: true });
    const { page_count: all } = database.prepare("PRAGMA page_count").get() as { page_count: number };
    database.close();
    return all;
  };
  const text = "x".repeat(2_000);
  const sizes: number[] = [];
  for (let day = 0; day < 40; day++) {
    await store.tellTime({ now: noon, upMs: day * 24 * hour, boot: "b" });
    const events = Array.from({ length: 60 }, () => said(text, { kind: "message" }));
    await store.receive({ tenant, account, channel: "test", at: noon, events });
    for (const conversation of [(await store.records.findConversation(tenant, account, "c1"))?.id as ConversationId]) {
      const lease = await take(store, "turn", conversation);
      for (let event = await store.nextEvent(conversation); event; event = await store.nextEvent(conversation)) {
        await store.ignoreEvent(lease, event, "no-route", noon);
      }
      await store.release(lease);
    }
    const keep = { messagesDays: 3, ledgerDays: 3, newestMessages: 0, dedupeDays: 8 };
    for (let place = await store.sweep(keep); place; ) place = await store.sweep(keep, place);
    sizes.push(pages());
  }
  // The file's size is the highest that it ever was. Ids are random, so the pages in use vary by one or two a day, and a new height
  // comes now and then. One small row that stays of each message would add more than a page a day: twenty.
  assert.ok((sizes.at(-1) as number) <= (sizes.at(20) as number) + 2, `pages by day: ${sizes}`);
  await store.close();
});
