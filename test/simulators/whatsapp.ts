import { type GraphAnswer, type GraphRequest, GraphSimulator } from "./graph.ts";
import { description } from "./whatsapp/description.ts";

interface Sent {
  readonly id: string;
  /** The person's number, or id. */
  readonly to: string;
  readonly json: Readonly<Record<string, unknown>>;
}

const day = 86_400_000;
/** https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#supported-media-types */
const takes: Readonly<Record<string, number>> = {
  "image/jpeg": 5e6,
  "image/png": 5e6,
  "audio/aac": 16e6,
  "audio/amr": 16e6,
  "audio/mpeg": 16e6,
  "audio/mp4": 16e6,
  "audio/ogg; codecs=opus": 16e6,
  "video/mp4": 16e6,
  "video/3gpp": 16e6,
  "text/plain": 1e8,
  "application/pdf": 1e8,
};

/** One business number, as the Cloud API behaves; each call is checked against Meta's description of it. */
export class WhatsAppSimulator extends GraphSimulator {
  readonly phoneNumberId = "106540352242922";
  readonly businessAccountId = "102290129340398";
  readonly number = "15550783881";
  /** What the business has, as Meta lists it; two a page. */
  readonly templates: WhatsAppTemplate[] = [
    template("order_update", "en_US", "APPROVED", "Hello {{1}}, about your order: {{2}}"),
    template("order_update", "de", "APPROVED", "Hallo {{1}}, zu Ihrer Bestellung: {{2}}"),
    template("news", "en_US", "APPROVED", "We have an answer for you: {{1}} Write to us to go on."),
    template("by_name", "en_US", "APPROVED", "Hello {{first_name}}."),
    template("greeting", "en_US", "APPROVED", "Hello."),
    template("waiting", "en_US", "PENDING", "Soon."),
  ];
  readonly sent: Sent[] = [];
  /** Ids of messages that were marked as read, and of those that got a typing indicator. */
  readonly read: string[] = [];
  readonly media = new Map<string, { readonly type: string; readonly bytes: Buffer; readonly name: string }>();
  /** Whether it tells of every message that it was delivered. */
  delivers = false;
  readonly #said = new Set<string>();
  readonly #heard = new Map<string, number>();
  #count = 0;

  /** What a person sees, as words. */
  seen(person: string): string[] {
    return this.sent.filter(({ to, json }) => to === person && json.type !== "reaction").map(({ json }) => wordsOf(json));
  }

  /** A person writes; `content` in place of a text; `agoMs`: so long ago, and Meta tells of it only now. */
  say(person: string, text: string, content: object = { type: "text", text: { body: text } }, agoMs = 0): string {
    const id = this.#wamid();
    this.#said.add(id);
    this.#heard.set(person, Date.now() - agoMs);
    const timestamp = String(Math.floor((Date.now() - agoMs) / 1000));
    const who = person.includes(".") ? { from_user_id: person } : { from: person, from_user_id: `US.${person}` };
    const contacts = [{ profile: { name: "Sheena Nelson" }, wa_id: person, user_id: who.from_user_id }];
    this.#tell({ contacts, messages: [{ ...who, id, timestamp, ...content }] });
    return id;
  }

  /** The person wrote last so long ago. */
  silent(person: string, ms = day + 1): void {
    this.#heard.set(person, Date.now() - ms);
  }

  tellStatus(of: Sent, status: string, more: object = {}): void {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const recipient = of.json.to === undefined ? { recipient_user_id: of.to } : { recipient_id: of.to, recipient_user_id: `US.${of.to}` };
    const { biz_opaque_callback_data } = of.json;
    this.#tell({ statuses: [{ id: of.id, status, timestamp, ...recipient, biz_opaque_callback_data, ...more }] });
  }

