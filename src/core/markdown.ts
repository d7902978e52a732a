import type { Paragraph, Root, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { neutralise } from "./hidden-text.ts";
import { settle } from "./markdown-settle.ts";

declare module "mdast" {
  interface RootData {
    /** The Markdown that this tree is, when nothing in it had to be changed. */
    source?: string;
  }
}

/**
 * CommonMark with GFM as a tree that is safe to show, out of few kinds of nodes: paragraph, heading, thematicBreak,
 * blockquote, list, listItem, code, table, tableRow, tableCell; text, emphasis, strong, delete, inlineCode, break, link.
 *
 * - References are resolved; an image is a link (fetching it would tell its server who reads what); a link that isn't
 *   http, https, mailto, tel or tg is text; HTML is text, but `<br>` is a break; hidden characters are neutralised.
 * - Line ends in a paragraph stay line ends: in chats people mean them.
 * - Never throws, and its time is bounded: text that is longer than `longest` or built to be slow (deep nesting, piles
 *   of delimiters) is taken as plain text. At most `deepest` containers are nested, the rest is flattened.
 */
export function parseMarkdown(source: string): Root {
  if (!mayBeMarkup.test(source)) return justParagraphs(source);
  if (isHostile(source)) return plainTree(source);
  try {
    return settle(fromMarkdown(source, { extensions: [syntax], mdastExtensions: [nodes] }), source);
  } catch (thrown) {
    // The parser recurses over what the checks above let through; text must reach its reader all the same.
    if (thrown instanceof RangeError) return plainTree(source);
    throw thrown;
  }
}

/** Text as it stands, without any markup. */
export function plainTree(text: string): Root {
  const value = neutralise(text);
  return { type: "root", children: value.trim() === "" ? [] : [{ type: "paragraph", children: [{ type: "text", value }] }] };
}

/** UTF-16 units of Markdown that are parsed. */
export const longest = 65_536;

const syntax = gfm();
const nodes = gfmFromMarkdown();

/** Anything that could be other than paragraphs of text; most short answers have none of it, and parsing costs 100 times more. */
const mayBeMarkup = /[\\`*_[\]<>#~|&\0\r]|^[ \t]*(?:[-+=]|\d+[.)])|^(?: {4}| {0,3}\t)| {2}$|www\.|:\/\/|@|mailto:|xmpp:/im;

function justParagraphs(source: string): Root {
  const clean = neutralise(source);
  const children: RootContent[] = [];
  for (const block of clean.split(/\n(?:[ \t]*\n)+/)) {
    const value = block.replace(/^[ \t]+|[ \t]+$/gm, "").trim();
    if (value !== "") children.push({ type: "paragraph", children: [{ type: "text", value }] } satisfies Paragraph);
  }
  return { type: "root", children, ...(clean === source ? { data: { source } } : {}) };
}

const containers = 16;
const delimiters = 3_000;

/** The parser is quadratic in nested containers and in unmatched delimiters; texts that people read have few of them. */
function isHostile(source: string): boolean {
  if (source.length > longest) return true;
  if (/([*_~`])\1{255}/.test(source)) return true;
  let count = 0;
  for (let at = 0; at < source.length; at++) {
    const unit = source.charCodeAt(at);
    // * _ ~ [ ] ! < & |
    if (unit === 42 || unit === 95 || unit === 126 || unit === 91 || unit === 93 || unit === 60 || unit === 124) count++;
  }
  if (count > delimiters && count * 12 > source.length) return true;
  for (const [prefix] of source.matchAll(/^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))+|^[ \t]{48,}(?=[-+*>\d])/gm)) {
    const markers = prefix.match(/>|[-+*]|\d+[.)]/g)?.length ?? containers;
    if (markers >= containers) return true;
  }
  return false;
}
