import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { describedBy } from "../support/openapi.ts";
import { wholeBody } from "./body.ts";

/** https://github.com/RocketChat/Rocket.Chat-Open-API */
export const description = describedBy(["rocketchat-messaging.yaml", "rocketchat-rooms.yaml", "rocketchat-authentication.yaml"]);

/** What goes wrong with a call. */
export type Trouble =
  | { readonly kind: "refuse"; readonly status?: number; readonly errorType?: string; readonly error: string }
  | { readonly kind: "limit"; readonly seconds: number }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  | { readonly kind: "cut"; readonly after?: boolean };

export interface SimulatedMessage {
  readonly _id: string;
  readonly rid: string;
  msg: string;
  readonly ts: number;
  _updatedAt: number;
  editedAt?: number;
  readonly u: { readonly _id: string; readonly username: string; readonly name: string };
  readonly tmid?: string;
  readonly t?: string;
  readonly bot?: object;
  readonly files?: readonly {
    readonly _id: string;
    readonly name: string;
    readonly type: string;
    readonly size: number;
    readonly typeGroup?: string;
  }[];
  readonly urls?: readonly { readonly url: string; readonly ignoreParse?: boolean }[];
  reactions: Record<string, { usernames: string[] }>;
}

interface SimulatedRoom {
  readonly _id: string;
  readonly t: "d" | "c" | "p";
  readonly name?: string;
  readonly usersCount: number;
  lm: number;
  member: boolean;
  archived: boolean;
}

type Given = Readonly<Record<string, unknown>>;

interface SentMessage {
  readonly _id?: string;
  readonly rid: string;
  readonly msg?: string;
  readonly tmid?: string;
}

class Refused extends Error {
  readonly status: number;
  readonly errorType: string | undefined;
  constructor(error: string, errorType?: string, status = 400) {
    super(errorType ? `${error} [${errorType}]` : error);
    this.status = status;
    this.errorType = errorType;
  }
}

const longest = 5_000;

/** One server with one bot user, over real HTTP and DDP on a local port. It refuses what Rocket.Chat refuses. */
export class RocketChatSimulator {
  readonly token = "pat-0123456789-of-the-tests";
  readonly bot = "bot4567890abcdefg";
  readonly rooms = new Map<string, SimulatedRoom>();
  readonly messages = new Map<string, SimulatedMessage>();
  readonly trash: { readonly _id: string; readonly rid: string; readonly at: number }[] = [];
  readonly files = new Map<string, { readonly name: string; readonly type: string; readonly bytes: Buffer; readonly rid: string }>();
  /** Calls that broke the description, and frames that no server takes; a correct client leaves it empty. */
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  readonly pongs: unknown[] = [];
  logins = 0;
  /** Nothing is answered over the socket any more, as by a connection that is half gone. */
  deaf = false;
  readonly #troubles: { on: string; trouble: Trouble }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** By connection: the subscriptions, name and event to their id. */
  readonly #subscribed = new Map<WebSocket, Map<string, string>>();
  readonly #early: (() => void)[] = [];
  #count = 0;
  #clock = 0;
  #revoked = false;

