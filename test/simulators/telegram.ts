import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Parameters, readBytes, readParameters } from "./telegram/body.ts";
import { Menus } from "./telegram/commands.ts";
import { control } from "./telegram/control.ts";
import { builtIn, type Description, violation } from "./telegram/description.ts";
import { perform } from "./telegram/methods.ts";
import type { Outcome } from "./telegram/outcome.ts";
import { Pace } from "./telegram/pace.ts";
import { People } from "./telegram/people.ts";
import { readSpec } from "./telegram/spec.ts";
import { type Trouble, Troubles, tooMany, type What } from "./telegram/trouble.ts";
import { Updates } from "./telegram/updates.ts";
import { type Json, type Logged, type Recorder, type Seen, World } from "./telegram/world.ts";

export { readSpec, specMissing } from "./telegram/spec.ts";
export { tooMany } from "./telegram/trouble.ts";

export interface TelegramSimulatorOptions {
  readonly port?: number;
  readonly token?: string;
  /** Without the @. */
  readonly username?: string;
  /** The published description of the Bot API; without it a short built-in one of the methods we call is used. */
  readonly spec?: Description | undefined;
  /** A file to which every entry of the log is appended before anybody is answered. */
  readonly log?: { readonly path: string; readonly fsync: boolean };
  readonly recorder?: Recorder;
  /** Whether the published rate limits hold; off if absent. */
  readonly pacing?: boolean;
  /** Milliseconds between two posts of one update to a webhook that refused it; 100 if absent. */
  readonly webhookRetryMs?: number;
  /** The id of the first update; 1000 if absent. */
  readonly firstUpdate?: number;
  /** The time at which a post to a webhook fails; the system's if absent. */
  readonly now?: () => number;
  /** Webhooks must be https, as on Telegram's own servers; a self-hosted server with --local takes http too (default). */
  readonly httpsOnly?: boolean;
}

/** The Bot API of one bot, over real HTTP on a local port. */
export class TelegramSimulator {
  readonly token: string;
  readonly world: World;
  readonly updates: Updates;
  readonly people: People;
  readonly menus = new Menus();
  /** Calls that broke the description; a correct bot leaves it empty. */
  readonly violations: string[] = [];
  /** How often each method was called. */
  readonly calls = new Map<string, number>();
  readonly #options: TelegramSimulatorOptions;
  readonly #description: Description;
  readonly #troubles = new Troubles();
  readonly #pace: Pace | undefined;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #revoked = false;

  constructor(options: TelegramSimulatorOptions) {
    this.#options = options;
    this.token = options.token ?? "123456:TEST_abcdefghijklmnopqrstuvwxyz-0123456";
    this.#description = options.spec ?? builtIn;
    this.#pace = options.pacing ? new Pace() : undefined;
    this.world = new World(
      { id: Number(this.token.split(":")[0]), username: options.username ?? "polylogue_test_bot" },
      options.log,
      options.recorder,
    );
    const { firstUpdate: firstId = 1000, webhookRetryMs: retryMs = 100, now = Date.now } = options;
    this.updates = new Updates(this.world, answer, { firstId, retryMs, now });
    this.people = new People(this.world, this.updates);
  }

  /** What to set as `apiRoot`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get entries(): readonly Logged[] {
    return this.world.entries;
  }

  /** The bot's messages in a chat as people see them now, oldest first. */
  seen(chat: number): readonly Seen[] {
    return [...(this.world.chats.get(chat)?.messages.values() ?? [])].filter((message) => message.from === this.world.bot.id);
  }

  /** A person writes. In a private chat `chat` and `from` are the same number; a group's is negative. */
  say(chat: number, from: number, text: string, options?: { readonly thread?: number; readonly replyTo?: number }): number {
    return this.people.say(chat, from, text, options);
  }

  press(chat: number, from: number, message: number, label: string): string {
    return this.people.press(chat, from, message, label);
  }

  /** Lets the next call, or calls, of a kind go wrong. */
  arrange(trouble: Trouble): void {
    this.#troubles.arrange(trouble);
  }

  calm(): void {
    this.#troubles.clear();
  }

  /** BotFather's /revoke: the token is void from now on. */
  revoke(): void {
    this.#revoked = true;
  }

