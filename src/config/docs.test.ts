import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { testKinds } from "../../test/support/config.ts";
import { defaultTree } from "./defaults.ts";
import { configurationDocs, settingsTable } from "./docs.ts";
import { jsonSchema, settingsOf } from "./json-schema.ts";
import type { ChannelKind, ProviderKind } from "./sources.ts";

async function kinds() {
  const { channel, provider, channels, providers } = testKinds();
  const some = <Kind>(found: (Kind | undefined)[]) => found.filter((kind) => kind !== undefined);
  return [
    some<ChannelKind>(await Promise.all(channels.map(channel))),
    some<ProviderKind>(await Promise.all(providers.map(provider))),
  ] as const;
}

describe("the JSON schema", async () => {
  const validate = new Ajv2020({ strict: false }).compile(jsonSchema(...(await kinds())));
  const cases: readonly [string, unknown, boolean][] = [
    ["the defaults", defaultTree(), true],
    ["nothing", {}, true],
    ["a bot with a reference", { accounts: { b: { channel: "bot", token: { vault: "t" }, access: { allow: [1] } } } }, true],
    ["switched off", { accounts: { web: false }, providers: { demo: false }, agents: { main: false } }, true],
    ["a bot without a token", { accounts: { b: { channel: "bot" } } }, false],
    ["an unknown channel", { accounts: { b: { channel: "boot" } } }, false],
    ["an unknown key", { accounts: { b: { channel: "webchat", tokn: 1 } } }, false],
    ["an unknown key at the top", { acounts: {} }, false],
    ["another channel's key", { accounts: { b: { channel: "webchat", token: "x" } } }, false],
    ["a limit below", { limits: { dedupeDays: 7 } }, false],
  ];
  for (const [name, value, valid] of cases) {
    it(`${valid ? "takes" : "refuses"} ${name}`, () => assert.equal(validate(value), valid, JSON.stringify(validate.errors)));
  }
});

describe("the tables for docs and forms", async () => {
  const [[bot]] = await kinds();
  it("describe every key", () => {
    const rows = configurationDocs().split("\n").slice(2).filter(Boolean);
    assert.ok(rows.length > 40);
    for (const row of rows.filter((line) => !line.includes("<name>` |"))) assert.match(row, /\| [A-Z].*\. \|$|`\. \|$/, row);
    assert.ok(rows.some((row) => row.startsWith("| `limits.dedupeDays` | number, 8 to 365 | `8` |")));
  });

  it("mark secrets and what is required", () => {
    assert.ok(bot);
    assert.match(settingsTable(bot.settings), /\| `token` \| secret \| required \| The bot's token\. \|/);
    assert.deepEqual(
      settingsOf(bot.settings).map(({ key, secret, required }) => [key, secret, required]),
      [
        ["token", true, true],
        ["apiRoot", false, false],
        ["mode", false, false],
        ["nested", false, false],
      ],
    );
  });

  it("keep the number of core keys below the ceiling", () => {
    const leaves = configurationDocs()
      .split("\n")
      .filter((row) => row.startsWith("| `") && row.split(" | ")[1] !== "");
    assert.ok(leaves.length <= 160, String(leaves.length));
  });
});
