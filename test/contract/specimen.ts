import { parseMarkdown } from "../../src/core/markdown.ts";
import { plain } from "../../src/dialects/plain.ts";

/** What a reader sees of a paragraph of Markdown. */
export function readMarkdown(text: string): string {
  return plain.render(parseMarkdown(text)).visible;
}

/** Words that can be counted whatever markup they stand in. */
const word = (index: number) => `w${index}x`;

/** Markdown with each construct that answers have, and words that stand in it once, in order. At least `length` characters long. */
export function markdownSpecimen(length: number): { readonly markdown: string; readonly words: readonly string[] } {
  const words: string[] = [];
  const next = () => {
    words.push(word(words.length));
    return words.at(-1);
  };
  const blocks: string[] = [];
  for (let size = 0, index = 0; size < length; index++) {
    const block = forms[index % forms.length]?.(next) ?? "";
    blocks.push(block);
    size += block.length + 2;
  }
  return { markdown: blocks.join("\n\n"), words };
}

type Next = () => string | undefined;

const forms: readonly ((next: Next) => string)[] = [
  (next) => `# ${next()} heading ${next()}`,
  (next) => `${next()} **bold ${next()}** and _${next()} slanted_, \`code ${next()}\` and ~~gone ${next()}~~ 👩‍👩‍👧‍👦 ${next()}.`,
  (next) => `- ${next()} first\n- ${next()} second\n  - ${next()} inner ${next()}\n- ${next()} last`,
  (next) => `\`\`\`ts\nconst ${next()} = "<&*_~>"; // ${next()}\nconst ${next()} = 1;\n\`\`\``,
  (next) => `> ${next()} quoted\n> ${next()}`,
  (next) => `1. ${next()} one\n2. ${next()} two [a link ${next()}](https://example.com/a_b_c?d=e&f) ${next()}`,
  (next) => `| ${next()} | ${next()} |\n|---|---|\n| ${next()} | ${next()} |`,
  (next) => `${next()} a < b > c & d "e" 'f' \\*g\\* h_i_j k|l| m\`\` @here <@U123> ${next()}`,
];

export function wordsIn(text: string): readonly string[] {
  return text.match(/w\d+x/g) ?? [];
}

/** What a person may type or a model say, with marks of every dialect: it must be read as it stands. */
export const hostileWords = "*a* _b_ ~c~ <d> &amp; [e](http://f) |g| `h` @everyone <!channel> <@U1> \\i $j {k} >l #m -n 1.";
