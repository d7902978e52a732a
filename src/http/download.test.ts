import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { FaultError } from "../core/errors.ts";
import type { HttpRequest } from "../core/http.ts";
import { createHttpClient } from "./client.ts";
import { type DownloadLimits, fetchFile } from "./download.ts";

/** Both servers answer by path; `b` stands for somebody else's. */
const seen: { server: string; url: string; headers: http.IncomingHttpHeaders }[] = [];
const a = await start("a");
const b = await start("b");
const client = createHttpClient({ allowPrivate: () => ["127.0.0.1"] });
after(async () => {
  await client.close();
  for (const { server } of [a, b]) {
    server.closeAllConnections();
    server.close();
  }
});

async function start(name: string): Promise<{ server: http.Server; origin: string }> {
  const server = http.createServer((request, response) => {
    const url = request.url ?? "";
    seen.push({ server: name, url, headers: request.headers });
    const [, kind, rest = ""] = /^\/(\w+)\/?(.*)$/.exec(url) ?? [];
    if (kind === "to") response.writeHead(302, { location: decodeURIComponent(rest) }).end("moved");
    else if (kind === "loop") response.writeHead(301, { location: "/loop" }).end();
    else if (kind === "status") response.writeHead(Number.parseInt(rest, 10)).end();
    else if (kind === "endless") {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65536)));
      };
      response.on("drain", more);
      more();
    } else if (kind === "drip") {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    } else if (kind === "short") response.writeHead(200, { "content-length": "100" }).write("only this", () => response.destroy());
    else response.end(`the file of ${name}`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function get(url: string, more: Partial<DownloadLimits> = {}, request: Partial<HttpRequest> = {}): Promise<string> {
  let text = "";
  for await (const chunk of fetchFile(client, { method: "GET", url, ...request }, { maxBytes: 1000, trust: "public", ...more }))
    text += Buffer.from(chunk).toString();
  return text;
}

async function refusedAs(code: string, url: string, more: Partial<DownloadLimits> = {}): Promise<void> {
  await assert.rejects(
    get(url, more),
    (error) => error instanceof FaultError && error.fault.code === code && !error.fault.message.includes("secret"),
    `${url} → ${code}`,
  );
}

test("a file", async () => assert.equal(await get(`${a.origin}/file`), "the file of a"));

test("what isn't one: errors, nothing, redirects that nobody allowed", async () => {
  for (const status of [204, 304, 401, 404, 500]) await refusedAs("file-refused", `${a.origin}/status/${status}?secret`);
  await refusedAs("file-refused", `${a.origin}/to/${encodeURIComponent("/file")}`);
});

test("redirects as far as allowed, and no loops", async () => {
  const twice = `${a.origin}/to/${encodeURIComponent(`/to/${encodeURIComponent("/file")}`)}`;
  await refusedAs("file-refused", twice, { redirects: 1 });
  assert.equal(await get(twice, { redirects: 2 }), "the file of a");
  await refusedAs("file-refused", `${a.origin}/loop`, { redirects: 20 });
});

test("each hop is checked like the first", async () => {
  for (const target of [
    "http://169.254.169.254/latest/",
    "http://[::1]/",
    "http://2130706432/",
    "file:///etc/passwd",
    "gopher://x/",
    "http://10.0.0.1/",
  ]) {
    await refusedAs("address-refused", `${a.origin}/to/${encodeURIComponent(target)}`, { redirects: 5 });
  }
  await refusedAs("file-refused", `${a.origin}/to/${encodeURIComponent("http://[")}`, { redirects: 5 });
});

test("credentials stay with their origin", async () => {
  const headers = { Authorization: "Bearer secret", Cookie: "a=b", "X-Api-Key": "secret", Accept: "image/*" };
  assert.equal(await get(`${a.origin}/to/${encodeURIComponent(`${b.origin}/file`)}`, { redirects: 1 }, { headers }), "the file of b");
  const hop = seen.findLast(({ server }) => server === "b")?.headers ?? {};
  assert.equal(hop.accept, "image/*");
  for (const name of ["authorization", "cookie", "x-api-key"]) assert.equal(hop[name], undefined);
  assert.equal(await get(`${a.origin}/to/${encodeURIComponent("/file")}`, { redirects: 1 }, { headers }), "the file of a");
  assert.equal(seen.at(-1)?.headers.authorization, "Bearer secret");
});

test("too large, too slow, cut", async () => {
  await refusedAs("http-too-large", `${a.origin}/endless`);
  await refusedAs("http-timeout", `${a.origin}/drip`, { totalMs: 200 });
  await refusedAs("http-cut", `${a.origin}/short`);
});

test("an abort ends it", async () => {
  await refusedAs("aborted", `${a.origin}/drip`, { signal: AbortSignal.timeout(50) });
});
