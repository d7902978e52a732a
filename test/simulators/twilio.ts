import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Description, describedBy } from "../support/openapi.ts";
import { wholeBody } from "./body.ts";

/** https://github.com/twilio/twilio-oai; templates and typing indicators have descriptions of their own, and are checked here. */
export const description: Description = describedBy("twilio-api-v2010.json", { strict: true });

export interface TwilioSimulatorOptions {
  readonly sender?: string;
  /** Posts what becomes of each message to its StatusCallback. */
  readonly callbacks?: boolean;
}

/** What goes wrong with a call. */
export type Trouble =
  | { readonly kind: "refuse"; readonly status: number; readonly code: number; readonly message?: string }
  | { readonly kind: "limit"; readonly seconds: number }
  | { readonly kind: "proxy"; readonly status: number; readonly after?: boolean }
  /** The connection is cut, before or after anything was done. */
  | { readonly kind: "cut"; readonly after?: boolean };

/** A message of the account, as its list has it. */
export interface TwilioMessage {
  readonly sid: string;
  readonly direction: "inbound" | "outbound-api";
  readonly from: string;
  readonly to: string;
  readonly at: number;
  /** As people read it. */
  readonly body: string;
  readonly media: readonly { readonly sid: string; readonly type: string; readonly bytes: Uint8Array }[];
  readonly mediaUrl?: string | undefined;
  readonly place?: string | undefined;
  readonly callback?: string | undefined;
  readonly buttons: readonly { readonly title: string; readonly id: string }[];
}

interface Template {
  readonly sid: string;
  readonly friendly_name: string;
  readonly language?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly types: {
    readonly "twilio/quick-reply"?: { readonly body: string; readonly actions: readonly { title: string; id: string }[] };
    readonly "twilio/text"?: { readonly body: string };
  };
  readonly approval_requests?: { readonly status: string; readonly category: string };
}

export interface Said {
  readonly from?: string;
  readonly media?: readonly { readonly type: string; readonly bytes: Uint8Array }[];
  /** More fields of its webhook. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Milliseconds before now. */
  readonly ago?: number;
}

type Answer = readonly [status: number, body: object];

/** One Twilio account with one sender, over real HTTP on a local port. It refuses what Twilio refuses. */
export class TwilioSimulator {
  readonly accountSid = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  readonly authToken = "12345-test-token-of-an-account";
  readonly sender: string;
  readonly messages: TwilioMessage[] = [];
  readonly templates: Template[] = [];
  /** WhatsApp's 24 hours are over for them: nothing but an approved template reaches them. */
  readonly closed = new Set<string>();
  /** People who don't want messages: they said STOP. */
  readonly optedOut = new Set<string>();
  /** Calls that broke the description; a correct gateway leaves it empty. */
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  /** What the gateway answered to webhooks: its status, and the body. */
  readonly answers: (readonly [number, string])[] = [];
  /** Where messages are posted, as the number's configuration in the console has it. Once each. */
  webhookUrl = "";
  readonly #options: TwilioSimulatorOptions;
  readonly #troubles: { call: string; trouble: Trouble }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #posts = new Set<Promise<void>>();
  #revoked = false;

  constructor(options: TwilioSimulatorOptions = {}) {
    this.#options = options;
    this.sender = options.sender ?? "whatsapp:+15550001111";
  }

