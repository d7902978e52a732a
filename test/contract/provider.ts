import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, describe, test } from "node:test";
import { inspect } from "node:util";
import { type ErrorCode, ok } from "../../src/core/errors.ts";
import type { Log } from "../../src/core/log.ts";
import type { ModelEvent, ModelMessage, ModelRequest, Provider, ProviderAccount } from "../../src/core/provider.ts";
import { createHttpClient } from "../../src/http/client.ts";
import { type ModelSimulator, startModelSimulator } from "../simulators/model.ts";
import { formViolations } from "./translations.ts";

export interface ProviderCases {
  /** Settings that reach a server that speaks the provider's format. */
  settings(server: { readonly origin: string; readonly key: string }): unknown;
  /** Simulator options and behaviours that the format doesn't have, with the reason. */
  readonly lacks?: Readonly<Record<string, string>>;
}

const key = "sk-secret-key-of-the-test";
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };
const tools = ["add", "look_up"].map((name) => ({
  name,
  description: `To ${name}`,
  parameters: { type: "object", properties: { a: { type: "number" } } },
}));

/** Runs what every provider over HTTP owes to the turn, against the simulator. Call it once in the provider's own test. */
export function providerContract<Settings>(provider: Provider<Settings>, cases: ProviderCases): void {
  describe(`${provider.kind} keeps the provider contract`, async () => {
    const http = createHttpClient();
    const simulator = await startModelSimulator({ key });
    after(async () => {
      await http.close();
      await simulator.close();
    });
    const open = (settings: unknown, stallMs = 120_000): ProviderAccount<Settings> => ({
      stallMs,
      id: "under-test",
      settings: provider.settings.parse(settings),
      http,
      log: silent,
      load: async ({ name }) => ok((await import(name)) as unknown),
    });
    const account = open(cases.settings({ origin: simulator.origin, key }));
    test("its form says the same in each of its languages", () => assert.deepEqual(formViolations(provider), []));
    const { package: wanted } = provider;
    if (wanted) {
      test("what is tested is the version that is installed for the operator", async () => {
        const manifest = new URL(`../../node_modules/${wanted.name}/package.json`, import.meta.url);
        assert.equal((JSON.parse(await readFile(manifest, "utf8")) as { version: string }).version, wanted.version);
      });
      test("without its package it fails with a word on how to get it", async () => {
        const { load: _, ...bare } = account;
        const { fault } = failOf(await collect(provider, bare, plain("echo")));
        assert.equal(fault.code, "package-missing");
        assert.ok(fault.message.includes(`${wanted.name}@${wanted.version}`) && fault.message.includes(provider.kind));
      });
    }
    const ask = (model: string, more: Partial<ModelRequest> = {}, signal?: AbortSignal) =>
      collect(provider, account, { ...plain(model), ...more }, signal);
    const has = (what: string) => cases.lacks?.[what] === undefined;

    test("text, its end, its usage and the provider's id", async () => {
      const events = await ask("echo");
      assert.equal(textOf(events), "You said: Grüße, 世界 🌍");
      assert.ok(events.filter(({ type }) => type === "text").length > 2, "it streams");
      const end = endOf(events);
      assert.equal(end.reason, "stop");
      assert.equal(end.requestId, "req_simulated");
      assert.deepEqual(end.usage, { input: 32, cachedInput: has("cached") ? 8 : 0, output: 5, reported: true });
    });

    for (const option of ["bytes", "crlf", "comments", "bytes+crlf", "slow"].filter(has)) {
      test(`the same however it arrives: ${option}`, async () => {
        assert.equal(textOf(await ask(`echo+${option}`)), "You said: Grüße, 世界 🌍");
      });
    }

    if (has("nousage")) {
      test("a server that reports no usage", async () => {
        assert.deepEqual(endOf(await ask("echo+nousage")).usage, { input: 0, cachedInput: 0, output: 0, reported: false });
      });
    }

    if (has("nodone")) {
      test("a server that leaves out the last mark", async () => {
        assert.equal(endOf(await ask("echo+nodone")).reason, "stop");
      });
    }

    if (has("open"))
      test("a server that keeps the connection open after its last word", async () => {
        const impatient = open(cases.settings({ origin: simulator.origin, key }), 1_000);
        assert.equal(endOf(await collect(provider, impatient, plain("echo+open"))).reason, "stop");
      });

    test("reasoning is apart from text", async () => {
      const events = await ask("think");
      assert.equal(events.map((event) => (event.type === "reasoning" ? event.delta : "")).join(""), "Let me think.");
      assert.equal(textOf(events), "You said: Grüße, 世界 🌍");
    });

    for (const model of ["tools", "tools+noindex", "tools+bytes"].filter(has)) {
      test(`a round of tools: ${model}`, async () => {
        const question: ModelMessage = { role: "user", content: [{ type: "text", text: '{"a": 12, "b": "ü\\"}"}' }] };
        const events = await ask(model, { messages: [question], tools });
        const toolCalls = events.flatMap((event) => (event.type === "tool-call" ? [event.call] : []));
        assert.deepEqual(
          toolCalls.map(({ name }) => name),
          ["add", "look_up"],
        );
        for (const call of toolCalls) assert.deepEqual(JSON.parse(call.input), { a: 12, b: 'ü"}' });
        assert.equal(new Set(toolCalls.map(({ id }) => id)).size, 2);
        assert.equal(endOf(events).reason, "tool-calls");
        const results = toolCalls.map(
          ({ id, name }, n): ModelMessage => ({ role: "tool", callId: id, name, result: `result ${n}`, failed: n === 1 }),
        );
        const answer = await ask(model, {
          messages: [question, { role: "assistant", text: textOf(events), toolCalls }, ...results],
          tools,
        });
        assert.match(textOf(answer), /result 0.*result 1/);
        assert.equal(endOf(answer).reason, "stop");
      });
    }

    test("calls without arguments, without words, and with ids and inputs of another provider", async () => {
      const events = await ask("tools", { tools });
      assert.deepEqual(
        events.flatMap((event) => (event.type === "tool-call" ? [event.call.input] : [])),
        ["{}", "{}"],
      );
      const toolCalls = [{ id: "call.a/1", name: "add", input: "no json" }];
      const result: ModelMessage = { role: "tool", callId: "call.a/1", name: "add", result: "fine", failed: false };
      const answer = await ask("tools", { messages: [...plain("").messages, { role: "assistant", text: " ", toolCalls }, result], tools });
      assert.match(textOf(answer), /fine/);
    });

    test("images, a past that begins with the assistant, two messages in a row, white space", async () => {
      const messages: ModelMessage[] = [
        { role: "assistant", text: "I write first. \n" },
        { role: "user", content: [{ type: "text", text: "One." }] },
        {
          role: "user",
          content: [
            { type: "image", mediaType: "image/png", data: new Uint8Array([137, 80, 78, 71, 0, 255]) },
            { type: "text", text: "Two." },
          ],
        },
      ];
      assert.match(textOf(await ask("echo", { messages })), /\(1 images\)[\s\S]*Two\./);
    });

    const { embed, transcribe } = provider;
    if (embed) {
      test("texts become vectors, in their order, and a refusal is a fault", async () => {
        const signal = AbortSignal.timeout(5000);
        const texts = ["apples and pears", "pears and apples", "the weather in Oslo"];
        const embedded = await embed(account, { model: "embed", texts }, signal);
        assert.ok(embedded.ok, inspect(embedded));
        const [first, second, third] = embedded.value.vectors;
        assert.deepEqual(first, second);
        assert.notDeepEqual(first, third);
        assert.ok(embedded.value.usage.reported && embedded.value.usage.input > 0);
        const refused = await embed(account, { model: "denied", texts }, signal);
        assert.ok(!refused.ok && refused.fault.code === "provider-auth");
      });
    }
    if (transcribe) {
      test("a recording becomes text, and a refusal is a fault", async () => {
        const signal = AbortSignal.timeout(5000);
        const audio = { mediaType: "audio/ogg; codecs=opus", data: new Uint8Array([79, 103, 103, 83, 0, 13, 10]) };
        const heard = await transcribe(account, { model: "hear", audio, language: "de" }, signal);
        assert.ok(heard.ok && /^7 bytes of audio\/ogg/.test(heard.value.text), inspect(heard));
        assert.equal(simulator.calls.at(-1)?.body.language, "de");
        const refused = await transcribe(account, { model: "broken", audio }, signal);
        assert.ok(!refused.ok && refused.fault.code === "provider-unavailable");
      });
    }
    test("a recording reaches the server, or the model is told that it can't hear it", async () => {
      const content = [
        { type: "audio", mediaType: "audio/mpeg", data: new Uint8Array([255, 251, 144, 0]) },
        { type: "text", text: "What is said?" },
      ] as const;
      const answer = await ask("echo", { messages: [{ role: "user", content }] });
      if (has("audio")) {
        assert.match(JSON.stringify(simulator.calls.at(-1)?.body), /\/\/uQAA/, "as base64");
        assert.match(textOf(answer), /What is said/);
      } else assert.match(textOf(answer), /can't hear/);
    });

    test("instructions, temperature and the output limit reach the server", async () => {
      await ask("echo", { instructions: "Be brief.", temperature: 0.5, maxOutputTokens: 77 });
      const sent = JSON.stringify(simulator.calls.at(-1)?.body);
      assert.match(sent, /Be brief\./);
      assert.match(sent, /"temperature":0\.5/);
      assert.match(sent, /(?:tokens|num_predict)":77/i);
    });

    test("ends that are not stops", async () => {
      assert.equal(endOf(await ask("length")).reason, "length");
      if (has("filter")) assert.equal(endOf(await ask("filter")).reason, "filter");
    });

    const failures: readonly [model: string, code: ErrorCode, afterMs?: number][] = [
      ["quota", "provider-quota", 7000],
      ["spent", "provider-spent"],
      ["denied", "provider-auth"],
      ["missing", "provider-refused"],
      ["long", "context-too-long"],
      ["broken", "provider-unavailable"],
      ["overloaded", "provider-unavailable"],
      ["html", "provider-unavailable"],
      ["json", "provider-malformed"],
      ["error", "provider-unavailable"],
      ["quota-event", "provider-quota"],
      ["cut", "provider-unavailable"],
      ["end", "provider-unavailable"],
      ["stall", "provider-unavailable"],
      ["silent", "provider-unavailable"],
      ["malformed", "provider-malformed"],
    ];
    for (const [model, code, afterMs] of failures.filter(([model]) => has(model))) {
      test(`${model} → ${code}`, async () => {
        const impatient = open(cases.settings({ origin: simulator.origin, key }), 1_000);
        const events = await collect(provider, impatient, plain(model));
        const fail = failOf(events);
        assert.equal(fail.fault.code, code, fail.fault.message);
        assert.equal(fail.afterMs, afterMs);
        assert.match(fail.fault.message, /under-test/);
      });
    }

    test("a wrong key is refused, named, and never shown; models are listed with the right one", async () => {
      const wrong = open(cases.settings({ origin: simulator.origin, key: "sk-wrong-key-1234567890" }));
      const fail = failOf(await collect(provider, wrong, plain("echo")));
      assert.equal(fail.fault.code, "provider-auth");
      assert.doesNotMatch(inspect(fail, { depth: 9 }), /wrong-key/);
      const refused = await provider.models(wrong, AbortSignal.timeout(5000));
      assert.ok(!refused.ok && refused.fault.code === "provider-auth");
      const listed = await provider.models(account, AbortSignal.timeout(5000));
      assert.deepEqual(listed, { ok: true, value: ["echo", "chunks-50"] });
    });

    test("nobody there", async () => {
      const lost = open(cases.settings({ origin: "http://127.0.0.1:1", key }));
      const fail = failOf(await collect(provider, lost, plain("echo")));
      assert.equal(fail.fault.code, "provider-unavailable");
      const models = await provider.models(lost, AbortSignal.timeout(5000));
      assert.ok(!models.ok && models.fault.code === "provider-unavailable");
    });

    test("aborting, and breaking off, close the connection", async () => {
      const giveUp = new AbortController();
      const aborted = over(simulator);
      for await (const event of provider.stream(account, plain("chunks-500+slow"), giveUp.signal)) {
        if (event.type === "text") giveUp.abort();
        assert.notEqual(event.type, "end");
      }
      assert.equal((await aborted).state, "closed-by-client");
      const broken = over(simulator);
      for await (const event of provider.stream(account, plain("endless"), new AbortController().signal)) if (event.type === "text") break;
      assert.equal((await broken).state, "closed-by-client");
      assert.deepEqual(await collect(provider, account, plain("silent"), AbortSignal.abort()), []);
    });

    test("many at once don't mix", async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          ask("echo", { messages: [{ role: "user", content: [{ type: "text", text: `number ${n}` }] }] }),
        ),
      );
      for (const [n, events] of answers.entries()) assert.equal(textOf(events), `You said: number ${n}`);
    });
  });
}

