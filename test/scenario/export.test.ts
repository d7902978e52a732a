import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { said } from "../contract/store/fixture.ts";
import { startTestServer, type TestServer } from "../http-server.ts";

const rows = 100_000;
const story = "It rained on the coast, and the ferry didn't go. ".repeat(12);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that somebody still holds. */
function held(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function fill({ store }: TestServer): Promise<void> {
  for (let made = 0; made < rows; ) {
    const events = Array.from({ length: 500 }, () => {
      const n = made++;
      return said(`${n}: ${story}`, { key: `m${n}`, chat: { id: `c${n}`, kind: "direct" } });
    });
    await store.receive({ tenant: defaultTenant, account: "desk" as AccountId, channel: "toy", at: Date.now(), events });
  }
}

/** Reads a file as it comes; `between` is called after each piece, and waited for. */
async function read(server: TestServer, cookie: string, path: string, between: (bytes: number) => Promise<unknown>) {
  const asked = request({ port: server.server.port, path, headers: { cookie }, agent: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const seen = new Set<number>();
  let [bytes, tail] = [0, ""];
  for await (const piece of response.setEncoding("utf8") as AsyncIterable<string>) {
    bytes += piece.length;
    const lines = (tail + piece).split("\r\n");
    tail = lines.pop() ?? "";
    // Next to nothing of a line is kept: what is measured is what the server keeps.
    for (const line of lines) seen.add(createHash("sha256").update(line).digest().readUIntBE(0, 6));
    await between(bytes);
  }
  return { status: response.statusCode, lines: seen.size, bytes, tail };
}

for (const [what, least] of [
  ["messages", rows * story.length],
  ["conversations", rows * 50],
] as const) {
  test(`a file of 100,000 ${what}, to a reader who takes his time: every one once, none kept for him, and others are answered meanwhile`, async (t) => {
    await using server = await startTestServer();
    const cookie = await server.setup();
    await fill(server);
    const before = held();
    let most = before;
    let pauses = 0;
    const { status, lines, bytes, tail } = await read(server, cookie, `/api/export/${what}.csv`, async (read) => {
      if (read < pauses * (least / 10)) return;
      pauses += 1;
      await wait(100);
      most = Math.max(most, held());
      assert.equal((await server.ask("/api/me", { cookie })).status, 200);
    });
    t.diagnostic(`${bytes} bytes, ${Math.round((most - before) / 1e6)} MB more at most`);
    assert.equal(status, 200);
    assert.deepEqual({ lines, tail }, { lines: rows + 1, tail: "" });
    assert.ok(bytes > least && pauses >= 10, `${bytes} bytes in ${pauses} parts`);
    assert.ok(most - before < bytes / 2, "what was read isn't kept");
  });
}
