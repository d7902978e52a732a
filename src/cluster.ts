import type { Accounts } from "./accounts.ts";
import type { Bus, Hearsay } from "./core/bus.ts";
import type { Engine } from "./core/engine.ts";
import { type Fault, fail } from "./core/errors.ts";
import type { Chat } from "./core/event.ts";
import type { SaidFinding } from "./core/finding.ts";
import type { Gateway } from "./core/gateway.ts";
import type { AccountId, ConversationId, MessageId } from "./core/ids.ts";
import type { Records } from "./core/records.ts";
import type { TouchRequest } from "./core/touch.ts";
import type { EnginePlace } from "./engine-place.ts";
import { createSharedEngine, type SharedEngine } from "./engines/redis.ts";
import { openRedisBus } from "./engines/redis-bus.ts";
import { createSharedLive, type SharedLive } from "./engines/redis-live.ts";
import { createMembership, type LivingMembership, type MembershipOptions, replicaFindings } from "./membership.ts";
import type { Others } from "./turn/breakers.ts";

/** What makes one gateway of several that share a store and a Redis. */
export interface Cluster {
  readonly bus: Bus;
  readonly live: SharedLive;
  readonly membership: LivingMembership;
  readonly others: Others;
  /** What all are told of that subject. */
  hearsay<News>(subject: "attempt" | "breaker" | "presence"): Hearsay<News>;
  readonly elsewhere: Pick<Accounts, "hooked" | "showTyping">;
  /** The gateway, whose waits and touches for others' conversations are asked of their owners. */
  gateway(local: Gateway, records: Pick<Records, "conversation">): Gateway;
  engine(inner: Engine): Engine;
  findings(): readonly SaidFinding[];
  /** The last of it, after everything else has stopped. */
  close(): Promise<void>;
}

/** A little longer than who is asked waits. */
const quietMs = 6_000;
const touchMs = 35_000;

export interface ClusterParts extends Omit<MembershipOptions, "idle" | "hurry"> {
  readonly place: EnginePlace;
  /** The account in which a message was said. */
  readonly accountOf: (message: MessageId) => Promise<AccountId | undefined>;
  /** A webhook that another gateway took. */
  readonly hooked: Accounts["hooked"];
  /** Words of others got lost for a while: look at the store. */
  readonly back: () => void;
}

export async function openCluster(parts: ClusterParts): Promise<Cluster> {
  const { shared, clock, log, tenant, place, back } = parts;
  let live: SharedLive | undefined;
  let engine: SharedEngine | undefined;
  const bus = await openRedisBus({
    ...{ url: place.url, self: shared.self, cluster: shared.cluster, clock, log },
    back() {
      live?.gap();
      back();
    },
  });
  live = createSharedLive({ bus, clock, tenant });
  const membership = createMembership({
    ...parts,
    idle: (account) => engine?.idle(account) ?? Promise.resolve(),
    hurry: () => bus.tell("others", "beat", {}),
  });
  bus.hear("beat", () => membership.beat());
  bus.hear("hooked", (what) => {
    const { account, why } = what as { account: AccountId; why?: Fault };
    if (membership.owns(account)) parts.hooked(account, why);
  });
  function hearsay<News>(subject: string): Hearsay<News> {
    return {
      tell: (news) => bus.tell("others", subject, news),
      hear: (heard) => bus.hear(subject, (what) => heard(what as News)),
    };
  }
  /** Who else has that account. */
  const other = (account: AccountId | undefined) => {
    const owner = account === undefined ? undefined : membership.ownerOf(account);
    return owner === shared.self ? undefined : owner;
  };
  return {
    ...{ bus, live, membership },
    others: { count: membership.count, ...hearsay("breaker") },
    hearsay,
    elsewhere: {
      hooked(account, why) {
        const to = other(account);
        const { cause: _, ...told } = why ?? {};
        if (to !== undefined) bus.tell(to, "hooked", why ? { account, why: told } : { account });
      },
      showTyping(account, chat) {
        const to = other(account);
        if (to !== undefined) bus.tell(to, "typing", { account, chat });
      },
    },
    gateway(local, records) {
      const { accounts } = local;
      bus.hear("typing", (what) => {
        const { account, chat } = what as { account: AccountId; chat: Chat };
        if (membership.owns(account)) accounts.showTyping(account, chat);
      });
      bus.answer("quiet", (what) => local.quiet(what as ConversationId));
      bus.answer("touch", (what) => local.touch(what as TouchRequest));
      return Object.assign(Object.create(local) as Gateway, {
        async quiet(conversation: ConversationId) {
          const to = other((await records.conversation(tenant, conversation))?.account);
          return to === undefined ? local.quiet(conversation) : (await bus.ask(to, "quiet", conversation, quietMs)) === true;
        },
        async touch(request: TouchRequest) {
          const to = other(await parts.accountOf(request.message));
          if (to === undefined) return local.touch(request);
          const answer = (await bus.ask(to, "touch", request, touchMs)) as Awaited<ReturnType<Gateway["touch"]>> | undefined;
          return answer ?? fail("channel-unreachable", "the gateway that has the account didn't answer");
        },
      });
    },
    engine(inner) {
      engine = createSharedEngine(inner, membership, bus);
      return engine;
    },
    findings: () => replicaFindings(bus.cutSince === undefined ? undefined : clock.elapsed() - bus.cutSince),
    async close() {
      live?.stop();
      await bus.close();
    },
  };
}
