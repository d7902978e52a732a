import type { IncomingMessage, ServerResponse } from "node:http";
import { Seldom } from "../access/seldom.ts";
import type { WebhookRequest, WebhookResponse } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import { errorTable, type Fault, fail, type Result } from "../core/errors.ts";
import type { GatewayDoor } from "../core/gateway.ts";
import { defaultTenant } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Records } from "../core/records.ts";
import { readBody } from "./body.ts";
import { inertHeaders } from "./headers.ts";
import { problemOf } from "./problem.ts";
import type { Visit } from "./visit.ts";

/** Meta posts up to 3 MB at once: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview */
const bodyLimit = { maxBytes: 3 * 1_048_576, timeoutMs: 10_000 };
const inert = Object.entries(inertHeaders);
/** What a channel may answer with; anything else goes out as plain text. */
const safeTypes = /^(application\/json|text\/plain|application\/xml|text\/xml)(;|$)/i;

export interface HooksDoor {
  readonly gateway: Pick<GatewayDoor, "webhook" | "accounts" | "draining">;
  readonly records: Pick<Records, "audit">;
  readonly clock: Clock;
  readonly log: Log;
}

type HookRoute = (incoming: IncomingMessage, outgoing: ServerResponse, visit: Visit, account: string) => Promise<void>;

/** `/hooks/<account>`: the raw bytes to the gateway, its answer back once the events are on disk. */
export function createHookRoute(door: HooksDoor): HookRoute {
  const seldom = new Seldom(door.clock);

  return async (incoming, outgoing, visit, account) => {
    for (const [name, value] of inert) outgoing.setHeader(name, value);
    const result = await receive(door.gateway, incoming, account);
    if (result.ok) return answer(outgoing, result.value);
    await note(result.fault, account, visit);
    const { status, headers, body } = problemOf(result.fault, visit.requestId);
    // Platforms post; an account that refuses a POST takes nothing here at all.
    if (status === 405) outgoing.setHeader("allow", incoming.method === "POST" ? "" : "POST");
    if (!incoming.complete) outgoing.setHeader("connection", "close");
    outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  };

  /** Anybody can cause refusals: the log and the audit log get the first of a kind in a minute, and how many went before. */
  async function note(fault: Fault, account: string, { requestId, peer }: Visit): Promise<void> {
    const { code, message, cause } = fault;
    const known = code !== "account-unknown";
    const more = seldom.tell(known ? `${account} ${code}` : code);
    if (more === undefined) return;
    const fields = { requestId, account, peer, code, message, more, cause };
    if (code === "internal") return door.log.error("webhook-fail", fields);
    door.log.warn("webhook-refuse", fields);
    if (errorTable[code].status >= 500) return;
    const entry = { actor: "gateway", action: "webhook-refuse", subject: account.slice(0, 64), detail: { code, peer, more } };
    await door.records
      .audit({ tenant: defaultTenant, at: door.clock.now(), ...entry })
      .catch((thrown: unknown) => door.log.error("audit-fail", { cause: thrown }));
  }
}

function answer(outgoing: ServerResponse, response: WebhookResponse): void {
  const { status, headers = {}, body = "" } = response;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  const type = outgoing.getHeader("content-type");
  if (typeof type !== "string" || !safeTypes.test(type)) outgoing.setHeader("content-type", "text/plain; charset=utf-8");
  outgoing.writeHead(status, { "content-length": Buffer.byteLength(body) }).end(body);
}

async function receive(gateway: HooksDoor["gateway"], incoming: IncomingMessage, account: string): Promise<Result<WebhookResponse>> {
  // Its accounts are gone by then: a platform that hears that there is none may never come back.
  if (gateway.draining) return fail("draining", "the gateway is stopping");
  // Before the body is read: strangers' bytes for nobody aren't taken in.
  if (!gateway.accounts.get(account)) return fail("account-unknown", "there is no account at this address");
  const body = await readBody(incoming, bodyLimit);
  if (!body.ok) return body;
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  const request: WebhookRequest = { method: incoming.method ?? "GET", url: incoming.url ?? "/", headers, body: body.value };
  return gateway.webhook(account, request);
}
