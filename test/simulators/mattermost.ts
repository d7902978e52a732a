import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { describedBy } from "../support/openapi.ts";
import { wholeBody } from "./body.ts";

/** https://github.com/mattermost/mattermost-api-reference */
export const description = describedBy("mattermost.yaml");

/** What goes wrong with a call. */
export type Trouble =
  | { readonly kind: "refuse"; readonly status: number; readonly id: string }
  | { readonly kind: "limit"; readonly seconds: number }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  | { readonly kind: "cut"; readonly after?: boolean };

interface Action {
  readonly id: string;
  readonly name: string;
  readonly integration: { readonly url: string; readonly context: object };
}

export interface SimulatedPost {
  readonly id: string;
  readonly user_id: string;
  readonly channel_id: string;
  readonly root_id: string;
  readonly create_at: number;
  update_at: number;
  edit_at: number;
  delete_at: number;
  readonly original_id: string;
  message: string;
  readonly type: string;
  props: Record<string, unknown> & { readonly attachments?: readonly { readonly actions: readonly Action[] }[] };
  readonly file_ids: readonly string[];
  readonly reactions: Map<string, Set<string>>;
}

interface SimulatedChannel {
  readonly id: string;
  readonly type: string;
  readonly display_name: string;
  last_post_at: number;
  archived: boolean;
  member: boolean;
}

/** A connection that the server knows, open or not. */
interface Connection {
  readonly id: string;
  seq: number;
  /** Sent, for a while (`deadQueueSize`). */
  readonly sent: { seq: number; json: string }[];
  /** Not sent yet, while it is closed (`sendQueueSize`). */
  readonly waiting: object[];
  wire?: WebSocket | undefined;
}

class Refused extends Error {
  readonly status: number;
  constructor(status: number, id: string) {
    super(id);
    this.status = status;
  }
}

/** An id of the server's form. */
export const idOf = (name: string, number = 0): string => name + String(number).padStart(26 - name.length, "0");

const deadQueueSize = 128;
const sendQueueSize = 256;
const pendingMs = 30_000;

/** One server with one bot account, over real HTTP and WebSockets on a local port. It refuses what Mattermost refuses. */
export class MattermostSimulator {
  readonly token = "x8k3t0kenofthetestsabcdefg";
  readonly bot = idOf("bot");
  readonly channels = new Map<string, SimulatedChannel>();
  readonly posts = new Map<string, SimulatedPost>();
  readonly files = new Map<string, { readonly name: string; readonly type: string; readonly bytes: Buffer }>();
  /** Calls that broke the description, or what the server asks for beyond it; a correct client leaves it empty. */
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  greeted = 0;
  /** Pings are no longer answered, as by a connection that is half gone. */
  deaf = false;
  resumed = 0;
  readonly #troubles: { on: string; trouble: Trouble }[] = [];
  readonly #pending = new Map<string, { post: string; at: number }>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #connections = new Map<string, Connection>();
  readonly #early: (() => void)[] = [];
  #count = 0;
  #clock = 0;
  #revoked = false;

