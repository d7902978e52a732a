import assert from "node:assert/strict";
import { test } from "node:test";
import { describedBy } from "./openapi.ts";

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const account = `/2010-04-01/Accounts/AC${"0".repeat(32)}`;

/** Calls by description: what may be made, and what breaks it in which way. */
const calls = [
  ["mattermost.yaml", { method: "POST", url: "/api/v4/posts", headers: json, body: '{"channel_id":"c","message":"m"}' }, undefined],
  ["mattermost.yaml", { method: "POST", url: "/api/v4/posts", headers: json, body: '{"message":"m"}' }, /channel_id/],
  ["mattermost.yaml", { method: "POST", url: "/api/v4/posts", headers: json }, /body is missing/],
  ["mattermost.yaml", { method: "POST", url: "/api/v4/posts", headers: form, body: "message=m" }, /no body of type/],
  ["mattermost.yaml", { method: "GET", url: "/api/v4/users/me", headers: {} }, undefined],
  ["mattermost.yaml", { method: "GET", url: "/api/v4/users/me?strange=1", headers: {} }, /no parameter strange/],
  ["mattermost.yaml", { method: "POST", url: "/api/v4/nowhere", headers: {} }, /no such operation/],
  [
    "twilio-api-v2010.json",
    { method: "POST", url: `${account}/Messages.json`, headers: form, body: "To=%2B1&From=%2B2&Body=x" },
    undefined,
  ],
  ["twilio-api-v2010.json", { method: "POST", url: `${account}/Messages.json`, headers: form, body: "From=%2B2&Body=x" }, /To/],
  [
    "twilio-api-v2010.json",
    { method: "POST", url: "/2010-04-01/Accounts/AC1/Messages.json", headers: form, body: "To=%2B1" },
    /AccountSid/,
  ],
  [
    "teams-botframework-connector.json",
    { method: "POST", url: "/v3/conversations/1/activities", headers: json, body: '{"text":1}' },
    /text/,
  ],
] as const;

for (const [file, call, expected] of calls) {
  const description = describedBy(file);
  const what = `${call.method} ${call.url.slice(0, 60)}: ${expected ? String(expected) : "fine"}`;
  test(`${file}: ${what}`, { skip: description.missing }, () => {
    const broken = description.violation(call);
    if (expected) assert.match(broken ?? "", expected);
    else assert.equal(broken, undefined);
  });
}
