import { type GraphAnswer, type GraphRequest, GraphSimulator } from "./graph.ts";

interface Sent {
  readonly mid: string;
  readonly to: string;
  readonly message: Readonly<Record<string, unknown>>;
  readonly tag?: unknown;
  /** What was uploaded with it. */
  readonly file?: { readonly name: string; readonly type: string; readonly bytes: Buffer };
}

interface QuickReply {
  readonly content_type?: unknown;
  readonly title?: unknown;
  readonly payload?: unknown;
}

/**
 * A page's Messenger, or a professional Instagram account, as their pages describe them (there is no description of either): the Send API
 * (https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api and
 * …/instagram-messaging/send-messages) and the webhooks.
 */
export class MessagingSimulator extends GraphSimulator {
  readonly self = "106195825075770";
  readonly sent: Sent[] = [];
  readonly typing: string[] = [];
  /** Whether it tells the app of its own messages. */
  echoes = false;
  readonly #platform: "messenger" | "instagram";
  /** Whether Meta granted the app the feature Human Agent. */
  humanAgent = false;
  /** When each wrote last. */
  readonly #people = new Map<string, number>();
  #count = 0;

  constructor(platform: "messenger" | "instagram") {
    super();
    this.#platform = platform;
  }

  /** Whoever wrote once can be written to. */
  meet(person: string, at = Date.now()): void {
    this.#people.set(person, at);
  }

  seen(person: string): string[] {
    return this.sent
      .filter(({ to }) => to === person)
      .map(({ message }) => (message.text as string | undefined) ?? JSON.stringify(message));
  }

  /** `agoMs`: so long ago, and Meta tells of it only now. */
  say(person: string, text: string, agoMs = 0): string {
    const timestamp = Date.now() - agoMs;
    this.meet(person, timestamp);
    const mid = this.#mid();
    this.tell(person, { timestamp, message: { mid, text } });
    return mid;
  }

  /** `what` happened in the chat with the person; `byUs`: the account did it. */
  tell(person: string, what: object, byUs = false): void {
    const [sender, recipient] = byUs ? [this.self, person] : [person, this.self];
    const messaging = [{ sender: { id: sender }, recipient: { id: recipient }, timestamp: Date.now(), ...what }];
    const object = this.#platform === "messenger" ? "page" : "instagram";
    this.post({ object, entry: [{ id: this.self, time: Date.now(), messaging }] });
  }

