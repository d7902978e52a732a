import type { KnownPast, PastCache, PastReads, PlaceInPast } from "../core/past.ts";
import type { QueuedEvent, Store } from "../core/store.ts";

export interface CachedPast {
  readonly store: Store;
  reads(): PastReads;
}

/**
 * The store with a cache in front of what turns read most: the conversation's past. Nothing is ever invalidated. Each event
 * comes from the store with its place in the past (`PlaceInPast`), read in the same statement, and what is kept is used
 * only if it fits that place; so it makes no difference who wrote since, in which process, and whether a commit failed. The
 * rest of a conversation (control, model, summary) comes with the event anyway.
 */
export function cachePast(store: Store, cache: PastCache): CachedPast {
  const reads = { kept: 0, newer: 0, whole: 0 };

  async function keptFor({ tenant, conversation, past }: QueuedEvent): Promise<KnownPast | undefined> {
    const known = await cache.get(tenant, conversation.id).catch(() => undefined);
    return known && fits(known, past) ? known : undefined;
  }

  function keep({ tenant, conversation }: QueuedEvent, known: KnownPast): void {
    void cache.put(tenant, conversation.id, known).catch(() => {});
  }

  return {
    reads: () => ({ ...reads }),
    store: {
      ...store,

      async past(event, limit, after) {
        if (limit <= 0 || after !== undefined) return store.past(event, limit, after);
        const known = await keptFor(event);
        if (known && reaches(known, limit)) {
          const newer = known.upTo === event.past.behind ? [] : await store.past(event, limit, known.upTo);
          reads[known.upTo === event.past.behind ? "kept" : "newer"] += 1;
          const now = extended({ ...known, limit }, event.past.behind, newer);
          if (known.upTo !== now.upTo || known.limit < limit) keep(event, now);
          return now.messages;
        }
        const messages = await store.past(event, limit);
        reads.whole += 1;
        const { behind: upTo, from, version } = event.past;
        keep(event, { upTo, from, version, messages, limit, whole: messages.length < limit });
        return messages;
      },

      async finishTurn(lease, finish) {
        const finished = await store.finishTurn(lease, finish);
        const said = finished.ok ? finished.value.said : undefined;
        if (!said) return finished;
        const { event } = finish;
        const known = await keptFor(event);
        // Without what came before, it would be a past with a gap.
        if (known && known.upTo === event.past.behind) keep(event, extended(known, event.past.story, said));
        return finished;
      },
    },
  };
}

function fits(known: KnownPast, { behind, from, version }: PlaceInPast): boolean {
  return known.from === from && known.version === version && known.upTo <= behind;
}

function reaches({ messages, whole }: KnownPast, limit: number): boolean {
  return whole || messages.length >= limit;
}

function extended(known: KnownPast, upTo: number, newer: KnownPast["messages"]): KnownPast {
  const all = newer.length === 0 ? known.messages : known.messages.concat(newer);
  const { limit } = known;
  // As many newer ones as were asked for: there may be others before them that nobody read.
  const whole = known.whole && all.length <= limit && newer.length < limit;
  return { ...known, upTo, messages: all.length > limit ? all.slice(-limit) : all, whole };
}
