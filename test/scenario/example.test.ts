import assert from "node:assert/strict";
import { test } from "node:test";
import { setupToken, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";

/** The configuration that the documentation shows; only the addresses are of this machine. */
const example = (apiRoot: string) => ({
  accounts: {
    "support-bot": { channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot, mode: "poll" },
    desk: { channel: "webhook", secret: { vault: "desk-secret" }, deliverTo: "https://example.com/in" },
  },
  providers: { local: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1" } },
  agents: { main: { instructions: "You are …", models: ["local/llama3", "demo/demo"] } },
  routes: [{ when: { channel: "telegram" }, agent: "main" }, { agent: "main" }],
});

test("the documented configuration answers on Telegram as it stands, and says what it leaves open", async (t) => {
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(() => telegram.close());
  await using home = await temporaryHome();
  const configuration = example(telegram.url);
  const gateway = await startGatewayProcess({ home: home.path, configuration, env: { TELEGRAM_TOKEN: telegram.token } });
  t.after(() => gateway.kill());
  const group = -1_001_234_567_890;
  telegram.say(4711, 4711, "hello from a stranger");
  telegram.say(group, 4711, "this is for somebody else");
  telegram.say(group, 4711, "@polylogue_test_bot hello from a group");
  const answered = async (chat: number) => {
    while (!telegram.seen(chat).some(({ text }) => text.includes("hello"))) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await Promise.all([answered(4711), answered(group)]);
  assert.equal(telegram.seen(group).length, 1, "what isn't addressed to it stays unanswered");

  const json = { "content-type": "application/json" };
  const setup = await fetch(`${gateway.url}/api/setup`, {
    method: "POST",
    headers: json,
    body: JSON.stringify({ token: setupToken, name: "ada", password: "correct horse battery staple" }),
  });
  const cookie = setup.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  const findings = (await (await fetch(`${gateway.url}/api/findings`, { headers: { cookie } })).json()) as {
    code: string;
    subject: string;
    severity: string;
    message: string;
  }[];
  const open = findings.find(({ code }) => code === "access-open");
  assert.deepEqual([open?.subject, open?.severity], ["accounts.support-bot.access", "warning"]);
  assert.match(open?.message ?? "", /^Everybody on Telegram may write to the account support-bot and spend its tokens/);
  assert.ok(findings.some(({ code, subject }) => code === "secret-missing" && subject.startsWith("accounts.desk")));
});
