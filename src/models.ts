import { type LearnedContexts, learnContexts } from "./catalogue/contexts.ts";
import { familyReads } from "./catalogue/families.ts";
import type { Clock } from "./core/clock.ts";
import type { Configuration, ModelPrice, ProviderConfiguration } from "./core/configuration.ts";
import type { Cost, PriceList, Tokens, Vendor } from "./core/cost.ts";
import { ok } from "./core/errors.ts";
import type { SaidFinding } from "./core/finding.ts";
import type { HttpClient } from "./core/http.ts";
import type { Log } from "./core/log.ts";
import { nanoUsd } from "./core/money.ts";
import type { PackageLoader } from "./core/packages.ts";
import { type Capabilities, type ContextSource, type Provider, type ProviderAccount, providerOf } from "./core/provider.ts";
import type { CountTokens } from "./core/tokens.ts";
import type { Acceptance, ServerTool, Tool } from "./core/tool.ts";
import type { McpSources } from "./mcp/sources.ts";

export interface ModelsOptions {
  readonly loadProvider: (kind: string) => Promise<Provider | undefined>;
  readonly loadTool: (name: string) => Promise<Tool | undefined>;
  readonly loadPackage: PackageLoader;
  readonly acceptTools: Acceptance;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** The configured providers and the tools of the configured agents, loaded and ready for turns. */
export interface Models {
  apply(configuration: Configuration): Promise<void>;
  /** With its n-th key; 0 is the first. */
  provider(id: string, key?: number): { readonly provider: Provider; readonly account: ProviderAccount } | undefined;
  /** How many keys it has. */
  keys(id: string): number;
  /** What `provider/model` can do: the operator's word goes before what is known. */
  capabilities(model: string): Capabilities;
  /** The tokens of one call of it, and who says so; waits for servers that were asked. */
  context(model: string): Promise<{ readonly tokens: number; readonly from: ContextSource } | undefined>;
  tools(names: readonly string[]): readonly Tool[];
  /** The same, also of those that no agent has: they are loaded now. */
  anyTools(names: readonly string[]): Promise<readonly Tool[]>;
  /** The tools of MCP servers, also those that models aren't offered. */
  serverTools(): readonly ServerTool[];
  readonly prices: PriceList;
  /** Loads what counts tokens. */
  tokenizer(): Promise<CountTokens>;
  findings(): readonly SaidFinding[];
  /** Ends the programs that tools are in. */
  close(): Promise<void>;
}

interface Ready {
  readonly provider: Provider;
  /** One for each key. */
  readonly accounts: readonly ProviderAccount[];
  readonly vendor: Vendor | undefined;
  readonly models: ProviderConfiguration["models"];
  readonly prices: ProviderConfiguration["prices"];
  /** Absent: its servers never say what room their models have. */
  readonly contexts?: LearnedContexts | undefined;
  /** What `contexts` was learned with. */
  readonly server: string;
}

type Catalogue = typeof import("./catalogue/price-list.ts");

export function createModels({ loadProvider, loadTool, loadPackage, acceptTools, http, clock, log }: ModelsOptions): Models {
  let providers: ReadonlyMap<string, Ready> = new Map();
  let tools: ReadonlyMap<string, Tool> = new Map();
  /** Loaded with the first server. */
  let mcp: McpSources | undefined;
  /** It takes memory, and whoever pays nobody needs none. */
  let listed: Catalogue | undefined;
  /** What doesn't change until the next configuration. */
  const fixed = new Map<string, Fixed>();

  function fixedOf(id: string): Fixed {
    const before = fixed.get(id);
    if (before) return before;
    const model = id.slice(providerOf(id).length + 1);
    const known = providers.get(providerOf(id));
    const { reads, context } = { ...known?.models["*"], ...known?.models[model] };
    const list = known?.vendor?.kind === "api" ? listed?.listedContext(known.vendor.url, model) : undefined;
    const tokens = context ?? list;
    const found: Fixed = {
      capabilities: { reads: reads ?? (known ? familyReads(model) : []), ...(tokens !== undefined && { context: tokens }) },
      from: context !== undefined ? "configuration" : list !== undefined ? "price list" : undefined,
      // Only what nobody else knows is asked of the server.
      server: tokens === undefined ? known?.contexts : undefined,
      model,
    };
    fixed.set(id, found);
    return found;
  }

  function capabilitiesOf(id: string): Capabilities {
    const { capabilities, server, model } = fixedOf(id);
    const context = server?.of(model);
    return context === undefined ? capabilities : { ...capabilities, context };
  }

  function learnFrom(before: Ready | undefined, server: string, provider: Provider, [account]: readonly ProviderAccount[]) {
    if (!provider.contexts || !account) return undefined;
    if (before?.contexts && before.server === server) return before.contexts;
    return learnContexts({
      clock,
      log: account.log,
      ask: async (models, signal) => (await provider.contexts?.(account, models, signal)) ?? ok(new Map()),
    });
  }

  function toolsOf(names: readonly string[], more?: ReadonlyMap<string, Tool | undefined>): readonly Tool[] {
    return names.flatMap((name) => (name.includes("/") ? (mcp?.tools(name) ?? []) : (tools.get(name) ?? more?.get(name) ?? [])));
  }

  return {
    async apply(configuration) {
      const ready = new Map<string, Ready>();
      for (const { id, kind, settings, moreKeys, stallMs, models, prices } of configuration.providers.values()) {
        const provider = await loadProvider(kind);
        if (!provider) continue;
        const shared = { id, stallMs, http, log: log.with({ provider: id }), load: loadPackage };
        const accounts = [settings, ...moreKeys].map((settings) => ({ ...shared, settings }));
        const server = JSON.stringify([kind, settings]);
        const contexts = learnFrom(providers.get(id), server, provider, accounts);
        ready.set(id, { provider, accounts, vendor: provider.vendor?.(settings), models, prices, contexts, server });
      }
      for (const [id, { contexts }] of providers) if (ready.get(id)?.contexts !== contexts) contexts?.close();
      const named = new Set([...configuration.agents.values()].flatMap((agent) => agent.tools));
      const names = [...named].filter((name) => !name.includes("/"));
      if (configuration.mcp.size > 0) mcp ??= (await import("./mcp/sources.ts")).createMcpSources({ http, log, accepted: acceptTools });
      mcp?.apply(configuration.mcp);
      const found = await Promise.all(names.map(async (name) => [name, await loadTool(name)] as const));
      const billed = [...ready.values()].some(({ vendor, prices }) => vendor?.kind === "api" && !prices.has("*"));
      if (billed) listed ??= await import("./catalogue/price-list.ts");
      providers = ready;
      fixed.clear();
      tools = new Map(found.flatMap(([name, tool]) => (tool ? [[name, tool] as const] : [])));
    },
    provider(id, key = 0) {
      const { provider, accounts } = providers.get(id) ?? {};
      // A key that was taken away meanwhile: the first stands for it.
      const account = accounts?.[key] ?? accounts?.[0];
      return provider && account && { provider, account };
    },
    keys: (id) => providers.get(id)?.accounts.length ?? 1,
    capabilities: capabilitiesOf,
    async context(id) {
      capabilitiesOf(id);
      const { server, from = "server" } = fixedOf(id);
      await server?.settled();
      const { context: tokens } = capabilitiesOf(id);
      return tokens === undefined ? undefined : { tokens, from };
    },
    tools: (names) => toolsOf(names),
    async anyTools(names) {
      const missing = names.filter((name) => !name.includes("/") && !tools.has(name));
      const found = await Promise.all(missing.map(async (name) => [name, await loadTool(name)] as const));
      return toolsOf(names, new Map(found));
    },
    serverTools: () => mcp?.list() ?? [],
    findings: () => mcp?.findings() ?? [],
    async close() {
      for (const { contexts } of providers.values()) contexts?.close();
      await mcp?.close();
    },
    tokenizer: async () => (await import("./catalogue/tokenizer.ts")).loadTokenizer(),
    prices: {
      cost(call, tokens) {
        const known = providers.get(call.provider);
        if (!known) return undefined;
        const own = known.prices.get(call.model) ?? known.prices.get("*");
        if (own) return ownCost(own, tokens);
        if (known.vendor?.kind === "free") return { amount: 0, price: { source: "free", perMillion: {} } };
        return known.vendor && listed?.listedCost(known.vendor.url, call, tokens);
      },
    },
  };
}

interface Fixed {
  readonly capabilities: Capabilities;
  readonly from: ContextSource | undefined;
  /** Who may say the rest. */
  readonly server: LearnedContexts | undefined;
  readonly model: string;
}

/** By the prices that the operator wrote. */
function ownCost(price: ModelPrice, tokens: Tokens): Cost {
  const { input, output, cachedInput = input } = price;
  const cached = Math.min(tokens.cachedInput, tokens.input);
  const dollars = ((tokens.input - cached) * input + cached * cachedInput + tokens.output * output) / 1_000_000;
  return { amount: nanoUsd(dollars), price: { source: "configuration", perMillion: { input, cachedInput, output } } };
}
