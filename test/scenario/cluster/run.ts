import { setTimeout as wait } from "node:timers/promises";
import { freePorts } from "../../servers/ports.ts";
import type { PostgresServer } from "../../servers/postgres.ts";
import type { RedisServer } from "../../servers/redis.ts";
import { type SetClock, startSetClock } from "../../servers/set-clock.ts";
import { seeded } from "../crash/plan.ts";
import type { Stand } from "../mixed/stand.ts";
import { stands } from "../mixed/stands.ts";
import { startBalancer } from "./balancer.ts";
import { type SupervisedReplica, superviseReplica } from "./replica.ts";

/** What happens to the replicas, the servers, and the network between them. */
export type Trouble =
  | "kill"
  | "restart"
  | "freeze"
  | "engine-restart"
  | "engine-flush"
  | "engine-cut"
  | "store-cut"
  | "store-hang-up"
  | "clock"
  | "store-clock";

export interface ClusterScript {
  readonly database: PostgresServer;
  /** Of the database. */
  readonly clock: SetClock;
  readonly engine: RedisServer;
  readonly replicas: number;
  /** Which of the platforms' stand-ins, with how many conversations each, and how many words each of these says. */
  readonly crowd: Readonly<Record<string, { readonly chats: number; readonly words: number }>>;
  /** One after the other, with 2 to 5 seconds between. Goes round until everybody has spoken. */
  readonly troubles: readonly Trouble[];
  readonly seed: number;
  readonly tell?: (line: string) => void;
}

export interface ClusterOutcome {
  readonly messages: number;
  readonly seconds: number;
  readonly troubles: Readonly<Partial<Record<Trouble, number>>>;
  readonly lost: readonly string[];
  readonly inversions: readonly string[];
  /** Twice where a platform never shows anything twice, or more often than there were troubles. */
  readonly unexplained: readonly string[];
  readonly doubles: number;
  /** Ends of gateways by themselves. */
  readonly falls: readonly string[];
  /** What our calls broke of the platforms' rules. */
  readonly violations: readonly string[];
  /** Milliseconds that drained gateways took to end. */
  readonly drains: readonly number[];
}

interface Speaker extends Stand {
  readonly kind: string;
  readonly words: number;
}

/** Words that a conversation has said and not yet seen answered, at most. */
const ahead = 5;
/** Longer than the others take to declare one dead. */
const longMs = 7_000;
const shortMs = 2_500;
/** Seconds by which a clock is wrong from then on. Platforms that sign the time take no gateway that is five minutes off. */
const wrong = [200, -200, 90, -90, 3, -3, 0];

