import { randomUUID } from "node:crypto";
import { type Client, client, type Element, xml } from "@xmpp/client";
import type { Clock } from "../../core/clock.ts";
import { outcomeOfFault, type SendOutcome } from "../../core/delivery.ts";
import { type Fault, FaultError, fail, fault, ok, type Result } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { dial } from "./dial.ts";
import { faultOfThrown } from "./failure.ts";
import { domainOf, type XmppLogin } from "./login.ts";
import { ns, splitJid } from "./names.ts";
import { mechanisms } from "./scram.ts";

/** Milliseconds until we are logged in; until an answer, an echo or an ack; for taking leave. */
const [loginMs, answerMs, leaveMs] = [30_000, 30_000, 2_000];
/** Characters of one stanza; servers allow 256 kB at most by default. */
const longestStanza = 4_000_000;

/** What a stream is opened with. */
export interface StreamStart {
  readonly login: XmppLogin;
  /** Names this program beside others of the same address: who logs in with it again takes the old one's place. */
  readonly resource: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What somebody can, and is called. */
export interface Looks {
  readonly features: ReadonlySet<string>;
  readonly title: string;
  readonly fault?: Fault;
}

/** A logged-in stream: questions, messages, and what comes in. */
export class XmppStream {
  /** Our bare address. */
  readonly self: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What our own archive can. */
  features: ReadonlySet<string> = new Set();
  /** Called for each presence and message that comes. */
  take: (stanza: Element) => void = () => {};
  /** How many stanzas came since the server keeps count. */
  count = 0;
  /** The first stanza that isn't on disk: up to it the server may forget them (XEP-0198). */
  oldestStanza = (): number => Number.POSITIVE_INFINITY;
  readonly #xmpp: Client;
  readonly #password: string;
  readonly #over = new AbortController();
  readonly #waiting = new Map<string, (outcome: SendOutcome) => void>();
  readonly #pages = new Map<string, Element[]>();
  #length = 0;
  #acknowledged = 0;
  #why: Fault | undefined;

