import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { named, testLoad } from "../../test/support/config.ts";
import type { Configuration } from "../core/configuration.ts";
import type { AccountId, AgentId } from "../core/ids.ts";
import { quotesMachine } from "./unsaved.ts";

const bot = { channel: "bot", token: "${TOKEN}", access: { direct: "open" } };
const TOKEN = "token-from-env";

function settingOf({ accounts }: Configuration, account: string, key: string): unknown {
  return (accounts.get(account as AccountId)?.settings as Record<string, unknown> | undefined)?.[key];
}

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "polylogue-config-"));
}

describe("precedence", () => {
  it("is default < file < app < environment, and is explained", async () => {
    const file = { limits: { turnTries: 2, deliveryAttempts: 3, concurrentTurns: 4 } };
    const app = { "limits.deliveryAttempts": 30, "limits.concurrentTurns": 40 };
    const { configuration, explained } = await testLoad({ file, app, environment: { POLYLOGUE_CONFIG__limits__concurrentTurns: "400" } });
    const { limits } = configuration;
    assert.deepEqual([limits.dedupeDays, limits.turnTries, limits.deliveryAttempts, limits.concurrentTurns], [8, 2, 30, 400]);
    const [one] = explained.explain("limits.concurrentTurns");
    assert.deepEqual(one, {
      path: "limits.concurrentTurns",
      value: 400,
      source: "environment",
      origin: "POLYLOGUE_CONFIG__limits__concurrentTurns",
      overrides: [
        { source: "app", origin: "web app or CLI", value: 40 },
        { source: "file", origin: "polylogue.json5", value: 4 },
        { source: "default", origin: "built in", value: 64 },
      ],
      secret: false,
    });
    assert.equal(explained.explain("limits.dedupeDays")[0]?.source, "default");
    assert.deepEqual(explained.explain("limits.nothing"), []);
    assert.deepEqual(explained.explain("constructor"), []);
  });

  it("joins an agent key by key, and replaces an account that names its channel", async () => {
    const { configuration } = await testLoad({
      file: { agents: { main: { instructions: "Be brief." } }, accounts: { web: { channel: "webchat" } } },
    });
    const main = configuration.agents.get("main" as AgentId);
    assert.equal(main?.instructions, "Be brief.");
    assert.deepEqual(main?.tools, ["current_time", "calculator"]);
    assert.equal(configuration.accounts.get("web" as AccountId)?.access.direct, "open");
  });

  it("lets false switch off what a weaker source brings", async () => {
    const off = await testLoad({ file: { accounts: { web: false }, providers: { demo: false } } });
    assert.equal(off.configuration.accounts.size, 0);
    assert.deepEqual(named(off), ["model-unknown agents.main.models.demo/demo"]);
    const again = await testLoad({ file: { accounts: { web: false } }, app: { "accounts.web": { channel: "webchat" } } });
    assert.equal(again.configuration.accounts.size, 1);
  });

  it("puts a leaf of the app over a whole entry of the app, whichever was set first", async () => {
    const app = { "accounts.x.streaming": false, "accounts.x": bot };
    const { configuration } = await testLoad({ app, environment: { TOKEN } });
    assert.equal(configuration.accounts.get("x" as AccountId)?.streaming, "off");
  });

  it("sends everything to the first agent when there is no main", async () => {
    const { configuration, findings } = await testLoad({ file: { agents: { main: false, desk: {} } } });
    assert.deepEqual(configuration.routes, [{ agent: "desk" }]);
    assert.deepEqual(findings, []);
  });
});

