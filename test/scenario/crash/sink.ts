import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type Journal, now } from "./journal.ts";
import { answered } from "./model.ts";
import type { Fault, FaultPlan } from "./plan.ts";
import { type LocalServer, listen } from "./server.ts";

/** A line of the log of the program behind the webhook account. */
export type SinkLine =
  /** It took a message; `withheld`: by what fault its sender wasn't told. */
  | {
      readonly kind: "taken";
      readonly order: number;
      readonly n: number;
      readonly whole: boolean;
      readonly chat: number;
      readonly id: string;
      readonly by: number;
      readonly at: number;
      readonly withheld?: Fault;
    }
  | { readonly kind: "answered"; readonly of: number; readonly at: number }
  /** It took nothing, because of this fault. */
  | {
      readonly kind: "trouble";
      readonly order: number;
      readonly n: number;
      readonly chat: number;
      readonly by: number;
      readonly at: number;
      readonly what: Fault;
    };

/**
 * The receiver of the webhook account. Each fault happens to a message once. `heard` is told of every message that it
 * took.
 */
export function startSink(journal: Journal, faults: FaultPlan, heard: (n: number) => void): Promise<LocalServer> {
  const troubled = new Set<number>();
  let order = 0;
  return listen(async (request, response, body) => {
    if (request.method !== "POST") {
      response.writeHead(200).end();
      return;
    }
    const { text, conversation } = JSON.parse(body) as { text: string; conversation: string };
    const { n, whole } = answered(text);
    const fault = troubled.has(n) ? undefined : faults(n);
    troubled.add(n);
    const line = { order: order++, n, chat: Number(conversation.slice(1)), by: Number(request.headers["x-caller"]), at: now() };
    if (fault !== undefined && refusing.has(fault)) {
      await journal.note({ kind: "trouble", ...line, what: fault } satisfies SinkLine);
      refuse(response, fault);
      return;
    }
    if (fault === "slow") await wait(slowMs);
    const withheld = fault === "drop" || fault === "proxy-after" ? { withheld: fault } : {};
    await journal.note({ kind: "taken", ...line, whole, id: String(request.headers["webhook-id"]), ...withheld } satisfies SinkLine);
    if (whole) heard(n);
    if (fault === "drop") response.destroy();
    else response.writeHead(fault === "proxy-after" ? 502 : 200).end();
    void journal.note({ kind: "answered", of: line.order, at: now() } satisfies SinkLine);
  });
}

/** How late `slow` is. */
export const slowMs = 1_500;

const refusing: ReadonlySet<Fault> = new Set(["too-many", "error", "proxy", "cut"]);

function refuse(response: ServerResponse, fault: Fault): void {
  if (fault === "cut") response.destroy();
  else if (fault === "too-many") response.writeHead(429, { "retry-after": "1" }).end();
  else response.writeHead(fault === "error" ? 503 : 502).end();
}