  listen(port = this.#options.port ?? 0): Promise<void> {
    return new Promise((resolve, reject) => this.#server.once("error", reject).listen(port, "127.0.0.1", () => resolve()));
  }

  cut(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.updates.close();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    this.world.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const body = await readBytes(request).catch(() => "gone" as const);
    if (body === "gone") return;
    if (!body) return refuse(response, 413, "Request Entity Too Large");
    const [, first = "", ...rest] = url.pathname.split("/");
    if (first === "control") return this.#control(response, rest.join("/"), url, body);
    if (first === "file") return this.#download(response, rest);
    if (!first.startsWith("bot")) return refuse(response, 404, "Not Found");
    const token = first.slice(3);
    if (!token.includes(":")) return refuse(response, 404, "Not Found");
    if (token !== this.token || this.#revoked) return refuse(response, 401, "Unauthorized");
    const parameters = await readParameters(url, request.headers["content-type"] ?? "", body);
    if (!parameters) return refuse(response, 400, "Bad Request: can't parse JSON object");
    const { "x-caller": caller } = request.headers;
    await this.#call(response, rest[0] ?? "", parameters, typeof caller === "string" ? { by: caller } : {});
  }

  async #call(response: ServerResponse, method: string, parameters: Parameters, caller: { readonly by?: string }): Promise<void> {
    const { values } = parameters;
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    const broken = violation(this.#description, method, parameters);
    if (broken) {
      this.violations.push(broken);
      return refuse(response, broken.endsWith("no such method") ? 404 : 400, `Bad Request: the description of the Bot API says: ${broken}`);
    }
    const chat = Number(values.chat_id ?? 0);
    const arranged = this.#troubles.take(method, chat, wordsOf(values));
    if (arranged) await this.#noteTrouble(arranged, method, values, caller);
    const what = arranged ?? this.#limit(method, chat);
    if (what?.kind === "slow") await wait(what.ms);
    if (what?.kind === "held") await what.until;
    if (what?.kind === "cut") return void response.destroy();
    if (what?.kind === "error") return answer(response, what.status, { ok: false, error_code: what.status, ...without(what) });
    if (what?.kind === "proxy" && !what.after) return proxy(response, what.status);
    if (this.#settings(response, method, values)) return;
    const outcome: Outcome = this.menus.perform(method, values) ??
      perform(this.world, method, values) ?? { status: 404, description: "Not Found: method not found" };
    if ("description" in outcome) {
      const { status, description, parameters: more } = outcome;
      return answer(response, status, { ok: false, error_code: status, description, ...(more ? { parameters: more } : {}) });
    }
    const silent = what?.kind === "drop" || what?.kind === "proxy";
    const recorded = outcome.effect && this.world.record({ kind: "effect", method, ...outcome.effect, answered: !silent, ...caller });
    await recorded?.safe;
    if (what?.kind === "drop") return void response.destroy();
    if (what?.kind === "proxy") return proxy(response, what.status);
    answer(response, 200, { ok: true, result: outcome.result });
    if (recorded) this.world.answered(recorded.n);
  }

  /** One that takes effect all the same is told of by that effect. */
  async #noteTrouble(what: What, method: string, values: Parameters["values"], caller: { readonly by?: string }): Promise<void> {
    if (what.kind === "drop" || what.kind === "slow" || what.kind === "held" || (what.kind === "proxy" && what.after)) return;
    const text = wordsOf(values);
    const where = { ...(values.chat_id === undefined ? {} : { chat: Number(values.chat_id) }), ...(text ? { text } : {}) };
    const status = what.kind === "cut" ? {} : { status: what.status };
    await this.world.record({ kind: "trouble", method, ...where, what: what.kind, ...status, ...caller }).safe;
  }

  #limit(method: string, chat: number): What | undefined {
    const seconds = this.#pace && /^send(?!ChatAction)|^edit/.test(method) ? this.#pace.take(chat) : 0;
    return seconds > 0 ? tooMany(seconds) : undefined;
  }

  /** The methods that are about the bot and its updates. */
  #settings(response: ServerResponse, method: string, values: Readonly<Record<string, unknown>>): boolean {
    const done = (result: unknown) => answer(response, 200, { ok: true, result });
    const allowed = values.allowed_updates as readonly string[] | undefined;
    switch (method) {
      case "getMe":
        done({
          ...this.world.userJson(this.world.bot.id),
          can_join_groups: true,
          can_read_all_group_messages: false,
          supports_inline_queries: false,
        });
        return true;
      case "getUpdates": {
        const { offset = 0, limit = 100, timeout = 0 } = values as { offset?: number; limit?: number; timeout?: number };
        this.updates.get(response, { offset: Number(offset), limit: Number(limit), timeout: Number(timeout), allowed });
        return true;
      }
      case "setWebhook": {
        const {
          url = "",
          secret_token: secret,
          max_connections: connections = 40,
        } = values as { url?: string; secret_token?: string; max_connections?: number };
        const problem = this.#webhookProblem(url, secret);
        if (problem) refuse(response, 400, `Bad Request: ${problem}`);
        else {
          this.updates.setWebhook(url ? { url, secret, connections } : undefined, allowed, values.drop_pending_updates === true);
          done(true);
        }
        return true;
      }
      case "deleteWebhook":
        this.updates.setWebhook(undefined, undefined, values.drop_pending_updates === true);
        done(true);
        return true;
      case "getWebhookInfo":
        done(this.updates.webhookInfo());
        return true;
      default:
        return false;
    }
  }

