import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { CliDoor } from "../../src/cli/door.ts";
import { runCli } from "../../src/cli/program.ts";
import { type Channel, defineChannel } from "../../src/core/channel.ts";
import { fail, ok } from "../../src/core/errors.ts";
import type { HttpClient } from "../../src/core/http.ts";
import { defaultTenant } from "../../src/core/ids.ts";
import type { Log } from "../../src/core/log.ts";
import { defineProvider, type Provider } from "../../src/core/provider.ts";
import { secret } from "../../src/core/secret.ts";
import { plain } from "../../src/dialects/plain.ts";
import { createKnowledge } from "../../src/knowledge/sources.ts";
import { enqueueMessage } from "../../src/outbox/enqueue.ts";
import { createPackages } from "../../src/packages.ts";
import { filesFolder, packagesFolder, storeFile } from "../../src/places.ts";
import { filePlace } from "../../src/store-place.ts";
import { systemClock } from "../../src/system-clock.ts";
import { agentOf } from "./agent.ts";

export const goodToken = "good-token-4711";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

/** A platform that knows one token. */
const bot: Channel<{ token: string; apiRoot: string }> = defineChannel({
  kind: "bot",
  name: "Bot",
  summary: "A platform for tests.",
  guide: "Ask the platform for a token.",
  settings: z.strictObject({
    token: secret("The bot's token."),
    apiRoot: z.string().default("https://api.example").describe("Where its API is."),
  }),
  dialect: plain,
  limits: { text: { max: 4096, unit: "utf16", counts: "sent" }, rate: { account: 30, conversation: 1 } },
  idempotent: true,
  async probe({ settings: { token, apiRoot } }) {
    if (token === goodToken) return ok({ id: "1", name: "@test_bot" });
    // Careless on purpose: what a channel says must not show a secret either.
    if (token.startsWith("leaky"))
      return fail("channel-unreachable", `can't reach ${apiRoot}/bot${token}/me?t=${encodeURIComponent(token)}`);
    return fail("channel-auth", "Bot refused the token: 401 Unauthorized");
  },
  send: async () => ({ kind: "sent", receipt: "1" }),
});
const webchat: Channel<object> = defineChannel({
  ...{ kind: "webchat", name: "Web chat", summary: "For tests.", guide: "", dialect: plain, limits: bot.limits, idempotent: true },
  settings: z.strictObject({}),
  access: { direct: "open" },
  probe: async () => ok({ id: "web", name: "web chat" }),
  send: async () => ({ kind: "sent", receipt: "1" }),
});
const demo: Provider = defineProvider({
  kind: "demo",
  name: "Demo",
  settings: z.strictObject({}),
  async *stream() {},
  models: async () => ok(["demo"]),
});

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** The result of `--json`. */
  json<Value>(): Value;
}

export interface TestInput {
  readonly stdin?: string;
  /** Answers of a person, in order; their presence makes the terminal interactive. */
  readonly typed?: string[];
}

/** A data folder of its own, and the program as a person or a script calls it. */
export async function testCli(more: Partial<CliDoor> = {}) {
  const home = more.home ?? (await mkdtemp(join(tmpdir(), "polylogue-cli-")));
  const kept = { out: "", err: "", running: false };
  const door = (input: TestInput): CliDoor => ({
    version: "1.2.3",
    home,
    storeFile: storeFile(home),
    filesFolder: filesFolder(home),
    store: filePlace(storeFile(home)),
    environment: {},
    clock: systemClock,
    log,
    http: {} as HttpClient,
    kinds: {
      channel: async (kind) => (kind === "bot" ? (bot as Channel) : kind === "webchat" ? (webchat as Channel) : undefined),
      provider: async (kind) => (kind === "demo" ? demo : undefined),
      channels: ["bot", "webchat"],
      providers: ["demo"],
      tools: ["current_time", "calculator"],
    },
    packages: createPackages(packagesFolder(home), {}),
    keychain: async () => "there is no OS keychain here",
    openStore: (file = storeFile(home)) => filePlace(file).open("guest"),
    contexts: async () => new Map(),
    prices: async () => ({ cost: () => undefined }),
    async knowledge({ knowledge }) {
      const sources = createKnowledge({ file: ":memory:", tenant: defaultTenant, log });
      await sources.apply(knowledge);
      return sources;
    },
    gatewayRuns: async () => kept.running,
    engine: ok(undefined),
    moveStore: async () => fail("usage", "there is no database"),
    takeStore: async () => fail("usage", "there is no database"),
    render: async () => fail("internal", "not in this test"),
    enqueue: (store, configuration, message) =>
      enqueueMessage(
        {
          store,
          clock: systemClock,
          account: (id) => (configuration.accounts.has(id) ? { channel: bot as Channel, onUnknown: "repeat" } : undefined),
        },
        message,
      ),
    touch: async () => fail("account-unknown", "there is no platform here"),
    serverTools: async () => ({ tools: [], findings: [] }),
    router: async () => ({
      decide: () => ({ reason: "no-route" }),
      classify: async () => ({ confidence: 0, by: "model", reason: "" }),
      agentOf: () => agentOf(),
    }),
    startGateway: async () => 0,
    terminal: {
      out(text) {
        kept.out += text;
      },
      err(text) {
        kept.err += text;
      },
      interactive: input.typed !== undefined,
      readAll: async (maxBytes) => (Buffer.byteLength(input.stdin ?? "") > maxBytes ? undefined : (input.stdin ?? "")),
      ask: async () => input.typed?.shift(),
      askHidden: async () => input.typed?.shift(),
    },
    ...more,
  });
  async function run(line: readonly string[], input: TestInput = {}): Promise<Ran> {
    kept.out = "";
    kept.err = "";
    const exit = await runCli(line, door(input));
    const { out, err } = kept;
    return { exit, out, err, json: () => JSON.parse(out) };
  }
  return { home, run, door: door({}), kept };
}