function plain(model: string): ModelRequest {
  return { model, instructions: "", tools: [], messages: [{ role: "user", content: [{ type: "text", text: "Grüße, 世界 🌍" }] }] };
}

/** The next call that the simulator gets, once it is over. */
function over(simulator: ModelSimulator): ReturnType<ModelSimulator["over"]> {
  return simulator.over(simulator.calls.length + 1);
}

/** All events, checked for the law: exactly one `end` or `fail`, and it is the last; only an abort may leave it out. */
async function collect<Settings>(
  provider: Provider<Settings>,
  account: ProviderAccount<Settings>,
  request: ModelRequest,
  signal = new AbortController().signal,
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream(account, request, signal)) events.push(event);
  const last = events.findIndex(({ type }) => type === "end" || type === "fail");
  if (!signal.aborted) assert.equal(last, events.length - 1, "exactly one end or fail, at the end");
  for (const event of events) if ("delta" in event) assert.notEqual(event.delta, "");
  return events;
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === "text" ? event.delta : "")).join("");
}

function endOf(events: readonly ModelEvent[]): Extract<ModelEvent, { type: "end" }> {
  const last = events.at(-1);
  assert.ok(last?.type === "end", inspect(last));
  return last;
}

function failOf(events: readonly ModelEvent[]): Extract<ModelEvent, { type: "fail" }> {
  const last = events.at(-1);
  assert.ok(last?.type === "fail", inspect(last));
  return last;
}
