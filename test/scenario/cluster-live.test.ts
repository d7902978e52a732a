import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { setupToken } from "../gateway-process.ts";
import { freePorts } from "../servers/ports.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { type RedisServer, redisMissing, startRedis } from "../servers/redis.ts";
import { startTelegramSimulator, type TelegramSimulator } from "../simulators/telegram.ts";
import { type SupervisedReplica, superviseReplica } from "./cluster/replica.ts";

const chat = 4711;

/** Two gateways; a bot is one's, and operators sit at the other, or at both. */
describe("what happens at one gateway is seen and ruled from another", {
  skip: postgresMissing() || redisMissing(),
  timeout: 120_000,
}, () => {
  let database: PostgresServer;
  let engine: RedisServer;
  let telegram: TelegramSimulator;
  let replicas: readonly SupervisedReplica[] = [];
  let cookie = "";

  before(async () => {
    [database, engine, telegram] = await Promise.all([startPostgres(), startRedis(), startTelegramSimulator({})]);
    telegram.world.chat(chat);
    const configuration = {
      accounts: { bot: { channel: "telegram", token: telegram.token, apiRoot: telegram.url, access: { direct: "open" } } },
      providers: { demo: { kind: "demo", delayMs: 100 } },
      agents: { main: { instructions: "", models: ["demo/demo"] } },
      routes: [{ agent: "main" }],
    };
    const store = await database.database();
    const ports = await freePorts(2);
    replicas = await Promise.all(
      ports.map((port, n) => superviseReplica({ name: `r${n}`, port, store, engine: engine.url, configuration })),
    );
    const owner = { token: setupToken, name: "Ada", password: "a-long-enough-password-1" };
    const made = await ask(0, "/api/setup", owner);
    cookie = String(made.headers.get("set-cookie")).split(";")[0] as string;
  });
  after(async () => {
    await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
    await Promise.all([telegram.close(), database[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]);
  });

  const urlOf = (n: number) => `http://127.0.0.1:${replicas[n]?.port}`;

  function ask(n: number, path: string, body?: object, method = "POST", as = cookie): Promise<Response> {
    const headers = { cookie: as, "content-type": "application/json", origin: urlOf(n) };
    return fetch(urlOf(n) + path, body ? { method, headers, body: JSON.stringify(body) } : { headers });
  }

  async function until<Value>(what: string, look: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
    for (const late = performance.now() + 20_000; ; await wait(50)) {
      const found = await look();
      if (found) return found;
      assert.ok(performance.now() < late, what);
    }
  }

  /** The live events of a gateway, as a window hears them: the last of each type. */
  async function listen(n: number): Promise<{ readonly heard: ReadonlyMap<string, string>; stop(): void }> {
    const aborter = new AbortController();
    const answer = await fetch(`${urlOf(n)}/api/events`, { headers: { cookie }, signal: aborter.signal });
    assert.equal(answer.status, 200);
    const heard = new Map<string, string>();
    void (async () => {
      let text = "";
      for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
        const events = (text + Buffer.from(chunk).toString()).split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) heard.set(/^event: (\S+)$/m.exec(event)?.[1] ?? "", event);
      }
    })().catch(() => {});
    return { heard, stop: () => aborter.abort() };
  }

  /** Another operator's cookie. */
  async function invite(name: string): Promise<string> {
    const { secret } = (await (await ask(0, "/api/invitations", { label: name, role: "operator" })).json()) as { secret: string };
    const joined = await ask(0, "/api/join", { token: secret, name, password: "a-long-enough-password-2" });
    return String(joined.headers.get("set-cookie")).split(";")[0] as string;
  }

  test("every window hears what every gateway does, models' words among it; the account stands the same everywhere", async () => {
    const windows = await Promise.all([listen(0), listen(1)]);
    // Who reads along is known to the others within two seconds.
    await wait(2_500);
    telegram.say(chat, chat, "hello");
    await until("it is answered", () => telegram.seen(chat).length > 0);
    for (const { heard } of windows) {
      for (const type of ["ledger", "message", "turn"]) await until(`${type} is heard`, () => heard.has(type));
    }
    const states = await until("both know its state", async () => {
      const lists = await Promise.all(
        [0, 1].map(async (n) => (await (await ask(n, "/api/accounts")).json()) as { id: string; status?: { state: string } }[]),
      );
      const bots = lists.map((list) => JSON.stringify(list.find(({ id }) => id === "bot")));
      return bots.every((bot) => /"state":"ready"/.test(bot)) ? bots : undefined;
    });
    assert.equal(states.length, 2);
    for (const window of windows) window.stop();
  });

  test("who views or writes in a conversation is known at every gateway within a second, and so is that he is gone", async () => {
    const bea = await invite("Bea");
    const window = await listen(1);
    const [conversation] = (await (await ask(0, "/api/conversations")).json()) as { id: string }[];
    const path = `/api/conversations/${conversation?.id}/presence`;
    const there = async (n: number) => {
      const places = (await (await ask(n, "/api/presence")).json()) as {
        conversation: string;
        present: { name: string; doing: string }[];
      }[];
      return places.flatMap(({ present }) => present.map(({ name, doing }) => `${name} ${doing}`)).sort();
    };
    async function soon(expected: readonly string[]): Promise<void> {
      for (const late = performance.now() + 1_000; ; await wait(20)) {
        const seen = await Promise.all([0, 1].map(there));
        if (seen.every((names) => names.join() === expected.join())) return;
        assert.ok(performance.now() < late, `${JSON.stringify(seen)} isn't ${expected}`);
      }
    }
    // Both at once: neither gateway's word may hide the other's.
    const noted = await Promise.all([ask(0, path, { doing: "viewing" }), ask(1, path, { doing: "typing" }, "POST", bea)]);
    assert.deepEqual(
      noted.map(({ status }) => status),
      [200, 200],
    );
    await soon(["Ada viewing", "Bea typing"]);
    await until("the window hears of both", () => /Ada.*Bea|Bea.*Ada/.test(window.heard.get("presence") ?? ""));
    await ask(0, path, { doing: "gone" });
    await soon(["Bea typing"]);
    await until("the window hears that one is gone", () => !window.heard.get("presence")?.includes("Ada"));
    await ask(1, path, { doing: "gone" }, "POST", bea);
    await soon([]);
    window.stop();
  });

  test("a visitor of the web chat is known at either gateway, also when the first two come at once", async () => {
    const visit = (n: number) => fetch(`${urlOf(n)}/chat/web/visit`, { method: "POST" });
    const visits = await Promise.all([visit(0), visit(1)]);
    for (const [n, answer] of visits.entries()) {
      const { token } = (await answer.json()) as { token: string };
      const elsewhere = await fetch(`${urlOf(1 - n)}/chat/web/messages`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(elsewhere.status, 200, await elsewhere.text());
    }
  });

  test("wrong passwords count wherever they are tried; a right one takes nothing", async () => {
    const login = (n: number, password: string) => ask(n, "/api/login", { name: "Ada", password });
    for (let n = 0; n < 8; n++) assert.equal((await login(n % 2, "a-long-enough-password-1")).status, 200);
    const tries = [];
    for (let n = 0; n < 5; n++) {
      tries.push((await login(n % 2, `wrong-password-${n}`)).status);
      // As long as word takes to the other.
      await wait(200);
    }
    assert.deepEqual(tries, [401, 401, 401, 401, 401]);
    for (const n of [0, 1]) {
      const refused = await login(n, "a-long-enough-password-1");
      assert.equal(refused.status, 429, `gateway ${n}`);
      assert.ok(Number(refused.headers.get("retry-after")) > 60);
    }
  });

  test("taken over at either gateway in the middle of an answer: nothing of the agent comes after it was said to be so", async () => {
    for (const n of [0, 1]) {
      const before = telegram.seen(chat).length;
      telegram.say(chat, chat, "long");
      await until("the answer grows", () => telegram.seen(chat).length > before);
      const [conversation] = (await (await ask(n, "/api/conversations")).json()) as { id: string; controlVersion: number }[];
      const taken = await ask(
        n,
        `/api/conversations/${conversation?.id}/control`,
        { control: "human", version: conversation?.controlVersion },
        "PUT",
      );
      assert.equal(taken.status, 200, await taken.text());
      const seen = JSON.stringify(telegram.seen(chat));
      await wait(3_000);
      assert.equal(JSON.stringify(telegram.seen(chat)), seen, `gateway ${n}: words came after the takeover`);
      const sent = await ask(n, `/api/conversations/${conversation?.id}/messages`, { text: `I am here, at ${n}` });
      assert.ok(sent.ok, await sent.text());
      await until("the operator is heard", () => telegram.seen(chat).some(({ text }) => text?.includes(`I am here, at ${n}`)));
      const [now] = (await (await ask(n, "/api/conversations")).json()) as { id: string; controlVersion: number }[];
      const back = await ask(n, `/api/conversations/${now?.id}/control`, { control: "agent", version: now?.controlVersion }, "PUT");
      assert.equal(back.status, 200, await back.text());
    }
  });
});
