import { createHash } from "node:crypto";
import { Client, type Tool as McpTool, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { z } from "zod";
import { backoff } from "../core/backoff.ts";
import type { McpConfiguration } from "../core/configuration.ts";
import { fail, fault, ok, type Result } from "../core/errors.ts";
import { finding, type SaidFinding } from "../core/finding.ts";
import type { HttpClient } from "../core/http.ts";
import { canonicalJson } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import { say } from "../core/say.ts";
import { withoutSecrets } from "../core/secret-forms.ts";
import type { Json } from "../core/terms.ts";
import type { Acceptance, ServerTool, Tool } from "../core/tool.ts";
import { fetchThrough } from "./fetch.ts";

/** One MCP server: connected, and connected again when it is gone. */
export interface McpServer {
  /** All that it has, also those that models aren't offered. */
  tools(): readonly ServerTool[];
  /** What is accepted may be something else now. */
  review(): void;
  /** It is connected, or has failed once. */
  readonly settled: Promise<void>;
  findings(): readonly SaidFinding[];
  stop(): Promise<void>;
}

const connectMs = 30_000;
const callMs = 30_000;
const longestPauseMs = 60_000;
/** What is shorter stands in many a text. */
const shortestSecret = 6;
/** Characters of what a server says of itself. */
const longestWhy = 500;

export interface McpDoor {
  readonly http: HttpClient;
  readonly log: Log;
  readonly accepted: Acceptance;
}

export function startServer(name: string, configuration: McpConfiguration, { http, log, accepted }: McpDoor): McpServer {
  const own = log.with({ mcp: name });
  // A server that refuses a header may quote it whole, or without its scheme.
  const secrets = Object.values({ ...configuration.env, ...configuration.headers })
    .flatMap((value) => [value, ...value.split(" ")])
    .filter((value) => value.length >= shortestSecret);
  let client: Client | undefined;
  let tools: readonly ServerTool[] = [];
  let reviewing: Promise<void> = Promise.resolve();
  let failures = 0;
  let why: string | undefined = "it is starting";
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
      next.setNotificationHandler("notifications/tools/list_changed", () => void relist(next));
      await list(next);
      if (client !== next) return;
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
    await settle(from, () =>
      found.map((described) => ({
        name: `${name}/${described.name}`,
        tool: toolOf(name, described, () => client),
        digest: digestOf(described),
      })),
    );
  }

  async function relist(from: Client): Promise<void> {
    try {
      await list(from);
    } catch (thrown) {
      // Nobody knows what its tools say now.
      if (client === from) lost(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** Holds what they say against what is accepted, one review after the other. */
  function settle(from: Client | undefined, found: () => readonly Omit<ServerTool, "state">[]): Promise<void> {
    const review = reviewing.then(async () => {
      const now = found();
      const known = await accepted(name, new Map(now.map((one) => [ownName(one), one.digest])));
      if (client !== from || stopped) return;
      tools = now.map((one) => ({ ...one, state: stateOf(known.get(ownName(one)), one.digest) }));
      const held = tools.filter(({ state }) => state !== "accepted");
      if (held.length > 0) own.warn("mcp-changed", { held: held.length });
    });
    reviewing = review.catch(() => {});
    return review;
  }

  function lost(reason: string): void {
    if (stopped) return;
    void client?.close().catch(() => {});
    client = undefined;
    tools = [];
    failures += 1;
    why = withoutSecrets(reason, secrets).slice(0, longestWhy);
    const pause = backoff(failures, undefined, Math.random, longestPauseMs);
    own.warn("mcp-lost", { why, againInMs: pause });
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), pause);
  }

  const settled = connect();
  return {
    settled,
    tools: () => tools,
    review: () => void settle(client, () => tools).catch((cause: unknown) => own.warn("mcp-review-fail", { cause })),
    findings() {
      const subject = `mcp.${name}`;
      const gone =
        why !== undefined && failures > 0
          ? [
              finding(
                { code: "mcp-unreachable", severity: "warning", subject },
                say`The MCP server ${name} can't be used: ${why}. Its tools are missing meanwhile.`,
                say`See to its program or address; it is tried again by itself.`,
              ),
            ]
          : [];
      const held = tools.filter(({ state }) => state !== "accepted").length;
      const other =
        held > 0
          ? [
              finding(
                { code: "mcp-changed", severity: "warning", subject },
                held === 1
                  ? say`${held} tool of the MCP server ${name} doesn't say what was accepted. No model is offered it.`
                  : say`${held} tools of the MCP server ${name} don't say what was accepted. No model is offered them.`,
                say`\`polylogue tools accept ${name}\` shows what they say now and asks whether models may read it.`,
              ),
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

/** A tool's own name on its server: what follows the first slash. */
export function ownName({ name }: Pick<ServerTool, "name">): string {
  return name.slice(name.indexOf("/") + 1);
}

function digestOf({ name, description, inputSchema }: McpTool): string {
  const said = canonicalJson([name, description ?? "", inputSchema as { [key: string]: Json }]);
  return createHash("sha256").update(said).digest("hex");
}

function stateOf(accepted: string | undefined, digest: string): ServerTool["state"] {
  return accepted === undefined ? "new" : accepted === digest ? "accepted" : "changed";
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
