import { z } from "zod";
import { cutOff } from "../core/cut-off.ts";
import { fail, fault, faultOf, ok, type Result } from "../core/errors.ts";
import type { ToolCall, ToolDescription } from "../core/provider.ts";
import type { Tool, ToolContext } from "../core/tool.ts";

const toolMs = 30_000;
/** Characters of a result that go back to the model; more is cut with notice. */
const maxResult = 32_000;

export interface ToolOutcome {
  readonly text: string;
  readonly ok: boolean;
}

/** Runs one tool call of a model: only a tool that the agent has, only with arguments that pass its schema. */
export async function runTool(tools: readonly Tool[], call: ToolCall, context: ToolContext): Promise<ToolOutcome> {
  const tool = tools.find((candidate) => candidate.name === call.name);
  if (!tool) return { ok: false, text: `There is no tool named ${JSON.stringify(call.name)}.` };
  const outcome = await attempt(tool, call, context);
  const text = outcome.ok ? outcome.value : `${outcome.fault.code}: ${outcome.fault.message}`;
  return {
    ok: outcome.ok,
    text: text.length > maxResult ? `${text.slice(0, maxResult)}\n[cut: ${text.length - maxResult} more characters]` : text,
  };
}

/** The arguments that a model wrote, as the tool takes them. */
export function readArguments(tool: Tool, written: string): Result<unknown> {
  let input: unknown;
  try {
    input = written.trim() === "" ? {} : JSON.parse(written);
  } catch (cause) {
    return { ok: false, fault: fault("request-invalid", "the arguments are not JSON", cause) };
  }
  const checked = tool.input.safeParse(input);
  return checked.success ? ok(checked.data) : fail("request-invalid", z.prettifyError(checked.error));
}

async function attempt(tool: Tool, call: ToolCall, context: ToolContext): Promise<Result<string>> {
  const read = readArguments(tool, call.input);
  if (!read.ok) return read;
  const cut = cutOff(context.signal, { clock: context.clock, ms: toolMs });
  const { signal } = cut;
  try {
    return await Promise.race([tool.run(read.value, { ...context, signal }), aborted(signal)]);
  } catch (thrown) {
    return { ok: false, fault: faultOf(thrown) };
  } finally {
    cut.end();
  }
}

function aborted(signal: AbortSignal): Promise<Result<string>> {
  return new Promise((resolve) => {
    const stop = () => resolve({ ok: false, fault: fault("turn-failed", "the tool took too long or was stopped") });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

export function describeTools(tools: readonly Tool[]): ToolDescription[] {
  return tools.map(describe);
}

const described = new WeakMap<Tool, ToolDescription>();

function describe(tool: Tool): ToolDescription {
  const known = described.get(tool);
  if (known) return known;
  const { $schema: _, ...parameters } = tool.parameters ?? (z.toJSONSchema(tool.input) as ToolDescription["parameters"]);
  const description = { name: tool.name, description: tool.description, parameters };
  described.set(tool, description);
  return description;
}
