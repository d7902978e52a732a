import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { freePorts } from "../servers/ports.ts";
import { readSpec, startTelegramSimulator } from "../simulators/telegram.ts";

/** Milliseconds within which an open window is to know. */
const soonMs = 1_000;
const stranger = 4711;

interface Heard {
  readonly type: string;
  readonly data: { readonly entry?: { readonly stage: string } };
  /** Monotonic milliseconds. */
  readonly at: number;
}

test("what operators should act on, and that it is over, is in every open window within a second", { timeout: 60_000 }, async (t) => {
  const telegram = await startTelegramSimulator({ spec: readSpec() });
  t.after(() => telegram.close());
  telegram.world.chat(stranger);
  const home = await temporaryHome();
  t.after(() => home[Symbol.asyncDispose]());
  const [nobody] = await freePorts(1);
  const gateway = await startGatewayProcess({
    home: home.path,
    configuration: {
      accounts: { bot: { channel: "telegram", token: telegram.token, apiRoot: telegram.url, access: { direct: "pairing" } } },
      providers: { away: { kind: "openai-compatible", baseUrl: `http://127.0.0.1:${nobody}/v1` }, demo: { kind: "demo", delayMs: 0 } },
      agents: { main: { models: ["away/model", "demo/demo"] } },
      budgets: { today: { every: "day", tokens: 10, atLimit: "wait" } },
    },
  });
  t.after(() => gateway.kill());

  let cookie = "";
  let token = "";
  const made = await ask("/api/setup", { token: setupToken, name: "Ada", password: "a-long-enough-password-1" });
  cookie = String(made.headers.get("set-cookie")).split(";")[0] as string;
  ({ token } = (await (await ask("/api/tokens", { label: "program", role: "operator" })).json()) as { token: string });
  const heard = await listen();

  await becomes("pairing-waiting", true, async () => {
    telegram.say(stranger, stranger, "let me in");
    await stage("ignored");
  });
  await becomes("pairing-waiting", false, () => ok("/api/pairings/approve", { account: "bot", sender: String(stranger) }));
  await becomes("budget-used", true, async () => {
    telegram.say(stranger, stranger, "hello");
    await stage("turn-done");
  });
  await becomes("budget-used", false, () => ok("/api/budgets/today/raise", { tokens: 1_000 }));
  await becomes("budget-used", true, () =>
    ok("/v1/chat/completions", { model: "main", messages: [{ role: "user", content: "word ".repeat(1_100) }] }),
  );
  await ok("/api/budgets/today/raise", { tokens: 100_000 });
  await within("the model that can't be reached isn't asked any more", async () => {
    for (let n = 0; n < 3; n++) telegram.say(stranger, stranger, `and ${n}`);
    await stage("turn-done", 2);
    return "model";
  });
  const models = (await (await ask("/api/models")).json()) as { model: string; state: string }[];
  assert.equal(models.find(({ model }) => model === "away/model")?.state, "failing");

  function ask(path: string, body?: object): Promise<Response> {
    const signed = path.startsWith("/v1/") ? { authorization: `Bearer ${token}` } : { cookie, origin: gateway.url };
    const headers = { ...signed, "content-type": "application/json" };
    return fetch(gateway.url + path, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
  }

  async function ok(path: string, body: object): Promise<void> {
    const answer = await ask(path, body);
    assert.equal(answer.status, 200, `${path}: ${await answer.text()}`);
  }

  /** `cause` makes the finding come or go: a window is told so, and what it asks then is right. */
  async function becomes(code: string, there: boolean, cause: () => Promise<void>): Promise<void> {
    const what = `${code} ${there ? "comes" : "goes"}`;
    await within(what, async () => {
      await cause();
      return "finding";
    });
    const findings = (await (await ask("/api/findings")).json()) as { code: string }[];
    assert.equal(
      findings.some((finding) => finding.code === code),
      there,
      what,
    );
  }

  /** From the cause on (or while it came about) an event of the type that it names is heard, soon. */
  async function within(what: string, cause: () => Promise<string>): Promise<void> {
    // Whatever the one before may still bring is past.
    await wait(soonMs + 200);
    const from = heard.length;
    const type = await cause();
    const end = performance.now() + soonMs;
    while (!heard.slice(from).some((event) => event.type === type)) {
      assert.ok(performance.now() < end, `${what}: no ${type} within ${soonMs} ms`);
      await wait(10);
    }
    const [event] = heard.slice(from).filter((each) => each.type === type);
    t.diagnostic(`${what}: ${Math.round((event?.at ?? 0) - (end - soonMs))} ms after its cause`);
  }

  async function stage(wanted: string, times = 1): Promise<void> {
    const from = heard.length;
    const end = performance.now() + 15_000;
    while (heard.slice(from).filter(({ data }) => data.entry?.stage === wanted).length < times) {
      assert.ok(performance.now() < end, `the stage ${wanted} never came\n${gateway.log()}`);
      await wait(5);
    }
  }

  async function listen(): Promise<readonly Heard[]> {
    const aborter = new AbortController();
    t.after(() => aborter.abort());
    const answer = await fetch(`${gateway.url}/api/events`, { headers: { cookie }, signal: aborter.signal });
    assert.equal(answer.status, 200);
    const events: Heard[] = [];
    void (async () => {
      let rest = "";
      for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
        const blocks = (rest + Buffer.from(chunk).toString()).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const [, type] = /^event: (.+)$/m.exec(block) ?? [];
          const [, data = "{}"] = /^data: (.+)$/m.exec(block) ?? [];
          if (type) events.push({ type, data: JSON.parse(data), at: performance.now() });
        }
      }
    })().catch(() => {});
    return events;
  }
});
