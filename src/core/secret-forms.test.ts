import assert from "node:assert/strict";
import { test } from "node:test";
import { ok } from "./errors.ts";
import type { HttpClient } from "./http.ts";
import { callPlatform } from "./platform-call.ts";
import { withoutSecrets } from "./secret-forms.ts";

const secret = 'cana"ry+secret/1234567890';

test("a text shows a secret in no form", () => {
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify({ secret }),
    Buffer.from(`polly:${secret}`).toString("base64"),
    Buffer.from(secret).toString("hex"),
  ];
  for (const form of forms) {
    const safe = withoutSecrets(`they said ${form}.`, [undefined, "", secret]);
    assert.match(safe, /^they said .*<secret>.*\.$/s);
    assert.ok(!safe.includes(form.slice(-12)), safe);
  }
  assert.equal(withoutSecrets("abc", ["b"], "*"), "a*c", "a short one only as it is");
  assert.equal(withoutSecrets("long-secret and long", ["long", "long-secret"], "*"), "* and *");
});

test("what a platform quotes of a secret is gone before its words are cut off, also by who reads them", async () => {
  for (let before = 60; before < 101; before++) {
    const error = `${"x".repeat(before)}${secret}`;
    const body = Buffer.from(JSON.stringify({ error }));
    const http: Pick<HttpClient, "send"> = { send: async () => ok({ status: 401, headers: {}, body }) };
    const answer = await callPlatform(http as HttpClient, {
      ...{ platform: "Toy", what: "hello", request: { method: "GET", url: "https://toy.example" }, secrets: [secret] },
      refusal: ({ json }) => ({ code: "channel-auth", word: String((json as { error: string }).error).slice(0, 100) }),
    });
    assert.ok(!answer.ok);
    assert.doesNotMatch(JSON.stringify(answer), /cana/);
  }
});
