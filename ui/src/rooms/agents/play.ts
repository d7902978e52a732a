import type { Schemas } from "../../api/client.ts";

export type PlayEvent = Schemas["PlayEvent"];
export type PlayedCall = PlayEvent & { readonly type: "call" };
type ToolEvent = PlayEvent & { readonly type: "tool" };

/** A tool that the model used, or wants to use. */
export interface PlayedTool {
  readonly call: ToolEvent["call"];
  readonly state: ToolEvent["state"];
  /** While it asks. */
  readonly question?: string;
  readonly result?: string;
}

/** One answer, as far as it has come. */
export interface PlayedAnswer {
  /** Words and uses of tools, in their order. */
  readonly parts: readonly (string | PlayedTool)[];
  /** Who is being asked. */
  readonly asked?: string | undefined;
  /** Who was asked and gave nothing: another one of the chain took over. */
  readonly failed: readonly string[];
  readonly calls: readonly PlayedCall[];
  /** Absent while it comes. */
  readonly end?: (PlayEvent & { readonly type: "end" })["reason"] | "stopped" | "failed";
  readonly fault?: unknown;
}

export const nothingYet: PlayedAnswer = { parts: [], failed: [], calls: [] };

export function hearPlay(answer: PlayedAnswer, event: PlayEvent): PlayedAnswer {
  const { parts, asked, failed, calls } = answer;
  switch (event.type) {
    case "model":
      return { ...answer, asked: event.model, failed: asked === undefined ? failed : [...failed, asked] };
    case "text": {
      const last = parts.at(-1);
      return { ...answer, parts: typeof last === "string" ? parts.with(-1, last + event.delta) : [...parts, event.delta] };
    }
    case "tool":
      return { ...answer, parts: withTool(parts, event) };
    case "call":
      return { ...answer, asked: undefined, calls: [...calls, event] };
    case "end":
      return { ...answer, end: event.reason };
    case "fail":
      return { ...answer, end: "failed", fault: event.fault };
  }
}

function withTool(parts: PlayedAnswer["parts"], { call, state, ...more }: ToolEvent): PlayedAnswer["parts"] {
  const at = parts.findLastIndex((part) => typeof part !== "string" && part.call.id === call.id);
  const known = parts[at];
  const tool: PlayedTool = {
    call,
    state,
    ...("question" in more && { question: more.question }),
    ...("result" in more && { result: more.result }),
  };
  // Some models give each call the same id: what is over stays.
  const goesOn = known !== undefined && typeof known !== "string" && known.result === undefined;
  return goesOn ? parts.with(at, tool) : [...parts, tool];
}

/** What the model is told again with the next question. */
export function textOf({ parts }: PlayedAnswer): string {
  return parts.filter((part) => typeof part === "string" && part.trim()).join("\n\n");
}
