import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startTelegramSimulator, type TelegramSimulator } from "../../simulators/telegram.ts";
import type { CrashPlan } from "./plan.ts";

/** One message that a person said: the number in its text is its name. */
export interface Said {
  readonly n: number;
  readonly account: "hold" | "resend" | "desk";
  readonly chat: number;
  /** Whether the platform's side holds an acknowledgement (always, for a platform that is polled). */
  acknowledged: boolean;
}

/** Something visible that the gateway sent. */
export interface Reply {
  readonly n: number;
  readonly account: Said["account"];
  readonly chat: number;
  /** The platform's id of it, unique in its chat. */
  readonly id: string;
  readonly at: number;
}

export interface Life {
  /** Whether it ended at its planned boundary, and not because time was up. */
  readonly crashed: boolean;
}

/** How much is said. */
export interface WorldSize {
  /** Of each account; so many that none gets more than Telegram's one message a second. */
  readonly chats: number;
  /** Milliseconds between two messages. */
  readonly everyMs: number;
}

const first = 100_000;
const key = Buffer.from("0123456789abcdef0123456789abcdef");
const entry = fileURLToPath(new URL("./gateway.ts", import.meta.url));

/** Two bots, a signed webhook with its receiver, a model and people who write to them: all outside of the gateway. */
export class World {
  readonly said: Said[] = [];
  readonly kills: number[] = [];
  /** When the model was asked about which message. */
  readonly asked: { readonly n: number; readonly at: number }[] = [];
  readonly #home: string;
  readonly #bots: Record<"hold" | "resend", TelegramSimulator>;
  readonly #servers: Server[];
  readonly #delivered = new Map<string, Reply>();
  readonly #port: number;
  readonly #failedOnce = new Set<number>();
  readonly #size: WorldSize;
  #next = first;
  #speaking = false;
  #closed = false;

