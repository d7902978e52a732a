import { Client, type Tool as McpTool, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { z } from "zod";
import { backoff } from "../core/backoff.ts";
import type { McpConfiguration } from "../core/configuration.ts";
import { fail, fault, ok, type Result } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { HttpClient } from "../core/http.ts";
import type { Log } from "../core/log.ts";
import type { Json } from "../core/terms.ts";
import type { Tool } from "../core/tool.ts";
import { fetchThrough } from "./fetch.ts";

/** One MCP server: connected, and connected again when it is gone. */
export interface McpServer {
  tools(): readonly { readonly own: string; readonly tool: Tool }[];
  /** It is connected, or has failed once. */
  readonly settled: Promise<void>;
  findings(): readonly Finding[];
  stop(): Promise<void>;
}

const connectMs = 30_000;
const callMs = 30_000;
const longestPauseMs = 60_000;

export function startServer(
  name: string,
  configuration: McpConfiguration,
  { http, log }: { readonly http: HttpClient; readonly log: Log },
): McpServer {
  const own = log.with({ mcp: name });
  let client: Client | undefined;
  let tools: readonly { readonly own: string; readonly tool: Tool }[] = [];
  let failures = 0;
  let why: string | undefined = "it is starting";
  let descriptions: string | undefined;
  let changed = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    try {
      const next = new Client({ name: "polylogue", version: "1" });
      next.onclose = () => {
        if (client === next) lost("it ended, or closed the connection");
      };
      await next.connect(transportOf(configuration, http), { timeout: connectMs });
      if (stopped) return void next.close();
      client = next;
      await list(next);
      next.setNotificationHandler("notifications/tools/list_changed", () => void list(next).catch(() => {}));
      failures = 0;
      why = undefined;
      own.info("mcp-ready", { tools: tools.length });
    } catch (thrown) {
      lost(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  async function list(from: Client): Promise<void> {
    const found: McpTool[] = [];
    let cursor: string | undefined;
    do {
      const page = await from.listTools(cursor === undefined ? {} : { cursor }, { timeout: connectMs });
      found.push(...page.tools);
      cursor = page.nextCursor;
    } while (cursor !== undefined && found.length < 1_000);
    const now = JSON.stringify(found.map(({ name, description, inputSchema }) => [name, description, inputSchema]));
    // What a tool says of itself is read by models: one that says something else than when it was looked at may mean harm.
    if (descriptions !== undefined && descriptions !== now) changed = true;
    descriptions ??= now;
    tools = found.map((described) => ({ own: described.name, tool: toolOf(name, described, () => client) }));
  }

  function lost(reason: string): void {
    if (stopped) return;
    void client?.close().catch(() => {});
    client = undefined;
    tools = [];
    failures += 1;
    why = reason;
    const pause = backoff(failures, undefined, Math.random, longestPauseMs);
    own.warn("mcp-lost", { why: reason, againInMs: pause });
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), pause);
  }

  const settled = connect();
  return {
    settled,
    tools: () => tools,
    findings() {
      const subject = `mcp.${name}`;
      const gone: Finding[] =
        why !== undefined && failures > 0
          ? [
              {
                ...{ code: "mcp-unreachable", severity: "warning", subject },
                message: `The MCP server ${name} can't be used: ${why}. Its tools are missing meanwhile.`,
                hint: "See to its program or address; it is tried again by itself.",
              },
            ]
          : [];
      const other: Finding[] = changed
        ? [
            {
              ...{ code: "mcp-changed", severity: "warning", subject },
              message: `The MCP server ${name} describes its tools otherwise than when the gateway was started.`,
              hint: "Look at what `polylogue tools list` shows: models read it. A restart of the gateway takes it as known.",
            },
          ]
        : [];
      return [...gone, ...other];
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      tools = [];
      await client?.close().catch(() => {});
    },
  };
}

function transportOf({ command, env, url, headers }: McpConfiguration, http: HttpClient): Transport {
  const [program, ...args] = command ?? [];
  // Only what a program can't do without: none of the gateway's own secrets.
  if (program !== undefined)
    return new StdioClientTransport({ command: program, args, env: { ...getDefaultEnvironment(), ...env }, stderr: "ignore" });
  return new StreamableHTTPClientTransport(new URL(url ?? ""), { fetch: fetchThrough(http), requestInit: { headers: { ...headers } } });
}

/** As models may call it: https://platform.openai.com/docs/guides/function-calling */
function nameFor(server: string, tool: string): string {
  return `${server}_${tool}`.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
}

function toolOf(server: string, { name, description, inputSchema }: McpTool, client: () => Client | undefined): Tool {
  return {
    name: nameFor(server, name),
    description: description ?? name,
    parameters: inputSchema as { [key: string]: Json },
    input: schemaOf(inputSchema),
    async run(input, { signal }): Promise<Result<string>> {
      const now = client();
      if (!now) return fail("http-unreachable", `the server ${server} isn't there at the moment`);
      try {
        const arguments_ = input as { [key: string]: unknown };
        const result = await now.callTool({ name, arguments: arguments_ }, { signal, timeout: callMs });
        const words = wordsOf(result.content, result.structuredContent);
        return result.isError ? { ok: false, fault: fault("turn-failed", words) } : ok(words);
      } catch (thrown) {
        return fail("turn-failed", `${server}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
      }
    },
  };
}

/** A schema that can't be read checks nothing but that it is an object: the server checks for itself. */
function schemaOf(schema: unknown): z.ZodType<unknown> {
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return z.record(z.string(), z.unknown());
  }
}

function wordsOf(content: readonly { readonly type: string; readonly text?: string }[], structured: unknown): string {
  const words = content.map((block) => (block.type === "text" ? (block.text ?? "") : `[${block.type}]`)).join("\n");
  return words || (structured === undefined ? "(nothing)" : JSON.stringify(structured));
}
