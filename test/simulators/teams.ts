import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describedBy } from "../support/openapi.ts";
import { wholeBody } from "./body.ts";
import { actionsOf, cardProblem, cardText, shown } from "./teams/shown.ts";

/** https://github.com/microsoft/botbuilder-dotnet, libraries/Swagger/ConnectorAPI.json (Swagger 2) */
export const description = describedBy("teams-botframework-connector.json");

/** What goes wrong with a call of the connector. */
export type Trouble =
  | { readonly kind: "refuse"; readonly status: number; readonly code?: string; readonly after?: boolean }
  | { readonly kind: "limit"; readonly seconds: number }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  | { readonly kind: "cut"; readonly after?: boolean };

interface Json {
  readonly [key: string]: unknown;
}

export interface TeamsMessage {
  readonly id: string;
  /** As people read it. */
  text: string;
  json: Json;
}

interface Conversation {
  readonly messages: Map<string, TeamsMessage>;
  /** Teams' word for why nothing is taken here. */
  closed?: string;
}

/** Two key pairs, made once for all simulators of a process: RSA takes its time. */
const pairs = Promise.all(["key-1", "key-2"].map(async (kid) => ({ kid, ...(await generateKeyPair("RS256", { extractable: true })) })));

/** Teams with one app's bot: Microsoft's login, the Bot Framework's keys and its connector, on a local port. It refuses what they would refuse. */
export class TeamsSimulator {
  readonly app = "608cacfd-1cea-40c9-b678-4b93e69bb72b";
  readonly tenant = "b28fdbfd-2b78-4f93-b0f8-8881793f0f8f";
  readonly password = "TEST~abc.DEF_ghi-jkl0123456789";
  readonly conversations = new Map<string, Conversation>();
  /** Calls that broke the description or the pages; a correct bot leaves it empty. */
  readonly violations: string[] = [];
  /** Method and path, of the connector with its base: `POST /amer/v3/…`. */
  readonly calls: string[] = [];
  readonly typing: string[] = [];
  /** Channels that each key may sign for. */
  readonly endorsements: Record<string, readonly string[]> = { "key-1": ["msteams", "webchat"], "key-2": ["directline"] };
  /** Keys that are published. */
  published = ["key-1", "key-2"];
  /** Keys can't be read. */
  keysDown = false;
  /** Files by their address in SharePoint: where each is, and what it holds. */
  readonly files = new Map<string, { readonly drive: string; readonly item: string; readonly bytes: string }>();
  /** Messages as Graph tells them, by path; drives of people and channels, by path. */
  readonly graph = new Map<string, object>();
  /** The app has no permission in Graph. */
  graphForbidden = false;
  /** Seconds that a token of the login lasts. */
  tokenSeconds = 3_599;
  /** The bot's messaging endpoint. */
  requestUrl = "";
  #tokens = new Set<string>();
  #revoked = false;
  #count = 0;
  readonly #troubles: Trouble[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What activities name as their serviceUrl: another one than the global address that the settings name. */
  get region(): string {
    return `${this.url}/amer/`;
  }

