/**
 * What the store costs: every message goes through receive, nextEvent, beginTurn, history, finishTurn, nextDelivery,
 * beginAttempt and endAttempt, as in the path but with nothing else. Prints microseconds per message.
 *
 * usage: node bench/store.ts [messages] [--growth <stored messages>]
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlatformEvent } from "../src/core/event.ts";
import { type AccountId, type AgentId, type ConversationId, defaultTenant, newId } from "../src/core/ids.ts";
import { textPart } from "../src/core/message.ts";
import type { Store } from "../src/core/store.ts";
import { openSqliteStore } from "../src/stores/sqlite.ts";

const conversations = 1000;
const concurrency = 256;
const tenant = defaultTenant;
const account = "bench" as AccountId;

let made = 0;

function event(): PlatformEvent {
  const n = made++;
  const chat = String(10_000 + (n % conversations));
  return {
    kind: "message",
    key: `update-${n}`,
    chat: { id: chat, kind: "direct", title: `Chat ${chat}` },
    sender: { id: chat, name: "Ada Lovelace", handle: "ada", bot: false, self: false },
    at: Date.now(),
    platformId: String(n),
    parts: [textPart(`Message ${n}: what is the weather like on the coast today, and should I take a coat?`)],
    addressed: true,
  };
}

async function turn(store: Store, conversation: ConversationId): Promise<void> {
  const lane = `turn:${conversation}` as const;
  const lease = await store.lease(lane);
  const queued = await store.nextEvent(conversation);
  if (!lease || !queued) throw new Error("the lane has nothing");
  const at = Date.now();
  const call = { id: newId("model-call", at), provider: "demo", model: "demo", startedAt: at };
  const begun = await store.beginTurn(lease, { event: queued, agent: "main" as AgentId, route: 0, call, at });
  if (!begun.ok) throw new Error(begun.fault.message);
  await store.history(conversation, queued.message, 10);
  const text = "It is mild and windy on the coast; a light coat is enough, and an umbrella does no harm.";
  const finished = await store.finishTurn(lease, {
    turn: begun.value.turn,
    event: queued,
    state: "done",
    message: newId("message", at),
    parts: [textPart(text, "markdown")],
    deliveries: [{ content: { text, visible: text }, onUnknown: "hold" }],
    controlVersion: queued.conversation.controlVersion,
    calls: [{ ...call, endedAt: Date.now(), usage: { input: 120, cachedInput: 0, output: 30, reported: true } }],
    at: Date.now(),
  });
  if (!finished.ok) throw new Error(finished.fault.message);
  await store.release(lease);
}

async function send(store: Store, conversation: ConversationId): Promise<void> {
  const lease = await store.lease(`send:${conversation}`);
  if (!lease) throw new Error("the lane is taken");
  if (!(await store.nextDelivery(conversation))) throw new Error("nothing to send");
  const attempt = await store.beginAttempt(lease, conversation, Date.now());
  if (attempt.kind !== "begun") throw new Error(attempt.kind);
  const outcome = { kind: "sent", receipt: attempt.delivery.id.slice(3, 15) } as const;
  const written = await store.endAttempt(lease, attempt.delivery, { outcome, at: Date.now() });
  if (!written.ok) throw new Error(written.fault.message);
  await store.release(lease);
}

/** `concurrency` workers, one message each at a time; consecutive messages belong to different conversations. */
async function run(store: Store, messages: number): Promise<{ cpu: number; wall: number }> {
  const before = process.cpuUsage();
  const started = performance.now();
  let left = messages;
  const worker = async () => {
    while (left-- > 0) {
      const [received] = await store.receive({ tenant, account, channel: "bench", at: Date.now(), events: [event()] });
      if (!received) throw new Error("nothing received");
      await turn(store, received.conversation);
      await send(store, received.conversation);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / messages, wall: ((performance.now() - started) * 1000) / messages };
}

const folder = mkdtempSync(join(tmpdir(), "polylogue-bench-"));
const file = join(folder, "store.sqlite");
try {
  const opened = await openSqliteStore({ file, role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message);
  const store = opened.value;
  const messages = Number(process.argv[2] ?? 20_000);
  const growth = process.argv.indexOf("--growth");
  await run(store, 2000);
  print("empty store", await run(store, messages));
  if (growth > 0) {
    await run(store, Number(process.argv[growth + 1]));
    print(`${made} stored`, await run(store, messages));
  }
  await store.close();
} finally {
  rmSync(folder, { recursive: true });
}

function print(what: string, { cpu, wall }: { cpu: number; wall: number }): void {
  const size = `${(statSync(file).size / made).toFixed(0)} bytes stored`;
  const figures = [`${cpu.toFixed(1)} µs CPU`, `${wall.toFixed(1)} µs wall`, size, `${Math.round(1e6 / wall)} messages/s`];
  console.log(`${what}: ${figures.join(", ")} per message`);
}
