import { type Context, Hono } from "hono";
import { z } from "zod";
import type { AccountStatus } from "../core/account-status.ts";
import type { Clock } from "../core/clock.ts";
import type { HttpSettings } from "../core/configuration.ts";
import { errorTable, type Fault, fail, faultOf, ok, type Result } from "../core/errors.ts";
import { type PlatformEvent, readButtonToken } from "../core/event.ts";
import type { GatewayDoor } from "../core/gateway.ts";
import type { TenantId } from "../core/ids.ts";
import { parseJson } from "../core/json.ts";
import type { Live } from "../core/live.ts";
import type { Log } from "../core/log.ts";
import { textPart } from "../core/message.ts";
import type { Store } from "../core/store.ts";
import type { Env } from "./api.ts";
import { readBody } from "./body.ts";
import { problemOf } from "./problem.ts";
import type { Mount } from "./server.ts";
import { type Visit, visitOf } from "./visit.ts";
import { Buckets } from "./webchat/buckets.ts";
import { corsHeaders, originKind, preflightHeaders } from "./webchat/origins.ts";
import { chatPage, readScript, type Script } from "./webchat/page.ts";
import { showToVisitor } from "./webchat/show.ts";
import { VisitorStreams } from "./webchat/streams.ts";
import { type Visitor, VisitorTokens } from "./webchat/visitor.ts";

