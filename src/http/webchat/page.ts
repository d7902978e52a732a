import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The widget's one script, as it is in the tree; read once. */
export interface Script {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

export function readScript(): Script {
  const body = new Uint8Array(readFileSync(new URL("../widget/widget.js", import.meta.url)));
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
