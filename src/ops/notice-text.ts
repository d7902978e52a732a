import type { Finding } from "../core/finding.ts";
import type { Instant } from "../core/terms.ts";
import { escapeControls } from "./controls.ts";
import type { Telling } from "./notice-plan.ts";

/** Findings of one message that are written out; the others are counted. */
const most = 8;
/** Characters of a finding's message or hint. */
const longest = 300;

export interface TextOptions {
  readonly now: Instant;
  readonly publicUrl: string | undefined;
  /** Takes out what looks like a secret. */
  readonly mask: (text: string) => string;
}

/** What one place is told at once, as plain text: findings only, never what people wrote. */
export function noticeText(
  { fresh, still, over }: Pick<Telling, "fresh" | "still" | "over">,
  { now, publicUrl, mask }: TextOptions,
): string {
  const open = fresh.length + still.length;
  const head = open > 0 ? things(open, "needs somebody", "need somebody") : things(over.length, "is over", "are over");
  const items = [
    ...fresh.map(({ finding }) => wrong(finding, "")),
    ...still.map(({ finding, since }) => wrong(finding, ` (still, since ${moment(since)})`)),
    ...over.map(({ finding, since }) => `✓ Over after ${lasted(now - since)}: ${about(finding)}`),
  ];
  const left = items.length - most;
  const more = left > 0 ? [`… and ${left} more: \`polylogue notices list\` and the web app have all.`] : [];
  return [`Polylogue: ${head}.`, ...items.slice(0, most), ...more, ...link(publicUrl)].join("\n\n");

  function wrong(finding: Finding, addition: string): string {
    return `${finding.severity === "error" ? "✗" : "!"} ${about(finding)}${addition}\n→ ${line(finding.hint)}`;
  }

  function about({ subject, message }: Finding): string {
    return `${line(subject)}: ${line(message)}`;
  }

  /** One line without marks that steer a terminal or turn text around. Masked before it is cut: half a secret is one. */
  function line(text: string): string {
    const plain = escapeControls(mask(text).replace(/\s+/g, " ").trim());
    return plain.length <= longest ? plain : `${plain.slice(0, longest - 1)}…`;
  }
}

/** What is told of one finding when it comes up. */
export function findingText(finding: Finding, options: TextOptions): string {
  return noticeText({ fresh: [{ finding, since: options.now }], still: [], over: [] }, options);
}

/** What a place is told so that operators see that it works; with an example of what would be said there. */
export function testText(publicUrl: string | undefined, example?: string): string {
  if (example !== undefined) return `Polylogue: this is a test. So it would be said here:\n\n${example}`;
  return ["Polylogue: this is a test. When something needs somebody, it is said here.", ...link(publicUrl)].join("\n\n");
}

function link(publicUrl: string | undefined): readonly string[] {
  return publicUrl === undefined ? [] : [`${publicUrl}/findings`];
}

function things(n: number, one: string, several: string): string {
  return n === 1 ? `1 thing ${one}` : `${n} things ${several}`;
}

function moment(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function lasted(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
