import type { Root, RootContent } from "mdast";
import type { Channel } from "../core/channel.ts";
import type { DeliveryContent } from "../core/delivery.ts";
import type { Rendered, TextLimit } from "../core/dialect.ts";
import { buttonToken } from "../core/event.ts";
import { neutralise } from "../core/hidden-text.ts";
import type { MessageId } from "../core/ids.ts";
import { parseMarkdown, plainTree } from "../core/markdown.ts";
import type { Button, ButtonsPart, FilePart, LocationPart, Part } from "../core/message.ts";
import { closeHalfOpen, withoutLooseEnd } from "./half-open.ts";
import { pieces, split } from "./split.ts";

type Target = Pick<Channel, "dialect" | "limits">;

/**
 * One message's parts as the platform messages that carry them, in order; none when there is nothing to show.
 *
 * Texts that follow each other go together and are split at the channel's limit. A file goes alone, with its caption if
 * that fits. Buttons stand under the last message; where the channel has none, or too few or too short ones, they are
 * numbered lines. Their tokens count over all buttons of the message, in order. What a channel can't show becomes text.
 */
export function planDeliveries(parts: readonly Part[], channel: Target, message: MessageId, replyTo?: string): DeliveryContent[] {
  const contents: DeliveryContent[] = [];
  let text: RootContent[] = [];
  let single: Root | undefined;
  const add = (tree: Root) => {
    single = text.length === 0 ? tree : undefined;
    text.push(...tree.children);
  };
  const flush = () => {
    const tree: Root = single ?? { type: "root", children: text };
    for (const rendered of split(tree, channel.dialect, channel.limits.text)) contents.push({ ...rendered });
    text = [];
    single = undefined;
  };
  const buttons = parts.filter((part) => part.type === "buttons");
  const shown = buttonRows(buttons, channel, message);
  for (const part of parts) {
    switch (part.type) {
      case "text":
        add(part.markup === "markdown" ? parseMarkdown(part.text) : plainTree(part.text));
        break;
      case "location":
        add(locationTree(part));
        break;
      case "contact":
        add(plainTree(`☎ ${part.name}${part.phone ? `\n${part.phone}` : ""}`));
        break;
      case "buttons":
        break;
      default: {
        if (!canSend(part, channel)) {
          add(fileTree(part));
          break;
        }
        flush();
        contents.push(...fileContents(part, channel));
      }
    }
  }
  if (shown === undefined && buttons.length > 0) add(numbered(buttons));
  flush();
  if (shown !== undefined) {
    // A message needs words to hang buttons on.
    const last = contents.pop() ?? channel.dialect.render(plainTree("👇"));
    contents.push({ ...last, buttons: shown });
  }
  const first = contents[0];
  if (first !== undefined && replyTo !== undefined) contents[0] = { ...first, replyTo };
  return contents;
}

/** What is to be seen of an answer that still grows. */
export interface DraftText {
  /** The first message's worth, without half-open marks; `text` is empty while there is nothing to show. */
  readonly content: DeliveryContent;
  /** There is more than one message holds: where it will be cut isn't known before the end. */
  readonly full: boolean;
}

/** Bounded: only as much as can matter is looked at, however long the text is. */
export function renderDraft(markdownSoFar: string, channel: Target): DraftText {
  const enough = channel.limits.text.max * 4;
  const source = markdownSoFar.length > enough ? markdownSoFar.slice(0, enough).toWellFormed() : markdownSoFar;
  const shown = pieces(parseMarkdown(withoutLooseEnd(source), closeHalfOpen), channel.dialect, channel.limits.text);
  const first = shown.next();
  if (first.done) return { content: { text: "", visible: "" }, full: false };
  return { content: { ...first.value }, full: !shown.next().done };
}

function buttonRows(parts: readonly ButtonsPart[], channel: Target, message: MessageId): DeliveryContent["buttons"] | undefined {
  const limit = channel.limits.buttons;
  const rows = parts.flatMap((part) => part.rows).filter((row) => row.length > 0);
  const all = rows.flat();
  if (all.length === 0 || limit === undefined || all.length > limit.count) return undefined;
  if (all.some((button) => [...labelOf(button)].length > limit.label || labelOf(button) === "")) return undefined;
  let index = 0;
  return rows.map((row) => row.map((button) => ({ ...button, label: labelOf(button), token: buttonToken(message, index++) })));
}

function numbered(parts: readonly ButtonsPart[]): Root {
  const all = parts.flatMap((part) => part.rows.flat());
  return plainTree(all.map((button, index) => `${index + 1}. ${labelOf(button) || button.value}`).join("\n"));
}

function labelOf(button: Button): string {
  return neutralise(button.label).replace(/\s+/g, " ").trim();
}

function canSend(part: FilePart, channel: Target): boolean {
  return part.source.at === "store" && channel.limits.file !== undefined && part.source.size <= channel.limits.file.outbound;
}

function fileContents(part: FilePart, channel: Target): DeliveryContent[] {
  const file: FilePart = part.name === undefined ? part : { ...part, name: neutralise(part.name) };
  const tree = plainTree(part.caption ?? "");
  const fitting = tree.children.length === 0 ? { text: "", visible: "" } : captionOf(tree, channel, channel.limits.caption);
  if (fitting !== undefined) return [{ ...fitting, file }];
  return [{ text: "", visible: "", file }, ...split(tree, channel.dialect, channel.limits.text)];
}

function captionOf(tree: Root, channel: Target, limit: TextLimit | undefined): Rendered | undefined {
  if (limit === undefined) return undefined;
  const rendered = split(tree, channel.dialect, limit);
  return rendered.length === 1 ? rendered[0] : undefined;
}

/** A file that can't be sent: what it was, and why it isn't there. */
function fileTree(part: FilePart): Root {
  const name = part.name ? ` ${part.name}` : "";
  const why = part.source.at === "nowhere" ? `: ${part.source.reason}` : "";
  return plainTree(`[${part.type}${name}${why}]${part.caption ? `\n${part.caption}` : ""}`);
}

function locationTree(part: LocationPart): Root {
  const at = `${part.latitude}, ${part.longitude}`;
  const url = `https://www.openstreetmap.org/?mlat=${part.latitude}&mlon=${part.longitude}#map=16/${part.latitude}/${part.longitude}`;
  const words = neutralise(part.title ? `${part.title} (${at})` : at);
  return {
    type: "root",
    children: [
      {
        type: "paragraph",
        children: [
          { type: "text", value: "📍 " },
          { type: "link", url, children: [{ type: "text", value: words }] },
        ],
      },
    ],
  };
}
