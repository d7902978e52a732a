import type { McpConfiguration } from "../core/configuration.ts";
import type { SaidFinding } from "../core/finding.ts";
import type { ServerTool, Tool } from "../core/tool.ts";
import { type McpDoor, type McpServer, ownName, startServer } from "./server.ts";

/** Tools of other programs, through the Model Context Protocol: https://modelcontextprotocol.io */
export interface McpSources {
  /** Brings what runs to what is configured and accepted. Returns at once: a server that is slow to start holds up nobody. */
  apply(servers: ReadonlyMap<string, McpConfiguration>): void;
  /** `server/tool`, or `server/*` for all that it has. Those of a server that isn't there, or that aren't accepted, are missing. */
  tools(name: string): readonly Tool[];
  /** All tools of all servers, accepted or not. */
  list(): readonly ServerTool[];
  /** Resolves once each server is connected, or has failed once. */
  settled(): Promise<void>;
  findings(): readonly SaidFinding[];
  close(): Promise<void>;
}

export function createMcpSources(door: McpDoor): McpSources {
  const running = new Map<string, { readonly configuration: string; readonly server: McpServer }>();
  return {
    apply(servers) {
      for (const [name, { configuration, server }] of running) {
        const wanted = servers.get(name);
        if (wanted && JSON.stringify(wanted) === configuration) {
          server.review();
          continue;
        }
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
      return tools.flatMap((one) => (one.state === "accepted" && (wanted === "*" || ownName(one) === wanted) ? [one.tool] : []));
    },
    list: () => [...running.values()].flatMap(({ server }) => server.tools()),
    async settled() {
      await Promise.all([...running.values()].map(({ server }) => server.settled));
    },
    findings: () => [...running.values()].flatMap(({ server }) => server.findings()),
    async close() {
      await Promise.all([...running.values()].map(({ server }) => server.stop()));
    },
  };
}
