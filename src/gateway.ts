import type { Accounts, ActiveAccount } from "./accounts.ts";
import type { Configuration } from "./core/configuration.ts";
import { cutOff } from "./core/cut-off.ts";
import type { Engine, EngineDoor, Lane, LaneOwner, Lease, Worked } from "./core/engine.ts";
import { FaultError, fail } from "./core/errors.ts";
import type { PlatformEvent } from "./core/event.ts";
import type { Gateway } from "./core/gateway.ts";
import type { ConversationId, TenantId } from "./core/ids.ts";
import { type Live, tellLedger } from "./core/live.ts";
import { modelsNamed } from "./core/outage.ts";
import type { QueuedEvent, Store } from "./core/store.ts";
import type { CountTokens } from "./core/tokens.ts";
import { receive } from "./inbox/receive.ts";
import { receiveWebhook } from "./inbox/webhook.ts";
import { enqueueMessage } from "./outbox/enqueue.ts";
import { createOutbox } from "./outbox/outbox.ts";
import { createChooser } from "./router/choose.ts";
import { endCommand } from "./router/command.ts";
import { createGuard } from "./router/guard.ts";
import { type RouteDoor, type Routed, routeNext } from "./router/next.ts";
import { type RefuseDoor, refuseEvent } from "./router/refuse.ts";
import { createAfterwards } from "./turn/afterwards.ts";
import { type BreakersDoor, createBreakers } from "./turn/breakers.ts";
import { type CallsDoor, createCalls } from "./turn/calls.ts";
import { createEstimates } from "./turn/estimates.ts";
import { runningTurns } from "./turn/running.ts";
import { createSeats, seatsOf } from "./turn/seats.ts";
import { type TakeDoor, takeTurn } from "./turn/take.ts";

type Shared = Pick<BreakersDoor, "keys" | "others"> & Pick<CallsDoor, "spent">;
type Taken = "clock" | "random" | "provider" | "prices" | "capabilities" | "tools" | "fetchPage" | "searchKnowledge" | "plan";
export interface GatewayParts extends Pick<TakeDoor, Taken>, Pick<TakeDoor["attachments"], "download" | "files">, Shared {
  readonly tokenizer: () => Promise<CountTokens>;
  readonly tenant: TenantId;
  readonly store: Store;
  readonly engine: Engine;
  readonly live: Live;
  readonly accounts: Accounts;
  readonly configuration: () => Configuration;
  /** Somebody may have changed settings or pauses. */
  readonly changed: () => void;
}