describe("environment", () => {
  it("finds keys whatever the case and with _ for -", async () => {
    const { configuration } = await testLoad({
      file: { accounts: { "support-bot": bot } },
      environment: {
        TOKEN,
        POLYLOGUE_CONFIG__ACCOUNTS__SUPPORT_BOT__APIROOT: "http://127.0.0.1:9",
        POLYLOGUE_CONFIG__LIMITS__TURNTRIES: "9",
      },
    });
    assert.equal(settingOf(configuration, "support-bot", "apiRoot"), "http://127.0.0.1:9");
    assert.equal(configuration.limits.turnTries, 9);
  });

  const values: readonly [string, unknown][] = [
    ["12345678", "12345678"],
    ["{vault: 'v'}", "from-the-vault"],
    ["null", "null"],
    ["${TOKEN}", TOKEN],
    ["a$${b}", "a${b}"],
    ["{not json", "{not json"],
  ];
  for (const [text, token] of values) {
    it(`reads ${text} as the setting needs it`, async () => {
      const { configuration } = await testLoad({
        vault: { v: "from-the-vault" },
        environment: { TOKEN, POLYLOGUE_CONFIG__accounts__b__channel: "bot", POLYLOGUE_CONFIG__accounts__b__token: text },
      });
      assert.equal(settingOf(configuration, "b", "token"), token);
    });
  }

  it("makes a whole configuration, an account and a list alone from variables", async () => {
    const { configuration, findings } = await testLoad({
      environment: {
        POLYLOGUE_CONFIG__accounts__b: "{channel: 'bot', token: 'abcdefgh', access: {direct: 'open'}}",
        POLYLOGUE_CONFIG__agents__main__instructions: "Speak, like, a pirate: {yes}",
        POLYLOGUE_CONFIG__routes: "[{when: {account: 'b'}, agent: 'main'}]",
        POLYLOGUE_CONFIG__agents__main__tools: "[]",
        POLYLOGUE_CONFIG__http__publicUrl: "",
      },
    });
    assert.deepEqual(findings, []);
    assert.equal(configuration.agents.get("main" as AgentId)?.instructions, "Speak, like, a pirate: {yes}");
    assert.deepEqual(configuration.routes, [{ when: { account: "b" }, agent: "main", mode: "queue", collectMs: 1_500 }]);
    assert.equal(configuration.http.publicUrl, undefined);
  });

  it("reads NAME_FILE when NAME is unset, and files without their line's end", async () => {
    const home = await folder();
    await writeFile(join(home, "token"), "from-a-file\n");
    for (const [token, environment] of [
      ["${TOKEN}", { TOKEN_FILE: join(home, "token") }],
      [{ file: "token" }, {}],
    ] as const) {
      const { configuration, files } = await testLoad({ home, file: { accounts: { b: { ...bot, token } } } as never, environment });
      assert.equal(settingOf(configuration, "b", "token"), "from-a-file");
      assert.deepEqual(files, [join(home, "token")]);
    }
  });

  it("doesn't expand what a variable holds", async () => {
    const { configuration } = await testLoad({ file: { accounts: { b: bot } }, environment: { TOKEN: "${HOME}$${x}", HOME: "/root" } });
    assert.equal(settingOf(configuration, "b", "token"), "${HOME}$${x}");
  });
});

describe("canary", () => {
  const canary = "cAnArY-51fb2d";
  it("no secret is in findings or explanations, wherever it was put", async () => {
    const heard: string[] = [];
    const home = await folder();
    await writeFile(join(home, "s"), canary);
    const loaded = await testLoad({
      home,
      learn: (secret) => heard.push(secret),
      vault: { v: canary },
      environment: { A: canary, B: `${canary}2`, POLYLOGUE_CONFIG__accounts__e__token: `${canary}3` },
      file: {
        accounts: {
          a: { ...bot, token: "${A}" },
          b: { ...bot, token: canary },
          c: { ...bot, token: { vault: "v" } },
          d: { ...bot, token: { file: "s" }, nested: { key: canary, depth: "x" } },
          e: { ...bot },
          f: { channel: "boot", token: canary, mode: canary },
          g: { ...bot, tokn: canary, token: [canary] },
          h: { ...bot, apiRoot: `https://user:${canary}@host.example/` },
          i: { channel: canary.repeat(30) },
        },
        providers: { p: { kind: "local", baseUrl: "http://x.example", apiKey: canary, key: canary }, q: { kind: "what", apiKey: canary } },
        credentials: { deep: { secret: canary } },
      },
    });
    const shown = JSON.stringify([
      loaded.findings,
      loaded.explained.explain(),
      loaded.explained.get("accounts"),
      loaded.explained.get("credentials"),
    ])
      .replaceAll(canary.repeat(30), "")
      .replaceAll(canary.repeat(30).slice(0, 64), "");
    assert.equal(shown.includes(canary), false, shown.slice(Math.max(0, shown.indexOf(canary) - 200), shown.indexOf(canary) + 50));
    assert.ok(heard.includes(canary) && heard.includes(`${canary}3`));
  });

  it("knows settings that quote the machine", () => {
    for (const value of ["${HOME}", { file: "/etc/passwd" }, { a: [{ b: "x${Y}" }] }])
      assert.equal(quotesMachine(value), true, JSON.stringify(value));
    for (const value of ["$${HOME}", { vault: "x" }, { a: ["$HOME", 1, null] }, "${}"])
      assert.equal(quotesMachine(value), false, JSON.stringify(value));
  });
});
