import { randomBytes } from "node:crypto";
import type { Actor } from "../access/actor.ts";
import { roleAllows } from "../access/roles.ts";
import type { Cancel } from "../core/clock.ts";
import { fail, ok } from "../core/errors.ts";
import type { TenantId } from "../core/ids.ts";
import { type LiveEvent, liveTypes } from "../core/live.ts";
import type { Role } from "../core/records.ts";
import type { Operations } from "./call.ts";
import type { HttpDoor } from "./door.ts";
import { type Numbered, Ring } from "./ring.ts";
import { veil } from "./veil.ts";
import { showEntry } from "./views.ts";

/** Who may see what: the lowest role. */
const visibleTo: Readonly<Record<LiveEvent["type"], Role>> = {
  ledger: "viewer",
  turn: "viewer",
  message: "viewer",
  control: "viewer",
  note: "viewer",
  read: "viewer",
  presence: "viewer",
  replies: "viewer",
  account: "viewer",
  config: "viewer",
  finding: "viewer",
  model: "viewer",
  figures: "viewer",
  reset: "viewer",
};

const ringSize = 2_000;
const heartbeatMs = 15_000;
/** A login that was revoked is noticed after at most so long. */
const recheckMs = 2_000;
/** Characters that wait for a reader before he is cut off; he comes back with Last-Event-ID. */
const maxQueued = 1_048_576;
const maxStreams = 500;

/** The open windows of `GET /api/events`: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStreams {
  readonly #door: Pick<HttpDoor, "live" | "access" | "clock" | "log" | "mask">;
  readonly #rings = new Map<TenantId, Ring>();
  readonly #stopListening: (() => void)[] = [];
  readonly #open = new Set<Window>();
  #stopWatching: (() => void) | undefined;
  /** Ids of another start mean nothing here. */
  readonly #boot = randomBytes(6).toString("hex");

  constructor(door: Pick<HttpDoor, "live" | "access" | "clock" | "log" | "mask">) {
    this.#door = door;
  }

  get size(): number {
    return this.#open.size;
  }

  /** `cut` ends the connection. Nothing when there are too many windows. */
  open(actor: Actor, lastEventId: string | undefined, cut: () => void): Response | undefined {
    if (this.#open.size >= maxStreams) return undefined;
    const ring = this.#ringOf(actor.tenant);
    const window = new Window(actor, this.#door, this.#boot, { left: () => this.#left(window), cut });
    this.#open.add(window);
    this.#stopWatching ??= this.#door.live.watch?.();
    window.begin(ring, lastEventId);
    return new Response(window.stream, {
      headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" },
    });
  }

  /** Ends every stream; browsers reconnect by themselves. */
  close(): void {
    for (const stop of this.#stopListening.splice(0)) stop();
    for (const window of [...this.#open]) window.end();
  }

  #left(window: Window): void {
    this.#open.delete(window);
    if (this.#open.size > 0) return;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  #ringOf(tenant: TenantId): Ring {
    const known = this.#rings.get(tenant);
    if (known) return known;
    const ring = new Ring(ringSize);
    this.#rings.set(tenant, ring);
    this.#stopListening.push(
      this.#door.live.subscribe(tenant, liveTypes, (event) => {
        const item = ring.add(event);
        for (const window of this.#open) if (window.tenant === tenant) window.tell(item);
      }),
    );
    return ring;
  }
}

interface Reader {
  left(): void;
  cut(): void;
}

/** One open window. */
class Window {
  readonly tenant: TenantId;
  readonly stream: ReadableStream<Uint8Array>;
  readonly #door: Pick<HttpDoor, "access" | "clock" | "log" | "mask">;
  readonly #boot: string;
  readonly #reader: Reader;
  #actor: Actor;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #timers: Cancel[] = [];

  constructor(actor: Actor, door: Pick<HttpDoor, "access" | "clock" | "log" | "mask">, boot: string, reader: Reader) {
    this.#actor = actor;
    this.tenant = actor.tenant;
    this.#door = door;
    this.#boot = boot;
    this.#reader = reader;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => void this.#leave(),
      },
      { highWaterMark: maxQueued, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  begin(ring: Ring, lastEventId: string | undefined): void {
    const [boot, n] = lastEventId?.split("-") ?? [];
    const missed = lastEventId === undefined ? [] : boot === this.#boot && n && /^\d{1,15}$/.test(n) ? ring.after(Number(n)) : undefined;
    this.#write(`retry: 1000\nid: ${this.#boot}-${missed ? ring.last - missed.length : ring.last}\n\n`);
    if (missed) for (const item of missed) this.tell(item);
    else this.#write(`event: reset\ndata: {"type":"reset"}\n\n`);
    this.#every(heartbeatMs, () => this.#write(": still here\n\n"));
    this.#every(recheckMs, () => void this.#recheck());
  }

  tell({ n, event }: Numbered): void {
    if (!roleAllows(this.#actor.role, visibleTo[event.type])) return;
    this.#write(`id: ${this.#boot}-${n}\nevent: ${event.type}\ndata: ${JSON.stringify(show(event), veil(this.#door.mask))}\n\n`);
  }

  /** Lets what waits go out first. */
  end(): void {
    this.#leave()?.close();
  }

  /** Throws away what waits: it isn't for this reader any more, or he doesn't take it. */
  #cut(): void {
    if (this.#leave()) this.#reader.cut();
  }

  #leave(): ReadableStreamDefaultController<Uint8Array> | undefined {
    const controller = this.#controller;
    this.#controller = undefined;
    for (const cancel of this.#timers.splice(0)) cancel();
    if (controller) this.#reader.left();
    return controller;
  }

  async #recheck(): Promise<void> {
    try {
      const actor = await this.#door.access.recheck(this.#actor);
      if (actor) this.#actor = actor;
      else this.#cut();
    } catch (thrown) {
      this.#door.log.warn("events-recheck-fail", { cause: thrown });
      this.#cut();
    }
  }

  #write(text: string): void {
    if (!this.#controller) return;
    if ((this.#controller.desiredSize ?? 0) < text.length) {
      this.#door.log.warn("events-reader-slow", { operator: this.#actor.operator.id });
      this.#cut();
    } else this.#controller.enqueue(Buffer.from(text));
  }

  #every(ms: number, run: () => void): void {
    const at = this.#timers.length;
    const again = () => {
      if (!this.#controller) return;
      run();
      if (this.#controller) this.#timers[at] = this.#door.clock.after(ms, again);
    };
    this.#timers[at] = this.#door.clock.after(ms, again);
  }
}

function show(event: LiveEvent): unknown {
  return event.type === "ledger" ? { ...event, entry: showEntry(event.entry) } : event;
}

export function eventOperations(_door: HttpDoor, streams: EventStreams): Operations<"events"> {
  return {
    events: ({ actor, query, header, cut }) => {
      const response = streams.open(actor, header("last-event-id") ?? query.lastEventId, cut);
      return response ? ok(response) : fail("busy", "too many live windows are open");
    },
  };
}
