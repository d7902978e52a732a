import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { after, describe, test } from "node:test";
import type { HttpRequest } from "../core/http.ts";
import { type Resolve, refusal } from "./addresses.ts";
import { createHttpClient } from "./client.ts";

const corpora = path.resolve(import.meta.dirname, "../../../shared/corpora");
const withCorpus = (name: string) =>
  existsSync(path.join(corpora, name)) ? {} : { skip: `the corpus ${name} is not beside this checkout` };

let hits = 0;
const server = http.createServer((_, response) => {
  hits++;
  response.end("inside");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
after(() => server.close());

/** A client whose names resolve as told; what it connects to is real. */
async function fetchPublic(url: string, resolve: Resolve, allowPrivate: readonly string[] = []) {
  const client = createHttpClient({ resolve, allowPrivate: () => allowPrivate, connectTimeoutMs: 2000 });
  const request: HttpRequest = { method: "GET", url, trust: "public", timeoutMs: 2000 };
  const results = [await client.send(request), await client.send(request)];
  await client.close();
  return results;
}

const nowhere: Resolve = () => Promise.reject(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }));
const answers =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));

describe("which addresses are public", () => {
  const refused = `
    127.0.0.1 127.8.8.8 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.170.2
    100.64.0.1 100.100.100.200 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
    240.0.0.1 255.255.255.255 168.63.129.16 192.88.99.1
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:a9fe:a9fe ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
    64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254
    fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1 e000::1 localhost 1.2.3 1.2.3.4.5`;
  for (const address of refused.trim().split(/\s+/)) test(`${address} is not`, () => assert.notEqual(refusal(address), undefined));

  const taken =
    "1.1.1.1 8.8.8.8 93.184.215.14 172.32.0.1 100.128.0.1 2606:4700:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8 64:ff9b::808:808";
  for (const address of taken.split(" ")) test(`${address} is`, () => assert.equal(refusal(address), undefined));

  test("what the operator allows by name is private, never link-local, multicast or unspecified", () => {
    for (const address of ["127.0.0.1", "10.0.0.1", "100.64.0.1", "fd00::1", "::1", "::ffff:10.0.0.1"])
      assert.equal(refusal(address, true), undefined);
    for (const address of ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "168.63.129.16"])
      assert.notEqual(refusal(address, true), undefined);
  });
});

describe("public requests", () => {
  test("hosts that are addresses, however written", async () => {
    const hosts = `127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 0x7f.1 017700000001 127.0.0.1. [::1] [::ffff:127.0.0.1]
      [0:0:0:0:0:ffff:7f00:1] [::] 0 ①②⑦.⓪.⓪.① 127。0。0。1 %31%32%37.0.0.1 [64:ff9b::7f00:1] user@127.0.0.1 169.254.169.254`;
    for (const host of hosts.trim().split(/\s+/)) {
      for (const result of await fetchPublic(`http://${host}:${port}/`, nowhere)) {
        assert.ok(!result.ok, host);
        assert.ok(result.fault.code === "address-refused" || result.fault.code === "request-invalid", `${host}: ${result.fault.code}`);
        assert.equal(result.fault.ambiguous, false);
      }
    }
    assert.equal(hits, 0);
  });

  test("names that resolve to them, alone or among public ones", async () => {
    for (const resolve of [answers("127.0.0.1"), answers("1.1.1.1", "127.0.0.1"), answers("2606:4700:4700::1111", "::ffff:127.0.0.1")]) {
      for (const result of await fetchPublic(`http://attacker.example:${port}/`, resolve)) {
        assert.ok(!result.ok);
        assert.equal(result.fault.code, "address-refused");
        assert.equal(result.fault.ambiguous, false);
      }
    }
    assert.equal(hits, 0);
  });

  test("localhost, through the system's own resolution", async () => {
    const client = createHttpClient();
    const result = await client.send({ method: "GET", url: `http://localhost:${port}/`, trust: "public" });
    await client.close();
    assert.ok(!result.ok && result.fault.code === "address-refused");
    assert.equal(hits, 0);
  });

  test("what was checked is what is connected to: a name is resolved once a connection, by nobody else", async () => {
    const asked: string[] = [];
    const resolve: Resolve = (host) => {
      asked.push(host);
      return answers(asked.length === 1 ? "127.0.0.1" : "169.254.169.254")(host);
    };
    // The system knows no such name: only the checked address can have led there.
    const client = createHttpClient({ resolve, allowPrivate: () => ["files.example"] });
    const request: HttpRequest = { method: "GET", url: `http://files.example:${port}/`, trust: "public", headers: { connection: "close" } };
    const first = await client.send(request);
    assert.ok(first.ok && hits === 1);
    const second = await client.send(request);
    assert.ok(!second.ok && second.fault.code === "address-refused", "the answer changed to a metadata address");
    assert.deepEqual(asked, ["files.example", "files.example"]);
    await client.close();
    hits = 0;
  });

  test("a permission is for that host alone, and literal addresses can be named too", async () => {
    const [named] = await fetchPublic(`http://127.0.0.1:${port}/`, nowhere, ["127.0.0.1"]);
    assert.ok(named?.ok);
    hits = 0;
    for (const result of await fetchPublic(`http://other.example:${port}/`, answers("127.0.0.1"), ["files.example"])) assert.ok(!result.ok);
    assert.equal(hits, 0);
  });

  test("connections of configured requests are not lent to public ones", async () => {
    const client = createHttpClient();
    for (const host of ["127.0.0.1", "localhost"]) {
      const url = `http://${host}:${port}/`;
      assert.ok((await client.send({ method: "GET", url })).ok);
      const result = await client.send({ method: "GET", url, trust: "public" });
      assert.ok(!result.ok && result.fault.code === "address-refused");
    }
    await client.close();
    hits = 0;
  });
});

