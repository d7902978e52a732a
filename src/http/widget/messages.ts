import { element, renderNodes } from "./dom.ts";
import { parseMarkdown } from "./markdown.ts";
import type { Choice, ShownMessage, ShownPart } from "./wire.ts";

/** Resolves with whether the press was taken. */
export type Press = (token: string, label: string) => Promise<boolean>;

/** One message as it stands in the list. */
export function messageElement(message: Omit<ShownMessage, "id">, press?: Press): HTMLLIElement {
  const { direction, author, parts } = message;
  const texts = parts.filter((part) => part.type === "text").filter(({ text }) => text !== "");
  const buttons = parts.filter((part) => part.type === "buttons").flatMap((part) => part.rows.flat());
  const who = direction === "in" ? "You" : author === "operator" ? "Team" : "Assistant";
  const made = element("li", { class: `message ${direction}` }, element("span", { class: "unseen" }, `${who}: `), ...texts.map(bubble));
  if (author === "operator") made.append(element("span", { class: "note" }, "Team"));
  const isDemo = direction === "out" && texts.some(({ text }) => /\bbuilt-in demo model\b/.test(text));
  if (isDemo) made.append(element("span", { class: "chip" }, "Demo model"));
  if (buttons.length > 0 && press) made.append(choices(buttons, press));
  return made;
}

/** The answer that is being written. Its changes are not read out: the finished message is. */
export class Draft {
  readonly #body = element("div", { class: "bubble" });
  readonly #note = element("span", { class: "note working" });
  readonly made = element("div", { class: "message out", "aria-hidden": "true", hidden: true }, this.#body, this.#note);

  show(text: string, doing: string | undefined): void {
    this.made.hidden = false;
    this.#body.hidden = text.trim() === "";
    this.#body.replaceChildren(...renderNodes(parseMarkdown(text, true)));
    this.#note.textContent = doing ?? "Writing";
  }

  hide(): void {
    this.made.hidden = true;
    this.#body.replaceChildren();
  }
}

function bubble(part: Extract<ShownPart, { type: "text" }>): HTMLElement {
  if (part.markup !== "markdown") return element("div", { class: "bubble plain" }, part.text);
  return element("div", { class: "bubble" }, ...renderNodes(parseMarkdown(part.text)));
}

function choices(buttons: readonly Choice[], press: Press): HTMLElement {
  const made = buttons.map(({ label, token }) => {
    const onclick = async () => {
      for (const button of made) button.disabled = true;
      const taken = await press(token, label);
      for (const button of made) button.disabled = taken;
    };
    return element("button", { type: "button", class: "button", onclick }, label);
  });
  return element("div", { class: "choices", role: "group", "aria-label": "Choices" }, ...made);
}
