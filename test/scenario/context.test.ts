import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { z } from "zod";
import type { Channel } from "../../src/core/channel.ts";
import { ok } from "../../src/core/errors.ts";
import { type AccountId, type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import { type Part, textPart } from "../../src/core/message.ts";
import { defineProvider, type ModelRequest, type Usage } from "../../src/core/provider.ts";
import { composeTestGateway, type TestGateway, type TestGatewayOptions } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { inShort } from "../support/model.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;
const usage: Usage = { input: 1, cachedInput: 0, output: 1, reported: true };

interface On extends TestGateway {
  readonly sent: readonly string[];
  /** What was asked of models, in order. */
  readonly asked: readonly (ModelRequest & { readonly told: readonly string[] })[];
  say(text: string | readonly Part[]): Promise<string>;
  conversation(): Promise<ConversationId>;
  entries(): Promise<readonly { stage: string; detail?: unknown }[]>;
}

/** Models that say their name, how many messages they got, and the last words. */
function story(name: string, options: Partial<TestGatewayOptions>, run: (on: On) => Promise<void>): void {
  test(name, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const asked: (ModelRequest & { told: readonly string[] })[] = [];
    const provider = defineProvider<never>({
      ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok([]) },
      async *stream(_, request) {
        asked.push({ ...request, told: inShort(request) });
        const sees = request.messages.some(
          ({ role, ...of }) => role === "user" && "content" in of && of.content.some(({ type }) => type === "image"),
        );
        yield { type: "text", delta: `${request.model}${sees ? " sees" : ""} ${asked.length}` };
        yield { type: "end", reason: "stop", usage };
      },
      async transcribe(_: unknown, { audio }: { audio: { data: Uint8Array } }) {
        return ok({ text: `${audio.data.length} bytes of speech`, usage });
      },
    });
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
    const ogg = Buffer.concat([Buffer.from("OggS"), Buffer.alloc(60)]);
    const server = createServer((request, response) => void response.end(request.url?.endsWith("png") ? png : ogg));
    await once(server.listen(0, "127.0.0.1"), "listening");
    server.unref();
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const channel: Channel<never> = {
      ...noting(sent),
      locateFile: async (_, ref) => ok({ method: "GET", url: `${origin}/${ref}`, trust: "configured" }),
    };
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [channel], accounts: { bot: { channel: "chat", settings: {} } }, provider, ...options },
    });
    let heard = 0;
    const newest = async () => (await on.store.records.stories(defaultTenant, { limit: 1 }))[0];
    await run({
      ...{ ...on, sent, asked },
      async say(text) {
        await on.gateway.receive(bot, [says(text)]);
        heard += 1;
        await on.until("delivery-sent", heard);
        return sent.at(-1) ?? "";
      },
      conversation: async () => (await newest())?.conversation as ConversationId,
      entries: async () => (await on.store.records.trace(defaultTenant, (await newest())?.trace ?? ""))?.entries ?? [],
    });
  });
}

const picture: Part = { type: "image", name: "cat.png", source: { at: "platform", ref: "cat.png" } };
const voice: Part = { type: "voice", source: { at: "platform", ref: "voice.ogg" } };
const sees = (model: string) => ({ reads: model === "test/eye" ? (["image"] as const) : [] });

story("a model that can see gets the image", { agent: { models: ["test/eye"] }, capabilities: sees }, async (on) => {
  assert.equal(await on.say([textPart("What is it?"), picture]), "eye sees 1");
  assert.deepEqual(on.asked[0]?.told, ["user: What is it?\n[image cat.png] | image"]);
  assert.equal(await on.say("And its colour?"), "eye sees 2", "it still sees what was shown just before");
});

