import { hashKey, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { type LiveEvent, onLive } from "./live.ts";

/** Milliseconds between two rounds of asking again for what changed. */
const roundMs = 400;
/** At least so many of them between two answers of what takes the gateway longer. */
const slowMs: { readonly [key: string]: number } = { analytics: 2_000, "alert-preview": 2_000 };

/**
 * Lets live events renew what is on the screen: each names the keys whose data it outdates, and once a round those that
 * somebody looks at are asked again; one that is still being asked waits for the next round. Returns how to stop.
 */
export function feedCache(cache: QueryClient): () => void {
  const outdated = new Map<string, QueryKey>();
  let round: ReturnType<typeof setTimeout> | undefined;

  const renew = () => {
    round = undefined;
    for (const [hash, queryKey] of outdated) {
      if (cache.isFetching({ queryKey }) > 0 || isYoung(cache, queryKey)) continue;
      outdated.delete(hash);
      void cache.invalidateQueries({ queryKey });
    }
    if (outdated.size > 0) round = setTimeout(renew, roundMs);
  };

  const stop = onLive((events) => {
    for (const event of events) for (const key of keysOf(event)) outdated.set(hashKey(key), key);
    if (outdated.size > 0) round ??= setTimeout(renew, roundMs);
  });
  return () => {
    stop();
    clearTimeout(round);
  };
}

function isYoung(cache: QueryClient, queryKey: QueryKey): boolean {
  const ms = slowMs[String(queryKey[0])];
  const since = Date.now() - (ms ?? 0);
  return (
    ms !== undefined &&
    cache
      .getQueryCache()
      .findAll({ queryKey, type: "active" })
      .some(({ state }) => state.dataUpdatedAt > since)
  );
}

/** Stages after which more is spent, or less is held for it. */
const spends: ReadonlySet<string> = new Set(["turn-done", "turn-fail", "turn-cancel", "turn-retry"]);

/** The keys whose data `event` outdates. The message flow looks after itself (rooms/flow/stories.ts). */
function keysOf(event: LiveEvent): readonly QueryKey[] {
  switch (event.type) {
    case "ledger": {
      const keys: QueryKey[] = [["trace", event.entry.trace], ["counts"], ["home"]];
      if (event.entry.stage.startsWith("delivery-")) {
        keys.push(["deliveries"], ["dead"], ["findings"]);
        if (event.conversation) keys.push(["messages", event.conversation]);
      }
      if (spends.has(event.entry.stage)) keys.push(["cost"], ["budgets"]);
      if (event.entry.reason === "poison") keys.push(["dead"]);
      if (event.entry.reason === "sender-unpaired") keys.push(["pairings"]);
      return keys;
    }
    case "message":
      return [["messages", event.conversation], ["counts"], ["conversation-counts"]];
    case "control":
      return [["conversation", event.conversation], ["conversation-counts"], ["findings"], ["handovers"], ["team"], ["home"]];
    case "note":
      return [["notes", event.conversation]];
    case "read":
      return [["conversation-counts"]];
    case "presence":
      return [["presence"]];
    case "replies":
      return [["replies"]];
    case "account":
      return [["accounts"], ["findings"], ["home"]];
    case "config":
      return [
        ["accounts"],
        ["agents"],
        ["routes"],
        ["providers"],
        ["findings"],
        ["notices"],
        ["config"],
        ["secrets"],
        ["budgets"],
        ["alerts"],
      ];
    case "finding":
      return [["findings"], ["tools"], ["pairings"], ["budgets"], ["alerts"]];
    case "model":
      return [["models"]];
    case "figures":
      return [["analytics"], ["alert-preview"]];
    case "reset":
      return [
        ["trace"],
        ["counts"],
        ["home"],
        ["cost"],
        ["budgets"],
        ["pairings"],
        ["deliveries"],
        ["dead"],
        ["findings"],
        ["messages"],
        ["conversation-counts"],
        ["presence"],
        ["replies"],
        ["conversation"],
        ["notes"],
        ["team"],
        ["handovers"],
        ["accounts"],
        ["models"],
        ["config"],
        ["secrets"],
        ["analytics"],
        ["alerts"],
      ];
    default:
      return [];
  }
}
