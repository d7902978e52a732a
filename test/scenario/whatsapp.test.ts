import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { storeFile } from "../../src/places.ts";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "../simulators/whatsapp.ts";

const people = Array.from({ length: 8 }, (_, index) => `1650555000${index}`);
const rounds = 5;

function configurationFor(whatsapp: WhatsAppSimulator, more: object): object {
  const { accessToken, appSecret, verifyToken, phoneNumberId, url: apiRoot } = whatsapp;
  return {
    accounts: { shop: { channel: "whatsapp", accessToken, appSecret, verifyToken, phoneNumberId, apiRoot, streaming: "off", ...more } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
}

/** The answers to `say word-<n>` that a person has, in order; they are written to by the id that the webhook named. */
function answersTo(whatsapp: WhatsAppSimulator, person: string): string[] {
  return whatsapp.seen(`US.${person}`).map((text) => /word-(\d+)/.exec(text)?.[1] ?? text);
}

/**
 * The real gateway before the Cloud API, killed again and again while people write. WhatsApp has no key against doubles, so the account says
 * `resend`: nothing is lost, and each kill explains one double in a conversation.
 */
test("WhatsApp: kill -9 loses nothing", { timeout: 180_000 }, async (t) => {
  await using home = await temporaryHome();
  const whatsapp = await startWhatsAppSimulator();
  t.after(() => whatsapp.close());
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const live = async () => {
    gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor(whatsapp, { onUnknown: "resend" }) });
    whatsapp.requestUrl = `${gateway.url}/hooks/shop`;
  };
  const answered = () => people.reduce((sum, person) => sum + answersTo(whatsapp, person).length, 0);
  await live();
  for (let round = 0; round < rounds; round++) {
    for (const person of people) whatsapp.say(person, `say word-${round}`);
    if (round === rounds - 1) break;
    // In the middle of this round's answers.
    const before = answered();
    while (answered() < before + 2) await wait(5);
    await gateway?.kill();
    await live();
  }
  while (!people.every((person) => new Set(answersTo(whatsapp, person)).size === rounds)) await wait(20);
  const wanted = Array.from({ length: rounds }, (_, round) => String(round));
  for (const person of people) {
    const answers = answersTo(whatsapp, person);
    // What Meta posts again may come behind what was said meanwhile.
    assert.deepEqual([...new Set(answers)].sort(), wanted, `${person}: ${answers}`);
    assert.ok(answers.length - rounds <= rounds - 1, `${person}: ${answers}`);
  }
  assert.equal(await gateway?.stop(), 0);
  assert.deepEqual(whatsapp.violations, []);
  assert.ok(!gateway?.log().includes(whatsapp.accessToken), "the token is in the log");
});

/** Nobody knows whether it was accepted, and then WhatsApp tells that it was delivered, under our own id. */
test("WhatsApp: what it tells afterwards settles what nobody knew", { timeout: 60_000 }, async (t) => {
  await using home = await temporaryHome();
  const whatsapp = await startWhatsAppSimulator();
  t.after(() => whatsapp.close());
  const gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor(whatsapp, { onUnknown: "hold" }) });
  t.after(() => gateway.kill());
  whatsapp.requestUrl = `${gateway.url}/hooks/shop`;
  const [person = ""] = people;
  const states = () => {
    using database = new DatabaseSync(storeFile(home.path), { readOnly: true });
    const rows = database.prepare("SELECT state, confirmed, error_code FROM deliveries ORDER BY seq").all();
    return rows.map(({ state, confirmed, error_code: code }) => [state, confirmed ?? code]);
  };
  const until = async (wanted: unknown) => {
    while (JSON.stringify(states()) !== JSON.stringify(wanted)) await wait(20);
  };
  whatsapp.arrange({ kind: "cut", after: true });
  whatsapp.say(person, "say word-1");
  await until([["unknown", "channel-unknown"]]);
  const [sent] = whatsapp.sent;
  assert.ok(sent);
  whatsapp.tellStatus(sent, "sent");
  await until([["sent", null]]);
  whatsapp.tellStatus(sent, "delivered");
  await until([["sent", "delivered"]]);

  whatsapp.say(person, "say word-2");
  await until([
    ["sent", "delivered"],
    ["sent", null],
  ]);
  const last = whatsapp.sent.at(-1);
  assert.ok(last);
  whatsapp.tellStatus(last, "failed", { errors: [{ code: 131026, title: "Message undeliverable" }] });
  await until([
    ["sent", "delivered"],
    ["failed", "channel-gone"],
  ]);
  assert.deepEqual(answersTo(whatsapp, person), ["1", "2"]);

  const ask = (query: string) => fetch(`${gateway.url}/hooks/shop?${query}`);
  const good = await ask(`hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${whatsapp.verifyToken}`);
  assert.deepEqual([good.status, await good.text()], [200, "1158201444"]);
  assert.equal((await ask("hub.mode=subscribe&hub.challenge=1&hub.verify_token=x")).status, 401);
  const body = JSON.stringify({ object: "whatsapp_business_account", entry: [] });
  const post = (headers: Record<string, string>) => fetch(`${gateway.url}/hooks/shop`, { method: "POST", headers, body });
  assert.equal((await post(whatsapp.signed(body))).status, 200);
  assert.equal((await post({ ...whatsapp.signed(body), "x-hub-signature-256": `sha256=${"0".repeat(64)}` })).status, 401);
  assert.equal((await post({ "content-type": "application/json" })).status, 401);
});