  #webhookProblem(url: string, secret: string | undefined): string | undefined {
    if (url === "") return undefined;
    const parsed = URL.parse(url);
    if (!parsed) return "invalid webhook URL specified";
    if (this.#options.httpsOnly && parsed.protocol !== "https:") return "bad webhook: An HTTPS URL must be provided for webhook";
    if (secret !== undefined && secret.length > 256) return "secret token is too long";
    return secret !== undefined && !/^[A-Za-z0-9_-]*$/.test(secret) ? "secret token contains unallowed characters" : undefined;
  }

  /** https://core.telegram.org/bots/api#file */
  #download(response: ServerResponse, [bot = "", ...path]: readonly string[]): void {
    const file = [...this.world.files.values()].find((one) => one.path === path.map(decodeURIComponent).join("/"));
    if (bot !== `bot${this.token}` || this.#revoked) refuse(response, 401, "Unauthorized");
    else if (!file) refuse(response, 404, "Not Found");
    else response.writeHead(200, { "content-type": "application/octet-stream", "content-length": file.bytes.length }).end(file.bytes);
  }

  #control(response: ServerResponse, action: string, url: URL, body: Buffer): void {
    try {
      const input = { ...Object.fromEntries(url.searchParams), ...(body.length ? (JSON.parse(body.toString()) as Json) : {}) };
      const result = control(this, action, input);
      answer(response, result ? 200 : 404, result ?? { error: `no action ${action}` });
    } catch (error) {
      answer(response, 400, { error: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** A simulator that listens; close it. */
export async function startTelegramSimulator(options: TelegramSimulatorOptions = {}): Promise<TelegramSimulator> {
  const simulator = new TelegramSimulator(options);
  await simulator.listen();
  return simulator;
}

function answer(response: ServerResponse, status: number, body: Json): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

function wordsOf({ text, caption }: Readonly<Record<string, unknown>>): string {
  return String(text ?? caption ?? "");
}

function refuse(response: ServerResponse, status: number, description: string): void {
  answer(response, status, { ok: false, error_code: status, description });
}

function proxy(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "text/html" }).end(`<html><body><h1>${status}</h1><hr>nginx</body></html>`);
}

function without({ kind: _, status: __, ...rest }: Extract<What, { kind: "error" }>): Json {
  return rest;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      token: { type: "string" },
      log: { type: "string" },
      fsync: { type: "boolean" },
      pacing: { type: "boolean" },
    },
  });
  const simulator = await startTelegramSimulator({
    port: Number(values.port ?? 0),
    pacing: values.pacing ?? false,
    spec: readSpec(),
    ...(values.token ? { token: values.token } : {}),
    ...(values.log ? { log: { path: values.log, fsync: values.fsync ?? false } } : {}),
  });
  process.stdout.write(`${JSON.stringify({ port: Number(new URL(simulator.url).port), url: simulator.url, token: simulator.token })}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void simulator.close().then(() => process.exit(0)));
}
