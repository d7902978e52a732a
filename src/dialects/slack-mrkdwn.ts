import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";
import { marks, withMarks } from "./star-marks.ts";

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

const text = (raw: string) => escapeMrkdwn(marks.letters(raw));

const mrkdwn: Markup = {
  text,
  strong: marks.strong,
  emphasis: marks.emphasis,
  strike: marks.strike,
  // A code that holds a backtick or a line's end can't be written as one.
  code: (raw) => (/[`\n]/.test(raw) || raw.trim() === "" ? text(raw) : `\`${text(raw)}\``),
  pre: (raw) => marks.pre(text(raw)),
  quote: (inner) => inner.replace(/^/gm, "> "),
  heading: marks.strong,
  link(inner, url, label) {
    const address = escapeMrkdwn(url.replace(/[|\s]/g, encodeURIComponent));
    if (label === url) return `<${address}>`;
    const words = text(label).replace(/\s+/g, " ").trim();
    return words === "" ? inner : `<${address}|${words}>`;
  },
};
