import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { wholeBody } from "./body.ts";
import { blocksProblem, buttonsOf, type Description, type Element, violation, wordsOf } from "./slack/description.ts";

export { readEventFields, readSpec, specMissing } from "./slack/description.ts";

export interface SlackSimulatorOptions {
  readonly spec?: Description | undefined;
  /** Events are posted to `requestUrl`; otherwise they go over sockets. */
  readonly webhooks?: boolean;
  /** Milliseconds between two posts of what wasn't taken; Slack waits for minutes (default here: 20). */
  readonly retryMs?: number;
}

/** What goes wrong with a call. */
export type Trouble =
  | { readonly kind: "refuse"; readonly error: string }
  | { readonly kind: "limit"; readonly seconds: number }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  /** The connection is cut, before or after anything was done. */
  | { readonly kind: "cut"; readonly after?: boolean };

export interface SlackMessage {
  readonly ts: string;
  readonly user: string;
  /** As people read it. */
  text: string;
  mrkdwn: string;
  blocks: unknown;
  thread?: string;
  files: readonly string[];
  buttons: readonly Element[];
  readonly reactions: Map<string, Set<string>>;
}

interface SlackChannel {
  readonly id: string;
  readonly messages: Map<string, SlackMessage>;
  archived: boolean;
  member: boolean;
}

interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  bytes?: Buffer;
  shared: boolean;
}

interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly payload: object;
  /** The connection that has it now. */
  over?: WebSocket | undefined;
}

type Fields = Readonly<Record<string, string>>;

/** One workspace with one app, over real HTTP and WebSockets on a local port. It refuses what Slack refuses. */
export class SlackSimulator {
  readonly botToken = "xoxb-1234567890-TESTabcdefghijk";
  readonly appToken = "xapp-1-A0APP-1234567890-TESTabcdef";
  readonly signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
  readonly bot = { user: "U0BOT", bot: "B0BOT", app: "A0APP", team: "T0TEAM" };
  readonly channels = new Map<string, SlackChannel>();
  readonly files = new Map<string, StoredFile>();
  /** Calls that broke the description; a correct app leaves it empty. */
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  /** Answers that the app gave to posted events, by their HTTP status. */
  readonly answers: number[] = [];
  readonly statuses: string[] = [];
  /** Where the app takes its events, as its settings at Slack say it. */
  requestUrl = "";
  readonly #options: SlackSimulatorOptions;
  readonly #troubles: { method: string; trouble: Trouble }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #open: WebSocket[] = [];
  #unacked: Envelope[] = [];
  #revoked = false;
  #closed = false;
  #count = 0;

