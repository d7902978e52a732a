import type { Conversation } from "../../src/core/conversation.ts";
import type { Lane, Lease } from "../../src/core/engine.ts";
import { ok } from "../../src/core/errors.ts";
import type { ConversationId } from "../../src/core/ids.ts";
import type { PastCache } from "../../src/core/past.ts";
import type { Store, TurnFinish } from "../../src/core/store.ts";
import type { Owner, Scheduler } from "./scheduler.ts";

/** Gateways that are wrong on purpose, each in one way: the judge must see it. */
export const broken = [
  ...["ack-before-commit", "no-dedupe", "no-fsync", "no-lease", "no-fence", "no-control", "receipt-before-send"],
  ...["past-before-commit", "past-without-version", "control-kept"],
] as const satisfies readonly string[];
export type Broken = (typeof broken)[number];

/** What goes wrong inside the store, where its door shows nothing of it. */
export const brokenSchema: { readonly [kind in Broken]?: string } = {
  "no-control": `
    CREATE TRIGGER control_forgotten AFTER INSERT ON deliveries WHEN NEW.control_version IS NOT NULL
    BEGIN UPDATE deliveries SET control_version = NULL WHERE seq = NEW.seq; END`,
  "no-dedupe": `
    CREATE TRIGGER keys_forgotten AFTER INSERT ON dedupe
    BEGIN DELETE FROM dedupe WHERE tenant = NEW.tenant AND account = NEW.account AND key = NEW.key; END`,
};

/** `no-fsync` is the disk's (disk.ts), `no-control` and `no-dedupe` are the schema's; the others stand between the gateway and its store. */
export function breakStore(
  store: Store,
  how: Broken | undefined,
  { scheduler, life, pasts }: { readonly scheduler: Scheduler; readonly life: Owner; readonly pasts: PastCache },
): Store {
  switch (how) {
    case "past-before-commit":
      return {
        ...store,
        async finishTurn(lease, finish) {
          await keepUncommitted(pasts, finish);
          return store.finishTurn(lease, finish);
        },
      };
    case "past-without-version":
      return {
        ...store,
        async nextEvent(conversation) {
          const event = await store.nextEvent(conversation);
          return event && { ...event, past: { ...event.past, version: 0 } };
        },
      };
    case "control-kept": {
      const kept = new Map<ConversationId, Conversation>();
      return {
        ...store,
        async nextEvent(id) {
          const event = await store.nextEvent(id);
          if (!event) return undefined;
          const conversation = kept.get(id) ?? event.conversation;
          kept.set(id, conversation);
          return { ...event, conversation };
        },
      };
    }
    case "ack-before-commit":
      return {
        ...store,
        async receive(batch) {
          scheduler.add(life, "commit what was acknowledged", () => void store.receive(batch).catch(() => {}), 200);
          return [];
        },
      };
    case "no-lease": {
      const last = new Map<Lane, Lease>();
      return {
        ...store,
        async lease(lane) {
          const lease = (await store.lease(lane)) ?? last.get(lane);
          if (lease) last.set(lane, lease);
          return lease;
        },
      };
    }
    case "no-fence":
      return withoutFence(store);
    case "receipt-before-send":
      return {
        ...store,
        async beginAttempt(lease, conversation, at) {
          const attempt = await store.beginAttempt(lease, conversation, at);
          if (attempt.kind !== "begun") return attempt;
          await store.endAttempt(lease, attempt.delivery, { outcome: { kind: "sent", receipt: "early" }, at });
          return attempt;
        },
        endAttempt: async () => ok({ entries: [], more: true }),
      };
    default:
      return store;
  }
}

/** The answer is past before anybody knows whether the store takes it. */
async function keepUncommitted(pasts: PastCache, { event, message: id, parts, at }: TurnFinish): Promise<void> {
  const { tenant, conversation, past } = event;
  const known = await pasts.get(tenant, conversation.id);
  if (known?.upTo !== past.behind || event.event.kind !== "message" || event.message === undefined) return;
  // Right but for the moment: attachments are others by now.
  if (event.event.parts.some((part) => "source" in part)) return;
  const { sender, parts: asked } = event.event;
  const question = {
    id: event.message,
    conversation: conversation.id,
    direction: "in",
    sender,
    parts: asked,
    at: event.receivedAt,
  } as const;
  const answer = { id, conversation: conversation.id, direction: "out", author: "agent", parts, at } as const;
  const messages = [...known.messages, question, answer].slice(-known.limit);
  await pasts.put(tenant, conversation.id, { ...known, upTo: past.story, messages, whole: false });
}

/** Whatever lease comes: the one that holds now is put in its place. */
function withoutFence(store: Store): Store {
  const holding = new Map<Lane, Lease>();
  const now = async (lease: Lease): Promise<Lease> => holding.get(lease.lane) ?? (await store.lease(lease.lane)) ?? lease;
  return {
    ...store,
    async lease(lane) {
      const lease = await store.lease(lane);
      if (lease) holding.set(lane, lease);
      return lease;
    },
    async release(lease) {
      if (holding.get(lease.lane)?.fence === lease.fence) holding.delete(lease.lane);
      await store.release(lease);
    },
    ignoreEvent: async (lease, ...rest) => store.ignoreEvent(await now(lease), ...rest),
    beginTurn: async (lease, ...rest) => store.beginTurn(await now(lease), ...rest),
    stepTurn: async (lease, ...rest) => store.stepTurn(await now(lease), ...rest),
    finishTurn: async (lease, ...rest) => store.finishTurn(await now(lease), ...rest),
    retryTurn: async (lease, ...rest) => store.retryTurn(await now(lease), ...rest),
    cancelTurn: async (lease, ...rest) => store.cancelTurn(await now(lease), ...rest),
    endAttempt: async (lease, ...rest) => store.endAttempt(await now(lease), ...rest),
  };
}
