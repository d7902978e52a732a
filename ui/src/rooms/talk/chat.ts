import { faultOf } from "../../api/fault.ts";
import { type ChatEvent, type Visit, WebchatClient } from "../../api/webchat.ts";
import { words } from "../../words/words.ts";
import { ChatMemory } from "./chat-memory.ts";
import { type ChatState, confirmSent, emptyChat, hearEvent, takeHistory, type Unsent } from "./chat-state.ts";

export type ChatConnection = "connecting" | "open" | "broken";

export interface ChatView {
  readonly chat: ChatState;
  readonly connection: ChatConnection;
  /** What keeps the chat from opening; it is tried again all the same. */
  readonly fault?: unknown;
  readonly visit?: Visit;
  /** The history is here. */
  readonly loaded: boolean;
}

/** Milliseconds between two draws of an answer that streams in. */
const drawMs = 50;
const slowestRetryMs = 10_000;

/**
 * One visitor's conversation: history, live stream and own messages. What was written is kept until the gateway has it,
 * also over a reload; it goes out in order, and by itself once the gateway is back.
 */
export class Chat {
  readonly #memory: ChatMemory;
  #client: WebchatClient;
  #view: ChatView;
  #watchers = new Set<() => void>();
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #stop = new AbortController();
  #sending = false;

  constructor(account: string, operator: string) {
    this.#memory = new ChatMemory(account, operator);
    this.#client = new WebchatClient(account, this.#memory.token());
    this.#view = { chat: { ...emptyChat, unsent: this.#memory.unsent() }, connection: "connecting", loaded: false };
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly view = (): ChatView => this.#view;

  /** Opens the chat and keeps it open until `close`. */
  start(): void {
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
  }

  send(text: string): void {
    const unsent: Unsent = { id: newId(), text, at: Date.now(), state: "waiting" };
    this.#setUnsent([...this.#view.chat.unsent, unsent]);
    void this.#sendWaiting();
  }

  sendAgain(id: string): void {
    this.#setUnsent(this.#view.chat.unsent.map((each) => (each.id === id ? { ...each, state: "waiting" } : each)));
    void this.#sendWaiting();
  }

  discard(id: string): void {
    this.#setUnsent(this.#view.chat.unsent.filter((each) => each.id !== id));
  }

  /** Throws its ApiFault. */
  async press(token: string): Promise<void> {
    await this.#client.press(newId(), token);
    this.#changeChat((chat) => ({ ...chat, pressed: [...chat.pressed, token] }));
  }

  /** Leaves the conversation and begins another as a new visitor. */
  restart(): void {
    this.close();
    this.#memory.forget();
    this.#client = new WebchatClient(this.#memory.account, undefined);
    this.#view = { chat: emptyChat, connection: "connecting", loaded: false };
    this.#draw();
    this.start();
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const visit = await this.#client.visit();
        this.#memory.keepToken(visit.token);
        const opened = () => {
          failures = 0;
          // After the stream has begun, so that nothing falls between the two.
          void this.#catchUp(visit, signal);
        };
        await this.#client.listen(signal, opened, (event) => this.#hear(event));
        if (!signal.aborted) this.#change((view) => ({ ...view, connection: "broken" }));
      } catch (fault) {
        if (signal.aborted) return;
        this.#change((view) => ({ ...view, connection: "broken", fault }));
      }
      failures += 1;
      await pause(Math.min(slowestRetryMs, 250 * 2 ** failures), signal);
    }
  }

  async #catchUp(visit: Visit, signal: AbortSignal): Promise<void> {
    try {
      const history = await this.#client.history();
      if (signal.aborted) return;
      this.#change(({ fault: _, ...view }) => ({
        ...view,
        chat: takeHistory(view.chat, history),
        connection: "open",
        visit,
        loaded: true,
      }));
      void this.#sendWaiting();
    } catch (fault) {
      if (!signal.aborted) this.#change((view) => ({ ...view, fault }));
    }
  }

  #hear(event: ChatEvent): void {
    this.#view = { ...this.#view, chat: hearEvent(this.#view.chat, event) };
    // Text comes in many small pieces: they are drawn together.
    if (event.type === "turn-text") this.#drawing ??= setTimeout(() => this.#draw(), drawMs);
    else this.#draw();
    if (event.type === "turn-end") setTimeout(() => void this.#refresh(), 1500);
  }

  /** For the case that the answer was told while nobody listened. */
  async #refresh(): Promise<void> {
    if (!this.#view.chat.draft?.ended || this.#stop.signal.aborted) return;
    const history = await this.#client.history().catch(() => undefined);
    if (history) this.#changeChat((chat) => takeHistory(chat, history));
  }

  /** One after the other, so that they arrive in the order in which they were written. */
  async #sendWaiting(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let next = this.#nextWaiting(); next; next = this.#nextWaiting()) if (!(await this.#sendOne(next))) return;
    } finally {
      this.#sending = false;
    }
  }

  #nextWaiting(): Unsent | undefined {
    const first = this.#view.chat.unsent.find(({ state }) => state !== "refused");
    return first && this.#view.connection === "open" ? first : undefined;
  }

  async #sendOne({ id, text }: Unsent): Promise<boolean> {
    this.#mark(id, { state: "sending" });
    try {
      const message = await this.#client.post(id, text);
      this.#changeChat((chat) => confirmSent(chat, id, message, Date.now()));
      this.#memory.keepUnsent(this.#view.chat.unsent);
      return true;
    } catch (thrown) {
      const fault = faultOf(thrown);
      const passes = fault.status === 0 || fault.status === 429 || fault.status >= 500;
      this.#mark(id, passes ? { state: "waiting", why: fault.message } : { state: "refused", why: fault.message });
      if (passes) setTimeout(() => void this.#sendWaiting(), 3000);
      return !passes;
    }
  }

  #mark(id: string, how: Pick<Unsent, "state" | "why">): void {
    this.#setUnsent(this.#view.chat.unsent.map(({ why: _, ...each }) => (each.id === id ? { ...each, ...how } : each)));
  }

  #setUnsent(unsent: readonly Unsent[]): void {
    this.#memory.keepUnsent(unsent);
    this.#changeChat((chat) => ({ ...chat, unsent }));
  }

  #change(how: (view: ChatView) => ChatView): void {
    this.#view = how(this.#view);
    this.#draw();
  }

  #changeChat(how: (chat: ChatState) => ChatState): void {
    this.#change((view) => ({ ...view, chat: how(view.chat) }));
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    for (const watcher of this.#watchers) watcher();
  }
}

export const unsentWords = (unsent: Unsent): string => unsent.why ?? words.talk.waiting;

/** Not `randomUUID`: browsers have that one on https and localhost only. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const now = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", now, { once: true });
    addEventListener("online", now, { once: true, signal });
  });
}
