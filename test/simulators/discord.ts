import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { describedBy } from "../support/openapi.ts";
import { wholeBody } from "./body.ts";

/** https://github.com/discord/discord-api-spec (OpenAPI 3.1) */
export const description = describedBy("discord.json");

/** What goes wrong with a call. */
export type Trouble =
  | { readonly kind: "refuse"; readonly status: number; readonly code: number }
  | { readonly kind: "limit"; readonly seconds: number; readonly global?: boolean }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  | { readonly kind: "cut"; readonly after?: boolean };

interface Json {
  readonly [key: string]: unknown;
}

export interface DiscordMessage {
  readonly id: string;
  readonly author: string;
  content: string;
  json: Json;
  readonly nonce?: string;
  readonly files: readonly string[];
  readonly reactions: Set<string>;
}

interface Session {
  readonly id: string;
  readonly dispatched: { s: number; t: string; d: unknown }[];
  connection?: WebSocket | undefined;
}

/** One application with its bot, over real HTTP and a real gateway on a local port. It refuses what Discord refuses. */
export class DiscordSimulator {
  readonly token = "MTk4.TEST.abcdefghijklmnopqrstuvwxyz0123456789";
  readonly bot = "900000000000000001";
  readonly guild = "700000000000000001";
  /** Channel, or thread (`parent`), or direct chat (no `guild`). */
  readonly channels = new Map<
    string,
    { readonly parent?: string; readonly direct: boolean; readonly messages: Map<string, DiscordMessage> }
  >();
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  readonly answered: unknown[] = [];
  readonly identified: Json[] = [];
  resumed = 0;
  /** The next connection is closed with this code as soon as it identifies. */
  refuseWith: number | undefined;
  /** Heartbeats are no longer answered, as by a connection that is half gone. */
  deaf = false;
  readonly #troubles: Trouble[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#server });
  readonly #sessions = new Map<string, Session>();
  readonly #backlog: { t: string; d: unknown }[] = [];
  #count = 0;
  #revoked = false;

  constructor() {
    this.#sockets.on("connection", (connection) => this.#connected(connection));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v10`;
  }

  get connections(): number {
    return this.#sockets.clients.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    for (const connection of this.#sockets.clients) connection.terminate();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  channel(id: string, direct = true, parent?: string) {
    const known = this.channels.get(id);
    if (known) return known;
    const made = { direct, ...(parent ? { parent } : {}), messages: new Map<string, DiscordMessage>() };
    this.channels.set(id, made);
    return made;
  }

  seen(id: string): readonly DiscordMessage[] {
    return [...this.channel(id).messages.values()].filter(({ author }) => author === this.bot);
  }

  say(channel: string, user: string, content: string): string {
    const id = this.#snowflake();
    const { direct, messages } = this.channel(channel);
    messages.set(id, { id, author: user, content, json: {}, files: [], reactions: new Set() });
    const author = { id: user, username: `u${user}`, global_name: `User ${user}`, bot: false };
    const mentions = content.includes(`<@${this.bot}>`) ? [{ id: this.bot, username: "polylogue", bot: true }] : [];
    const where = direct ? {} : { guild_id: this.guild };
    this.happen("MESSAGE_CREATE", {
      id,
      channel_id: channel,
      ...where,
      author,
      type: 0,
      content,
      mentions,
      attachments: [],
      timestamp: "",
    });
    return id;
  }

  happen(t: string, d: unknown): void {
    const [session] = this.#sessions.values();
    if (session) this.#dispatch(session, t, d);
    else this.#backlog.push({ t, d });
  }

  arrange(trouble: Trouble): void {
    this.#troubles.push(trouble);
  }

  revoke(): void {
    this.#revoked = true;
  }

  /** op 7, op 9, or the connection ends with a code or without a word. */
  disturb(how: { readonly op: number; readonly d?: unknown } | { readonly code: number } | "cut"): void {
    for (const connection of this.#sockets.clients) {
      if (how === "cut") connection.terminate();
      else if ("code" in how) connection.close(how.code);
      else {
        if (how.op === 9 && how.d === false) this.#sessions.clear();
        connection.send(JSON.stringify(how));
      }
    }
  }

