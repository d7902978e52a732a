import { isUtf8 } from "node:buffer";
import { lstat, opendir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Known } from "./passage-index.ts";

/** What was found in a folder. */
export interface Listed {
  readonly documents: readonly Known[];
  readonly skipped: readonly Skipped[];
}

/** A file that isn't read, and why. */
export interface Skipped {
  readonly path: string;
  readonly why: string;
}

const most = 20_000;
const mostBytes = 4 * 2 ** 20;
const readable = /\.(md|markdown|txt|html?)$/i;

/**
 * The documents below a folder (Markdown, plain text, HTML), with what tells a changed one. Names that begin with a dot are
 * passed over, and links aren't followed: neither is meant for readers. Rejects as the file system does when the folder
 * can't be listed.
 */
export async function listFolder(folder: string): Promise<Listed> {
  const documents: Known[] = [];
  const skipped: Skipped[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const inside = await opendir(at).catch((thrown: Error) => {
      if (at === folder) throw thrown;
      skipped.push({ path: pathIn(folder, at as string), why: thrown.message });
    });
    for await (const entry of inside ?? []) {
      if (entry.name.startsWith(".")) continue;
      const file = join(at, entry.name);
      const path = pathIn(folder, file);
      if (entry.isDirectory()) folders.push(file);
      else if (entry.isSymbolicLink()) skipped.push({ path, why: "it is a link" });
      else if (!readable.test(entry.name)) skipped.push({ path, why: "it is neither Markdown, text nor HTML" });
      else if (documents.length >= most) skipped.push({ path, why: `there are more than ${most.toLocaleString("en")} documents` });
      else {
        const { size, mtimeMs, ino } = await lstat(file);
        if (size > mostBytes) skipped.push({ path, why: `it has more than ${mostBytes / 2 ** 20} MB` });
        else documents.push({ path, mark: `${size} ${mtimeMs} ${ino}` });
      }
    }
  }
  return { documents, skipped };
}

function pathIn(folder: string, file: string): string {
  return relative(folder, file).split(sep).join("/");
}

/** A document's text; HTML as Markdown headings and plain paragraphs. Nothing when it is no text. What isn't UTF-8 is taken as Windows-1252. */
export async function readDocument(folder: string, path: string): Promise<string | undefined> {
  const bytes = await readFile(join(folder, path));
  if (bytes.includes(0)) return undefined;
  const text = isUtf8(bytes) ? bytes.toString() : new TextDecoder("windows-1252").decode(bytes);
  return /\.html?$/i.test(path) ? htmlText(text) : text;
}

async function htmlText(html: string): Promise<string> {
  const { convert } = await import("html-to-text");
  return convert(html, {
    wordwrap: false,
    limits: { maxInputLength: mostBytes, maxDepth: 100 },
    formatters: {
      titled(element, walk, builder) {
        builder.openBlock({ leadingLineBreaks: 2 });
        builder.addInline(`${"#".repeat(Number(element.name?.slice(1)))} `);
        walk(element.children, builder);
        builder.closeBlock({ trailingLineBreaks: 2 });
      },
    },
    selectors: [
      { selector: "a", options: { ignoreHref: true } },
      ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, format: "titled" })),
      ...["img", "nav", "script", "style", "noscript", "svg", "iframe", "template"].map((selector) => ({ selector, format: "skip" })),
    ],
  });
}