  constructor() {
    this.#server.on("upgrade", (request, socket, head) => {
      if (request.url !== "/websocket") return void socket.destroy();
      this.#sockets.handleUpgrade(request, socket, head, (wire) => this.#connected(wire));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that hear messages. */
  get hearing(): number {
    return [...this.#subscribed.values()].filter((of) => of.has("stream-room-messages/__my_messages__")).length;
  }

  hearsDeletions(rid: string): boolean {
    return [...this.#subscribed.values()].some((of) => of.has(`stream-notify-room/${rid}/deleteMessage`));
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

  room(_id: string, t: SimulatedRoom["t"] = "d", usersCount = 2): SimulatedRoom {
    const known = this.rooms.get(_id);
    if (known) return known;
    const made = { _id, t, ...(t === "d" ? {} : { name: `room-${_id}` }), usersCount, lm: 0, member: true, archived: false };
    this.rooms.set(_id, made);
    return made;
  }

  /** The bot's messages in a room as people see them now, oldest first. */
  seen(rid: string): readonly SimulatedMessage[] {
    return [...this.messages.values()].filter((message) => message.rid === rid && message.u._id === this.bot);
  }

  /** A person writes. What is said before the bot came for the first time is said as soon as it did. */
  say(rid: string, user: string, msg: string, more: Partial<SimulatedMessage> = {}): string {
    const _id = `m${String(++this.#count).padStart(16, "0")}`;
    const say = () => void this.#add({ _id, rid, msg, u: { _id: user, username: user, name: user.toUpperCase() }, ...more });
    if (this.logins === 0) this.#early.push(say);
    else say();
    return _id;
  }

  /** Something about a message changes, and it is told again, whole. */
  change(_id: string, how: Partial<Pick<SimulatedMessage, "msg" | "reactions">>): void {
    const message = this.messages.get(_id) as SimulatedMessage;
    message._updatedAt = this.#now();
    if (how.msg !== undefined) message.editedAt = message._updatedAt;
    Object.assign(message, how);
    this.#tell(message);
  }

  erase(_id: string): void {
    const message = this.messages.get(_id) as SimulatedMessage;
    this.messages.delete(_id);
    this.trash.push({ _id, rid: message.rid, at: this.#now() });
    this.#emit("stream-notify-room", `${message.rid}/deleteMessage`, [{ _id }]);
  }

  ping(id?: string): void {
    for (const wire of this.#subscribed.keys()) wire.send(JSON.stringify({ msg: "ping", ...(id ? { id } : {}) }));
  }

  arrange(trouble: Trouble, on = "POST chat.sendMessage"): void {
    this.#troubles.push({ on, trouble });
  }

  revoke(): void {
    this.#revoked = true;
  }

  /** The sockets break; the server has noticed. DDP keeps nothing of them. */
  async cut(): Promise<void> {
    await Promise.all(
      [...this.#subscribed.keys()].map(
        (wire) =>
          new Promise<void>((resolve) => {
            wire.once("close", () => resolve());
            wire.terminate();
          }),
      ),
    );
  }

  #now(): number {
    this.#clock = Math.max(this.#clock + 1, Date.now());
    return this.#clock;
  }

  #add(from: Pick<SimulatedMessage, "_id" | "rid" | "msg" | "u"> & Partial<SimulatedMessage>): SimulatedMessage {
    const ts = this.#now();
    const mentions = [...from.msg.matchAll(/@([\w.-]*\w)/g)].map(([, name]) => ({
      _id: name === "polylogue" ? this.bot : name,
      username: name,
    }));
    const message = { ts, _updatedAt: ts, reactions: {}, mentions, channels: [], ...from };
    this.messages.set(message._id, message);
    this.room(message.rid).lm = ts;
    this.#tell(message);
    return message;
  }

  /** Also of rooms that the account could read but isn't in, as allowEmit of `__my_messages__`. */
  #tell(message: SimulatedMessage): void {
    const { t, name, member } = this.room(message.rid);
    if (!member && t !== "c") return;
    const shown = {
      ...message,
      ts: ejson(message.ts),
      _updatedAt: ejson(message._updatedAt),
      editedAt: message.editedAt && ejson(message.editedAt),
    };
    this.#emit("stream-room-messages", "__my_messages__", [shown, { roomParticipant: member, roomType: t, roomName: name }]);
  }

  #emit(collection: string, eventName: string, args: readonly unknown[]): void {
    const json = JSON.stringify({ msg: "changed", collection, id: "id", fields: { eventName, args } });
    for (const [wire, subscribed] of this.#subscribed) if (subscribed.has(`${collection}/${eventName}`)) wire.send(json);
  }

  #connected(wire: WebSocket): void {
    const subscribed = new Map<string, string>();
    this.#subscribed.set(wire, subscribed);
    let state: "new" | "connected" | "in" = "new";
    wire.on("error", () => {});
    wire.on("close", () => this.#subscribed.delete(wire));
    const say = (value: object) => wire.send(JSON.stringify(value));
    // Of the streamer that some deployments have.
    say({ msg: "server_id", server_id: "0" });
    wire.on("message", (data) => {
      if (this.deaf) return;
      const { msg, id, method, name, params = [] } = JSON.parse(String(data)) as Record<string, never> & { params?: readonly unknown[] };
      if (msg === "ping") return say({ msg: "pong" });
      if (msg === "pong") return void this.pongs.push(id);
      if (msg === "connect" && state === "new") {
        state = "connected";
        return say({ msg: "connected", session: `s${++this.#count}` });
      }
      if (msg === "method" && method === "login" && state === "connected") {
        const { resume } = params[0] as { resume?: string };
        const valid = resume === this.token && !this.#revoked;
        if (!valid)
          return say({
            msg: "result",
            id,
            error: { isClientSafe: true, error: 403, reason: "You've been logged out by the server. Please log in again." },
          });
        state = "in";
        say({ msg: "added", collection: "users", id: this.bot, fields: { username: "polylogue" } });
        say({ msg: "updated", methods: [id] });
        return say({ msg: "result", id, result: { id: this.bot, token: resume, type: "resume" } });
      }
      if (msg === "sub" && state === "in" && typeof id === "string" && ![...subscribed.values()].includes(id)) {
        subscribed.set(`${name}/${params[0]}`, id);
        say({ msg: "ready", subs: [id] });
        if (name !== "stream-room-messages") return;
        this.logins++;
        for (const early of this.#early.splice(0)) early();
        return;
      }
      this.violations.push(`socket: ${data}`);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const body = await wholeBody(request);
    if (!body) return;
    const path = pathname.replace(/^\/api\/v1\//, "");
    const call = `${request.method} ${path}`;
    this.calls.push(call);
    const index = this.#troubles.findIndex(({ on }) => call.startsWith(on));
    const trouble = index < 0 ? undefined : this.#troubles.splice(index, 1)[0]?.trouble;
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>proxy</html>");
    const answer = (status: number, json: object) => {
      if (trouble?.kind === "cut") return void response.destroy();
      if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>proxy</html>");
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    };
    const { "x-auth-token": token, "x-user-id": user } = request.headers;
    const known = token === this.token && user === this.bot && !this.#revoked;
    const [, , id = "", name = ""] = pathname.split("/");
    if (pathname.startsWith("/file-upload/")) {
      const file = this.files.get(id);
      return known && file?.name === decodeURIComponent(name)
        ? void response.writeHead(200).end(file.bytes)
        : void response.writeHead(403).end();
    }
    try {
      if (!known) return answer(401, { status: "error", message: "You must be logged in to do this." });
      if (trouble?.kind === "limit") {
        const error = `Error, too many requests. Please slow down. You must wait ${trouble.seconds} seconds before trying this endpoint again.`;
        response.setHeader("x-ratelimit-reset", Date.now() + trouble.seconds * 1000);
        throw new Refused(error, "error-too-many-requests", 429);
      }
      if (trouble?.kind === "refuse") throw new Refused(trouble.error, trouble.errorType, trouble.status);
      const type = request.headers["content-type"] ?? "";
      const json = type.startsWith("application/json") ? JSON.parse(body.toString()) : {};
      // The description leaves out how clients call methods, and that a message may bring its id.
      const broken = path.startsWith("method.call/")
        ? undefined
        : description.violation({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      if (broken) this.violations.push(broken);
      if (path.startsWith("rooms.media/"))
        return answer(200, { success: true, ...(await this.#upload(path.split("/")[1] ?? "", type, body)) });
      answer(200, { success: true, ...this.#perform(path, searchParams, json) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer(error.status, { success: false, error: error.message, ...(error.errorType ? { errorType: error.errorType } : {}) });
    }
  }

  #perform(path: string, search: URLSearchParams, json: Given): object {
    switch (path) {
      case "me":
        return { _id: this.bot, username: "polylogue", name: "Polylogue", roles: ["bot"] };
      case "rooms.get":
        return {
          update: [...this.rooms.values()].filter(({ member }) => member).map((room) => ({ ...room, lm: iso(room.lm) })),
          remove: [],
        };
      case "chat.syncMessages": {
        const { _id: rid } = this.#mine(search.get("roomId") ?? "");
        const after = Date.parse(search.get("lastUpdate") ?? "");
        const updated = [...this.messages.values()]
          .filter((one) => one.rid === rid && one._updatedAt > after)
          .toReversed()
          .map(shownOf);
        const deleted = this.trash.filter((one) => one.rid === rid && one.at > after).map(({ _id, at }) => ({ _id, _deletedAt: iso(at) }));
        return { result: { updated, deleted } };
      }
      case "chat.sendMessage":
        return this.#send(json.message as SentMessage, json.previewUrls as string[] | undefined);
      case "chat.getMessage": {
        const message = this.messages.get(search.get("msgId") ?? "");
        if (!message) throw new Refused("Not allowed");
        return { message: shownOf(message) };
      }
      case "chat.update": {
        const message = this.#own(json);
        if (String(json.text).length > longest)
          throw new Refused("Message size exceeds Message_MaxAllowedSize", "error-message-size-exceeded");
        this.change(message._id, { msg: String(json.text) });
        return { message: shownOf(message) };
      }
      case "chat.delete":
        this.erase(this.#own(json)._id);
        return { _id: json.msgId, ts: String(this.#now()) };
      case "chat.react": {
        const { messageId, emoji, shouldReact } = json as unknown as { messageId: string; emoji: string; shouldReact: boolean };
        const message = this.messages.get(messageId);
        if (!message) throw new Refused("The provided messageId does not match any existing message.", "error-message-not-found");
        if (!/^[a-z0-9_+-]+$/.test(emoji)) throw new Refused("Invalid emoji provided.", "error-not-allowed");
        const usernames = (message.reactions[`:${emoji}:`]?.usernames ?? []).filter((one) => one !== "polylogue");
        const now = shouldReact ? [...usernames, "polylogue"] : usernames;
        const { [`:${emoji}:`]: _, ...others } = message.reactions;
        message.reactions = now.length > 0 ? { ...others, [`:${emoji}:`]: { usernames: now } } : others;
        return {};
      }
      case "method.call/stream-notify-room":
        return { message: JSON.stringify({ msg: "result", id: "typing" }) };
    }
    const [, rid = "", id = ""] = /^rooms\.mediaConfirm\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const file = this.files.get(id);
    if (!file || file.rid !== rid) throw new Refused("invalid-file");
    const { msg = "", tmid } = json as { msg?: string; tmid?: string };
    const files = [{ _id: id, name: file.name, type: file.type, size: file.bytes.length }];
    const message = this.#add({ _id: `f${++this.#count}`, rid, msg, u: this.#self(), files, ...(tmid ? { tmid } : {}) });
    return { message: shownOf(message) };
  }

  /** executeSendMessage and sendMessage of the server, and what its route does when nothing comes back. */
  #send(given: SentMessage, previewUrls: readonly string[] | undefined): object {
    const { _id = `r${++this.#count}`, msg = "", tmid } = given;
    if (msg.length > longest) throw new Refused("Message size exceeds Message_MaxAllowedSize", "error-message-size-exceeded");
    const room = this.#mine(given.rid);
    if (room.archived) throw new Refused("room_is_archived");
    if (this.messages.has(_id)) throw new Refused("Cannot read properties of undefined (reading 'starred')");
    const urls = [...msg.matchAll(/https?:\/\/[^\s)]+/g)].map(([url]) => ({
      url,
      ...(previewUrls?.includes(url) === false ? { ignoreParse: true } : {}),
    }));
    const message = this.#add({ _id, rid: room._id, msg, u: this.#self(), urls, ...(tmid ? { tmid } : {}) });
    return { message: shownOf(message) };
  }

  #self(): SimulatedMessage["u"] {
    return { _id: this.bot, username: "polylogue", name: "Polylogue" };
  }

  #mine(rid: string): SimulatedRoom {
    const room = this.rooms.get(rid);
    if (!room) throw new Refused('The required "roomId" or "roomName" param provided does not match any channel', "error-room-not-found");
    if (!room.member) throw new Refused("error-not-allowed", "error-not-allowed");
    return room;
  }

  #own({ roomId, msgId }: Given): SimulatedMessage {
    const message = this.messages.get(String(msgId));
    if (!message) throw new Refused(`No message found with the id of "${msgId}".`);
    if (message.rid !== roomId) throw new Refused("The room id provided does not match where the message is from.");
    if (message.u._id !== this.bot) throw new Refused("Action not allowed", "error-action-not-allowed");
    return message;
  }

  async #upload(rid: string, type: string, body: Buffer): Promise<object> {
    this.#mine(rid);
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    const file = form.get("file") as File;
    const id = `file${++this.#count}`;
    this.files.set(id, { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()), rid });
    return { file: { _id: id, url: `/file-upload/${id}/${file.name}` } };
  }
}

const ejson = ($date: number) => ({ $date });
const iso = (ms: number) => new Date(ms).toISOString();

function shownOf({ ts, _updatedAt, editedAt, ...message }: SimulatedMessage): object {
  return { ...message, ts: iso(ts), _updatedAt: iso(_updatedAt), ...(editedAt ? { editedAt: iso(editedAt) } : {}) };
}

export async function startRocketChatSimulator(): Promise<RocketChatSimulator> {
  const simulator = new RocketChatSimulator();
  await simulator.listen();
  return simulator;
}
