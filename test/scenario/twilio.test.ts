import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { freePorts } from "../servers/ports.ts";
import { startTwilioSimulator } from "../simulators/twilio.ts";

const rounds = 5;
/** Milliseconds: long enough ago that a message is looked for in the list, too. */
const ago = 150_000;

/**
 * The real gateway before Twilio, killed again and again while people write. Twilio posts once, so what came in while nobody was there has
 * to be found in its list; and it has no key against doubles, so each kill may explain one in a conversation, where its callback came too late.
 */
test("Twilio: kill -9 loses nothing", { timeout: 180_000 }, async (t) => {
  await using home = await temporaryHome();
  const twilio = await startTwilioSimulator({ callbacks: true });
  t.after(() => twilio.close());
  const [port] = await freePorts(1);
  const configuration = {
    http: { publicUrl: `http://127.0.0.1:${port}` },
    accounts: { shop: { channel: "twilio", ...twilio.settings, onUnknown: "resend", access: { direct: "open" } } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const live = async () => {
    gateway = await startGatewayProcess({ home: home.path, configuration, env: { POLYLOGUE_PORT: String(port) } });
  };
  twilio.webhookUrl = `http://127.0.0.1:${port}/hooks/shop`;
  const people = Array.from({ length: 8 }, (_, index) => `whatsapp:+1555222000${index}`);
  const answersTo = (person: string) => twilio.seen(person).map(({ body }) => /word-(\d+)/.exec(body)?.[1] ?? body);
  const answered = () => people.reduce((sum, person) => sum + answersTo(person).length, 0);

  await live();
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    for (const from of people) twilio.say(`say word-${round}`, { from, ago });
    if (round === rounds - 1) break;
    // In the middle of this round's answers.
    const before = answered();
    while (answered() < before + 2) await wait(5);
    await gateway?.kill();
    kills++;
    // Nobody is there: the post fails, and isn't repeated.
    for (const from of people) twilio.say(`say word-${rounds + round}`, { from, ago });
    await live();
  }
  const wanted = Array.from({ length: 2 * rounds - 1 }, (_, word) => String(word));
  while (!people.every((person) => new Set(answersTo(person)).size === wanted.length)) await wait(20);
  for (const person of people) {
    const answers = answersTo(person);
    assert.deepEqual(
      [...new Set(answers)].sort((a, b) => Number(a) - Number(b)),
      wanted,
      `${person}: ${answers}`,
    );
    assert.ok(answers.length - wanted.length <= kills, `${person}: ${answers}`);
  }
  assert.ok(
    twilio.answers.some(([status]) => status === 0),
    "no post failed",
  );
  assert.ok(twilio.answers.filter(([status]) => status === 200).every(([, body]) => body.endsWith("<Response/>")));
  assert.equal(await gateway?.stop(), 0);
  assert.deepEqual(twilio.violations, []);
});

test("Twilio: a button that was tapped, a picture, and a forged message at the gateway's door", { timeout: 60_000 }, async (t) => {
  await using home = await temporaryHome();
  const twilio = await startTwilioSimulator({ callbacks: true });
  t.after(() => twilio.close());
  const [port] = await freePorts(1);
  const configuration = {
    http: { publicUrl: `http://127.0.0.1:${port}` },
    accounts: { shop: { channel: "twilio", ...twilio.settings, access: { direct: "open" } } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  const gateway = await startGatewayProcess({ home: home.path, configuration, env: { POLYLOGUE_PORT: String(port) } });
  t.after(() => gateway.kill());
  twilio.webhookUrl = `${gateway.url}/hooks/shop`;
  const ann = "whatsapp:+15552223333";
  const until = async (done: () => boolean) => {
    while (!done()) await wait(10);
  };
  twilio.say("", { from: ann, media: [{ type: "image/png", bytes: Buffer.from("89504e470d0a1a0a", "hex") }] });
  await until(() => twilio.seen(ann).length === 1);
  assert.ok(twilio.calls.includes("GET Media"));
  twilio.say("buttons", { from: ann });
  await until(() => twilio.seen(ann).length === 2);
  assert.deepEqual(
    twilio.seen(ann)[1]?.buttons.map(({ title }) => title),
    ["A long answer", "The time", "A calculation"],
  );
  twilio.press(ann, "A calculation");
  await until(() => twilio.seen(ann).length === 3);
  assert.match(twilio.seen(ann)[2]?.body ?? "", /\*14\*/);

  const form = new URLSearchParams({ MessageSid: `SM${"0".repeat(32)}`, From: ann, To: twilio.sender, Body: "forged" });
  const forged = await fetch(twilio.webhookUrl, { method: "POST", body: form, headers: { "x-twilio-signature": "AAAA" } });
  assert.equal(forged.status, 401);
  assert.equal((await fetch(twilio.webhookUrl, { method: "POST", body: form })).status, 401);
  assert.equal(await gateway.stop(), 0);
  assert.deepEqual(twilio.violations, []);
});
