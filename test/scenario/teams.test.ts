import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startTeamsSimulator, type TeamsSimulator } from "../simulators/teams.ts";

const rounds = 5;
const chats = [
  ...Array.from({ length: 6 }, (_, index) => `a:chat-${index}`),
  "19:group@thread.v2",
  "19:team@thread.tacv2;messageid=1481567603816",
];

function configurationFor(teams: TeamsSimulator) {
  return {
    accounts: { office: { channel: "teams", ...teams.settings, onUnknown: "resend", streaming: "off" } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
}

/**
 * The real gateway before Teams, killed again and again while people write in personal chats, a group chat and a channel's thread. Teams has no
 * key against doubles, so the account says `resend`: nothing is lost, nothing overtakes, and each kill explains one double in a conversation.
 */
test("Teams: kill -9 loses nothing and turns nothing round", { timeout: 180_000 }, async (t) => {
  await using home = await temporaryHome();
  const teams = await startTeamsSimulator();
  t.after(() => teams.close());
  const configuration = configurationFor(teams);
  let gateway: GatewayProcess | undefined;
  t.after(() => gateway?.kill());
  const live = async () => {
    gateway = await startGatewayProcess({ home: home.path, configuration });
    teams.requestUrl = `${gateway.url}/hooks/office`;
  };
  const answersIn = (chat: string) => teams.seen(chat).map(({ text }) => /word-(\d+)/.exec(text)?.[1] ?? text);
  const answered = () => chats.reduce((sum, chat) => sum + answersIn(chat).length, 0);
  /** What Teams couldn't hand over it posts again, and the chat's next behind it. */
  const lines = new Map<string, Promise<unknown>>();
  const say = (chat: string, text: string) =>
    lines.set(
      chat,
      Promise.resolve(lines.get(chat)).then(() => teams.say(chat, `29:${chat.length}`, text)),
    );

  await live();
  for (let round = 0; round < rounds; round++) {
    for (const chat of chats) say(chat, `say word-${round}`);
    if (round === rounds - 1) break;
    // In the middle of this round's answers.
    const before = answered();
    while (answered() < before + 2) await wait(5);
    await gateway?.kill();
    await live();
  }
  await Promise.all(lines.values());
  const wanted = Array.from({ length: rounds }, (_, round) => String(round));
  while (!chats.every((chat) => new Set(answersIn(chat)).size === rounds)) await wait(20);
  for (const chat of chats) {
    const answers = answersIn(chat);
    assert.deepEqual([...new Set(answers)], wanted, `${chat}: ${answers}`);
    assert.ok(answers.length - rounds < rounds, `${chat}: ${answers}`);
  }
  assert.equal(await gateway?.stop(), 0);
  assert.deepEqual(teams.violations, []);
});

test("Teams: at the gateway's door only what the Bot Framework signed for this app counts", { timeout: 60_000 }, async (t) => {
  await using home = await temporaryHome();
  const teams = await startTeamsSimulator();
  t.after(() => teams.close());
  const gateway = await startGatewayProcess({ home: home.path, configuration: configurationFor(teams) });
  t.after(() => gateway.kill());
  const [chat = ""] = chats;
  teams.conversation(chat);
  const body = JSON.stringify(teams.activity(chat, "29:ann", { type: "message", text: "say hello" }));
  const post = async (authorization?: string) => {
    const headers = { "content-type": "application/json", ...(authorization ? { authorization } : {}) };
    return (await fetch(`${gateway.url}/hooks/office`, { method: "POST", headers, body })).status;
  };
  assert.equal(await post(), 401);
  assert.equal(await post(`Bearer ${await teams.token({ kid: "key-2" })}`), 401);
  assert.equal(await post(`Bearer ${await teams.token({ claims: { aud: "another-app" } })}`), 401);
  assert.equal(await post(`Bearer ${await teams.token({ at: Math.floor(Date.now() / 1000) - 7_200 })}`), 401);
  assert.equal(await post(`Bearer ${await teams.token()}`), 200);
  assert.equal(await post(`Bearer ${await teams.token()}`), 200);
  while (teams.seen(chat).length === 0) await wait(10);
  assert.equal(await gateway.stop(), 0);
  assert.deepEqual([teams.seen(chat).length, teams.violations], [1, []]);
  // One token and one reading of the keys serve the account for as long as it runs.
  const asked = ["POST /login/", "GET /v1/.well-known/keys"].map((what) => teams.calls.filter((one) => one.startsWith(what)).length);
  assert.deepEqual(asked, [1, 1]);
});
