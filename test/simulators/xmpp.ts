import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Element, xml } from "@xmpp/client";

/**
 * An XMPP server for the domain `localhost`, without encryption, as the channel needs it: https://www.rfc-editor.org/rfc/rfc6120, acks (XEP-0198), archives
 * (XEP-0313) with ids (XEP-0359), rooms (XEP-0045) with occupant-ids (XEP-0421). What a server would refuse it refuses, and notes as a violation.
 */
export interface XmppSimulator {
  readonly port: number;
  /** What the account `polly` logs in with. */
  password: string;
  /** Extensions that it hasn't: `sm`, `mam`, `sid`, `occupant-id`. */
  readonly without: Set<string>;
  /** What others see of what was sent, oldest first, corrections applied, by the chat's address. */
  seen(chat: string): readonly string[];
  /** Somebody writes to polly, or into a room (`from` is then `room/nick`); `more` is XML beside the body. */
  say(from: string, words: string, more?: string, id?: string): string;
  /** Every message that polly sent, whole. */
  readonly sent: Element[];
  /** What happens to the next message that polly sends: an error's condition, or a cut before or after its effect; `silent`: taken, and nothing said. */
  readonly faults: (string | "cut" | "do-and-cut" | "silent")[];
  /** Rooms, and under which condition they let nobody in. */
  readonly rooms: Map<string, { refuses?: string; readonly nicks: Map<string, string> }>;
  /** XML to polly, as it stands. */
  push(text: string): void;
  /** Under which conditions the next questions to an archive fail, by its address. */
  readonly archiveFaults: Map<string, string[]>;
  /** Direct messages that polly's newest stream didn't acknowledge yet. */
  unacknowledged(): number;
  /** Drops that many of the oldest messages of each archive. */
  forget(count: number): void;
  readonly violations: string[];
  cutAll(): void;
  close(): Promise<void>;
}

/** Who is there: ada, bea, and p0, p1 … */
const isPerson = (name: string) => /^(ada|bea|p\d+)$/.test(name);
const streamNs = "http://etherx.jabber.org/streams";

interface Kept {
  readonly id: string;
  readonly stamp: string;
  readonly message: Element;
}