  private constructor({ login, clock, log }: StreamStart, xmpp: Client, destroy: () => void) {
    this.clock = clock;
    this.log = log;
    this.self = login.jid.toLowerCase();
    this.#xmpp = xmpp;
    this.#password = login.password;
    xmpp.reconnect.stop();
    xmpp.on("error", (thrown: unknown) => {
      this.#why ??= faultOfThrown(thrown, this.#password);
    });
    xmpp.on("disconnect", () => this.end(fault("channel-unreachable", "the server closed the connection")));
    xmpp.on("stanza", (stanza: Element) => this.#read(stanza));
    xmpp.streamManagement.requestAckDebounce = 1;
    xmpp.streamManagement.on("ack", ({ name, attrs }: Element) => {
      if (name === "message" && attrs.type !== "groupchat") this.settle(attrs.to, attrs.id, { kind: "sent", receipt: attrs.id ?? "" });
    });
    this.#guard();
    this.over.addEventListener("abort", () => {
      for (const { reject } of xmpp.iqCaller.handlers.values()) reject(new FaultError(this.why));
      xmpp.timeout = leaveMs;
      xmpp.stop().catch(() => {});
      clock.after(leaveMs, destroy);
    });
  }

  static async open(start: StreamStart): Promise<Result<XmppStream>> {
    const { login, resource, clock } = start;
    const { jid, password } = login;
    const dialled = await dial(login, clock);
    if (!dialled.ok) return dialled;
    const socket = dialled.value;
    const xmpp = client({
      ...{ service: "xmpps://opened", domain: domainOf(jid), resource, timeout: 15_000 },
      async credentials(authenticate, offered) {
        const mechanism = [...Object.keys(mechanisms), "PLAIN"].find((one) => offered.includes(one));
        if (!mechanism) throw new FaultError(fault("channel-permanent", "the server offers no login by SCRAM or PLAIN"));
        await authenticate({ username: jid.slice(0, jid.indexOf("@")), password }, mechanism);
      },
    });
    xmpp.saslFactory._mechs.unshift(...Object.entries(mechanisms).map(([name, mech]) => ({ name, mech })));
    const stream = new XmppStream(start, xmpp, () => socket.destroy());
    xmpp.connect = async () => {
      if (xmpp.Transport) throw new Error("the server sends us to another host");
      xmpp.Transport = xmpp._findTransport("xmpps://opened");
      xmpp.Parser = xmpp.Transport?.prototype.Parser;
      xmpp._attachSocket(socket);
      xmpp._status("connect");
    };
    const cancel = clock.after(loginMs, () => stream.end(fault("channel-unreachable", `nobody was let in within ${loginMs / 1000} s`)));
    try {
      const ended = new Promise((_, reject) =>
        stream.over.addEventListener("abort", () => reject(new FaultError(stream.why)), { once: true }),
      );
      await Promise.race([xmpp.start(), ended]);
      // Acks (XEP-0198) are agreed on behind the login; the answers to these two come behind that.
      for (const whom of [domainOf(jid), stream.self]) stream.features = (await stream.look(whom)).features;
    } catch (thrown) {
      stream.end(faultOfThrown(thrown, password));
    } finally {
      cancel();
    }
    return stream.over.aborted ? { ok: false, fault: stream.why } : ok(stream);
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  get why(): Fault {
    return this.#why ?? fault("channel-unreachable", "the connection is closed");
  }

  /** The first reason is the one that counts. */
  end(why: Fault): void {
    this.#why ??= why;
    this.#over.abort();
  }

  /** One question and its answer (`iq`). */
  async ask(type: "get" | "set", about: Element, to?: string): Promise<Result<Element>> {
    if (this.over.aborted) return { ok: false, fault: this.why };
    try {
      return ok(await this.#xmpp.iqCaller.request(xml("iq", { type, to, id: randomUUID() }, about), answerMs));
    } catch (thrown) {
      return { ok: false, fault: faultOfThrown(thrown, this.#password) };
    }
  }

  /** https://xmpp.org/extensions/xep-0030.html */
  async look(whom: string): Promise<Looks> {
    const asked = await this.ask("get", xml("query", { xmlns: ns.disco }), whom);
    const query = asked.ok ? asked.value.getChild("query", ns.disco) : undefined;
    return {
      features: new Set((query?.getChildren("feature") ?? []).flatMap(({ attrs }) => attrs.var ?? [])),
      title: query?.getChild("identity")?.attrs.name?.slice(0, 255) || (whom.split("@", 1)[0] ?? whom),
      ...(asked.ok ? {} : { fault: asked.fault }),
    };
  }

  /** One page of an archive, in its order. https://xmpp.org/extensions/xep-0313.html#query */
  async page(archive: string, query: readonly Element[]): Promise<Result<{ readonly results: readonly Element[]; readonly fin: Element }>> {
    const queryid = randomUUID();
    const [results, key] = [[] as Element[], keyOf(archive || this.self, queryid)];
    this.#pages.set(key, results);
    const asked = await this.ask("set", xml("query", { xmlns: ns.mam, queryid }, ...query), archive || undefined);
    this.#pages.delete(key);
    const fin = asked.ok ? asked.value.getChild("fin", ns.mam) : undefined;
    if (!asked.ok) return asked;
    return fin ? ok({ results, fin }) : fail("channel-retry", "the archive's answer has no end");
  }

  /** Writes what nobody waits for. */
  hint(stanza: Element): void {
    if (!this.over.aborted) this.#xmpp.send(stanza).catch((thrown: unknown) => this.end(faultOfThrown(thrown, this.#password)));
  }

  /** Tells the server what we have, if it keeps count. */
  acknowledge(): void {
    if (this.#xmpp.streamManagement.enabled) this.hint(xml("a", { xmlns: ns.acks }));
  }

  /**
   * Writes a message and waits until it is taken: by a room when it tells everybody, else by our server when it says so (XEP-0198), or answers a question
   * behind it, since it takes things in order.
   */
  async deliver(message: Element, signal: AbortSignal): Promise<SendOutcome> {
    const { id, to, type } = message.attrs;
    if (this.over.aborted) return outcomeOfFault(this.why);
    const { promise, resolve } = Promise.withResolvers<SendOutcome>();
    const lost = () => resolve({ kind: "unknown", code: "channel-unknown", message: "it was written, but nobody said that they have it" });
    const stopped = AbortSignal.any([signal, this.over]);
    stopped.addEventListener("abort", lost, { once: true });
    const cancel = this.clock.after(answerMs, lost);
    this.#waiting.set(keyOf(to, id), resolve);
    try {
      await this.#xmpp.send(message).catch(lost);
      if (stopped.aborted) lost();
      if (type !== "groupchat" && !this.#xmpp.streamManagement.enabled) {
        await this.ask("get", xml("ping", { xmlns: ns.ping }), domainOf(this.self));
        // Whatever it answers to that.
        if (!this.over.aborted) resolve({ kind: "sent", receipt: id ?? "" });
      }
      return await promise;
    } finally {
      cancel();
      this.#waiting.delete(keyOf(to, id));
    }
  }

  /** What became of a message that somebody waits for; false if nobody does. */
  settle(to: string | undefined, id: string | undefined, outcome: SendOutcome): boolean {
    const waiting = this.#waiting.get(keyOf(to, id));
    waiting?.(outcome);
    return waiting !== undefined;
  }

  #read(stanza: Element): void {
    const result = stanza.name === "message" ? stanza.getChild("result", ns.mam) : undefined;
    // Nobody but who was asked knows the question's id.
    if (result) return void this.#pages.get(keyOf(stanza.attrs.from ?? this.self, result.attrs.queryid))?.push(result);
    try {
      this.take(stanza);
    } catch (thrown) {
      // One stanza that we can't read must not take everything else with it.
      this.log.error("xmpp-stanza-lost", { why: String(thrown).slice(0, 200) });
    }
  }

  /** Stanzas up to the first that isn't on disk; what was acknowledged stays so. */
  #stored(): string {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(this.count, this.oldestStanza() - 1));
    return String(this.#acknowledged);
  }

  /** What the library would do by itself, and must not. */
  #guard(): void {
    const xmpp = this.#xmpp;
    const [read, write] = [xmpp._onData.bind(xmpp), xmpp.send.bind(xmpp)];
    xmpp.prependListener("element", (element: Element) => {
      this.#length = 0;
      // The library's own count begins a moment late, and misses what comes in that.
      if (element.is("enabled", ns.acks)) this.count = 0;
      else if (/^(message|presence|iq)$/.test(element.name)) this.count++;
      // Encryption is settled before the library sees the stream.
      if (element.is("features")) element.remove("starttls");
    });
    // A stanza without end, or words behind the stream's end, end this connection only.
    xmpp._onData = (data) => {
      this.#length += data.length;
      try {
        if (this.#length > longestStanza) return this.end(fault("channel-permanent", "the server's stanza has no end"));
        if (xmpp.parser) read(data);
      } catch (thrown) {
        this.end(faultOfThrown(thrown, this.#password));
      }
    };
    xmpp.send = (element) => {
      if (element.is("a", ns.acks)) element.attrs.h = this.#stored();
      // A stream that breaks is over: the server is to pass on at once what it had left, and not to wait for us.
      if (element.is("enable", ns.acks)) delete element.attrs.resume;
      return write(element);
    };
  }
}

function keyOf(jid: string | undefined, id: string | undefined): string {
  return `${splitJid(jid ?? "")[0]}\n${id}`;
}
