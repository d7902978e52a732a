import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Element, xml } from "@xmpp/client";

/** Somebody on an XMPP server, without encryption: only the parsing of XML is shared with the channel. */
export class XmppPerson {
  readonly heard: Element[] = [];
  readonly jid: string;
  readonly #socket: Socket;
  #parser = new xml.Parser();
  #ids = 0;
  #wake = () => {};

  private constructor(socket: Socket, jid: string) {
    this.#socket = socket;
    this.jid = jid;
    socket.on("error", () => {});
    socket.setEncoding("utf8").on("data", (text: string) => this.#parser.write(text));
  }

  /** Logs in, with an account of its own that is made first where there is none. */
  static async connect(port: number, name: string, { register = true, password = `${name}-password` } = {}): Promise<XmppPerson> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const person = new XmppPerson(socket, `${name}@localhost`);
    await person.#open();
    if (register) {
      const query = `<query xmlns='jabber:iq:register'><username>${name}</username><password>${password}</password></query>`;
      await person.ask(`<iq type='set' id='{id}'>${query}</iq>`);
    }
    const secret = Buffer.from(`\0${name}\0${password}`).toString("base64");
    person.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`);
    const { name: outcome } = await person.until(({ name: it }) => it === "success" || it === "failure");
    if (outcome !== "success") throw new Error(`${name} may not log in`);
    await person.#open();
    await person.ask("<iq type='set' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>test</resource></bind></iq>");
    person.say("<presence/>");
    return person;
  }

  async #open(): Promise<void> {
    this.#parser = new xml.Parser();
    this.#parser.on("element", (element) => {
      this.heard.push(element);
      this.#wake();
    });
    const from = this.heard.length;
    this.say(
      "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    );
    await this.until((element) => element.is("features"), from);
  }

  say(...stanzas: readonly string[]): void {
    for (const stanza of stanzas) this.#socket.write(stanza);
  }

  /** Says a question with `{id}` for its id, and gives the answer. */
  async ask(iq: string): Promise<Element> {
    const id = `q${++this.#ids}`;
    const from = this.heard.length;
    this.say(iq.replace("{id}", id));
    return this.until(({ name, attrs }) => name === "iq" && attrs.id === id, from);
  }

  /** The first one of that kind, also of those heard before. */
  async until(isIt: (element: Element) => boolean, from = 0): Promise<Element> {
    for (;;) {
      const found = this.heard.slice(from).find(isIt);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before();
          resolve();
        };
      });
    }
  }

  write(to: string, words: string, { type = "chat", id = `m${++this.#ids}`, more = "" } = {}): string {
    this.say(`<message to='${to}' type='${type}' id='${id}'><body>${words}</body>${more}</message>`);
    return id;
  }

  async join(room: string, nick: string): Promise<void> {
    const from = this.heard.length;
    this.say(`<presence to='${room}/${nick}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`);
    await this.until(({ name, attrs }) => name === "presence" && attrs.from === `${room}/${nick}`, from);
  }

  /** Makes a room that stays, and where everybody sees who is who; `form` adds fields. */
  async makeRoom(room: string, nick: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.join(room, nick);
    const all = { "muc#roomconfig_persistentroom": "1", "muc#roomconfig_whois": "anyone", ...fields };
    const xmlFields = Object.entries(all).map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`);
    const form = `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>${xmlFields.join("")}</x>`;
    const made = await this.ask(
      `<iq type='set' id='{id}' to='${room}'><query xmlns='http://jabber.org/protocol/muc#owner'>${form}</query></iq>`,
    );
    if (made.attrs.type !== "result") throw new Error(`no room: ${made}`);
  }

  /** The words of messages that came from that address, in order; corrections apart. */
  words(from: string): string[] {
    return this.heard
      .filter(({ name, attrs }) => name === "message" && attrs.from?.startsWith(from))
      .flatMap((message) => message.getChildText("body") ?? []);
  }

  /** Waits for a message from there that holds these words. */
  read(from: string, part: string, behind = 0): Promise<Element> {
    return this.until(
      (element) =>
        element.name === "message" && (element.attrs.from ?? "").startsWith(from) && (element.getChildText("body") ?? "").includes(part),
      behind,
    );
  }

  close(): void {
    this.#socket.destroy();
  }
}
