import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { freePorts } from "../servers/ports.ts";
import type { Stand } from "./mixed/stand.ts";
import { stands } from "./mixed/stands.ts";

const rounds = 3;
const kills = 4;

/** The numbers of the words that readers of a chat saw, in order. */
function heard(stand: Stand, chat: string): readonly number[] {
  return stand.seen(chat).map((text) => Number(/word-(\d+)/.exec(text)?.[1] ?? Number.NaN));
}

const isAnswered = (stand: Stand, round: number) => stand.chats.every((chat) => heard(stand, chat).includes(round));

/**
 * One gateway before every platform at once, which all go wrong, and which is killed while it answers. Nothing is lost, nothing overtakes, and
 * each double is explained: by a kill, or by an answer that its platform withheld. While one platform takes nothing, the others are as quick as ever.
 */
test("all channels in one gateway, killed, with platforms that fail", { timeout: 1_500_000 }, async (t) => {
  await using home = await temporaryHome();
  const [port] = await freePorts(1);
  const publicUrl = `http://127.0.0.1:${port}`;
  const crowd = await Promise.all(
    stands.map(async ({ kind, conversations, open }) => ({ kind, ...(await open(conversations, `${publicUrl}/hooks`)) })),
  );
  t.after(() => Promise.all(crowd.map((stand) => stand.close())));
  const configuration = {
    http: { publicUrl },
    accounts: Object.fromEntries(crowd.map(({ kind, account }) => [kind, { channel: kind, ...account }])),
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const live = async () => {
    gateway = await startGatewayProcess({ home: home.path, configuration, env: { POLYLOGUE_PORT: String(port) } });
    assert.doesNotMatch(gateway.log(), /"code":"(account|config)-invalid"/);
  };
  const answers = () => crowd.reduce((sum, stand) => sum + stand.chats.reduce((of, chat) => of + stand.seen(chat).length, 0), 0);
  const everybodySays = (round: number) =>
    Promise.all(
      crowd.map(async (stand) => {
        for (const chat of stand.chats) await stand.say(chat, `say word-${round}`);
        await stand.taken?.();
      }),
    );

  await live();
  const withheld = new Map(crowd.map((stand) => [stand, 0]));
  for (let round = 0; round < rounds - 1; round++) {
    const saying = everybodySays(round);
    for (let kill = 0; kill < kills / (rounds - 1); kill++) {
      for (const stand of crowd) withheld.set(stand, (withheld.get(stand) ?? 0) + stand.disturb().whole);
      const before = answers();
      while (answers() < before + crowd.length * 3) await wait(10);
      await gateway?.kill();
      await live();
    }
    await saying;
  }
  for (const stand of crowd) while (!isAnswered(stand, rounds - 2)) await wait(50);

  const away = crowd.find((stand) => stand.outage) as Stand;
  const others = crowd.filter((stand) => stand !== away);
  away.outage?.(true);
  await everybodySays(rounds - 1);
  for (const stand of others) while (!isAnswered(stand, rounds - 1)) await wait(50);
  assert.equal(
    away.chats.some((chat) => heard(away, chat).includes(rounds - 1)),
    false,
    "the outage was none",
  );
  away.outage?.(false);
  while (!isAnswered(away, rounds - 1)) await wait(50);

  const wanted = Array.from({ length: rounds }, (_, round) => round);
  let doubles = 0;
  for (const stand of crowd) {
    for (const chat of stand.chats) {
      const numbers = heard(stand, chat);
      const first = [...new Set(numbers)];
      assert.deepEqual(stand.reorders ? first.toSorted() : first, wanted, `${stand.kind} ${chat}: ${numbers}`);
      const double = numbers.length - rounds;
      doubles += double;
      assert.ok(double <= (stand.exact ? 0 : kills + (withheld.get(stand) ?? 0)), `${stand.kind} ${chat}: ${numbers}`);
    }
    assert.deepEqual(stand.violations, [], stand.kind);
  }
  assert.equal(await gateway?.stop(), 0);
  const conversations = crowd.reduce((sum, { chats }) => sum + chats.length, 0);
  t.diagnostic(JSON.stringify({ channels: crowd.length, conversations, messages: conversations * rounds, kills, doubles }));
});
