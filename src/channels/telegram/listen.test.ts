import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { createHandClock } from "../../../test/clock.ts";
import { openAccount, type TestAccount } from "../../../test/contract/account.ts";
import { TestInbox } from "../../../test/contract/channel.ts";
import {
  readSpec,
  startTelegramSimulator,
  type TelegramSimulator,
  type TelegramSimulatorOptions,
  tooMany,
} from "../../../test/simulators/telegram.ts";
import type { Clock } from "../../core/clock.ts";
import type { Fault } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import telegram from "./index.ts";
import type { Settings } from "./settings.ts";

const spec = readSpec();
const person = 4711;
const secret = "s3cret_Of-The_webhook";

async function withSimulator(
  run: (account: TestAccount<Settings>, simulator: TelegramSimulator) => Promise<void>,
  more: { settings?: object; webhookUrl?: string; simulator?: TelegramSimulatorOptions; clock?: Clock } = {},
): Promise<void> {
  const simulator = await startTelegramSimulator({ spec, ...more.simulator });
  const account = openAccount(
    telegram,
    { token: simulator.token, apiRoot: simulator.url, ...more.settings },
    { ...(more.webhookUrl ? { webhookUrl: more.webhookUrl } : {}), ...(more.clock ? { clock: more.clock } : {}) },
  );
  try {
    await run(account, simulator);
    assert.deepEqual(simulator.violations, []);
    assert.ok(!account.lines.join().includes(simulator.token), "the token is in the log");
  } finally {
    await account.close();
    await simulator.close();
  }
}

/** Listens until `wanted` events came. */
async function listenFor(account: TestAccount<Settings>, wanted: number, cursor?: string): Promise<TestInbox> {
  const end = new AbortController();
  const inbox = new TestInbox(end, wanted);
  inbox.cursor = cursor;
  assert.equal(await telegram.listen?.(account, inbox, end.signal), undefined);
  return inbox;
}

const confirmed = (simulator: TelegramSimulator) =>
  simulator.entries.flatMap((entry) => (entry.kind === "confirmed" ? [entry.update] : []));

describe("telegram: long poll", () => {
  test("confirms only what is stored, and goes on behind the stored cursor", () =>
    withSimulator(async (account, simulator) => {
      for (const words of ["one", "two", "three"]) simulator.say(person, person, words);
      const first = await listenFor(account, 3);
      assert.deepEqual(first.texts(), ["one", "two", "three"]);
      assert.deepEqual(confirmed(simulator), [], "confirmed before the next poll");
      simulator.say(person, person, "four");
      const second = await listenFor(account, 1, first.cursor);
      assert.deepEqual(second.texts(), ["four"]);
      assert.deepEqual(confirmed(simulator), [1000, 1001, 1002]);
    }));

  test("more than a hundred come in batches, in order", () =>
    withSimulator(async (account, simulator) => {
      const all = Array.from({ length: 250 }, (_, index) => `message ${index}`);
      for (const words of all) simulator.say(person, person, words);
      assert.deepEqual((await listenFor(account, 250)).texts(), all);
    }));

  test("an idle poll ends at once with its signal", () =>
    withSimulator(async (account, simulator) => {
      const end = new AbortController();
      const listening = telegram.listen?.(account, new TestInbox(end, 1), end.signal);
      while (!simulator.updates.polled) await new Promise((resolve) => setImmediate(resolve));
      end.abort();
      assert.equal(await listening, undefined);
    }));

  test("takes over from a webhook without dropping what waits there", () =>
    withSimulator(async (account, simulator) => {
      simulator.updates.setWebhook({ url: "http://127.0.0.1:9/nowhere", secret: undefined, connections: 1 }, undefined, false);
      simulator.say(person, person, "waiting");
      assert.deepEqual((await listenFor(account, 1)).texts(), ["waiting"]);
      assert.equal(simulator.updates.webhook, undefined);
      assert.equal(simulator.calls.get("deleteWebhook"), 1);
    }));

  test("another poller is named", () =>
    withSimulator(async (account, simulator) => {
      const end = new AbortController();
      const listening = telegram.listen?.(account, new TestInbox(end, 1), end.signal);
      while (!simulator.updates.polled) await new Promise((resolve) => setImmediate(resolve));
      await fetch(`${simulator.url}/bot${simulator.token}/getUpdates`);
      const fault = await listening;
      assert.equal(fault?.code, "channel-retry");
      assert.match(fault?.message ?? "", /another program/);
    }));

  test("a void token ends it for good", () =>
    withSimulator(async (account, simulator) => {
      simulator.revoke();
      const fault = await telegram.listen?.(account, new TestInbox(new AbortController(), 1), new AbortController().signal);
      assert.deepEqual([fault?.code, fault?.message], ["channel-auth", "Telegram refused the token: 401 Unauthorized"]);
    }));

  test("waits as long as a 429 says, then goes on", () =>
    withSimulator(async (account, simulator) => {
      simulator.arrange({ method: "getUpdates", what: tooMany(0.01) });
      simulator.say(person, person, "late");
      assert.deepEqual((await listenFor(account, 1)).texts(), ["late"]);
    }));

  test("a server in trouble is a fault that the core retries", () =>
    withSimulator(async (account, simulator) => {
      for (const what of [{ kind: "proxy", status: 502 }, { kind: "cut" }, { kind: "proxy", status: 200 }] as const) {
        simulator.arrange({ method: "getUpdates", what });
        const fault = await telegram.listen?.(account, new TestInbox(new AbortController(), 1), new AbortController().signal);
        assert.ok(fault && fault.code !== "channel-auth", JSON.stringify(fault));
      }
    }));

  test("kinds that hold nothing for us are consumed", () =>
    withSimulator(async (account, simulator) => {
      simulator.people.sendContent(person, person, { new_chat_title: "x" });
      simulator.say(person, person, "words");
      const inbox = await listenFor(account, 1);
      assert.deepEqual([inbox.texts(), inbox.cursor], [["words"], "1001"]);
    }));

  test("reactions come, because they are asked for by name", () =>
    withSimulator(async (account, simulator) => {
      const message = simulator.say(-1_001_111_111_111, person, "hi");
      await listenFor(account, 1);
      simulator.people.react(-1_001_111_111_111, person, message, ["👍"]);
      const inbox = await listenFor(account, 1, "1000");
      assert.equal(inbox.events[0]?.kind, "reaction");
    }));

  test("update ids may start again lower, after a quiet week", () =>
    withSimulator(async (account, simulator) => {
      simulator.updates.restartIdsFrom(77);
      const end = new AbortController();
      const inbox = new TestInbox(end, 2);
      inbox.cursor = "900000";
      const listening = telegram.listen?.(account, inbox, end.signal);
      simulator.say(person, person, "again");
      while (inbox.events.length === 0 || !simulator.updates.polled) await new Promise((resolve) => setImmediate(resolve));
      simulator.say(person, person, "and again");
      await listening;
      assert.deepEqual([inbox.texts(), inbox.cursor, confirmed(simulator)], [["again", "and again"], "78", [77]]);
    }));
});

