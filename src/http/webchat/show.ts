import type { PastMessage } from "../../core/conversation.ts";
import { buttonToken } from "../../core/event.ts";
import { neutralise } from "../../core/hidden-text.ts";
import type { Button, Part } from "../../core/message.ts";

/** A message as its visitor may see it: no ids of files, no values of buttons, nothing of the operator but that it was one. */
export interface ShownMessage {
  readonly id: string;
  readonly direction: "in" | "out";
  readonly author?: "agent" | "operator" | "system";
  readonly at: number;
  readonly parts: readonly ShownPart[];
}

export type ShownPart =
  | { readonly type: "text"; readonly text: string; readonly markup: "plain" | "markdown" }
  | { readonly type: "buttons"; readonly rows: readonly (readonly { readonly label: string; readonly token: string }[])[] };

export function showToVisitor(message: Pick<PastMessage, "id" | "direction" | "author" | "parts" | "at">): ShownMessage {
  const { id, direction, author, at } = message;
  let index = 0;
  const press = ({ label }: Button) => ({ label: neutralise(label), token: buttonToken(id, index++) });
  const parts = message.parts.map((part): ShownPart => {
    if (part.type === "buttons") return { type: "buttons", rows: part.rows.map((row) => row.map(press)) };
    return part.type === "text"
      ? { ...part, text: neutralise(part.text) }
      : { type: "text", text: neutralise(wordsOf(part)), markup: "plain" };
  });
  return { id, direction, at, parts, ...(author === undefined ? {} : { author }) };
}

function wordsOf(part: Exclude<Part, { type: "text" | "buttons" }>): string {
  switch (part.type) {
    case "location":
      return `📍 ${part.title ? `${part.title} ` : ""}${part.latitude}, ${part.longitude}`;
    case "contact":
      return `☎ ${part.name}${part.phone ? ` ${part.phone}` : ""}`;
    default:
      return `[${part.type}${part.name ? ` ${part.name}` : ""}]${part.caption ? ` ${part.caption}` : ""}`;
  }
}
