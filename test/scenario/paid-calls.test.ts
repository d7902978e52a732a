import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";

const simulator = fileURLToPath(new URL("../simulators/model.ts", import.meta.url));
const kills = 14;
const each = 3;

const passing = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A model API in a process of its own, with a bill of its own: what it took is on its disk before it says a word. */
async function startModels(bill: string): Promise<{ readonly origin: string; readonly process: ChildProcess }> {
  const child = spawn(process.execPath, [simulator, "--bill", bill], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { origin: line.replace("ready ", ""), process: child };
}

test("a gateway that is killed again and again pays for each message once, and once more for each kill that met it", {
  timeout: 180_000,
}, async (t) => {
  await using home = await temporaryHome();
  const bill = join(home.path, "bill.jsonl");
  await writeFile(bill, "");
  const models = await startModels(bill);
  t.after(() => models.process.kill("SIGKILL"));
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(async () => telegram.close());
  const configuration = {
    accounts: {
      bot: { channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot: telegram.url, mode: "poll", streaming: false, onUnknown: "resend" },
    },
    providers: { sim: { kind: "openai-compatible", baseUrl: `${models.origin}/v1` } },
    agents: { main: { models: ["sim/chunks-20+slow"] } },
    routes: [{ agent: "main" }],
  };
  const start = () => startGatewayProcess({ home: home.path, configuration, env: { TELEGRAM_TOKEN: telegram.token } });
  /** The messages that calls on the bill were for, in the bill's order; a line that is half written isn't one yet. */
  const bought = async () => {
    const lines = (await readFile(bill, "utf8")).split("\n").slice(0, -1);
    return lines.map((line) => (JSON.parse(line) as { readonly words: string }).words);
  };
  const answered = (chat: number) => telegram.seen(chat).some(({ text }) => text.includes("word19"));
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
  const last = await start();
  t.after(() => last.kill());
  for (let i = 0; i < 1_200 && ![...met.keys()].every(answered); i++) await passing(50);

  const paid = new Map<string, number>();
  for (const words of await bought()) paid.set(words, (paid.get(words) ?? 0) + 1);
  let twice = 0;
  for (const [of, met_] of met) {
    const count = paid.get(`message ${of}`) ?? 0;
    assert.ok(answered(of), `the message of ${of} is answered`);
    assert.ok(count >= 1 && count <= 1 + met_, `the message of ${of} was paid for ${count} times, with ${met_} kills`);
    if (count > 1) twice += 1;
  }
  assert.ok(twice > 0, "a kill met a call: else this proves nothing");
  t.diagnostic(
    `${met.size} messages, ${kills} kills, ${[...paid.values()].reduce((a, b) => a + b, 0)} paid calls, ${twice} messages paid for again`,
  );
});