/** A gateway's webhook door: verifies and decodes with the channel, stores, and only then answers. */
class Door {
  readonly server: Server;
  readonly events: PlatformEvent[] = [];
  /** How many more posts are answered with 503 before one is taken. */
  refusing = 0;
  #enough: () => void = () => {};

  constructor(account: () => TestAccount<Settings>) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", async () => {
        const headers = request.headers as Record<string, string>;
        const result = await telegram.webhook?.(account(), {
          method: "POST",
          url: request.url ?? "",
          headers,
          body: Buffer.concat(chunks),
        });
        if (!result?.ok || this.refusing-- > 0) return response.writeHead(503).end();
        this.events.push(...result.value.events);
        response.writeHead(result.value.response.status).end();
        return this.#enough();
      });
    });
  }

  async open(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks/test-account`;
  }

  async holds(count: number): Promise<void> {
    while (this.events.length < count) await new Promise<void>((resolve) => (this.#enough = resolve));
  }
}

test("telegram: poll: an odd key or depth in one update holds up none", async () => {
  const said = (id: number, more: string) =>
    `{"update_id":${id},"message":{"message_id":${id},"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5,"is_bot":false,"first_name":"Ann"},"text":"${id}"${more}}}`;
  const deep = `,"odd":${"[".repeat(300)}${"]".repeat(300)}`;
  const updates = `{"ok":true,"result":[${[said(1, ',"__proto__":{"text":"no"}'), said(2, deep), said(3, "")].join(",")}]}`;
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(request.url?.endsWith("/getUpdates") ? updates : '{"ok":true,"result":true}');
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const account = openAccount(telegram, { token: "1:abc", apiRoot });
  const end = new AbortController();
  const inbox = new TestInbox(end, 3);
  assert.equal(await telegram.listen?.(account, inbox, end.signal), undefined);
  assert.deepEqual(inbox.texts(), ["1", "2", "3"]);
  await account.close();
  server.closeAllConnections();
  server.close();
});

describe("telegram: webhook", () => {
  const settings = { mode: "webhook", webhookSecret: secret };

  async function withDoor(
    run: (account: TestAccount<Settings>, simulator: TelegramSimulator, door: Door) => Promise<void>,
    clock?: Clock,
  ): Promise<void> {
    let account: TestAccount<Settings> | undefined;
    const door = new Door(() => account as TestAccount<Settings>);
    const webhookUrl = await door.open();
    try {
      const simulator = { webhookRetryMs: 5, ...(clock ? { now: clock.now } : {}) };
      await withSimulator(
        (opened, one) => {
          account = opened;
          return run(opened, one, door);
        },
        { settings, webhookUrl, simulator, ...(clock ? { clock } : {}) },
      );
    } finally {
      door.server.closeAllConnections();
      door.server.close();
    }
  }

  test("sets the address with its secret; what is refused comes again, in order", () =>
    withDoor(async (account, simulator, door) => {
      for (const words of ["one", "two", "three"]) simulator.say(person, person, words);
      door.refusing = 3;
      const end = new AbortController();
      const inbox = new TestInbox(end, 1);
      const listening = telegram.listen?.(account, inbox, end.signal);
      await door.holds(3);
      assert.deepEqual(
        door.events.map((event) => event.key),
        ["1000", "1001", "1002"],
      );
      assert.equal(simulator.updates.webhook?.secret, secret);
      assert.equal(simulator.updates.posts.filter((post) => post.status === 503).length, 3);
      end.abort();
      assert.equal(await listening, undefined);
    }));

  test("a webhook that takes nothing for minutes is a trouble, until it takes; one refusal is none", () => {
    const clock = createHandClock();
    return withDoor(async (account, simulator, door) => {
      let fault: Fault | undefined;
      const until = async (reached: () => boolean) => {
        while (!reached() && !fault) await new Promise((resolve) => setImmediate(resolve));
        assert.equal(fault, undefined);
      };
      /** Lets time pass with at least one more failure in it, then lets the channel look. */
      const look = async () => {
        const { length } = simulator.updates.posts;
        const looks = simulator.calls.get("getWebhookInfo") ?? 0;
        clock.jump(300_000);
        if (simulator.updates.pending > 0) await until(() => simulator.updates.posts.length > length + 1);
        inbox.wasAlive = false;
        await clock.advance(300_000);
        await until(() => simulator.calls.get("getWebhookInfo") === looks + 1 && inbox.wasAlive);
      };
      const refused = until(() => simulator.updates.posts.length > 0);
      simulator.arrange({ method: "getWebhookInfo", what: { kind: "held", until: refused } });
      door.refusing = Number.POSITIVE_INFINITY;
      simulator.say(person, person, "hello");
      const end = new AbortController();
      const inbox = new TestInbox(end, 1);
      const listening = telegram.listen?.(account, inbox, end.signal).then((why) => (fault = why));
      await until(() => inbox.wasAlive);
      assert.equal(inbox.troubles.size, 0);
      await look();
      assert.deepEqual(
        [...inbox.troubles].map(([part, fault]) => [part, fault.code, fault.message]),
        [
          [
            "webhook",
            "channel-unreachable",
            "Telegram can't deliver 1 updates to the webhook: Wrong response from the webhook: 503 Service Unavailable",
          ],
        ],
      );
      door.refusing = 0;
      await until(() => simulator.updates.pending === 0);
      await look();
      assert.equal(inbox.troubles.size, 0);
      end.abort();
      assert.equal(await listening, undefined);
    }, clock);
  });

  test("an address that another program has changed is named", () =>
    withDoor(async (account, simulator) => {
      const changed = Promise.withResolvers<void>();
      simulator.arrange({ method: "getWebhookInfo", what: { kind: "held", until: changed.promise } });
      const listening = telegram.listen?.(account, new TestInbox(new AbortController(), 1), new AbortController().signal);
      while (!simulator.updates.webhook) await new Promise((resolve) => setImmediate(resolve));
      simulator.updates.setWebhook({ url: "http://127.0.0.1:9/other", secret: undefined, connections: 1 }, undefined, false);
      changed.resolve();
      assert.match((await listening)?.message ?? "", /another program/);
    }));

  test("no public address, or one that Telegram refuses, is named", async () => {
    const signal = AbortSignal.timeout(10_000);
    await withSimulator(
      async (account) => {
        const fault = await telegram.listen?.(account, new TestInbox(new AbortController(), 1), signal);
        assert.equal(fault?.code, "account-invalid");
        assert.match(fault?.message ?? "", /publicUrl/);
      },
      { settings },
    );
    await withSimulator(
      async (account) => {
        const fault = await telegram.listen?.(account, new TestInbox(new AbortController(), 1), signal);
        assert.equal(fault?.code, "account-invalid");
        assert.match(fault?.message ?? "", /An HTTPS URL must be provided/);
      },
      { settings, webhookUrl: "http://example.com/hooks/test-account", simulator: { httpsOnly: true } },
    );
  });

  test("a secret that Telegram would refuse is refused by name, before any call", () =>
    withSimulator(
      async (account, simulator) => {
        const fault = await telegram.listen?.(account, new TestInbox(new AbortController(), 1), new AbortController().signal);
        assert.equal(fault?.code, "account-invalid");
        const probed = await telegram.probe(account, new AbortController().signal);
        assert.ok(!probed.ok);
        assert.equal(simulator.calls.size, 0);
      },
      { settings: { mode: "webhook", webhookSecret: "with blanks" }, webhookUrl: "https://example.com/" },
    ));

  test("an account that polls takes no webhooks, whatever the secret", async () => {
    for (const [settings, given] of [
      [{}, "undefined"],
      [{ webhookSecret: secret }, secret],
    ] as const) {
      await withSimulator(
        async (account) => {
          const headers = { "x-telegram-bot-api-secret-token": given };
          const result = await telegram.webhook?.(account, { method: "POST", url: "/", headers, body: Buffer.from('{"update_id":1}') });
          assert.ok(result && !result.ok);
          assert.equal(result.fault.code, "signature-missing");
        },
        { settings },
      );
    }
  });
});
