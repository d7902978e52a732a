import assert from "node:assert/strict";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { createHandClock } from "../../test/clock.ts";
import { cookieOf, owner, startTestServer, type TestServer } from "../../test/http-server.ts";
import { hashSecret } from "../access/secrets.ts";
import { type ConversationId, defaultTenant, type EventId, newId, type TenantId } from "../core/ids.ts";
import type { LiveEvent } from "../core/live.ts";

interface Reader {
  readonly status: number;
  readonly type: string;
  /** All blocks that came so far, comments included. */
  readonly blocks: readonly string[];
  /** Waits for a block that holds the text. */
  until(text: string): Promise<string>;
  readonly ended: Promise<void>;
  close(): void;
}

function open({ server }: TestServer, cookie: string, lastEventId?: string, token?: string): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const signed = token === undefined ? { cookie } : { authorization: `Bearer ${token}` };
    const headers = { ...signed, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) };
    const outgoing = request(
      { host: "127.0.0.1", port: server.port, path: "/api/events", headers, agent: false },
      (incoming: IncomingMessage) => {
        const blocks: string[] = [];
        const ears = new Set<() => void>();
        let rest = "";
        incoming.setEncoding("utf8").on("data", (text: string) => {
          const parts = (rest + text).split("\n\n");
          rest = parts.pop() as string;
          blocks.push(...parts);
          for (const hear of [...ears]) hear();
        });
        incoming.on("error", () => {});
        const until = (text: string) =>
          new Promise<string>((found, lost) => {
            const look = () => {
              const block = blocks.find((each) => each.includes(text));
              if (block === undefined) return;
              ears.delete(look);
              found(block);
            };
            ears.add(look);
            incoming.once("close", () => lost(new Error(`the stream ended before ${text}`)));
            look();
          });
        const ended = new Promise<void>((gone) => incoming.once("close", () => gone()));
        resolve({
          status: incoming.statusCode ?? 0,
          type: String(incoming.headers["content-type"]),
          blocks,
          until,
          ended,
          close: () => outgoing.destroy(),
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end();
  });
}

const account = (name: string): LiveEvent => ({ type: "account", account: name });
const idOf = (block: string) => /^id: (.+)$/m.exec(block)?.[1] as string;

test("live events arrive as server-sent events, with what the API shows of them", async () => {
  await using server = await startTestServer();
  const reader = await open(server, await server.setup());
  assert.deepEqual([reader.status, reader.type], [200, "text/event-stream; charset=utf-8"]);
  const entry = { tenant: defaultTenant, trace: "ev_1" as EventId, stage: "received", at: 5 } as const;
  server.live.publish(defaultTenant, { type: "ledger", entry, conversation: "cv_1" as ConversationId });
  const block = await reader.until("event: ledger");
  const data = JSON.parse(/^data: (.+)$/m.exec(block)?.[1] ?? "");
  assert.deepEqual(data, { type: "ledger", entry: { trace: "ev_1", stage: "received", at: 5 }, conversation: "cv_1" });
  reader.close();
});

test("text with line ends stays in its event", async () => {
  await using server = await startTestServer();
  const reader = await open(server, await server.setup());
  server.live.publish(defaultTenant, account("a\n\nevent: reset\ndata: {}\n\n"));
  server.live.publish(defaultTenant, account("end"));
  await reader.until('"end"');
  assert.equal(reader.blocks.filter((block) => /^event: reset/m.test(block)).length, 0);
  reader.close();
});

test("another tenant's events don't arrive, also while his own windows are open (A45)", async () => {
  await using server = await startTestServer();
  const reader = await open(server, await server.setup());
  const other = "other" as TenantId;
  const operator = newId("operator", 1);
  const { records } = server.store;
  await records.addOperator(
    { id: operator, name: "Bob", role: "owner", createdAt: 1, tenant: other, passwordHash: "none" },
    { onlyFirst: true },
  );
  await records.addCredential({
    tenant: other,
    hash: hashSecret("plg_other"),
    kind: "token",
    operator,
    role: "owner",
    label: "x",
    createdAt: 1,
  });
  const theirReader = await open(server, "", undefined, "plg_other");
  server.live.publish(other, account("theirs"));
  server.live.publish(defaultTenant, account("ours"));
  await Promise.all([reader.until("ours"), theirReader.until("theirs")]);
  assert.ok(!reader.blocks.join().includes("theirs"));
  assert.ok(!theirReader.blocks.join().includes("ours"));
  reader.close();
  theirReader.close();
});

test("who comes back with the last id gets what was missed, once and in order", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  const first = await open(server, cookie);
  server.live.publish(defaultTenant, account("one"));
  const last = idOf(await first.until('"one"'));
  first.close();
  server.live.publish(defaultTenant, account("two"));
  server.live.publish(defaultTenant, account("three"));
  const second = await open(server, cookie, last);
  await second.until('"three"');
  server.live.publish(defaultTenant, account("four"));
  await second.until('"four"');
  assert.deepEqual(
    [...second.blocks.join("\n").matchAll(/"account":"(\w+)"/g)].map((match) => match[1]),
    ["two", "three", "four"],
  );
  second.close();
});

