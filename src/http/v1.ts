import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { roleAllows } from "../access/roles.ts";
import type { CallEvent } from "../core/calls.ts";
import type { Clock } from "../core/clock.ts";
import type { Configuration } from "../core/configuration.ts";
import { type CutOff, cutOff } from "../core/cut-off.ts";
import { errorTable, type Fault, fault, faultOf, ok } from "../core/errors.ts";
import type { GatewayDoor } from "../core/gateway.ts";
import { parseJson } from "../core/json.ts";
import type { SearchKnowledge } from "../core/knowledge.ts";
import type { Log } from "../core/log.ts";
import type { Capabilities } from "../core/provider.ts";
import type { Env } from "./api.ts";
import { authenticate } from "./authenticate.ts";
import { readBody } from "./body.ts";
import type { Mount } from "./server.ts";
import { chatFormat, readChat } from "./v1/chat.ts";
import { readEmbeddings, showEmbeddings } from "./v1/embeddings.ts";
import { type ModelFault, modelProblem } from "./v1/problem.ts";
import { type Asked, askOf, callFor, findModel, type Result, type Said, timeFor, withPassages } from "./v1/request.ts";
import { readResponses, responsesFormat } from "./v1/responses.ts";
import { bodyOf, type Format } from "./v1/stream.ts";
import { createWords } from "./v1/words.ts";
import { visitOf } from "./visit.ts";

export interface ModelEndpointDoor {
  readonly gateway: Pick<GatewayDoor, "calls" | "draining">;
  readonly access: Access;
  readonly configuration: () => Configuration;
  readonly capabilities: (model: string) => Capabilities;
  readonly searchKnowledge: SearchKnowledge;
  readonly clock: Clock;
  readonly log: Log;
}

/** An answer that is asked for: by whom, to what, in which form. */
interface Wanted {
  readonly actor: Actor;
  readonly said: Said;
  readonly format: Format;
  readonly streams: boolean;
}

/** Images come in the request itself. */
const bodyLimit = { maxBytes: 20 * 2 ** 20, timeoutMs: 30_000 };
/** A connection stays open without a word for as long as an answer may take, and this long for saying that it took too long. */
const graceMs = 10_000;

/**
 * The gateway as a model, for programs that speak OpenAI's API: docs/model-endpoint.md. Who asks is known by a token; what is
 * asked for is an agent. Budgets, fallback and accounts are those of every other call.
 */
