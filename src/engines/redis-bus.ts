import { randomUUID } from "node:crypto";
import { createClient } from "@redis/client";
import type { Bus } from "../core/bus.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { ReplicaId } from "../core/replica.ts";

export interface RedisBusOptions {
  /** `redis[s]://[[user]:password@]host[:port][/database]`, https://www.iana.org/assignments/uri-schemes/prov/redis. */
  readonly url: string;
  readonly self: ReplicaId;
  /** What keeps gateways of other stores on the same server apart. */
  readonly cluster: string;
  readonly clock: Clock;
  readonly log: Log;
  /** It is there again after a while in which words got lost. */
  readonly back: () => void;
}

type Word =
  | { readonly subject: string; readonly what: unknown }
  | { readonly subject: string; readonly what: unknown; readonly ask: string }
  | { readonly reply: string; readonly what: unknown };

interface Envelope {
  readonly from: ReplicaId;
  readonly words: readonly Word[];
}

const pingMs = 2_000;
/** A server that answers nothing for so long is gone, whatever the network says. */
const silentMs = 5_000;
/** Words under way to the server at most; more are lost, as all may be. */
const mostPending = 10_000;

/**
 * By PUBLISH and SUBSCRIBE (https://redis.io/docs/latest/develop/pubsub/): what is told in one turn of the event loop goes as one message.
 * Nothing is kept in the server, so that it can be emptied or replaced at any moment.
 */
export async function openRedisBus({ url, self, cluster, clock, log, back }: RedisBusOptions): Promise<Bus> {
  const channelOf = (to: ReplicaId | "others") => `polylogue:${cluster}:${to}`;
  const ears = new Map<string, (what: unknown, from: ReplicaId) => void>();
  const answers = new Map<string, (what: unknown) => Promise<unknown>>();
  const asked = new Map<string, (what: unknown) => void>();
  const waiting = new Map<ReplicaId | "others", Word[]>();
  /** How all that we tell begins: the server tells us, too, what we tell the others. */
  const ours = `{"from":${JSON.stringify(self)},`;
  let cutSince: number | undefined = clock.elapsed();
  let wasUp = false;

  const talks = clientOf();
  const listens = clientOf();
  for (const client of [talks, listens]) {
    client.on("error", (cause: unknown) => {
      if (cutSince === undefined || !wasUp) log.warn("engine-cut", { cause });
      cutSince ??= clock.elapsed();
    });
    client.on("ready", () => {
      if (!talks.isReady || !listens.isReady || cutSince === undefined) return;
      cutSince = undefined;
      if (wasUp) {
        log.info("engine-back");
        back();
      }
      wasUp = true;
    });
  }

  function clientOf() {
    return createClient({
      url,
      name: `polylogue-${self}`,
      disableOfflineQueue: true,
      commandsQueueMaxLength: mostPending,
      pingInterval: pingMs,
      socket: { connectTimeout: silentMs, socketTimeout: silentMs, reconnectStrategy: (tries) => Math.min(1_000, 50 * 2 ** tries) },
    });
  }

  function put(to: ReplicaId | "others", word: Word): void {
    const line = waiting.get(to);
    if (line) return void line.push(word);
    if (waiting.size === 0) setImmediate(flush);
    waiting.set(to, [word]);
  }

  function flush(): void {
    const lines = [...waiting];
    waiting.clear();
    if (cutSince !== undefined) return;
    for (const [to, words] of lines) {
      const envelope: Envelope = { from: self, words };
      talks.publish(channelOf(to), JSON.stringify(envelope)).catch(() => {});
    }
  }

  function hear(text: string): void {
    if (text.startsWith(ours)) return;
    const { from, words } = JSON.parse(text) as Envelope;
    for (const word of words) {
      if ("reply" in word) asked.get(word.reply)?.(word.what);
      else if (!("ask" in word)) ears.get(word.subject)?.(word.what, from);
      else {
        const answering = answers.get(word.subject)?.(word.what) ?? Promise.resolve(undefined);
        answering.then(
          (what) => put(from, { reply: word.ask, what }),
          (cause: unknown) => log.warn("engine-answer-fail", { subject: word.subject, cause }),
        );
      }
    }
  }

  const up = Promise.all([talks.connect(), listens.connect().then(() => listens.subscribe([channelOf(self), channelOf("others")], hear))]);
  // A start doesn't wait for a server that is away: everything works without, a second later.
  const refused = new Promise<void>((resolve) => talks.once("error", () => resolve()));
  await Promise.race([up.catch((cause: unknown) => log.warn("engine-cut", { cause })), refused]);

  return {
    tell: (to, subject, what) => put(to, { subject, what }),
    hear: (subject, ear) => void ears.set(subject, ear),
    answer: (subject, answer) => void answers.set(subject, answer),
    ask(to, subject, what, ms) {
      const id = randomUUID();
      return new Promise((resolve) => {
        const end = (answer: unknown) => {
          cancel();
          asked.delete(id);
          resolve(answer);
        };
        const cancel = clock.after(ms, () => end(undefined));
        asked.set(id, end);
        put(to, { subject, what, ask: id });
      });
    },
    get cutSince() {
      return cutSince;
    },
    async close() {
      flush();
      for (const client of [talks, listens]) client.isReady ? await client.close().catch(() => {}) : client.destroy();
    },
  };
}

/** One round trip. Rejects with why there is none. */
export async function pingRedis(url: string): Promise<void> {
  const client = createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: silentMs, reconnectStrategy: false } });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.destroy();
  }
}
