import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, describe, test } from "node:test";
import { setTimeout as nextTick } from "node:timers/promises";
import { inspect } from "node:util";
import { FaultError } from "../core/errors.ts";
import { createHttpClient } from "./client.ts";

const token = "123:secret-token";
const client = createHttpClient({ connectTimeoutMs: 300 });
const cleanups: (() => unknown)[] = [() => client.close()];
after(async () => {
  for (const run of cleanups) await run();
});

/** A TCP server; `talk` gets each connection. Returns its origin, its open sockets and everything it was told. */
async function tcp(talk: (socket: net.Socket, n: number) => void) {
  const sockets = new Set<net.Socket>();
  const heard: Buffer[] = [];
  let count = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (data) => heard.push(Buffer.from(data)));
    talk(socket, count++);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  const heardText = () => Buffer.concat(heard).toString("latin1");
  return { origin: `http://127.0.0.1:${port}`, port, sockets, heardText, connections: () => count };
}

const answer = (text: string) => (socket: net.Socket) => void socket.once("data", () => socket.write(text));
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/** Resolves when the server has seen all its connections go. */
async function allClosed(sockets: ReadonlySet<net.Socket>): Promise<void> {
  await Promise.all([...sockets].map((socket) => new Promise((gone) => socket.on("close", gone))));
}