  #tell(value: object): void {
    const metadata = { display_phone_number: this.number, phone_number_id: this.phoneNumberId };
    const changes = [{ field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } }];
    this.post({ object: "whatsapp_business_account", entry: [{ id: "102290129340398", changes }] });
  }

  #wamid(): string {
    return `wamid.HBgLMTY1MDM4Nzk0MzkVAgAS${String(++this.#count).padStart(6, "0")}==`;
  }

  protected isSend({ method, path, json }: GraphRequest): boolean {
    return method === "POST" && path.endsWith("/messages") && json.status === undefined;
  }

  protected async act(request: GraphRequest): Promise<GraphAnswer> {
    const { method, path, query, headers, body, json } = request;
    if (path.startsWith("/bytes/")) return [200, this.media.get(path.slice("/bytes/".length))?.bytes];
    const broken = description.violation({ method, url: `/v25.0${path}${query.size > 0 ? `?${query}` : ""}`, headers, body });
    if (broken !== undefined) {
      this.violations.push(broken);
      return this.fail(400, 100, `Invalid parameter: ${broken}`);
    }
    if (method === "GET" && this.media.has(path.slice(1))) {
      const { type, bytes } = this.media.get(path.slice(1)) ?? { type: "", bytes: Buffer.alloc(0) };
      const id = path.slice(1);
      return [
        200,
        { id, url: `${this.origin}/v25.0/bytes/${id}`, mime_type: type, file_size: String(bytes.length), messaging_product: "whatsapp" },
      ];
    }
    const [, node, edge] = path.split("/");
    if (node === this.businessAccountId && edge === "message_templates") return this.#list(query);
    if (node !== this.phoneNumberId) return this.fail(400, 100, "Unsupported request. Object does not exist", 33);
    if (edge === "media") return this.#upload(headers, body);
    if (edge === "messages") return json.status === "read" ? this.#mark(json) : this.#send(json);
    return [200, { id: node, display_phone_number: "+1 555-078-3881", verified_name: "Lucky Shrub" }];
  }

  #list(query: URLSearchParams): GraphAnswer {
    const from = Number(query.get("after") ?? 0);
    const after = String(from + 2);
    const next = from + 2 < this.templates.length ? { next: `${this.url}/${this.businessAccountId}/message_templates?after=${after}` } : {};
    return [200, { data: this.templates.slice(from, from + 2), paging: { cursors: { before: String(from), after }, ...next } }];
  }

  /** https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes */
  #templateRefusal({ name, language, components = [] }: SentTemplate): GraphAnswer | undefined {
    const known = this.templates.find((one) => one.name === name && one.language === language.code);
    if (known?.status !== "APPROVED") return this.fail(404, 132001, `template name (${name}) does not exist in ${language.code}`);
    const given = components.flatMap(({ parameters }) => parameters);
    const places = placesOf(known);
    if (given.length !== places.length) return this.fail(400, 132000, "Number of parameters does not match the expected number of params");
    const named = places.some((place) => !/^\d+$/.test(place));
    if (given.some(({ parameter_name: of }, index) => of !== (named ? places[index] : undefined)))
      return this.fail(400, 132012, "Parameter name is missing or empty");
    if (given.some(({ text }) => !text || text.length > 1024 || /[\n\t]| {5}/.test(text)))
      return this.fail(400, 132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces");
    return undefined;
  }

  async #upload(headers: GraphRequest["headers"], body: Buffer): Promise<GraphAnswer> {
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": headers["content-type"] ?? "" } }).formData();
    const file = form.get("file");
    const type = String(form.get("type"));
    if (form.get("messaging_product") !== "whatsapp" || !(file instanceof File))
      return this.fail(400, 100, "messaging_product and file are needed");
    if (file.type !== type.toLowerCase() || file.size > (takes[type] ?? -1))
      return this.fail(400, 100, `Param file must be a file with a supported type, not ${type}`);
    const id = String(4_490_709_327_384_000 + ++this.#count);
    this.media.set(id, { type, bytes: Buffer.from(await file.arrayBuffer()), name: file.name });
    return [200, { id }];
  }

  #mark({ message_id: id, typing_indicator: typing }: GraphRequest["json"]): GraphAnswer {
    if (!this.#said.has(String(id))) return this.fail(400, 131009, "Parameter value is not valid");
    this.read.push(typing ? `${String(id)} typing` : String(id));
    return [200, { success: true }];
  }

  #send(json: GraphRequest["json"]): GraphAnswer {
    const refused = this.#refusal(json);
    if (refused) return this.fail(400, 131009, `Parameter value is not valid: ${refused}`);
    const odd = json.type === "template" && this.#templateRefusal(json.template as SentTemplate);
    if (odd) return odd;
    const to = String(json.to ?? json.recipient).replace("+", "");
    const one: Sent = { id: this.#wamid(), to, json };
    const late =
      Date.now() - (this.#heard.get(to.replace(/^US\./, "")) ?? this.#heard.get(to) ?? Date.now()) > day && json.type !== "template";
    if (late) {
      const error = { code: 131047, title: "Re-engagement message", error_data: { details: "More than 24 hours have passed" } };
      this.tellStatus(one, "failed", { errors: [error] });
    } else {
      this.sent.push(one);
      if (this.delivers) this.tellStatus(one, "delivered");
    }
    const contact = json.to === undefined ? { input: to, user_id: to } : { input: to, wa_id: to };
    return [200, { messaging_product: "whatsapp", contacts: [contact], messages: [{ id: one.id }] }];
  }

  /** What the description can't say. */
  #refusal(json: GraphRequest["json"]): string | undefined {
    const { text, interactive, context } = json as {
      text?: { body?: string };
      interactive?: Interactive;
      context?: { message_id?: string };
    };
    if (json.type === "text" && !(text?.body && text.body.length <= 4096)) return "text.body";
    if (context && !this.#said.has(context.message_id ?? "")) return "context.message_id";
    const media = json[String(json.type)] as { id?: string; caption?: string } | undefined;
    if (["image", "audio", "video", "document"].includes(String(json.type))) {
      if (!media?.id || !this.media.has(media.id)) return "the media's id";
      if (media.caption !== undefined && (json.type === "audio" || media.caption.length > 1024)) return "the caption";
    }
    if (interactive?.type === "button") {
      const titles = interactive.action.buttons?.map(({ reply }) => reply.title) ?? [];
      if (interactive.body.text.length > 1024) return "interactive.body";
      if (titles.length === 0 || titles.some((title) => title === "")) return "interactive.action.buttons";
    }
    const rows = interactive?.action.sections?.flatMap((section) => section.rows) ?? [];
    return rows.length > 10 ? "interactive.action.sections" : undefined;
  }
}