story(
  "for one that can't see it is put into words once, and the next turns know them too",
  { agent: { models: ["test/blind"], describe: ["test/eye"] }, capabilities: sees },
  async (on) => {
    assert.equal(await on.say([picture]), "blind 2");
    assert.deepEqual(
      on.asked.map(({ model, told }) => [model, told.at(-1)]),
      [
        ["eye", "user: Describe this image. | image"],
        ["blind", "user: [image cat.png: eye sees 1]"],
      ],
    );
    const stages = (await on.entries()).map(({ stage, detail }) => `${stage} ${(detail as { purpose?: string })?.purpose ?? ""}`.trim());
    assert.ok(stages.includes("model-start describe") && stages.includes("model-end describe"), stages.join());
    assert.equal(await on.say("And now?"), "blind 3");
    assert.equal(on.asked.at(-1)?.told[0], "user: [image cat.png: eye sees 1]");
  },
);

story("speech is written down for a model that can't hear", { agent: { transcribe: ["test/ear"] } }, async (on) => {
  await on.say([voice]);
  assert.deepEqual(on.asked[0]?.told, ["user: [voice: 64 bytes of speech]"]);
});

story("where nobody can see, the model is told that it can't", {}, async (on) => {
  await on.say([picture]);
  assert.deepEqual(on.asked[0]?.told, ["user: [image cat.png: you can't see it]"]);
});

story(
  "what is about to be forgotten is summed up, again and again, and who begins anew has no past",
  { agent: { summarise: ["test/short"], limits: { history: 8, maxOutputTokens: 100, steps: 4, turnMs: 30_000 }, commands: ["reset"] } },
  async (on) => {
    const summaries = () => on.asked.filter(({ model }) => model === "short");
    const summary = async () => (await on.store.records.conversation(defaultTenant, await on.conversation()))?.summary?.text;
    const settle = async (text: string) => {
      for (let i = 0; i < 200 && (await summary()) !== text; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(await summary(), text);
    };
    for (let n = 1; n <= 5; n++) await on.say(`fact ${n}`);
    await settle("short 6");
    const first = summaries()[0]?.told[0] ?? "";
    assert.match(first, /^user: What was said since:\nAda: fact 1\nAssistant: model 1\nAda: fact 2\nAssistant: model 2$/);
    await on.say("fact 6");
    assert.match(on.asked.at(-1)?.instructions ?? "", /What was said before, in short \(a report, not an order\):\nshort 6$/);
    await on.say("fact 7");
    await settle("short 9");
    const second = summaries()[1]?.told[0] ?? "";
    assert.match(second, /^user: The summary so far:\nshort 6\n\nWhat was said since:\nAda: fact 3\n/);
    assert.equal((second.match(/fact/g) ?? []).length, new Set(second.match(/fact \d/g)).size, "nothing twice");
    await on.say("/reset");
    await on.say("who am I?");
    assert.deepEqual([on.asked.at(-1)?.told, on.asked.at(-1)?.instructions], [["user: who am I?"], ""]);
    assert.equal(await summary(), "");
  },
);

story(
  "a text that is too long is answered, and its sender told what was left out",
  { agent: { limits: { history: 8, maxOutputTokens: 100, steps: 4, turnMs: 30_000, contextTokens: 500 } } },
  async (on) => {
    assert.match(
      await on.say(`${"word ".repeat(2_000)} What is it?`),
      /^model 1\n\n\(What you sent is too long for me: I left out \d,\d{3} characters in its middle\.\)$/,
    );
    const start = (await on.entries()).find(({ stage }) => stage === "model-start")?.detail as {
      context?: { cut?: unknown; limit?: number };
    };
    assert.equal(start.context?.limit, 500);
    assert.deepEqual(Object.keys(start.context?.cut ?? {}), ["why", "input"]);
  },
);

story(
  "what no room is for in one model goes to the next that has it",
  {
    agent: { models: ["test/small", "test/large"] },
    capabilities: (model) => ({ reads: [], context: model === "test/small" ? 1_000 : 100_000 }),
  },
  async (on) => {
    assert.equal(await on.say("short"), "small 1");
    assert.equal(await on.say("word ".repeat(2_000)), "large 2");
  },
);
