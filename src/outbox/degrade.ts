import type { Root, RootContent } from "mdast";
import { neutralise } from "../core/hidden-text.ts";
import { plainTree } from "../core/markdown.ts";
import {
  type Button,
  type ButtonsPart,
  type ContactPart,
  type FilePart,
  isWebAddress,
  type LocationPart,
  type PollPart,
} from "../core/message.ts";

/**
 * What becomes of a part that a platform has no form for: words, by the rule of its kind, the same on every channel
 * (docs/channels.md). Numbers are understood when they are typed (`turn/input.ts`).
 */

/** Numbered lines; a link is its label and opens where it leads. */
export function numberedButtons(parts: readonly ButtonsPart[]): Root {
  const all = parts.flatMap((part) => part.rows.flat());
  const lines = all.map((button, index) => {
    const words = `${index + 1}. ${labelOf(button) || neutralise(button.value)}`;
    return button.url === undefined || !isWebAddress(button.url) ? words : `${words}: ${button.url}`;
  });
  return plainTree(lines.join("\n"));
}

export function pollTree({ question, options, multiple }: PollPart): Root {
  const lines = options.map((option, index) => `${index + 1}. ${neutralise(option)}`);
  return plainTree([`📊 ${neutralise(question)}${multiple ? " (several)" : ""}`, ...lines].join("\n"));
}

export function contactTree({ name, phone }: ContactPart): Root {
  return plainTree(`☎ ${name}${phone ? `\n${phone}` : ""}`);
}

/** A link to a map, with the coordinates in its words. */
export function locationTree(part: LocationPart): Root {
  const at = `${part.latitude}, ${part.longitude}`;
  const url = `https://www.openstreetmap.org/?mlat=${part.latitude}&mlon=${part.longitude}#map=16/${part.latitude}/${part.longitude}`;
  return linkTree("📍", part.title ? `${part.title} (${at})` : at, url);
}

/** A link to the file for a while, or else what it was, and why it isn't there. */
export function fileTree(part: FilePart, url: string | undefined): Root {
  const name = part.name ? ` ${part.name}` : "";
  const why = part.source.at === "nowhere" ? `: ${part.source.reason}` : "";
  const caption = part.caption ? plainTree(part.caption).children : [];
  const file = url === undefined ? plainTree(`[${part.type}${name}${why}]`) : linkTree("📎", part.name ?? part.type, url);
  if (url === undefined && part.caption) return plainTree(`[${part.type}${name}${why}]\n${part.caption}`);
  return { type: "root", children: [...file.children, ...caption] };
}

export function labelOf(button: Button): string {
  return neutralise(button.label).replace(/\s+/g, " ").trim();
}

function linkTree(sign: string, words: string, url: string): Root {
  const link: RootContent = { type: "link", url, children: [{ type: "text", value: neutralise(words) }] };
  return { type: "root", children: [{ type: "paragraph", children: [{ type: "text", value: `${sign} ` }, link] }] };
}
