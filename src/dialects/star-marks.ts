/**
 * What Slack and WhatsApp share: `*bold*`, `_italic_`, `~struck~`, three backticks around code, and no escape for any of them. Marks
 * are written as stand-ins, which `withMarks` makes signs of once the whole text is there.
 */
const stands = { strong: ["\ue000", "\ue001"], emphasis: ["\ue002", "\ue003"], strike: ["\ue004", "\ue005"] } as const;
const signs = ["*", "_", "~"] as const;

export const marks = {
  /** Words that hold none of the stand-ins. */
  letters: (raw: string) => raw.replace(/[\ue000-\ue005]/g, "\ufffd"),
  strong: (inner: string) => marked(inner, stands.strong),
  emphasis: (inner: string) => marked(inner, stands.emphasis),
  strike: (inner: string) => marked(inner, stands.strike),
  // Three backticks would end the block: a blank of no width keeps them apart.
  pre: (text: string) => `\`\`\`\n${text.replace(/``(?=`)/g, "``\u200b")}\n\`\`\``,
};

function marked(inner: string, [open, close]: readonly [string, string]): string {
  return inner.trim() === "" ? inner : open + inner + close;
}

/**
 * Puts the signs where they are read as marks: none inside another of its kind, none across the end of a line or next to a blank on
 * its inner side, and apart from letters on its outer side (by a blank of no width).
 */
export function withMarks(of: string): string {
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