export interface WebchatDoor {
  readonly tenant: TenantId;
  readonly gateway: Pick<GatewayDoor, "receive" | "accounts" | "draining">;
  readonly store: Pick<Store, "message" | "records">;
  readonly live: Live;
  readonly http: () => HttpSettings;
  /** The settings of an account as they run. */
  readonly settings: (account: string) => unknown;
  /** Signs visitors' tokens; at least 32 secret bytes that outlive restarts, the same in every replica. Asked for once. */
  readonly key: () => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Webchat extends Mount {
  /** Ends the live streams. */
  close(): void;
}

const bodyLimit = { maxBytes: 65_536, timeoutMs: 10_000 };
/** Chosen by the page: it makes a repeated post the same message. */
const clientId = z.string().regex(/^[\w-]{8,64}$/);
const posted = z.strictObject({
  id: clientId,
  text: z
    .string()
    .max(16_000)
    .refine((text) => text.trim() !== "", "is empty"),
});
const pressed = z.strictObject({ id: clientId, token: z.string().max(64) });

type EventBase = Pick<PlatformEvent, "key" | "chat" | "sender" | "at">;
type Answer = Promise<Result<Response>> | Result<Response>;

/**
 * The web chat's page, its script and the routes they use: docs/channels/webchat.md. A visitor is known by a token of
 * his own and sees his own conversation, nothing else; sites other than the gateway's own must stand in `http.origins`.
 */
export function createWebchat(door: WebchatDoor): Webchat {
  const { gateway, store, clock, tenant } = door;
  let keyed: Promise<VisitorTokens> | undefined;
  const visitorTokens = () => {
    keyed ??= door.key().then((key) => new VisitorTokens(key));
    // A failure isn't kept: the next visitor tries again.
    keyed.catch(() => {
      keyed = undefined;
    });
    return keyed;
  };
  const streams = new VisitorStreams(door);
  let script: Script | undefined;
  const limits = {
    visits: new Buckets(clock, { burst: 30, perSecond: 0.5 }),
    posts: new Buckets(clock, { burst: 10, perSecond: 1 }),
    reads: new Buckets(clock, { burst: 60, perSecond: 5 }),
    peers: new Buckets(clock, { burst: 120, perSecond: 20 }),
  };
  const app = new Hono<Env>();
  app.onError((thrown, c) => refuse(c, faultOf(thrown)));
  app.get("/widget.js", (c) => serveScript(c));
  app.get("/chat", (c) => guarded(c, () => page(firstAccount())));
  app.get("/chat/:account", (c) => guarded(c, () => page(c.req.param("account"))));
  app.options("/chat/:account/*", (c) => guarded(c, () => ok(new Response(null, { status: 204, headers: preflightHeaders }))));
  app.post("/chat/:account/visit", (c) => guarded(c, () => visit(c)));
  app.post("/chat/:account/messages", (c) => guarded(c, () => as(c, limits.posts, (visitor) => post(c, visitor))));
  app.post("/chat/:account/press", (c) => guarded(c, () => as(c, limits.posts, (visitor) => press(c, visitor))));
  app.get("/chat/:account/messages", (c) => guarded(c, () => as(c, limits.reads, (visitor) => history(c, visitor))));
  app.get("/chat/:account/events", (c) => guarded(c, () => as(c, limits.reads, events)));
  app.all("*", (c) => refuse(c, { code: "not-found", message: "the web chat has no such address" }));

  return {
    serves: (pathname) => pathname === "/widget.js" || pathname === "/chat" || pathname.startsWith("/chat/"),
    app,
    close: () => streams.close(),
  };

  /** Which site asks, before anything else; every answer to an allowed site can be read by it. */
  async function guarded(c: Context<Env>, run: () => Answer): Promise<Response> {
    const origin = c.req.header("origin");
    const kind = originKind(origin, visitOf(c.env.incoming), door.http());
    if (kind === undefined) return refuse(c, { code: "origin-refused", message: "this site isn't listed in http.origins" });
    let result: Result<Response>;
    try {
      result = await run();
    } catch (thrown) {
      result = { ok: false, fault: faultOf(thrown) };
    }
    const response = result.ok ? result.value : refuse(c, result.fault);
    response.headers.append("vary", "origin");
    if (kind === "allowed" && origin !== undefined) {
      for (const [name, value] of Object.entries(corsHeaders(origin))) response.headers.set(name, value);
      response.headers.set("cross-origin-resource-policy", "cross-origin");
    }
    return response;
  }

  async function as(c: Context<Env>, bucket: Buckets, run: (visitor: Visitor) => Answer): Promise<Result<Response>> {
    const account = accountOf(c.req.param("account"));
    if (!account.ok) return account;
    const bearer = /^Bearer (\S{1,256})$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    const visitor = (await visitorTokens()).read(bearer, account.value.id, clock.now());
    if (!visitor.ok) return visitor;
    const slow = throttled(bucket, visitor.value.id) ?? throttled(limits.peers, visitOf(c.env.incoming).peer);
    return slow ?? run(visitor.value);
  }

  function accountOf(id: string | undefined): Result<AccountStatus> {
    const account = id === undefined ? undefined : gateway.accounts.get(id);
    return account?.channel === "webchat" ? ok(account) : fail("account-unknown", "there is no such web chat");
  }

  /** A new visitor, or the same one with a fresh token. */
  async function visit(c: Context<Env>): Promise<Result<Response>> {
    const account = accountOf(c.req.param("account"));
    if (!account.ok) return account;
    const slow = throttled(limits.visits, visitOf(c.env.incoming).peer);
    if (slow) return slow;
    const bearer = /^Bearer (\S{1,256})$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    const tokens = await visitorTokens();
    const known = tokens.read(bearer, account.value.id, clock.now());
    const visitor = known.ok ? known.value : tokens.newVisitor(account.value.id);
    return json({ token: tokens.issue(visitor, clock.now()), new: !known.ok, ...shownSettings(account.value.id) }, 201);
  }

  async function post(c: Context<Env>, visitor: Visitor): Promise<Result<Response>> {
    const body = await bodyOf(c, posted);
    if (!body.ok) return body;
    const { id, text } = body.value;
    const parts = [textPart(text.toWellFormed())];
    return take(visitor, id, (base) => ({ ...base, kind: "message", platformId: base.key, parts, addressed: true }));
  }

  async function press(c: Context<Env>, visitor: Visitor): Promise<Result<Response>> {
    const body = await bodyOf(c, pressed);
    if (!body.ok) return body;
    const { id, token } = body.value;
    const named = readButtonToken(token);
    const message = named && (await store.message(tenant, named.messageId));
    const mine = await conversationOf(visitor);
    if (!message || mine === undefined || message.conversation !== mine.id) return fail("not-found", "there is no such button");
    return take(visitor, id, (base) => ({ ...base, kind: "press", platformId: message.id, token }));
  }

  /** Answers once it is on disk. The visitor's id makes the page's id unique in the account. */
  async function take(visitor: Visitor, id: string, event: (base: EventBase) => PlatformEvent): Promise<Result<Response>> {
    const account = accountOf(visitor.account);
    if (!account.ok) return account;
    if (gateway.draining) return fail("draining", "the gateway is stopping");
    if (account.value.state === "paused") return fail("account-paused", "this chat is paused");
    const sender = { id: visitor.id, bot: false, self: false };
    const base: EventBase = { key: `${visitor.id}:${id}`, chat: { id: visitor.id, kind: "direct" }, sender, at: clock.now() };
    const said = event(base);
    const [received] = await gateway.receive(account.value.id, [said]);
    if (!received) return fail("internal", "the store said nothing of the event");
    const message = said.kind === "message" &&
      received.message && { id: received.message, direction: "in" as const, parts: said.parts, at: said.at };
    streams.know(nameOf(visitor), received.conversation, message ? showToVisitor(message) : undefined);
    return json({ id, duplicate: received.duplicate, ...(received.message === undefined ? {} : { message: received.message }) }, 202);
  }

  async function history(c: Context<Env>, visitor: Visitor): Promise<Result<Response>> {
    const query = z
      .strictObject({ before: z.coerce.number().int().positive().optional(), limit: z.coerce.number().int().min(1).max(100).default(50) })
      .safeParse(c.req.query());
    if (!query.success) return fail("request-invalid", "before and limit must be whole numbers, limit from 1 to 100");
    const conversation = await conversationOf(visitor);
    if (!conversation) return json({ messages: [] });
    const { before, limit } = query.data;
    const found = await store.records.messages(tenant, conversation.id, { limit, ...(before === undefined ? {} : { before }) });
    // An answer that isn't delivered yet can still be dropped by a takeover.
    const shown = found.filter(({ direction, delivery }) => direction === "in" || delivery === "sent").map(showToVisitor);
    const last = found.at(-1);
    return json({ messages: shown.toReversed(), ...(last && found.length === limit ? { before: last.seq } : {}) });
  }

  async function events(visitor: Visitor): Promise<Result<Response>> {
    const stream = streams.open(nameOf(visitor), (await conversationOf(visitor))?.id);
    return stream ? ok(stream) : fail("busy", "too many chats are open");
  }

  function conversationOf(visitor: Visitor) {
    const account = gateway.accounts.get(visitor.account);
    return account ? store.records.findConversation(tenant, account.id, visitor.id) : Promise.resolve(undefined);
  }

  function firstAccount(): string | undefined {
    return gateway.accounts.list().find(({ channel }) => channel === "webchat")?.id;
  }

  function page(id: string | undefined): Result<Response> {
    const account = accountOf(id);
    if (!account.ok) return account;
    const html = chatPage(account.value.id, shownSettings(account.value.id).title);
    return ok(new Response(html, { headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } }));
  }

