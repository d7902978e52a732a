import { useSyncExternalStore } from "react";

/** What an operator writes in a conversation: an answer, or a note for the team. */
export type DraftKind = "reply" | "internal";
export type Draft = { readonly [kind in DraftKind]?: string };

type Place = Pick<Storage, "getItem" | "setItem" | "removeItem">;

interface Kept {
  readonly operator: string;
  /** When something of it was last written, in milliseconds since 1970. */
  readonly at: number;
  readonly of: { readonly [conversation: string]: Draft };
}

const keptKey = "polylogue-drafts";
const leftKey = "polylogue-signed-out";
const none: Draft = {};

/**
 * What was typed in conversations and not sent. It stands in the tab's sessionStorage: that outlives a reload, no other window reads it, and
 * it goes with the tab; the gateway never learns of it. Who signs out leaves the time of it in localStorage, and what was written before
 * is void in every tab, also in one that slept through it: the next at this machine may be somebody else.
 */
export class Drafts {
  readonly #tab: () => Place;
  readonly #shared: () => Place;
  readonly #now: () => number;
  readonly #watchers = new Set<() => void>();
  #operator = "";
  #of = new Map<string, Draft>();
  #ids: ReadonlySet<string> = new Set();

  /** A browser that forbids storage throws when it is asked for it. */
  constructor(tab: () => Place, shared: () => Place, now: () => number = Date.now) {
    this.#tab = tab;
    this.#shared = shared;
    this.#now = now;
    const kept = this.#kept();
    if (kept) {
      this.#operator = kept.operator;
      this.#of = new Map(Object.entries(kept.of));
    }
    this.#put(kept?.at);
  }

  /** From now on they are this operator's; those of another are forgotten. */
  claim(operator: string): void {
    if (operator === this.#operator) return;
    this.forget();
    this.#operator = operator;
  }

  of(conversation: string): Draft {
    return this.#of.get(conversation) ?? none;
  }

  /** Conversations that have one: the same set until it changes. */
  ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** An empty text is none. */
  write(conversation: string, kind: DraftKind, text: string): void {
    const { [kind]: _, ...other } = this.of(conversation);
    const draft: Draft = text === "" ? other : { ...other, [kind]: text };
    if (Object.keys(draft).length > 0) this.#of.set(conversation, draft);
    else this.#of.delete(conversation);
    this.#put();
  }

  /** What stands there was sent as it was; words that were typed since then stay. */
  sent(conversation: string, kind: DraftKind, text: string): void {
    if (this.of(conversation)[kind] === text) this.write(conversation, kind, "");
  }

  forget(): void {
    this.#of.clear();
    this.#put();
  }

  /** In this tab and, by their storage event or when they wake, in all others. */
  signOut(): void {
    this.forget();
    attempt(() => this.#shared().setItem(leftKey, String(this.#now())));
  }

  watch(see: () => void): () => void {
    this.#watchers.add(see);
    return () => this.#watchers.delete(see);
  }

  #kept(): Kept | undefined {
    const kept = attempt(() => JSON.parse(this.#tab().getItem(keptKey) ?? "null") as Kept | null);
    const left = attempt(() => Number(this.#shared().getItem(leftKey) ?? 0)) ?? 0;
    return kept && kept.at > left ? kept : undefined;
  }

  #put(at = this.#now()): void {
    const kept: Kept = { operator: this.#operator, at, of: Object.fromEntries(this.#of) };
    // Where storage is forbidden or full they last as long as the page.
    attempt(() => (this.#of.size > 0 ? this.#tab().setItem(keptKey, JSON.stringify(kept)) : this.#tab().removeItem(keptKey)));
    if (this.#ids.size !== this.#of.size || [...this.#of.keys()].some((id) => !this.#ids.has(id))) this.#ids = new Set(this.#of.keys());
    for (const see of [...this.#watchers]) see();
  }
}

function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

let own: Drafts | undefined;

/** This tab's. */
export function drafts(): Drafts {
  if (own) return own;
  const made = new Drafts(
    () => sessionStorage,
    () => localStorage,
  );
  addEventListener("storage", ({ key }) => key === leftKey && made.forget());
  own = made;
  return made;
}

const watchDrafts = (see: () => void) => drafts().watch(see);

export function useDraft(conversation: string): Draft {
  return useSyncExternalStore(watchDrafts, () => drafts().of(conversation));
}

export function useDraftIds(): ReadonlySet<string> {
  return useSyncExternalStore(watchDrafts, () => drafts().ids());
}
