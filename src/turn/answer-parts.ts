import { type Button, type Part, textPart } from "../core/message.ts";

/**
 * What a model can say beyond text, in a notation that any model can be told to use in its instructions:
 *
 *     Which one?
 *     ```buttons
 *     Tea = I'd like tea
 *     Coffee
 *     ```
 *
 * One button a line, `label = value`; without `=` the label is the value too. The value is what the agent gets when the
 * button is pressed. The block must stand by itself, outside other code blocks; while it is still being written, and
 * when it is never closed, it is nothing but code.
 */
export function answerParts(text: string): Part[] {
  if (!text.includes(opening)) return text.trim() ? [textPart(text.trim(), "markdown")] : [];
  const { words, rows } = split(text);
  const parts: Part[] = [];
  if (words) parts.push(textPart(words, "markdown"));
  if (rows.length > 0) parts.push({ type: "buttons", rows });
  return parts;
}

/** The words of an answer that is still being written: a block of buttons isn't shown, not even its first half. */
export function answerWords(text: string): string {
  return text.includes(opening) ? split(text, true).words : text;
}

const opening = "```buttons";
/** A button's token has room for three digits, and no platform shows more. */
const most = 100;
const longest = { label: 256, value: 4096 };

function split(text: string, unfinished = false): { words: string; rows: Button[][] } {
  const kept: string[] = [];
  const rows: Button[][] = [];
  let fence = ""; // of the code block that we are in
  let block: string[] | undefined;
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})\s*(.*?)\s*$/.exec(line);
    if (block) {
      if (mark?.[1] === "```" && mark[2] === "") {
        rows.push(...block.flatMap(button).slice(0, most - rows.length));
        block = undefined;
      } else block.push(line);
    } else if (!fence && mark?.[1] === "```" && mark[2] === "buttons") block = [];
    else {
      if (mark?.[1] && !fence) fence = mark[1];
      else if (mark?.[1]?.startsWith(fence) && mark[2] === "") fence = "";
      kept.push(line);
    }
  }
  if (block && !unfinished) kept.push(opening, ...block);
  return { words: kept.join("\n").trim(), rows };
}

function button(line: string): Button[][] {
  const at = line.indexOf("=");
  const label = (at < 0 ? line : line.slice(0, at)).trim().slice(0, longest.label);
  const value = (at < 0 ? "" : line.slice(at + 1)).trim().slice(0, longest.value);
  return label ? [[{ label, value: value || label }]] : [];
}
