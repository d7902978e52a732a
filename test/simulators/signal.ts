import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { type Description, describedBy } from "../support/openapi.ts";
import { wholeBody } from "./body.ts";

/** https://github.com/bbernhard/signal-cli-rest-api, src/docs/swagger.json */
export const description: Description = describedBy("signal-cli-rest-api.json", { strict: true });

export interface SignalSimulatorOptions {
  /** Which of the two programs stands in front. */
  readonly api?: "json-rpc" | "rest";
  /** `manual`: messages stay at Signal until they are asked for. */
  readonly receiveMode?: "on-start" | "manual";
}

/** What goes wrong with a call. */
export type Trouble =
  /** For each who was to get it, as JsonSendMessageResult.java has it. */
  | { readonly kind: "result"; readonly type: string; readonly token?: string; readonly retryAfterSeconds?: number }
  | { readonly kind: "error"; readonly code: number; readonly message: string }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  | { readonly kind: "cut"; readonly after?: boolean };

/** A message of the account, as the others have it. */
export interface SignalMessage {
  readonly timestamp: number;
  readonly to: string;
  readonly text: string;
  readonly styles: readonly string[];
  readonly attachments: readonly string[];
  readonly quote?: { readonly timestamp: number; readonly author: string };
  readonly reactions: string[];
  deleted: boolean;
}

export const ann = { uuid: "11111111-1111-4111-8111-111111111111", number: "+15552223333", name: "Ann" };
export const group = "Pmpi+EfPWmsxiomLe9Nx2XF9HOE483p6iKiFj65iMwI=";

interface Asked {
  readonly account?: string;
  readonly recipient?: readonly string[] | string;
  readonly groupId?: string;
  readonly message?: string;
  readonly textStyles?: readonly string[];
  readonly attachments?: readonly string[];
  readonly quoteTimestamp?: number;
  readonly quoteAuthor?: string;
  readonly emoji?: string;
  readonly targetAuthor?: string;
  readonly targetTimestamp?: number;
  readonly remove?: boolean;
  readonly id?: string;
  readonly timeout?: number;
  readonly maxMessages?: number;
}

/** The parameters of each method that we call, by signal-cli (1) in camelCase: https://github.com/AsamK/signal-cli/blob/master/man/signal-cli.1.adoc */
const methods: Readonly<Record<string, readonly (keyof Asked)[]>> = {
  listAccounts: [],
  send: ["recipient", "groupId", "message", "textStyles", "attachments", "quoteTimestamp", "quoteAuthor"],
  sendReaction: ["recipient", "groupId", "emoji", "targetAuthor", "targetTimestamp", "remove"],
  remoteDelete: ["recipient", "groupId", "targetTimestamp"],
  sendTyping: ["recipient", "groupId"],
  getAttachment: ["id", "recipient", "groupId"],
  receive: ["timeout", "maxMessages"],
};

/** signal-cli with one account, behind its own daemon or the REST wrapper, over real HTTP and WebSockets. It refuses what they refuse. */
export class SignalSimulator {
  readonly account = "+15550001111";
  readonly messages: SignalMessage[] = [];
  readonly files = new Map<string, Uint8Array>();
  readonly groups = new Set([group]);
  readonly people = new Set([ann.uuid]);
  /** Calls that broke the description or the manual; a correct gateway leaves it empty. */
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  readonly #options: SignalSimulatorOptions;
  readonly #troubles: { method: string; trouble: Trouble }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** Messages that wait at Signal. */
  readonly #waiting: object[] = [];
  #asking: (() => void)[] = [];
  #kept: { id: string; data: string }[] = [];
  #listeners: ServerResponse[] = [];
  #open: WebSocket[] = [];
  #started = Date.now();
  #count = 0;
  #clock = Date.now();

