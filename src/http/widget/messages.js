import { element, renderNodes } from "./dom.js";
import { parseMarkdown } from "./markdown.js";

/** One message as it stands in the list. `press` is called with the token of a pressed button. */
export function messageElement(message, press) {
  const { direction, author, parts } = message;
  const bubbles = parts.filter((part) => part.type === "text" && part.text !== "").map((part) => bubble(part));
  const rows = parts.filter((part) => part.type === "buttons").flatMap((part) => part.rows.flat());
  const who = direction === "in" ? "You" : author === "operator" ? "Team" : "Assistant";
  const demo = parts.some((part) => part.type === "text" && /\bbuilt-in demo model\b/.test(part.text));
  const made = element("li", { class: `message ${direction}` }, element("span", { class: "unseen" }, `${who}: `), ...bubbles);
  if (author === "operator") made.append(element("span", { class: "note" }, "Team"));
  if (demo && direction === "out") made.append(element("span", { class: "chip" }, "Demo model"));
  if (rows.length > 0) made.append(choices(rows, press));
  return made;
}

/** The answer that is being written. Its changes are not read out: the finished message is. */
export function draftElement() {
  const body = element("div", { class: "bubble" });
  const note = element("span", { class: "note working" }, "Writing");
  const made = element("div", { class: "message out", "aria-hidden": "true", hidden: true }, body, note);
  return {
    made,
    show(text, doing) {
      made.hidden = false;
      body.hidden = text.trim() === "";
      body.replaceChildren(...renderNodes(parseMarkdown(text, true)));
      note.textContent = doing ?? "Writing";
    },
    hide() {
      made.hidden = true;
      body.replaceChildren();
    },
  };
}

function bubble(part) {
  if (part.markup !== "markdown") return element("div", { class: "bubble plain" }, part.text);
  return element("div", { class: "bubble" }, ...renderNodes(parseMarkdown(part.text)));
}

function choices(buttons, press) {
  const group = element("div", { class: "choices", role: "group", "aria-label": "Choices" });
  for (const { label, token } of buttons) {
    const onclick = async () => {
      for (const other of group.children) other.disabled = true;
      if (!(await press(token, label))) for (const other of group.children) other.disabled = false;
    };
    group.append(element("button", { type: "button", class: "button", onclick }, label));
  }
  return group;
}
