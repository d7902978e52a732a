import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { readLoginCookie } from "./cookie.ts";
import { checkHost, checkOrigin } from "./guard.ts";
import { peerOf } from "./peer.ts";

const settings = {
  publicUrl: "https://gate.example.com",
  hosts: ["chat.example.org", "*.lan.example", "[2001:db8::5]"],
  origins: ["https://embedder.example"],
  allowPrivate: [],
  trustedProxies: [] as readonly string[],
};

function request(headers: Record<string, string>, remoteAddress = "127.0.0.1", localAddress = "127.0.0.1"): IncomingMessage {
  return { headers, socket: { remoteAddress, localAddress } } as unknown as IncomingMessage;
}

const hosts: readonly (readonly [string, boolean])[] = [
  ["localhost:8501", true],
  ["127.0.0.1:8501", true],
  ["[::1]:8501", true],
  ["10.0.0.7:8501", true], // where the connection arrived
  ["gate.example.com", true],
  ["GATE.example.com", true],
  ["chat.example.org:9999", true],
  ["box.lan.example", true],
  ["lan.example", false],
  ["evil-lan.example", false],
  ["attacker.example:8501", false],
  ["localhost.attacker.example", false],
  ["127.0.0.1.nip.io", false],
  ["10.0.0.8", false],
  ["", false],
  ["a b", false],
  ["localhost:8501/../", false],
  ["user@localhost", false],
];
for (const [host, fine] of hosts) {
  test(`Host ${JSON.stringify(host)} is ${fine ? "answered" : "refused"}`, () => {
    const result = checkHost(peerOf(request({ host }, "10.0.0.9", "10.0.0.7"), []), settings);
    assert.equal(result.ok, fine);
    if (!result.ok) assert.equal(result.fault.code, "host-refused");
  });
}

const origins: readonly (readonly [Record<string, string>, boolean])[] = [
  [{}, true], // a program
  [{ origin: "http://localhost:8501" }, true],
  [{ origin: "https://localhost:8501" }, true],
  [{ origin: "https://gate.example.com" }, true],
  [{ origin: "http://localhost:3000" }, false],
  [{ origin: "https://attacker.example" }, false],
  [{ origin: "https://embedder.example" }, false], // may embed the web chat, not run the gateway
  [{ origin: "null" }, false],
  [{ origin: "" }, false],
  [{ "sec-fetch-site": "same-origin", origin: "http://localhost:8501" }, true],
  [{ "sec-fetch-site": "none" }, true],
  [{ "sec-fetch-site": "cross-site" }, false],
  [{ "sec-fetch-site": "same-site" }, false],
  [{ "sec-fetch-site": "cross-site", origin: "http://localhost:8501" }, false],
];
for (const [headers, fine] of origins) {
  test(`a change with ${JSON.stringify(headers)} is ${fine ? "taken" : "refused"}`, () => {
    const incoming = request({ host: "localhost:8501", ...headers });
    assert.equal(checkOrigin(incoming.headers, peerOf(incoming, []), settings).ok, fine);
  });
}

test("forwarded headers count only from a trusted proxy, read from the right", () => {
  const forged = {
    host: "inner",
    "x-forwarded-for": "1.2.3.4, 203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "gate.example.com",
  };
  const direct = peerOf(request(forged, "198.51.100.7"), ["10.0.0.0/8"]);
  assert.deepEqual([direct.peer, direct.https, direct.host], ["198.51.100.7", false, "inner"]);
  const behind = peerOf(request(forged, "::ffff:10.0.0.2"), ["10.0.0.0/8"]);
  assert.deepEqual([behind.peer, behind.https, behind.host], ["203.0.113.9", true, "gate.example.com"]);
  const chain = peerOf(request({ ...forged, "x-forwarded-for": "1.2.3.4, 203.0.113.9, 10.1.1.1" }, "10.0.0.2"), ["10.0.0.0/8"]);
  assert.equal(chain.peer, "203.0.113.9");
  const nonsense = peerOf(request({ ...forged, "x-forwarded-for": "1.2.3.4, <script>" }, "10.0.0.2"), ["10.0.0.0/8"]);
  assert.equal(nonsense.peer, "10.0.0.2");
});

test("all addresses of one IPv6 subscriber are one peer", () => {
  const peers = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map((address) => peerOf(request({ host: "x" }, address), []).peer);
  assert.equal(peers[0], peers[1]);
  assert.notEqual(peers[0], peerOf(request({ host: "x" }, "2001:db8:1:3::1"), []).peer);
});

test("the login cookie: of the right kind, and one only", () => {
  assert.equal(readLoginCookie("a=1; polylogue=secret; b=2", false), "secret");
  assert.equal(readLoginCookie("polylogue=secret", true), undefined, "under https only the __Host- cookie counts");
  assert.equal(readLoginCookie("__Host-polylogue=secret", true), "secret");
  assert.equal(readLoginCookie("polylogue=planted; polylogue=secret", false), undefined);
  assert.equal(readLoginCookie("xpolylogue=secret", false), undefined);
  assert.equal(readLoginCookie("polylogue=", false), undefined);
  assert.equal(readLoginCookie(undefined, false), undefined);
});