  constructor() {
    this.#server.on("upgrade", (request, socket, head) => {
      if (!request.url?.startsWith("/api/v4/websocket")) return void socket.destroy();
      this.#sockets.handleUpgrade(request, socket, head, (wire) => this.#connected(request, wire));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get open(): number {
    return [...this.#connections.values()].filter(({ wire }) => wire).length;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    await this.cut();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** D is a direct channel with the bot, O one of a team. */
  channel(id: string, type: "D" | "O" = "D"): SimulatedChannel {
    const known = this.channels.get(id);
    if (known) return known;
    const made = {
      id,
      type,
      display_name: type === "D" ? "" : `Channel ${id.slice(0, 3)}`,
      last_post_at: 0,
      archived: false,
      member: true,
    };
    this.channels.set(id, made);
    return made;
  }

  /** The bot's posts in a channel as people see them now, oldest first. */
  seen(channel: string): readonly SimulatedPost[] {
    return [...this.posts.values()].filter((post) => post.channel_id === channel && post.user_id === this.bot && post.delete_at === 0);
  }

  /** A person writes. What is said before the bot came for the first time is said as soon as it did. */
  say(
    channel: string,
    user: string,
    message: string,
    more: Partial<Pick<SimulatedPost, "root_id" | "props" | "file_ids" | "type">> = {},
  ): string {
    const id = idOf("post", ++this.#count);
    const say = () => void this.#add(id, { channel_id: channel, user_id: user, message, ...more });
    if (this.greeted === 0) this.#early.push(say);
    else say();
    return id;
  }

  editPost(id: string, message: string): void {
    const post = this.#post(id);
    post.edit_at = this.#now();
    post.update_at = post.edit_at;
    post.message = message;
    // The former version stays as a row of its own, https://github.com/mattermost/mattermost: SqlPostStore.Update.
    const old = { ...post, id: idOf("old", ++this.#count), original_id: id, delete_at: post.edit_at };
    this.posts.set(old.id, old);
    this.#tell("post_edited", post.channel_id, { post: JSON.stringify(this.#shown(post)) });
  }

  deletePost(id: string): void {
    const post = this.#post(id);
    const told = JSON.stringify(this.#shown(post));
    post.delete_at = this.#now();
    post.update_at = post.delete_at;
    this.#tell("post_deleted", post.channel_id, { post: told, delete_by: post.user_id });
  }

  reactTo(id: string, user: string, emoji_name: string, added = true): void {
    const post = this.#post(id);
    const at = this.#now();
    const reaction = JSON.stringify({ user_id: user, post_id: id, emoji_name, create_at: at, update_at: at, delete_at: 0 });
    this.#tell(added ? "reaction_added" : "reaction_removed", post.channel_id, { reaction });
  }

  /** A person presses a button; gives the status of the integration's answer. `change` is for what no server would post. */
  async press(id: string, user: string, name: string, change: (body: object) => object = (body) => body): Promise<number> {
    const post = this.#post(id);
    const action = post.props.attachments?.flatMap(({ actions }) => actions).find((one) => one.name === name);
    if (!action) throw new Error(`no button ${name}`);
    const body = change(pressBody(post, user, action, `trigger-${++this.#count}`));
    const answer = await fetch(action.integration.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.ok && text !== "") JSON.parse(text);
    return answer.status;
  }

  arrange(trouble: Trouble, on = "POST /posts"): void {
    this.#troubles.push({ on, trouble });
  }

  revoke(): void {
    this.#revoked = true;
  }

  /** The sockets break; the server has noticed, and keeps what it knows of them. */
  async cut(): Promise<void> {
    const wires = [...this.#connections.values()].flatMap(({ wire }) => wire ?? []);
    await Promise.all(
      wires.map(
        (wire) =>
          new Promise<void>((resolve) => {
            wire.once("close", () => resolve());
            wire.terminate();
          }),
      ),
    );
  }

  /** The server starts anew: it knows no connection and no pending post any more. */
  async restart(): Promise<void> {
    await this.cut();
    this.#connections.clear();
    this.#pending.clear();
  }

  /** One event is lost on the way, as where a queue ran over. */
  skip(): void {
    for (const connection of this.#connections.values()) connection.seq++;
  }

  #now(): number {
    this.#clock = Math.max(this.#clock + 1, Date.now());
    return this.#clock;
  }

  #post(id: string): SimulatedPost {
    const post = this.posts.get(id);
    if (!post || post.delete_at > 0) throw new Refused(404, "app.post.get.app_error");
    return post;
  }

  #add(id: string, from: Pick<SimulatedPost, "channel_id" | "user_id" | "message"> & Partial<SimulatedPost>): SimulatedPost {
    const at = this.#now();
    const times = { create_at: at, update_at: at, edit_at: 0, delete_at: 0 };
    const post: SimulatedPost = {
      ...{ id, ...times, root_id: "", original_id: "", type: "", props: {}, file_ids: [], reactions: new Map() },
      ...from,
    };
    this.posts.set(id, post);
    const channel = this.channel(post.channel_id);
    channel.last_post_at = at;
    this.#tell("posted", channel.id, {
      channel_display_name: channel.display_name,
      channel_name: channel.id,
      channel_type: channel.type,
      post: JSON.stringify(this.#shown(post)),
      sender_name: `@${nameOf(post.user_id)}`,
      set_online: true,
      team_id: "",
    });
    return post;
  }

  #shown({ reactions, ...post }: SimulatedPost): object {
    const files = post.file_ids.map((id) => ({ id, name: this.files.get(id)?.name, mime_type: this.files.get(id)?.type, size: 3 }));
    const words = post.delete_at > 0 ? { message: "", metadata: {} } : { metadata: { ...(files.length > 0 ? { files } : {}) } };
    return { ...post, pending_post_id: "", hashtags: "", participants: null, ...words };
  }

  #tell(event: string, channel_id: string, data: object): void {
    const broadcast = { omit_users: null, user_id: "", channel_id, team_id: "", connection_id: "", omit_connection_id: "" };
    for (const connection of this.#connections.values()) {
      if (connection.waiting.length >= sendQueueSize) this.#connections.delete(connection.id);
      else this.#send(connection, { event, data, broadcast });
    }
  }

  #send(connection: Connection, event: object): void {
    if (!connection.wire) return void connection.waiting.push(event);
    const json = JSON.stringify({ ...event, seq: connection.seq });
    connection.sent.push({ seq: connection.seq++, json });
    if (connection.sent.length > deadQueueSize) connection.sent.shift();
    connection.wire.send(json);
  }

  /** As the server's web_conn.go and web_hub.go: a known connection that is closed goes on, another begins with a greeting. */
  #connected(request: IncomingMessage, wire: WebSocket): void {
    const search = new URL(request.url ?? "/", "http://localhost").searchParams;
    wire.on("error", () => {});
    // Without a valid token nothing is said; the real one closes after five seconds.
    if (request.headers.authorization !== `Bearer ${this.token}` || this.#revoked) return void wire.close();
    const known = this.#connections.get(search.get("connection_id") ?? "");
    const wanted = Number(search.get("sequence_number"));
    const found = known && !known.wire && (wanted === known.seq || known.sent.some(({ seq }) => seq === wanted)) ? known : undefined;
    if (known && !found && !known.wire) this.#connections.delete(known.id);
    const connection: Connection = found ?? { id: idOf("conn", ++this.#count), seq: 0, sent: [], waiting: [] };
    this.#connections.set(connection.id, connection);
    connection.wire = wire;
    wire.on("close", () => {
      connection.wire = undefined;
    });
    wire.on("message", (data) => {
      const { action, seq } = JSON.parse(String(data)) as { action?: string; seq?: number };
      if (action !== "ping" || !(Number(seq) > 0)) this.violations.push(`socket: ${data}`);
      else if (!this.deaf) wire.send(JSON.stringify({ status: "OK", data: { text: "pong", version: "11.0.0" }, seq_reply: seq }));
    });
    if (found) {
      this.resumed++;
      for (const { seq, json } of connection.sent) if (seq >= wanted) wire.send(json);
      for (const event of connection.waiting.splice(0)) this.#send(connection, event);
      return;
    }
    const broadcast = { user_id: this.bot, channel_id: "", team_id: "" };
    this.#send(connection, { event: "hello", data: { connection_id: connection.id, server_version: "11.0.0" }, broadcast });
    this.greeted++;
    for (const say of this.#early.splice(0)) say();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const body = await wholeBody(request);
    if (!body) return;
    const path = pathname.replace(/^\/api\/v4/, "");
    const method = request.method ?? "GET";
    const call = `${method} ${path}`;
    this.calls.push(call);
    const index = this.#troubles.findIndex(({ on }) => call.startsWith(on));
    const trouble = index < 0 ? undefined : this.#troubles.splice(index, 1)[0]?.trouble;
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>proxy</html>");
    if (trouble?.kind === "limit") {
      // throttled/throttled, which the server uses: no AppError.
      return void response.writeHead(429, { "retry-after": String(trouble.seconds) }).end("limit exceeded");
    }
    const answer = (status: number, json: unknown) => {
      if (trouble?.kind === "cut") return void response.destroy();
      if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>proxy</html>");
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    };
    try {
      if (request.headers.authorization !== `Bearer ${this.token}` || this.#revoked)
        throw new Refused(401, "api.context.session_expired.app_error");
      if (trouble?.kind === "refuse") throw new Refused(trouble.status, trouble.id);
      const type = request.headers["content-type"] ?? "";
      const json = type.startsWith("application/json") ? JSON.parse(body.toString()) : undefined;
      // The description takes a patch's `props` for a string: the server's model.PostPatch has an object.
      const described = json?.props && path.endsWith("/patch") ? JSON.stringify({ ...json, props: "" }) : body;
      const broken = description.violation({ method, url: request.url ?? "", headers: request.headers, body: described });
      if (broken) this.violations.push(broken);
      const file = /^\/files\/([a-z0-9]{26})$/.exec(path)?.[1];
      if (file && method === "GET") return void response.writeHead(200).end(this.files.get(file)?.bytes);
      if (path === "/files") return answer(201, await this.#upload(type, body));
      answer(method === "POST" && path === "/posts" ? 201 : 200, this.#perform(method, path, searchParams, json));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer(error.status, { id: error.message, message: "no", detailed_error: "", request_id: "r1", status_code: error.status });
    }
  }

  #perform(method: string, path: string, search: URLSearchParams, json: Record<string, unknown>): unknown {
    const [, first, id = "", third, fourth, , sixth = ""] = path.split("/");
    if (path === "/users/me") return { id: this.bot, username: "polylogue", is_bot: true };
    if (path === "/users/me/channels") return [...this.channels.values()].filter(({ member }) => member);
    if (path === "/users/ids") return (json as unknown as string[]).map((user) => ({ id: user, username: nameOf(user) }));
    if (path === "/users/me/typing") return { status: "OK", ...this.#mine(String(json.channel_id)) };
    if (first === "channels" && third === "posts") return this.#page(this.#mine(id).id, search);
    if (path === "/posts") return this.#create(json);
    if (first === "posts" && third === "patch") return this.#patch(id, json);
    if (first === "posts" && third === "reactions") {
      const all = [...this.#post(id).reactions].flatMap(([emoji_name, users]) =>
        [...users].map((user_id) => ({ user_id, post_id: id, emoji_name })),
      );
      return all.length > 0 ? all : null;
    }
    if (first === "posts" && method === "DELETE") {
      this.#own(id);
      this.deletePost(id);
      return { status: "OK" };
    }
    if (path === "/reactions") {
      const { user_id, post_id, emoji_name } = json as Record<string, string>;
      if (user_id !== this.bot) throw new Refused(403, "api.reaction.save_reaction.user_id.app_error");
      if (!/^[a-z0-9_+-]{1,64}$/.test(emoji_name ?? "")) throw new Refused(400, "model.reaction.is_valid.emoji_name.app_error");
      const { reactions } = this.#post(post_id ?? "");
      reactions.set(emoji_name as string, new Set([...(reactions.get(emoji_name as string) ?? []), user_id as string]));
      return json;
    }
    if (first === "users" && third === "posts") {
      this.#post(fourth ?? "")
        .reactions.get(decodeURIComponent(sixth))
        ?.delete(id);
      return { status: "OK" };
    }
    throw new Refused(404, "api.context.404.app_error");
  }

  #mine(channel: string): SimulatedChannel {
    const found = this.channels.get(channel);
    if (!found?.member) throw new Refused(403, "api.context.permissions.app_error");
    return found;
  }

  #own(id: string): SimulatedPost {
    const post = this.#post(id);
    if (post.user_id !== this.bot) throw new Refused(403, "api.context.permissions.app_error");
    return post;
  }

  /** `since` gives edited and deleted ones too, with the rows of their history; a page only what still stands. */
  #page(channel: string, search: URLSearchParams): object {
    const since = Number(search.get("since"));
    const all = [...this.posts.values()].filter((post) => post.channel_id === channel).toReversed();
    const size = Number(search.get("per_page") ?? 60);
    const from = Number(search.get("page") ?? 0) * size;
    const found = since
      ? all.filter(({ update_at }) => update_at > since).slice(-1_000)
      : all.filter(({ delete_at }) => delete_at === 0).slice(from, from + Math.min(size, 200));
    const posts = Object.fromEntries(found.map((post) => [post.id, this.#shown(post)]));
    return { order: found.map(({ id }) => id), posts, next_post_id: "", prev_post_id: "" };
  }

  /** With its deduplication by `pending_post_id`, as App.deduplicateCreatePost. */
  #create(json: Record<string, unknown>): object {
    const {
      channel_id,
      message,
      root_id = "",
      pending_post_id,
      file_ids = [],
      props = {},
    } = json as Record<string, string> & SimulatedPost;
    const { archived } = this.#mine(channel_id);
    if (archived) throw new Refused(400, "api.post.create_post.can_not_post_to_deleted.error");
    const root = root_id === "" ? undefined : this.posts.get(root_id);
    if (root_id !== "" && (!root || root.delete_at > 0 || root.root_id !== ""))
      throw new Refused(400, "api.post.create_post.root_id.app_error");
    if ([...message].length > 16_383) throw new Refused(400, "model.post.is_valid.message_length.app_error");
    const before = this.#pending.get(pending_post_id ?? "");
    if (before && Date.now() - before.at < pendingMs) return { ...this.#shown(this.#post(before.post)) };
    this.#checkActions(props);
    const known = file_ids.filter((id) => this.files.has(id));
    const id = idOf("post", ++this.#count);
    const post = this.#add(id, { channel_id, message, root_id, props, user_id: this.bot, file_ids: known });
    if (pending_post_id) this.#pending.set(pending_post_id, { post: id, at: Date.now() });
    return { ...this.#shown(post), pending_post_id };
  }

  #patch(id: string, json: Record<string, unknown>): object {
    const post = this.#own(id);
    if (typeof json.message === "string" && json.message !== post.message) this.editPost(id, json.message);
    if (json.props) post.props = json.props as SimulatedPost["props"];
    this.#checkActions(post.props);
    return this.#shown(post);
  }

  /** The route of a press takes letters and digits only; PostAction.IsValid asks for a name and an address. */
  #checkActions({ attachments = [] }: SimulatedPost["props"]): void {
    for (const { id, name, integration } of attachments.flatMap(({ actions }) => actions)) {
      if (!/^[A-Za-z0-9]+$/.test(id) || !name || !URL.canParse(integration?.url))
        this.violations.push(`button ${id} ${name} ${integration?.url}`);
    }
  }

  async #upload(type: string, body: Buffer): Promise<object> {
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    this.#mine(String(form.get("channel_id")));
    const file = form.get("files") as File;
    const id = idOf("file", ++this.#count);
    this.files.set(id, { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) });
    return { file_infos: [{ id, name: file.name, mime_type: file.type, size: file.size }], client_ids: [] };
  }
}

/** https://developers.mattermost.com/integrate/plugins/interactive-messages/#parameters */
export function pressBody(
  { id, channel_id }: Pick<SimulatedPost, "id" | "channel_id">,
  user: string,
  action: Action,
  trigger_id: string,
): object {
  const where = { channel_id, channel_name: "general", team_id: "", team_domain: "" };
  return {
    user_id: user,
    user_name: nameOf(user),
    ...where,
    post_id: id,
    trigger_id,
    type: "",
    data_source: "",
    context: action.integration.context,
  };
}

function nameOf(user: string): string {
  return user === idOf("bot") ? "polylogue" : user.replace(/0+$/, "");
}

export async function startMattermostSimulator(): Promise<MattermostSimulator> {
  const simulator = new MattermostSimulator();
  await simulator.listen();
  return simulator;
}
