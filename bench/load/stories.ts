import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type AgentId, type ConversationId, defaultTenant, newId } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import type { Store } from "../../src/core/store.ts";

const tenant = defaultTenant;

/** Whole stories straight through the store, as the path would write them with nothing else around. */
export class Stories {
  readonly #store: Store;
  readonly #account: AccountId;
  readonly #conversations: number;
  readonly #history: number;
  made: number;

  /** `made`: how many the store has already, by the same rule. `history`: messages of the past that a turn reads. */
  constructor(
    store: Store,
    of: { readonly account: string; readonly conversations: number; readonly made?: number; readonly history?: number },
  ) {
    this.#store = store;
    this.#account = of.account as AccountId;
    this.#conversations = of.conversations;
    this.#history = of.history ?? 10;
    this.made = of.made ?? 0;
  }

  /** `count` messages with their answers sent; `together` at the same time, in different conversations. */
  async tell(count: number, together: number): Promise<void> {
    let left = count;
    const worker = async () => {
      while (left-- > 0) {
        const conversation = await this.#receive([this.#event()]);
        await this.#turn(conversation);
        await this.#send(conversation);
      }
    };
    await Promise.all(Array.from({ length: together }, worker));
  }

  /** `count` messages that nobody has looked at yet. */
  async leave(count: number): Promise<void> {
    const most = 500;
    for (let left = count; left > 0; left -= most) await this.#receive(Array.from({ length: Math.min(left, most) }, () => this.#event()));
  }

  #event(): PlatformEvent {
    const n = this.made++;
    const chat = n % this.#conversations;
    return {
      kind: "message",
      key: `stored-${n}`,
      chat: { id: `chat-${chat}`, kind: "direct" },
      sender: { id: `sender-${chat}`, bot: false, self: false },
      at: Date.now(),
      platformId: String(n),
      parts: [textPart(`#${n}# What is the weather like on the coast today, and should I take a coat? It was cold yesterday.`)],
      addressed: true,
    };
  }

  async #receive(events: readonly PlatformEvent[]): Promise<ConversationId> {
    const received = await this.#store.receive({ tenant, account: this.#account, channel: "webhook", at: Date.now(), events });
    if (received.length !== events.length || received.some(({ duplicate }) => duplicate)) throw new Error("not all are new");
    return received[0]?.conversation as ConversationId;
  }

  async #turn(conversation: ConversationId): Promise<void> {
    const store = this.#store;
    const lease = await store.lease(`turn:${conversation}`);
    const queued = await store.nextEvent(conversation);
    if (!lease || !queued) throw new Error("the lane has nothing");
    const at = Date.now();
    const call = { id: newId("model-call", at), provider: "demo", model: "demo", purpose: "answer", startedAt: at } as const;
    const begun = await store.beginTurn(lease, { event: queued, agent: "main" as AgentId, route: 0, call, at });
    if (!begun.ok) throw new Error(begun.fault.message);
    await store.past(queued, this.#history);
    const text = "It is mild and windy on the coast; a light coat is enough, and an umbrella does no harm.";
    const finished = await store.finishTurn(lease, {
      turn: begun.value.turn,
      event: queued,
      state: "done",
      message: newId("message", at),
      parts: [textPart(text, "markdown")],
      deliveries: [{ content: { text, visible: text }, onUnknown: "hold" }],
      controlVersion: queued.conversation.controlVersion,
      calls: [{ ...call, endedAt: Date.now(), usage: { input: 120, cachedInput: 0, output: 30, reported: true } }],
      at: Date.now(),
    });
    if (!finished.ok) throw new Error(finished.fault.message);
    await store.release(lease);
  }

  async #send(conversation: ConversationId): Promise<void> {
    const store = this.#store;
    const lease = await store.lease(`send:${conversation}`);
    if (!lease) throw new Error("the lane is taken");
    if (!(await store.nextDelivery(conversation))) throw new Error("nothing to send");
    const attempt = await store.beginAttempt(lease, conversation, Date.now());
    if (attempt.kind !== "begun") throw new Error(attempt.kind);
    const outcome = { kind: "sent", receipt: attempt.delivery.id.slice(3, 15) } as const;
    const written = await store.endAttempt(lease, attempt.delivery, { outcome, at: Date.now() });
    if (!written.ok) throw new Error(written.fault.message);
    await store.release(lease);
  }
}