export async function startXmppSimulator(): Promise<XmppSimulator> {
  const sockets = new Set<Session>();
  const archives = new Map<string, Kept[]>();
  let offline: Element[] = [];
  let ids = 0;
  const server = createServer((socket) => {
    const session = new Session(socket, state, () => sockets.delete(session));
    sockets.add(session);
  });
  const state: State = {
    ...{
      password: "",
      without: new Set(),
      sent: [],
      faults: [],
      rooms: new Map(),
      archiveFaults: new Map(),
      violations: [],
      acknowledged: 0,
    },
    archive(of, message) {
      if (state.without.has("mam")) return undefined;
      const kept = { id: `id-${++ids}`, stamp: new Date().toISOString(), message };
      archives.set(of, [...(archives.get(of) ?? []), kept]);
      return kept.id;
    },
    archived: (of) => archives.get(of) ?? [],
    toPolly(stanza) {
      const session = [...sockets].find((one) => one.available);
      if (session) session.tell(stanza);
      else if (stanza.name === "message" && stanza.attrs.type !== "groupchat") offline.push(stanza);
    },
    takeOffline() {
      const waiting = offline;
      offline = [];
      return waiting;
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(state, {
    port: (server.address() as AddressInfo).port,
    seen(chat: string) {
      const shown = new Map<string, string>();
      for (const message of state.sent.filter(({ attrs }) => attrs.to === chat)) {
        const body = message.getChildText("body");
        const id = message.getChild("replace", "urn:xmpp:message-correct:0")?.attrs.id ?? message.attrs.id ?? "";
        if (body !== null) shown.set(id, body);
      }
      return [...shown.values()];
    },
    say(from: string, words: string, more = "", id = `said-${++ids}`) {
      const room = state.rooms.has(from.split("/", 1)[0] ?? "") ? from.split("/", 1)[0] : undefined;
      const message = parse(
        `<message from='${from}' to='polly@localhost' type='${room ? "groupchat" : "chat"}' id='${id}'><body>${words}</body>${more}</message>`,
      );
      route(state, room ?? "polly@localhost", message);
      return id;
    },
    unacknowledged() {
      return [...sockets].at(-1)?.unacknowledged.length ?? 0;
    },
    forget(count: number) {
      for (const [of, kept] of archives) archives.set(of, kept.slice(count));
    },
    push(text: string) {
      for (const session of sockets) session.tellAnyhow(text);
    },
    cutAll() {
      for (const session of sockets) session.cut();
    },
    async close() {
      for (const session of sockets) session.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface State extends Omit<XmppSimulator, "port" | "seen" | "say" | "push" | "cutAll" | "close" | "unacknowledged" | "forget"> {
  acknowledged: number;
  archive(of: string, message: Element): string | undefined;
  archived(of: string): readonly Kept[];
  toPolly(stanza: Element): void;
  takeOffline(): readonly Element[];
}

/** Into the archive, and on with its id. */
function route(state: State, archive: string, message: Element): string | undefined {
  const id = state.archive(archive, parse(message.toString()));
  if (id !== undefined && !state.without.has("sid")) message.append(xml("stanza-id", { xmlns: "urn:xmpp:sid:0", by: archive, id }));
  state.toPolly(message);
  return id;
}

/** One stream. */
class Session {
  /** Said that it is there. */
  available = false;
  readonly #socket: Socket;
  readonly #state: State;
  #parser = new xml.Parser();
  #stage: "new" | "known" | "bound" = "new";
  #counting = false;
  #came = 0;
  #told = 0;
  readonly unacknowledged: Element[] = [];

  constructor(socket: Socket, state: State, gone: () => void) {
    this.#socket = socket;
    this.#state = state;
    let head = "";
    let length = 0;
    socket.setEncoding("utf8").on("data", (text: string) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML can't hold
      if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)) return void this.#end("not-well-formed");
      head += text;
      length += text.length;
      if (length > 262_144) return void this.#end("policy-violation");
      for (const start of head.matchAll(/<stream:stream [^>]*>/g)) this.#open(start[0]);
      head = head.replace(/<\?xml [^>]*>|<stream:stream [^>]*>/g, "");
      if (/<\/stream:stream>/.test(head)) return void socket.end("</stream:stream>");
      const whole = head;
      head = "";
      length = 0;
      this.#parser.write(whole);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      gone();
      for (const room of state.rooms.values()) room.nicks.delete("polly@localhost");
      // What nobody acknowledged comes again.
      for (const stanza of this.unacknowledged) state.toPolly(stanza);
    });
  }

  cut(): void {
    this.available = false;
    this.#socket.destroy();
  }

  tell(stanza: Element): void {
    this.write(stanza.toString());
    if (!this.#counting || !["message", "presence", "iq"].includes(stanza.name)) return;
    if (stanza.name === "message" && stanza.attrs.type !== "groupchat" && stanza.getChild("body")) this.unacknowledged.push(stanza);
    this.write("<r xmlns='urn:xmpp:sm:3'/>");
    this.#told++;
  }

  /** One stanza, whatever it is. */
  tellAnyhow(text: string): void {
    this.write(text);
    this.#told++;
  }

  write(text: string): void {
    if (this.#socket.writable) this.#socket.write(text);
  }

  #end(condition: string): void {
    this.#state.violations.push(condition);
    this.write(`<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`);
    this.#socket.end();
  }

  #open(start: string): void {
    if (!/ to="localhost"/.test(start) || !/ version="1.0"/.test(start) || !/ xmlns="jabber:client"/.test(start))
      return void this.#end("host-unknown");
    this.#parser = new xml.Parser();
    this.#parser.write(`<stream:stream xmlns='jabber:client' xmlns:stream='${streamNs}'>`);
    this.#parser.on("element", (element) => this.#take(element));
    this.write(
      `<?xml version='1.0'?><stream:stream from='localhost' id='x' version='1.0' xmlns='jabber:client' xmlns:stream='${streamNs}'>`,
    );
    const sasl = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
    const sm = this.#state.without.has("sm") ? "" : "<sm xmlns='urn:xmpp:sm:3'/>";
    const features = this.#stage === "new" ? sasl : `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>${sm}`;
    this.write(`<stream:features>${features}</stream:features>`);
  }

  #take(element: Element): void {
    const { name } = element;
    if (this.#stage === "new" || name === "auth") return void this.#login(element);
    if (element.is("enable", "urn:xmpp:sm:3")) {
      if (this.#state.without.has("sm") || this.#stage !== "bound") return void this.#end("unsupported-stanza-type");
      this.#counting = true;
      this.#state.acknowledged = 0;
      return void this.write("<enabled xmlns='urn:xmpp:sm:3'/>");
    }
    if (element.is("r", "urn:xmpp:sm:3")) return void this.write(`<a xmlns='urn:xmpp:sm:3' h='${this.#came}'/>`);
    if (element.is("a", "urn:xmpp:sm:3")) return void this.#acknowledge(Number(element.attrs.h));
    if (!["message", "presence", "iq"].includes(name)) return void this.#end("unsupported-stanza-type");
    if (name === "iq") this.#answer(element);
    else if (this.#stage !== "bound") return void this.#end("not-authorized");
    else if (name === "presence") this.#presence(element);
    else this.#message(element);
    if (this.#counting) this.#came++;
  }

  #login(element: Element): void {
    if (!element.is("auth", "urn:ietf:params:xml:ns:xmpp-sasl") || element.attrs.mechanism !== "PLAIN")
      return void this.#end("not-authorized");
    if (Buffer.from(element.getText(), "base64").toString() !== `\0polly\0${this.#state.password}`)
      return void this.write("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
    this.#stage = "known";
    this.write("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
  }

  #acknowledge(h: number): void {
    if (!(h >= this.#state.acknowledged && h <= this.#told)) return void this.#end("undefined-condition");
    // Only messages that stay are counted here, which is close enough: they are what comes again.
    const keep = Math.max(0, this.#told - h);
    this.#state.acknowledged = h;
    if (keep < this.unacknowledged.length) this.unacknowledged.splice(0, this.unacknowledged.length - keep);
  }

  #answer(iq: Element): void {
    const { id, type, to } = iq.attrs;
    if (type === "result" || type === "error") return;
    const [child] = iq.getChildElements();
    if (id === undefined || !child || !/^[gs]et$/.test(type ?? "")) return void this.#end("bad-format");
    const reply = (...children: Element[]) =>
      this.tell(xml("iq", { type: "result", id, from: to ?? "polly@localhost", to: "polly@localhost/x" }, ...children));
    const refuse = (condition: string) => this.tell(errorOf(iq, condition));
    if (child.is("bind", "urn:ietf:params:xml:ns:xmpp-bind")) {
      this.#stage = "bound";
      return void reply(
        xml("bind", { xmlns: "urn:ietf:params:xml:ns:xmpp-bind" }, xml("jid", {}, `polly@localhost/${child.getChildText("resource")}`)),
      );
    }
    if (child.is("ping", "urn:xmpp:ping")) {
      const [room = "", nick] = (to ?? "").split("/");
      const isOut = nick !== undefined && !this.#state.rooms.get(room)?.nicks.has("polly@localhost");
      return void (isOut ? refuse("not-acceptable") : reply());
    }
    if (child.is("query", "http://jabber.org/protocol/disco#info")) return void this.#look(to ?? "", reply, refuse);
    if (child.is("query", "http://jabber.org/protocol/disco#items"))
      return void reply(xml("query", { xmlns: "http://jabber.org/protocol/disco#items" }, xml("item", { jid: "rooms.localhost" })));
    if (child.is("query", "urn:xmpp:mam:2")) return void this.#archived(to ?? "polly@localhost", child, reply, refuse);
    refuse("service-unavailable");
  }

  #look(whom: string, reply: (child: Element) => void, refuse: (condition: string) => void): void {
    const room = this.#state.rooms.get(whom);
    if (whom.endsWith("@rooms.localhost") && !room) return void refuse("item-not-found");
    const all = { mam: "urn:xmpp:mam:2", sid: "urn:xmpp:sid:0", ...(room && { "occupant-id": "urn:xmpp:occupant-id:0" }) };
    const features = Object.entries(all).flatMap(([key, name]) => (this.#state.without.has(key) ? [] : xml("feature", { var: name })));
    reply(
      xml(
        "query",
        { xmlns: "http://jabber.org/protocol/disco#info" },
        xml("identity", { name: room ? "The kitchen" : "simulator" }),
        ...features,
      ),
    );
  }

  /** https://xmpp.org/extensions/xep-0313.html with https://xmpp.org/extensions/xep-0059.html, three to a page. */
  #archived(of: string, query: Element, reply: (child: Element) => void, refuse: (condition: string) => void): void {
    if (this.#state.without.has("mam")) return void refuse("service-unavailable");
    const fault = this.#state.archiveFaults.get(of)?.shift();
    if (fault !== undefined) return void refuse(fault);
    const form = query.getChild("x", "jabber:x:data");
    const given = (name: string) =>
      form
        ?.getChildren("field")
        .find(({ attrs }) => attrs.var === name)
        ?.getChildText("value");
    if (form && (form.attrs.type !== "submit" || given("FORM_TYPE") !== "urn:xmpp:mam:2")) return void refuse("bad-request");
    const set = query.getChild("set", "http://jabber.org/protocol/rsm");
    const [after, before, start] = [set?.getChildText("after"), set?.getChildText("before"), given("start")];
    const all = this.#state.archived(of).filter(({ stamp }) => !start || stamp >= start);
    const edge = after || before ? all.findIndex(({ id }) => id === (after || before)) : undefined;
    if (edge === -1) return void refuse("item-not-found");
    const most = Math.min(3, Number(set?.getChildText("max") ?? 3));
    const pool = after && edge !== undefined ? all.slice(edge + 1) : before && edge !== undefined ? all.slice(0, edge) : all;
    const page = typeof before === "string" ? pool.slice(-most) : pool.slice(0, most);
    for (const { id, stamp, message } of page) {
      const forwarded = xml(
        "forwarded",
        { xmlns: "urn:xmpp:forward:0" },
        xml("delay", { xmlns: "urn:xmpp:delay", stamp }),
        parse(message.toString()),
      );
      const result = xml("result", { xmlns: "urn:xmpp:mam:2", queryid: query.attrs.queryid, id }, forwarded);
      this.tell(xml("message", { from: of, to: "polly@localhost/x" }, result));
    }
    const last = page.at(-1);
    const edges = last ? [xml("last", {}, last.id)] : [];
    const complete = page.length === pool.length ? "true" : undefined;
    reply(xml("fin", { xmlns: "urn:xmpp:mam:2", complete }, xml("set", { xmlns: "http://jabber.org/protocol/rsm" }, ...edges)));
  }

  #presence(presence: Element): void {
    const { to, type } = presence.attrs;
    if (to === undefined) {
      this.available = true;
      for (const waiting of this.#state.takeOffline()) this.tell(waiting);
      return;
    }
    const [jid = "", nick = ""] = to.split("/");
    const room = this.#state.rooms.get(jid);
    if (type === "unavailable") room?.nicks.delete("polly@localhost");
    if (type !== undefined) return;
    const refused = !room ? "item-not-found" : (room.refuses ?? ([...room.nicks.values()].includes(nick) ? "conflict" : undefined));
    if (refused || !room) return void this.tell(errorOf(presence, refused ?? "item-not-found"));
    room.nicks.set("polly@localhost", nick);
    for (const [who, as] of room.nicks) this.tell(presenceOf(jid, who, as, who === "polly@localhost" ? ["110"] : []));
  }

  #message(message: Element): void {
    const { to = "", type, id } = message.attrs;
    if (id === undefined || (type !== "chat" && type !== "groupchat")) return void this.#end("bad-format");
    const hint = !message.getChildElements().some((child) => ["body", "reactions", "retract"].includes(child.name));
    if (hint) return;
    const fault = this.#state.faults.shift();
    if (fault === "cut") return void this.cut();
    if (fault !== undefined && fault !== "do-and-cut" && fault !== "silent") return void this.tell(errorOf(message, fault));
    const room = this.#state.rooms.get(to);
    const nick = room?.nicks.get("polly@localhost");
    if (type === "groupchat" && nick === undefined) return void this.tell(errorOf(message, "not-acceptable"));
    if (type === "chat" && !isPerson(to.split("@", 1)[0] ?? "")) return void this.tell(errorOf(message, "service-unavailable"));
    this.#state.sent.push(message);
    const from = type === "groupchat" ? `${to}/${nick}` : "polly@localhost/x";
    const copy = parse(message.toString());
    Object.assign(copy.attrs, { from, ...(type === "groupchat" ? { to: "polly@localhost/x" } : {}) });
    if (type === "groupchat" && fault === undefined) route(this.#state, to, copy);
    else this.#state.archive(type === "groupchat" ? to : "polly@localhost", copy);
    if (fault === "do-and-cut") this.cut();
  }
}

function presenceOf(room: string, who: string, nick: string, codes: readonly string[]): Element {
  const statuses = codes.map((code) => `<status code='${code}'/>`).join("");
  return parse(
    `<presence from='${room}/${nick}' to='polly@localhost/x'><occupant-id xmlns='urn:xmpp:occupant-id:0' id='o-${nick}'/>` +
      `<x xmlns='http://jabber.org/protocol/muc#user'><item jid='${who}/x' affiliation='none' role='participant'/>${statuses}</x></presence>`,
  );
}

/** https://www.rfc-editor.org/rfc/rfc6120#section-8.3; `wait:` in front makes it one that passes. */
function errorOf(stanza: Element, condition: string): Element {
  const [kind, name] = condition.startsWith("wait:") ? ["wait", condition.slice(5)] : ["cancel", condition];
  const { id, to } = stanza.attrs;
  const error = xml("error", { type: kind }, xml(name, { xmlns: "urn:ietf:params:xml:ns:xmpp-stanzas" }));
  return xml(stanza.name, { type: "error", id, from: to ?? "polly@localhost", to: "polly@localhost/x" }, error);
}

function parse(text: string): Element {
  let parsed: Element | undefined;
  const parser = new xml.Parser();
  parser.on("element", (element) => {
    parsed = element;
  });
  parser.write(`<stream:stream xmlns='jabber:client' xmlns:stream='${streamNs}'>${text}`);
  if (!parsed) throw new Error(`no stanza: ${text}`);
  return parsed;
}
