import type { ServerResponse } from "node:http";
import type { Json, World } from "./world.ts";

export interface Update extends Json {
  readonly update_id: number;
}

export interface Webhook {
  readonly url: string;
  readonly secret: string | undefined;
  readonly connections: number;
}

interface Poll {
  readonly response: ServerResponse;
  readonly limit: number;
  readonly timer: NodeJS.Timeout;
}

type Answer = (response: ServerResponse, status: number, body: Json) => void;

/** Not sent unless they are named in allowed_updates. https://core.telegram.org/bots/api#getupdates */
const onlyWhenNamed = new Set(["chat_member", "message_reaction", "message_reaction_count"]);

/** The queue of updates, and the two ways out of it, of which only one is open at a time. */
export class Updates {
  readonly #world: World;
  readonly #answer: Answer;
  readonly #retryMs: number;
  readonly #now: () => number;
  #queue: { readonly update: Update; readonly chat: number }[] = [];
  #nextId: number;
  #allowed: ReadonlySet<string> | undefined;
  #poll: Poll | undefined;
  #webhook: Webhook | undefined;
  #lastError: Json = {};
  readonly #busy = new Set<number>();
  #closed = false;
  /** Requests to the webhook, with the status of the answer (0: none came). */
  readonly posts: { readonly update: number; readonly status: number }[] = [];

  /** How often updates were asked for while another poll was still open: two gateways think that the bot is theirs. */
  conflicts = 0;

  constructor(world: World, answer: Answer, options: { readonly firstId: number; readonly retryMs: number; readonly now: () => number }) {
    this.#world = world;
    this.#answer = answer;
    this.#nextId = options.firstId;
    this.#retryMs = options.retryMs;
    this.#now = options.now;
  }

  get pending(): number {
    return this.#queue.length;
  }

  get webhook(): Webhook | undefined {
    return this.#webhook;
  }

  /** Whether a poll is held open now. */
  get polled(): boolean {
    return this.#poll !== undefined;
  }

