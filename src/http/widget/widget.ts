import { Chat } from "./chat.ts";
import { element } from "./dom.ts";
import { style } from "./style.ts";

/**
 * `<script src="https://gateway/widget.js" data-account="web" defer></script>`: a button that opens the chat.
 * `data-mode="page"` fills the page instead; `data-theme` is `light` or `dark`, else the reader's own.
 */
function startWidget(script: HTMLScriptElement): void {
  const { account = "web", mode, theme } = script.dataset;
  const host = document.createElement("polylogue-chat");
  if (theme) host.dataset.theme = theme;
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  shadow.adoptedStyleSheets = [sheet];
  const chat = new Chat(new URL(script.src).origin, account, mode === "page" ? "page" : "pop");
  shadow.append(chat.made);
  if (mode !== "page") addLauncher(shadow, chat);
  document.body.append(host);
  if (mode !== "page") return;
  chat.start();
  chat.focus();
}

function addLauncher(shadow: ShadowRoot, chat: Chat): void {
  const toggle = (open: boolean) => {
    chat.made.hidden = !open;
    launch.classList.toggle("open", open);
    launch.setAttribute("aria-expanded", String(open));
    launch.setAttribute("aria-label", open ? "Close chat" : "Open chat");
    if (!open) return launch.focus();
    chat.start();
    chat.focus();
  };
  const launch = element(
    "button",
    { type: "button", class: "launch", "aria-controls": "panel", onclick: () => toggle(Boolean(chat.made.hidden)) },
    speechBubble(),
  );
  launch.setAttribute("aria-expanded", "false");
  launch.setAttribute("aria-label", "Open chat");
  chat.header.append(
    element("button", { type: "button", class: "button small", "aria-label": "Close chat", onclick: () => toggle(false) }, "✕"),
  );
  chat.made.addEventListener("keydown", (event) => {
    if (event.key === "Escape") toggle(false);
  });
  shadow.append(launch);
}

function speechBubble(): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M21 12a8 8 0 0 1-8 8H4l2.2-2.9A8 8 0 1 1 21 12Z");
  svg.append(path);
  return svg;
}

const own = document.currentScript;
if (own instanceof HTMLScriptElement) {
  if (document.body) startWidget(own);
  else addEventListener("DOMContentLoaded", () => startWidget(own));
}
