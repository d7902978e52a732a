import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { named, type TestSources, type testKinds, testLoad, testSources } from "../../test/support/config.ts";
import type { AccountId, AgentId } from "../core/ids.ts";
import { loadConfiguration } from "./load.ts";
import { noticePlaces } from "./notices.ts";

const open = { direct: "open" };
const account = (name: string) => name as AccountId;

describe("without a file", () => {
  it("runs the web chat on the demo model", async () => {
    const { configuration, log } = await testLoad();
    assert.deepEqual(named({ findings: configuration.findings } as never), []);
    assert.deepEqual([...configuration.accounts.keys()], ["web"]);
    const web = configuration.accounts.get(account("web"));
    assert.equal(web?.channel, "webchat");
    assert.deepEqual(web?.access, { direct: "open", group: "off", allow: [], groups: [], mention: true });
    assert.deepEqual([...configuration.providers.keys()], ["demo"]);
    const main = configuration.agents.get("main" as AgentId);
    assert.deepEqual(main?.models, ["demo/demo"]);
    assert.deepEqual(main?.tools, ["current_time", "calculator"]);
    assert.deepEqual(configuration.routes, [{ agent: "main" }]);
    assert.equal(configuration.limits.dedupeDays, 8);
    assert.deepEqual(configuration.retention, { messagesDays: 365, ledgerDays: 90, newestMessages: 40 });
    assert.equal(log.level, "info");
  });

  it("keeps for ever where the days are 0, and only there", async () => {
    const file = { retention: { messagesDays: 0, ledgerDays: 7, newestMessages: 0 } };
    const { retention } = (await loadConfiguration(testSources({ file }))).configuration;
    assert.equal(retention.messagesDays, undefined);
    assert.deepEqual([retention.ledgerDays, retention.newestMessages], [7, 0]);
    const { configuration, findings } = await loadConfiguration(testSources({ file: { retention: { messagesDays: -1 } } }));
    assert.equal(configuration.retention.messagesDays, 365);
    assert.deepEqual(
      findings.map(({ subject }) => subject),
      ["retention.messagesDays"],
    );
  });

  it("loads only kinds that are configured", async () => {
    const sources = testSources({ file: { accounts: { web: false, one: { channel: "bot", token: "x".repeat(9), access: open } } } });
    await loadConfiguration(sources);
    assert.deepEqual((sources.kinds as ReturnType<typeof testKinds>).loaded, ["bot"]);
  });
});

const good = { channel: "bot", token: "${TOKEN}", access: open };
const environment = { TOKEN: "t0ken-from-env" };

