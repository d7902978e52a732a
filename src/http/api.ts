import { isDeepStrictEqual } from "node:util";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { Actor, Origin } from "../access/actor.ts";
import { roleAllows, roleText } from "../access/roles.ts";
import { issueText } from "../config/settle.ts";
import { errorTable, type Fault, fail, faultOf, ok, type Result } from "../core/errors.ts";
import { parseJson } from "../core/json.ts";
import { say } from "../core/say.ts";
import { escapeControls } from "../ops/controls.ts";
import { accessOperations } from "./api/access.ts";
import { accountOperations } from "./api/accounts.ts";
import { alertOperations } from "./api/alerts.ts";
import { analyticsOperations } from "./api/analytics.ts";
import { backupOperations } from "./api/backups.ts";
import { costOperations } from "./api/cost.ts";
import { deadOperations } from "./api/dead.ts";
import { exportOperations } from "./api/export.ts";
import { handoverOperations } from "./api/handovers.ts";
import { homeOperations } from "./api/home.ts";
import { inboxOperations } from "./api/inbox.ts";
import { messageOperations } from "./api/messages.ts";
import { modelOperations } from "./api/models.ts";
import { operationOperations } from "./api/operation.ts";
import { pairingOperations } from "./api/pairings.ts";
import { playgroundOperations } from "./api/playground.ts";
import { routeOperations } from "./api/routes.ts";
import { toolOperations } from "./api/tools.ts";
import { authenticate } from "./authenticate.ts";
import { readBody } from "./body.ts";
import type { Call, Operations } from "./call.ts";
import { contract, type OperationName } from "./contract.ts";
import { loginCookie, voidCookie } from "./cookie.ts";
import type { HttpDoor } from "./door.ts";
import type { Endpoint } from "./endpoint.ts";
import { type EventStreams, eventOperations } from "./events.ts";
import type { Trials } from "./playground.ts";
import { problemOf } from "./problem.ts";
import { veil } from "./veil.ts";
import { type Visit, visitOf } from "./visit.ts";

export type Env = { Bindings: HttpBindings };

const fileMs = 120_000;
const bodyLimit = { maxBytes: 262_144, timeoutMs: 10_000 };

/** What goes on behind an answer. */
export interface Streams {
  readonly events: EventStreams;
  readonly trials: Trials;
}

/** The routes of `contract`: who asks, may he, is what he sent right, then the operation. */
export function createApi(door: HttpDoor, { events, trials }: Streams, options: { readonly checkAnswers?: boolean } = {}): Hono<Env> {
  const operations: Operations<OperationName> = {
    ...accessOperations(door),
    ...accountOperations(door),
    ...messageOperations(door),
    ...inboxOperations(door),
    ...handoverOperations(door),
    ...pairingOperations(door),
    ...deadOperations(door),
    ...alertOperations(door),
    ...analyticsOperations(door),
    ...costOperations(door),
    ...homeOperations(door),
    ...operationOperations(door),
    ...toolOperations(door),
    ...modelOperations(door),
    ...routeOperations(door),
    ...exportOperations(door),
    ...backupOperations(door),
    ...playgroundOperations(door, trials),
    ...eventOperations(door, events),
  };
  const veiled = veil(door.mask);
  const app = new Hono<Env>();
  const methods = new Map<string, string[]>();
  for (const [name, declared] of Object.entries<Endpoint>(contract)) {
    const path = declared.path.replaceAll(/\{(\w+)\}/g, ":$1");
    methods.set(path, [...(methods.get(path) ?? []), declared.method.toUpperCase()]);
    const operation = operations[name as OperationName] as (call: Call<Endpoint>) => Promise<Result<unknown>>;
    app.on(declared.method, path, (c) => answer(c, declared, operation));
  }
  for (const [path, allowed] of methods) app.all(path, (c) => elsewhere(c, allowed));
  app.all("/api/*", (c) => elsewhere(c, []));
  app.onError((thrown, c) => refuse(c, faultOf(thrown)));
  return app;

  async function answer(
    c: Context<Env>,
    declared: Endpoint,
    operation: (call: Call<Endpoint>) => Promise<Result<unknown>>,
  ): Promise<Response> {
    const visit = visitOf(c.env.incoming);
    const allowed = await allow(c, visit, declared);
    if (!allowed.ok) return refuse(c, allowed.fault);
    const input = await readInput(c, declared, door.config.current().limits.fileBytes);
    if (!input.ok) return refuse(c, input.fault);
    const cookies: string[] = [];
    const call = {
      actor: allowed.value as Actor,
      origin: originOf(c, visit),
      speak: visit.speak,
      params: c.req.param(),
      query: input.value.query as never,
      body: input.value.body as never,
      cut: () => void c.env.outgoing.destroy(),
      left: () => leftOf(c.env.outgoing),
      header: (name: string) => c.req.header(name),
      setLogin: (secret: string | undefined) => void cookies.push(secret ? loginCookie(secret, visit.https) : voidCookie(visit.https)),
    };
    const result = await operation(call);
    if (!result.ok) return refuse(c, result.fault);
    if (result.value instanceof Response) return result.value;
    if (options.checkAnswers && declared.answer) checkAnswer(declared, declared.answer, result.value);
    const headers = { "content-type": "application/json", "cache-control": "no-store" };
    const response = new Response(JSON.stringify(result.value, veiled), { status: declared.status ?? 200, headers });
    for (const cookie of cookies) response.headers.append("set-cookie", cookie);
    return response;
  }

  async function allow(c: Context<Env>, visit: Visit, declared: Endpoint): Promise<Result<Actor | undefined>> {
    if (declared.role === "public") return ok(undefined);
    const actor = await authenticate(door.access, c.env.incoming.headers, visit);
    if (!actor.ok) return actor;
    if (!roleAllows(actor.value.role, declared.role))
      return fail("role-too-low", say`this needs the role ${roleText(declared.role)}; yours is ${roleText(actor.value.role)}`);
    if (declared.loginOnly && actor.value.via === "token") return fail("role-too-low", "a token can't do this: sign in with a password");
    return actor;
  }

  /** A path of the API under another method, or none: who isn't signed in learns neither. */
  async function elsewhere(c: Context<Env>, allowed: readonly string[]): Promise<Response> {
    const open = Object.values<Endpoint>(contract).some(({ path, role }) => path === c.req.path && role === "public");
    const actor = open ? ok(undefined) : await authenticate(door.access, c.env.incoming.headers, visitOf(c.env.incoming));
    if (!actor.ok) return refuse(c, actor.fault);
    if (allowed.length === 0) return refuse(c, { code: "not-found", message: "the API has no such path" });
    const response = refuse(c, { code: "method-refused", message: `${c.req.method} isn't possible here` });
    response.headers.set("allow", allowed.join(", "));
    return response;
  }

  function refuse(c: Context<Env>, fault: Fault): Response {
    const { requestId, speak } = visitOf(c.env.incoming);
    const kind = errorTable[fault.code];
    if (kind.status >= 500) {
      const fields = { requestId, method: c.req.method, path: c.req.path, code: fault.code, message: fault.message, cause: fault.cause };
      // Above 500 it is a platform, a provider or the disk that failed, not we.
      if (kind.status === 500) door.log.error("request-fail", fields);
      else door.log.warn("request-fail", fields);
    }
    const { status, headers, body } = problemOf(fault, requestId, (said) => door.mask(speak(said)));
    // Nothing more of a body that was refused is read.
    return new Response(body, { status, headers: c.env.incoming.complete ? headers : { ...headers, connection: "close" } });
  }
}

