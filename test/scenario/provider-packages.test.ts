import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { startModelSimulator } from "../simulators/model.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";

const chat = 4711;

async function stage(t: { after(end: () => Promise<unknown>): void }, home: string) {
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(async () => telegram.close());
  const models = await startModelSimulator({ key: "sk-right" });
  t.after(() => models.close());
  const configuration = {
    accounts: { bot: { channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot: telegram.url, mode: "poll" } },
    providers: {
      gemini: { kind: "google", apiKey: "sk-right", baseUrl: `${models.origin}/v1beta` },
      openai: { kind: "openai-responses", apiKey: "sk-right", baseUrl: `${models.origin}/v1` },
    },
    agents: { main: { models: ["gemini/echo", "openai/echo"] } },
    routes: [{ agent: "main" }],
  };
  const gateway = await startGatewayProcess({ home, configuration, env: { TELEGRAM_TOKEN: telegram.token } });
  t.after(() => gateway.kill());
  return {
    models,
    async answer(text: string): Promise<string> {
      telegram.say(chat, chat, text);
      for (;;) {
        const found = telegram.seen(chat).find((message) => message.text === `You said: ${text}`);
        if (found) return found.text;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

test("a running gateway answers through a package of the data folder", async (t) => {
  await using home = await temporaryHome();
  // What `models add` leaves behind; the packages themselves are those of the tests.
  await mkdir(join(home.path, "packages"));
  await writeFile(join(home.path, "packages", "package.json"), '{"private":true}');
  await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(home.path, "packages", "node_modules"), "junction");
  const { models, answer } = await stage(t, home.path);
  await answer("through a package");
  assert.deepEqual(
    models.calls.map(({ format, status }) => [format, status]),
    [["google", 200]],
  );
});

test("without the package the next model of the chain answers", async (t) => {
  await using home = await temporaryHome();
  const { models, answer } = await stage(t, home.path);
  await answer("without a package");
  assert.deepEqual(
    models.calls.map(({ format, status }) => [format, status]),
    [["responses", 200]],
  );
});