/** Each with the findings it must come to; the account `good` must run in every case. */
const bad: readonly { name: string; file: TestSources["file"]; findings: string[]; message?: RegExp }[] = [
  {
    name: "an unknown key at the top",
    file: { acounts: {} },
    findings: ["config-unknown-key acounts"],
    message: /Did you mean `accounts`/,
  },
  {
    name: "an unknown key of an account",
    file: { accounts: { x: { ...good, tokn: 1 } } },
    findings: ["config-unknown-key accounts.x.tokn"],
    message: /Did you mean `token`/,
  },
  {
    name: "an unknown key inside a channel's setting",
    file: { accounts: { x: { ...good, nested: { deep: 1 } } } },
    findings: ["config-unknown-key accounts.x.nested.deep"],
  },
  {
    name: "a misspelt access",
    file: { accounts: { x: { channel: "bot", token: "${TOKEN}", acces: open } } },
    findings: ["config-unknown-key accounts.x.acces", "access-missing accounts.x.access"],
    message: /Did you mean `access`/,
  },
  {
    name: "an unknown channel",
    file: { accounts: { x: { channel: "boot" } } },
    findings: ["account-invalid accounts.x.channel"],
    message: /Did you mean `bot`/,
  },
  { name: "a channel that is no word", file: { accounts: { x: { channel: 7 } } }, findings: ["account-invalid accounts.x.channel"] },
  {
    name: "a channel that doesn't load",
    file: { accounts: { x: { channel: "broken" } } },
    findings: ["account-invalid accounts.x.channel"],
    message: /its file doesn't load/,
  },
  {
    name: "a channel named like an object's own parts",
    file: { accounts: { x: { channel: "constructor" } } },
    findings: ["account-invalid accounts.x.channel"],
  },
  {
    name: "a missing secret",
    file: { accounts: { x: { channel: "bot", access: open } } },
    findings: ["account-invalid accounts.x.token"],
    message: /accounts\.x\.token` is missing/,
  },
  {
    name: "a setting of the wrong type",
    file: { accounts: { x: { ...good, mode: "push" } } },
    findings: ["account-invalid accounts.x.mode"],
    message: /must be one of "poll", "webhook"/,
  },
  { name: "an account that is a list", file: { accounts: { x: [] } }, findings: ["config-invalid accounts.x"] },
  { name: "an account that is null", file: { accounts: { x: null } }, findings: ["config-invalid accounts.x"] },
  { name: "a name with a slash", file: { accounts: { "a/b": good } }, findings: ["config-invalid accounts.a/b"] },
  { name: "accounts that are a list", file: { accounts: [good] }, findings: ["config-invalid accounts"] },
  {
    name: "an unset variable",
    file: { accounts: { x: { ...good, token: "${NOT_THERE}" } } },
    findings: ["secret-missing accounts.x.token"],
    message: /no NOT_THERE and no NOT_THERE_FILE/,
  },
  {
    name: "a missing secret file",
    file: { accounts: { x: { ...good, token: { file: "no/such" } } } },
    findings: ["secret-missing accounts.x.token"],
  },
  {
    name: "a secret that the vault doesn't have",
    file: { accounts: { x: { ...good, token: { vault: "nope" } } } },
    findings: ["secret-missing accounts.x.token"],
  },
  {
    name: "a locked vault",
    file: { accounts: { x: { ...good, token: { vault: "locked" } } } },
    findings: ["vault-locked accounts.x.token"],
  },
  {
    name: "a reference with two ways",
    file: { accounts: { x: { ...good, token: { vault: "a", file: "b" } } } },
    findings: ["account-invalid accounts.x.token"],
  },
  {
    name: "the master key in a setting",
    file: { accounts: { x: { ...good, token: "${POLYLOGUE_MASTER_KEY}" } } },
    findings: ["secret-missing accounts.x.token"],
    message: /may not be used/,
  },
  {
    name: "a limit that is text",
    file: { limits: { turnTries: "many" } },
    findings: ["config-invalid limits.turnTries"],
    message: /the default, 5, is used/,
  },
  {
    name: "a limit out of range",
    file: { limits: { dedupeDays: 1 } },
    findings: ["config-invalid limits.dedupeDays"],
    message: /the default, 8, is used/,
  },
  {
    name: "a limit of a sender that allows nothing",
    file: { limits: { sender: { perDay: 0 } } },
    findings: ["config-invalid limits.sender.perDay"],
  },
  {
    name: "a provider that may have no requests at all",
    file: { providers: { demo: { kind: "demo", maxConcurrentRequests: 0 } } },
    findings: ["config-invalid providers.demo.maxConcurrentRequests"],
  },
  { name: "limits that are a number", file: { limits: 3 }, findings: ["config-invalid limits"] },
  { name: "an infinite limit", file: "{limits: {turnTries: Infinity}}", findings: ["config-invalid limits.turnTries"] },
  {
    name: "one bad proxy of two",
    file: { http: { trustedProxies: ["10.0.0.0/8", "10.0.0.0/99"] } },
    findings: ["config-invalid http.trustedProxies.1"],
  },
  { name: "an origin with a path", file: { http: { origins: ["https://a.example/x"] } }, findings: ["config-invalid http.origins.0"] },
  {
    name: "a public address that is a script",
    file: { http: { publicUrl: "javascript:alert(1)" } },
    findings: ["config-invalid http.publicUrl"],
  },
  {
    name: "a model without a provider",
    file: { agents: { main: { models: ["gpt", "demo/demo"] } } },
    findings: ["config-invalid agents.main.models.0"],
  },
  {
    name: "a model of an unknown provider",
    file: { agents: { main: { models: ["dmo/demo", "demo/demo"] } } },
    findings: ["model-unknown agents.main.models.dmo/demo"],
    message: /Did you mean `demo`/,
  },
  {
    name: "an unknown tool",
    file: { agents: { main: { tools: ["calculater"] } } },
    findings: ["tool-unknown agents.main.tools.calculater"],
    message: /Did you mean `calculator`/,
  },
  {
    name: "a provider without its address",
    file: { providers: { p: { kind: "local" } } },
    findings: ["provider-invalid providers.p.baseUrl"],
  },
  {
    name: "a provider that nobody uses",
    file: { providers: { p: { kind: "local", baseUrl: "http://127.0.0.1:1" } } },
    findings: ["provider-unused providers.p"],
  },
  { name: "an alert without a threshold", file: { alerts: { slow: { measure: "failed" } } }, findings: ["alert-invalid alerts.slow"] },
  {
    name: "an alert whose account isn't there, told by one that isn't either",
    file: { alerts: { slow: { measure: "failed", above: 1, account: "god", to: [{ account: "odg", chat: "1" }] } } },
    findings: ["alert-invalid alerts.slow.account", "notice-account-missing alerts.slow.to.odg"],
  },
  { name: "a budget without a limit", file: { budgets: { all: { per: "sender" } } }, findings: ["budget-invalid budgets.all"] },
  {
    name: "a budget whose limit can't be read",
    file: { budgets: { all: { usd: "much", tokens: 5 } } },
    findings: ["config-invalid budgets.all.usd", "budget-invalid budgets.all"],
  },
  {
    name: "a budget for those who aren't there, with nothing to fall back to",
    file: { budgets: { all: { usd: 1, account: "god", agent: "mian", atLimit: "downgrade" } } },
    findings: ["budget-invalid budgets.all.account", "budget-invalid budgets.all.agent", "budget-invalid budgets.all.models"],
    message: /Did you mean `good`/,
  },
  {
    name: "a budget that falls back to nobody's model",
    file: { budgets: { all: { usd: 1, atLimit: "downgrade", models: ["dmo/demo"] } } },
    findings: ["model-unknown budgets.all.models.dmo/demo"],
  },
  {
    name: "a step that can't be read",
    file: { agents: { helper: { steps: [{ role: "generate" }, { role: "review", models: ["demo/demo"], whenFail: "stop" }] } } },
    findings: ["config-unknown-key agents.helper.steps.1.whenFail", "agent-invalid agents.helper"],
    message: /is left out: its steps can't be read/,
  },
  {
    name: "steps without the answer itself",
    file: { agents: { helper: { steps: [{ role: "translate", to: "en", models: ["demo/demo"] }] } } },
    findings: ["config-invalid agents.helper.steps", "agent-invalid agents.helper"],
    message: /must have one step with the role generate/,
  },
  {
    name: "a step that depends on what nobody chooses",
    file: {
      agents: { helper: { steps: [{ role: "generate" }, { role: "translate", to: "en", models: ["demo/demo"], when: "billing" }] } },
    },
    findings: ["config-invalid agents.helper.steps.1.when", "agent-invalid agents.helper"],
  },
  {
    name: "a review before the answer",
    file: { agents: { helper: { steps: [{ role: "review", models: ["demo/demo"] }, { role: "generate" }] } } },
    findings: ["config-invalid agents.helper.steps.0", "agent-invalid agents.helper"],
  },
  {
    name: "a step whose model nobody has",
    file: { agents: { main: { steps: [{ role: "translate", to: "en", models: ["dmo/demo"] }, { role: "generate" }] } } },
    findings: ["model-unknown agents.main.steps.dmo/demo"],
  },
  {
    name: "an agent that hands over to nobody, and to itself",
    file: { agents: { main: { handTo: { biling: "Invoices.", main: "All.", billing: "Invoices." } }, billing: {} } },
    findings: ["agent-unknown agents.main.handTo.biling", "agent-unknown agents.main.handTo.main"],
    message: /Did you mean `billing`/,
  },
  { name: "an agent that nobody reaches", file: { agents: { spare: {} } }, findings: ["agent-unused agents.spare"] },
  {
    name: "an agent with an unset variable",
    file: { agents: { spare: { instructions: "Hi ${name}" } } },
    findings: ["secret-missing agents.spare.instructions"],
  },
  {
    name: "a route to nobody",
    file: { routes: [{ agent: "mian" }, { agent: "main" }] },
    findings: ["route-invalid routes.0.agent"],
    message: /Did you mean `main`/,
  },
  {
    name: "a route with a misspelt condition",
    file: { routes: [{ when: { sendr: "1" }, agent: "main" }, { agent: "main" }] },
    findings: ["config-unknown-key routes.0.when.sendr", "route-invalid routes.0"],
  },
  {
    name: "a route with an unknown mode",
    file: { routes: [{ agent: "main", mode: "colect" }] },
    findings: ["config-invalid routes.0.mode"],
    message: /the default, "queue", is used/,
  },
  { name: "routes that are an object", file: { routes: { agent: "main" } }, findings: ["config-invalid routes"] },
  { name: "an unknown log level", file: { log: { level: "loud" } }, findings: ["config-invalid log.level"] },
  { name: "a clear secret", file: { accounts: { x: { ...good, token: "123:clear" } } }, findings: ["secret-in-clear accounts.x.token"] },
  { name: "a __proto__", file: '{"limits": {"__proto__": {"turnTries": 1}}}', findings: ["config-invalid limits.__proto__"] },
];

describe("bad settings", () => {
  for (const { name, file, findings, message } of bad) {
    it(`${name}: said by name, and the rest runs`, async () => {
      const loaded = await testLoad({ ...(file !== undefined && { file }), app: { "accounts.good": good }, environment });
      assert.deepEqual(named(loaded), findings);
      assert.ok(loaded.configuration.accounts.has(account("good")));
      assert.ok(loaded.configuration.accounts.has(account("web")));
      if (message) assert.match(loaded.findings.map((finding) => finding.message).join("\n"), message);
      for (const finding of loaded.findings) assert.ok(finding.message !== "" && finding.hint !== "");
    });
  }

  it("leaves Object.prototype alone", async () => {
    const text =
      '{"__proto__": {"polluted": 1}, "accounts": {"__proto__": {"channel": "bot"}, "constructor": {"prototype": {"polluted": 1}}}}';
    await testLoad({
      file: text,
      app: { "accounts.__proto__.polluted": 1, "__proto__.polluted": 1 },
      environment: { POLYLOGUE_CONFIG____proto____polluted: "1", POLYLOGUE_CONFIG__constructor__prototype__polluted: "1" },
    });
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.equal(Object.hasOwn(Object, "polluted"), false);
  });

  it("takes a route out whole rather than widen it, and keeps one whose agent is missing", async () => {
    const routes = [{ when: { sender: "1", x: 1 }, agent: "main" }, { when: { chat: 5 }, agent: "gone" }, { agent: "main" }];
    const { configuration } = await testLoad({ file: { routes } });
    const queue = { mode: "queue", collectMs: 1_500 };
    assert.deepEqual(configuration.routes, [
      { when: { chat: ["5"] }, agent: "gone", ...queue },
      { agent: "main", ...queue },
    ]);
  });

  it("keeps a route whose mode can't be understood: it queues", async () => {
    const routes = [
      { when: { chat: 5 }, agent: "main", mode: "colect", collectMs: 5 },
      { agent: "main", mode: "steer" },
    ];
    const { configuration } = await testLoad({ file: { routes } });
    assert.deepEqual(configuration.routes, [
      { when: { chat: ["5"] }, agent: "main", mode: "queue", collectMs: 1_500 },
      { agent: "main", mode: "steer", collectMs: 1_500 },
    ]);
  });

  it("tells every usable place of findings, once, and leaves out one that can't be", async () => {
    const to = [{ account: "web", chat: 5 }, { account: "web", chat: "5" }, { account: "web" }, { account: "gone", chat: "x", thread: 7 }];
    const loaded = await testLoad({ file: { notices: { to, least: "worst", repeatHours: 2 } } });
    assert.deepEqual(noticePlaces(loaded.notices), [
      { account: "web", chat: "5" },
      { account: "gone", chat: "x", thread: "7" },
    ]);
    assert.deepEqual([loaded.notices.least, loaded.notices.repeatHours], ["warning", 2]);
    assert.deepEqual(named(loaded).sort(), [
      "config-invalid notices.least",
      "config-invalid notices.to.2",
      "notice-account-missing notices.to.gone",
    ]);
  });

  it("limits accounts, providers and senders where that is said, and nowhere else", async () => {
    const accounts = { x: { ...good, maxConcurrentRequests: 3 } };
    const providers = { demo: { kind: "demo", maxConcurrentRequests: 2 } };
    const limits = { sender: { perMinute: 10, perDay: 100 } };
    const { configuration, findings } = await testLoad({ file: { accounts, providers, limits } as never, environment });
    assert.deepEqual(
      findings.filter(({ code }) => code === "config-invalid" || code === "config-unknown-key"),
      [],
    );
    assert.equal(configuration.accounts.get(account("x"))?.maxConcurrentRequests, 3);
    assert.equal(configuration.providers.get("demo")?.maxConcurrentRequests, 2);
    assert.deepEqual(configuration.limits.sender, { perMinute: 10, perDay: 100 });
    const plain = await testLoad({ file: {} });
    assert.equal(plain.configuration.accounts.get(account("web"))?.maxConcurrentRequests, undefined);
    assert.equal(plain.configuration.providers.get("demo")?.maxConcurrentRequests, undefined);
    assert.deepEqual(plain.configuration.limits.sender, {});
    assert.equal(plain.configuration.limits.loopTurns, 30);
  });

  it("uses each further key that can be had, and shows none", async () => {
    const p = { kind: "local", baseUrl: "http://127.0.0.1:1", apiKey: "${ONE}", moreKeys: { two: "${TWO}", three: { vault: "gone" } } };
    const demo = { kind: "demo", moreKeys: { two: "${TWO}" } };
    const keys = { ONE: "sk-one-000000", TWO: "sk-two-000000" };
    const loaded = await testLoad({ file: { providers: { p, demo } } as never, environment: keys });
    const { settings, moreKeys } = loaded.configuration.providers.get("p") ?? {};
    assert.deepEqual([settings, moreKeys], [{ baseUrl: p.baseUrl, apiKey: keys.ONE }, [{ baseUrl: p.baseUrl, apiKey: keys.TWO }]]);
    assert.deepEqual(named(loaded).sort(), [
      "config-invalid providers.demo.moreKeys",
      "provider-unused providers.p",
      "secret-missing providers.p.moreKeys.three.apiKey",
    ]);
    const learned: string[] = [];
    const file = { providers: { p: { ...p, moreKeys: { two: "sk-in-clear" } } } };
    const clear = await testLoad({ file: file as never, environment: keys, learn: (text) => void learned.push(text) });
    assert.ok(named(clear).includes("secret-in-clear providers.p.moreKeys.two"));
    assert.ok(learned.includes("sk-in-clear"), "the log masks it");
  });

  it("bears a file nested 10,000 deep", async () => {
    const depth = 10_000;
    const loaded = await testLoad({ file: `{accounts: ${"{a:".repeat(depth)}1${"}".repeat(depth)}}` });
    assert.ok(loaded.configuration.accounts.has(account("web")));
    assert.ok(loaded.findings.length > 0);
  });
});

describe("who may write", () => {
  const cases: readonly { name: string; access?: unknown; more?: object; direct: string; group: string; channel?: string }[] = [
    { name: "nothing said", direct: "off", group: "off" },
    { name: "nothing said on a channel that is open by itself", channel: "webchat", direct: "open", group: "off" },
    { name: "a list and no policy", access: { allow: [12345] }, direct: "allowlist", group: "off" },
    { name: "groups and no policy", access: { groups: ["-100"] }, direct: "off", group: "allowlist" },
    { name: "a misspelt policy", access: { direct: "opne", allow: ["1"] }, direct: "off", group: "off" },
    { name: "a misspelt policy on an open channel", channel: "webchat", access: { direct: "opne" }, direct: "off", group: "off" },
    { name: "an access that is text", access: "open", direct: "off", group: "off" },
    { name: "nothing said where anybody can write", channel: "street", direct: "open", group: "open" },
    { name: "only about mentions", channel: "street", access: { mention: false }, direct: "open", group: "open" },
    {
      name: "direct chats only: groups aren't open by themselves",
      channel: "street",
      access: { direct: "open" },
      direct: "open",
      group: "off",
    },
    { name: "a list where anybody could write", channel: "street", access: { allow: ["1"] }, direct: "allowlist", group: "off" },
    { name: "an empty list where anybody could write", channel: "street", access: { allow: [] }, direct: "off", group: "off" },
    { name: "a misspelt list where anybody could write", channel: "street", access: { alow: ["1"] }, direct: "off", group: "off" },
    {
      name: "a misspelt access where anybody could write",
      channel: "street",
      more: { acces: { allow: ["1"] } },
      direct: "off",
      group: "off",
    },
    { name: "another misspelt key where anybody could write", channel: "street", more: { tokn: 1 }, direct: "open", group: "open" },
    { name: "said", access: { direct: "open", group: "open" }, direct: "open", group: "open" },
  ];
  for (const { name, access, more, direct, group, channel = "bot" } of cases) {
    it(name, async () => {
      const entry = { channel, ...more, ...(channel !== "webchat" && { token: "${TOKEN}" }), ...(access !== undefined && { access }) };
      const { configuration } = await testLoad({ file: { accounts: { x: entry } } as never, environment });
      const found = configuration.accounts.get(account("x"))?.access;
      assert.deepEqual({ direct: found?.direct, group: found?.group }, { direct, group });
    });
  }

  it("tells of an account that is open to the world without anybody having said so", async () => {
    const entry = { channel: "street", token: "${TOKEN}" };
    const opened = async (access?: object) => {
      const loaded = await testLoad({ file: { accounts: { x: { ...entry, ...(access && { access }) } } } as never, environment });
      return loaded.findings.filter(({ code }) => code === "access-open");
    };
    const [finding, ...more] = await opened();
    assert.deepEqual([finding?.severity, finding?.subject, more.length], ["warning", "accounts.x.access", 0]);
    assert.match(finding?.message ?? "", /^Everybody on Street may write to the account x and spend its tokens/);
    assert.match(finding?.hint ?? "", /config set accounts\.x\.access\.allow/);
    assert.equal((await opened({ mention: false })).length, 1);
    for (const access of [{ direct: "open" }, { direct: "open", group: "open" }, { allow: ["1"] }, { direct: "off" }, { alow: ["1"] }]) {
      assert.deepEqual(await opened(access), [], JSON.stringify(access));
    }
    const hinted = JSON.parse(/'(\{.*\})'/.exec(finding?.hint ?? "")?.[1]?.replace(/(\w+):/g, '"$1":') ?? "");
    assert.deepEqual(await opened(hinted), [], "what the hint says is enough");
  });

  it("writes numbers of ids as texts, and drops what is no id", async () => {
    const loaded = await testLoad({ file: { accounts: { x: { ...good, access: { allow: [7, "8", {}, 1.5] } } } }, environment });
    assert.deepEqual(loaded.configuration.accounts.get(account("x"))?.access.allow, ["7", "8"]);
    assert.deepEqual(named(loaded), ["config-invalid accounts.x.access.allow.2", "config-invalid accounts.x.access.allow.3"]);
  });

  it("never lets an account inherit whom another channel's admitted", async () => {
    for (const sources of [
      { file: { accounts: { web: { channel: "bot", token: "${TOKEN}" } } } },
      { app: { "accounts.web.token": "${TOKEN}", "accounts.web.channel": "bot" } },
      { environment: { POLYLOGUE_CONFIG__accounts__web__channel: "bot", POLYLOGUE_CONFIG__accounts__web__token: "abcdefg" } },
    ] as TestSources[]) {
      const { configuration } = await testLoad({ ...sources, environment: { ...environment, ...sources.environment } });
      const web = configuration.accounts.get(account("web"));
      assert.equal(web?.channel, "bot");
      assert.equal(web?.access.direct, "off");
    }
  });
});

describe("a file that isn't ours", () => {
  const folder = join(import.meta.dirname, "../../../shared/openclaw-configs");
  const skip = existsSync(folder) ? false : "../shared/openclaw-configs isn't there";
  it("comes to findings, and the defaults run", { skip }, async () => {
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
      const loaded = await testLoad({ file: readFileSync(join(folder, name), "utf8") });
      assert.ok(loaded.findings.length > 0, name);
      assert.ok(loaded.configuration.accounts.has(account("web")), name);
      assert.ok(loaded.configuration.routes.length > 0, name);
    }
  });
});
