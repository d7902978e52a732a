import { Connection, pause, Refusal } from "./connection.js";
import { element } from "./dom.js";
import { draftElement, messageElement } from "./messages.js";

/** The chat's panel: messages, what is being written, the form. `place` is `page` or `pop`. */
export class Chat {
  #connection;
  #shown = new Map();
  /** Messages of this page that the gateway hasn't acknowledged, and live ones that may be the same. */
  #sending = 0;
  #heldBack = [];
  #draft = draftElement();
  #turn = { text: "", doing: undefined };
  #earlier;
  #following;
  #stop = new AbortController();

  constructor(root, account, place) {
    this.#connection = new Connection(root, account);
    this.title = element(place === "page" ? "h1" : "h2", { id: "title" }, "Chat");
    this.status = element("span", { class: "status", role: "status" });
    this.header = element("header", {}, this.title, this.status);
    this.list = element("ol", { class: "messages" });
    this.more = element(
      "button",
      { type: "button", class: "button small", hidden: true, onclick: () => this.#showEarlier() },
      "Earlier messages",
    );
    this.greeting = element("p", { class: "note", hidden: true });
    this.log = element(
      "div",
      { class: "log", role: "log", tabindex: 0, "aria-label": "Messages" },
      this.more,
      this.greeting,
      this.list,
      this.#draft.made,
    );
    this.input = element("textarea", {
      id: "words",
      rows: 1,
      maxlength: 16000,
      placeholder: "Write a message",
      enterkeyhint: "send",
      onkeydown: (event) => this.#key(event),
    });
    const send = element("button", { type: "submit", class: "button main" }, "Send");
    const label = element("label", { for: "words", class: "unseen" }, "Your message");
    this.form = element("form", { onsubmit: (event) => this.#submit(event) }, label, this.input, send);
    const frame =
      place === "page"
        ? { class: "panel page" }
        : { class: "panel pop", role: "dialog", "aria-labelledby": "title", id: "panel", hidden: true };
    this.made = element(place === "page" ? "main" : "div", frame, this.header, this.log, this.form);
  }

  /** Connects when it is first needed: a page that only shows the launcher makes no visitor. */
  start() {
    if (this.#following) return;
    this.#following = true;
    this.#say("Connecting…");
    const fresh = () => this.#refresh();
    const lost = (error) =>
      this.#say(error instanceof Refusal && !error.retryable ? error.message : "Connection lost, trying again…", true);
    void this.#connection.follow((type, data) => this.#hear(type, data), { fresh, lost, signal: this.#stop.signal });
  }

  focus() {
    this.input.focus();
  }

  /** The truth is the history; what was streamed before is void. */
  async #refresh() {
    if (this.#connection.about.title === undefined) await this.#connection.visit();
    const { title, greeting } = this.#connection.about;
    if (title) this.title.textContent = title;
    if (greeting) this.greeting.textContent = greeting;
    const { messages, before } = await this.#connection.get("/messages?limit=50");
    for (const message of messages) this.#show(message);
    if (this.#earlier === undefined) this.#earlier = before;
    this.more.hidden = this.#earlier === undefined;
    this.greeting.hidden = !greeting || this.#earlier !== undefined;
    this.#say("");
  }

  async #showEarlier() {
    const { messages, before } = await this.#connection.get(`/messages?limit=50&before=${this.#earlier}`);
    const height = this.log.scrollHeight;
    const place = this.list.firstChild;
    for (const message of messages) {
      if (this.#shown.has(message.id)) continue;
      const made = this.#make(message);
      this.list.insertBefore(made, place);
      this.#shown.set(message.id, made);
    }
    this.#earlier = before;
    this.more.hidden = before === undefined;
    this.log.scrollTop += this.log.scrollHeight - height;
  }

  #hear(type, data) {
    if (type === "turn-start" || type === "turn-restart") this.#turn = { text: "", doing: undefined };
    else if (type === "turn-text") this.#turn.text += data.delta;
    else if (type === "turn-tool") this.#turn.doing = data.state === "running" ? `Using ${data.name}` : undefined;
    else if (type === "turn-end" && data.state !== "done") this.#turn = { text: "", doing: undefined };
    else if (type === "message") this.#arrived(data);
    if (type === "turn-end" && data.state !== "done") this.#draft.hide();
    else if (type.startsWith("turn-") && type !== "turn-end") this.#keepAtEnd(() => this.#draft.show(this.#turn.text, this.#turn.doing));
  }

  #arrived(message) {
    // It may be the one that is just being sent from here, whose id isn't known yet.
    if (message.direction === "in" && this.#sending > 0) this.#heldBack.push(message);
    else this.#show(message);
  }

  #show(message) {
    if (this.#shown.has(message.id)) return;
    this.#keepAtEnd(() => {
      if (message.direction === "out") {
        this.#turn = { text: "", doing: undefined };
        this.#draft.hide();
      }
      const made = this.#make(message);
      this.#shown.set(message.id, made);
      this.list.append(made);
    });
  }

  #make(message) {
    return messageElement(message, (token, label) => this.#press(token, label));
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.input.value;
    if (text.trim() === "") return;
    this.input.value = "";
    this.input.focus();
    const made = messageElement({ direction: "in", parts: [{ type: "text", text, markup: "plain" }] });
    this.#keepAtEnd(() => this.list.append(made), true);
    void this.#deliver(made, "/messages", { id: newId(), text });
  }

  async #press(token, label) {
    const made = messageElement({ direction: "in", parts: [{ type: "text", text: label, markup: "plain" }] });
    this.#keepAtEnd(() => this.list.append(made), true);
    return this.#deliver(made, "/press", { id: newId(), token });
  }

  /** Posts until the gateway has it on disk. The id makes a repetition the same message. */
  async #deliver(made, path, body) {
    const note = element("span", { class: "note" }, "Sending…");
    made.append(note);
    this.#sending++;
    try {
      for (let tries = 0; ; tries++) {
        try {
          const { message } = await this.#connection.post(path, body);
          if (message) this.#shown.set(message, made);
          note.remove();
          return true;
        } catch (error) {
          const hopeless = error instanceof Refusal && !error.retryable;
          if (hopeless || tries >= 8) {
            this.#offerAgain(made, note, path, body, error);
            return false;
          }
          note.textContent = "Not sent yet, trying again…";
          await pause(Math.max(error.waitMs ?? 0, Math.min(15_000, 500 * 2 ** tries)), this.#stop.signal);
        }
      }
    } finally {
      this.#sending--;
      if (this.#sending === 0) for (const message of this.#heldBack.splice(0)) this.#show(message);
    }
  }

  #offerAgain(made, note, path, body, error) {
    note.className = "note bad";
    note.textContent = `Not sent: ${error instanceof Refusal ? error.message : "no connection"} `;
    const onclick = () => {
      note.remove();
      void this.#deliver(made, path, body);
    };
    note.append(element("button", { type: "button", class: "button small", onclick }, "Send again"));
  }

  #say(text, bad = false) {
    this.status.textContent = text;
    this.status.className = bad ? "status bad" : "status";
  }

  /** A reader who is at the end stays there; one who reads further up isn't moved. */
  #keepAtEnd(change, always = false) {
    const { log } = this;
    const atEnd = always || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    change();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
