import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startDiscordSimulator } from "../simulators/discord.ts";

const rounds = 5;

/**
 * The real gateway before Discord, killed again and again while people write. Each life resumes the session of the one before it, and
 * the nonce makes a repeated send harmless: everything is answered, in order, exactly once.
 */
test("Discord: kill -9 loses nothing, repeats nothing and turns nothing round", { timeout: 180_000 }, async (t) => {
  await using home = await temporaryHome();
  const discord = await startDiscordSimulator();
  t.after(() => discord.close());
  const configuration = {
    accounts: { bot: { channel: "discord", botToken: discord.token, apiRoot: discord.url, streaming: "off", onUnknown: "resend" } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const chats = Array.from({ length: 8 }, (_, index) => `60000000000000000${index}`);
  for (const chat of chats) discord.channel(chat);
  const answersIn = (chat: string) => discord.seen(chat).map(({ content }) => /word-(\d+)/.exec(content)?.[1] ?? content);
  const answered = () => chats.reduce((sum, chat) => sum + answersIn(chat).length, 0);

  gateway = await startGatewayProcess({ home: home.path, configuration });
  for (let round = 0; round < rounds; round++) {
    for (const chat of chats) discord.say(chat, `50000000000000000${chat.at(-1)}`, `say word-${round}`);
    if (round === rounds - 1) break;
    // In the middle of this round's answers.
    const before = answered();
    while (answered() < before + 2) await wait(5);
    await gateway.kill();
    gateway = await startGatewayProcess({ home: home.path, configuration });
  }
  const wanted = Array.from({ length: rounds }, (_, round) => String(round));
  while (!chats.every((chat) => new Set(answersIn(chat)).size === rounds)) await wait(20);
  for (const chat of chats) assert.deepEqual(answersIn(chat), wanted, chat);
  assert.deepEqual([discord.identified.length, discord.resumed], [1, rounds - 1]);
  assert.equal(await gateway.stop(), 0);
  assert.deepEqual(discord.violations, []);
});