/** The whole path: receive → route → turn → deliver. What is due stands in the store; the engine hands out lanes. */
export function createGateway(parts: GatewayParts): Gateway {
  const { tenant, store, engine, live, clock, accounts, configuration, random } = parts;
  const [limits, budgets] = [() => configuration().limits, () => configuration().budgets];
  const guard = createGuard({ ...parts, limits });
  const breakers = createBreakers({ ...parts, turned: (model) => live.publish(tenant, { type: "model", model }) });
  const most = (provider: string) => configuration().providers.get(provider)?.maxConcurrentRequests;
  const seats = createSeats({ limit: (provider) => seatsOf(most(provider), parts.others?.count()), call: engine.call });
  const tell = tellLedger(live);
  const running = runningTurns(live, tenant, clock);
  const calls = createCalls({ ...parts, ...{ breakers, seats, budgets }, tell });
  const outbox = createOutbox({
    ...{ store, clock, random, limits, tell, account: accounts.usable, report: accounts.report, failing: accounts.failing },
    ...{ look: engine.look, wake: (account, id) => engine.wake(`send:${id}`, { tenant, account }, Number.POSITIVE_INFINITY) },
  });
  const afterwards = createAfterwards();
  let draining = false;
  function receiveInto({ account: { id: account }, channel }: ActiveAccount, events: readonly PlatformEvent[], cursor?: string) {
    return receive({ store, clock, live, wake: engine.wake }, { tenant, account, channel: channel.kind }, events, cursor);
  }

  async function turnOf(lease: Lease, active: ActiveAccount, queued: QueuedEvent, routed: Routed, stop: AbortSignal) {
    const { channel, account, onUnknown, configuration } = active;
    const cut = cutOff(stop, { clock, ms: routed.agent.limits.turnMs });
    running.add(queued.conversation.id, cut, routed.cutShort);
    try {
      const on = { queued, channel, account, onUnknown, streaming: configuration.streaming };
      return await takeTurn(takeDoor, lease, on, routed, { cut, stop });
    } finally {
      cut.end();
      running.remove(queued.conversation.id);
    }
  }

  async function work(lane: Lane, { account }: LaneOwner, stop: AbortSignal): Promise<Worked> {
    const lease = await store.lease(lane);
    const [kind, id] = lane.split(":") as [string, ConversationId];
    try {
      if (!lease) return {};
      if (kind === "send") return await outbox.deliver(lease, account, id, stop);
      const next = await routeNext(routeDoor, lease, id, stop);
      return typeof next === "object" ? { waitsFor: next } : { againInMs: next };
    } finally {
      if (lease) await store.release(lease);
      seats.over(lane);
    }
  }

  const due: EngineDoor["due"] = (kind, limit, after) =>
    store.due(kind, clock.now(), limit, after, kind === "send" ? outbox.shut() : undefined);
  const takeDoor: TakeDoor = {
    ...parts,
    ...{ watch: running.watch, controlled: running.controlled, limits, tell, breakers, seats, budgets, calls },
    ...{ estimates: createEstimates(parts.tokenizer), later: afterwards.add, waiting: () => engine.load().waiting },
    ...{ draft: outbox.draft, touch: outbox.touch },
    attachments: { files: parts.files, clock, random, download: parts.download, maxBytes: () => limits().fileBytes },
    refuse: (lease, queued, reason, say) => refuseEvent(refuseDoor, lease, queued, reason, accounts.active(queued.account), say),
    answered(queued, { message: id, parts: answer, at, deliveries }) {
      const { account, conversation } = queued;
      guard.answered(queued, at);
      engine.wake(`send:${conversation.id}`, { tenant, account }, deliveries.length);
      live.publish(tenant, { type: "message", conversation: conversation.id, message: { id, direction: "out", parts: answer, at } });
    },
  };
  const refuseDoor: RefuseDoor = { ...takeDoor, store, guard, live };
  const routeDoor: RouteDoor<ActiveAccount> = {
    ...{ store, clock, configuration, guard, refuse: takeDoor.refuse, place: accounts.active, turn: turnOf },
    choose: createChooser({ ...parts, calls, tell }),
    command: (lease, active, queued, asked) => endCommand({ ...takeDoor, live }, lease, queued, asked, active),
  };

  return {
    quiet: (conversation) => running.quiet(conversation, outbox.settled(conversation)),
    ...{ accounts, calls, touch: outbox.touch, load: () => ({ ...engine.load(), held: outbox.size() }) },
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
      accounts.hooked(to.value.account.id, answer.ok ? undefined : answer.fault);
      return answer;
    },
    send: (message) => enqueueMessage({ store, clock, tell, plan: parts.plan, wake: engine.wake, account: accounts.active }, message),
    wake() {
      engine.look();
      running.look((id) => store.records.conversation(tenant, id));
      parts.changed();
    },
    models: () => breakers.health([...modelsNamed(configuration()).keys()]),
    findings: () => [...configuration().findings, ...accounts.findings(), ...breakers.findings()],
    get draining() {
      return draining;
    },
    start: () => engine.start({ work, due }),
    async drain(graceMs) {
      draining = true;
      await accounts.stop();
      await engine.stop(graceMs);
      await afterwards.stop();
    },
  };
}