  constructor(options: SlackSimulatorOptions = {}) {
    this.#options = options;
    this.#server.on("upgrade", (request, socket, head) => {
      const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
      if (!this.#tickets.delete(ticket)) return void socket.destroy();
      this.#sockets.handleUpgrade(request, socket, head, (connection) => this.#connected(connection));
    });
  }

  /** What to set as `apiRoot`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`;
  }

  get connections(): number {
    return this.#open.length;
  }

  get undelivered(): number {
    return this.#unacked.length;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#open) connection.terminate();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** D… is a conversation with one person, C… a channel. */
  channel(id: string): SlackChannel {
    const known = this.channels.get(id);
    if (known) return known;
    const made: SlackChannel = { id, messages: new Map(), archived: false, member: true };
    this.channels.set(id, made);
    return made;
  }

  /** The app's messages in a channel as people see them now, oldest first. */
  seen(channel: string): readonly SlackMessage[] {
    return [...this.channel(channel).messages.values()].filter(({ user }) => user === this.bot.user);
  }

  /** A person writes. The event goes out as the subscriptions of the setup guide have it. */
  say(channel: string, user: string, text: string, more: { readonly thread?: string; readonly files?: readonly object[] } = {}): string {
    const message = this.#post(channel, user, { text, mrkdwn: text, ...(more.thread ? { thread: more.thread } : {}) });
    const event = {
      type: "message",
      channel,
      channel_type: channel.startsWith("D") ? "im" : "channel",
      user,
      text,
      ts: message.ts,
      event_ts: message.ts,
      team: this.bot.team,
      ...(more.thread ? { thread_ts: more.thread } : {}),
      ...(more.files ? { subtype: "file_share", files: more.files } : {}),
    };
    this.happen(event);
    if (text.includes(`<@${this.bot.user}>`) && event.channel_type === "channel") this.happen({ ...event, type: "app_mention" });
    return message.ts;
  }

  /** An event of the app's subscriptions. https://docs.slack.dev/apis/events-api/#callback-field */
  happen(event: object): void {
    const n = ++this.#count;
    this.#deliver("events_api", {
      token: "XXYYZZ",
      team_id: this.bot.team,
      api_app_id: this.bot.app,
      event,
      type: "event_callback",
      event_id: `Ev${String(n).padStart(9, "0")}`,
      event_time: 1_789_999_000,
      authed_users: [this.bot.user],
      authorizations: [{ enterprise_id: null, team_id: this.bot.team, user_id: this.bot.user, is_bot: true }],
    });
  }

  /** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
  press(channel: string, user: string, ts: string, label: string): void {
    const message = this.channel(channel).messages.get(ts);
    const button = message?.buttons.find((one) => one.text?.text === label);
    if (!message || !button) throw new Error(`no button ${label}`);
    this.#deliver("interactive", {
      type: "block_actions",
      user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: this.bot.team },
      api_app_id: this.bot.app,
      trigger_id: `${++this.#count}.press`,
      channel: { id: channel, name: channel.startsWith("D") ? "directmessage" : "general" },
      container: { type: "message", message_ts: ts, channel_id: channel, is_ephemeral: false },
      message: { type: "message", ts, user: this.bot.user, bot_id: this.bot.bot, ...(message.thread ? { thread_ts: message.thread } : {}) },
      actions: [{ ...button, type: "button", block_id: "b", action_ts: "1789999001.000100" }],
    });
  }

  arrange(trouble: Trouble, method = "chat.postMessage"): void {
    this.#troubles.push({ method, trouble });
  }

  revoke(): void {
    this.#revoked = true;
  }

  /** Slack says that it is about to close a connection, or closes it. */
  disconnect(reason: string, close = false): void {
    for (const connection of [...this.#open]) {
      connection.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "applink-1" } }));
      if (close) connection.close();
    }
  }

  cutSockets(): void {
    for (const connection of [...this.#open]) connection.terminate();
  }

  /** https://docs.slack.dev/authentication/verifying-requests-from-slack */
  signed(body: string, seconds = Math.floor(Date.now() / 1000)): Record<string, string> {
    const signature = createHmac("sha256", this.signingSecret).update(`v0:${seconds}:${body}`).digest("hex");
    return { "x-slack-request-timestamp": String(seconds), "x-slack-signature": `v0=${signature}` };
  }

  #deliver(type: string, payload: object): void {
    if (this.#options.webhooks) return void this.#postEvent(type, payload);
    this.#unacked.push({ id: `env-${++this.#count}`, type, payload });
    this.#flush();
  }

  /** Three more times, with the reason. https://docs.slack.dev/apis/events-api/#retries */
  async #postEvent(type: string, payload: object): Promise<void> {
    const json = JSON.stringify(payload);
    const form = type === "interactive";
    const body = form ? new URLSearchParams({ payload: json }).toString() : json;
    for (let retry = 0; !this.#closed; retry++) {
      const headers = {
        ...this.signed(body),
        "content-type": form ? "application/x-www-form-urlencoded" : "application/json",
        ...(retry > 0 ? { "x-slack-retry-num": String(retry), "x-slack-retry-reason": "http_error" } : {}),
      };
      const status = await fetch(this.requestUrl, { method: "POST", headers, body }).then(
        (answer) => answer.status,
        () => 0,
      );
      this.answers.push(status);
      if (status >= 200 && status < 300) return;
      await new Promise((resolve) => setTimeout(resolve, this.#options.retryMs ?? 20));
    }
  }

  /** What isn't acknowledged goes over the newest connection; after a connection's end, over the next. */
  #flush(): void {
    const connection = this.#open.at(-1);
    if (!connection) return;
    for (const envelope of this.#unacked.filter(({ over }) => over === undefined)) {
      envelope.over = connection;
      const { id, type, payload } = envelope;
      connection.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: type !== "events_api" }));
    }
  }

  #connected(connection: WebSocket): void {
    this.#open.push(connection);
    const pings = setInterval(() => connection.ping(), 2_000);
    pings.unref();
    connection.on("error", () => {});
    connection.on("message", (data) => {
      const { envelope_id: id } = JSON.parse(String(data)) as { envelope_id?: string };
      this.#unacked = this.#unacked.filter((one) => one.id !== id);
    });
    connection.on("close", () => {
      clearInterval(pings);
      this.#open.splice(this.#open.indexOf(connection), 1);
      for (const one of this.#unacked) if (one.over === connection) one.over = undefined;
      this.#flush();
    });
    connection.send(JSON.stringify({ type: "hello", num_connections: this.#open.length, connection_info: { app_id: this.bot.app } }));
    this.#flush();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const body = await wholeBody(request);
    if (!body) return;
    const [, first, name = ""] = pathname.split("/");
    if (first === "upload") return this.#uploaded(request, response, name, body);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (first === "files-pri") {
      const file = this.files.get(name);
      if (token !== this.botToken || !file?.bytes) response.writeHead(302, { location: "https://slack.com/signin" }).end();
      else response.writeHead(200, { "content-type": "application/octet-stream" }).end(file.bytes);
      return;
    }
    if (first !== "api" || request.method !== "POST") return void response.writeHead(404).end();
    this.calls.push(name);
    const index = this.#troubles.findIndex(({ method }) => method === name);
    const trouble = index < 0 ? undefined : this.#troubles.splice(index, 1)[0]?.trouble;
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "refuse") return answer(response, { ok: false, error: trouble.error });
    if (trouble?.kind === "limit") {
      response.writeHead(429, { "retry-after": String(trouble.seconds), "content-type": "application/json" });
      return void response.end(JSON.stringify({ ok: false, error: "ratelimited" }));
    }
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>proxy</html>");
    const fields = Object.fromEntries(new URLSearchParams(body.toString()));
    const result = this.#perform(name, token, request.headers["content-type"] ?? "", fields);
    if (trouble?.kind === "cut") return void response.destroy();
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>proxy</html>");
    answer(response, result);
  }

  #perform(method: string, token: string | undefined, type: string, fields: Fields): object {
    if (!token) return refused("not_authed");
    const wanted = method === "apps.connections.open" ? this.appToken : this.botToken;
    if (token !== wanted || this.#revoked) return refused(this.#revoked ? "token_revoked" : "invalid_auth");
    const broken = type.startsWith("application/x-www-form-urlencoded")
      ? violation(this.#options.spec, method, fields)
      : `${method}: ${type}`;
    if (broken) {
      this.violations.push(broken);
      return refused("invalid_arguments");
    }
    switch (method) {
      case "auth.test":
        return {
          ok: true,
          url: "https://test.slack.com/",
          team: "Test",
          user: "polylogue",
          team_id: this.bot.team,
          user_id: this.bot.user,
          bot_id: this.bot.bot,
        };
      case "apps.connections.open": {
        const ticket = `t${++this.#count}`;
        this.#tickets.add(ticket);
        return { ok: true, url: `${this.url.replace("http", "ws").replace(/\/api$/, "")}/link/?ticket=${ticket}` };
      }
      case "chat.postMessage":
        return this.#postMessage(fields);
      case "chat.update":
        return this.#update(fields);
      case "chat.delete":
        return this.channels.get(fields.channel ?? "")?.messages.delete(fields.ts ?? "")
          ? { ok: true, ...fields }
          : refused("message_not_found");
      case "reactions.add":
      case "reactions.remove":
      case "reactions.get":
        return this.#react(method, fields);
      case "assistant.threads.setStatus":
        this.statuses.push(fields.status ?? "");
        return { ok: true };
      default:
        return this.#fileCall(method, fields);
    }
  }

  #postMessage(fields: Fields): object {
    const { channel: id = "", text = "", thread_ts: thread } = fields;
    const blocks = fields.blocks === undefined ? undefined : parse(fields.blocks);
    const problem = this.#cantPost(id, thread) ?? contentProblem(text, blocks);
    if (problem) return refused(problem);
    const made = this.#post(id, this.bot.user, { text: wordsOf(blocks, text), mrkdwn: text, blocks, ...(thread ? { thread } : {}) });
    const message = { type: "message", subtype: "bot_message", text, ts: made.ts, bot_id: this.bot.bot };
    return { ok: true, channel: id, ts: made.ts, message };
  }

  #cantPost(id: string, thread: string | undefined): string | undefined {
    const channel = this.channels.get(id);
    if (!channel) return "channel_not_found";
    if (channel.archived) return "is_archived";
    if (!channel.member) return "not_in_channel";
    return thread !== undefined && !channel.messages.has(thread) ? "thread_not_found" : undefined;
  }

  #update({ channel = "", ts = "", text = "", blocks: json }: Fields): object {
    const message = this.channels.get(channel)?.messages.get(ts);
    if (!message) return refused("message_not_found");
    if (message.user !== this.bot.user) return refused("cant_update_message");
    const blocks = json === undefined ? message.blocks : parse(json);
    const problem = text.length > 4_000 ? "msg_too_long" : contentProblem(text, blocks);
    if (problem) return refused(problem);
    Object.assign(message, { blocks, mrkdwn: text, text: wordsOf(blocks, text), buttons: buttonsOf(blocks) });
    return { ok: true, channel, ts, text };
  }

  #react(method: string, { channel = "", timestamp = "", name = "" }: Fields): object {
    const reactions = this.channels.get(channel)?.messages.get(timestamp)?.reactions;
    if (!reactions) return refused("message_not_found");
    const users = reactions.get(name) ?? new Set();
    if (method === "reactions.get") {
      const all = [...reactions].map(([one, by]) => ({ name: one, users: [...by], count: by.size }));
      return { ok: true, type: "message", channel, message: { ts: timestamp, reactions: all.filter(({ count }) => count > 0) } };
    }
    if (method === "reactions.add") {
      if (users.has(this.bot.user)) return refused("already_reacted");
      reactions.set(name, users.add(this.bot.user));
      return { ok: true };
    }
    return users.delete(this.bot.user) ? { ok: true } : refused("no_reaction");
  }

  #fileCall(method: string, fields: Fields): object {
    const origin = this.url.replace(/\/api$/, "");
    if (method === "files.getUploadURLExternal") {
      const id = `F${++this.#count}`;
      this.files.set(id, { id, name: fields.filename ?? "", size: Number(fields.length), shared: false });
      return { ok: true, upload_url: `${origin}/upload/${id}`, file_id: id };
    }
    if (method === "files.completeUploadExternal") {
      const files = parse(fields.files ?? "") as { id: string }[];
      if (files.some(({ id }) => !this.files.get(id)?.bytes)) return refused("file_not_found");
      const { channel_id: channel = "", thread_ts: thread, initial_comment: text = "", blocks } = fields;
      const problem = this.#cantPost(channel, thread) ?? (blocks === undefined ? undefined : contentProblem("", parse(blocks)));
      if (problem) return refused(problem);
      for (const { id } of files) (this.files.get(id) as StoredFile).shared = true;
      const shown = blocks === undefined ? { text: wordsOf(undefined, text) } : { text: wordsOf(parse(blocks), ""), blocks: parse(blocks) };
      this.#post(channel, this.bot.user, { ...shown, mrkdwn: text, files: files.map(({ id }) => id), ...(thread ? { thread } : {}) });
      return { ok: true, files };
    }
    const file = this.files.get(fields.file ?? "");
    if (!file) return refused("file_not_found");
    if (method === "files.info")
      return { ok: true, file: { ...file, bytes: undefined, url_private_download: `${origin}/files-pri/${file.id}` } };
    this.files.delete(file.id);
    for (const { messages } of this.channels.values())
      for (const [ts, { files }] of messages) if (files.includes(file.id)) messages.delete(ts);
    return { ok: true };
  }

  #uploaded(request: IncomingMessage, response: ServerResponse, id: string, body: Buffer): void {
    const file = this.files.get(id);
    const index = this.#troubles.findIndex(({ method }) => method === "upload");
    const trouble = index < 0 ? undefined : this.#troubles.splice(index, 1)[0]?.trouble;
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end();
    if (request.method !== "POST" || !file || body.length !== file.size) return void response.writeHead(400).end();
    file.bytes = body;
    response.writeHead(200).end(`OK - ${body.length}`);
  }

  #post(id: string, user: string, content: Partial<SlackMessage>): SlackMessage {
    const ts = `1789999000.${String(++this.#count).padStart(6, "0")}`;
    const base = { ts, user, text: "", mrkdwn: "", blocks: undefined, files: [], reactions: new Map() };
    const message: SlackMessage = { ...base, ...content, buttons: buttonsOf(content.blocks) };
    this.channel(id).messages.set(ts, message);
    return message;
  }
}

/** A simulator that listens; close it. */
export async function startSlackSimulator(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
  const simulator = new SlackSimulator(options);
  await simulator.listen();
  return simulator;
}

function contentProblem(text: string, blocks: unknown): string | undefined {
  if (text.length > 40_000) return "msg_too_long";
  if (blocks === undefined) return text === "" ? "no_text" : undefined;
  return blocksProblem(blocks) === undefined ? undefined : "invalid_blocks";
}

function refused(error: string): object {
  return { ok: false, error };
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", "x-oauth-scopes": "chat:write,files:write" });
  response.end(JSON.stringify(body));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