describe("corpora: nothing inside is reached, nothing throws", () => {
  /** They may be fetched: public addresses as the host itself, which nothing here connects to. */
  const publicHosts = /^https?:\/\/(?:[^/@]*@)?(?:1\.1\.1\.1|8\.8\.8\.8|\d+\.\d+\.\d+\.\d+)\b/;

  async function attack(urls: readonly string[]): Promise<void> {
    const client = createHttpClient({ resolve: answers("10.1.2.3"), connectTimeoutMs: 500 });
    const reached: string[] = [];
    await Promise.all(
      urls.map(async (url) => {
        const literal = URL.parse(url)?.hostname.replace(/^\[|\]$/g, "") ?? "";
        if (publicHosts.test(URL.parse(url)?.href ?? "") && refusal(literal) === undefined) return;
        if (literal.includes(":") && refusal(literal) === undefined) return;
        const result = await client.send({ method: "GET", url, trust: "public", timeoutMs: 3000 });
        const code = result.ok ? "ok" : result.fault.code;
        if (code !== "address-refused" && code !== "request-invalid") reached.push(`${url} → ${code}`);
        else assert.ok(!result.ok && !result.fault.ambiguous);
      }),
    );
    await client.close();
    assert.deepEqual(reached, []);
    assert.equal(hits, 0);
  }

  test("payloads-all-the-things/ssrf", withCorpus("payloads-all-the-things/ssrf"), async () => {
    const folder = path.join(corpora, "payloads-all-the-things/ssrf");
    const text = readdirSync(folder)
      .map((name) => readFileSync(path.join(folder, name), "utf8"))
      .join("\n");
    const urls = text.match(/[a-z][a-z0-9+.-]*:\/?\/?[^\s`"'<>|)]+/gi) ?? [];
    assert.ok(urls.length > 200, `${urls.length}`);
    await attack(urls);
  });

  test("payloads-all-the-things/ssrf-svg: what the images refer to", withCorpus("payloads-all-the-things/ssrf-svg"), async () => {
    const folder = path.join(corpora, "payloads-all-the-things/ssrf-svg");
    const text = readdirSync(folder)
      .map((name) => readFileSync(path.join(folder, name), "utf8"))
      .join("\n");
    await attack(text.match(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]+/gi) ?? []);
  });

  test("wpt-url", withCorpus("wpt-url"), async () => {
    const cases = JSON.parse(readFileSync(path.join(corpora, "wpt-url/urltestdata.json"), "utf8")) as (string | { input: string })[];
    const urls = cases.flatMap((one) => (typeof one === "string" ? [] : [one.input]));
    assert.ok(urls.length > 500);
    await attack(urls);
  });
});
