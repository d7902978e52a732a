import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";
import { type Paid, startBilledModels } from "../support/billed-models.ts";

const kills = 14;
const each = 3;

const passing = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Agent {
  readonly models: readonly string[];
  readonly steps?: readonly object[];
}

/** What a gateway pays for that is killed again and again. `calls`: what each message needs; `of`: for which of them a call was made. */
function killed(name: string, agent: Agent, last: string, calls: readonly string[], of: (paid: Paid) => string): void {
  test(name, { timeout: 180_000 }, (t) => tell(t, agent, last, calls, of));
}

async function tell(t: TestContext, agent: Agent, last: string, calls: readonly string[], of: (paid: Paid) => string): Promise<void> {
  await using home = await temporaryHome();
  const models = await startBilledModels(join(home.path, "bill.jsonl"));
  const { bought } = models;
  t.after(() => models.process.kill("SIGKILL"));
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(async () => telegram.close());
  const configuration = {
    accounts: {
      bot: { channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot: telegram.url, mode: "poll", streaming: false, onUnknown: "resend" },
    },
    providers: { sim: { kind: "openai-compatible", baseUrl: `${models.origin}/v1` } },
    agents: { main: agent },
    routes: [{ agent: "main" }],
  };
  const start = () => startGatewayProcess({ home: home.path, configuration, env: { TELEGRAM_TOKEN: telegram.token } });
  const answered = (chat: number) => telegram.seen(chat).some(({ text }) => text.includes(last));
  /** By chat: how many kills there were while its message was on its way. */
  const met = new Map<number, number>();
  let chat = 1_000;
  for (let life = 0; life < kills; life++) {
    const gateway = await start();
    for (let n = 0; n < each; n++) {
      chat += 1;
      met.set(chat, 0);
      telegram.say(chat, chat, `message ${chat}`);
    }
    // Half of the kills fall anywhere; for the others a call of this life is on the bill, or the test might meet none.
    const before = (await bought()).length;
    if (life % 2 === 1) for (let i = 0; i < 400 && (await bought()).length === before; i++) await passing(25);
    await passing((life * 97) % (life % 2 === 1 ? 150 : 660));
    await gateway.kill();
    for (const [open, before] of met) if (!answered(open)) met.set(open, before + 1);
  }
  const gateway = await start();
  t.after(() => gateway.kill());
  for (let i = 0; i < 1_200 && ![...met.keys()].every(answered); i++) await passing(50);

  const paid = new Map<string, number>();
  for (const call of await bought()) {
    const key = `${/message (\d+)/i.exec(call.words)?.[1]} ${of(call)}`;
    paid.set(key, (paid.get(key) ?? 0) + 1);
  }
  let again = 0;
  for (const [chat, kills] of met) {
    const counts = calls.map((call) => paid.get(`${chat} ${call}`) ?? 0);
    const more = counts.reduce((sum, count) => sum + count, 0) - calls.length;
    assert.ok(answered(chat), `the message of ${chat} is answered`);
    assert.ok(Math.min(...counts) >= 1, `each call for the message of ${chat} was paid for: ${counts}`);
    assert.ok(more <= kills, `the message of ${chat} was paid for as ${counts} (${calls}), with ${kills} kills`);
    if (more > 0) again += 1;
  }
  assert.ok(again > 0, "a kill met a call: else this proves nothing");
  const sum = [...paid.values()].reduce((a, b) => a + b, 0);
  t.diagnostic(`${met.size} messages, ${kills} kills, ${sum} paid calls, ${again} messages paid for again`);
}

killed(
  "a gateway that is killed again and again pays for each message once, and once more for each kill that met it",
  { models: ["sim/chunks-20+slow"] },
  "word19",
  ["answer"],
  () => "answer",
);

killed(
  "with steps it pays for each step once, and for one of them once more for each kill that met it",
  {
    models: ["sim/echo+slow"],
    steps: [
      { role: "translate", to: "en", models: ["sim/upper+slow"], whenFails: "stop" },
      { role: "generate" },
      { role: "review", models: ["sim/demand-You+slow"], whenFails: "stop", instructions: "Be strict." },
      { role: "translate", to: "theirs", models: ["sim/upper+slow"], whenFails: "stop" },
    ],
  },
  "SAID: MESSAGE",
  ["before", "answer", "review", "after"],
  ({ model, words }) => {
    if (model.startsWith("echo")) return "answer";
    return model.startsWith("demand") ? "review" : words.startsWith("The message") ? "before" : "after";
  },
);
