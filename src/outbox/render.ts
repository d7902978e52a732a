import type { Root, RootContent } from "mdast";
import type { Channel } from "../core/channel.ts";
import type { DeliveryContent, ShownPart } from "../core/delivery.ts";
import type { Rendered, TextLimit } from "../core/dialect.ts";
import { buttonToken } from "../core/event.ts";
import { neutralise } from "../core/hidden-text.ts";
import type { MessageId } from "../core/ids.ts";
import { parseMarkdown, plainTree } from "../core/markdown.ts";
import { type ButtonsPart, type FilePart, isWebAddress, type Part } from "../core/message.ts";
import { templateWords } from "../core/template.ts";
import { contactTree, fileTree, labelOf, locationTree, numberedButtons, pollTree } from "./degrade.ts";
import { closeHalfOpen, withoutLooseEnd } from "./half-open.ts";
import { pieces, split } from "./split.ts";

export type Target = Pick<Channel, "dialect" | "limits">;

/** An address under which people can fetch the file for a while; nothing while the gateway has no public one. */
export type FileLink = (file: FilePart) => string | undefined;

/**
 * One message's parts as the platform messages that carry them, in order; none when there is nothing to show.
 *
 * Texts that follow each other go together and are split at the channel's limit. Files go alone, or together where the
 * channel has albums, with a caption if that fits. Buttons stand under the last message; where the channel has none, or too
 * few or too short ones, they are numbered lines. Their tokens count over all buttons of the message, in order. What a
 * channel can't show becomes text (`degrade.ts`).
 */
export function planDeliveries(
  parts: readonly Part[],
  channel: Target,
  message: MessageId,
  replyTo?: string,
  link?: FileLink,
): DeliveryContent[] {
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
  const show = (part: ShownPart, tree: Root) => {
    const [whole, ...rest] = channel.limits.shows?.includes(part.type) ? split(tree, channel.dialect, channel.limits.text) : [];
    if (whole === undefined || rest.length > 0) return add(tree);
    flush();
    contents.push({ ...whole, shown: part });
  };
  const buttons = parts.filter((part) => part.type === "buttons");
  const pressed = buttonRows(buttons, channel, message);
  for (const part of parts) {
    switch (part.type) {
      case "text":
        add(part.markup === "markdown" ? parseMarkdown(part.text) : plainTree(part.text));
        break;
      case "location":
        show(part, locationTree(part));
        break;
      case "contact":
        show(part, contactTree(part));
        break;
      case "poll":
        show(part, pollTree(part));
        break;
      case "buttons":
        break;
      case "template": {
        const { type: _, ...template } = part;
        flush();
        contents.push({ text: "", visible: templateWords(template), template });
        break;
      }
      default: {
        if (!canSend(part, channel)) {
          add(fileTree(part, part.source.at === "store" ? link?.(part) : undefined));
          break;
        }
        flush();
        const before = contents.at(-1);
        const together = before && inAlbum(before, part, channel);
        if (together) contents[contents.length - 1] = together;
        else contents.push(...fileContents(part, channel));
      }
    }
  }
  if (pressed === undefined && buttons.length > 0) add(numberedButtons(buttons));
  flush();
  if (pressed !== undefined) {
    const last = contents.at(-1);
    // A message needs words of its own to hang buttons on, and an album takes none.
    const bare = last?.file === undefined || channel.limits.buttons?.files !== false;
    const holds = last && bare && last.album === undefined && last.shown === undefined ? contents.pop() : undefined;
    contents.push({ ...(holds ?? channel.dialect.render(plainTree("👇"))), buttons: pressed });
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
  if (all.some(({ url }) => url !== undefined && (limit.links === false || !isWebAddress(url)))) return undefined;
  let index = 0;
  return rows.map((row) => row.map((button) => ({ ...button, label: labelOf(button), token: buttonToken(message, index++) })));
}

function canSend({ source }: FilePart, { limits: { file: limit } }: Target): boolean {
  if (source.at !== "store" || limit === undefined) return false;
  return source.size <= (limit.types ? (limit.types[source.mediaType] ?? -1) : limit.outbound);
}

/** The message before with this file in it, where the platform shows them as one; a caption is only the first one's. */
function inAlbum(before: DeliveryContent, part: FilePart, { limits: { album, file: limit } }: Target): DeliveryContent | undefined {
  const { file, buttons, album: more = [] } = before;
  if (!album || !limit || !file || buttons || part.caption || more.length + 2 > album.count) return undefined;
  if (!album.kinds.some((kinds) => kinds.includes(file.type) && kinds.includes(part.type))) return undefined;
  // They go in one request.
  if ([file, ...more, part].reduce((sum, { source }) => sum + (source.at === "store" ? source.size : 0), 0) > limit.outbound)
    return undefined;
  return { ...before, album: [...more, named(part)] };
}

function named(part: FilePart): FilePart {
  return part.name === undefined ? part : { ...part, name: neutralise(part.name) };
}

function fileContents(part: FilePart, channel: Target): DeliveryContent[] {
  const file = named(part);
  const tree = plainTree(part.caption ?? "");
  const { caption } = channel.limits;
  const limit = caption?.kinds?.includes(part.type) === false ? undefined : caption;
  const fitting = tree.children.length === 0 ? { text: "", visible: "" } : captionOf(tree, channel, limit);
  if (fitting !== undefined) return [{ ...fitting, file }];
  return [{ text: "", visible: "", file }, ...split(tree, channel.dialect, channel.limits.text)];
}

function captionOf(tree: Root, channel: Target, limit: TextLimit | undefined): Rendered | undefined {
  if (limit === undefined) return undefined;
  const rendered = split(tree, channel.dialect, limit);
  return rendered.length === 1 ? rendered[0] : undefined;
}
