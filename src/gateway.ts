import type { Accounts, ActiveAccount } from "./accounts.ts";
import type { Configuration } from "./core/configuration.ts";
import { cutOff } from "./core/cut-off.ts";
import type { Engine, Lane, Lease } from "./core/engine.ts";
import { FaultError, fail } from "./core/errors.ts";
import type { PlatformEvent } from "./core/event.ts";
import type { GatewayDoor } from "./core/gateway.ts";
import type { ConversationId, TenantId } from "./core/ids.ts";
import type { LedgerEntry } from "./core/ledger.ts";
import type { Live } from "./core/live.ts";
import type { FileStore, QueuedEvent, Store } from "./core/store.ts";
import { receive } from "./inbox/receive.ts";
import { receiveWebhook } from "./inbox/webhook.ts";
import { enqueueMessage } from "./outbox/enqueue.ts";
import { createOutbox } from "./outbox/outbox.ts";
import { planDeliveries } from "./outbox/render.ts";
import { type RouteDoor, type Routed, routeNext } from "./router/next.ts";
import { runningTurns } from "./turn/running.ts";
import { type TakeDoor, takeTurn } from "./turn/take.ts";

export interface GatewayParts extends Pick<TakeDoor, "clock" | "random" | "provider" | "tools"> {
  readonly tenant: TenantId;
  readonly store: Store;
  readonly files: FileStore;
  readonly engine: Engine;
  readonly live: Live;
  readonly accounts: Accounts;
  readonly configuration: () => Configuration;
  readonly download: TakeDoor["attachments"]["download"];
  /** Somebody may have changed settings or pauses. */
  readonly changed: () => void;
}

export interface Gateway extends GatewayDoor {
  start(): Promise<void>;
  /** Takes nothing new, lets what runs end within the grace, and leaves the rest to the next start. */
  drain(graceMs: number): Promise<void>;
}

/** The whole path: receive → route → turn → deliver. What is due stands in the store; the engine hands out lanes. */
export function createGateway(parts: GatewayParts): Gateway {
  const { tenant, store, engine, live, clock, accounts, configuration, random } = parts;
  const limits = () => configuration().limits;
  const tell = (entries: readonly LedgerEntry[], conversation: ConversationId) => {
    for (const entry of entries) live.publish(entry.tenant, { type: "ledger", entry, conversation });
  };
  const running = runningTurns(live, tenant);
  const outbox = createOutbox({
    ...{ store, clock, random, limits, tell, account: accounts.usable, report: accounts.report, failing: accounts.failing },
    ...{ look: engine.look, wake: (conversation) => engine.wake(`send:${conversation}`, Number.POSITIVE_INFINITY) },
  });
  let draining = false;

  async function receiveInto({ account, channel }: ActiveAccount, events: readonly PlatformEvent[], cursor?: string) {
    const received = await receive({ store, clock, live }, { tenant, account: account.id, channel: channel.kind }, events, cursor);
    for (const { conversation, duplicate } of received) if (!duplicate) engine.wake(`turn:${conversation}`);
    return received;
  }

  async function turnOf(lease: Lease, active: ActiveAccount, queued: QueuedEvent, routed: Routed, stop: AbortSignal) {
    const { channel, account, onUnknown, configuration } = active;
    const cut = cutOff(stop, { clock, ms: routed.agent.limits.turnMs });
    running.add(queued.conversation.id, cut, routed.interrupted);
    try {
      const on = { queued, channel, account, onUnknown, streaming: configuration.streaming };
      return await takeTurn(takeDoor, lease, on, routed, { cut, stop });
    } finally {
      cut.end();
      running.remove(queued.conversation.id);
    }
  }

  async function work(lane: Lane, stop: AbortSignal): Promise<{ againInMs?: number | undefined }> {
    const lease = await store.lease(lane);
    if (!lease) return {};
    const [kind, id] = lane.split(":") as [string, ConversationId];
    try {
      return { againInMs: await (kind === "turn" ? routeNext(routeDoor, lease, id, stop) : outbox.deliver(lease, id, stop)) };
    } finally {
      await store.release(lease);
    }
  }

  const routeDoor: RouteDoor<ActiveAccount> = { store, clock, configuration, tell, place: accounts.active, turn: turnOf };
  const takeDoor: TakeDoor = {
    ...{ store, clock, random, limits, tell, provider: parts.provider, tools: parts.tools, plan: planDeliveries },
    attachments: { files: parts.files, clock, random, download: parts.download, maxBytes: () => limits().fileBytes },
    draft: outbox.draft,
    watch: (event, { conversation, channel }) => live.publish(tenant, { type: "turn", event, conversation: conversation.id, channel }),
    answered({ conversation: { id: conversation } }, { message: id, parts: answer, at, deliveries }) {
      engine.wake(`send:${conversation}`, deliveries.length);
      live.publish(tenant, { type: "message", conversation, message: { id, direction: "out", parts: answer, at } });
    },
  };

  return {
    ...{ accounts, load: () => ({ ...engine.load(), held: outbox.size() }) },
    async receive(id, events, cursor) {
      const to = accounts.reachable(id);
      if (!to.ok) throw new FaultError(to.fault);
      return receiveInto(to.value, events, cursor);
    },
    async webhook(id, request) {
      if (draining) return fail("draining", "the gateway is stopping");
      const to = accounts.reachable(id);
      if (!to.ok) return to;
      const answer = await receiveWebhook((events) => receiveInto(to.value, events), to.value.channel, to.value.account, request);
      if (answer.ok) accounts.alive(to.value.account.id);
      return answer;
    },
    async send(message) {
      const queued = await enqueueMessage({ store, clock, account: accounts.active }, message);
      if (queued.ok) tell(queued.value.entries, queued.value.conversation);
      if (queued.ok) engine.wake(`send:${queued.value.conversation}`, queued.value.deliveries.length);
      return queued;
    },
    wake() {
      engine.look();
      parts.changed();
    },
    findings: () => [...configuration().findings, ...accounts.findings()],
    get draining() {
      return draining;
    },
    start: () => engine.start({ work, due: (limit) => store.due(clock.now(), limit, outbox.shut()) }),
    async drain(graceMs) {
      draining = true;
      await accounts.stop();
      await engine.stop(graceMs);
    },
  };
}
