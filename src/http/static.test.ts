import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../../test/http-server.ts";

let root = "";
let server: TestServer;
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), "polylogue-ui-"));
  const ui = path.join(root, "ui");
  await mkdir(path.join(ui, "assets"), { recursive: true });
  await Promise.all([
    writeFile(path.join(ui, "index.html"), "<!doctype html><title>app</title>"),
    writeFile(path.join(ui, "favicon.svg"), "<svg/>"),
    writeFile(path.join(ui, "assets", "app-1a2b.js"), "plain"),
    writeFile(path.join(ui, "assets", "app-1a2b.js.br"), "brotli"),
    writeFile(path.join(ui, "assets", "app-1a2b.js.gz"), "gzip"),
    writeFile(path.join(ui, "assets", "odd.exe"), "odd"),
    writeFile(path.join(root, "outside.js"), "outside"),
    writeFile(path.join(root, "ui-other.js"), "outside"),
  ]);
  await mkdir(path.join(ui, "folder.js"));
  await symlink(path.join(root, "nowhere.js"), path.join(ui, "broken.js"));
  server = await startTestServer({ ui: `${ui}/` });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

test("the app's page under every route of the app, never from a cache unasked", async () => {
  for (const route of ["/", "/accounts", "/conversations/cv_1", "/setup?x=1", "/trace/some.id", "/trace/a%2Fb.js", "/channels/a.b/c.svg"]) {
    const answer = await server.ask(route);
    assert.deepEqual(
      [answer.status, answer.headers["content-type"], answer.headers["cache-control"]],
      [200, "text/html; charset=utf-8", "no-cache"],
      route,
    );
    assert.match(answer.text, /<title>app/);
  }
});

const encodings: readonly (readonly [string, string, string | undefined])[] = [
  ["", "plain", undefined],
  ["gzip, deflate, br", "brotli", "br"],
  ["gzip", "gzip", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip", "gzip"],
  ["br;q=0.0, gzip;q=0", "plain", undefined],
  ["br;q=1.0", "brotli", "br"],
  ["brr, xgzip", "plain", undefined],
];
for (const [accepts, body, encoding] of encodings) {
  test(`Accept-Encoding ${JSON.stringify(accepts)} gets ${body}`, async () => {
    const answer = await server.ask("/assets/app-1a2b.js", { headers: { "accept-encoding": accepts } });
    assert.deepEqual([answer.status, answer.text, answer.headers["content-encoding"]], [200, body, encoding]);
    assert.equal(answer.headers["content-type"], "text/javascript; charset=utf-8");
    assert.equal(answer.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(answer.headers.vary, "accept-encoding");
    assert.equal(answer.headers["content-length"], String(body.length));
  });
}

test("what hasn't changed isn't sent again; each encoding has its own tag", async () => {
  const plain = await server.ask("/assets/app-1a2b.js");
  const packed = await server.ask("/assets/app-1a2b.js", { headers: { "accept-encoding": "br" } });
  assert.notEqual(plain.headers.etag, packed.headers.etag);
  const again = await server.ask("/assets/app-1a2b.js", { headers: { "if-none-match": `"other", W/${plain.headers.etag}` } });
  assert.deepEqual([again.status, again.text], [304, ""]);
  assert.equal((await server.ask("/assets/app-1a2b.js", { headers: { "if-none-match": '"other"' } })).status, 200);
});

test("HEAD answers as GET does, without the body; nothing else is possible", async () => {
  const head = await server.ask("/favicon.svg", { method: "HEAD" });
  assert.deepEqual([head.status, head.headers["content-length"], head.text], [200, "6", ""]);
  const post = await server.ask("/favicon.svg", { method: "POST" });
  assert.deepEqual([post.status, post.headers.allow], [405, "GET, HEAD"]);
});

const outside = [
  "/../outside.js",
  "/..%2foutside.js",
  "/%2e%2e/outside.js",
  "/assets/../../outside.js",
  "/assets/..%5c..%5coutside.js",
  "/../ui-other.js",
  "//etc/passwd.js",
  "/assets/none.js",
  "/assets/none",
  "/none.js",
  "/robots.txt",
  "/assets/odd.exe",
  "/folder.js",
  "/broken.js",
  "/index.html/x.js",
  "/assets/app-1a2b.js.br",
];
for (const target of outside) {
  test(`${target} answers 404`, async () => {
    const answer = await server.ask(target);
    assert.deepEqual([answer.status, answer.json.error?.code], [404, "not-found"]);
  });
}

test("without a built app the answer says what to run", async () => {
  await using bare = await startTestServer();
  const answer = await bare.ask("/");
  assert.equal(answer.status, 404);
  assert.match(answer.json.error?.message ?? "", /npm run build/);
});