describe("an answer of any status is ok", () => {
  test("status, lower-case headers, repeated ones joined, bytes", async () => {
    const { origin, heardText } = await tcp(
      answer("HTTP/1.1 429 Slow\r\nX-A: 1\r\nx-a: 2\r\nRetry-After: 3\r\nContent-Length: 3\r\n\r\n\x00\x01z"),
    );
    const result = await client.send({
      method: "POST",
      url: `${origin}/p?q=1#f`,
      headers: { "X-Key": "v", "User-Agent": "ours" },
      body: "äb",
    });
    assert.ok(result.ok);
    assert.equal(result.value.status, 429);
    assert.equal(result.value.headers["x-a"], "1, 2");
    assert.equal(result.value.headers["retry-after"], "3");
    assert.deepEqual([...result.value.body], [0, 1, 122]);
    assert.match(heardText(), /^POST \/p\?q=1 HTTP\/1\.1\r\n/);
    assert.match(heardText(), /accept-encoding: identity\r\n/);
    assert.match(heardText(), /x-key: v\r\n/);
    assert.deepEqual(heardText().match(/user-agent: .*/gi), ["user-agent: ours"]);
    assert.match(heardText(), /content-length: 3\r\n/);
  });

  test("a redirect is an answer, never followed", async () => {
    const { origin, connections } = await tcp(answer("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"));
    const result = await client.send({ method: "GET", url: origin });
    assert.ok(result.ok);
    assert.equal(result.value.status, 302);
    assert.equal(connections(), 1);
  });

  test("100 Continue and 103 Early Hints are passed over", async () => {
    const { origin } = await tcp(answer(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok}`));
    const result = await client.send({ method: "GET", url: origin });
    assert.ok(result.ok);
    assert.equal(result.value.status, 200);
    assert.equal(result.value.headers.link, undefined);
  });

  test("connections are kept and used again, and one that died meanwhile is replaced", async () => {
    const { origin, sockets, connections } = await tcp((socket) => socket.on("data", () => socket.write(ok)));
    assert.ok((await client.send({ method: "GET", url: origin })).ok);
    await nextTick();
    assert.ok((await client.send({ method: "GET", url: origin })).ok);
    assert.equal(connections(), 1);
    const [socket] = sockets;
    socket?.destroy();
    await nextTick();
    assert.ok((await client.send({ method: "POST", url: origin, body: "x" })).ok);
    assert.equal(connections(), 2);
  });
});

describe("a failure says whether the other side may have acted", () => {
  const end = (socket: net.Socket) => void socket.once("data", () => socket.destroy());
  const silent = () => {};
  const cases = [
    { name: "closed after the request", talk: end, code: "http-cut", ambiguous: true },
    { name: "never answers", talk: silent, code: "http-timeout", ambiguous: true },
    { name: "answers garbage", talk: answer("SSH-2.0-OpenSSH_9.9\r\n"), code: "http-malformed", ambiguous: true },
    { name: "an endless head", talk: answer(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(200_000)}`), code: "http-malformed", ambiguous: true },
    {
      name: "cut in the body",
      talk: (s: net.Socket) => s.once("data", () => s.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi")),
      code: "http-cut",
      ambiguous: true,
    },
    {
      name: "announces 10 GB",
      talk: answer("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n"),
      code: "http-too-large",
      ambiguous: true,
    },
    { name: "an endless body", talk: endless, code: "http-too-large", ambiguous: true },
    { name: "a byte now and then", talk: dripping, code: "http-timeout", ambiguous: true },
  ] as const;
  for (const { name, talk, code, ambiguous } of cases) {
    test(name, async () => {
      const { origin, sockets } = await tcp(talk);
      const result = await client.send({
        method: "POST",
        url: `${origin}/bot${token}/send`,
        body: "x",
        timeoutMs: 400,
        maxBytes: 1_000_000,
      });
      assert.ok(!result.ok);
      assert.equal(result.fault.code, code);
      assert.equal(result.fault.ambiguous, ambiguous);
      assert.ok(result.fault.message.includes(origin));
      assert.ok(!inspect(result.fault, { depth: 9 }).includes(token), "the path must not leak");
      await allClosed(sockets);
    });
  }

  test("nobody listens, no such name, no TLS, no TLS answer: certainly not acted", async () => {
    const plain = await tcp(answer(ok));
    const mute = await tcp(silent);
    const urls = [
      [`http://127.0.0.1:1/${token}`, /ECONNREFUSED/],
      [`http://name.invalid/${token}`, /ENOTFOUND|EAI_AGAIN/],
      [`https://127.0.0.1:${plain.port}/${token}`, /SSL/],
      [`https://127.0.0.1:${mute.port}/${token}`, /CONNECT_TIMEOUT/],
    ] as const;
    for (const [url, cause] of urls) {
      const result = await client.send({ method: "POST", url, body: "x" });
      assert.ok(!result.ok);
      assert.equal(result.fault.code, "http-unreachable", url);
      assert.match(result.fault.message, cause);
      assert.equal(result.fault.ambiguous, false);
      assert.ok(!inspect(result.fault, { depth: 9 }).includes(token));
    }
    assert.ok(!plain.heardText().includes("POST") && !mute.heardText().includes("POST"));
  });

  test("what can't be sent at all is refused before any connection", async () => {
    const { origin, connections } = await tcp(answer(ok));
    const bad = [
      { url: "no url" },
      { url: origin.replace("//", "//user:pass@") },
      { url: origin, headers: { "x-a": "b\r\nx-injected: 1" } },
      { url: origin, headers: { "x a": "b" } },
    ];
    for (const request of bad) {
      const result = await client.send({ method: "GET", ...request });
      assert.ok(!result.ok);
      assert.equal(result.fault.code, "request-invalid");
      assert.equal(result.fault.ambiguous, false);
      assert.ok(!result.fault.message.includes("pass@"));
    }
    for (const url of ["file:///etc/passwd", "gopher://127.0.0.1:25/_MAIL", "data:text/plain,x", "unix:/run/docker.sock"]) {
      const result = await client.send({ method: "GET", url });
      assert.ok(!result.ok);
      assert.equal(result.fault.code, "address-refused");
    }
    assert.equal(connections(), 0);
  });
});

describe("aborting", () => {
  test("before: nothing goes out", async () => {
    const { origin, connections } = await tcp(answer(ok));
    const result = await client.send({ method: "GET", url: origin, signal: AbortSignal.abort() });
    assert.ok(!result.ok && result.fault.code === "aborted" && !result.fault.ambiguous);
    assert.equal(connections(), 0);
  });

  test("while it waits for a connection: not ambiguous, and it is never sent", async () => {
    const narrow = createHttpClient({ connectionsPerOrigin: 1 });
    cleanups.push(() => narrow.close());
    const held: net.Socket[] = [];
    const { origin, heardText } = await tcp((socket) => socket.once("data", () => held.push(socket)));
    const first = narrow.send({ method: "POST", url: `${origin}/first`, body: "1" });
    const giveUp = new AbortController();
    const second = narrow.send({ method: "POST", url: `${origin}/second`, body: "2", signal: giveUp.signal });
    giveUp.abort();
    const result = await second;
    assert.ok(!result.ok && result.fault.code === "aborted" && !result.fault.ambiguous);
    while (!held[0]) await new Promise((go) => setTimeout(go, 5));
    held[0].write(ok);
    assert.ok((await first).ok);
    const third = narrow.send({ method: "POST", url: `${origin}/third`, body: "3", timeoutMs: 200 });
    await third;
    assert.ok(heardText().includes("/third") && !heardText().includes("/second"));
  });

  test("while it runs: ambiguous, and the connection is closed", async () => {
    const giveUp = new AbortController();
    const { origin, sockets } = await tcp((socket) => socket.once("data", () => giveUp.abort()));
    const result = await client.send({ method: "POST", url: origin, body: "x", signal: giveUp.signal });
    assert.ok(!result.ok && result.fault.code === "aborted" && result.fault.ambiguous);
    await allClosed(sockets);
  });
});

describe("streaming", () => {
  test("chunks in order, and the end", async () => {
    const { origin } = await tcp(answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"));
    const result = await client.stream({ method: "GET", url: origin });
    assert.ok(result.ok);
    assert.equal(await text(result.value.body), "abc");
  });

  test("a cut: what came is delivered, then it throws", async () => {
    const { origin } = await tcp((s) => s.once("data", () => s.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")));
    const result = await client.stream({ method: "GET", url: origin });
    assert.ok(result.ok);
    const seen: string[] = [];
    await assert.rejects(
      async () => {
        for await (const chunk of result.value.body) seen.push(Buffer.from(chunk).toString());
      },
      (error) => error instanceof FaultError && error.fault.code === "http-cut",
    );
    assert.deepEqual(seen, ["abc"]);
  });

  test("a stall, and a body that nobody reads, close the connection", async () => {
    const { origin, sockets } = await tcp(answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"));
    const stalled = await client.stream({ method: "GET", url: origin, stallMs: 100 });
    assert.ok(stalled.ok);
    await assert.rejects(text(stalled.value.body), (error) => error instanceof FaultError && error.fault.code === "http-timeout");
    const unread = await client.stream({ method: "GET", url: origin, stallMs: 100 });
    assert.ok(unread.ok);
    await allClosed(sockets);
  });

  test("breaking off closes the connection", async () => {
    const { origin, sockets } = await tcp(endless);
    const result = await client.stream({ method: "GET", url: origin, maxBytes: Number.POSITIVE_INFINITY });
    assert.ok(result.ok);
    for await (const _ of result.value.body) break;
    await allClosed(sockets);
  });

  test("breaking off just before the end leaves the connection for the next request", async () => {
    let end: Promise<void> | undefined;
    const { origin, connections } = await tcp((socket) => {
      socket.on("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndone\r\n");
        end = new Promise((resolve) => setTimeout(() => socket.write("0\r\n\r\n", () => resolve()), 20));
      });
    });
    for (let i = 0; i < 3; i++) {
      const result = await client.stream({ method: "GET", url: origin });
      assert.ok(result.ok);
      for await (const _ of result.value.body) break;
      await end;
      // Counted from when it was written: the client is in this process, so it has read it by then however busy the machine is.
      await nextTick(60);
    }
    assert.equal(connections(), 1);
  });

  test("aborting after breaking off closes it at once", async () => {
    const giveUp = new AbortController();
    const { origin, sockets } = await tcp(answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"));
    const result = await client.stream({ method: "GET", url: origin, signal: giveUp.signal });
    assert.ok(result.ok);
    for await (const _ of result.value.body) break;
    giveUp.abort();
    await allClosed(sockets);
  });

  test("the size limit holds, and a slow reader holds the sender back", async () => {
    const big = await tcp(endless);
    const limited = await client.stream({ method: "GET", url: big.origin, maxBytes: 3_000_000 });
    assert.ok(limited.ok);
    await assert.rejects(text(limited.value.body), (error) => error instanceof FaultError && error.fault.code === "http-too-large");

    const patient = await client.stream({ method: "GET", url: big.origin, maxBytes: 1e12 });
    assert.ok(patient.ok);
    await new Promise((go) => setTimeout(go, 150));
    const written = [...big.sockets].at(-1)?.bytesWritten ?? 0;
    await patient.value.body[Symbol.asyncIterator]().return?.();
    assert.ok(written < 40_000_000, `the server could write ${written} bytes`);
  });
});

test("pools are bounded: the origin unused for longest is closed", async () => {
  const small = createHttpClient({ maxOrigins: 1 });
  cleanups.push(() => small.close());
  const server = http.createServer((_, response) => response.end("x")).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  // It would keep its connection for a minute.
  const first = await tcp(answer("HTTP/1.1 200 OK\r\nkeep-alive: timeout=60\r\ncontent-length: 2\r\n\r\nhi"));
  assert.ok((await small.send({ method: "GET", url: first.origin })).ok);
  const [socket] = first.sockets;
  const gone = once(socket as net.Socket, "close");
  assert.ok((await small.send({ method: "GET", url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}` })).ok);
  await Promise.race([gone, nextTick(20_000, undefined, { ref: false }).then(() => assert.fail("its connection was kept"))]);
});

test("close ends what runs and refuses what comes", async () => {
  const own = createHttpClient();
  const { origin, sockets } = await tcp((socket) => socket.once("data", () => void own.close()));
  const result = await own.send({ method: "POST", url: origin, body: "x" });
  assert.ok(!result.ok && result.fault.ambiguous);
  await allClosed(sockets);
  const late = await own.send({ method: "POST", url: origin });
  assert.ok(!late.ok && late.fault.code === "draining" && !late.fault.ambiguous);
});

function endless(socket: net.Socket): void {
  const chunk = `${(65536).toString(16)}\r\n${"x".repeat(65536)}\r\n`;
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", more);
  socket.once("data", () => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    more();
  });
}

function dripping(socket: net.Socket): void {
  socket.once("data", () => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const timer = setInterval(() => socket.write("1\r\nx\r\n"), 50);
    socket.on("close", () => clearInterval(timer));
  });
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  let all = "";
  for await (const chunk of body) all += Buffer.from(chunk).toString();
  return all;
}
