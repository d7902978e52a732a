import type { McpConfiguration } from "../core/configuration.ts";
import type { Finding } from "../core/finding.ts";
import type { HttpClient } from "../core/http.ts";
import type { Log } from "../core/log.ts";
import type { Tool } from "../core/tool.ts";
import { type McpServer, startServer } from "./server.ts";

export interface McpSourcesDoor {
  readonly http: HttpClient;
  readonly log: Log;
}

/** Tools of other programs, through the Model Context Protocol: https://modelcontextprotocol.io */
export interface McpSources {
  /** Brings what runs to what is configured. Returns at once: a server that is slow to start holds up nobody. */
  apply(servers: ReadonlyMap<string, McpConfiguration>): void;
  /** `server/tool`, or `server/*` for all that it has. Those of a server that isn't there are missing. */
  tools(name: string): readonly Tool[];
  /** All tools of a server, by their own names. */
  list(server: string): ReturnType<McpServer["tools"]>;
  /** Resolves once each server is connected, or has failed once. */
  settled(): Promise<void>;
  findings(): readonly Finding[];
  close(): Promise<void>;
}

export function createMcpSources(door: McpSourcesDoor): McpSources {
  const running = new Map<string, { readonly configuration: string; readonly server: McpServer }>();
  return {
    apply(servers) {
      for (const [name, { configuration, server }] of running) {
        const wanted = servers.get(name);
        if (wanted && JSON.stringify(wanted) === configuration) continue;
        running.delete(name);
        void server.stop();
      }
      for (const [name, configuration] of servers) {
        if (!running.has(name))
          running.set(name, { configuration: JSON.stringify(configuration), server: startServer(name, configuration, door) });
      }
    },
    tools(name) {
      const slash = name.indexOf("/");
      const tools = running.get(name.slice(0, slash))?.server.tools() ?? [];
      const wanted = name.slice(slash + 1);
      return wanted === "*" ? tools.map(({ tool }) => tool) : tools.flatMap(({ own, tool }) => (own === wanted ? [tool] : []));
    },
    list: (name) => running.get(name)?.server.tools() ?? [],
    async settled() {
      await Promise.all([...running.values()].map(({ server }) => server.settled));
    },
    findings: () => [...running.values()].flatMap(({ server }) => server.findings()),
    async close() {
      await Promise.all([...running.values()].map(({ server }) => server.stop()));
    },
  };
}