  private constructor(home: string, bots: World["bots"], port: number, size: WorldSize) {
    this.#home = home;
    this.#bots = bots;
    this.#port = port;
    this.#size = size;
    this.#servers = [
      createServer((request, response) => void this.#model(request, response)),
      createServer((request, response) => void this.#sink(request, response)),
    ];
  }

  get bots(): Record<"hold" | "resend", TelegramSimulator> {
    return this.#bots;
  }

  static async open(home: string, size: WorldSize = { chats: 16, everyMs: 60 }): Promise<World> {
    const bots = {
      hold: await startTelegramSimulator(),
      resend: await startTelegramSimulator({ token: "654321:TEST_abcdefghijklmnopqrstuvwxyz-0123456" }),
    };
    const world = new World(home, bots, await freePort(), size);
    const [model = 0, sink = 0] = await Promise.all(world.#servers.map(listen));
    const bot = ({ token, url }: TelegramSimulator, onUnknown: string) => ({
      channel: "telegram",
      token,
      apiRoot: url,
      onUnknown,
      access: { direct: "open" },
    });
    const configuration = {
      accounts: {
        hold: bot(bots.hold, "hold"),
        resend: bot(bots.resend, "resend"),
        desk: {
          channel: "webhook",
          secret: `whsec_${key.toString("base64")}`,
          deliverTo: `http://127.0.0.1:${sink}/sink`,
          access: { direct: "open" },
        },
      },
      providers: { outside: { kind: "openai-compatible", baseUrl: `http://127.0.0.1:${model}/v1` } },
      agents: { main: { instructions: "", models: ["outside/test"], tools: ["current_time"], limits: { history: 0 } } },
      routes: [{ agent: "main" }],
      log: { level: "error" },
    };
    await writeFile(join(home, "polylogue.json5"), JSON.stringify(configuration));
    return world;
  }

  /** People write until the returned function is called; it waits for what is posted. */
  speak(): () => Promise<void> {
    const last = new Map<number, Promise<void>>();
    this.#speaking = true;
    const talk = (async () => {
      for (let turn = 0; this.#speaking; turn++) {
        const account = (["hold", "resend", "desk"] as const)[turn % 3] as Said["account"];
        const said: Said = {
          n: this.#next++,
          account,
          chat: 1 + (Math.floor(turn / 3) % this.#size.chats),
          acknowledged: account !== "desk",
        };
        this.said.push(said);
        if (account === "desk") {
          // A sender keeps its own order: the next message of a chat goes out once the last is acknowledged.
          last.set(
            said.chat,
            (last.get(said.chat) ?? Promise.resolve()).then(() => this.#post(said)),
          );
        } else {
          this.#write(account, said, turn);
          if (turn % 10 === 0) this.#bots[account].people.react(said.chat, said.chat, 1, ["👍"]);
        }
        await wait(this.#size.everyMs);
      }
    })();
    return async () => {
      this.#speaking = false;
      await talk;
      await Promise.all(last.values());
    };
  }

  /** Words, or now and then a photo with words under it: it has to be fetched before the model is asked. */
  #write(account: "hold" | "resend", { chat, n }: Said, turn: number): void {
    const { people } = this.#bots[account];
    if (turn % 5 === 0) people.sendFile(chat, chat, "photo", Buffer.from(`photo ${n}`), { caption: `${n}` });
    else people.say(chat, chat, `${n}`);
  }

  /** One life of the gateway, to its crash. It is killed from outside `ms` after it was ready, if it lives so long. */
  async live(plan: Omit<CrashPlan, "log">, ms: number): Promise<Life> {
    const log = join(this.#home, "crashes.log");
    await appendFile(log, "");
    const before = (await readFile(log, "utf8")).length;
    const child = this.#spawn({ ...plan, log });
    let timer: NodeJS.Timeout | undefined;
    child.stdout.once("data", () => {
      timer = setTimeout(() => child.kill("SIGKILL"), ms);
    });
    await once(child, "exit");
    clearTimeout(timer);
    this.kills.push(Date.now());
    return { crashed: (await readFile(log, "utf8")).length > before };
  }

  /** A life without a crash that ends when everything is answered (or when time is up). */
  async settle(ms: number, settled: () => boolean): Promise<void> {
    const child = this.#spawn({ log: join(this.#home, "crashes.log") });
    const until = Date.now() + ms;
    while (!settled() && Date.now() < until && child.exitCode === null) await wait(250);
    // What would come twice has its chance to come.
    await wait(1_500);
    child.kill("SIGTERM");
    await once(child, "exit");
  }

  /** Everything visible that was sent, in the order of its first appearance; after the receiver's dedupe by webhook-id. */
  replies(): Reply[] {
    const replies = [...this.#delivered.values()];
    for (const account of ["hold", "resend"] as const) {
      for (const logged of this.#bots[account].entries) {
        if (logged.kind !== "effect" || logged.method !== "sendMessage") continue;
        const final = this.#bots[account].seen(logged.chat ?? 0).find((message) => message.id === logged.message);
        const match = /re:(\d+)/.exec(final?.text ?? "");
        if (match) replies.push({ n: Number(match[1]), account, chat: logged.chat ?? 0, id: String(logged.message), at: logged.at });
      }
    }
    return replies.sort((a, b) => a.at - b.at);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...Object.values(this.#bots).map((bot) => bot.close()), ...this.#servers.map(closeServer)]);
  }

  #spawn(plan: CrashPlan) {
    const { PATH = "" } = process.env;
    const env = {
      PATH,
      HOME: this.#home,
      POLYLOGUE_HOME: this.#home,
      POLYLOGUE_PORT: String(this.#port),
      CRASH_PLAN: JSON.stringify(plan),
      NODE_COMPILE_CACHE: join(this.#home, "compile-cache"),
    };
    return spawn(process.execPath, [entry], { env, stdio: ["ignore", "pipe", process.env.CRASH_VERBOSE ? "inherit" : "ignore"] });
  }

  /** Posts as a careful sender does: the same signed id again until there is a 2xx. */
  async #post(said: Said): Promise<void> {
    const body = JSON.stringify({ type: "message", conversation: `c${said.chat}`, sender: { id: `u${said.chat}` }, text: `${said.n}` });
    while (!said.acknowledged && !this.#closed) {
      const seconds = Math.floor(Date.now() / 1000);
      const signature = createHmac("sha256", key).update(`in_${said.n}.${seconds}.${body}`).digest("base64");
      const headers = {
        "content-type": "application/json",
        "webhook-id": `in_${said.n}`,
        "webhook-timestamp": `${seconds}`,
        "webhook-signature": `v1,${signature}`,
      };
      const answer = await fetch(`http://127.0.0.1:${this.#port}/hooks/desk`, {
        method: "POST",
        headers,
        body,
        signal: AbortSignal.timeout(2_000),
      }).catch(() => undefined);
      said.acknowledged = answer?.ok === true;
      if (!said.acknowledged) await wait(50);
    }
  }

  async #sink(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (request.method === "POST") {
      const { text: words, conversation } = JSON.parse(body) as { text: string; conversation: string };
      const id = String(request.headers["webhook-id"]);
      const n = Number(/re:(\d+)/.exec(words)?.[1]);
      if (!this.#delivered.has(id))
        this.#delivered.set(id, { n, account: "desk", chat: Number(conversation.slice(1)), id, at: Date.now() });
    }
    response.writeHead(200).end();
  }

  /** Streams `re:<n>`; each tenth message needs a tool first, each seventh fails once, each fourth is slow enough to be drafted. */
  async #model(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { messages } = JSON.parse((await text(request)) || "{}") as { messages: { role: string; content: unknown }[] };
    const words = messages.filter(({ role }) => role === "user").at(-1)?.content;
    const n = Number(/\d{6,}/.exec(typeof words === "string" ? words : JSON.stringify(words))?.[0]);
    const afterTool = messages.at(-1)?.role === "tool";
    if (!afterTool) this.asked.push({ n, at: Date.now() });
    if (n % 7 === 0 && !this.#failedOnce.has(n)) {
      this.#failedOnce.add(n);
      response.writeHead(503, { "content-type": "application/json", "retry-after": "0" }).end('{"error":{"message":"overloaded"}}');
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (choice: object) =>
      response.write(`data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", choices: [{ index: 0, ...choice }] })}\n\n`);
    if (n % 10 === 0 && !afterTool) {
      send({
        delta: {
          role: "assistant",
          tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "current_time", arguments: "{}" } }],
        },
      });
      send({ delta: {}, finish_reason: "tool_calls" });
    } else {
      send({ delta: { role: "assistant", content: `re:${n} ` } });
      if (n % 4 === 0) await wait(250);
      send({ delta: { content: "and that is all" } });
      send({ delta: {}, finish_reason: "stop" });
    }
    response.write('data: {"id":"x","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n');
    response.end("data: [DONE]\n\n");
  }
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await closeServer(server);
  return port;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
