import { createParser } from "eventsource-parser";
import { language } from "../words/language.ts";
import { faultFrom } from "./fault.ts";

/** The web chat's door (docs/channels/webchat.md): what a visitor may see and do. It is no part of the operators' API. */

export interface ChatMessage {
  readonly id: string;
  readonly direction: "in" | "out";
  readonly author?: "agent" | "operator" | "system";
  readonly at: number;
  readonly parts: readonly ChatPart[];
}

export type ChatPart =
  | { readonly type: "text"; readonly text: string; readonly markup: "plain" | "markdown" }
  | { readonly type: "buttons"; readonly rows: readonly (readonly ChatButton[])[] };

export interface ChatButton {
  readonly label: string;
  readonly token: string;
}

export type ChatEvent =
  | { readonly type: "turn-start" | "turn-restart"; readonly turn: string }
  | { readonly type: "turn-text"; readonly turn: string; readonly delta: string }
  | { readonly type: "turn-tool"; readonly turn: string; readonly name: string; readonly state: "running" | "done" | "failed" }
  | { readonly type: "turn-end"; readonly turn: string; readonly state: "done" | "failed" | "cancelled" }
  | { readonly type: "message"; readonly message: ChatMessage };

export interface Visit {
  readonly token: string;
  /** True for a visitor who begins; false for one who comes back. */
  readonly new: boolean;
  readonly title: string;
  readonly greeting?: string;
}

/** A way into one account's web chat with the token of one visitor. Every call throws its ApiFault. */
export class WebchatClient {
  readonly #account: string;
  #token: string | undefined;

  constructor(account: string, token: string | undefined) {
    this.#account = account;
    this.#token = token;
  }

  async visit(): Promise<Visit> {
    const visit = (await this.#ask("visit", "POST")) as Visit;
    this.#token = visit.token;
    return visit;
  }

  /** The newest messages, oldest first. */
  async history(): Promise<readonly ChatMessage[]> {
    return ((await this.#ask("messages?limit=100", "GET")) as { messages: ChatMessage[] }).messages;
  }

  /** `id` is the page's own: sent twice with the same one, it is one message. Answers our id of it. */
  async post(id: string, text: string): Promise<string | undefined> {
    return ((await this.#ask("messages", "POST", { id, text })) as { message?: string }).message;
  }

  async press(id: string, token: string): Promise<void> {
    await this.#ask("press", "POST", { id, token });
  }

  /** Hears what happens in the visitor's conversation until the stream ends; resolves then, or throws when it can't begin. */
  async listen(signal: AbortSignal, onOpen: () => void, hear: (event: ChatEvent) => void): Promise<void> {
    const response = await fetch(this.#address("events"), { headers: this.#headers(), signal, cache: "no-store" });
    if (!response.ok || !response.body) throw faultFrom(await readJson(response), response.status);
    onOpen();
    const parser = createParser({
      onEvent: ({ event, data }) => {
        const read = readEvent(event ?? "", data);
        if (read) hear(read);
      },
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) parser.feed(chunk.value);
  }

  async #ask(path: string, method: "GET" | "POST", body?: object): Promise<unknown> {
    const json = body && { "content-type": "application/json" };
    const response = await fetch(this.#address(path), {
      method,
      headers: { ...this.#headers(), ...json },
      ...(body && { body: JSON.stringify(body) }),
      cache: "no-store",
    });
    const answer = await readJson(response);
    if (!response.ok) throw faultFrom(answer, response.status);
    return answer;
  }

  #headers(): Readonly<Record<string, string>> {
    return { "accept-language": language, ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }) };
  }

  #address(path: string): string {
    return `/chat/${encodeURIComponent(this.#account)}/${path}`;
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** The event's name stands beside its data; one that isn't known is of a newer server. */
function readEvent(type: string, data: string): ChatEvent | undefined {
  try {
    const read = JSON.parse(data) as object;
    if (type === "message") return { type, message: read as ChatMessage };
    return type.startsWith("turn-") ? ({ ...read, type } as ChatEvent) : undefined;
  } catch {
    return undefined;
  }
}
