import { readButtonToken } from "../core/event.ts";
import { neutralise } from "../core/hidden-text.ts";
import type { FileId } from "../core/ids.ts";
import { type Button, type ButtonsPart, type Part, plainText, textPart } from "../core/message.ts";
import type { ModelContent, ModelMessage } from "../core/provider.ts";
import type { PastMessage, QueuedEvent, TurnStore } from "../core/store.ts";
import { teamMark } from "./team.ts";

/** What the event says to the agent, or nothing when it pressed a button that no longer exists. */
export async function inputParts(store: TurnStore, queued: QueuedEvent): Promise<readonly Part[] | undefined> {
  const { event, conversation } = queued;
  if (event.kind !== "press") return event.kind === "message" ? event.parts : [];
  const token = readButtonToken(event.token);
  const message = token && (await store.message(queued.tenant, token.messageId));
  // A token is no secret: one from another conversation must not work here.
  if (!message || message.conversation !== conversation.id || message.direction !== "out") return undefined;
  const pressed = buttonsOf(message)[token.index];
  return pressed && pressed.url === undefined ? [textPart(pressed.value)] : undefined;
}

/**
 * The messages that a model gets: the past, oldest first, then the input. Neighbours of one role are joined, as most
 * providers demand that roles alternate. What no reader would see (https://trojansource.codes, tag characters) doesn't
 * reach the model either; what is stored stays as it came.
 */
export function modelMessages(
  past: readonly PastMessage[],
  input: readonly (readonly Part[])[],
  shown: Shown = nothing,
  /** What else there is to know when the input is read. */
  before = "",
): ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (const { direction, author, parts } of past) {
    if (direction === "in") addInput(messages, parts, shown);
    else add(messages, "assistant", `${author === "operator" ? teamMark : ""}${readable(parts)}`);
  }
  add(messages, "user", before);
  for (const [index, parts] of input.entries()) addInput(messages, index === 0 ? chosen(past.at(-1), parts) : parts, shown);
  // A conversation opens with its user: an answer whose question was cut off has no meaning to a model.
  while (messages[0]?.role === "assistant") messages.shift();
  return messages;
}

/** The images and recordings that the model gets to see and hear. */
export type Shown = ReadonlyMap<FileId, ModelContent>;
const nothing: Shown = new Map();

/** What a person said after all that. */
export function addInput(messages: ModelMessage[], parts: readonly Part[], shown: Shown = nothing): void {
  add(
    messages,
    "user",
    readable(parts, (part) => unreadable(part, shown)),
    shownOf(parts, shown),
  );
}

function shownOf(parts: readonly Part[], shown: Shown): ModelContent[] {
  if (shown.size === 0) return [];
  return parts.flatMap((part) => ("source" in part && part.source.at === "store" ? (shown.get(part.source.id) ?? []) : []));
}

/** A model that can't see something and doesn't know it makes something up. */
function unreadable(part: Part, shown: Shown): Part {
  if (!("source" in part) || part.source.at !== "store" || part.words !== undefined || shown.has(part.source.id)) return part;
  return { ...part, words: part.type === "image" ? "you can't see it" : "you can't open it" };
}

/** What came after: neighbours of one role are joined here, too. */
export function continued(before: readonly ModelMessage[], said: readonly ModelMessage[]): readonly ModelMessage[] {
  const last = before.at(-1);
  const [first, ...rest] = said;
  if (last?.role !== "user" || first?.role !== "user") return [...before, ...said];
  return [...before.slice(0, -1), { role: "user", content: [...last.content, ...first.content] }, ...rest];
}

/** Without width: they only break lines, or carry bits. Joiners make emoji and letters, one at a time. */
const unseen = /[\u00ad\u200b\u2060-\u2064\ufeff]|([\u200c\u200d])[\u200c\u200d]+/g;

/** What messages without files say: a message is read once, however many turns see it. */
const read = new WeakMap<readonly Part[], string>();

function readable(parts: readonly Part[], seen: (part: Part) => Part = (part) => part): string {
  const known = read.get(parts);
  if (known !== undefined) return known;
  const text = neutralise(plainText(parts.map(seen))).replace(unseen, "$1");
  // What is seen of a file is another thing for each model.
  if (!parts.some((part) => "source" in part)) read.set(parts, text);
  return text;
}

function add(messages: ModelMessage[], role: "user" | "assistant", text: string, shown: readonly ModelContent[] = []): void {
  if (!text && shown.length === 0) return;
  const last = messages.at(-1);
  if (role === "assistant") {
    messages.push(last?.role === "assistant" ? { role, text: `${(messages.pop() as typeof last).text}\n\n${text}` } : { role, text });
  } else {
    const before = last?.role === "user" ? (messages.pop() as typeof last).content : [];
    const words = text ? [{ type: "text", text } as const] : [];
    messages.push({ role, content: [...before, ...words, ...shown] });
  }
}

/** Buttons stand as numbered lines where a platform has none: a typed number or label is the button's value. */
export function chosen(last: PastMessage | undefined, input: readonly Part[]): readonly Part[] {
  const [only] = input;
  if (last?.direction !== "out" || input.length !== 1 || only?.type !== "text") return input;
  const typed = only.text.trim().toLowerCase();
  const button = buttonsOf(last).find((candidate, index) => typed === String(index + 1) || typed === candidate.label.toLowerCase());
  return button && button.url === undefined ? [textPart(button.value)] : input;
}

function buttonsOf(message: PastMessage): readonly Button[] {
  return message.parts.filter((part): part is ButtonsPart => part.type === "buttons").flatMap((part) => part.rows.flat());
}
