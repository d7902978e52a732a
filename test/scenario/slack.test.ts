import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { readSpec, startSlackSimulator } from "../simulators/slack.ts";

const conversations = 8;
const rounds = 5;

/**
 * The real gateway before a workspace, killed again and again while people write in direct chats and in a channel. Slack has no key
 * against doubles, so the account says `resend`: nothing is lost, nothing overtakes, and each kill explains one double in a conversation.
 */
for (const mode of ["socket", "webhook"] as const) {
  test(`Slack by ${mode}: kill -9 loses nothing and turns nothing round`, { timeout: 180_000 }, async (t) => {
    await using home = await temporaryHome();
    const slack = await startSlackSimulator({ spec: readSpec(), webhooks: mode === "webhook" });
    t.after(() => slack.close());
    const configuration = {
      accounts: {
        team: {
          channel: "slack",
          botToken: slack.botToken,
          ...(mode === "socket" ? { appToken: slack.appToken } : { mode, signingSecret: slack.signingSecret }),
          apiRoot: slack.url,
          onUnknown: "resend",
          streaming: "off",
        },
      },
      providers: { demo: { kind: "demo", delayMs: 0 } },
      agents: { main: { instructions: "", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    };
    let gateway: GatewayProcess | undefined;
    t.after(() => gateway?.kill());
    const live = async () => {
      gateway = await startGatewayProcess({ home: home.path, configuration });
      slack.requestUrl = `${gateway.url}/hooks/team`;
      return gateway;
    };
    const chats = Array.from({ length: conversations }, (_, index) => (index === 0 ? "C0GENERAL" : `D0CHAT${index}`));
    const answersIn = (chat: string) => slack.seen(chat).map(({ text }) => /word-(\d+)/.exec(text)?.[1] ?? text);
    const answered = () => chats.reduce((sum, chat) => sum + answersIn(chat).length, 0);

    await live();
    let said = 0;
    let kills = 0;
    for (let round = 0; round < rounds; round++) {
      for (const chat of chats) slack.say(chat, `U${chat}`, `${chat.startsWith("C") ? "<@U0BOT> " : ""}say word-${round}`);
      said += chats.length;
      if (round === rounds - 1) break;
      // In the middle of this round's answers.
      const before = answered();
      while (answered() < before + 2) await wait(5);
      await gateway?.kill();
      kills++;
      await live();
    }
    const wanted = Array.from({ length: rounds }, (_, round) => String(round));
    const done = () => chats.every((chat) => new Set(answersIn(chat)).size === rounds);
    while (!done()) await wait(20);
    assert.equal(said, conversations * rounds);
    for (const chat of chats) {
      const answers = answersIn(chat);
      // Threads of a channel are conversations of their own; and what Slack posts again comes behind what was said meanwhile.
      const ordered = mode === "socket" && chat.startsWith("D");
      const first = ordered ? [...new Set(answers)] : [...new Set(answers)].sort();
      assert.deepEqual(first, wanted, `${chat}: ${answers}`);
      assert.ok(answers.length - rounds <= kills, `${chat}: ${answers}`);
    }
    // Each mention began a thread of its own, and its answer is there.
    assert.ok(slack.seen("C0GENERAL").every(({ thread }) => thread !== undefined));
    assert.equal(await gateway?.stop(), 0);
    assert.deepEqual(slack.violations, []);
  });
}

test("Slack: a forged or stale event is refused at the gateway's door", { timeout: 60_000 }, async (t) => {
  await using home = await temporaryHome();
  const slack = await startSlackSimulator({ webhooks: true });
  t.after(() => slack.close());
  const account = { channel: "slack", mode: "webhook", botToken: slack.botToken, signingSecret: slack.signingSecret, apiRoot: slack.url };
  const gateway = await startGatewayProcess({ home: home.path, configuration: { accounts: { team: account } } });
  t.after(() => gateway.kill());
  const body = JSON.stringify({ type: "url_verification", challenge: "c-1" });
  const post = (headers: Record<string, string>) =>
    fetch(`${gateway.url}/hooks/team`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  const good = await post(slack.signed(body));
  assert.deepEqual([good.status, await good.text()], [200, "c-1"]);
  assert.equal((await post({ ...slack.signed(body), "x-slack-signature": `v0=${"0".repeat(64)}` })).status, 401);
  assert.equal((await post(slack.signed(body, Math.floor(Date.now() / 1000) - 600))).status, 401);
  assert.equal((await post({})).status, 401);
});