interface WhatsAppTemplate {
  readonly name: string;
  readonly language: string;
  readonly status: string;
  readonly category: string;
  readonly components: readonly { readonly type: string; readonly text: string }[];
}

interface SentTemplate {
  readonly name: string;
  readonly language: { readonly code: string };
  readonly components?: readonly { readonly parameters: readonly { readonly text: string; readonly parameter_name?: string }[] }[];
}

function template(name: string, language: string, status: string, text: string): WhatsAppTemplate {
  const components = [
    { type: "HEADER", text: "Lucky Shrub" },
    { type: "BODY", text },
  ];
  return { name, language, status, category: "UTILITY", components };
}

function placesOf({ components }: WhatsAppTemplate): readonly string[] {
  return [...(components.find(({ type }) => type === "BODY")?.text ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, place]) => String(place));
}

interface Interactive {
  readonly type: string;
  readonly body: { readonly text: string };
  readonly action: {
    readonly buttons?: readonly { readonly reply: { readonly title: string } }[];
    readonly sections?: readonly { readonly rows: readonly { readonly title: string }[] }[];
  };
}

function wordsOf(json: Readonly<Record<string, unknown>>): string {
  const { type, text, interactive } = json as { type: string; text?: { body: string }; interactive?: Interactive };
  return text?.body ?? interactive?.body.text ?? `[${type}] ${JSON.stringify(json[type])}`;
}

/** A simulator that listens; close it. */
export function startWhatsAppSimulator(): Promise<WhatsAppSimulator> {
  return new WhatsAppSimulator().listen();
}
