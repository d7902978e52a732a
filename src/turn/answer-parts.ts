import { type Button, isWebAddress, type Part, textPart } from "../core/message.ts";

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
 * button is pressed; where it is a web address, the button opens that. The block must stand by itself, outside other code blocks; while it is still being written, and
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

/**
 * What may be shown of an answer while it is being written: give it each delta, it gives back what to show. A block of
 * buttons stays hidden from its first character on, since nothing that was shown can be taken back.
 */
export function answerStream(): (delta: string) => string {
  let line = "";
  let held = "";
  let state: Fences = outside;
  /** The line so far was shown: so is its rest. */
  let plain = false;
  /** It begins as no fence does: its rest says nothing about what follows. */
  let words = false;
  return (delta) => {
    if (plain && !delta.includes("\n")) {
      if (!words) line += delta;
      return delta;
    }
    let shown = "";
    for (const piece of delta.includes("\n") ? delta.split(/(?<=\n)/) : [delta]) {
      line += piece;
      held += piece;
      const ended = line.endsWith("\n");
      const next = ended ? step(state, line) : state;
      const mayOpen = !ended && !state.fence && (opening.startsWith(line.trimStart()) || line.trim() === opening);
      if (state.buttons || next.buttons) held = "";
      else if (!mayOpen) {
        shown += held;
        held = "";
      }
      if (ended) line = "";
      state = next;
    }
    plain = line !== "" && held === "" && !state.buttons;
    words = plain && !/^ {0,3}(?:[`~]|$)/.test(line);
    return shown;
  };
}

const opening = "```buttons";
/** A button's token has room for three digits, and no platform shows more. */
const most = 100;
const longest = { label: 256, value: 4096 };

/** Where a line stands: inside a block of buttons, or inside other code that `fence` opened. */
interface Fences {
  readonly buttons: boolean;
  readonly fence: string;
}

const outside: Fences = { buttons: false, fence: "" };

/** Where the next line stands, after this one. https://spec.commonmark.org/0.31.2/#fenced-code-blocks */
function step(state: Fences, line: string): Fences {
  const [, mark = "", info = ""] = /^ {0,3}(`{3,}|~{3,})(.*?)\s*$/.exec(line) ?? [];
  if (state.buttons) return mark === "```" && info === "" ? outside : state;
  if (!mark) return state;
  if (state.fence) return mark.startsWith(state.fence) && info === "" ? outside : state;
  return mark === "```" && info === "buttons" ? { buttons: true, fence: "" } : { buttons: false, fence: mark };
}

function split(text: string): { words: string; rows: Button[][] } {
  const kept: string[] = [];
  const rows: Button[][] = [];
  let block: string[] = [];
  let state = outside;
  for (const line of text.split("\n")) {
    const next = step(state, line);
    if (state.buttons && !next.buttons) {
      rows.push(
        ...block
          .slice(1)
          .flatMap(button)
          .slice(0, most - rows.length),
      );
      block = [];
    } else if (next.buttons) block.push(line);
    else kept.push(line);
    state = next;
  }
  // Never closed: code, as it stands.
  return { words: [...kept, ...block].join("\n").trim(), rows };
}

function button(line: string): Button[][] {
  const at = line.indexOf("=");
  const label = (at < 0 ? line : line.slice(0, at)).trim().slice(0, longest.label);
  const value = (at < 0 ? "" : line.slice(at + 1)).trim().slice(0, longest.value);
  return label ? [[{ label, value: value || label, ...(isWebAddress(value) && { url: value }) }]] : [];
}
