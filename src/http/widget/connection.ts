import type { ChatEvent, History, Visit } from "./wire.ts";

/** A refusal of the gateway: its sentence, and whether the same can succeed later. */
export class Refusal extends Error {
  readonly status: number;
  readonly waitMs: number;

  constructor(status: number, message: string, waitMs: number) {
    super(message);
    this.status = status;
    this.waitMs = waitMs;
  }

  get retryable(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

export interface Follower {
  hear(event: ChatEvent): void;
  /** After each connecting: what was missed is in the history. */
  fresh(): Promise<void>;
  lost(error: unknown): void;
}

/** The visitor's line to the gateway: a token kept in this browser, requests, and the live stream with its reconnecting. */
export class Connection {
  /** Names that the gateway gave. */
  about: Omit<Visit, "token"> | undefined;
  readonly #root: string;
  readonly #slot: string;
  #token: string | undefined;
  #visiting: Promise<void> | undefined;

  constructor(origin: string, account: string) {
    this.#root = `${origin}/chat/${encodeURIComponent(account)}`;
    this.#slot = `polylogue ${origin} ${account}`;
    this.#token = recall(this.#slot);
  }

  /** Gets a token, or a fresh one for the same visitor. */
  visit(): Promise<void> {
    this.#visiting ??= this.#visit().finally(() => {
      this.#visiting = undefined;
    });
    return this.#visiting;
  }

  async history(before?: number): Promise<History> {
    const answer = await this.#asVisitor(`/messages?limit=50${before === undefined ? "" : `&before=${before}`}`, {});
    return answer.json() as Promise<History>;
  }

  /** Posts; resolves with the message's id, if it became one, when it is on the gateway's disk. */
  async post(path: "/messages" | "/press", body: object): Promise<string | undefined> {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const { message } = (await (await this.#asVisitor(path, init)).json()) as { message?: string };
    return message;
  }

  /** Reads live events until the signal aborts, connecting again whenever it must. */
  async follow(follower: Follower, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      let waitMs = 0;
      try {
        const answer = await this.#asVisitor("/events", { signal, headers: { accept: "text/event-stream" } });
        await follower.fresh();
        failures = 0;
        if (answer.body) await readEvents(answer.body, (event) => follower.hear(event));
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        if (error instanceof Refusal) {
          if (!error.retryable) {
            follower.lost(error);
            return;
          }
          waitMs = error.waitMs;
        }
        // The first cut is mostly a pause of the network or of the page, over before anybody sees it.
        if (failures > 1) follower.lost(error);
      }
      await pause(Math.max(waitMs, Math.min(30_000, 250 * 2 ** failures) * (0.5 + Math.random() / 2)), signal);
    }
  }

  async #visit(): Promise<void> {
    const { token, ...about } = (await (await this.#fetch("/visit", { method: "POST" })).json()) as Visit;
    this.#token = token;
    this.about = about;
    keep(this.#slot, token);
  }

  async #asVisitor(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    if (this.#token === undefined) await this.visit();
    try {
      return await this.#fetch(path, init);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
      await this.visit();
      return this.#fetch(path, init);
    }
  }

  async #fetch(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const headers = { ...init.headers, ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }) };
    const how: RequestInit = { ...init, headers, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
    const answer = await fetch(this.#root + path, how);
    if (answer.ok) return answer;
    const { error } = (await answer.json().catch(() => ({}))) as { error?: { message?: string } };
    throw new Refusal(answer.status, error?.message ?? `status ${answer.status}`, Number(answer.headers.get("retry-after") ?? 0) * 1000);
  }
}

/** Server-sent events as the gateway writes them: https://html.spec.whatwg.org/multipage/server-sent-events.html */
async function readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>, hear: (event: ChatEvent) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const type = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (type !== undefined && data !== undefined) hear({ ...JSON.parse(data), type } as ChatEvent);
    }
  }
}

/** Resolves after `ms`, on abort, or as soon as the browser is online again. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

/** Storage may be switched off: then the chat lasts as long as the page. */
function recall(slot: string): string | undefined {
  try {
    return localStorage.getItem(slot) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(slot: string, token: string): void {
  try {
    localStorage.setItem(slot, token);
  } catch {
    // As said above.
  }
}
