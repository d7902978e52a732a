import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";
import { plain } from "./plain.ts";

/**
 * IRC's formatting characters (https://modern.ircdocs.horse/formatting): bold, italic, struck and monospace, each a toggle that the end of
 * the line resets. No colours: they can't be read on every background. A line break is the next message, and an empty line is none.
 */
export const irc: Dialect = {
  name: "irc",
  render(tree) {
    return { text: written(layout(tree, marked)), visible: plain.render(tree).text };
  },
};

const toggles = { bold: "\x02", italic: "\x1d", struck: "\x1e", monospace: "\x11" } as const;
type Style = keyof typeof toggles;
const styles = Object.keys(toggles) as Style[];

/** Begin and end of each style while the tree is written: marks inside each other must not switch each other off. */
const begin = (style: Style) => String.fromCharCode(0x0e + styles.indexOf(style) * 2);
const end = (style: Style) => String.fromCharCode(0x0f + styles.indexOf(style) * 2);
const around = (style: Style) => (inner: string) => begin(style) + inner + end(style);

const marked: Markup = {
  ...bare,
  text: withoutControls,
  strong: around("bold"),
  emphasis: around("italic"),
  strike: around("struck"),
  code: (raw) => around("monospace")(withoutControls(raw)),
  pre: (raw) => around("monospace")(withoutControls(raw)),
  heading: around("bold"),
  quote: (inner) => inner.replace(/^/gm, "> "),
  link: (inner, url, label) =>
    label === url || `mailto:${label}` === url || `http://${label}` === url ? inner : `${inner} (${withoutControls(url)})`,
};

/** Nothing of the text may be a code or end the line. */
function withoutControls(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out
  return raw.replace(/\t/g, "  ").replace(/[\0-\x09\x0b-\x1f\x7f]/g, "");
}

/** Begins and ends become toggles, begun anew on each line; empty lines go. */
function written(text: string): string {
  const depth = new Map<Style, number>();
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const on = styles.filter((style) => (depth.get(style) ?? 0) > 0);
    let out = on.map((style) => toggles[style]).join("");
    let letters = false;
    for (const sign of line) {
      const style = styles.find((one) => sign === begin(one) || sign === end(one));
      if (style === undefined) {
        out += sign;
        letters ||= sign !== " ";
        continue;
      }
      const before = depth.get(style) ?? 0;
      const after = before + (sign === begin(style) ? 1 : -1);
      depth.set(style, after);
      if ((before === 0) !== (after === 0)) out += toggles[style];
    }
    if (letters) lines.push(out);
  }
  return lines.join("\n");
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * The lines of a rendered text, each of at most `max` bytes in UTF-8: a longer one is cut at a blank near the limit, else between graphemes,
 * and what was bold goes on being bold. A grapheme of more bytes than that is left out.
 */
export function ircLines(text: string, max: number): string[] {
  return text.split("\n").flatMap((line) => (Buffer.byteLength(line) <= max ? (line.trim() === "" ? [] : [line]) : cutLine(line, max)));
}

function cutLine(line: string, max: number): string[] {
  const lines: string[] = [];
  let on = "";
  let out = "";
  let size = 0;
  const flush = () => {
    if (stripIrc(out).trim() !== "") lines.push(out);
    out = on;
    size = on.length;
  };
  for (const { segment } of graphemes.segment(line)) {
    const bytes = Buffer.byteLength(segment);
    if (bytes + on.length > max) continue;
    if (size + bytes > max) {
      const blank = segment === " " ? out.length : out.lastIndexOf(" ");
      const isNear = blank > out.length * 0.6 && !hasToggle(out.slice(blank));
      const rest = isNear ? out.slice(blank + 1) : "";
      if (isNear) out = out.slice(0, blank);
      flush();
      out += rest;
      size += Buffer.byteLength(rest);
      if (segment === " ") continue;
    }
    if (isToggle(segment)) on = on.includes(segment) ? on.replace(segment, "") : on + segment;
    out += segment;
    size += bytes;
  }
  flush();
  return lines;
}

function isToggle(sign: string): boolean {
  return Object.values<string>(toggles).includes(sign);
}

function hasToggle(text: string): boolean {
  return [...text].some(isToggle);
}

/** What people typed, without its codes: colours with their numbers, styles, and every other control character. */
export function stripIrc(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out
  return text.replace(/\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-f]{6}(?:,[0-9a-f]{6})?)?|[\0-\x08\x0a-\x1f\x7f]/gi, "");
}