test("who was away too long, or knew another start, is told to fetch again", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  const first = await open(server, cookie);
  server.live.publish(defaultTenant, account("one"));
  const last = idOf(await first.until('"one"'));
  first.close();
  for (let i = 0; i < 2_100; i++) server.live.publish(defaultTenant, account(`n${i}`));
  for (const id of [last, "ffffffffffff-1", "nonsense", `${last.split("-")[0]}-999999`, ""]) {
    const reader = await open(server, cookie, id);
    await reader.until("event: reset");
    server.live.publish(defaultTenant, account("after"));
    await reader.until('"after"');
    assert.ok(!reader.blocks.join().includes("n2099"), id);
    reader.close();
  }
});

test("a heartbeat keeps the stream alive", async () => {
  const clock = createHandClock();
  await using server = await startTestServer({ clock });
  const reader = await open(server, await server.setup());
  await reader.until("retry");
  await clock.advance(16_000);
  await reader.until(": still here");
  reader.close();
});

test("after sign-out, or a changed password, open streams end within 5 seconds, and nothing more comes (A41)", async () => {
  for (const end of ["logout", "password"] as const) {
    const clock = createHandClock();
    await using server = await startTestServer({ clock });
    const cookie = await server.setup();
    const other = cookieOf(await server.ask("/api/login", { method: "POST", body: owner }));
    const reader = await open(server, cookie);
    const next = { current: owner.password, next: "another good password" };
    if (end === "logout") await server.ask("/api/logout", { method: "POST", cookie });
    else await server.ask("/api/me/password", { method: "PUT", cookie: other, body: next });
    const advancing = clock.advance(5_000);
    await reader.ended;
    await advancing;
    assert.equal((await server.ask("/livez")).status, 200);
  }
});

test("a reader who doesn't read is cut, and holds nobody up", async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  const stuck = connect(server.server.port, "127.0.0.1");
  stuck.pause();
  stuck.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`);
  stuck.on("error", () => {});
  const reader = await open(server, cookie);
  const text = "x".repeat(100_000);
  const warned = () => server.lines.some((line) => line.includes("events-reader-slow"));
  for (let i = 0; i < 400 && !warned(); i++) {
    server.live.publish(defaultTenant, account(text));
    await wait(1);
  }
  assert.ok(warned());
  server.live.publish(defaultTenant, account("still served"));
  await reader.until("still served");
  reader.close();
  stuck.destroy();
});

test("closing the server ends the streams and doesn't wait for their readers", async () => {
  const server = await startTestServer();
  const reader = await open(server, await server.setup());
  await server[Symbol.asyncDispose]();
  await reader.ended;
});

test("a connection on which a stream has ended is not waited for when the server stops", { timeout: 20_000 }, async () => {
  await using server = await startTestServer();
  const cookie = await server.setup();
  const socket = connect(server.server.port, "127.0.0.1");
  let heard = "";
  const began = new Promise<void>((resolve) => {
    socket.setEncoding("utf8").on("data", (text: string) => {
      heard += text;
      if (heard.includes("text/event-stream")) resolve();
    });
  });
  // As a browser asks: the connection is to stay for the next request.
  socket.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\nConnection: keep-alive\r\n\r\n`);
  await began;
  await server.server.close(3_600_000);
  socket.destroy();
});
