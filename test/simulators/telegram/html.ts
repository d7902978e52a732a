/** An entity as the Bot API shows it: offset and length in UTF-16 units. https://core.telegram.org/bots/api#messageentity */
export interface Entity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
  readonly language?: string;
}

export type Parsed = { readonly text: string; readonly entities: readonly Entity[] } | { readonly error: string };

/** Every tag of the HTML style, with the entity that it makes. https://core.telegram.org/bots/api#html-style */
const tags: Readonly<Record<string, string>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  "tg-spoiler": "spoiler",
  span: "spoiler",
  a: "text_link",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  "tg-emoji": "custom_emoji",
  "tg-time": "date_time",
};
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

interface Open {
  readonly tag: string;
  readonly at: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Reads text with `parse_mode` HTML as the Bot API server does, and refuses what it refuses, with its words. Places are
 * byte offsets in UTF-8, as there.
 */
export function parseHtml(source: string): Parsed {
  const open: Open[] = [];
  const entities: Entity[] = [];
  let text = "";
  let i = 0;
  const byteOffset = (at: number) => Buffer.byteLength(source.slice(0, at));
  const error = (why: string): Parsed => ({ error: `can't parse entities: ${why}` });

  while (i < source.length) {
    const c = source[i];
    if (c === "&") {
      const [character, next] = characterReference(source, i);
      text += character;
      i = next;
      continue;
    }
    if (c !== "<") {
      text += c;
      i++;
      continue;
    }
    const begin = i;
    if (source[i + 1] === "/") {
      if (open.length === 0) return error(`Unexpected end tag at byte offset ${byteOffset(begin)}`);
      const match = /^<\/([^\s>]*)\s*(>?)/.exec(source.slice(i));
      if (match?.[2] !== ">") return error(`Unclosed end tag at byte offset ${byteOffset(begin)}`);
      const { tag, at, attributes } = open.pop() as Open;
      const found = (match[1] as string).toLowerCase();
      if (found !== "" && found !== tag) {
        return error(`Unmatched end tag at byte offset ${byteOffset(begin)}, expected "</${tag}>", found "</${found}>"`);
      }
      if (text.length > at) entities.push(entityOf(tag, at, text.length - at, attributes));
      i += match[0].length;
      continue;
    }
    const name = /^<([^\s>]*)/.exec(source.slice(i))?.[1] as string;
    i += 1 + name.length;
    if (i >= source.length) return error(`Unclosed start tag at byte offset ${byteOffset(begin)}`);
    const tag = name.toLowerCase();
    if (!Object.hasOwn(tags, tag)) return error(`Unsupported start tag "${tag}" at byte offset ${byteOffset(begin)}`);
    const attributes: Record<string, string> = {};
    for (;;) {
      i += /^\s*/.exec(source.slice(i))?.[0].length ?? 0;
      if (i >= source.length) return error(`Unclosed start tag "${tag}" at byte offset ${byteOffset(begin)}`);
      if (source[i] === ">") break;
      const attribute = /^([^\s=>]+)(?:\s*=\s*("([^"]*)"|'([^']*)'|[A-Za-z0-9.-]+))?/.exec(source.slice(i));
      if (!attribute) return error(`Empty attribute name in the tag "${tag}" at byte offset ${byteOffset(begin)}`);
      const [whole, key, value, double, single] = attribute;
      if (value === undefined && !(tag === "blockquote" && key === "expandable")) {
        return error(`Expected equal sign in declaration of an attribute of the tag "${tag}" at byte offset ${byteOffset(begin)}`);
      }
      attributes[key as string] = decoded(double ?? single ?? value ?? "");
      i += whole.length;
    }
    if (tag === "span" && attributes.class !== "tg-spoiler") {
      return error(`Tag "span" must have class "tg-spoiler" at byte offset ${byteOffset(begin)}`);
    }
    open.push({ tag, at: text.length, attributes });
    i++;
  }
  const left = open.at(-1);
  if (left) return error(`Can't find end tag corresponding to start tag "${left.tag}"`);
  if (!text.isWellFormed()) {
    return { error: "text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units" };
  }
  return { text, entities: entities.sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

function entityOf(tag: string, offset: number, length: number, attributes: Readonly<Record<string, string>>): Entity {
  const type = tag === "blockquote" && "expandable" in attributes ? "expandable_blockquote" : (tags[tag] as string);
  const language = tag === "code" ? /^language-(.+)$/.exec(attributes.class ?? "")?.[1] : undefined;
  const url = tag === "a" ? attributes.href : undefined;
  return { type, offset, length, ...(url ? { url } : {}), ...(language ? { language } : {}) };
}

/** `&lt; &gt; &amp; &quot;` and numbers; anything else stays as it stands. */
function characterReference(source: string, at: number): [string, number] {
  const match = /^&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([A-Za-z]+));?/i.exec(source.slice(at, at + 16));
  if (!match) return ["&", at + 1];
  const [whole, hex, decimal, name] = match;
  if (name !== undefined) {
    const character = Object.hasOwn(named, name) ? named[name] : undefined;
    return character === undefined ? ["&", at + 1] : [character, at + whole.length];
  }
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (code === 0 || code > 0x10ffff) return ["&", at + 1];
  return [code >= 0xd800 && code <= 0xdfff ? String.fromCharCode(code) : String.fromCodePoint(code), at + whole.length];
}

function decoded(value: string): string {
  return value.replace(/&[^;\s]{1,12};?/g, (reference) => {
    const [character, next] = characterReference(reference, 0);
    return character + reference.slice(next);
  });
}
