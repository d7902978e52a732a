import type { Schemas } from "../api/client.ts";
import { showHidden } from "./hidden-text.ts";
import { words } from "./words.ts";

/** A visitor of the web chat has no name but a long random id: its beginning tells them apart. */
function shown(name: string): string {
  const visitor = /^vs_([0-9a-f]{4})[0-9a-f]{28}$/.exec(name)?.[1];
  return visitor ? words.messages.visitor(visitor) : showHidden(name);
}

export function chatName(chat: Schemas["Chat"]): string {
  return shown(chat.title ?? chat.id);
}

export function senderName(name: string | undefined): string {
  return name === undefined ? words.messages.someone : shown(name);
}

export function authorName({ direction, author, sender }: Pick<Schemas["PastMessage"], "direction" | "author" | "sender">): string {
  return direction === "in" ? senderName(sender?.name ?? sender?.handle ?? sender?.id) : words.messages.authors[author ?? "agent"];
}

/** The first words of a story, or what happened where nothing was said. */
export function previewWords(preview: string): string {
  return words.messages.happened[preview] ?? showHidden(preview);
}