/** Aborts when whoever asked hangs up, or has the whole answer. */
function leftOf(outgoing: Env["Bindings"]["outgoing"]): AbortSignal {
  const aborter = new AbortController();
  if (outgoing.destroyed) aborter.abort();
  else outgoing.once("close", () => aborter.abort());
  return aborter.signal;
}

/** Neither less nor more than the contract says. */
function checkAnswer(declared: Endpoint, schema: z.ZodType, value: unknown): void {
  const sent: unknown = JSON.parse(JSON.stringify(value));
  if (!isDeepStrictEqual(schema.parse(sent), sent))
    throw new Error(`${declared.method} ${declared.path} answers more than its contract says`);
}

interface Input {
  readonly query: unknown;
  readonly body: unknown;
}

async function readInput(c: Context<Env>, declared: Endpoint, fileBytes: number): Promise<Result<Input>> {
  const query = declared.query ? checked("query", declared.query, Object.fromEntries(new URL(c.req.url).searchParams)) : ok(undefined);
  if (!query.ok) return query;
  const { headers } = c.env.incoming;
  const type = headers["content-type"];
  const encoding = headers["content-encoding"];
  if (declared.method !== "get") {
    if (encoding !== undefined && encoding !== "identity") return fail("type-unsupported", "compressed bodies aren't read");
    if (declared.bytes) {
      if (type?.trim().toLowerCase() !== "application/octet-stream")
        return fail("type-unsupported", "the body must be application/octet-stream");
      const file = await readBody(c.env.incoming, { maxBytes: fileBytes, timeoutMs: fileMs });
      return file.ok ? ok({ query: query.value, body: file.value }) : file;
    }
    const json = type !== undefined && /^application\/json(\s*;\s*charset="?utf-8"?)?$/i.test(type.trim());
    if (!json && (type !== undefined || declared.body)) return fail("type-unsupported", "the body must be JSON");
  }
  if (!declared.body) return ok({ query: query.value, body: undefined });
  const bytes = await readBody(c.env.incoming, bodyLimit);
  if (!bytes.ok) return bytes;
  const parsed = parseJson(bytes.value);
  if (!parsed.ok) return parsed;
  const body = checked("body", declared.body, parsed.value);
  return body.ok ? ok({ query: query.value, body: body.value }) : body;
}

function checked(place: string, schema: z.ZodType, value: unknown): Result<unknown> {
  const result = schema.safeParse(value);
  if (result.success) return ok(result.data);
  const [issue] = result.error.issues;
  if (!issue) return fail("request-invalid", say`${place} is invalid`);
  const refused = fail("request-invalid", say`${[place, ...issue.path].join(".")} ${issueText(issue)}`);
  return { ok: false, fault: { ...refused.fault, message: refused.fault.message.slice(0, 300) } };
}

function originOf(c: Context<Env>, visit: Visit): Origin {
  const agent = escapeControls(c.req.header("user-agent") ?? "").slice(0, 120);
  return { peer: visit.peer, ...(agent ? { agent } : {}) };
}
