import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { gzipSync } from "node:zlib";

/** The widget's one script. */
export interface Script {
  readonly body: string;
  /** The same, packed once. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** In the order in which they use each other. */
const modules = ["style", "dom", "markdown", "messages", "connection", "chat", "widget"];

/**
 * One classic script out of the widget's modules, so that other sites load it with one tag and their policy needs to
 * allow nothing else. Names are unique among the modules. In a clone they are TypeScript, when built JavaScript.
 */
export function readScript(): Script {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const body = modules.map((name) => readModule(new URL(`../widget/${name}${extension}`, import.meta.url), extension === ".ts")).join("\n");
  const whole = `(() => {\n"use strict";\n${body}})();\n`;
  const etag = `"${createHash("sha256").update(whole).digest("base64url").slice(0, 22)}"`;
  return { body: whole, gzip: new Uint8Array(gzipSync(whole, { level: 9 })), etag };
}

function readModule(file: URL, typed: boolean): string {
  const text = readFileSync(file, "utf8");
  const script = typed ? withoutTypes(text) : text;
  return script
    .replace(/^import\b[^;]*;$/gm, "")
    .replace(/^export (?=class|const|function)/gm, "")
    .replace(/^export \{\};$/gm, "")
    .replace(/^[ \t]+$|^\/\/# source.*$/gm, "")
    .replace(/\n{2,}/g, "\n");
}

/** Node's own stripping, by which everything runs in a clone; that it calls itself experimental is nothing for an operator. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The chat over the whole page. Nothing inline: the gateway's policy allows only scripts of its own. */
export function chatPage(account: string, title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<title>${escaped(title)}</title>
<script src="/widget.js" data-account="${escaped(account)}" data-mode="page" defer></script>
</head>
<body>
<noscript>This chat needs JavaScript.</noscript>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