  /** Adds an update, unless its kind isn't wanted; then its id stays unused and undefined comes back. */
  push(chat: number, kind: string, content: Json, said: { readonly text?: string; readonly message?: number } = {}): Update | undefined {
    const wanted = this.#allowed ? this.#allowed.has(kind) : !onlyWhenNamed.has(kind);
    if (!wanted) return undefined;
    const update: Update = { update_id: this.#nextId++, [kind]: content };
    this.#world.record({ kind: "said", update: update.update_id, of: kind, chat, ...said });
    this.#queue.push({ update, chat });
    this.#wake();
    return update;
  }

  /** After a week without updates Telegram goes on from a random id. */
  restartIdsFrom(id: number): void {
    this.#nextId = id;
  }

  /**
   * https://core.telegram.org/bots/api#getupdates. As the server does it: an offset forgets everything below it, a
   * negative one counts from the end, one beyond the newest id is ignored; a second poll ends the first with 409.
   */
  get(
    response: ServerResponse,
    parameters: { offset: number; limit: number; timeout: number; allowed: readonly string[] | undefined },
  ): void {
    if (parameters.allowed) this.#allowed = parameters.allowed.length ? new Set(parameters.allowed) : undefined;
    if (this.#webhook) {
      const description = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
      this.#answer(response, 409, { ok: false, error_code: 409, description });
      return;
    }
    if (this.#poll) this.conflicts += 1;
    this.#endPoll("Conflict: terminated by other getUpdates request; make sure that only one bot instance is running");
    let { offset } = parameters;
    if (offset < 0) offset = this.#queue.at(offset)?.update.update_id ?? this.#queue[0]?.update.update_id ?? 0;
    if (offset > 0 && offset <= this.#nextId) this.#confirm((update) => update.update_id < offset);
    const limit = parameters.limit >= 1 && parameters.limit <= 100 ? parameters.limit : 100;
    if (this.#queue.length > 0 || parameters.timeout <= 0) {
      this.#give(response, limit);
      return;
    }
    const timer = setTimeout(() => this.#release(), Math.min(parameters.timeout, 50) * 1000);
    this.#poll = { response, limit, timer };
    response.on("close", () => {
      if (this.#poll?.response !== response) return;
      clearTimeout(timer);
      this.#poll = undefined;
    });
  }

  setWebhook(webhook: Webhook | undefined, allowed: readonly string[] | undefined, drop: boolean): void {
    if (drop) this.#queue = [];
    if (allowed) this.#allowed = allowed.length ? new Set(allowed) : undefined;
    if (webhook) this.#endPoll("Conflict: terminated by setWebhook request");
    this.#webhook = webhook;
    this.#lastError = {};
    this.#wake();
  }

  /** https://core.telegram.org/bots/api#webhookinfo */
  webhookInfo(): Json {
    const { url = "", connections } = this.#webhook ?? {};
    const shown = connections === undefined ? {} : { max_connections: connections };
    return { url, has_custom_certificate: false, pending_update_count: this.#queue.length, ...shown, ...this.#lastError };
  }

  close(): void {
    this.#closed = true;
    if (this.#poll) clearTimeout(this.#poll.timer);
    this.#poll?.response.destroy();
    this.#poll = undefined;
  }

  #confirm(done: (update: Update) => boolean): void {
    for (const { update } of this.#queue)
      if (done(update)) this.#world.record({ kind: "confirmed", update: update.update_id, by: "offset" });
    this.#queue = this.#queue.filter(({ update }) => !done(update));
  }

  #give(response: ServerResponse, limit: number): void {
    this.#answer(response, 200, { ok: true, result: this.#queue.slice(0, limit).map(({ update }) => update) });
  }

  #release(): void {
    const poll = this.#poll;
    this.#poll = undefined;
    if (!poll) return;
    clearTimeout(poll.timer);
    this.#give(poll.response, poll.limit);
  }

  #endPoll(description: string): void {
    const poll = this.#poll;
    this.#poll = undefined;
    if (!poll) return;
    clearTimeout(poll.timer);
    this.#answer(poll.response, 409, { ok: false, error_code: 409, description });
  }

  #wake(): void {
    if (this.#webhook) this.#deliver();
    else this.#release();
  }

  /** Posts the first update of every chat that has none under way: in order within a chat, chats side by side. */
  #deliver(): void {
    if (this.#closed || !this.#webhook) return;
    for (const { update, chat } of this.#queue) {
      if (this.#busy.size >= this.#webhook.connections) return;
      if (this.#busy.has(chat)) continue;
      this.#busy.add(chat);
      void this.#post(this.#webhook, update).then((wait) => {
        if (wait === undefined) {
          this.#busy.delete(chat);
          this.#deliver();
        } else {
          setTimeout(() => {
            this.#busy.delete(chat);
            this.#deliver();
          }, wait).unref();
        }
      });
    }
  }

  /** Milliseconds until the next try, or undefined when it was taken. https://core.telegram.org/bots/api#setwebhook */
  async #post({ url, secret }: Webhook, update: Update): Promise<number | undefined> {
    const headers = { "content-type": "application/json", ...(secret === undefined ? {} : { "x-telegram-bot-api-secret-token": secret }) };
    let status = 0;
    let wait = this.#retryMs;
    let why = "Connection refused";
    try {
      const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(update), redirect: "manual" });
      await answer.arrayBuffer();
      status = answer.status;
      why = `Wrong response from the webhook: ${status} ${answer.statusText}`;
      const seconds = Number(answer.headers.get("retry-after"));
      if (seconds > 0) wait = seconds * 1000;
    } catch {
      // No answer: the same as a bad one.
    }
    this.posts.push({ update: update.update_id, status });
    if (status >= 200 && status <= 299) {
      this.#queue = this.#queue.filter((one) => one.update !== update);
      this.#world.record({ kind: "confirmed", update: update.update_id, by: "webhook" });
      return undefined;
    }
    this.#lastError = { last_error_date: Math.floor(this.#now() / 1000), last_error_message: why };
    return wait;
  }
}
