import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startRocketChatSimulator } from "../simulators/rocketchat.ts";

const rounds = 5;

/**
 * The real gateway before a Rocket.Chat server, killed again and again in the middle of its answers, while people write also when it is down:
 * what was missed is read over REST, and a message under the delivery's id is stored once however often it is sent.
 */
test("Rocket.Chat: kill -9 loses nothing, repeats nothing and turns nothing round", { timeout: 180_000 }, async (t) => {
  await using home = await temporaryHome();
  const rocket = await startRocketChatSimulator();
  t.after(() => rocket.close());
  const rooms = Array.from({ length: 6 }, (_, index) => `chat${index}`);
  for (const room of rooms) rocket.room(room);
  const account = { channel: "rocketchat", server: rocket.url, token: rocket.token, userId: rocket.bot, streaming: "off" };
  const configuration = {
    accounts: { team: account },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  let gateway: GatewayProcess = await startGatewayProcess({ home: home.path, configuration });
  t.after(() => gateway.kill());
  const say = (round: number, of: readonly string[]) => {
    for (const room of of) rocket.say(room, "ann", `say word-${round}`);
  };
  const answersIn = (room: string) => rocket.seen(room).map(({ msg }) => /word-(\d+)/.exec(msg)?.[1] ?? msg);
  const answered = () => rooms.reduce((sum, room) => sum + answersIn(room).length, 0);
  for (let round = 0; round < rounds; round++) {
    const before = answered();
    say(round, rooms.slice(round === 0 ? 0 : 3));
    if (round === rounds - 1) break;
    while (answered() < before + 2) await wait(5);
    await gateway.kill();
    say(round + 1, rooms.slice(0, 3));
    gateway = await startGatewayProcess({ home: home.path });
  }
  const wanted = Array.from({ length: rounds }, (_, round) => String(round));
  while (!rooms.every((room) => new Set(answersIn(room)).size === rounds)) await wait(20);
  for (const room of rooms) assert.deepEqual(answersIn(room), wanted, room);
  // A send that was cut is repeated, and the server's strange answer to the repeat is no failure.
  const asked = () => rocket.calls.filter((call) => call === "GET chat.getMessage").length;
  const before = asked();
  rocket.arrange({ kind: "cut", after: true });
  say(rounds, rooms.slice(0, 1));
  while (asked() === before) await wait(20);
  assert.deepEqual(answersIn(rooms[0] as string), [...wanted, String(rounds)]);
  assert.equal(await gateway.stop(), 0);
  assert.deepEqual(rocket.violations, []);
});