  get settings() {
    return {
      ...{
        appId: this.app,
        appPassword: this.password,
        tenantId: this.tenant,
        serviceUrl: `${this.url}/teams`,
        loginRoot: `${this.url}/login`,
      },
      openIdConfiguration: `${this.url}/v1/.well-known/openidconfiguration`,
    };
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  conversation(id: string): Conversation {
    const known = this.conversations.get(id);
    if (known) return known;
    const made: Conversation = { messages: new Map() };
    this.conversations.set(id, made);
    return made;
  }

  /** The bot's messages, oldest first. */
  seen(id: string): readonly TeamsMessage[] {
    return [...this.conversation(id).messages.values()];
  }

  arrange(trouble: Trouble): void {
    this.#troubles.push(trouble);
  }

  /** The app's password is void, and every token with it. */
  revoke(): void {
    this.#revoked = true;
    this.#tokens.clear();
  }

  /** Tokens that were given out are void; new ones aren't. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  /** https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot */
  async token(
    more: {
      readonly claims?: { readonly [name: string]: unknown };
      readonly kid?: string;
      readonly signedBy?: string;
      readonly at?: number;
      readonly alg?: string;
    } = {},
  ) {
    const { claims, kid = "key-1", signedBy = kid, at = Math.floor(Date.now() / 1000) } = more;
    const pair = (await pairs).find((one) => one.kid === signedBy);
    if (!pair) throw new Error(`no key ${signedBy}`);
    const all = { serviceurl: this.region, iss: "https://api.botframework.com", aud: this.app, nbf: at - 300, exp: at + 3_300, ...claims };
    return new SignJWT(all).setProtectedHeader({ alg: "RS256", kid, x5t: kid, typ: "JWT" }).sign(pair.privateKey);
  }

  /** What every activity of Teams has. */
  activity(conversation: string, user: string, more: object): Json {
    const kind = conversation.startsWith("a:") ? "personal" : conversation.includes("@thread.v2") ? "groupChat" : "channel";
    return {
      ...{
        id: String(1_485_983_408_511 + ++this.#count),
        timestamp: new Date().toISOString(),
        serviceUrl: this.region,
        channelId: "msteams",
      },
      from: { id: user, name: `User ${user}`, aadObjectId: "7faf8ab2-3d56-4244-b585-20c8a42ed2b8" },
      conversation: { conversationType: kind, tenantId: this.tenant, id: conversation, ...(kind === "personal" ? {} : { isGroup: true }) },
      recipient: { id: `28:${this.app}`, name: "Polylogue" },
      channelData: { tenant: { id: this.tenant } },
      ...more,
    };
  }

  /** Posts an activity until it is taken: the status, and what came with it. */
  async post(activity: Json): Promise<{ readonly status: number; readonly body: string }> {
    for (;;) {
      const headers = { "content-type": "application/json", authorization: `Bearer ${await this.token()}` };
      const answer = await fetch(this.requestUrl, { method: "POST", headers, body: JSON.stringify(activity) }).catch(() => undefined);
      if (answer && answer.status < 500) return { status: answer.status, body: await answer.text() };
      if (answer?.status === 501) return { status: 501, body: "" };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A person writes; in a channel the bot is mentioned, or it would hear nothing. */
  say(conversation: string, user: string, text: string, more: object = {}) {
    this.conversation(conversation);
    const at = "<at>Polylogue</at>";
    const mention = { type: "mention", mentioned: { id: `28:${this.app}`, name: "Polylogue" }, text: at };
    const words = conversation.startsWith("a:") ? { text } : { text: `${at} ${text}`, entities: [mention] };
    return this.post(this.activity(conversation, user, { type: "message", textFormat: "plain", ...words, ...more }));
  }

  /** A person presses a button, in a client that knows Action.Execute or in an older one. */
  press(conversation: string, user: string, message: string, title: string, client: "new" | "old" = "new") {
    const attachment = (this.conversation(conversation).messages.get(message)?.json.attachments as { content: unknown }[] | undefined)?.[0];
    const action = actionsOf(attachment?.content).find((one) => one.title === title);
    if (!action) throw new Error(`no button ${title}`);
    const { fallback, ...sent } = action;
    const pressed =
      client === "new"
        ? { type: "invoke", name: "adaptiveCard/action", value: { action: sent, trigger: "manual" } }
        : { type: "message", value: fallback?.data };
    return this.post(this.activity(conversation, user, { ...pressed, replyToId: message }));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "/" } = request;
    const body = await wholeBody(request);
    if (!body) return;
    this.calls.push(`${method} ${url}`);
    if (url.startsWith("/v1/.well-known/")) return this.#keys(url, response);
    if (url.startsWith("/login/")) return this.#login(request, response, body);
    if (url.startsWith("/graph/v1.0/")) return this.#graph(url.slice("/graph/v1.0".length), request, response);
    if (url.startsWith("/onedrive/")) return void response.writeHead(200).end("a file");
    const [, base, path] = /^\/(teams|amer)(\/v3\/.*)$/.exec(url) ?? [];
    if (!base || !path) return answer(response, 404, error("NotFound"));
    const trouble = method === "POST" && path.endsWith("/activities") ? this.#troubles.shift() : undefined;
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>proxy</html>");
    if (trouble?.kind === "limit") return answer(response, 429, error("Throttled"), { "retry-after": String(trouble.seconds) });
    if (trouble?.kind === "refuse" && !trouble.after)
      return answer(response, trouble.status, trouble.code ? error(trouble.code) : undefined);
    const [status, result] = this.#perform(method, path, request.headers, body);
    if (trouble?.kind === "cut") return void response.destroy();
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>proxy</html>");
    if (trouble?.kind === "refuse") return answer(response, trouble.status, trouble.code ? error(trouble.code) : undefined);
    answer(response, status, result);
  }

  async #keys(url: string, response: ServerResponse): Promise<void> {
    if (this.keysDown) return answer(response, 503);
    if (url.endsWith("/openidconfiguration"))
      return answer(response, 200, { issuer: "https://api.botframework.com", jwks_uri: `${this.url}/v1/.well-known/keys` });
    const known = (await pairs).filter(({ kid }) => this.published.includes(kid));
    const keys = known.map(async ({ kid, publicKey }) => ({
      ...(await exportJWK(publicKey)),
      kid,
      x5t: kid,
      use: "sig",
      endorsements: this.endorsements[kid],
    }));
    answer(response, 200, { keys: await Promise.all(keys) });
  }

  /** https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
  #login({ url, headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const form = Object.fromEntries(new URLSearchParams(body.toString()));
    if (url !== `/login/${this.tenant}/oauth2/v2.0/token` || !/^application\/x-www-form-urlencoded/.test(headers["content-type"] ?? ""))
      return void answer(response, 400, { error: "invalid_request", error_description: `AADSTS90002: Tenant not found. Trace ID: 1` });
    if (
      form.grant_type !== "client_credentials" ||
      !["https://api.botframework.com/.default", `${this.url}/graph/.default`].includes(form.scope ?? "")
    )
      return void answer(response, 400, {
        error: "invalid_scope",
        error_description: "AADSTS1002012: The provided value for scope is not valid.",
      });
    if (this.#revoked || form.client_id !== this.app || form.client_secret !== this.password)
      return void answer(response, 401, {
        error: "invalid_client",
        error_description: "AADSTS7000215: Invalid client secret provided. Trace ID: 1",
      });
    const token = `eyJ0.${form.scope?.includes("graph") ? "GRAPH" : "TEST"}-${++this.#count}.c2ln`;
    this.#tokens.add(token);
    answer(response, 200, { token_type: "Bearer", expires_in: this.tokenSeconds, ext_expires_in: this.tokenSeconds, access_token: token });
  }

  /** https://learn.microsoft.com/en-us/graph/api/overview; a file's content is elsewhere, where the credential doesn't belong. */
  #graph(where: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
    if (!token?.includes("GRAPH") || !this.#tokens.has(token)) return void answer(response, 401, error("InvalidAuthenticationToken"));
    if (this.graphForbidden) return void answer(response, 403, error("Forbidden"));
    const [, shared] = /^\/shares\/u!([\w-]+)\/driveItem$/.exec(where) ?? [];
    const file = shared && this.files.get(Buffer.from(shared, "base64url").toString());
    if (file) return void answer(response, 200, { id: file.item, parentReference: { driveId: file.drive }, file: {} });
    const [, drive, item] = /^\/drives\/([^/]+)\/items\/([^/]+)\/content$/.exec(where) ?? [];
    const held = [...this.files.values()].find((one) => one.drive === decodeURIComponent(drive ?? "") && one.item === item);
    if (held) return void response.writeHead(200).end(held.bytes);
    const known = this.graph.get(decodeURIComponent(where));
    answer(response, known ? 200 : 404, known ?? error("NotFound"));
  }

  #perform(method: string, path: string, headers: IncomingMessage["headers"], body: Buffer): [number, unknown?] {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
    if (!token?.includes("TEST") || !this.#tokens.has(token)) return [401, { message: "Authorization has been denied for this request." }];
    const broken = description.violation({ method, url: path, headers, body });
    if (broken) this.violations.push(broken);
    if (path.startsWith("/v3/attachments/")) return [200, { picture: true }];
    const [, name = "", activity] = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/.exec(path) ?? [];
    const conversation = this.conversations.get(decodeURIComponent(name));
    if (!conversation) return [404, error("ConversationNotFound")];
    if (conversation.closed) return [403, error(conversation.closed)];
    const { messages } = conversation;
    if (activity !== undefined && !messages.has(decodeURIComponent(activity))) return [404, error("ActivityNotFoundInConversation")];
    if (method === "DELETE") return [200, void messages.delete(decodeURIComponent(activity as string))];
    // https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages: 40 KB in UTF-16, images don't count.
    const counted = body.toString().replace(/data:image[^"]*/g, "");
    if (counted.length * 2 > 40_000) return [413, error("MessageSizeTooBig")];
    const json = JSON.parse(body.toString()) as Json;
    if (json.type === "typing") return [201, { id: void this.typing.push(decodeURIComponent(name)) }];
    const wrong = messageProblem(json);
    if (wrong) {
      this.violations.push(wrong);
      return [400, error("Bad Argument")];
    }
    const id = activity === undefined ? String(1_585_983_408_511 + ++this.#count) : decodeURIComponent(activity);
    messages.set(id, { id, text: textOf(json), json });
    return [activity === undefined ? 201 : 200, { id }];
  }
}

function messageProblem({ type, text, textFormat, attachments }: Json): string | undefined {
  if (type !== "message") return `an activity of type ${type}`;
  const all = (attachments ?? []) as readonly { contentType?: string; contentUrl?: string; content?: unknown }[];
  if (all.length + (typeof text === "string" ? 1 : 0) !== 1)
    return "words and an attachment become two messages, and their ids aren't told";
  if (typeof text === "string" && (text.trim() === "" || textFormat !== "markdown")) return "no words, or in another format";
  for (const { contentType = "", contentUrl = "", content } of all) {
    if (contentType === "application/vnd.microsoft.card.adaptive") return cardProblem(content);
    const [, media, data = ""] = /^data:(image\/(?:png|jpeg|gif));base64,([A-Za-z0-9+/]+=*)$/.exec(contentUrl) ?? [];
    if (media !== contentType) return `an attachment of type ${contentType}`;
    if (Buffer.from(data, "base64").length > 1_048_576) return "an image of more than 1 MB";
  }
  return undefined;
}

function textOf({ text, attachments }: Json): string {
  if (typeof text === "string") return shown(text);
  const [one] = attachments as readonly { contentType: string; content?: unknown; name?: string }[];
  return one?.content ? cardText(one.content) : `[${one?.contentType} ${one?.name ?? ""}]`;
}

function error(code: string): object {
  return { error: { code, message: `${code}: as the page on status codes says` } };
}

function answer(response: ServerResponse, status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** A simulator that listens; close it. */
export async function startTeamsSimulator(): Promise<TeamsSimulator> {
  const simulator = new TeamsSimulator();
  await simulator.listen();
  return simulator;
}
