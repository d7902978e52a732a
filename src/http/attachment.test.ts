import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../../test/http-server.ts";
import { type AccountId, defaultTenant, type FileId, type TenantId } from "../core/ids.ts";
import type { FilePart } from "../core/message.ts";

let server: TestServer;
let cookie = "";
let count = 0;

before(async () => {
  server = await startTestServer();
  cookie = await server.setup();
});
after(() => server[Symbol.asyncDispose]());

/** A message with one stored attachment; answers its address. */
async function receive(content: string | Uint8Array, part: Partial<FilePart> = {}, tenant: TenantId = defaultTenant): Promise<string> {
  async function* bytes() {
    yield typeof content === "string" ? new TextEncoder().encode(content) : content;
  }
  const source = await server.files.put(tenant, bytes(), 1_000_000);
  const key = `file-${++count}`;
  const [received] = await server.store.receive({
    ...{ tenant, account: "bot" as AccountId, channel: "toy", at: 5 },
    events: [
      {
        ...{ kind: "message", key, platformId: key, at: 1, addressed: true },
        chat: { id: "1", kind: "direct" },
        sender: { id: "7", bot: false, self: false },
        parts: [
          { type: "text", text: "see", markup: "plain" },
          { type: "file", source, ...part },
        ],
      },
    ],
  });
  return `/api/messages/${received?.message}/files/${source.id}`;
}

test("an operator saves what was sent, byte for byte", async () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAADAAAAAgCAAAAABxv6TAAAAASUlEQVR42mNgYOXiF5GUU9bQNTK3cXTzDgiNik/JzCuuqG1q75k4bfaCpavWb9m57/CJs5eu33n47DXDqIZRDaMaRjWMahgJGgAV18EfWMYJPQAAAABJRU5ErkJggg==",
    "base64",
  );
  const path = await receive(png, { type: "image", name: "dot.png" });
  const answer = await server.ask(path, { cookie });
  assert.deepEqual([answer.status, answer.headers["content-type"]], [200, "image/png"]);
  assert.equal(answer.headers["content-length"], String(png.length));
  assert.equal(answer.text, png.toString());
  assert.equal((await server.ask(path)).status, 401);
});

const hostile: readonly (readonly [name: string | undefined, saved: string])[] = [
  ["report 2026.pdf", "report 2026.pdf"],
  ["<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"],
  ['a"; filename="b.exe', "a_; filename=_b.exe"],
  ["a\r\nSet-Cookie: x", "aSet-Cookie_ x"],
  ["../../etc/passwd", "_.._etc_passwd"],
  ["C:\\Users\\x\\y.txt", "C__Users_x_y.txt"],
  ["%41%22.txt", "_41_22.txt"],
  ["‮gpj.exe", "gpj.exe"],
  ["Übersicht 日本 ✓'*().txt", "Übersicht 日本 ✓'_().txt"],
  ["\ud800.txt", "txt"],
  [`${"é".repeat(300)}.pdf`, `${"é".repeat(116)}.pdf`],
  [" . ", "file.txt"],
  [undefined, "file.txt"],
];
for (const [name, saved] of hostile) {
  test(`the name ${JSON.stringify(name)} is saved as ${JSON.stringify(saved)} (A28)`, async () => {
    const { status, headers } = await server.ask(await receive("words", name === undefined ? {} : { name }), { cookie });
    assert.deepEqual([status, headers["set-cookie"]], [200, undefined]);
    const given = /^attachment; filename="([\x20-\x21\x23-\x5b\x5d-\x7e]*)"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]*)$/.exec(
      String(headers["content-disposition"]),
    );
    assert.ok(given, String(headers["content-disposition"]));
    assert.equal(decodeURIComponent(given[2] as string), saved);
    assert.equal(given[1], saved.replace(/[^\x20-\x7e]/g, "_"));
  });
}

const active = [
  "<!doctype html><script>alert(1)</script>",
  '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  "%PDF-1.7\n%\u00e2\u00e3",
];
for (const content of active) {
  test(`${JSON.stringify(content.slice(0, 24))} is saved, and runs nowhere (A30)`, async () => {
    const { headers } = await server.ask(await receive(content, { type: "image", name: "x.svg" }), { cookie });
    assert.equal(headers["content-type"], "application/octet-stream");
    assert.match(String(headers["content-disposition"]), /^attachment;/);
    assert.match(String(headers["content-security-policy"]), /^sandbox; default-src 'none'/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
  });
}

test("a file is reached through its own message of one's own tenant only", async () => {
  const one = await receive("one");
  const two = await receive("two");
  const theirs = await receive("theirs", {}, "other" as TenantId);
  const [, , , message] = one.split("/");
  const missing = `fl_${"0".repeat(22)}`;
  for (const path of [
    theirs,
    `/api/messages/${message}/files/${two.split("/").at(-1)}`,
    `/api/messages/${message}/files/${missing}`,
    `/api/messages/${message}/files/..%2f..%2fpolylogue.db`,
    `/api/messages/ms_${"0".repeat(22)}/files/${one.split("/").at(-1)}`,
  ]) {
    const answer = await server.ask(path, { cookie });
    assert.deepEqual([answer.status, answer.json.error?.code], [404, "not-found"], path);
    assert.doesNotMatch(answer.text, /one|two|theirs/);
  }
});

test("a file that is gone from the disk is said to be gone", async () => {
  const key = `fl_${"1".repeat(22)}` as FileId;
  const source = { at: "store", id: key, mediaType: "text/plain", size: 3 } as const;
  const path = await receive("x", { source });
  const answer = await server.ask(path.replace(/[^/]+$/, key), { cookie });
  assert.deepEqual([answer.status, answer.json.error?.code], [404, "not-found"]);
});
