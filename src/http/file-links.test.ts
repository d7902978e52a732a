import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer, type TestServer } from "../../test/http-server.ts";
import { defaultTenant, type TenantId } from "../core/ids.ts";
import type { FilePart, StoredFile } from "../core/message.ts";
import { systemClock } from "../system-clock.ts";
import { createFileLinks, type FileLinks } from "./file-links.ts";

let server: TestServer;
let links: FileLinks;
let now = 1_000_000;
let publicUrl: string | undefined;
let asked = 0;

before(async () => {
  links = createFileLinks({
    files: { read: (tenant, id) => server.files.read(tenant, id) },
    clock: { ...systemClock, now: () => now },
    publicUrl: () => publicUrl,
    key: async () => {
      asked += 1;
      return Buffer.alloc(32, 7);
    },
  });
  server = await startTestServer({ mounts: [links.mount] });
});
after(() => server[Symbol.asyncDispose]());

async function stored(content: string, more: Partial<FilePart> = {}, tenant: TenantId = defaultTenant): Promise<FilePart> {
  async function* bytes() {
    yield new TextEncoder().encode(content);
  }
  return { type: "file", source: await server.files.put(tenant, bytes(), 1_000_000), ...more };
}

async function linkTo(file: FilePart, tenant: TenantId = defaultTenant): Promise<string> {
  publicUrl = "https://gateway.example/";
  await links.prepare();
  const url = links.url(tenant, file) ?? "";
  assert.match(url, /^https:\/\/gateway\.example\/files\/[\w.-]+$/);
  return new URL(url).pathname;
}

test("without a public address there are no links, and no key is made", async () => {
  publicUrl = undefined;
  await links.prepare();
  assert.equal(links.url(defaultTenant, await stored("x")), undefined);
  assert.equal((await server.ask("/files/abc.def")).status, 404);
  assert.equal(asked, 0);
});

test("whoever has the address gets the bytes, to be saved and run by nobody", async () => {
  const path = await linkTo(await stored("<script>alert(1)</script>", { name: "päge.html" }));
  const { status, headers, text } = await server.ask(path);
  assert.deepEqual([status, text], [200, "<script>alert(1)</script>"]);
  assert.equal(headers["content-type"], "application/octet-stream");
  assert.match(String(headers["content-disposition"]), /^attachment; .*filename\*=UTF-8''p%C3%A4ge\.html$/);
  assert.match(String(headers["content-security-policy"]), /sandbox/);
  assert.deepEqual(
    [headers["x-content-type-options"], headers["referrer-policy"], headers["x-robots-tag"]],
    ["nosniff", "no-referrer", "noindex, nofollow"],
  );
});

test("it ends after a week, and with the file", async () => {
  const file = await stored("x");
  const path = await linkTo(file);
  now += 7 * 86_400_000 - 1;
  assert.equal((await server.ask(path)).status, 200);
  now += 1;
  assert.equal((await server.ask(path)).status, 404);
  const fresh = await linkTo(file);
  await server.files.remove(defaultTenant, (file.source as StoredFile).id);
  assert.equal((await server.ask(fresh)).status, 404);
});

test("an address that is changed, cut, guessed or another tenant's opens nothing", async () => {
  const path = await linkTo(await stored("mine"));
  const [text = "", mac = ""] = path.slice("/files/".length).split(".");
  const claims = JSON.parse(Buffer.from(text, "base64url").toString()) as object;
  const forged = (more: object) => Buffer.from(JSON.stringify({ ...claims, ...more })).toString("base64url");
  for (const token of [
    ...[forged({ e: 9e15 }), forged({ f: "fl_0000000000000000000000" }), forged({ t: "other" }), forged({ f: "../../secret" })].map(
      (one) => `${one}.${mac}`,
    ),
    ...[text, `${text}.`, `${text}.${mac.slice(1)}`, `${text}.${mac}x`, `.${mac}`, "", `${mac}.${text}`, `${text}.${mac}/..`],
  ]) {
    const answer = await server.ask(`/files/${token}`);
    assert.ok(answer.status === 404, `${token}: ${answer.status}`);
    assert.equal(answer.json.error?.code, "not-found");
  }
  assert.equal((await server.ask(path, { method: "POST" })).status, 404);
  const theirs = await linkTo(await stored("theirs", {}, "other" as TenantId));
  assert.equal((await server.ask(theirs)).status, 404, "the address names the tenant that it was made for");
});

test("what isn't stored has no address", async () => {
  await linkTo(await stored("x"));
  assert.equal(links.url(defaultTenant, { type: "file", source: { at: "nowhere", reason: "gone" } }), undefined);
  assert.equal(links.url(defaultTenant, { type: "file", source: { at: "platform", ref: "1" } }), undefined);
});