  /** What to set as `apiRoot`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As an operator writes them. */
  get settings(): object {
    return { accountSid: this.accountSid, authToken: this.authToken, sender: this.sender, apiRoot: this.url };
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#posts]);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Our messages to somebody, oldest first. */
  seen(to: string): readonly TwilioMessage[] {
    return this.messages.filter((one) => one.direction === "outbound-api" && one.to === to);
  }

  /** Somebody writes; the message is in the list, and posted once. */
  say(text: string, { from = "whatsapp:+15552223333", media = [], fields = {}, ago = 0 }: Said = {}): string {
    const sid = `${media.length > 0 ? "MM" : "SM"}${hex()}`;
    const stored = media.map((one) => ({ ...one, sid: `ME${hex()}` }));
    const base = {
      sid,
      direction: "inbound",
      from,
      to: this.sender,
      at: Date.now() - ago,
      body: text,
      media: stored,
      buttons: [],
    } as const;
    this.messages.push(base);
    if (this.webhookUrl) this.#post(this.webhookUrl, { ...this.inbound(base), ...fields });
    return sid;
  }

  /** https://www.twilio.com/docs/messaging/guides/webhook-request */
  inbound({ sid, from, to, body, media }: TwilioMessage): Record<string, string> {
    const whatsApp = from.startsWith("whatsapp:");
    return {
      MessageSid: sid,
      SmsSid: sid,
      SmsMessageSid: sid,
      AccountSid: this.accountSid,
      From: from,
      To: to,
      Body: body,
      NumMedia: String(media.length),
      NumSegments: "1",
      SmsStatus: "received",
      ApiVersion: "2010-04-01",
      ...(whatsApp ? { ProfileName: "Ann", WaId: from.replace(/\D/g, ""), MessageType: "text" } : { FromCountry: "US", ToCountry: "US" }),
      ...Object.fromEntries(
        media.flatMap(({ sid: one, type }, index) => [
          [`MediaUrl${index}`, `${this.url}/2010-04-01/Accounts/${this.accountSid}/Messages/${sid}/Media/${one}`],
          [`MediaContentType${index}`, type],
        ]),
      ),
    };
  }

  /** Somebody taps a button of ours; what they see as their words is its title. */
  press(to: string, title: string): void {
    const message = this.seen(to).findLast(({ buttons }) => buttons.some((one) => one.title === title));
    const button = message?.buttons.find((one) => one.title === title);
    if (!message || !button) throw new Error(`no button ${title}`);
    const fields = { ButtonText: title, ButtonPayload: button.id, MessageType: "interactive", OriginalRepliedMessageSid: message.sid };
    this.say(title, { from: to, fields: { ...fields, OriginalRepliedMessageSender: this.sender } });
  }

  /** https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
  tell({ sid, to, callback }: TwilioMessage, status: string, more: Readonly<Record<string, string>> = {}): void {
    if (!callback) return;
    const ids = { MessageSid: sid, SmsSid: sid, AccountSid: this.accountSid, From: this.sender, To: to, ApiVersion: "2010-04-01" };
    this.#post(callback, { ...ids, MessageStatus: status, SmsStatus: status, ...more });
  }

  arrange(trouble: Trouble, call = "POST Messages"): void {
    this.#troubles.push({ call, trouble });
  }

  /** Breaks every connection that there is. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  revoke(): void {
    this.#revoked = true;
  }

  /** https://www.twilio.com/docs/usage/webhooks/webhooks-security */
  signature(url: string, fields: Readonly<Record<string, string>>): string {
    const text = Object.keys(fields)
      .sort()
      .map((name) => name + fields[name]);
    return createHmac("sha1", this.authToken)
      .update(url + text.join(""))
      .digest("base64");
  }

  #post(url: string, fields: Readonly<Record<string, string>>): void {
    const headers = { "x-twilio-signature": this.signature(url, fields), "i-twilio-idempotency-token": hex() };
    const posted = fetch(url, { method: "POST", headers, body: new URLSearchParams(fields) }).then(
      async (answer) => void this.answers.push([answer.status, await answer.text()]),
      () => void this.answers.push([0, ""]),
    );
    this.#posts.add(posted);
    void posted.finally(() => this.#posts.delete(posted));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "/" } = request;
    const { pathname, searchParams } = new URL(url, this.url);
    const body = await wholeBody(request);
    if (!body) return;
    if (pathname.startsWith("/bytes/")) return this.#bytes(response, request, pathname.slice("/bytes/".length));
    const last = pathname.split("/").at(-1)?.replace(".json", "") ?? "";
    const call = `${method} ${pathname.includes("/Media/") ? "Media" : last.startsWith("AC") ? "Account" : last}`;
    this.calls.push(call);
    const index = this.#troubles.findIndex((one) => one.call === call);
    const trouble = index < 0 ? undefined : this.#troubles.splice(index, 1)[0]?.trouble;
    if (trouble?.kind === "cut" && !trouble.after) return void response.destroy();
    if (trouble?.kind === "proxy" && !trouble.after) return void response.writeHead(trouble.status).end("<html>proxy</html>");
    const result = this.#refusal(request, trouble) ?? this.#perform(call, { pathname, searchParams, body, url, request });
    if (trouble?.kind === "cut") return void response.destroy();
    if (trouble?.kind === "proxy") return void response.writeHead(trouble.status).end("<html>proxy</html>");
    if ("location" in result[1]) return void response.writeHead(result[0], { location: String(result[1].location) }).end();
    const wait = trouble?.kind === "limit" ? { "retry-after": String(trouble.seconds) } : {};
    response.writeHead(result[0], { "content-type": "application/json", ...wait }).end(JSON.stringify(result[1]));
  }

  #refusal(request: IncomingMessage, trouble: Trouble | undefined): Answer | undefined {
    const basic = `Basic ${Buffer.from(`${this.accountSid}:${this.authToken}`).toString("base64")}`;
    if (this.#revoked || request.headers.authorization !== basic) return problem(401, 20003, "Authenticate");
    if (trouble?.kind === "limit") return problem(429, 20429, "Too Many Requests");
    return trouble?.kind === "refuse" ? problem(trouble.status, trouble.code, trouble.message) : undefined;
  }

  #perform(call: string, { pathname, searchParams, body, url, request }: Call): Answer {
    switch (call) {
      case "GET Content": {
        const found = this.templates.filter(({ friendly_name: name }) => new RegExp(searchParams.get("ContentName") ?? "").test(name));
        return [200, { contents: found, meta: { page: 0 } }];
      }
      case "GET ContentAndApprovals": {
        // Two a page; the address of the next is Twilio's own.
        const page = Number(searchParams.get("Page") ?? 0);
        if (page > 0 && searchParams.get("PageToken") !== `PT${page}`) return problem(400, 20001, "PageToken");
        const next = `https://content.twilio.com/v1/ContentAndApprovals?PageSize=2&Page=${page + 1}&PageToken=PT${page + 1}`;
        const more = this.templates.length > (page + 1) * 2 ? next : null;
        return [200, { contents: this.templates.slice(page * 2, page * 2 + 2), meta: { page, next_page_url: more } }];
      }
      case "POST Content":
        return this.#template(JSON.parse(body.toString()) as Omit<Template, "sid">);
      case "POST Typing": {
        const form = new URLSearchParams(body.toString());
        const known = this.messages.some((one) => one.sid === form.get("messageId") && one.direction === "inbound");
        return form.get("channel") === "whatsapp" && known ? [200, { success: true }] : problem(400, 20001, "messageId");
      }
    }
    const violation = description.violation({ method: request.method ?? "", url, headers: request.headers, body });
    if (call === "GET Media" && !pathname.endsWith(".json")) {
      return [307, { location: `http://localhost:${(this.#server.address() as AddressInfo).port}/bytes/${pathname.split("/").at(-1)}` }];
    }
    if (violation) {
      this.violations.push(violation);
      return problem(400, 20001, violation);
    }
    if (call === "POST Messages") return this.#create(new URLSearchParams(body.toString()));
    if (call === "GET Messages") return this.#list(searchParams);
    if (call === "GET Account") return [200, { sid: this.accountSid, friendly_name: "Test", status: "active", type: "Full" }];
    const [, sid = ""] = /\/Messages\/(\w+)\/Media\.json$/.exec(pathname) ?? [];
    const media = this.messages.find((one) => one.sid === sid)?.media ?? [];
    const uri = pathname.replace(/\.json$/, "");
    return [200, { media_list: media.map((one) => ({ sid: one.sid, content_type: one.type, uri: `${uri}/${one.sid}.json` })) }];
  }

