import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { createHandClock } from "../../test/clock.ts";
import { cookieOf, startTestServer, type TestServer } from "../../test/http-server.ts";
import type { CallEvent, Calls } from "../core/calls.ts";
import { fault, ok } from "../core/errors.ts";
import { defineTool, type Tool } from "../core/tool.ts";

/** A model whose every word the test gives; calls end with their signal. */
function callsByHand() {
  const open: { say(...events: CallEvent[]): void; readonly signal: AbortSignal }[] = [];
  const never = () => {
    throw new Error("not asked for");
  };
  const calls: Calls = {
    async *stream(_, ask, signal) {
      const events: CallEvent[] = [];
      let ring = () => {};
      signal.addEventListener("abort", () => ring(), { once: true });
      open.push({
        signal,
        say(...more) {
          events.push(...more);
          ring();
        },
      });
      yield { type: "model", model: ask.models[0] ?? "" };
      for (;;) {
        for (let event = events.shift(); event; event = events.shift()) {
          yield event;
          if (event.type === "end" || event.type === "fail") return;
        }
        if (signal.aborted) return yield { type: "fail", fault: fault("aborted", "taken away") };
        await new Promise<void>((resolve) => {
          ring = resolve;
        });
      }
    },
    ...{ complete: never, embed: never, transcribe: never },
  };
  return { calls, open };
}

const end: CallEvent = { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };

function play({ server }: TestServer, cookie: string, signal?: AbortSignal) {
  return fetch(`http://127.0.0.1:${server.port}/api/playground`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify({ agent: "main", said: [{ from: "operator", text: "Hello" }] }),
    ...(signal && { signal }),
  });
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (holds()) return;
    await wait(10);
  }
  throw new Error(`never: ${what}`);
}

/** Time passes until the answer begins. */
async function begun(clock: ReturnType<typeof createHandClock>, answer: Promise<Response>): Promise<Response> {
  await clock.advance(10_000);
  return answer;
}

test("a model that thinks for long is waited for with the stream open; what fails then is its last event", async () => {
  const clock = createHandClock();
  const { calls, open } = callsByHand();
  const secret = "a-secret-of-twenty-signs";
  const configuration = { accounts: { desk: { channel: "toy", token: secret } } };
  await using server = await startTestServer({ clock, calls, configuration });
  const cookie = await server.setup();
  const answer = play(server, cookie);
  await eventually("it is asked", () => open.length === 1);
  const response = await begun(clock, answer);
  assert.equal(response.status, 200);
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value ?? "", /"type":"model"/);
  await clock.advance(15_000);
  assert.match((await reader.read()).value ?? "", /^: still here/, "nothing in between takes it for dead");
  open[0]?.say({ type: "fail", fault: fault("provider-unavailable", `it doesn't know ${secret}`) });
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) rest += read.value;
  assert.match(rest, /"code":"provider-unavailable".*"hint":"/);
  assert.doesNotMatch(rest, /"type":"end"/);
  assert.ok(!rest.includes(secret), "a provider may quote what it refused");
});

test("who hangs up before a word came ends the call; so many trials run at a time and no more", async () => {
  const { calls, open } = callsByHand();
  await using server = await startTestServer({ calls });
  const cookie = await server.setup();
  const leaving = new AbortController();
  const left = Array.from({ length: 20 }, () => play(server, cookie, leaving.signal).catch(() => undefined));
  await eventually("all are asked", () => open.length === 20);
  const refused = await play(server, cookie);
  assert.equal(refused.status, 503);
  assert.match(await refused.text(), /"busy"/);
  leaving.abort();
  await Promise.all(left);
  await eventually("the calls are ended", () => open.every(({ signal }) => signal.aborted));
  const next = play(server, cookie);
  await eventually("the next is asked", () => open.length === 21);
  open[20]?.say({ type: "text", delta: "Hi" }, end);
  assert.match(await (await next).text(), /"delta":"Hi"[\s\S]*"type":"end"/);
});

test("a tool waits for the word of who tries it, of nobody else, and not for ever", async () => {
  const clock = createHandClock();
  const { calls, open } = callsByHand();
  let ran = 0;
  const tool = defineTool({ name: "pay", description: "Pays.", input: z.object({}), run: () => ok(`paid ${++ran}`) }) as Tool;
  await using server = await startTestServer({ clock, calls, tools: [tool] });
  const cookie = await server.setup();
  const invited = await server.ask("/api/invitations", { method: "POST", cookie, body: { label: "Bob", role: "admin" } });
  const joined = await server.ask("/api/join", {
    method: "POST",
    body: { token: invited.json.secret, name: "Bob", password: "another horse battery staple" },
  });
  const bob = cookieOf(joined);
  const answer = (question: string, allow: boolean, by: string) =>
    server.ask("/api/playground/tools", { method: "POST", cookie: by, body: { question, allow } });
  const ask = async () => {
    const n = open.length;
    const response = play(server, cookie);
    await eventually("it is asked", () => open.length === n + 1);
    const wants = { type: "tool-call", call: { id: "c1", name: "pay", input: "{}" } } as const;
    open[n]?.say(wants, { ...end, reason: "tool-calls" } as CallEvent);
    const reader = ((await response).body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    const until = async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(seen);
        if (found) return found[1] ?? "";
        const { value, done } = await reader.read();
        assert.ok(!done, `before ${pattern}: ${seen}`);
        seen += value;
      }
    };
    return { until, close: () => reader.cancel(), question: await until(/"question":"(pq_[\w-]+)"/) };
  };

  const first = await ask();
  assert.equal((await answer(first.question, true, bob)).status, 404, "another operator's word doesn't count");
  assert.equal(ran, 0);
  assert.equal((await answer(first.question, true, cookie)).status, 200);
  await first.until(/"result":"(paid 1)"/);
  await first.close();

  const second = await ask();
  await clock.advance(15 * 60_000 + 1);
  await second.until(/("state":"refused")/);
  assert.equal((await answer(second.question, true, cookie)).status, 404, "it has expired");
  assert.equal(ran, 1);
  await second.close();
});
