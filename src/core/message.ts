import type { FileId } from "./ids.ts";
import { type Template, templateWords } from "./template.ts";

/** One piece of a message. A channel that can't show a part degrades it by a stated rule (docs/channels.md). */
export type Part = TextPart | FilePart | LocationPart | ContactPart | PollPart | ButtonsPart | TemplatePart;

/**
 * Text. `markdown` is CommonMark with GFM, what models write; `plain` is to be shown as it stands, what people type.
 */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
  readonly markup: "plain" | "markdown";
}

/** An attachment. It is `remote` when the platform told us of it and `stored` once our downloader holds it. */
export interface FilePart {
  readonly type: "image" | "file" | "audio" | "video" | "voice";
  readonly source: RemoteFile | StoredFile | LostFile;
  /** The name that the sender gave; untrusted, never used as a path. */
  readonly name?: string;
  readonly caption?: string;
  /** What it shows or says, as a model put it into words. */
  readonly words?: string;
}

/** Known to the platform only. `ref` is whatever the channel needs to fetch it (a file id, a media URL). */
export interface RemoteFile {
  readonly at: "platform";
  readonly ref: string;
  readonly mediaType?: string;
  /** Bytes, as the platform claims. */
  readonly size?: number;
}

export interface StoredFile {
  readonly at: "store";
  readonly id: FileId;
  /** From the content's own bytes, not from the sender. */
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
}

/** It couldn't be fetched (too large, gone, refused); the agent and the operator are told why. */
export interface LostFile {
  readonly at: "nowhere";
  readonly reason: string;
}

export interface LocationPart {
  readonly type: "location";
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
  readonly title?: string;
}

export interface ContactPart {
  readonly type: "contact";
  readonly name: string;
  readonly phone?: string;
}

export interface PollPart {
  readonly type: "poll";
  readonly question: string;
  readonly options: readonly string[];
  /** More than one option may be chosen. */
  readonly multiple?: true;
}

/** A template of the platform's, instead of words; a channel without templates refuses it. */
export interface TemplatePart extends Template {
  readonly type: "template";
}

/** Choices under the message. Where a platform has no buttons they become numbered lines that are understood when typed. */
export interface ButtonsPart {
  readonly type: "buttons";
  readonly rows: readonly (readonly Button[])[];
}

export interface Button {
  readonly label: string;
  /** What the agent gets when it is pressed; it stays in the store, the platform only sees a short token. */
  readonly value: string;
  /** http or https: pressing it opens that address, and nobody is told. */
  readonly url?: string;
}

/** What a link button may open. */
export function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^\s<>]+$/i.test(url) && URL.canParse(url);
}

export function textPart(text: string, markup: TextPart["markup"] = "plain"): TextPart {
  return { type: "text", text, markup };
}

/** All words of a message in one string, for models that read only text, search and logs. */
export function plainText(parts: readonly Part[]): string {
  return parts.map(wordsOf).filter(Boolean).join("\n");
}

function wordsOf(part: Part): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "location":
      return `[location ${part.latitude}, ${part.longitude}${part.title ? ` ${part.title}` : ""}]`;
    case "contact":
      return `[contact ${part.name}${part.phone ? ` ${part.phone}` : ""}]`;
    case "poll":
      return `[poll] ${part.question}\n${part.options.map((option, index) => `${index + 1}. ${option}`).join("\n")}`;
    case "template":
      return templateWords(part);
    case "buttons":
      return part.rows
        .flat()
        .map((button, index) => `${index + 1}. ${button.label}`)
        .join("\n");
    default: {
      const lost = part.source.at === "nowhere" ? ` not available: ${part.source.reason}` : "";
      const words = part.words ? `: ${part.words}` : "";
      return `[${part.type}${part.name ? ` ${part.name}` : ""}${lost}${words}]${part.caption ? ` ${part.caption}` : ""}`;
    }
  }
}
