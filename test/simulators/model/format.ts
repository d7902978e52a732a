/** What the simulator's formats have in common: what is to be said, and how a request is found wrong. */
export interface Plan {
  readonly reasoning: readonly string[];
  readonly text: readonly string[];
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
  readonly end: "stop" | "length" | "tool-calls" | "filter";
  readonly usage: { readonly input: number; readonly cachedInput: number; readonly output: number };
  /** Leave out what some servers leave out. */
  readonly without: { readonly usage: boolean; readonly done: boolean; readonly index: boolean };
}

export interface Complaint {
  readonly status: number;
  readonly type: string;
  readonly code?: string;
  readonly message: string;
}

export type Body = { readonly [key: string]: unknown };

export type FormatName = "openai" | "responses" | "anthropic" | "google" | "ollama" | "cohere" | "bedrock";

export interface Format {
  readonly name: FormatName;
  /** Where calls go; a path that names the model names it last. */
  readonly path: RegExp;
  /** What the real API would refuse in it. */
  check(headers: Readonly<Record<string, string | string[] | undefined>>, body: Body, key: string | undefined): Complaint | undefined;
  /** The words of the last user message, the results of tools if those came last, and how many images. */
  read(body: Body): {
    readonly words: string;
    readonly results: readonly string[];
    readonly images: number;
    readonly tools: readonly string[];
  };
  refusal(complaint: Complaint): string;
  /** Whole events, each with its line ends (LF). */
  events(plan: Plan, model: string): string[];
  errorEvent(complaint: Complaint): string;
  /** An event's bytes, where they aren't its text. */
  encode?(event: string): Buffer;
}

export function invalid(message: string, code?: string): Complaint {
  return { status: 400, type: "invalid_request_error", message, ...(code ? { code } : {}) };
}

export function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function unknownKey(body: Body, known: readonly string[]): string | undefined {
  return Object.keys(body).find((key) => !known.includes(key));
}

export function checkDataUrl(data: string): boolean {
  return data.length > 0 && Buffer.from(data, "base64").toString("base64").replace(/=+$/, "") === data.replace(/=+$/, "");
}
