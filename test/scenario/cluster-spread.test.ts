import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { setupToken } from "../gateway-process.ts";
import { freePorts } from "../servers/ports.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { type RedisServer, redisMissing, startRedis } from "../servers/redis.ts";
import { startTelegramSimulator, type TelegramSimulator } from "../simulators/telegram.ts";
import { type SupervisedReplica, superviseReplica } from "./cluster/replica.ts";
import { common, type Stand } from "./mixed/stand.ts";
import { stands } from "./mixed/stands.ts";

/** Channels whose accounts poll or hold a socket: one gateway at a time may. */
const kinds = ["discord", "email", "irc", "matrix", "mattermost", "rocketchat", "signal", "slack", "xmpp"];
const each = 10;

interface Listener extends Pick<Stand, "account" | "chats" | "say" | "seen" | "close" | "violations"> {
  readonly id: string;
  readonly kind: string;
}

describe("a hundred accounts on ten channels", { skip: postgresMissing() || redisMissing(), timeout: 300_000 }, () => {
  let database: PostgresServer;
  let engine: RedisServer;
  const bots: TelegramSimulator[] = [];
  let listeners: readonly Listener[] = [];
  let replicas: readonly SupervisedReplica[] = [];

  before(async () => {
    [database, engine] = await Promise.all([startPostgres(), startRedis()]);
    const opened = stands
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap(({ kind, open }) =>
        Array.from({ length: each }, async (_, n): Promise<Listener> => ({ ...(await open(1, "")), id: `${kind}-${n}`, kind })),
      );
    listeners = await Promise.all([...opened, ...Array.from({ length: each }, (_, n) => openBot(n))]);
    const configuration = {
      accounts: Object.fromEntries(listeners.map(({ id, kind, account }) => [id, { channel: kind, ...account }])),
      providers: { demo: { kind: "demo", delayMs: 0 } },
      agents: { main: { instructions: "", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    };
    const store = await database.database();
    const ports = await freePorts(3);
    replicas = await Promise.all(
      ports.map((port, n) => superviseReplica({ name: `r${n}`, port, store, engine: engine.url, configuration })),
    );
  });
  after(async () => {
    await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
    await Promise.all(listeners.map((listener) => listener.close()));
    await Promise.all([database[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]);
  });

  /** A bot of its own simulator, which tells when two gateways ask for its updates at once. */
  async function openBot(n: number): Promise<Listener> {
    const simulator = await startTelegramSimulator({});
    const chat = 1_000 + n;
    simulator.world.chat(chat);
    bots.push(simulator);
    return {
      ...{ id: `telegram-${n}`, kind: "telegram", chats: [`${chat}`], violations: simulator.violations },
      account: { ...common, token: simulator.token, apiRoot: simulator.url },
      say: (_, text) => void simulator.say(chat, chat, text),
      seen: () => simulator.seen(chat).map(({ text }) => text),
      close: () => simulator.close(),
    };
  }

  /** Everybody says it at once; the milliseconds until each is answered, fewest first. */
  async function everybodySays(word: string): Promise<readonly number[]> {
    const began = performance.now();
    const took = listeners.map(async ({ id, chats: [chat = ""], say, seen }) => {
      await say(chat, `say ${word}`);
      while (!seen(chat).some((text) => text.includes(word))) {
        assert.ok(performance.now() - began < 60_000, `${id} isn't answered`);
        await wait(20);
      }
      return performance.now() - began;
    });
    return (await Promise.all(took)).sort((a, b) => a - b);
  }

  const figures = (took: readonly number[]) =>
    JSON.stringify({ p50: Math.round(took[took.length >> 1] ?? 0), p99: Math.round(took[Math.floor(took.length * 0.99) - 1] ?? 0) });

  test("are spread evenly, taken over from one that dies or leaves, and never two gateways' at once", async (t) => {
    t.diagnostic(`at first: ${figures(await everybodySays("word-0"))} ms`);
    const first = `http://127.0.0.1:${replicas[0]?.port}`;
    const owner = { token: setupToken, name: "Ada", password: "a-long-enough-password-1" };
    const made = await fetch(`${first}/api/setup`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(owner) },
    });
    const cookie = String(made.headers.get("set-cookie")).split(";")[0] as string;
    const owned = () =>
      Promise.all(
        replicas.map(async ({ port }) => {
          const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { cookie } })).text();
          return Number(/^polylogue_accounts_owned (\d+)$/m.exec(text)?.[1]);
        }),
      );
    const evenly = async () => {
      for (const late = performance.now() + 30_000; ; await wait(200)) {
        const counts = await owned();
        if (Math.max(...counts) - Math.min(...counts) <= 1) return counts;
        assert.ok(performance.now() < late, `not evenly: ${counts}`);
      }
    };
    // The web chat is an account, too.
    assert.equal(
      (await evenly()).reduce((sum, one) => sum + one, 0),
      listeners.length + 1,
    );

    await replicas[0]?.kill();
    t.diagnostic(`after a kill -9: ${figures(await everybodySays("word-1"))} ms`);
    await replicas[0]?.ready();
    t.diagnostic(`evenly again: ${await evenly()}`);
    const drained = replicas[1]?.restart();
    t.diagnostic(`while one is drained: ${figures(await everybodySays("word-2"))} ms; it took ${Math.round((await drained) ?? 0)} ms`);

    for (const {
      id,
      chats: [chat = ""],
      seen,
      violations,
    } of listeners) {
      const words = seen(chat).flatMap((text) => /word-\d/.exec(text)?.[0] ?? []);
      assert.deepEqual(words, ["word-0", "word-1", "word-2"], id);
      assert.deepEqual(violations, [], id);
    }
    assert.deepEqual(
      bots.map(({ updates }) => updates.conflicts),
      bots.map(() => 0),
      "two gateways asked for a bot's updates at once",
    );
  });
});