  function shownSettings(account: string): { readonly title: string; readonly greeting?: string } {
    const read = z.object({ title: z.string(), greeting: z.string().optional() }).safeParse(door.settings(account));
    if (!read.success) return { title: "Assistant" };
    const { title, greeting } = read.data;
    return greeting === undefined ? { title } : { title, greeting };
  }

  /** Any site may load it; what it can do there is decided by the routes. */
  function serveScript(c: Context<Env>): Response {
    script ??= readScript();
    const packed = /(^|[,\s])gzip\s*(,|$|;(?!\s*q=0(\.0*)?\s*(,|$)))/.test(c.req.header("accept-encoding") ?? "");
    const headers = {
      // Weak: packed and plain are the same script.
      etag: `W/${script.etag}`,
      vary: "accept-encoding",
      ...(packed && { "content-encoding": "gzip" }),
      "cache-control": "public, max-age=300",
      "cross-origin-resource-policy": "cross-origin",
      "content-type": "text/javascript; charset=utf-8",
    };
    const { body, gzip, etag } = script;
    const same = (c.req.header("if-none-match") ?? "").split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
    return same ? new Response(null, { status: 304, headers }) : new Response(packed ? gzip : body, { headers });
  }

  function refuse(c: Context<Env>, fault: Fault): Response {
    const { requestId, speak }: Visit = visitOf(c.env.incoming);
    if (errorTable[fault.code].status >= 500)
      door.log.error("webchat-fail", { requestId, code: fault.code, message: fault.message, cause: fault.cause });
    const { status, headers, body } = problemOf(fault, requestId, speak);
    return new Response(body, { status, headers });
  }
}

function throttled(bucket: Buckets, name: string): { ok: false; fault: Fault } | undefined {
  const { waitMs } = bucket.take(name);
  if (waitMs === 0) return undefined;
  const { fault } = fail("too-many-attempts", `wait ${Math.ceil(waitMs / 1000)} s`);
  return { ok: false, fault: { ...fault, afterMs: waitMs } as Fault };
}

async function bodyOf<Shape>(c: Context<Env>, schema: z.ZodType<Shape>): Promise<Result<Shape>> {
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) return fail("type-unsupported", "the body must be JSON");
  const bytes = await readBody(c.env.incoming, bodyLimit);
  if (!bytes.ok) return bytes;
  const parsed = parseJson(bytes.value, 4);
  if (!parsed.ok) return parsed;
  const read = schema.safeParse(parsed.value);
  if (read.success) return ok(read.data);
  const [issue] = read.error.issues;
  return fail("request-invalid", `${["body", ...(issue?.path ?? [])].join(".")}: ${issue?.message ?? "invalid"}`.slice(0, 300));
}

function json(value: object, status = 200): Result<Response> {
  return ok(Response.json(value, { status, headers: { "cache-control": "no-store" } }));
}

function nameOf(visitor: Visitor): string {
  return `${visitor.account} ${visitor.id}`;
}
