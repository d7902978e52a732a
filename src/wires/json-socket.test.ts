import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { systemClock } from "../../test/contract/account.ts";
import { fault } from "../core/errors.ts";
import type { Json } from "../core/terms.ts";
import { type JsonSocket, runSocket } from "./json-socket.ts";

/** One connection to a server of the test; `run` plays that server. */
async function connected(
  of: Partial<JsonSocket>,
  run: (wire: WebSocket, end: AbortController) => unknown,
  signal = new AbortController(),
): Promise<{ readonly why: Awaited<ReturnType<typeof runSocket>>; readonly taken: readonly (readonly Json[])[] }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (wire) =>
    run(
      wire.on("error", () => {}),
      signal,
    ),
  );
  const taken: (readonly Json[])[] = [];
  const take = async (frames: readonly Json[]) => void taken.push(frames);
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`;
  const rest = { clock: systemClock, maxBytes: 1_000, quietMs: 60_000, nudge: () => {} };
  try {
    const why = await runSocket({ platform: "Chat", address, ...rest, take, ...of } as JsonSocket, signal.signal);
    return { why, taken };
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
}

describe("a socket that speaks JSON", () => {
  test("frames are taken in order, never two calls at once, and what came meanwhile in one piece", async () => {
    const taken: Json[][] = [];
    let running = 0;
    const { why } = await connected(
      {
        async take(frames) {
          assert.equal(++running, 1);
          taken.push([...frames]);
          await new Promise((resolve) => setTimeout(resolve, 20));
          running--;
          return taken.flat().length === 3_000 ? fault("channel-auth", "enough") : undefined;
        },
      },
      (wire) => {
        for (let number = 0; number < 3_000; number++) wire.send(String(number));
      },
    );
    assert.deepEqual(
      taken.flat(),
      Array.from({ length: 3_000 }, (_, number) => number),
    );
    assert.ok(taken.length < 3_000, `${taken.length} calls`);
    assert.equal(why?.message, "enough");
  });

  test("what can't wait is answered at once, before what is being taken is through", async () => {
    const through = Promise.withResolvers<undefined>();
    const { why } = await connected(
      {
        answer: (frame, say) => {
          if (frame !== "ping") return false;
          say({ say: "pong" });
          return true;
        },
        take: () => through.promise,
      },
      (wire, end) => {
        wire.on("message", (data) => {
          assert.equal(String(data), '{"say":"pong"}');
          through.resolve(undefined);
          end.abort();
        });
        wire.send("1");
        wire.send('"ping"');
      },
    );
    assert.equal(why, undefined);
  });

  for (const [what, run, message] of [
    ["a frame that is no JSON", (wire: WebSocket) => wire.send("{"), /^a frame of Chat is no JSON/],
    ["one that is too large", (wire: WebSocket) => wire.send("1".repeat(2_000)), /^the socket to Chat broke$/],
    ["a close", (wire: WebSocket) => wire.close(4_001), /^the socket to Chat was closed \(4001\)$/],
    ["a cut", (wire: WebSocket) => wire.terminate(), /^the socket to Chat was closed \(1006\)$/],
  ] as const) {
    test(`${what} ends it, and the fault doesn't name the address`, async () => {
      const { why } = await connected({}, run);
      assert.equal(why?.code, "channel-retry");
      assert.match(why.message, message);
    });
  }

  test("what a taker throws is a fault of the store; one that is still at it is waited for", async () => {
    const thrown = await connected({ take: () => Promise.reject(new Error("disk full")) }, (wire) => wire.send("1"));
    assert.deepEqual([thrown.why?.code, thrown.why?.message], ["store-unavailable", "disk full"]);
    let through = false;
    const take = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      through = true;
      return undefined;
    };
    await connected({ take }, (wire) => wire.send("1", () => wire.terminate()));
    assert.ok(through);
  });

  test("silence is asked about once, and then it ends; pings count as life", async () => {
    let nudged = 0;
    const { why } = await connected({ quietMs: 30, nudge: () => void nudged++ }, () => {});
    assert.deepEqual([why?.message, nudged], ["the socket to Chat was silent for 0.06 s", 1]);
  });

  test("a server that doesn't upgrade, or isn't there", async () => {
    const server = createServer((_, response) => response.writeHead(401).end()).on("upgrade", (_, socket) => {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    assert.equal((await connected({ address }, () => {})).why?.message, "the socket to Chat was refused (403)");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.equal((await connected({ address }, () => {})).why?.message, "the socket to Chat broke");
  });
});