  #mid(): string {
    return `m_AG5Hz2U${String(++this.#count).padStart(6, "0")}`;
  }

  protected isSend({ method, path, body }: GraphRequest): boolean {
    return method === "POST" && path === "/me/messages" && !body.includes('"sender_action"');
  }

  protected async act(request: GraphRequest): Promise<GraphAnswer> {
    const { method, path, query } = request;
    if (method === "GET") return this.#who(path, query.get("fields"));
    if (path !== "/me/messages" || method !== "POST") return this.#broken(`${method} ${path}`);
    const { fields, file } = await this.#fieldsOf(request);
    const { recipient, message, messaging_type: type, tag, sender_action: action, ...strange } = fields;
    const to = String((recipient as { id?: unknown } | undefined)?.id);
    if (Object.keys(strange).length > 0) return this.#broken(`parameters ${Object.keys(strange)}`);
    if (!this.#people.has(to)) return this.fail(400, 100, "No matching user found", 2018001);
    if (action !== undefined) {
      if (message !== undefined || type !== undefined) return this.#broken("a sender action goes alone");
      if (!["typing_on", "typing_off", "mark_seen"].includes(String(action))) return this.#broken(`sender_action ${String(action)}`);
      this.typing.push(`${to} ${String(action)}`);
      return [200, { recipient_id: to }];
    }
    if (!(type === "RESPONSE" ? tag === undefined : type === "MESSAGE_TAG" && tag === "HUMAN_AGENT")) return this.#broken("messaging_type");
    // https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
    const hours = (Date.now() - (this.#people.get(to) ?? 0)) / 3_600_000;
    if (tag !== undefined && !this.humanAgent) return this.fail(403, 10, "This message is sent outside of allowed window.", 2018065);
    if (hours > (tag ? 7 * 24 : 24)) return this.fail(403, 10, "This message is sent outside of allowed window.", this.#lateCode());
    const wrong = this.#wrong((message ?? {}) as Sent["message"], file);
    if (wrong) return this.#broken(wrong);
    const mid = this.#mid();
    const one: Sent = { mid, to, message: message as Sent["message"], ...(tag === undefined ? {} : { tag }), ...(file ? { file } : {}) };
    this.sent.push(one);
    if (this.echoes) {
      const { text, metadata } = one.message;
      const known = this.#platform === "messenger" ? { app_id: 1_517_776_481_860_111, metadata } : {};
      this.tell(to, { message: { mid, is_echo: true, text, ...known } }, true);
    }
    return [200, { recipient_id: to, message_id: mid }];
  }

  #lateCode(): number {
    return this.#platform === "messenger" ? 2018278 : 2534022;
  }

  #who(path: string, fields: string | null): GraphAnswer {
    if (this.#platform === "messenger") {
      return path === "/me" && fields === "id,name" ? [200, { id: this.self, name: "Lucky Shrub" }] : this.#broken(`GET ${path}`);
    }
    if (fields !== "username") return this.#broken(`GET ${path}`);
    if (path !== `/${this.self}`) return this.fail(400, 100, "Unsupported get request. Object does not exist", 33);
    return [200, { id: "17841400008460056", username: "lucky.shrub" }];
  }

  #broken(what: string): GraphAnswer {
    this.violations.push(what);
    return this.fail(400, 100, `Invalid parameter: ${what}`);
  }

  async #fieldsOf({ headers, json, body }: GraphRequest): Promise<{ fields: Readonly<Record<string, unknown>>; file?: Sent["file"] }> {
    const type = headers["content-type"] ?? "";
    if (!type.startsWith("multipart/form-data")) return { fields: json };
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
    const data = form.get("filedata");
    form.delete("filedata");
    const parsed = [...form].map(([name, value]) => [name, String(value).startsWith("{") ? JSON.parse(String(value)) : value] as const);
    const file = data instanceof File ? { name: data.name, type: data.type, bytes: Buffer.from(await data.arrayBuffer()) } : undefined;
    return { fields: Object.fromEntries(parsed), ...(file ? { file } : {}) };
  }

  /** What of a message isn't taken. */
  #wrong(message: Sent["message"], file: Sent["file"]): string | undefined {
    const { text, attachment, quick_replies: replies = [], metadata, ...strange } = message;
    const messenger = this.#platform === "messenger";
    if (Object.keys(strange).length > 0 || (metadata !== undefined && !(messenger && String(metadata).length < 1000)))
      return `message ${Object.keys(message)}`;
    if ((text === undefined) === (attachment === undefined)) return "either text or attachment";
    const length = messenger ? String(text ?? "").length : Buffer.byteLength(String(text ?? ""));
    if (text === "" || length > (messenger ? 2000 : 1000)) return "text";
    const all = replies as readonly QuickReply[];
    const fits = ({ content_type: type, title, payload }: QuickReply) =>
      type === "text" &&
      typeof title === "string" &&
      title !== "" &&
      [...title].length <= 20 &&
      typeof payload === "string" &&
      payload.length <= 1000;
    if (all.length > 13 || (message.quick_replies !== undefined && all.length === 0) || !all.every(fits)) return "quick_replies";
    if (attachment === undefined) return file ? "filedata without attachment" : undefined;
    const { type, payload } = attachment as { type?: string; payload?: { url?: string } };
    if (!["image", "audio", "video", ...(messenger ? ["file"] : [])].includes(String(type))) return `attachment.type ${String(type)}`;
    if (!messenger) return file || !URL.canParse(payload?.url ?? "") ? "attachment.payload.url" : undefined;
    return file && file.bytes.length <= 25_000_000 ? undefined : "filedata";
  }
}

/** A simulator that listens; close it. */
export function startMessagingSimulator(platform: "messenger" | "instagram"): Promise<MessagingSimulator> {
  return new MessagingSimulator(platform).listen();
}
