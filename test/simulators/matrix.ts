import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { wholeBody } from "./body.ts";
import { describeViolation } from "./matrix/description.ts";

/** What the next call of a kind meets: an answer, or a connection that is cut before or after the effect. */
export interface MatrixFault {
  readonly on: "send" | "sync";
  readonly what:
    | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
    | "cut"
    | "do-and-cut";
}

interface TimelineEvent {
  readonly type: string;
  readonly event_id: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: Record<string, unknown>;
}

/** One homeserver with one room, as far as a bot needs it; refuses what the published description of the API doesn't know. */
export class MatrixSimulator {
  readonly room = "!room:example.com";
  readonly user = "@bot:example.com";
  token = "syt_Ym90_a_very_secret_token";
  readonly timeline: TimelineEvent[] = [];
  readonly faults: MatrixFault[] = [];
  /** Calls that break the description. */
  readonly violations: string[] = [];
  /** Events that are said once the first look is over. */
  readonly coming: TimelineEvent[] = [];
  url = "";
  #transactions = new Map<string, string>();
  #looked = false;
  #count = 0;
  #wake = new Set<() => void>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Somebody says something: now, or if nobody looked yet, after the first look. */
  addOnceSeen(event: TimelineEvent): void {
    if (this.#looked) this.add(event);
    else this.coming.push(event);
  }

  cut(): void {
    this.#server.closeAllConnections();
  }

  event(sender: string, content: Record<string, unknown>, type = "m.room.message"): TimelineEvent {
    return { type, event_id: `$event${++this.#count}`, sender, origin_server_ts: 1_764_000_000_000 + this.#count, content };
  }

  add(event: TimelineEvent): void {
    this.timeline.push(event);
    for (const wake of this.#wake) wake();
  }

  /** What the room shows now, edits applied. */
  shown(): string[] {
    const edits = new Map(
      this.timeline.flatMap(({ content }) => {
        const relation = content["m.relates_to"] as { rel_type?: string; event_id?: string } | undefined;
        return relation?.rel_type === "m.replace"
          ? [[relation.event_id, (content["m.new_content"] as { body: string }).body] as const]
          : [];
      }),
    );
    return this.timeline.flatMap(({ event_id: id, sender, content }) => {
      const relation = content["m.relates_to"] as { rel_type?: string } | undefined;
      return sender === this.user && relation?.rel_type !== "m.replace" ? [edits.get(id) ?? String(content.body)] : [];
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await wholeBody(request);
    if (!raw) return;
    const url = new URL(request.url ?? "", this.url);
    const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    const json = request.headers["content-type"] === "application/json";
    const body = json && raw.length > 0 ? (JSON.parse(raw.toString()) as Record<string, unknown>) : undefined;
    const violation = describeViolation(request.method ?? "", url, body);
    if (violation) this.violations.push(violation);
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return answer(401, { errcode: "M_UNKNOWN_TOKEN", error: "Invalid access token passed.", soft_logout: false });
    }
    const path = decodeURIComponent(url.pathname.replace(/^\/_matrix\/client\/v3\//, ""));
    const kind = path.startsWith("sync") ? "sync" : path.includes("/send/") ? "send" : "other";
    const index = this.faults.findIndex(({ on }) => on === kind);
    const fault = index < 0 ? undefined : this.faults.splice(index, 1)[0]?.what;
    if (fault === "cut") return void response.destroy();
    if (fault !== undefined && fault !== "do-and-cut") return answer(fault.status, fault.body, fault.headers);
    const result = await this.#act(request.method ?? "", path, url.searchParams, body);
    if (fault === "do-and-cut") return void response.destroy();
    // The room isn't encrypted.
    if (path.startsWith(`rooms/${this.room}/state/m.room.encryption`))
      return answer(404, { errcode: "M_NOT_FOUND", error: "Event not found." });
    answer(result === undefined ? 404 : 200, result ?? { errcode: "M_UNRECOGNIZED", error: "Unrecognized request" });
  }

  async #act(method: string, path: string, query: URLSearchParams, body: Record<string, unknown> | undefined): Promise<object | undefined> {
    if (method === "GET" && path === "account/whoami") return { user_id: this.user, device_id: "D", is_guest: false };
    if (method === "GET" && path === "sync") return this.#sync(query.get("since"), Number(query.get("timeout")));
    const [, room, type = "", transaction = ""] = /^rooms\/([^/]+)\/send\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (method === "PUT" && room === this.room && body) {
      const known = this.#transactions.get(transaction);
      if (known) return { event_id: known };
      const event = this.event(this.user, body, type);
      this.#transactions.set(transaction, event.event_id);
      this.add(event);
      return { event_id: event.event_id };
    }
    return /^rooms\/[^/]+\/(typing|receipt)\//.test(path) ? {} : undefined;
  }

  async #sync(since: string | null, timeout: number): Promise<object> {
    this.#looked = true;
    const from = since === null ? this.timeline.length : Number(since.slice(1));
    if (since !== null && from >= this.timeline.length && timeout > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeout);
        timer.unref();
        this.#wake.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    const events = this.timeline.slice(from);
    const next_batch = `s${this.timeline.length}`;
    if (since === null) for (const event of this.coming.splice(0)) this.timeline.push(event);
    const summary = { "m.joined_member_count": 2, "m.invited_member_count": 0 };
    const join =
      since !== null && events.length === 0
        ? {}
        : { [this.room]: { summary, timeline: { events, limited: false, prev_batch: `s${from}` }, state: { events: [] } } };
    return { next_batch, rooms: { join } };
  }
}

export async function startMatrixSimulator(): Promise<MatrixSimulator> {
  const simulator = new MatrixSimulator();
  await simulator.listen();
  return simulator;
}
