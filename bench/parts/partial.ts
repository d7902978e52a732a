import { TelegramSimulator } from "../../test/simulators/telegram.ts";
import type { Effort, Findings } from "../figures.ts";
import { quantiles } from "../load/tally.ts";
import { startModel } from "../model.ts";
import { bareEnv, start, temporaryFolder, writeConfiguration } from "../processes.ts";

const wordMs = 20;
/** Between two questions: some answers stream at the same time, as in life. */
const everyMs = 150;

/**
 * Milliseconds from the model's first word to the first that the reader sees of the answer, on a channel that streams by
 * editing (Telegram's simulator), each answer taking a second.
 */
export async function measurePartial(effort: Effort): Promise<Findings["partial"]> {
  const began = new Map<number, number>();
  const seen = new Map<number, number>();
  const model = await startModel({
    delayMs: wordMs,
    began: (question) => began.set(Number(/#(\d+)#/.exec(question)?.[1]), performance.now()),
  });
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  const folder = temporaryFolder();
  writeConfiguration(folder.path, {
    accounts: { bot: { channel: "telegram", token: telegram.token, apiRoot: telegram.url, access: { direct: "open" } } },
    providers: { local: { kind: "openai-compatible", baseUrl: `${model.url}/v1` } },
    agents: { main: { models: ["local/chunks-50"] } },
    routes: [{ agent: "main" }],
    log: { level: "error" },
  });
  try {
    const gateway = await start(process.execPath, ["bench/gateway.ts"], bareEnv(folder.path));
    try {
      const chats = Array.from({ length: effort.partials }, (_, n) => 1_000 + n);
      const look = setInterval(() => {
        for (const chat of chats) if (!seen.has(chat) && telegram.seen(chat).length > 0) seen.set(chat, performance.now());
      }, 1);
      for (const chat of chats) {
        telegram.say(chat, chat, `#${chat}# How are you?`);
        await new Promise((go) => setTimeout(go, everyMs));
      }
      const whole = (chat: number) => telegram.seen(chat).some(({ text }) => text.includes("word49"));
      const until = performance.now() + 30_000;
      while (!chats.every(whole) && performance.now() < until) await new Promise((go) => setTimeout(go, 50));
      clearInterval(look);
      const silent = chats.filter((chat) => !whole(chat) || telegram.seen(chat).length !== 1);
      if (silent.length > 0) throw new Error(`${silent.length} of ${chats.length} questions have no whole answer, or more than one`);
      const waits = chats.map((chat) => (seen.get(chat) as number) - (began.get(chat) as number));
      const { p50, p95, max } = quantiles(waits);
      return { turns: chats.length, p50, p95, max };
    } finally {
      await gateway.stop();
    }
  } finally {
    model.close();
    await telegram.close();
    folder.remove();
  }
}
