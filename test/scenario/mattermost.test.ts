import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { idOf, startMattermostSimulator } from "../simulators/mattermost.ts";

const rounds = 5;
const chats = Array.from({ length: 6 }, (_, index) => idOf("chat", index));

/**
 * The real gateway before a Mattermost server, killed again and again while people write; in one the server itself starts anew while the
 * gateway is down, so that what was said meanwhile is only to be had over REST.
 */
for (const [what, restarts, onUnknown] of [
  ["resumes its connection", false, "resend"],
  ["reads what it missed", true, "hold"],
] as const) {
  test(`Mattermost: kill -9 loses nothing, repeats nothing and turns nothing round; it ${what}`, { timeout: 180_000 }, async (t) => {
    await using home = await temporaryHome();
    const mattermost = await startMattermostSimulator();
    t.after(() => mattermost.close());
    for (const chat of chats) mattermost.channel(chat);
    const { url: server, token } = mattermost;
    const configuration = {
      accounts: { team: { channel: "mattermost", server, token, streaming: "off", onUnknown } },
      providers: { demo: { kind: "demo", delayMs: 0 } },
      agents: { main: { instructions: "", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    };
    let gateway: GatewayProcess = await startGatewayProcess({ home: home.path, configuration });
    t.after(() => gateway.kill());
    const say = (round: number) => {
      for (const chat of chats) mattermost.say(chat, idOf("ann"), `say word-${round}`);
    };
    const answersIn = (chat: string) => mattermost.seen(chat).map(({ message }) => /word-(\d+)/.exec(message)?.[1] ?? message);
    const answered = () => chats.reduce((sum, chat) => sum + answersIn(chat).length, 0);
    for (let round = 0; round < rounds; round++) {
      if (!restarts || round === 0) say(round);
      if (round === rounds - 1) break;
      // In the middle of this round's answers.
      const before = answered();
      while (!restarts && answered() < before + 2) await wait(5);
      if (restarts) while (answered() < (round + 1) * chats.length) await wait(5);
      await gateway.kill();
      if (restarts) {
        await mattermost.restart();
        say(round + 1);
      }
      gateway = await startGatewayProcess({ home: home.path });
    }
    const wanted = Array.from({ length: rounds }, (_, round) => String(round));
    while (!chats.every((chat) => new Set(answersIn(chat)).size === rounds)) await wait(20);
    for (const chat of chats) assert.deepEqual(answersIn(chat), wanted, chat);
    assert.deepEqual([mattermost.greeted, mattermost.resumed], restarts ? [rounds, 0] : [1, rounds - 1]);
    assert.equal(await gateway.stop(), 0);
    assert.deepEqual(mattermost.violations, []);
  });
}

test("Mattermost: a send of which nobody knew is settled by the post that comes back", { timeout: 60_000 }, async (t) => {
  await using home = await temporaryHome();
  const mattermost = await startMattermostSimulator();
  t.after(() => mattermost.close());
  const chat = chats[0] as string;
  mattermost.channel(chat);
  const account = { channel: "mattermost", server: mattermost.url, token: mattermost.token, streaming: "off" };
  const agents = { main: { instructions: "", models: ["demo/demo"] } };
  const gateway = await startGatewayProcess({
    home: home.path,
    configuration: { accounts: { team: account }, agents, routes: [{ agent: "main" }] },
  });
  t.after(() => gateway.kill());
  mattermost.arrange({ kind: "cut", after: true });
  mattermost.say(chat, idOf("ann"), "say first-word");
  while (mattermost.seen(chat).length < 1) await wait(10);
  mattermost.say(chat, idOf("ann"), "say second-word");
  while (mattermost.seen(chat).length < 2) await wait(10);
  const owner = await fetch(`${gateway.url}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: setupToken, name: "Ada", password: "correct horse battery staple" }),
  });
  const cookie = owner.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
  const states = async () => {
    const answer = await fetch(`${gateway.url}/api/deliveries`, { headers: { cookie } });
    return ((await answer.json()) as { state: string }[]).map(({ state }) => state).join();
  };
  while ((await states()) !== "sent,sent") await wait(20);
  assert.equal(mattermost.seen(chat).length, 2);
  assert.equal(await gateway.stop(), 0);
});
