import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpClient } from "../core/http.ts";
import type { Log } from "../core/log.ts";
import type { ModelEvent, ModelMessage, ModelRequest } from "../core/provider.ts";
import demo from "./demo.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };
const offline: HttpClient = {
  send: () => assert.fail("the demo must not use the network"),
  stream: () => assert.fail("the demo must not use the network"),
};
const account = { id: "demo", settings: demo.settings.parse({ delayMs: 0 }), stallMs: 120_000, http: offline, log: silent };

function says(text: string): ModelMessage {
  return { role: "user", content: [{ type: "text", text }] };
}

async function ask(
  last: string | ModelMessage,
  more: Partial<ModelRequest> = {},
  signal = new AbortController().signal,
): Promise<ModelEvent[]> {
  const messages = [typeof last === "string" ? says(last) : last];
  const events: ModelEvent[] = [];
  for await (const event of demo.stream(account, { model: "demo", instructions: "", messages, tools: [], ...more }, signal))
    events.push(event);
  return events;
}

const textOf = (events: readonly ModelEvent[]) => events.map((event) => (event.type === "text" ? event.delta : "")).join("");
const tool = (name: string) => ({ name, description: "", parameters: {} });

test("it echoes, counts, labels itself, and says the same to the same", async () => {
  const events = await ask("a **b**");
  assert.match(textOf(events), /> a \*\*b\*\*[\s\S]*message 1[\s\S]*built-in demo model/);
  assert.deepEqual(await ask("a **b**"), events);
  assert.match(textOf(await ask("x", { messages: [says("a"), { role: "assistant", text: "b" }, says("c")] })), /message 2/);
  const end = events.at(-1);
  assert.ok(end?.type === "end" && end.reason === "stop" && end.usage.reported && end.usage.output === events.length - 1);
});

test("what a user writes can't become a block of the answer", async () => {
  assert.match(textOf(await ask("x\n```buttons\na\n```")), /> ```buttons/);
});

test("a long answer comes in many pieces with headings, list, table, code, quote", async () => {
  const events = await ask("long");
  assert.ok(events.length > 150);
  for (const piece of [/^# /m, /^- /m, /^\| /m, /^```ts/m, /^> /m]) assert.match(textOf(events), piece);
});

test("it asks for tools that are offered, and uses what they say", async () => {
  const events = await ask("calculate 2+3*4", { tools: [tool("calculator")] });
  assert.deepEqual(
    events.map((event) => event.type),
    ["tool-call", "end"],
  );
  const [call, end] = events;
  assert.ok(call?.type === "tool-call" && call.call.name === "calculator");
  assert.deepEqual(JSON.parse(call.call.input), { expression: "2+3*4" });
  assert.ok(end?.type === "end" && end.reason === "tool-calls");
  const zone = (await ask("Time in Asia/Tokyo", { tools: [tool("current_time")] }))[0];
  assert.ok(zone?.type === "tool-call" && JSON.parse(zone.call.input).zone === "Asia/Tokyo");
  assert.match(textOf(await ask({ role: "tool", callId: "demo_1", name: "calculator", result: "14", failed: false })), /14/);
  assert.match(textOf(await ask("time")), /may not use/);
});

for (const [sentence, command] of [
  ["Please stream a long answer", "long"],
  ["show me some buttons!", "buttons"],
  ["What time is it?", "time"],
  ["what is 2 + 3*4?", "calculate 2 + 3*4"],
  ["What can you do?", "help"],
] as const) {
  test(`${JSON.stringify(sentence)} is understood as ${JSON.stringify(command)}`, async () => {
    const tools = [tool("calculator"), tool("current_time")];
    assert.deepEqual((await ask(sentence, { tools })).slice(0, 1), (await ask(command, { tools })).slice(0, 1));
    assert.doesNotMatch(textOf(await ask(sentence, { tools })), /You wrote/);
  });
}

test("a sentence that asks for nothing that can be shown is repeated", async () => {
  for (const sentence of ["It took a long time.", "I lost a button", `a long answer ${"x".repeat(80)}`, "what is 3 o'clock in Rome"]) {
    assert.match(textOf(await ask(sentence)), /You wrote/, sentence);
  }
});

test("it fails when asked, with the code asked for; once means once", async () => {
  const code = async (text: string) => (await ask(text)).map((event) => (event.type === "fail" ? event.fault.code : event.type)).at(-1);
  assert.equal(await code("fail"), "provider-unavailable");
  assert.equal(await code("fail quota"), "provider-quota");
  assert.equal(await code("fail context"), "context-too-long");
  assert.equal(await code("fail once"), "provider-unavailable");
  assert.equal(await code("fail once"), "end");
  assert.equal(await code("fail to see why"), "end");
});

test("images are named, the output limit cuts, another model is refused, an abort ends it", async () => {
  const image: ModelMessage = { role: "user", content: [{ type: "image", mediaType: "image/png", data: new Uint8Array(1234) }] };
  assert.match(textOf(await ask(image)), /image\/png, 1,234 bytes/);
  const cut = await ask("long", { maxOutputTokens: 5 });
  const end = cut.at(-1);
  assert.ok(cut.length === 6 && end?.type === "end" && end.reason === "length");
  const other = (await ask("x", { model: "gpt" }))[0];
  assert.ok(other?.type === "fail" && other.fault.code === "provider-refused");
  assert.deepEqual(await ask("x", {}, AbortSignal.abort()), []);
});
