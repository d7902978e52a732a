import { Chat } from "./chat.js";
import { element } from "./dom.js";
import { style } from "./style.js";

/**
 * `<script src="https://gateway/widget.js" data-account="web" defer></script>`: a button that opens the chat.
 * `data-mode="page"` fills the page instead; `data-theme` is `light` or `dark`, else the reader's own.
 */
function startWidget(script) {
  const root = new URL(script.src).origin;
  const { account = "web", mode, theme } = script.dataset;
  const host = element("polylogue-chat", theme ? { "data-theme": theme } : {});
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];
  const chat = new Chat(root, account, mode === "page" ? "page" : "pop");
  shadow.append(chat.made);
  if (mode === "page") chat.start();
  else addLauncher(shadow, chat);
  document.body.append(host);
  if (mode === "page") chat.focus();
}

function addLauncher(shadow, chat) {
  const launch = element("button", {
    type: "button",
    class: "launch",
    "aria-label": "Open chat",
    "aria-expanded": "false",
    "aria-controls": "panel",
  });
  launch.append(speechBubble());
  const toggle = (open) => {
    chat.made.hidden = !open;
    launch.classList.toggle("open", open);
    launch.setAttribute("aria-expanded", String(open));
    launch.setAttribute("aria-label", open ? "Close chat" : "Open chat");
    if (open) {
      chat.start();
      chat.focus();
    } else launch.focus();
  };
  launch.addEventListener("click", () => toggle(chat.made.hidden));
  chat.header.append(
    element("button", { type: "button", class: "button small", "aria-label": "Close chat", onclick: () => toggle(false) }, "✕"),
  );
  chat.made.addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle(false);
  });
  shadow.append(launch);
}

function speechBubble() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M21 12a8 8 0 0 1-8 8H4l2.2-2.9A8 8 0 1 1 21 12Z");
  svg.append(path);
  return svg;
}

const script = document.currentScript;
if (document.body) startWidget(script);
else addEventListener("DOMContentLoaded", () => startWidget(script));
