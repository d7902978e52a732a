import { z } from "zod";
import { type Loaded, loadConfiguration } from "../../src/config/load.ts";
import type { ChannelKind, Kinds, ProviderKind, Sources } from "../../src/config/sources.ts";
import { fail, ok } from "../../src/core/errors.ts";
import { secret } from "../../src/core/secret.ts";
import type { Json } from "../../src/core/terms.ts";

const bot: ChannelKind = {
  kind: "bot",
  settings: z.strictObject({
    token: secret("The bot's token."),
    apiRoot: z.url().default("https://api.example").describe("Where its API is."),
    mode: z.enum(["poll", "webhook"]).default("poll").describe("How it receives."),
    nested: z
      .strictObject({ key: secret("A secret inside.").optional(), depth: z.int().optional() })
      .optional()
      .describe("More of it."),
  }),
};
const webchat: ChannelKind = { kind: "webchat", settings: z.strictObject({ title: z.string().optional() }), access: { direct: "open" } };
const street: ChannelKind = {
  ...bot,
  kind: "street",
  name: "Street",
  access: { direct: "open", group: "open", public: true },
};
const demo: ProviderKind = { kind: "demo", settings: z.strictObject({}) };
const local: ProviderKind = { kind: "local", settings: z.strictObject({ baseUrl: z.url(), apiKey: secret("The key.").optional() }) };

/** Kinds made up for tests, with a count of how often each was loaded. */
export function testKinds(): Kinds & { readonly loaded: string[] } {
  const channels = new Map([bot, webchat, street].map((kind) => [kind.kind, kind]));
  const providers = new Map([demo, local].map((kind) => [kind.kind, kind]));
  const loaded: string[] = [];
  return {
    loaded,
    async channel(kind) {
      loaded.push(kind);
      if (kind === "broken") throw new Error("its file doesn't load");
      return channels.get(kind);
    },
    provider: async (kind) => providers.get(kind),
    channels: ["bot", "webchat"],
    providers: ["demo", "local"],
    tools: ["current_time", "calculator"],
  };
}

export interface TestSources {
  /** The file: its text, or what JSON makes of it. */
  readonly file?: string | Json;
  readonly app?: { readonly [path: string]: Json };
  readonly environment?: Readonly<Record<string, string>>;
  readonly vault?: { readonly [name: string]: string };
  readonly home?: string;
  readonly learn?: (secret: string) => void;
}

export function testSources({ file, app = {}, environment = {}, vault = {}, home = "/nowhere", learn }: TestSources): Sources {
  return {
    home,
    environment,
    kinds: testKinds(),
    settings: new Map(Object.entries(app)),
    vault: async (name) => {
      if (name === "locked") return fail("vault-locked", "the master key is another one");
      return Object.hasOwn(vault, name) ? ok(vault[name] as string) : fail("secret-missing", `The vault has no secret \`${name}\`.`);
    },
    ...(learn && { learn }),
    ...(file !== undefined && { file: { name: "polylogue.json5", text: typeof file === "string" ? file : JSON.stringify(file) } }),
  };
}

export function testLoad(sources: TestSources = {}): Promise<Loaded> {
  return loadConfiguration(testSources(sources));
}

/** `code subject`, in order. */
export function named(loaded: Loaded): string[] {
  return loaded.findings.map(({ code, subject }) => `${code} ${subject}`);
}