  #snowflake(): string {
    return String((BigInt(1_789_999_000_000 - 1_420_070_400_000) << 22n) + BigInt(++this.#count));
  }

  #dispatch(session: Session, t: string, d: unknown): void {
    const entry = { s: session.dispatched.length + 1, t, d };
    session.dispatched.push(entry);
    session.connection?.send(JSON.stringify({ op: 0, ...entry }));
  }

  #connected(connection: WebSocket): void {
    connection.on("error", () => {});
    connection.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 41_250 } }));
    connection.on("message", (data) => {
      const { op, d } = JSON.parse(String(data)) as { op: number; d: Json };
      if (op === 1 && !this.deaf) connection.send(JSON.stringify({ op: 11 }));
      if (op === 2) this.#identify(connection, d);
      if (op === 6) this.#resume(connection, d);
    });
    connection.on("close", () => {
      for (const session of this.#sessions.values()) if (session.connection === connection) session.connection = undefined;
    });
  }

  #identify(connection: WebSocket, d: Json): void {
    this.identified.push(d);
    if (this.refuseWith !== undefined) return void connection.close(this.refuseWith);
    if (d.token !== this.token || this.#revoked) return void connection.close(4004);
    const session: Session = { id: `session-${++this.#count}`, dispatched: [], connection };
    this.#sessions.set(session.id, session);
    const url = this.url.replace("http", "ws").replace("/api/v10", "/resume");
    this.#dispatch(session, "READY", {
      v: 10,
      user: { id: this.bot, username: "polylogue", bot: true },
      session_id: session.id,
      resume_gateway_url: url,
      guilds: [],
    });
    this.#dispatch(session, "GUILD_CREATE", {
      id: this.guild,
      channels: [{ id: "800000000000000001", type: 0, name: "general" }],
      threads: [],
    });
    for (const { t, d: data } of this.#backlog.splice(0)) this.#dispatch(session, t, data);
  }

  #resume(connection: WebSocket, { token, session_id, seq }: Json): void {
    const session = this.#sessions.get(String(session_id));
    if (token !== this.token || this.#revoked) return void connection.close(4004);
    if (!session) return void connection.send(JSON.stringify({ op: 9, d: false }));
    if (typeof seq !== "number" || seq > session.dispatched.length) return void connection.close(4007);
    this.resumed++;
    session.connection = connection;
    for (const entry of session.dispatched.filter(({ s }) => s > seq)) connection.send(JSON.stringify({ op: 0, ...entry }));
    this.#dispatch(session, "RESUMED", {});
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const body = await wholeBody(request);
    if (!body) return;
    if (pathname.startsWith("/cdn/")) return void response.writeHead(200).end("bytes");
    const path = pathname.replace("/api/v10", "");
    const method = request.method ?? "";
    this.calls.push(`${method} ${path}`);
    const posting = method === "POST" && /^\/channels\/\d+\/messages$/.test(path);
    const trouble = posting ? this.#troubles.shift() : undefined;
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>proxy</html>");
    if (trouble?.kind === "refuse") return answer(response, trouble.status, { code: trouble.code, message: "refused" });
    if (trouble?.kind === "limit") {
      const headers = { "retry-after": String(Math.ceil(trouble.seconds)), "x-ratelimit-scope": trouble.global ? "global" : "shared" };
      return answer(
        response,
        429,
        { message: "You are being rate limited.", retry_after: trouble.seconds, global: trouble.global === true },
        headers,
      );
    }
    const [status, result] = await this.#perform(method, path, request, body);
    if (trouble?.kind === "cut") return void response.destroy();
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>proxy</html>");
    answer(response, status, result);
  }

  async #perform(method: string, path: string, { url = "/", headers }: IncomingMessage, body: Buffer): Promise<[number, unknown?]> {
    if (!/^DiscordBot \(\S+, \S+\)/.test(headers["user-agent"] ?? "")) return [403, "error code: 1010"];
    if (headers.authorization !== `Bot ${this.token}` || this.#revoked) return [401, { message: "401: Unauthorized", code: 0 }];
    const { json, files } = await readBody(headers["content-type"] ?? "", body);
    const described = json === undefined ? headers : { ...headers, "content-type": "application/json" };
    const broken = description.violation({
      ...{ method, url: url.replace("/api/v10", ""), headers: described },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    if (broken) {
      this.violations.push(broken);
      return [400, { code: 50_035, message: "Invalid Form Body" }];
    }
    if (path === "/users/@me") return [200, { id: this.bot, username: "polylogue", bot: true }];
    if (path === "/gateway/bot") {
      const url = this.url.replace("http", "ws").replace("/api/v10", "");
      return [200, { url, shards: 1, session_start_limit: { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 } }];
    }
    if (path.startsWith("/interactions/")) {
      this.answered.push(json);
      return [204];
    }
    const [, , id = "", kind, message = "", , emoji = ""] = path.split("/");
    const channel = this.channels.get(id);
    if (!channel) return [404, { code: 10_003, message: "Unknown Channel" }];
    if (kind === undefined)
      return [200, { id, type: channel.parent ? 11 : channel.direct ? 1 : 0, name: `name-${id}`, parent_id: channel.parent ?? null }];
    if (kind === "typing") return [204];
    return message === ""
      ? this.#create(channel.messages, json as Json, files)
      : this.#change(channel.messages, method, message, emoji, json as Json);
  }

  #create(messages: Map<string, DiscordMessage>, json: Json, files: readonly string[]): [number, unknown?] {
    const content = String(json.content ?? "");
    if (content.length > 2_000) return [400, { code: 50_035, message: "Invalid Form Body" }];
    if (content === "" && files.length === 0) return [400, { code: 50_006, message: "Cannot send an empty message" }];
    const before = json.enforce_nonce === true ? [...messages.values()].find(({ nonce }) => nonce === json.nonce) : undefined;
    if (before) return [200, { id: before.id }];
    const made: DiscordMessage = {
      id: this.#snowflake(),
      author: this.bot,
      content,
      json,
      nonce: String(json.nonce),
      files,
      reactions: new Set(),
    };
    messages.set(made.id, made);
    return [200, { id: made.id }];
  }

  #change(messages: Map<string, DiscordMessage>, method: string, id: string, emoji: string, json: Json): [number, unknown?] {
    const message = messages.get(id);
    if (!message) return [404, { code: 10_008, message: "Unknown Message" }];
    const name = decodeURIComponent(emoji);
    if (method === "GET")
      return [200, { id, reactions: [...message.reactions].map((one) => ({ me: true, emoji: { id: null, name: one } })) }];
    if (method === "PUT") message.reactions.add(name);
    if (method === "DELETE" && name === "") messages.delete(id);
    else if (method === "DELETE") message.reactions.delete(name);
    if (method !== "PATCH") return [204];
    if (message.author !== this.bot) return [403, { code: 50_005, message: "Cannot edit a message authored by another user" }];
    Object.assign(message, { content: String(json.content), json });
    return [200, { id }];
  }
}

/** A simulator that listens; close it. */
export async function startDiscordSimulator(): Promise<DiscordSimulator> {
  const simulator = new DiscordSimulator();
  await simulator.listen();
  return simulator;
}

async function readBody(type: string, body: Buffer): Promise<{ json: unknown; files: readonly string[] }> {
  if (body.length === 0) return { json: undefined, files: [] };
  if (type.startsWith("application/json")) return { json: JSON.parse(body.toString()), files: [] };
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  const payload = form.get("payload_json");
  const json: unknown = JSON.parse(typeof payload === "string" ? payload : await (payload as File).text());
  const files = [...form].flatMap(([name, value]) => (/^files\[\d\]$/.test(name) && typeof value !== "string" ? [value.name] : []));
  return { json, files };
}

function answer(response: ServerResponse, status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
