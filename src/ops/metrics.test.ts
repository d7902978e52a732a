import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountStatus } from "../core/gateway.ts";
import { type AccountId, type ConversationId, defaultTenant, type EventId } from "../core/ids.ts";
import type { LedgerEntry, Stage } from "../core/ledger.ts";
import type { Records } from "../core/records.ts";
import { createEmbeddedLive } from "../engines/embedded-live.ts";
import { createMetrics } from "./metrics.ts";
import { Counter, writeSamples } from "./prometheus.ts";

const counts = {
  conversations: 2,
  messages: 5,
  events: { queued: 3, running: 1 },
  deliveries: { queued: 2, sending: 1, unknown: 4, failed: 0, dead: 0 },
};

function start() {
  const live = createEmbeddedLive();
  const records = { counts: async () => counts } as unknown as Records;
  const account: AccountStatus = { id: "bot" as AccountId, channel: "telegram", state: "ready", since: 0 };
  const failing = { code: "channel-retry", message: "503" } as const;
  const gateway = {
    load: () => ({ running: 7, waiting: 8, held: 9 }),
    accounts: {
      list: () => [account, { ...account, id: "desk" as AccountId, failing }],
      get: () => undefined,
      showTyping: () => {},
      probe: async () => assert.fail(),
      templates: async () => assert.fail(),
    },
  };
  const metrics = createMetrics({
    ...{ version: "1.2.3", tenant: defaultTenant, live, records, gateway },
    pastReads: () => ({ kept: 6, newer: 2, whole: 1 }),
  });
  const tell = (stage: Stage, conversation: string, more: Partial<LedgerEntry> = {}) =>
    live.publish(defaultTenant, {
      type: "ledger",
      conversation: conversation as ConversationId,
      entry: { tenant: defaultTenant, trace: "ev_1" as EventId, stage, at: 0, ...more },
    });
  return { metrics, tell };
}

/** Every line of the exposition format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const format = /^(# HELP \w+ [^\n]*|# TYPE \w+ (counter|gauge)|\w+(\{(\w+="([^"\\\n]|\\["\\n])*",?)*\})? (NaN|-?\d+(\.\d+)?(e[+-]?\d+)?))$/;

test("stages are counted by channel, also those that don't name it", async () => {
  const { metrics, tell } = start();
  tell("received", "cv_1", { detail: { channel: "telegram" } });
  tell("received", "cv_2", { detail: { channel: "webchat" } });
  tell("turn-done", "cv_1");
  tell("turn-done", "cv_1");
  tell("delivery-fail", "cv_2", { reason: "channel-gone" });
  tell("turn-done", "cv_3");
  const text = await metrics.text();
  metrics.stop();
  for (const line of [
    'polylogue_ledger_entries_total{stage="received",channel="telegram",reason=""} 1',
    'polylogue_ledger_entries_total{stage="received",channel="webchat",reason=""} 1',
    'polylogue_ledger_entries_total{stage="turn-done",channel="telegram",reason=""} 2',
    'polylogue_ledger_entries_total{stage="turn-done",channel="",reason=""} 1',
    'polylogue_ledger_entries_total{stage="delivery-fail",channel="webchat",reason="channel-gone"} 1',
    'polylogue_past_reads_total{from="kept"} 6',
    'polylogue_past_reads_total{from="whole"} 1',
    'message_queue_length{queue="inbox"} 4',
    'message_queue_length{queue="outbox"} 3',
    'polylogue_deliveries{state="unknown"} 4',
    'polylogue_accounts{channel="telegram",state="ready"} 2',
    'polylogue_lanes{state="running"} 7',
    "polylogue_outbox_held 9",
    'polylogue_account_failing{account="bot"} 0',
    'polylogue_account_failing{account="desk"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test("the text is the format, and each name is described once", async () => {
  const { metrics, tell } = start();
  tell("turn-fail", "cv_1", { reason: 'quo"te\\back\nline' });
  metrics.request("api", 200);
  const text = await metrics.text();
  metrics.stop();
  for (const line of text.trimEnd().split("\n")) assert.match(line, format);
  const types = [...text.matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1]);
  assert.equal(new Set(types).size, types.length);
  assert.ok(types.includes("process_resident_memory_bytes") && types.includes("polylogue_event_loop_delay_seconds"));
});

test("invented labels don't fill the memory", () => {
  const counter = new Counter("c_total", "help", ["label"]);
  for (let i = 0; i < 50_000; i++) counter.add([`value ${i}`]);
  const samples = counter.samples();
  assert.ok(samples.length <= 1_001);
  assert.equal(
    samples.reduce((sum, sample) => sum + sample.value, 0),
    50_000,
  );
  assert.match(writeSamples(samples), /^c_total\{label=""\} 49000$/m);
});
