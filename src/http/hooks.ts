import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebhookRequest, WebhookResponse } from "../core/channel.ts";
import { errorTable, fail, type Result } from "../core/errors.ts";
import type { GatewayDoor } from "../core/gateway.ts";
import type { Log } from "../core/log.ts";
import { readBody } from "./body.ts";
import { inertHeaders } from "./headers.ts";
import { problemOf } from "./problem.ts";
import type { Visit } from "./visit.ts";

const bodyLimit = { maxBytes: 1_048_576, timeoutMs: 10_000 };
/** What a channel may answer with; anything else goes out as plain text. */
const safeTypes = /^(application\/json|text\/plain|application\/xml|text\/xml)(;|$)/i;

/** `/hooks/<account>`: the raw bytes to the gateway, its answer back once the events are on disk. */
export async function serveHook(
  door: { readonly gateway: Pick<GatewayDoor, "webhook">; readonly log: Log },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  visit: Visit,
  account: string,
): Promise<void> {
  for (const [name, value] of Object.entries(inertHeaders)) outgoing.setHeader(name, value);
  const result = await receive(door.gateway, incoming, account);
  if (!result.ok) {
    const { fault } = result;
    const log = errorTable[fault.code].status >= 500 ? door.log.error : door.log.warn;
    log.call(door.log, "webhook-refuse", {
      requestId: visit.requestId,
      account,
      peer: visit.peer,
      code: fault.code,
      message: fault.message,
      cause: fault.cause,
    });
    const problem = problemOf(fault, visit.requestId);
    if (!incoming.complete) outgoing.setHeader("connection", "close");
    outgoing.writeHead(problem.status, problem.headers).end(problem.body);
    return;
  }
  const { status, headers = {}, body = "" } = result.value;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  const type = outgoing.getHeader("content-type");
  if (typeof type !== "string" || !safeTypes.test(type)) outgoing.setHeader("content-type", "text/plain; charset=utf-8");
  outgoing.writeHead(status, { "content-length": Buffer.byteLength(body) }).end(body);
}

async function receive(
  gateway: Pick<GatewayDoor, "webhook">,
  incoming: IncomingMessage,
  account: string,
): Promise<Result<WebhookResponse>> {
  if (!/^[\w-]{1,63}$/.test(account)) return fail("account-unknown", "there is no such account");
  const body = await readBody(incoming, bodyLimit);
  if (!body.ok) return body;
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  const request: WebhookRequest = { method: incoming.method ?? "GET", url: incoming.url ?? "/", headers, body: body.value };
  return gateway.webhook(account, request);
}
