import type { PastMessage } from "../../core/conversation.ts";
import { buttonToken } from "../../core/event.ts";
import { neutralise } from "../../core/hidden-text.ts";
import { type Button, isWebAddress, type Part } from "../../core/message.ts";
import { templateWords } from "../../core/template.ts";

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
  const parts = message.parts.flatMap((part): ShownPart[] => {
    if (part.type === "buttons") {
      const rows = part.rows.map((row) => row.map((button) => ({ ...press(button), url: button.url })));
      const links = rows.flat().filter(({ url }) => url !== undefined && isWebAddress(url));
      const shown = rows.map((row) => row.filter(({ url }) => url === undefined).map(({ label, token }) => ({ label, token })));
      const text = links.map(({ label, url }) => `[${label.replace(/[\\[\]]/g, "\\$&")}](<${url}>)`).join("\n\n");
      return [
        ...(text === "" ? [] : [{ type: "text", text, markup: "markdown" } as const]),
        ...(shown.some((row) => row.length > 0) ? [{ type: "buttons", rows: shown.filter((row) => row.length > 0) } as const] : []),
      ];
    }
    if (part.type === "text") return [{ ...part, text: neutralise(part.text) }];
    return [{ type: "text", text: neutralise(wordsOf(part)), markup: "plain" }];
  });
  return { id, direction, at, parts, ...(author === undefined ? {} : { author }) };
}

function wordsOf(part: Exclude<Part, { type: "text" | "buttons" }>): string {
  switch (part.type) {
    case "location":
      return `📍 ${part.title ? `${part.title} ` : ""}${part.latitude}, ${part.longitude}`;
    case "contact":
      return `☎ ${part.name}${part.phone ? ` ${part.phone}` : ""}`;
    case "poll":
      return [`📊 ${part.question}`, ...part.options.map((option, at) => `${at + 1}. ${option}`)].join("\n");
    case "template":
      return templateWords(part);
    default:
      return `[${part.type}${part.name ? ` ${part.name}` : ""}]${part.caption ? ` ${part.caption}` : ""}`;
  }
}
