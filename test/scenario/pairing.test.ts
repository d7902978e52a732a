import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { ok } from "../../src/core/errors.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { pairingLimits } from "../../src/core/pairing.ts";
import { defineProvider } from "../../src/core/provider.ts";
import { pairingFindings } from "../../src/ops/pairing-findings.ts";
import { composeTestGateway, type TestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { noting, says } from "../support/talk.ts";

const bot = "bot" as AccountId;

function story(name: string, run: (on: TestGateway, sent: readonly string[]) => Promise<void>): void {
  test(name, { timeout: 30_000 }, async () => {
    await using home = await temporaryHome();
    const sent: string[] = [];
    const provider = defineProvider<never>({
      ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok(["one"]) },
      async *stream() {
        yield { type: "text", delta: "welcome" };
        yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
      },
    });
    await using on = await composeTestGateway({
      ...{ home: home.path, channels: [noting(sent, (text, chat) => `${chat}: ${text}`)], provider: provider as never },
      accounts: { bot: { channel: "chat", settings: {}, access: { direct: "pairing", allow: ["boss"] } } },
      agent: { models: ["test/one"] },
    });
    await run(on, sent);
  });
}

const codeIn = (text = "") => /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(text)?.[0] ?? "";

story("a stranger gets a code, an operator who hears it lets that sender in, and nobody else", async (on, sent) => {
  await on.gateway.receive(bot, [says("let me in", { sender: "ada" })]);
  await on.until("delivery-sent", 1);
  const code = codeIn(sent[0]);
  assert.match(sent[0] ?? "", /^ada: I don't know you yet/);
  const [finding] = await pairingFindings(on.store.records, defaultTenant, Date.now());
  assert.deepEqual([finding?.code, finding?.subject], ["pairing-waiting", "accounts.bot.pairing"]);
  const wrong = await on.store.records.settlePairing(defaultTenant, { code: "0000-0000" }, "approved", "op", Date.now());
  assert.equal(wrong, undefined);
  const settled = await on.store.records.settlePairing(defaultTenant, { code: code.toLowerCase() }, "approved", "op", Date.now());
  assert.deepEqual([settled?.sender, settled?.state, settled?.by], ["ada", "approved", "op"]);
  await on.gateway.receive(bot, [says("now?", { sender: "ada" }), says("and me?", { sender: "eve" }), says("hi", { sender: "boss" })]);
  await on.until("delivery-sent", 4);
  assert.deepEqual(
    [...sent.slice(1)].sort().map((text) => text.replace(/ I don't know.*/, " …")),
    ["ada: welcome", "boss: welcome", "eve: …"],
  );
  assert.equal(
    (await on.store.records.auditLog(defaultTenant, { limit: 9 })).filter(({ action }) => action === "pairing-approve").length,
    1,
  );
  assert.equal(
    await on.store.records.settlePairing(defaultTenant, { code }, "approved", "op", Date.now()),
    undefined,
    "a code is good once",
  );
});

story("the code isn't told with every message; reactions, edits and presses get none; who was denied gets silence", async (on, sent) => {
  const quiet = [
    { kind: "reaction", reactions: ["👍"] },
    { kind: "edit" },
    { kind: "press", token: "x" },
    { kind: "membership", change: "joined" },
  ].map((more) => ({ ...says("x", { sender: "eve" }), ...more }) as never);
  await on.gateway.receive(bot, [...quiet, says("1", { sender: "eve" }), says("2", { sender: "eve" }), says("3", { sender: "eve" })]);
  await on.until("ignored", 7);
  await on.until("delivery-sent", 1);
  await on.store.records.settlePairing(defaultTenant, { account: bot, sender: "eve" }, "denied", "op", Date.now());
  await on.gateway.receive(bot, [says("4", { sender: "eve" }), says("hi", { sender: "boss" })]);
  await on.until("ignored", 8);
  await on.until("delivery-sent", 2);
  assert.deepEqual(sent.map((text) => text.slice(0, 9)).sort(), ["boss: wel", "eve: I do"]);
});

story("a flood of strangers gets a few codes, and an approved one who is denied is out again", async (on, sent) => {
  const strangers = Array.from({ length: pairingLimits.waiting + 5 }, (_, n) => says("hi", { sender: `s${n}` }));
  await on.gateway.receive(bot, strangers);
  await on.until("ignored", strangers.length);
  await on.until("delivery-sent", pairingLimits.waiting);
  assert.equal((await on.store.records.pairings(defaultTenant, Date.now())).length, pairingLimits.waiting);
  assert.equal(sent.length, pairingLimits.waiting);
  for (const verdict of ["approved", "denied"] as const) {
    await on.store.records.settlePairing(defaultTenant, { account: bot, sender: "s0" }, verdict, "op", Date.now());
  }
  await on.gateway.receive(bot, [says("still here?", { sender: "s0" })]);
  await on.until("ignored", strangers.length + 1);
  assert.equal(sent.length, pairingLimits.waiting);
  assert.equal((await on.store.records.pairings(defaultTenant, Date.now() + pairingLimits.validMs)).length, 1, "codes end");
});
