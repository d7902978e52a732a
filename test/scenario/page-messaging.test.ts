import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { storeFile } from "../../src/places.ts";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type MessagingSimulator, startMessagingSimulator } from "../simulators/messaging.ts";

const people = Array.from({ length: 6 }, (_, index) => `125445915468291${index}`);
const rounds = 4;

function configurationFor(kind: "messenger" | "instagram", meta: MessagingSimulator, more: object): object {
  const { accessToken, appSecret, verifyToken, self, url: apiRoot } = meta;
  const id = kind === "messenger" ? { pageId: self } : { accountId: self };
  return {
    accounts: { page: { channel: kind, accessToken, appSecret, verifyToken, apiRoot, streaming: "off", ...id, ...more } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
}

function answersTo(meta: MessagingSimulator, person: string): string[] {
  return meta.seen(person).map((text) => /word-(\d+)/.exec(text)?.[1] ?? text);
}

/** The real gateway, killed again and again while people write: nothing is lost, and each kill explains one double in a conversation. */
for (const kind of ["messenger", "instagram"] as const) {
  test(`${kind}: kill -9 loses nothing`, { timeout: 180_000 }, async (t) => {
    await using home = await temporaryHome();
    const meta = await startMessagingSimulator(kind);
    t.after(() => meta.close());
    let gateway: GatewayProcess | undefined;
    t.after(() => gateway?.kill());
    const live = async () => {
      gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor(kind, meta, { onUnknown: "resend" }) });
      meta.requestUrl = `${gateway.url}/hooks/page`;
    };
    const answered = () => people.reduce((sum, person) => sum + answersTo(meta, person).length, 0);
    await live();
    for (let round = 0; round < rounds; round++) {
      for (const person of people) meta.say(person, `say word-${round}`);
      if (round === rounds - 1) break;
      // In the middle of this round's answers.
      const before = answered();
      while (answered() < before + 2) await wait(5);
      await gateway?.kill();
      await live();
    }
    while (!people.every((person) => new Set(answersTo(meta, person)).size === rounds)) await wait(20);
    const wanted = Array.from({ length: rounds }, (_, round) => String(round));
    for (const person of people) {
      const answers = answersTo(meta, person);
      // What Meta posts again may come behind what was said meanwhile.
      assert.deepEqual([...new Set(answers)].sort(), wanted, `${person}: ${answers}`);
      assert.ok(answers.length - rounds <= rounds - 1, `${person}: ${answers}`);
    }
    assert.equal(await gateway?.stop(), 0);
    assert.deepEqual(meta.violations, []);
    assert.ok(!gateway?.log().includes(meta.accessToken), "the token is in the log");
  });
}

/** Nobody knows whether it was accepted, and then the page's own message comes back with our delivery's id in it. */
test("messenger: an echo settles what nobody knew; a forged one is refused", { timeout: 60_000 }, async (t) => {
  await using home = await temporaryHome();
  const meta = await startMessagingSimulator("messenger");
  t.after(() => meta.close());
  const gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor("messenger", meta, { onUnknown: "hold" }) });
  t.after(() => gateway.kill());
  meta.requestUrl = `${gateway.url}/hooks/page`;
  const [person = ""] = people;
  const states = () => {
    using database = new DatabaseSync(storeFile(home.path), { readOnly: true });
    const rows = database.prepare("SELECT state, confirmed FROM deliveries ORDER BY seq").all();
    return rows.map(({ state, confirmed }) => [state, confirmed]);
  };
  const until = async (wanted: unknown) => {
    while (JSON.stringify(states()) !== JSON.stringify(wanted)) await wait(20);
  };
  meta.arrange({ kind: "cut", after: true });
  meta.say(person, "say word-1");
  await until([["unknown", null]]);
  const [sent] = meta.sent;
  assert.ok(sent);
  meta.tell(person, { message: { mid: sent.mid, is_echo: true, ...sent.message } }, true);
  await until([["sent", null]]);
  meta.tell(person, { delivery: { mids: [sent.mid], watermark: Date.now() } });
  await until([["sent", "delivered"]]);
  assert.deepEqual(answersTo(meta, person), ["1"]);

  const body = JSON.stringify({ object: "page", entry: [] });
  const post = (headers: Record<string, string>) => fetch(`${gateway.url}/hooks/page`, { method: "POST", headers, body });
  assert.equal((await post(meta.signed(body))).status, 200);
  assert.equal((await post({ ...meta.signed(body), "x-hub-signature-256": `sha256=${"0".repeat(64)}` })).status, 401);
  assert.equal((await post({ "content-type": "application/json" })).status, 401);
});

/** What was said yesterday is told today: the agent's answer comes too late, an operator's doesn't, and a program is no operator. */
test("messenger: after 24 hours only what a person writes goes out, where Meta granted that", { timeout: 60_000 }, async (t) => {
  await using home = await temporaryHome();
  const meta = await startMessagingSimulator("messenger");
  t.after(() => meta.close());
  meta.humanAgent = true;
  const gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor("messenger", meta, { humanAgent: true }) });
  t.after(() => gateway.kill());
  meta.requestUrl = `${gateway.url}/hooks/page`;
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(gateway.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: gateway.url, ...headers },
      body: JSON.stringify(body),
    });
  const owner = await post("/api/setup", { token: setupToken, name: "ada", password: "correct horse battery staple" });
  const cookie = String(owner.headers.get("set-cookie")).split(";")[0] as string;
  const made = (await (await post("/api/tokens", { label: "script", role: "operator" }, { cookie })).json()) as { token: string };
  const get = async (path: string) => (await (await fetch(gateway.url + path, { headers: { cookie } })).json()) as never;
  const dead = async (count: number) => {
    for (;;) {
      const found = (await get("/api/dead")) as { error: { code: string; message: string } }[];
      if (found.length === count) return found;
      await wait(20);
    }
  };

  const [person = ""] = people;
  meta.say(person, "say word-1", 25 * 3_600_000);
  const [late] = await dead(1);
  assert.deepEqual([late?.error.code, meta.calls.filter((call) => call.startsWith("POST")).length], ["window-closed", 0]);
  const [conversation] = (await get("/api/conversations")) as { id: string }[];
  const path = `/api/conversations/${conversation?.id}/messages`;
  assert.equal((await post(path, { text: "Sorry, that took a day." }, { cookie })).status, 202);
  while (meta.sent.length === 0) await wait(20);
  assert.deepEqual([meta.sent[0]?.message.text, meta.sent[0]?.tag], ["Sorry, that took a day.", "HUMAN_AGENT"]);
  assert.equal((await post(path, { text: "Buy now!" }, { authorization: `Bearer ${made.token}` })).status, 202);
  await dead(2);
  assert.equal(meta.sent.length, 1);
  assert.deepEqual(meta.violations, []);
});
