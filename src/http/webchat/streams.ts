import type { Cancel, Clock } from "../../core/clock.ts";
import { neutralise } from "../../core/hidden-text.ts";
import type { ConversationId, DeliveryId, TenantId } from "../../core/ids.ts";
import type { Live, LiveEvent } from "../../core/live.ts";
import type { Log } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import type { TurnEvent } from "../../core/turn.ts";
import { type ShownMessage, showToVisitor } from "./show.ts";

export interface StreamsDoor {
  readonly tenant: TenantId;
  readonly store: Pick<Store, "message" | "records">;
  readonly live: Live;
  readonly clock: Clock;
  readonly log: Log;
}

const heartbeatMs = 15_000;
/** Bytes that wait for a reader before he is cut off; he comes back and asks for the history. */
const maxQueued = 262_144;
const maxPerVisitor = 4;
const maxStreams = 5_000;
/** Answers under way that a visitor who comes back sees from their beginning. */
const maxDrafts = 2_000;
const maxDraftLength = 100_000;

/** What visitors see live: their own conversation, as server-sent events. Nothing depends on it; the store has it all. */
export class VisitorStreams {
  readonly #door: StreamsDoor;
  readonly #unsubscribe: () => void;
  readonly #byConversation = new Map<ConversationId, Set<VisitorStream>>();
  /** By account and visitor. Streams of visitors who haven't written yet have no conversation. */
  readonly #byVisitor = new Map<string, VisitorStream[]>();
  readonly #drafts = new Map<ConversationId, { readonly turn: string; text: string }>();
  #count = 0;

  constructor(door: StreamsDoor) {
    this.#door = door;
    this.#unsubscribe = door.live.subscribe(door.tenant, ["turn", "message", "ledger"], (event) => this.#hear(event));
  }

  get size(): number {
    return this.#count;
  }

