import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The widget's one script. */
export interface Script {
  readonly body: string;
  readonly etag: string;
}

/** In the order in which they use each other. */
const modules = ["style", "dom", "markdown", "messages", "connection", "chat", "widget"];

/**
 * One classic script out of the widget's modules, so that other sites load it with one tag and their policy needs to
 * allow nothing else. Each module keeps its imports and exports on lines of their own; names are unique among them.
 */
export function readScript(): Script {
  const texts = modules.map((name) => readFileSync(new URL(`../widget/${name}.js`, import.meta.url), "utf8"));
  const joined = texts.map((text) => text.replace(/^import .*\n/gm, "").replace(/^export (?=class|const|function)/gm, "")).join("\n");
  const body = `(() => {\n"use strict";\n${joined}})();\n`;
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
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
