import type { Configuration, ModelPrice, ProviderConfiguration } from "./core/configuration.ts";
import type { Cost, PriceList, Tokens, Vendor } from "./core/cost.ts";
import type { HttpClient } from "./core/http.ts";
import type { Log } from "./core/log.ts";
import { nanoUsd } from "./core/money.ts";
import type { PackageLoader, Provider, ProviderAccount } from "./core/provider.ts";
import type { Tool } from "./core/tool.ts";

export interface ModelsOptions {
  readonly loadProvider: (kind: string) => Promise<Provider | undefined>;
  readonly loadTool: (name: string) => Promise<Tool | undefined>;
  readonly loadPackage: PackageLoader;
  readonly http: HttpClient;
  readonly log: Log;
}

/** The configured providers and the tools of the configured agents, loaded and ready for turns. */
export interface Models {
  apply(configuration: Configuration): Promise<void>;
  /** With its n-th key; 0 is the first. */
  provider(id: string, key?: number): { readonly provider: Provider; readonly account: ProviderAccount } | undefined;
  /** How many keys it has. */
  keys(id: string): number;
  tools(names: readonly string[]): readonly Tool[];
  readonly prices: PriceList;
}

interface Ready {
  readonly provider: Provider;
  /** One for each key. */
  readonly accounts: readonly ProviderAccount[];
  readonly vendor: Vendor | undefined;
  readonly prices: ProviderConfiguration["prices"];
}

type ListedCost = typeof import("./catalogue/price-list.ts").listedCost;

export function createModels({ loadProvider, loadTool, loadPackage, http, log }: ModelsOptions): Models {
  let providers: ReadonlyMap<string, Ready> = new Map();
  let tools: ReadonlyMap<string, Tool> = new Map();
  /** It takes memory, and whoever pays nobody needs none. */
  let listed: ListedCost | undefined;
  return {
    async apply(configuration) {
      const ready = new Map<string, Ready>();
      for (const { id, kind, settings, moreKeys, stallMs, prices } of configuration.providers.values()) {
        const provider = await loadProvider(kind);
        if (!provider) continue;
        const shared = { id, stallMs, http, log: log.with({ provider: id }), load: loadPackage };
        const accounts = [settings, ...moreKeys].map((settings) => ({ ...shared, settings }));
        ready.set(id, { provider, accounts, vendor: provider.vendor?.(settings), prices });
      }
      const names = new Set([...configuration.agents.values()].flatMap((agent) => agent.tools));
      const found = await Promise.all([...names].map(async (name) => [name, await loadTool(name)] as const));
      const billed = [...ready.values()].some(({ vendor, prices }) => vendor?.kind === "api" && !prices.has("*"));
      if (billed) listed ??= (await import("./catalogue/price-list.ts")).listedCost;
      providers = ready;
      tools = new Map(found.flatMap(([name, tool]) => (tool ? [[name, tool] as const] : [])));
    },
    provider(id, key = 0) {
      const { provider, accounts } = providers.get(id) ?? {};
      // A key that was taken away meanwhile: the first stands for it.
      const account = accounts?.[key] ?? accounts?.[0];
      return provider && account && { provider, account };
    },
    keys: (id) => providers.get(id)?.accounts.length ?? 1,
    tools: (names) => names.flatMap((name) => tools.get(name) ?? []),
    prices: {
      cost(call, tokens) {
        const known = providers.get(call.provider);
        if (!known) return undefined;
        const own = known.prices.get(call.model) ?? known.prices.get("*");
        if (own) return ownCost(own, tokens);
        if (known.vendor?.kind === "free") return { amount: 0, price: { source: "free", perMillion: {} } };
        return known.vendor && listed?.(known.vendor.url, call, tokens);
      },
    },
  };
}

/** By the prices that the operator wrote. */
function ownCost(price: ModelPrice, tokens: Tokens): Cost {
  const { input, output, cachedInput = input } = price;
  const cached = Math.min(tokens.cachedInput, tokens.input);
  const dollars = ((tokens.input - cached) * input + cached * cachedInput + tokens.output * output) / 1_000_000;
  return { amount: nanoUsd(dollars), price: { source: "configuration", perMillion: { input, cachedInput, output } } };
}