  /** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message */
  #create(form: URLSearchParams): Answer {
    const [to, body, content, media] = ["To", "Body", "ContentSid", "MediaUrl"].map((name) => form.get(name) ?? "") as [
      string,
      string,
      string,
      string,
    ];
    if (!/^(whatsapp:)?\+\d{7,15}$/.test(to)) return problem(400, 21211, `Invalid 'To' Phone Number: ${to}`);
    const service = form.get("MessagingServiceSid");
    if ((service ?? form.get("From")) !== this.sender) return problem(400, 21606, "The 'From' number is not yours");
    if (!service && this.sender.startsWith("whatsapp:") !== to.startsWith("whatsapp:")) return problem(400, 63007, "no such channel");
    if (this.optedOut.has(to)) return problem(400, 21610, "Attempt to send to unsubscribed recipient");
    if (body.length > 1_600) return problem(400, 21617, "The concatenated message body exceeds the 1600 character limit");
    if (!body && !content && !media) return problem(400, 21602, "Message body is required");
    if (content && (body || media)) return problem(400, 21654, "Body and MediaUrl can't stand beside a ContentSid");
    const approved = this.templates.find((one) => one.sid === content)?.approval_requests?.status === "approved";
    if (this.closed.has(to) && !approved) return problem(400, 63016, "outside the allowed window: use a Message Template");
    const shown = content ? this.#render(content, form.get("ContentVariables") ?? "{}") : { body, buttons: [] };
    if (!shown) return problem(400, 21656, "The Content Variables parameter is invalid");
    const sid = `${media ? "MM" : "SM"}${hex()}`;
    const more = { mediaUrl: media || undefined, place: form.get("PersistentAction") ?? undefined };
    const callback = form.get("StatusCallback") ?? undefined;
    const base = { sid, direction: "outbound-api", from: this.sender, to, at: Date.now(), media: [] } as const;
    const message: TwilioMessage = { ...base, ...shown, ...more, callback };
    this.messages.push(message);
    if (this.#options.callbacks) for (const status of ["sent", "delivered"]) this.tell(message, status);
    return [201, { sid, status: service ? "accepted" : "queued", to, body: shown.body, num_media: media ? "1" : "0", error_code: null }];
  }