  constructor(options: SignalSimulatorOptions = {}) {
    this.#options = options;
    this.#server.on("upgrade", (request, socket, head) => {
      if (request.url !== `/v1/receive/${encodeURIComponent(this.account)}` || options.api !== "rest") return void socket.destroy();
      this.#sockets.handleUpgrade(request, socket, head, (connection) => {
        this.#open.push(connection);
        connection.on("error", () => {});
        connection.on("close", () => this.#open.splice(this.#open.indexOf(connection), 1));
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As an operator writes them. */
  get settings(): object {
    const { api = "json-rpc", receiveMode } = this.#options;
    return { account: this.account, api, receive: receiveMode === "manual" ? "poll" : "events", url: this.url };
  }

  /** Who hears of messages as they come. */
  get connections(): number {
    return this.#listeners.length + this.#open.length;
  }

  listen(port = 0): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.cut();
    this.#wake();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#open) socket.terminate();
    this.#server.closeAllConnections();
  }

  /** The daemon begins anew: what it kept in its memory is gone. */
  restart(): void {
    this.#kept = [];
    this.#started++;
    this.cut();
  }

  seen(to: string): readonly SignalMessage[] {
    return this.messages.filter((one) => one.to === to && !one.deleted);
  }

  /** Somebody writes; its time is its id. */
  say(message: string, more: object = {}): number {
    const timestamp = ++this.#clock;
    this.happen({ timestamp, dataMessage: { timestamp, message, expiresInSeconds: 0, viewOnce: false, ...more } });
    return timestamp;
  }

  /** https://github.com/AsamK/signal-cli, src/main/java/org/asamk/signal/json/JsonMessageEnvelope.java */
  happen(envelope: object): void {
    const source = { source: ann.number, sourceNumber: ann.number, sourceUuid: ann.uuid, sourceName: ann.name, sourceDevice: 1 };
    const received = { envelope: { ...source, timestamp: ++this.#clock, serverReceivedTimestamp: 1, ...envelope }, account: this.account };
    if (this.#options.receiveMode === "manual") {
      this.#waiting.push(received);
      this.#wake();
      return;
    }
    const event = { id: `${this.#started}-${++this.#count}`, data: JSON.stringify(received) };
    this.#kept.push(event);
    for (const listener of this.#listeners) listener.write(frame(event));
    for (const socket of this.#open) socket.send(event.data);
  }

  #wake(): void {
    for (const wake of this.#asking.splice(0)) wake();
  }

  arrange(trouble: Trouble, method = "send"): void {
    this.#troubles.push({ method, trouble });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const body = await wholeBody(request);
    if (!body) return;
    if (this.#options.api === "rest") return this.#rest(request, response, url, body);
    if (url.pathname === "/api/v1/events") return this.#events(request, response, url);
    if (url.pathname !== "/api/v1/rpc" || request.method !== "POST") return void response.writeHead(404).end();
    const {
      jsonrpc,
      id,
      method,
      params = {},
    } = JSON.parse(body.toString()) as { jsonrpc: string; id: string; method: string; params?: Asked };
    this.calls.push(method);
    const unknown = Object.keys(params).find((name) => name !== "account" && !methods[method]?.includes(name as keyof Asked));
    if (jsonrpc !== "2.0" || !methods[method] || unknown) this.violations.push(`${method}: ${unknown ?? "no such method"}`);
    const trouble = this.#trouble(method);
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>");
    const outcome =
      trouble && "after" in trouble && trouble.after
        ? await this.#perform(method, params)
        : (failure(trouble) ?? (await this.#perform(method, params)));
    if (trouble?.kind === "cut") return void response.destroy();
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, ...outcome }));
  }

  #trouble(method: string): Trouble | undefined {
    const index = this.#troubles.findIndex((one) => one.method === method);
    return index < 0 ? undefined : this.#troubles.splice(index, 1)[0]?.trouble;
  }

  async #perform(method: string, asked: Asked): Promise<Answer> {
    if (method === "listAccounts") return { result: [{ number: this.account }] };
    if (asked.account !== this.account) return problem(-32602, "Specified account does not exist");
    if (method === "receive") return { result: await this.#receive(asked.maxMessages ?? 100) };
    const to = asked.groupId ?? [asked.recipient].flat()[0] ?? "";
    if (asked.groupId && !this.groups.has(asked.groupId)) return problem(-1, `User is not a member in group: ${asked.groupId}`);
    if (!asked.groupId && !this.people.has(to)) return failure({ kind: "result", type: "UNREGISTERED_FAILURE" }) as Answer;
    const target = this.messages.find((one) => one.timestamp === asked.targetTimestamp);
    switch (method) {
      case "sendTyping":
        return { result: {} };
      case "getAttachment": {
        const bytes = this.files.get(asked.id ?? "");
        return bytes ? { result: { data: Buffer.from(bytes).toString("base64") } } : problem(-1, "Could not find attachment with ID");
      }
      case "remoteDelete":
        if (target) target.deleted = true;
        break;
      case "sendReaction":
        target?.reactions.push(`${asked.remove ? "-" : "+"}${asked.emoji}`);
        break;
      default: {
        const { message: text = "", textStyles: styles = [], attachments = [], quoteTimestamp, quoteAuthor = "" } = asked;
        if (!text && attachments.length === 0) return problem(-1, "Sending empty message is not allowed");
        if (Buffer.byteLength(text) > 2_000) this.violations.push("send: a text that Signal makes a file of");
        const odd = attachments.find((one) => !/^data:[\w.+-]+\/[\w.+-]+;filename=[^;,]+;base64,[\w+/]*=*$/.test(one));
        if (odd !== undefined) return problem(-1, `Invalid attachment: ${odd.slice(0, 60)}`);
        if (styles.some((one) => !/^\d+:\d+:(BOLD|ITALIC|STRIKETHROUGH|MONOSPACE|SPOILER)$/.test(one))) return problem(-1, "Invalid style");
        const quote = quoteTimestamp === undefined ? {} : { quote: { timestamp: quoteTimestamp, author: quoteAuthor } };
        this.messages.push({ timestamp: this.#clock + 1, to, text, styles, attachments, ...quote, reactions: [], deleted: false });
      }
    }
    const result = { recipientAddress: { uuid: to, number: null }, type: "SUCCESS" };
    return { result: { timestamp: ++this.#clock, results: [result] } };
  }

  /** It has told Signal that they arrived before they go out. */
  async #receive(most: number): Promise<readonly object[]> {
    if (this.#waiting.length === 0) {
      const timer = setTimeout(() => this.#wake(), 100);
      await new Promise<void>((resolve) => this.#asking.push(resolve));
      clearTimeout(timer);
    }
    return this.#waiting.splice(0, most);
  }

  #events(request: IncomingMessage, response: ServerResponse, url: URL): void {
    if (url.searchParams.get("account") !== this.account) return void response.writeHead(400).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(":\n");
    const last = request.headers["last-event-id"];
    if (last !== undefined) {
      const after = this.#kept.findIndex(({ id }) => id === last);
      for (const event of this.#kept.slice(after + 1)) response.write(frame(event));
    }
    this.#listeners.push(response);
    response.on("close", () => this.#listeners.splice(this.#listeners.indexOf(response), 1));
  }

  async #rest(request: IncomingMessage, response: ServerResponse, { pathname, search }: URL, body: Buffer): Promise<void> {
    const { method = "" } = request;
    const violation = description.violation({ method, url: pathname + search, headers: request.headers, body });
    if (violation) this.violations.push(violation);
    const [, , what = "", id = ""] = pathname.split("/");
    this.calls.push(`${method} ${what}`);
    const trouble = this.#trouble(what);
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>");
    if (trouble?.kind === "result" && trouble.token)
      return json(response, 400, { error: "CAPTCHA proof required", account: this.account, challenge_tokens: [trouble.token] });
    if (trouble?.kind === "error") return json(response, 400, { error: trouble.message });
    if (what === "accounts") return json(response, 200, [this.account]);
    if (what === "attachments") {
      const bytes = this.files.get(id);
      return bytes ? void response.writeHead(200).end(bytes) : json(response, 404, { error: "No attachment" });
    }
    if (what === "receive") return json(response, 200, await this.#receive(10));
    const asked = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    const [recipient] = [asked.recipients ?? asked.recipient].flat() as string[];
    const groupId = recipient?.startsWith("group.") ? Buffer.from(recipient.slice(6), "base64").toString() : undefined;
    const outcome = await this.#perform(
      { send: "send", reactions: "sendReaction", "remote-delete": "remoteDelete" }[what] ?? "sendTyping",
      {
        account: this.account,
        ...(groupId ? { groupId } : { recipient: [recipient ?? ""] }),
        ...(asked.message ? { message: String(asked.message) } : {}),
        ...(asked.base64_attachments ? { attachments: asked.base64_attachments as string[] } : {}),
        ...(asked.quote_timestamp ? { quoteTimestamp: Number(asked.quote_timestamp), quoteAuthor: String(asked.quote_author) } : {}),
        ...(asked.reaction ? { emoji: String(asked.reaction), remove: method === "DELETE" } : {}),
        ...(asked.timestamp ? { targetTimestamp: Number(asked.timestamp) } : {}),
      },
    );
    if (trouble?.kind === "cut") return void response.destroy();
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>");
    if (outcome.error) {
      const unregistered = outcome.error.data !== null;
      return json(response, 400, {
        error: unregistered ? `Failed to send (some) messages: ${recipient}: Unregistered user` : outcome.error.message,
      });
    }
    const { timestamp } = outcome.result as { timestamp?: number };
    if (timestamp === undefined || what === "reactions") return void response.writeHead(204).end();
    json(response, 201, { timestamp: String(timestamp) });
  }
}

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: object | null };
}

/** A simulator that listens; close it. */
export async function startSignalSimulator(options: SignalSimulatorOptions = {}): Promise<SignalSimulator> {
  const simulator = new SignalSimulator(options);
  await simulator.listen();
  return simulator;
}

function problem(code: number, message: string, data: object | null = null): Answer {
  return { error: { code, message, data } };
}

/** SendMessageResultUtils.java: where nobody got it, an error that holds the results. */
function failure(trouble: Trouble | undefined): Answer | undefined {
  if (trouble?.kind === "error") return problem(trouble.code, trouble.message);
  if (trouble?.kind !== "result") return undefined;
  const { kind: _, ...result } = trouble;
  const code = { IDENTITY_FAILURE: -4, RATE_LIMIT_FAILURE: -5 }[trouble.type] ?? -1;
  return problem(code, "Failed to send message", {
    response: { timestamp: 1, results: [{ recipientAddress: { uuid: ann.uuid }, ...result }] },
  });
}

function frame({ id, data }: { readonly id: string; readonly data: string }): string {
  return `id:${id}\nevent:receive\ndata:${data}\n\n`;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
