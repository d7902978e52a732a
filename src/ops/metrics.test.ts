import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountStatus } from "../core/account-status.ts";
import { type AccountId, type ConversationId, defaultTenant, type EventId } from "../core/ids.ts";
import type { LedgerEntry, Stage } from "../core/ledger.ts";
import type { Records } from "../core/records.ts";
import { alone } from "../core/replica.ts";
import { createEmbeddedLive } from "../engines/embedded-live.ts";
import { createMetrics, watchCommits } from "./metrics.ts";
import { Counter, Histogram, writeSamples } from "./prometheus.ts";

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
    models: () => [
      { model: "local/llama", state: "usable" } as const,
      { model: "main/big", key: 2, state: "failing", waitMs: 5_000, failures: 3 } as const,
    ],
    accounts: {
      list: () => [account, { ...account, id: "desk" as AccountId, failing }],
      get: () => undefined,
      showTyping: () => {},
      probe: async () => assert.fail(),
      templates: async () => assert.fail(),
    },
  };
  const commits = watchCommits();
  const metrics = createMetrics({
    ...{ version: "1.2.3", tenant: defaultTenant, live, own: live, membership: alone, records, gateway, commits },
    pastReads: () => ({ kept: 6, newer: 2, whole: 1 }),
  });
  const tell = (stage: Stage, conversation: string, more: Partial<LedgerEntry> = {}) =>
    live.publish(defaultTenant, {
      type: "ledger",
      conversation: conversation as ConversationId,
      entry: { tenant: defaultTenant, trace: "ev_1" as EventId, stage, at: 0, ...more },
    });
  return { metrics, commits, tell };
}

/** Every line of the exposition format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const format =
  /^(# HELP \w+ [^\n]*|# TYPE \w+ (counter|gauge|histogram)|\w+(\{(\w+="([^"\\\n]|\\["\\n])*",?)*\})? (NaN|-?\d+(\.\d+)?(e[+-]?\d+)?))$/;

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
    'polylogue_message_queue_length{queue="inbox"} 4',
    'message_queue_length{queue="inbox"} 4',
    'message_queue_length{queue="outbox"} 3',
    'polylogue_deliveries{state="unknown"} 4',
    'polylogue_accounts{channel="telegram",state="ready"} 2',
    'polylogue_lanes{state="running"} 7',
    "polylogue_outbox_held 9",
    'polylogue_account_failing{account="bot"} 0',
    'polylogue_account_failing{account="desk"} 1',
    'polylogue_model_failing{model="local/llama",key="1"} 0',
    'polylogue_model_failing{model="main/big",key="2"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});

test("a message is timed stage by stage, and its calls are counted with tokens and cost", async () => {
  const { metrics, commits, tell } = start();
  const call = { provider: "main", model: "big", ms: 1_200, input: 900, cachedInput: 400, output: 60, usd: 0.0021 };
  tell("received", "cv_1", { at: 1_000, detail: { channel: "telegram" } });
  tell("turn-start", "cv_1", { at: 1_040, detail: { try: 1 } });
  tell("model-fail", "cv_1", { at: 1_100, reason: "provider-busy", detail: { ...call, ms: 50, output: 0, usd: 0.0009 } });
  tell("model-end", "cv_1", { at: 2_300, detail: call });
  tell("tool", "cv_1", { at: 2_300, detail: { name: "clock", ms: 7 } });
  tell("turn-done", "cv_1", { at: 2_500 });
  for (const [delivery, at] of Object.entries({ dl_1: 2_500, dl_2: 2_600 })) {
    tell("delivery-start", "cv_1", { at, detail: { delivery } });
    tell("delivery-sent", "cv_1", { at: at + 90, detail: { delivery } });
  }
  commits.add(4);
  const text = await metrics.text();
  metrics.stop();
  const sum = (stage: string) => text.match(new RegExp(`polylogue_stage_seconds_sum{stage="${stage}",channel="telegram"} (.*)`))?.[1];
  assert.equal(sum("wait"), "0.04");
  assert.equal(sum("turn"), "1.46");
  assert.equal(sum("model"), "1.25");
  assert.equal(sum("tool"), "0.007");
  assert.equal(sum("answer"), "1.59", "until the first delivery, and once");
  for (const line of [
    'polylogue_stage_seconds_count{stage="answer",channel="telegram"} 1',
    'polylogue_stage_seconds_count{stage="delivery",channel="telegram"} 2',
    'polylogue_stage_seconds_bucket{stage="delivery",channel="telegram",le="0.05"} 0',
    'polylogue_stage_seconds_bucket{stage="delivery",channel="telegram",le="0.1"} 2',
    'polylogue_stage_seconds_bucket{stage="delivery",channel="telegram",le="+Inf"} 2',
    'polylogue_model_call_seconds_count{model="main/big",outcome="failed"} 1',
    'polylogue_model_tokens_total{model="main/big",kind="input"} 1800',
    'polylogue_model_tokens_total{model="main/big",kind="cached_input"} 800',
    'polylogue_model_tokens_total{model="main/big",kind="output"} 60',
    'polylogue_model_cost_usd_total{model="main/big"} 0.003',
    'polylogue_store_commit_seconds_bucket{le="0.0025"} 0',
    'polylogue_store_commit_seconds_bucket{le="0.005"} 1',
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
  const histogram = new Histogram("h_seconds", "help", ["label"], [1, 10]);
  for (let i = 0; i < 5_000; i++) histogram.add([`value ${i}`], 5);
  assert.ok(histogram.samples().length < 3_000);
  assert.match(writeSamples(histogram.samples()), /^h_seconds_count\{label=""\} 4500$/m);
});
