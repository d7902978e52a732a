import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { commandNames } from "../../src/core/command.ts";
import { ok } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import { defineProvider, type ModelRequest } from "../../src/core/provider.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { noting } from "../support/talk.ts";

const bot = "bot" as AccountId;
const usage = { input: 1, cachedInput: 0, output: 1, reported: true };
let made = 0;
function said(text: string, sender = "ada"): PlatformEvent {
  made += 1;
  return {
    ...{ kind: "message", key: `k${made}`, platformId: `p${made}`, at: Date.now(), addressed: true, parts: [textPart(text)] },
    ...{ chat: { id: "room", kind: "direct" }, sender: { id: sender, bot: false, self: false } },
  };
}

interface On extends TestGateway {
  readonly sent: readonly string[];
  readonly asked: readonly ModelRequest[];
  say(text: string, sender?: string): Promise<ConversationId>;
  /** Waits until so many messages were sent. */
  heard(count: number): Promise<readonly string[]>;
}

function story(name: string, run: (on: On) => Promise<void>, options: Partial<TestGatewayOptions> = {}): void {
  test(name, { timeout: 30_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const asked: ModelRequest[] = [];
    const provider = defineProvider<never>({
      ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok(["one"]) },
      async *stream(_, request, signal) {
        asked.push(request);
        const last = request.messages.at(-1);
        const words = last?.role === "user" ? last.content.map((part) => (part.type === "text" ? part.text : "")).join() : "";
        if (words === "long") await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        yield { type: "text", delta: `${request.model}: ${words}` };
        yield { type: "end", reason: "stop", usage };
      },
    });
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [noting(sent)], accounts: { bot: { channel: "chat", settings: {} } } },
      ...{ provider: provider as never, agent: { models: ["test/one", "test/two"], commands: commandNames }, ...options },
    });
    const heard = async (count: number) => {
      await on.until("delivery-sent", count);
      return sent;
    };
    const say = async (text: string, sender?: string) =>
      (await on.gateway.receive(bot, [said(text, sender)]))[0]?.conversation as ConversationId;
    await run({ ...on, sent, asked, say, heard });
  });
}

const wordsOf = ({ messages }: ModelRequest) =>
  messages.map((message) =>
    message.role === "user"
      ? message.content.map((part) => (part.type === "text" ? part.text : "")).join("|")
      : message.role === "assistant"
        ? message.text
        : "",
  );

story("/reset: what was said before is no past any more, and the model is never asked", async (on) => {
  await on.say("my name is Ada");
  await on.heard(1);
  await on.say("/reset");
  await on.heard(2);
  await on.say("who am I?");
  await on.heard(3);
  assert.deepEqual(on.sent, ["one: my name is Ada", "Done. I have forgotten what we said before.", "one: who am I?"]);
  assert.deepEqual(on.asked.map(wordsOf), [["my name is Ada"], ["who am I?"]]);
});

story("/model: chosen for this conversation, and for good", async (on) => {
  await on.say("/model 2");
  await on.heard(1);
  await on.say("hi");
  await on.heard(2);
  assert.deepEqual(on.sent, ["From now on test/two answers.", "two: hi"]);
});

story("/stop ends the answer that is being written, and what its sender says next is answered", async (on) => {
  await on.say("long");
  await on.until("model-start");
  await on.say("/stop", "ben");
  await on.say("/stop");
  await on.until("turn-cancel");
  await on.say("hi");
  await on.heard(3);
  assert.deepEqual(on.sent.slice(0, 2), ["Stopped.", "Stopped."]);
  assert.match(on.sent[2] ?? "", /^one: .*hi$/);
});

story("a stranger's /stop stops nobody", async (on) => {
  await on.say("long");
  await on.until("model-start");
  await on.say("/stop", "ben");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(!on.events.some((event) => event.type === "ledger" && event.entry.stage === "turn-cancel"));
  await on.say("/stop");
  await on.until("turn-cancel");
});

story("/human: the agent is silent from then on, and the reply still arrives", async (on) => {
  const conversation = await on.say("/human");
  await on.heard(1);
  assert.match(on.sent[0] ?? "", /^I have called a person/);
  const found = await on.store.records.conversation(defaultTenant, conversation);
  assert.deepEqual([found?.control, found?.controlVersion], ["human", 2]);
  const [entry] = await on.store.records.auditLog(defaultTenant, { limit: 1 });
  assert.deepEqual([entry?.action, entry?.actor], ["control-set", "sender:ada"]);
  await on.say("hello?");
  await on.until("ignored", 2);
  assert.equal(on.asked.length, 0);
});

story(
  "what an agent doesn't allow goes to the model like all words",
  async (on) => {
    await on.say("/reset");
    await on.heard(1);
    assert.deepEqual(on.sent, ["one: /reset"]);
  },
  { agent: { models: ["test/one"], commands: ["help"] } },
);

story(
  "commands count for the sender's rate",
  async (on) => {
    await on.say("/help");
    await on.heard(1);
    await on.say("/help");
    await on.until("ignored", 2);
    const reasons = on.events.flatMap((event) => (event.type === "ledger" && event.entry.stage === "ignored" ? [event.entry.reason] : []));
    assert.deepEqual(reasons, ["command", "sender-rate"]);
  },
  { limits: { sender: { perMinute: 1, notice: "" } } },
);
