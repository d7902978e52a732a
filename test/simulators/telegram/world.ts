import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { Entity } from "./html.ts";

/** A JSON object as the Bot API shows it. */
export type Json = { [key: string]: unknown };

/** A message as the people in its chat see it now. */
export interface Seen {
  readonly id: number;
  readonly from: number;
  readonly at: number;
  /** Text or caption, without markup. */
  text: string;
  entities: readonly Entity[];
  thread?: number;
  replyTo?: number;
  /** Labels and tokens of the buttons under it. */
  buttons: readonly (readonly { readonly text: string; readonly callback_data?: string; readonly url?: string }[])[];
  file?: { readonly field: string; readonly id: string; readonly name: string; readonly size: number; readonly sha256: string };
  /** A place, contact or poll, as it was sent. */
  readonly shown?: Json;
  /** The bot's reaction. */
  reaction?: string;
  /** What it said before each edit, oldest first. */
  readonly history: string[];
}

/** One line of the log: what the platform did, in the order in which it did it. Nothing is ever taken back. */
export type Entry =
  /** A person did something that made an update. */
  | {
      readonly kind: "said";
      readonly update: number;
      readonly of: string;
      readonly chat: number;
      readonly text?: string;
      readonly message?: number;
    }
  /** The bot's side confirmed the update: by a higher offset, or with a 2xx to the webhook. */
  | { readonly kind: "confirmed"; readonly update: number; readonly by: "offset" | "webhook" }
  /** A call of the bot took effect. `answered` is false when the answer was withheld on purpose. */
  | {
      readonly kind: "effect";
      readonly method: string;
      readonly chat?: number;
      readonly message?: number;
      readonly text?: string;
      readonly answered: boolean;
      /** What the caller's header `x-caller` says, if it has one. */
      readonly by?: string;
    }
  /** A call of the bot took no effect, because that was arranged. */
  | {
      readonly kind: "trouble";
      readonly method: string;
      readonly chat?: number;
      readonly text?: string;
      readonly what: "error" | "proxy" | "cut";
      readonly status?: number;
      readonly by?: string;
    };

export type Logged = Entry & { readonly n: number; readonly at: number };

/** Takes the log elsewhere than into a file. */
export interface Recorder {
  /** Nobody is answered before the entry of the call is safe. */
  entry(logged: Logged): Promise<void>;
  /** The answer to the call with this entry was handed to the network. */
  answered(n: number): void;
}

export interface Chat {
  readonly id: number;
  readonly type: "private" | "group" | "supergroup" | "channel";
  readonly forum: boolean;
  readonly messages: Map<number, Seen>;
  readonly topics: Set<number>;
  nextId: number;
  /** What the bot previews of an unfinished message; gone with its next message. Each text that was shown, oldest first. */
  preview?: { readonly id: number; readonly texts: string[] } | undefined;
  /** Why the bot can't write there, in Telegram's words. */
  closed?: string;
  migratedTo?: number;
  /** Members may send no polls there. */
  noPolls?: boolean;
}

export interface StoredFile {
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** Chats, messages, files and the log. What a person does is in `people.ts`, what the bot does in `methods.ts`. */
export class World {
  readonly bot: { readonly id: number; readonly username: string };
  readonly chats = new Map<number, Chat>();
  readonly files = new Map<string, StoredFile>();
  readonly entries: Logged[] = [];
  /** callback_query_id → whether the bot has answered it. */
  readonly queries = new Map<string, boolean>();
  readonly #file: number | undefined;
  readonly #sync: boolean;
  readonly #recorder: Recorder | undefined;

  constructor(
    bot: { readonly id: number; readonly username: string },
    log?: { readonly path: string; readonly fsync: boolean },
    recorder?: Recorder,
  ) {
    this.bot = bot;
    this.#recorder = recorder;
    this.#file = log ? openSync(log.path, "a") : undefined;
    this.#sync = log?.fsync ?? false;
  }

  /**
   * Written before anybody is told of it, so that the log never knows less than a reader. Where a recorder has the log,
   * who wants to tell somebody waits for `safe` first.
   */
  record(entry: Entry): { readonly n: number; readonly safe: Promise<void> | undefined } {
    const logged: Logged = { n: this.entries.length + 1, at: Date.now(), ...entry };
    this.entries.push(logged);
    if (this.#file !== undefined) {
      writeSync(this.#file, `${JSON.stringify(logged)}\n`);
      if (this.#sync) fsyncSync(this.#file);
    }
    return { n: logged.n, safe: this.#recorder?.entry(logged) };
  }

  answered(n: number): void {
    this.#recorder?.answered(n);
  }

  /** Ids as Telegram gives them: a private chat has the id of its person, supergroups start with -100. */
  chat(id: number, options: { type?: Chat["type"]; forum?: boolean } = {}): Chat {
    let chat = this.chats.get(id);
    if (!chat) {
      const type = options.type ?? (id > 0 ? "private" : id <= -1_000_000_000_000 ? "supergroup" : "group");
      chat = { id, type, forum: options.forum ?? false, messages: new Map(), topics: new Set(), nextId: 1 };
      this.chats.set(id, chat);
    }
    return chat;
  }

  add(chat: Chat, from: number, more: Partial<Seen>): Seen {
    const message: Seen = {
      text: "",
      entities: [],
      buttons: [],
      history: [],
      ...more,
      id: chat.nextId++,
      from,
      at: Math.floor(Date.now() / 1000),
    };
    chat.messages.set(message.id, message);
    if (from === this.bot.id) chat.preview = undefined;
    return message;
  }

  store(bytes: Uint8Array, folder: string, ending: string, size = bytes.length): StoredFile {
    const id = `${folder}-${this.files.size + 1}-${createHash("sha256").update(bytes).digest("base64url").slice(0, 24)}`;
    const file = { id, path: `${folder}/file_${this.files.size}.${ending}`, size, bytes };
    this.files.set(id, file);
    return file;
  }

  userJson(id: number): Json {
    if (id === this.bot.id) return { id, is_bot: true, first_name: "Polylogue test", username: this.bot.username };
    return { id, is_bot: false, first_name: `User ${id}`, username: `user${id}`, language_code: "en" };
  }

  chatJson(chat: Chat): Json {
    if (chat.type === "private") return { id: chat.id, type: "private", first_name: `User ${chat.id}`, username: `user${chat.id}` };
    return { id: chat.id, type: chat.type, title: `Group ${chat.id}`, ...(chat.forum ? { is_forum: true } : {}) };
  }

  messageJson(chat: Chat, message: Seen, extra: Json = {}): Json {
    const replied = message.replyTo === undefined ? undefined : chat.messages.get(message.replyTo);
    const sender = chat.type === "channel" ? { sender_chat: this.chatJson(chat) } : { from: this.userJson(message.from) };
    return {
      message_id: message.id,
      ...sender,
      chat: this.chatJson(chat),
      date: message.at,
      ...(message.thread === undefined ? {} : { message_thread_id: message.thread, is_topic_message: true }),
      ...(replied ? { reply_to_message: this.messageJson(chat, { ...replied, replyTo: undefined } as unknown as Seen) } : {}),
      ...(message.text && !message.file ? { text: message.text, ...(message.entities.length ? { entities: message.entities } : {}) } : {}),
      ...(message.text && message.file
        ? { caption: message.text, ...(message.entities.length ? { caption_entities: message.entities } : {}) }
        : {}),
      ...(message.buttons.length ? { reply_markup: { inline_keyboard: message.buttons } } : {}),
      ...extra,
    };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
