import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { conversationStates } from "../../core/conversation-list.ts";
import type { AccountId, OperatorId, TenantId } from "../../core/ids.ts";
import { noLeases } from "../../tables/leases.ts";
import { allTables } from "../../tables/tables.ts";
import { atOnce, type Prepare } from "../../tables/work.ts";
import { openDatabase, othersWrote, preparer } from "./database.ts";
import { migrate } from "./migrate.ts";
import { wordIndex } from "./words.ts";

const folder = mkdtempSync(join(tmpdir(), "store-plans-"));
const database = openDatabase(join(folder, "store.sqlite"), 0);
after(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** Tables that grow with what is said. */
const growing = [
  "events",
  "messages",
  "deliveries",
  "ledger",
  "model_calls",
  "dedupe",
  "conversations",
  "figure_hours",
  "figure_minutes",
  "periods",
];
/** Scans that are meant: from the newest end until enough is found, or of what is open, failed or asked for by hand. */
const allowed: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^SELECT \(SELECT coalesce\(max|^SELECT coalesce\(max|^SELECT epoch, \(SELECT/, /SEARCH|SCAN/, "the last number, from the index's end"],
  [/^SELECT trace FROM ledger ORDER BY seq DESC LIMIT 1$/, /^SCAN ledger$/, "the newest entry"],
  [/FROM events e .*ORDER BY e\.seq DESC LIMIT/, /^SCAN e$/, "stories, newest first"],
  [/^DELETE FROM periods WHERE conversation IN \(SELECT/, /^SCAN periods$/, "some of them, whichever come first"],
  [/FROM model_calls .*ORDER BY seq DESC LIMIT/, /^SCAN model_calls$/, "calls, newest first"],
  [/FROM deliveries d .*ORDER BY d\.seq DESC LIMIT/, /^SCAN d$/, "deliveries, newest first"],
  [
    /count\(\*\) AS n FROM (events|deliveries)/,
    /USING (COVERING )?INDEX (events|deliveries)_(due|open|error|poison)/,
    "counts of what is open or failed",
  ],
  [/count\(\*\) AS n FROM conversations c .*read_marks/, /conversations_chat/, "how much is unread: 5 ms for 10,000 conversations"],
  [/FROM conversations c WHERE c\.tenant = \?1 AND c\.last_event < \?4/, /./, "all conversations, when the newest stories are of too few"],
];

/** An index that is asked for all of a tenant is a scan too; those of what failed, was set aside, paused or waits for another try are small. */
const wholeTenant =
  /^SEARCH (\w+) USING (?:COVERING )?INDEX (?!(?:events_(?:poison|failed|loop)|conversations_paused|deliveries_retrying)\b)\w+ \(tenant=\?\)$/;

describe("query plans", () => {
  const statements: string[] = [];
  const prepare: Prepare = (sql) => {
    statements.push(sql.replace(/\s+/g, " ").trim());
    return preparer(database)(sql);
  };
  assert.ok(migrate(database).ok);
  const tables = allTables(prepare, { read: async (query) => atOnce(query()), leases: noLeases, othersWrote, words: wordIndex });
  const tenant = "t" as TenantId;
  const account = "a" as AccountId;
  for (const state of [undefined, "queued", "running", "done", "ignored", "failed", "cancelled"] as const) {
    for (const more of [{}, { account }]) atOnce(tables.stories(tenant, { limit: 1, ...more, ...(state && { state }) }));
  }
  for (const states of [undefined, ["queued"], ["unknown", "dead"], ["sent", "dropped"]] as const) {
    for (const more of [{}, { account }]) atOnce(tables.queue.list(tenant, { limit: 1, ...more, ...(states && { states }) }));
  }

  const reader = "o" as OperatorId;
  const name = { letters: "a", words: { has: [{ words: ["a"], open: true }], without: [] } };
  for (const state of [undefined, ...conversationStates] as const) {
    for (const more of [{}, { account }, { channel: "c" }, { unread: true }, { trouble: true }, { name }, { sort: "waiting" }] as const)
      atOnce(tables.list.list(tenant, { reader, limit: 1, ...more, ...(state && { state }) }));
  }
  for (const by of [undefined, "hour", "account", "agent"] as const) {
    for (const only of [{}, { account }, { channel: "c", agent: "a" }]) atOnce(tables.hours.list(tenant, { from: 0, to: 1, by, only }));
    if (by !== "hour") atOnce(tables.hours.list(tenant, { unit: "minute", from: 0, to: 1, by }));
  }
  atOnce(tables.words.step());
  atOnce(tables.search(tenant, { query: name.words, account, direction: "in", from: 0, to: 1, limit: 1 }));

  for (const order of ["list", "settle"] as const) {
    for (const more of [{}, { account, code: "poison" }, { states: ["dead"], account, code: "c" }] as const) {
      if (order === "list") atOnce(tables.dead.list(tenant, { limit: 1, ...more }));
      else atOnce(tables.dead.settle(tenant, { all: more, before: 1, limit: 1 }, "retry", "o", 1));
    }
  }

  test("whether people spoke in a conversation is asked of that conversation alone", () => {
    const sql = statements.find((one) => one.startsWith("SELECT 1 FROM handovers WHERE conversation"));
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    assert.deepEqual(
      plan.map(({ detail }) => detail),
      ["SEARCH handovers USING INDEX handovers_conversation (conversation=?)"],
    );
  });

  for (const sql of new Set(statements)) {
    if (!/^(SELECT|INSERT|UPDATE|DELETE|WITH)/.test(sql)) continue;
    test(sql.slice(0, 120), () => {
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
      for (const { detail } of plan) {
        const scanned = /^SCAN (\w+)/.exec(detail)?.[1] ?? wholeTenant.exec(detail)?.[1];
        if (scanned === undefined || !isGrowing(scanned, sql)) continue;
        const known = allowed.some(([statement, scan]) => statement.test(sql) && scan.test(detail));
        assert.ok(known, `${detail}\nin ${sql}\n${plan.map((step) => step.detail).join("\n")}`);
      }
    });
  }
});

/** By its name, or by the alias that the statement gives it. */
function isGrowing(name: string, sql: string): boolean {
  return growing.some((table) => name === table || new RegExp(`\\b${table} (AS )?${name}\\b`).test(sql));
}
