import type { Configuration } from "./core/configuration.ts";
import type { HttpClient } from "./core/http.ts";
import type { Log } from "./core/log.ts";
import type { Provider, ProviderAccount } from "./core/provider.ts";
import type { Tool } from "./core/tool.ts";

export interface ModelsOptions {
  readonly loadProvider: (kind: string) => Promise<Provider | undefined>;
  readonly loadTool: (name: string) => Promise<Tool | undefined>;
  readonly http: HttpClient;
  readonly log: Log;
}

/** The configured providers and the tools of the configured agents, loaded and ready for turns. */
export interface Models {
  apply(configuration: Configuration): Promise<void>;
  provider(id: string): { readonly provider: Provider; readonly account: ProviderAccount } | undefined;
  tools(names: readonly string[]): readonly Tool[];
}

export function createModels({ loadProvider, loadTool, http, log }: ModelsOptions): Models {
  let providers: ReadonlyMap<string, { readonly provider: Provider; readonly account: ProviderAccount }> = new Map();
  let tools: ReadonlyMap<string, Tool> = new Map();
  return {
    async apply(configuration) {
      const ready = new Map<string, { readonly provider: Provider; readonly account: ProviderAccount }>();
      for (const { id, kind, settings } of configuration.providers.values()) {
        const provider = await loadProvider(kind);
        if (provider) ready.set(id, { provider, account: { id, settings, http, log: log.with({ provider: id }) } });
      }
      const names = new Set([...configuration.agents.values()].flatMap((agent) => agent.tools));
      const found = await Promise.all([...names].map(async (name) => [name, await loadTool(name)] as const));
      providers = ready;
      tools = new Map(found.flatMap(([name, tool]) => (tool ? [[name, tool] as const] : [])));
    },
    provider: (id) => providers.get(id),
    tools: (names) => names.flatMap((name) => tools.get(name) ?? []),
  };
}
