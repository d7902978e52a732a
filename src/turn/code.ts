import { textPart } from "../core/message.ts";

/** An answer's blocks of code as marks, for a model that is to put the words around them into others. */
export interface Masked {
  readonly text: string;
  /** The words that a model made of it, with their code: a block that it lost follows at the end. */
  unmask(text: string): string;
  /** The same for what may be shown while it is written: give it each delta, it gives back what to show. */
  unmasking(): (delta: string) => string;
}

/** https://spec.commonmark.org/0.31.2/#fenced-code-blocks: open to the end where nothing closes it. */
const fences = /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:\n {0,3}\1[`~]*[ \t]*(?=\n|$)|(?![\s\S]))|(?![\s\S]))/gm;
const mark = /⟦(\d{1,3})⟧/g;
/** As long as a mark can be. */
const longest = 5;

export function maskCode(text: string): Masked {
  const blocks: string[] = [];
  // Whoever writes our marks himself keeps them: what stands for his code couldn't be told from them.
  const plain = text.includes("⟦");
  const masked = plain ? text : text.replace(fences, (block) => `⟦${blocks.push(block)}⟧`);
  const restored = (words: string) => words.replace(mark, (written, number: string) => blocks[Number(number) - 1] ?? written);
  return {
    text: masked,
    unmask(words) {
      const whole = restored(words);
      return [whole.trim(), ...blocks.filter((block) => !whole.includes(block))].join("\n\n");
    },
    unmasking() {
      let held = "";
      return (delta) => {
        const words = held + delta;
        const open = words.lastIndexOf("⟦");
        const mayGoOn = open >= 0 && words.length - open < longest && !words.includes("⟧", open);
        held = mayGoOn ? words.slice(open) : "";
        return restored(mayGoOn ? words.slice(0, open) : words);
      };
    },
  };
}

/** What a step says, as it stands: it can't make buttons, or whoever writes to it could. */
export function plainAnswer(text: string) {
  return text.trim() === "" ? [] : [textPart(text.trim(), "markdown")];
}
