import type { Json } from "./world.ts";

/** What goes wrong with a call. */
export type What =
  /** A refusal by the Bot API itself, before it does anything. */
  | { readonly kind: "error"; readonly status: number; readonly description: string; readonly parameters?: Json }
  /** An answer from something in between, which isn't the Bot API's; with `after` the call took effect all the same. */
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  /** The connection is cut before anything is done. */
  | { readonly kind: "cut" }
  /** The call takes effect, and the connection is cut before the answer. */
  | { readonly kind: "drop" }
  /** The answer (and the effect with it) comes late. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The same, until something has happened. */
  | { readonly kind: "held"; readonly until: Promise<unknown> };

export interface Trouble {
  /** The method it happens to; any method that isn't getUpdates if absent. */
  readonly method?: string;
  readonly chat?: number;
  /** Only calls whose text has this in it. */
  readonly text?: string;
  /** How many calls it happens to; 1 if absent. */
  readonly times?: number;
  readonly what: What;
}

/** 429 as Telegram says it. https://core.telegram.org/bots/api#responseparameters */
export function tooMany(seconds: number): What {
  return { kind: "error", status: 429, description: `Too Many Requests: retry after ${seconds}`, parameters: { retry_after: seconds } };
}

/** The troubles to come, each used up by the calls it fits, in the order in which they were arranged. */
export class Troubles {
  #waiting: { trouble: Trouble; left: number }[] = [];

  arrange(trouble: Trouble): void {
    this.#waiting.push({ trouble, left: trouble.times ?? 1 });
  }

  take(method: string, chat: number, text = ""): What | undefined {
    const next = this.#waiting.find(({ trouble }) => {
      return (
        (trouble.method ? trouble.method === method : method !== "getUpdates") &&
        (trouble.chat === undefined || trouble.chat === chat) &&
        (trouble.text === undefined || text.includes(trouble.text))
      );
    });
    if (!next) return undefined;
    if (--next.left === 0) this.#waiting = this.#waiting.filter((one) => one !== next);
    return next.trouble.what;
  }

  clear(): void {
    this.#waiting = [];
  }
}