export function createModelEndpoint(door: ModelEndpointDoor): Mount {
  const { gateway, clock } = door;
  const putIntoWords = createWords({ calls: gateway.calls, capabilities: door.capabilities });
  const app = new Hono<Env>();
  app.onError((thrown, c) => refuse(c, faultOf(thrown)));
  app.get("/v1/models", (c) => as(c, "viewer", () => ok(Response.json({ object: "list", data: agentIds().map(modelOf) }))));
  app.get("/v1/models/:id{.+}", (c) => as(c, "viewer", (actor) => one(c.req.param("id"), actor)));
  app.post("/v1/chat/completions", (c) => as(c, "operator", (actor) => chat(c, actor)));
  app.post("/v1/responses", (c) => as(c, "operator", (actor) => responses(c, actor)));
  app.post("/v1/embeddings", (c) => as(c, "operator", (actor) => embeddings(c, actor)));
  app.all("*", (c) => refuse(c, { code: "not-found", message: `There is no ${c.req.method} ${c.req.path} here.` }));
  return { serves: (pathname) => pathname.startsWith("/v1/"), app };

  async function as(c: Context<Env>, role: "viewer" | "operator", run: (actor: Actor) => Promise<Result<Response>> | Result<Response>) {
    const { incoming } = c.env;
    // A login of the web app's isn't taken: no page may spend in its name.
    if (incoming.headers.authorization === undefined)
      return refuse(c, { code: "login-required", message: "Send `Authorization: Bearer <token>`." });
    const actor = await authenticate(door.access, incoming.headers, visitOf(incoming));
    if (!actor.ok) return refuse(c, actor.fault);
    if (!roleAllows(actor.value.role, role)) {
      return refuse(c, { code: "role-too-low", message: `This needs a token of the role ${role}; yours is ${actor.value.role}.` });
    }
    if (gateway.draining) return refuse(c, { code: "draining", message: "The gateway is stopping." });
    const answer = await run(actor.value);
    return answer.ok ? answer.value : refuse(c, answer.fault);
  }

  function agentIds(): readonly string[] {
    return [...door.configuration().agents.keys()];
  }

  function modelOf(id: string) {
    return { id, object: "model", created: 0, owned_by: "polylogue" };
  }

  function one(id: string, actor: Actor): Result<Response> {
    const found = findModel(id, door.configuration(), actor);
    return found.ok ? ok(Response.json(modelOf(id))) : found;
  }

  async function chat(c: Context<Env>, actor: Actor): Promise<Result<Response>> {
    const body = await jsonOf(c);
    const read = body.ok ? readChat(body.value) : body;
    if (!read.ok) return read;
    const { request, said } = read.value;
    const asked = findModel(request.model, door.configuration(), actor);
    if (!asked.ok) return asked;
    const includeUsage = request.stream_options?.include_usage === true;
    const format = chatFormat({ ...heard(request.model), includeUsage });
    return answer(c, asked.value, { actor, said, format, streams: request.stream === true });
  }

  async function responses(c: Context<Env>, actor: Actor): Promise<Result<Response>> {
    const body = await jsonOf(c);
    const read = body.ok ? readResponses(body.value) : body;
    if (!read.ok) return read;
    const { request, said } = read.value;
    const asked = findModel(request.model, door.configuration(), actor);
    if (!asked.ok) return asked;
    const format = responsesFormat(heard(request.model), request);
    return answer(c, asked.value, { actor, said, format, streams: request.stream === true });
  }

  async function embeddings(c: Context<Env>, actor: Actor): Promise<Result<Response>> {
    const body = await jsonOf(c);
    const read = body.ok ? readEmbeddings(body.value) : body;
    if (!read.ok) return read;
    const { model, input, encoding_format } = read.value;
    const asked = findModel(model, door.configuration(), actor);
    if (!asked.ok) return asked;
    const models = asked.value.agent?.embed ?? asked.value.models;
    if (models.length === 0) {
      const message = `The agent \`${model}\` has no model that makes vectors: name one in \`agents.${model}.embed\`.`;
      return { ok: false, fault: { code: "request-invalid", message, param: "model" } };
    }
    const time = timeOf(c, asked.value);
    const made = await gateway.calls.embed(callFor("embed", asked.value, actor), { models, texts: input }, time.cut.signal);
    if (!made.ok) return { ok: false, fault: time.why(made.fault) };
    return ok(Response.json(showEmbeddings(made.value, model, encoding_format ?? "float")));
  }

  async function answer(c: Context<Env>, asked: Asked, { actor, said, format, streams }: Wanted): Promise<Result<Response>> {
    const of = callFor("answer", asked, actor);
    const { cut, why } = timeOf(c, asked);
    const readable = await putIntoWords(said, asked, actor, cut.signal);
    const ask = askOf(asked, await withPassages(readable, asked, actor, door.searchKnowledge), actor, clock.now());
    if (!streams) {
      const done = await gateway.calls.complete(of, ask, cut.signal);
      if (!done.ok) return { ok: false, fault: why(done.fault) };
      return ok(Response.json(format.whole(done.value), { headers: saidBy(done.value.model) }));
    }
    const events = gateway.calls.stream(of, ask, cut.signal)[Symbol.asyncIterator]();
    let model = "";
    let first: CallEvent | undefined;
    while (first === undefined || first.type === "model") {
      if (first) model = first.model;
      first = (await events.next()).value as CallEvent;
    }
    if (first.type === "fail") {
      await events.return?.();
      return { ok: false, fault: { ...why(first.fault), ...(first.afterMs !== undefined && { afterMs: first.afterMs }) } };
    }
    const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", ...saidBy(model) };
    return ok(new Response(bodyOf(first, events, format, why), { headers }));
  }

  /** A name may be in any script, a header only in Latin letters. */
  function saidBy(model: string) {
    return { "x-polylogue-model": encodeURI(model) };
  }

  function heard(model: string) {
    return { id: randomBytes(12).toString("hex"), model, at: clock.now() };
  }

  /** Ends when whoever asked hangs up, as nobody pays for an answer that nobody reads, and when it takes longer than it may. */
  function timeOf(c: Context<Env>, asked: Asked): { readonly cut: CutOff; readonly why: (fault: Fault) => Fault } {
    const { outgoing } = c.env;
    const ms = timeFor(asked);
    const cut = cutOff(new AbortController().signal, { clock, ms });
    const leave = () => {
      cut.abort();
      cut.end();
    };
    if (outgoing.destroyed) leave();
    else outgoing.once("close", leave).setTimeout(ms + graceMs);
    return { cut, why: (known) => (cut.late ? fault("http-timeout", `the answer took longer than ${ms} ms`) : known) };
  }

  async function jsonOf(c: Context<Env>): Promise<Result<unknown>> {
    const { headers } = c.env.incoming;
    if (!/^application\/json\b/i.test(headers["content-type"] ?? ""))
      return { ok: false, fault: { code: "type-unsupported", message: "The body must be JSON." } };
    const bytes = await readBody(c.env.incoming, bodyLimit);
    return bytes.ok ? parseJson(bytes.value) : bytes;
  }

  function refuse(c: Context<Env>, fault: ModelFault): Response {
    const { requestId } = visitOf(c.env.incoming);
    const { status, headers, error } = modelProblem(fault);
    if (errorTable[fault.code].status >= 500) {
      const fields = { requestId, method: c.req.method, path: c.req.path, code: fault.code, message: fault.message, cause: fault.cause };
      if (fault.code === "internal") door.log.error("request-fail", fields);
      else door.log.warn("request-fail", fields);
    }
    const close = c.env.incoming.complete ? {} : { connection: "close" };
    return Response.json({ error }, { status, headers: { ...headers, ...close } });
  }
}
