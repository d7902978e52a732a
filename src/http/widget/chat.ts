import { Connection, pause, Refusal } from "./connection.ts";
import { element } from "./dom.ts";
import { Draft, messageElement } from "./messages.ts";
import type { ChatEvent, ShownMessage } from "./wire.ts";

/** The chat's panel: messages, what is being written, the form. */
export class Chat {
  readonly made: HTMLElement;
  readonly header: HTMLElement;
  readonly #connection: Connection;
  readonly #title: HTMLElement;
  readonly #status = element("span", { class: "status", role: "status" });
  readonly #list = element("ol", { class: "messages" });
  readonly #earlier = element(
    "button",
    { type: "button", class: "button small", hidden: true, onclick: () => this.#showEarlier() },
    "Earlier messages",
  );
  readonly #greeting = element("p", { class: "note", hidden: true });
  readonly #draft = new Draft();
  readonly #log: HTMLElement;
  readonly #input = element("textarea", {
    ...{ id: "words", rows: 1, maxlength: 16_000, placeholder: "Write a message", enterkeyhint: "send" },
    onkeydown: (event: KeyboardEvent) => this.#key(event),
  });
  readonly #form: HTMLFormElement;
  readonly #stop = new AbortController();
  #started = false;

  /** By id, those that stand in the list. */
  readonly #shown = new Map<string, HTMLElement>();
  /** Posts of this page that aren't acknowledged, and live messages that may be the same. */
  #sending = 0;
  #heldBack: ShownMessage[] = [];
  #turn: { text: string; doing: string | undefined } = { text: "", doing: undefined };
  /** Where earlier messages begin; `false` once it is known that there are none. */
  #before: number | false | undefined;

  constructor(origin: string, account: string, place: "page" | "pop") {
    this.#connection = new Connection(origin, account);
    this.#title = element(place === "page" ? "h1" : "h2", { id: "title" }, "Chat");
    this.header = element("header", {}, this.#title, this.#status);
    const log = { class: "log", role: "log", tabindex: 0, "aria-label": "Messages" };
    this.#log = element("div", log, this.#earlier, this.#greeting, this.#list, this.#draft.made);
    const label = element("label", { for: "words", class: "unseen" }, "Your message");
    const send = element("button", { type: "submit", class: "button main" }, "Send");
    this.#form = element("form", { onsubmit: (event: Event) => this.#submit(event) }, label, this.#input, send);
    const inside = [this.header, this.#log, this.#form];
    const dialog = { class: "panel pop", role: "dialog", "aria-labelledby": "title", id: "panel", hidden: true };
    this.made = place === "page" ? element("main", { class: "panel page" }, ...inside) : element("div", dialog, ...inside);
  }

  /** Connects when it is first needed: a page that only shows the launcher makes no visitor. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#say("Connecting…");
    const follower = {
      hear: (event: ChatEvent) => this.#hear(event),
      fresh: () => this.#refresh(),
      lost: (error: unknown) => {
        const final = error instanceof Refusal && !error.retryable;
        this.#say(final ? error.message : "Connection lost, trying again…", true);
      },
    };
    void this.#connection.follow(follower, this.#stop.signal);
  }

  focus(): void {
    this.#input.focus();
  }

  /** The truth is the history; what was streamed before is void. */
  async #refresh(): Promise<void> {
    if (this.#connection.about === undefined) await this.#connection.visit();
    const { title, greeting } = this.#connection.about ?? {};
    if (title) this.#title.textContent = title;
    const { messages, before } = await this.#connection.history();
    for (const message of messages) this.#arrived(message);
    this.#before ??= before ?? false;
    this.#earlier.hidden = this.#before === false;
    this.#greeting.textContent = greeting ?? "";
    this.#greeting.hidden = !greeting || this.#before !== false;
    this.#say("");
  }

  async #showEarlier(): Promise<void> {
    if (!this.#before) return;
    this.#earlier.disabled = true;
    try {
      const { messages, before } = await this.#connection.history(this.#before);
      const height = this.#log.scrollHeight;
      const place = this.#list.firstChild;
      for (const message of messages) if (!this.#shown.has(message.id)) this.#list.insertBefore(this.#make(message), place);
      this.#before = before ?? false;
      this.#earlier.hidden = this.#before === false;
      this.#log.scrollTop += this.#log.scrollHeight - height;
    } catch {
      this.#say("Earlier messages can't be loaded now", true);
    } finally {
      this.#earlier.disabled = false;
    }
  }

  #hear(event: ChatEvent): void {
    if (event.type === "turn-start" || event.type === "turn-restart") this.#write("", undefined);
    else if (event.type === "turn-text") this.#write(this.#turn.text + event.delta, undefined);
    else if (event.type === "turn-tool") this.#write(this.#turn.text, event.state === "running" ? `Using ${event.name}` : undefined);
    // What was written stays until the message itself is there.
    else if (event.type === "turn-end" && event.state !== "done") this.#draft.hide();
    else if (event.type === "message") this.#arrived(event);
  }

  #write(text: string, doing: string | undefined): void {
    this.#turn = { text, doing };
    this.#keepAtEnd(() => this.#draft.show(text, doing));
  }

  #arrived(message: ShownMessage): void {
    // It may be the one that is just being sent from here, whose id isn't known yet.
    if (message.direction === "in" && this.#sending > 0) this.#heldBack.push(message);
    else this.#show(message);
  }

  #show(message: ShownMessage): void {
    if (this.#shown.has(message.id)) return;
    this.#keepAtEnd(() => {
      if (message.direction === "out") this.#draft.hide();
      this.#list.append(this.#make(message));
    });
  }

  #make(message: ShownMessage): HTMLElement {
    const made = messageElement(message, (token, label) => this.#deliver(label, "/press", { id: newId(), token }));
    this.#shown.set(message.id, made);
    return made;
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.#input.value;
    this.#input.focus();
    if (text.trim() === "") return;
    this.#input.value = "";
    void this.#deliver(text, "/messages", { id: newId(), text });
  }

  /** Shows it at once, and posts until the gateway has it on disk. The id makes a repetition the same message. */
  async #deliver(text: string, path: "/messages" | "/press", body: object): Promise<boolean> {
    const made = messageElement({ direction: "in", parts: [{ type: "text", text, markup: "plain" }] });
    this.#keepAtEnd(() => this.#list.append(made), true);
    return this.#post(made, path, body);
  }

  async #post(made: HTMLElement, path: "/messages" | "/press", body: object): Promise<boolean> {
    const note = element("span", { class: "note" }, "Sending…");
    made.append(note);
    this.#sending++;
    try {
      for (let tries = 0; ; tries++) {
        try {
          const id = await this.#connection.post(path, body);
          if (id !== undefined) this.#shown.set(id, made);
          note.remove();
          return true;
        } catch (error) {
          const waitMs = error instanceof Refusal ? error.waitMs : 0;
          if ((error instanceof Refusal && !error.retryable) || tries >= 8) {
            this.#offerAgain(made, note, path, body, error);
            return false;
          }
          note.textContent = "Not sent yet, trying again…";
          await pause(Math.max(waitMs, Math.min(15_000, 500 * 2 ** tries)), this.#stop.signal);
        }
      }
    } finally {
      this.#sending--;
      if (this.#sending === 0) for (const message of this.#heldBack.splice(0)) this.#show(message);
    }
  }

  #offerAgain(made: HTMLElement, note: HTMLElement, path: "/messages" | "/press", body: object, error: unknown): void {
    note.className = "note bad";
    note.textContent = `Not sent: ${error instanceof Refusal ? error.message : "no connection"} `;
    const onclick = () => {
      note.remove();
      void this.#post(made, path, body);
    };
    note.append(element("button", { type: "button", class: "button small", onclick }, "Send again"));
  }

  #say(text: string, bad = false): void {
    this.#status.textContent = text;
    this.#status.className = bad ? "status bad" : "status";
  }

  /** A reader who is at the end stays there; one who reads further up isn't moved. */
  #keepAtEnd(change: () => void, always = false): void {
    const log = this.#log;
    const atEnd = always || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    change();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
}

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