  /** https://www.twilio.com/docs/content/twilio-quick-reply */
  #render(sid: string, variables: string): Pick<TwilioMessage, "body" | "buttons"> | undefined {
    const { variables: samples = {}, types } = this.templates.find((one) => one.sid === sid) ?? { types: {} };
    const template = types["twilio/quick-reply"] ?? (types["twilio/text"] && { ...types["twilio/text"], actions: [] });
    const values = JSON.parse(variables) as Readonly<Record<string, string>>;
    if (!template || Object.values(values).some((value) => typeof value !== "string" || value === "")) return undefined;
    if (Object.keys(samples).some((name) => values[name] === undefined)) return undefined;
    const filled = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "");
    const buttons = template.actions.map(({ title, id }) => ({ title: filled(title), id: filled(id) }));
    const body = filled(template.body);
    const fits = body.length <= 1_024 && buttons.every(({ title, id }) => title && [...title].length <= 20 && id && id.length <= 200);
    return fits ? { body, buttons } : undefined;
  }

  #template(made: Omit<Template, "sid">): Answer {
    const { actions = [] } = made.types?.["twilio/quick-reply"] ?? {};
    if (!made.friendly_name || actions.length < 1 || actions.length > 3) return problem(400, 20001, "types");
    const template = { ...made, sid: `HX${hex()}` };
    this.templates.push(template);
    return [201, template];
  }

  /** https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources: the newest first. */
  #list(query: URLSearchParams): Answer {
    const odd = ["DateSent>", "DateSent<"].find((name) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(query.get(name) ?? ""));
    if (odd !== undefined) return problem(400, 20001, `${odd} is no time as Twilio's libraries write it`);
    const [after, before] = ["DateSent>", "DateSent<"].map((name) => Date.parse(query.get(name) ?? "")) as [number, number];
    const [size, page] = [Number(query.get("PageSize") ?? 50), Number(query.get("Page") ?? 0)];
    const found = this.messages.filter(({ at, to }) => at >= after && at <= before && [null, to].includes(query.get("To"))).reverse();
    const more = new URLSearchParams([...query].filter(([name]) => name !== "Page"));
    more.set("Page", String(page + 1));
    const path = `/2010-04-01/Accounts/${this.accountSid}/Messages.json`;
    const messages = found.slice(page * size, (page + 1) * size).map(({ at, media, ...one }) => ({
      ...{ sid: one.sid, direction: one.direction, from: one.from, to: one.to, body: one.body, num_media: String(media.length) },
      ...{ date_sent: new Date(at).toUTCString().replace("GMT", "+0000"), status: "received" },
      messaging_service_sid: this.sender.startsWith("MG") ? this.sender : null,
    }));
    return [200, { messages, page, page_size: size, next_page_uri: found.length > (page + 1) * size ? `${path}?${more}` : null }];
  }

  /** Where Twilio sends whoever fetches media; the address is the right to them, and a credential there is a mistake. */
  #bytes(response: ServerResponse, request: IncomingMessage, sid: string): void {
    const media = this.messages.flatMap((one) => one.media).find((one) => one.sid === sid);
    if (request.headers.authorization) this.violations.push("the credential went to where the bytes are");
    if (!media) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": media.type }).end(media.bytes);
  }
}

interface Call {
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
  readonly body: Buffer;
  readonly url: string;
  readonly request: IncomingMessage;
}

/** A simulator that listens; close it. */
export async function startTwilioSimulator(options: TwilioSimulatorOptions = {}): Promise<TwilioSimulator> {
  const simulator = new TwilioSimulator(options);
  await simulator.listen();
  return simulator;
}

/** https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions */
function problem(status: number, code: number, message = "refused"): Answer {
  return [status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }];
}

function hex(): string {
  return randomBytes(16).toString("hex");
}
