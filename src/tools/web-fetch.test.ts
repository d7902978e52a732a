import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { toolContext } from "../../test/support/tool-context.ts";
import type { Result } from "../core/errors.ts";
import { createHttpClient } from "../http/client.ts";
import { fetchPage } from "../http/download.ts";
import webFetch from "./web-fetch.ts";

const pages: { [path: string]: readonly [type: string, body: string | Buffer, status?: number, location?: string] } = {
  "/page": [
    "text/html; charset=utf-8",
    "<html><head><title>T</title><style>p{}</style></head><body><nav>menu</nav><h1>Hours</h1><p>Open <b>9</b> to <a href='/map'>18</a>.</p><script>evil()</script></body></html>",
  ],
  "/latin": ["text/plain; charset=iso-8859-1", Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65])],
  "/strange": ["text/plain; charset=klingon", "x"],
  "/image": ["image/png", "x"],
  "/long": ["text/plain", "word ".repeat(10_000)],
  "/huge": ["text/plain", "x".repeat(5_000_000)],
  "/moved": ["text/plain", "", 302, "/page"],
  "/inwards": ["text/plain", "", 302, "http://169.254.169.254/latest/meta-data"],
  "/gone": ["text/plain", "not here", 404],
  "/deep": ["text/html", "<div>".repeat(50_000)],
};
let origin = "";
const server = createServer((request, response) => {
  const [type, body, status = 200, location] = pages[request.url ?? ""] ?? ["text/plain", "no", 404];
  response.writeHead(status, { "content-type": type, ...(location && { location }) }).end(body);
});
before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

/** The one server of the test may be reached, as if it were public. */
const open = createHttpClient({ allowPrivate: () => ["127.0.0.1"] });
const shut = createHttpClient({});
async function fetched(url: string, more: { from?: number; client?: typeof open } = {}): Promise<string> {
  const { client = open, from } = more;
  const input = webFetch.input.parse({ url, ...(from !== undefined && { from }) });
  const result = (await webFetch.run(input, toolContext({ fetchPage: (url, signal) => fetchPage(client, url, signal) }))) as Result<string>;
  return result.ok ? result.value : `${result.fault.code}: ${result.fault.message}`;
}

describe("a web page", () => {
  test("is read as text, without what is no content, with where its links lead", async () => {
    assert.equal(await fetched(`${origin}/page`), `Hours\n\nOpen 9 to 18 [${origin}/map].`);
    assert.equal(await fetched(`${origin}/moved`), await fetched(`${origin}/page`));
  });
  test("is decoded as it says", async () => {
    assert.equal(await fetched(`${origin}/latin`), "Grüße");
    assert.match(await fetched(`${origin}/strange`), /^file-refused: its character set klingon/);
  });
  test("that is long is read in pieces, and says so", async () => {
    const first = await fetched(`${origin}/long`);
    assert.match(first, /\[30000 more characters: read on with from 20000\]$/);
    assert.match(await fetched(`${origin}/long`, { from: 40_000 }), /^word .*word $/);
    assert.match(await fetched(`${origin}/long`, { from: 60_000 }), /there are only 50000/);
    assert.match(await fetched(`${origin}/huge`), /\[the page is longer than what was fetched\]$/);
  });
  test("of another kind, or none, is said to be so", async () => {
    assert.match(await fetched(`${origin}/image`), /^file-refused: it is image\/png/);
    assert.match(await fetched(`${origin}/gone`), /^file-refused: .* answered 404/);
  });
  test("that is hostile does no harm", async () => {
    assert.ok((await fetched(`${origin}/deep`)).length < 1_000);
  });
});

describe("addresses that a model must not reach", () => {
  for (const url of [
    ...["http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/", "http://10.0.0.1/", "http://2130706433/"],
    ...["http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "http://metadata.google.internal/"],
  ]) {
    test(url, async () => assert.match(await fetched(url, { client: shut }), /^(address-refused|http-unreachable)/));
  }
  test("not by a redirect either", async () => assert.match(await fetched(`${origin}/inwards`), /^address-refused/));
  test("nor another protocol", () => assert.equal(webFetch.input.safeParse({ url: "file:///etc/passwd" }).success, false));
});
