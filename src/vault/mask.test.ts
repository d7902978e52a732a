import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMask } from "./mask.ts";

const secret = 's3cr/t+"key"&<ü>=:\\x';

describe("the mask", () => {
  const forms: readonly [string, string][] = [
    ["as it is", secret],
    ["in JSON", JSON.stringify({ token: secret })],
    ["in JSON within JSON", JSON.stringify(JSON.stringify({ token: secret }))],
    ["URL-encoded", encodeURIComponent(secret)],
    ["URL-encoded in lower case", encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
    ["in a query", new URLSearchParams({ key: secret }).toString()],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in base64url", Buffer.from(secret).toString("base64url")],
    ["in hex", Buffer.from(secret).toString("hex")],
    ["in HTML", secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")],
    ...["a", "ab", "abc", "user:"].map((before): [string, string] => [
      `in base64 after ${before}`,
      Buffer.from(`${before}${secret}:after`).toString("base64"),
    ]),
  ];
  for (const [name, form] of forms) {
    it(`hides a secret ${name}`, () => {
      const { add, mask } = createMask();
      add(secret);
      const shown = mask(`before ${form} after`);
      assert.match(shown, /•••/);
      assert.match(shown, /^before .* after$/s);
      const kernel = Buffer.from(secret).toString("base64").slice(4, 20);
      for (const rest of ["s3cr", "c3VjcmV0", kernel, encodeURIComponent("<ü>")]) assert.equal(shown.includes(rest), false, shown);
    });
  }

  it("hides a secret that is part of another, and leaves nothing of the longer one", () => {
    const { add, mask } = createMask();
    add("abcdef");
    add("abcdefghij");
    assert.equal(mask("x abcdefghij y abcdef"), "x ••• y •••");
  });

  it("hides every line of a key in lines", () => {
    const { add, mask } = createMask();
    add("-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n");
    assert.equal(mask('got "MIIEvQIBADAN"').includes("MIIE"), false);
  });

  it("leaves words alone that stand for a key where none is needed", () => {
    const { add, mask } = createMask();
    add("ollama");
    assert.equal(mask("providers.ollama"), "providers.ollama");
  });

  it("takes signs that mean something in patterns as they are, and leaves other text alone", () => {
    const { add, mask } = createMask();
    add("a.c*e+(f)[g]$");
    assert.equal(mask("abcde a.c*e+(f)[g]$"), "abcde •••");
    add("abc");
    assert.equal(mask("abcde"), "abcde", "too short to hide everywhere");
  });
});
