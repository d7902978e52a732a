import type { ChatEvent, ChatMessage } from "../../api/webchat.ts";

/** A message of the visitor's own that the gateway hasn't confirmed. */
export interface Unsent {
  /** The page's own id: sent again with it, it stays one message. */
  readonly id: string;
  readonly text: string;
  readonly at: number;
  /** `waiting`: it goes out by itself when the gateway is back. `refused`: only if the visitor says so. */
  readonly state: "sending" | "waiting" | "refused";
  readonly why?: string;
}

export interface ToolUse {
  readonly name: string;
  readonly state: "running" | "done" | "failed";
}

/** An answer while it is being written. */
export interface Draft {
  readonly turn: string;
  readonly text: string;
  readonly tools: readonly ToolUse[];
  /** The turn is over; the answer's final form is about to come. */
  readonly ended: boolean;
}

export interface ChatState {
  readonly messages: readonly ChatMessage[];
  readonly unsent: readonly Unsent[];
  readonly draft?: Draft;
  /** Tools that were used for an answer, by its message id; known for answers that were seen being written. */
  readonly tools: { readonly [message: string]: readonly ToolUse[] };
  /** Tokens of buttons that were pressed. */
  readonly pressed: readonly string[];
}

export const emptyChat: ChatState = { messages: [], unsent: [], tools: {}, pressed: [] };

export function hearEvent(state: ChatState, event: ChatEvent): ChatState {
  const { draft, ...rest } = state;
  switch (event.type) {
    case "turn-start":
    case "turn-restart":
      return { ...rest, draft: { turn: event.turn, text: "", tools: [], ended: false } };
    case "turn-text": {
      const mine = draft?.turn === event.turn ? draft : { turn: event.turn, text: "", tools: [], ended: false };
      return { ...rest, draft: { ...mine, text: mine.text + event.delta } };
    }
    case "turn-tool": {
      const mine = draft?.turn === event.turn ? draft : { turn: event.turn, text: "", tools: [], ended: false };
      return { ...rest, draft: { ...mine, tools: withTool(mine.tools, event) } };
    }
    case "turn-end":
      if (draft?.turn !== event.turn) return state;
      return event.state === "done" ? { ...rest, draft: { ...draft, ended: true } } : rest;
    case "message":
      return hearMessage(state, event.message);
  }
}

function withTool(tools: readonly ToolUse[], { name, state }: ToolUse): readonly ToolUse[] {
  const running = tools.findLastIndex((tool) => tool.name === name && tool.state === "running");
  return state === "running" || running < 0 ? [...tools, { name, state }] : tools.with(running, { name, state });
}

/** A message in its final form; an agent's takes the place of the draft. */
function hearMessage(state: ChatState, message: ChatMessage): ChatState {
  const messages = mergeMessages(state.messages, [message]);
  if (message.direction === "in" || message.author === "operator" || !state.draft) return { ...state, messages };
  const { draft, ...rest } = state;
  return { ...rest, messages, tools: draft.tools.length > 0 ? { ...rest.tools, [message.id]: draft.tools } : rest.tools };
}

/** What the store says, over what was heard: it is complete up to now. A draft whose answer is among it has come to its end. */
export function takeHistory(state: ChatState, history: readonly ChatMessage[]): ChatState {
  const messages = mergeMessages(state.messages, history);
  const { draft, ...rest } = state;
  return draft?.ended || !draft ? { ...rest, messages } : { ...rest, draft, messages };
}

/**
 * The gateway has the message: it stands under our id from now on. Where the stream told of it already, it keeps the gateway's
 * time: a quick answer is older than this confirmation.
 */
export function confirmSent(state: ChatState, id: string, message: string | undefined, at: number): ChatState {
  const sent = state.unsent.find((each) => each.id === id);
  const unsent = state.unsent.filter((each) => each.id !== id);
  if (!sent || message === undefined || state.messages.some((known) => known.id === message)) return { ...state, unsent };
  const shown: ChatMessage = { id: message, direction: "in", at, parts: [{ type: "text", text: sent.text, markup: "plain" }] };
  return { ...state, unsent, messages: mergeMessages(state.messages, [shown]) };
}

/** Each message once, in the order of time; a newer form replaces the older one. */
function mergeMessages(known: readonly ChatMessage[], more: readonly ChatMessage[]): readonly ChatMessage[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of more) byId.set(message.id, message);
  return [...byId.values()].toSorted((one, other) => one.at - other.at);
}