  /** Nothing when there are too many. A visitor's oldest stream gives way to his newest. */
  open(visitor: string, conversation: ConversationId | undefined): Response | undefined {
    if (this.#count >= maxStreams) return undefined;
    const mine = this.#byVisitor.get(visitor) ?? [];
    this.#byVisitor.set(visitor, mine);
    if (mine.length >= maxPerVisitor) mine[0]?.cut();
    const stream = new VisitorStream(this.#door, () => this.#left(visitor, stream));
    this.#count++;
    mine.push(stream);
    stream.begin();
    if (conversation !== undefined) this.#join(stream, conversation);
    return new Response(stream.body, {
      headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" },
    });
  }

  /** The visitor has written: his streams now know whose they are, and hear of the message that made it known. */
  know(visitor: string, conversation: ConversationId, first: ShownMessage | undefined): void {
    for (const stream of this.#byVisitor.get(visitor) ?? []) {
      if (stream.conversation !== undefined) continue;
      if (first) stream.tell("message", first);
      this.#join(stream, conversation);
    }
  }

  close(): void {
    this.#unsubscribe();
    for (const stream of [...this.#byVisitor.values()].flat()) stream.end();
  }

  #join(stream: VisitorStream, conversation: ConversationId): void {
    stream.conversation = conversation;
    const others = this.#byConversation.get(conversation) ?? new Set();
    this.#byConversation.set(conversation, others.add(stream));
    const draft = this.#drafts.get(conversation);
    if (!draft) return;
    stream.tell("turn-start", { turn: draft.turn });
    if (draft.text !== "") stream.tell("turn-text", { turn: draft.turn, delta: draft.text });
  }

  #left(visitor: string, stream: VisitorStream): void {
    this.#count--;
    const mine = (this.#byVisitor.get(visitor) ?? []).filter((other) => other !== stream);
    if (mine.length === 0) this.#byVisitor.delete(visitor);
    else this.#byVisitor.set(visitor, mine);
    if (stream.conversation === undefined) return;
    const others = this.#byConversation.get(stream.conversation);
    others?.delete(stream);
    if (others?.size === 0) this.#byConversation.delete(stream.conversation);
  }

  #hear(event: Extract<LiveEvent, { type: "turn" | "message" | "ledger" }>): void {
    // Before somebody looks, only what his own channel's turns write is of interest.
    if (event.type === "turn" && event.channel === "webchat") this.#turn(event.conversation, event.event);
    if (event.type === "message" && event.message.direction === "in" && this.#byConversation.has(event.conversation)) {
      this.#tell(event.conversation, "message", showToVisitor({ ...event.message, id: event.message.id as never }));
    }
    // An answer is shown once it is delivered: until then a takeover can still drop it.
    if (event.type === "ledger" && event.entry.stage === "delivery-sent" && event.conversation !== undefined) {
      const id = event.entry.detail?.delivery;
      if (typeof id === "string" && this.#byConversation.has(event.conversation))
        void this.#delivered(event.conversation, id as DeliveryId);
    }
  }

  async #delivered(conversation: ConversationId, id: DeliveryId): Promise<void> {
    const { store, tenant, log } = this.#door;
    try {
      const delivery = await store.records.delivery(tenant, id);
      const message = delivery && (await store.message(tenant, delivery.message));
      if (!message || message.conversation !== conversation) return;
      this.#tell(conversation, "message", showToVisitor(message));
      this.#tell(conversation, "delivered", { message: message.id });
    } catch (cause) {
      log.warn("webchat-live-fail", { cause });
    }
  }

  #turn(conversation: ConversationId, event: TurnEvent): void {
    const draft = this.#drafts.get(conversation);
    if (event.type === "turn-start" || event.type === "turn-restart") {
      this.#drafts.delete(conversation);
      this.#drafts.set(conversation, { turn: event.turn, text: "" });
      if (this.#drafts.size > maxDrafts) this.#drafts.delete(this.#drafts.keys().next().value as ConversationId);
    } else if (event.type === "turn-text" && draft && draft.text.length < maxDraftLength) draft.text += neutralise(event.delta);
    else if (event.type === "turn-end") this.#drafts.delete(conversation);
    const { type, ...data } = event;
    this.#tell(conversation, type, event.type === "turn-text" ? { ...data, delta: neutralise(event.delta) } : data);
  }

  #tell(conversation: ConversationId, type: string, data: object): void {
    for (const stream of this.#byConversation.get(conversation) ?? []) stream.tell(type, data);
  }
}

/** One reader. */
class VisitorStream {
  conversation: ConversationId | undefined;
  readonly body: ReadableStream<Uint8Array>;
  readonly #door: StreamsDoor;
  readonly #left: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #heartbeat: Cancel | undefined;
  #next = 1;

  constructor(door: StreamsDoor, left: () => void) {
    this.#door = door;
    this.#left = left;
    const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      this.#controller = controller;
    };
    this.body = new ReadableStream<Uint8Array>(
      { start, cancel: () => void this.#leave() },
      { highWaterMark: maxQueued, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  begin(): void {
    this.#write("retry: 1000\n\n");
    const beat = () => {
      this.#write(": still here\n\n");
      if (this.#controller) this.#heartbeat = this.#door.clock.after(heartbeatMs, beat);
    };
    this.#heartbeat = this.#door.clock.after(heartbeatMs, beat);
  }

  tell(type: string, data: object): void {
    this.#write(`id: ${this.#next++}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Lets what waits go out first. */
  end(): void {
    this.#leave()?.close();
  }

  cut(): void {
    this.#leave()?.error(new Error("cut off"));
  }

  #leave(): ReadableStreamDefaultController<Uint8Array> | undefined {
    const controller = this.#controller;
    this.#controller = undefined;
    this.#heartbeat?.();
    if (controller) this.#left();
    return controller;
  }

  #write(text: string): void {
    if (!this.#controller) return;
    const bytes = Buffer.from(text);
    if ((this.#controller.desiredSize ?? 0) < bytes.length) {
      this.#door.log.info("webchat-reader-slow", { conversation: this.conversation });
      this.cut();
    } else this.#controller.enqueue(bytes);
  }
}