export async function runCluster(script: ClusterScript): Promise<ClusterOutcome> {
  const { database, engine, seed, tell = () => {} } = script;
  const random = seeded(seed);
  const pick = <One>(some: readonly One[]): One => some[Math.floor(random() * some.length)] as One;
  const store = await database.database();
  const ports = await freePorts(script.replicas);
  await using balancer = await startBalancer(ports);
  const crowd: readonly Speaker[] = await Promise.all(
    stands.flatMap(({ kind, open }) => {
      const { chats, words } = script.crowd[kind] ?? { chats: 0, words: 0 };
      return chats === 0 ? [] : [open(chats, `${balancer.url}/hooks`).then((stand) => ({ kind, words, ...stand }))];
    }),
  );
  const configuration = {
    http: { publicUrl: balancer.url },
    accounts: Object.fromEntries(crowd.map(({ kind, account }) => [kind, { channel: kind, ...account }])),
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"], limits: { history: 0 } } },
    routes: [{ agent: "main" }],
    limits: { loopTurns: 0 },
  };
  const clocks = await Promise.all(ports.map(startSetClock));
  const replicas = await Promise.all(
    ports.map((port, index) =>
      superviseReplica({ name: `r${index}`, port, store, engine: engine.url, configuration, env: clocks[index]?.env ?? {} }),
    ),
  );
  try {
    const began = performance.now();
    let speaking = true;
    const happened = new Map<Trouble, number>();
    const drains: number[] = [];
    const trouble = makeTrouble();
    await Promise.all(crowd.flatMap((stand) => stand.chats.map((chat) => speak(stand, chat))));
    speaking = false;
    tell(`everybody has spoken after ${Math.round((performance.now() - began) / 1000)} s`);
    await trouble;
    await settle(crowd);
    const seconds = (performance.now() - began) / 1000;
    // What would come twice has its chance to come.
    await wait(2_000);
    const count = [...happened.values()].reduce((sum, one) => sum + one, 0);
    return {
      messages: crowd.reduce((sum, { chats, words }) => sum + chats.length * words, 0),
      ...{ seconds, drains, troubles: Object.fromEntries(happened) },
      ...judge(crowd, count),
      falls: replicas.flatMap(({ name, falls }) => falls.map((fall) => `${name}: ${fall}`)),
      violations: crowd.flatMap(({ kind, violations }) => violations.map((violation) => `${kind}: ${violation}`)),
    };

    async function speak(stand: Speaker, chat: string): Promise<void> {
      for (let word = 0; word < stand.words; word++) {
        while (answered(stand, chat) < word - ahead + 1) await wait(100);
        await stand.say(chat, `say word-${word}`);
        // A platform that posts without waiting may post a chat's next before it: that order is nobody's fault.
        await stand.taken?.();
        await wait(random() * 200);
      }
    }

    async function makeTrouble(): Promise<void> {
      for (let index = 0; speaking || index < script.troubles.length; index++) {
        await wait(2_000 + random() * 3_000);
        const what = script.troubles[index % script.troubles.length];
        const whom = pick(replicas);
        if (!what) return;
        happened.set(what, (happened.get(what) ?? 0) + 1);
        tell(`${what} ${whom.name}, ${answers(crowd)} answers`);
        const took = await cause(what, whom);
        if (took !== undefined) drains.push(took);
      }
      for (const replica of replicas) await replica.ready();
    }

    async function cause(what: Trouble, whom: SupervisedReplica): Promise<number | undefined> {
      const { toEngine, toStore } = whom;
      switch (what) {
        case "kill":
          await whom.kill();
          return undefined;
        case "restart":
          return whom.restart();
        case "freeze":
          await whom.freeze(longMs);
          return undefined;
        case "engine-restart":
          await engine.stop();
          await wait(shortMs);
          await engine.start();
          return undefined;
        case "engine-flush":
          engine.ask("FLUSHALL");
          return undefined;
        case "engine-cut":
          toEngine.cut();
          await wait(longMs);
          toEngine.mend();
          return undefined;
        case "store-cut":
          toStore.cut();
          await wait(longMs);
          toStore.mend();
          return undefined;
        case "store-hang-up":
          toStore.hangUp();
          return undefined;
        case "clock":
          await clocks[replicas.indexOf(whom)]?.set(pick(wrong));
          return undefined;
        case "store-clock":
          await script.clock.set(pick(wrong));
          return undefined;
      }
    }
  } finally {
    await Promise.all([...replicas, ...clocks].map((part) => part[Symbol.asyncDispose]()));
    await Promise.all(crowd.map((stand) => stand.close()));
  }
}

/** Words of each chat that were answered, and how many texts that was known from: whole pasts read again and again would take the machine. */
const counted = new WeakMap<Stand, Map<string, { readonly words: Set<number>; texts: number }>>();

function answered(stand: Stand, chat: string): number {
  const chats = counted.get(stand) ?? new Map();
  counted.set(stand, chats);
  const count = chats.get(chat) ?? { words: new Set<number>(), texts: 0 };
  chats.set(chat, count);
  const texts = stand.seen(chat);
  for (; count.texts < texts.length; count.texts++) count.words.add(numberIn(texts[count.texts] ?? ""));
  return count.words.size;
}

function numberIn(text: string): number {
  return Number(/word-(\d+)/.exec(text)?.[1] ?? Number.NaN);
}

/** The numbers of the words that readers of a chat saw, in order. */
function heard(stand: Stand, chat: string): readonly number[] {
  return stand.seen(chat).map(numberIn);
}

function answers(crowd: readonly Stand[]): number {
  return crowd.reduce((sum, stand) => sum + stand.chats.reduce((of, chat) => of + stand.seen(chat).length, 0), 0);
}

async function settle(crowd: readonly Speaker[]): Promise<void> {
  const left = () => crowd.some((stand) => stand.chats.some((chat) => answered(stand, chat) < stand.words));
  for (const until = performance.now() + 120_000; left() && performance.now() < until; ) await wait(200);
}

function judge(crowd: readonly Speaker[], troubles: number) {
  const [lost, inversions, unexplained]: [string[], string[], string[]] = [[], [], []];
  let doubles = 0;
  for (const stand of crowd) {
    for (const chat of stand.chats) {
      const numbers = heard(stand, chat);
      const where = `${stand.kind} ${chat}: ${numbers}`;
      const first = [...new Set(numbers)];
      const double = numbers.length - first.length;
      doubles += double;
      if (first.length < stand.words) lost.push(where);
      if (!stand.reorders && first.some((number, index) => index > 0 && number < (first[index - 1] ?? 0))) inversions.push(where);
      if (double > (stand.exact ? 0 : troubles)) unexplained.push(where);
    }
  }
  return { lost, inversions, unexplained, doubles };
}
