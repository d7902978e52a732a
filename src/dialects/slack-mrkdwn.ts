import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";

/**
 * Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text). `&`, `<` and `>` are escaped everywhere, so that
 * no text becomes a mention, a link or a date. For `*`, `_`, `~` and the backtick Slack has no escape: a text without any
 * markup is the same as its escaped `visible`, and the channel then sends it as plain text, where they are letters.
 */
export const slackMrkdwn: Dialect = {
  name: "slack-mrkdwn",
  render: (tree) => ({ text: withMarks(layout(tree, mrkdwn)), visible: layout(tree, bare) }),
};

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escapeMrkdwn(raw: string): string {
  return /[&<>]/.test(raw) ? raw.replace(/[&<>]/g, (one) => entities[one] as string) : raw;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Stand-ins for marks until the whole text is there: an opening and a closing one each. */
const stands = { strong: ["\ue000", "\ue001"], emphasis: ["\ue002", "\ue003"], strike: ["\ue004", "\ue005"] } as const;
const signs = ["*", "_", "~"] as const;

const text = (raw: string) => escapeMrkdwn(raw.replace(/[\ue000-\ue005]/g, "\ufffd"));
const marked = (inner: string, [open, close]: readonly [string, string]) => (inner.trim() === "" ? inner : open + inner + close);

const mrkdwn: Markup = {
  text,
  strong: (inner) => marked(inner, stands.strong),
  emphasis: (inner) => marked(inner, stands.emphasis),
  strike: (inner) => marked(inner, stands.strike),
  // A code that holds a backtick or a line's end can't be written as one.
  code: (raw) => (/[`\n]/.test(raw) || raw.trim() === "" ? text(raw) : `\`${text(raw)}\``),
  // Three backticks would end the block: a blank of no width keeps them apart.
  pre: (raw) => `\`\`\`\n${text(raw).replace(/``(?=`)/g, "``\u200b")}\n\`\`\``,
  quote: (inner) => inner.replace(/^/gm, "> "),
  heading: (inner) => marked(inner, stands.strong),
  link(inner, url, label) {
    const address = escapeMrkdwn(url.replace(/[|\s]/g, encodeURIComponent));
    if (label === url) return `<${address}>`;
    const words = text(label).replace(/\s+/g, " ").trim();
    return words === "" ? inner : `<${address}|${words}>`;
  },
};

/**
 * Puts the marks where Slack reads them: none inside another of its kind, none across the end of a line or next to a blank on
 * its inner side, and apart from letters on its outer side (by a blank of no width).
 */
function withMarks(of: string): string {
  if (!/[\ue000-\ue005]/.test(of)) return of;
  return of
    .split("\n")
    .reduce(
      ({ lines, depth }, line) => {
        const [written, next] = markLine(line, depth);
        return { lines: [...lines, written], depth: next };
      },
      { lines: [] as string[], depth: [0, 0, 0] as readonly number[] },
    )
    .lines.join("\n");
}

/** One line, in which the marks of `before` are open from the line above. */
function markLine(line: string, before: readonly number[]): [written: string, depth: readonly number[]] {
  const depth = [...before];
  const prefix = /^(?:> )*/.exec(line)?.[0] ?? "";
  const opened = before.map((count, kind) => (count > 0 ? signs[kind] : "")).join("");
  let written = "";
  let pending = opened;
  let closed = false;
  const put = (letter: string) => {
    if (pending !== "" && letter.trim() !== "") {
      written += (/[\p{L}\p{N}]$/u.test(written) ? "\u200b" : "") + pending;
      pending = "";
    } else if (closed && /[\p{L}\p{N}]/u.test(letter)) written += "\u200b";
    closed = false;
    written += letter;
  };
  for (const letter of line.slice(prefix.length)) {
    const code = letter.charCodeAt(0) - 0xe000;
    if (code < 0 || code > 5) {
      put(letter);
      continue;
    }
    const kind = code >> 1;
    const sign = signs[kind] as string;
    if (code % 2 === 0) {
      depth[kind] = (depth[kind] as number) + 1;
      if (depth[kind] === 1) pending += sign;
    } else {
      depth[kind] = Math.max(0, (depth[kind] as number) - 1);
      if (depth[kind] === 0) {
        if (pending.includes(sign)) pending = pending.replace(sign, "");
        else {
          const blank = /\s*$/.exec(written)?.[0] ?? "";
          written = written.slice(0, written.length - blank.length) + sign + blank;
          closed = blank === "";
        }
      }
    }
  }
  const open = signs.filter((sign, kind) => (depth[kind] as number) > 0 && !pending.includes(sign));
  return [prefix + written + open.reverse().join(""), depth];
}
