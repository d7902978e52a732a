import { resolveSrv } from "node:dns/promises";
import { once } from "node:events";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../../core/clock.ts";
import { fail, fault, ok, type Result } from "../../core/errors.ts";
import { type Address, addressOf, domainOf, type XmppLogin } from "./login.ts";

const connectMs = 15_000;
/** Characters of a stream's beginning, up to its features. */
const maxHead = 65_536;

/**
 * A socket on which only the stream is still to be opened: encrypted, and proven by a certificate for the account's domain, whatever host DNS named for it
 * (https://www.rfc-editor.org/rfc/rfc6120#section-13.7.2). The library would check the host, knows no own certificates, and goes on unencrypted
 * where a server, or somebody between, offers no STARTTLS.
 */
export async function dial(login: XmppLogin, clock: Clock): Promise<Result<Socket & { secure: boolean }>> {
  const domain = domainOf(login.jid);
  let why = fault("channel-unreachable", `DNS says that ${domain} has no XMPP`);
  for (const address of login.server === undefined ? await lookUp(domain) : [addressOf(login.server)]) {
    const opened = await open(address, domain, login.ca, clock);
    if (opened.ok) return opened;
    why = opened.fault;
  }
  return { ok: false, fault: why };
}

/** https://www.rfc-editor.org/rfc/rfc6120#section-3.2 and https://xmpp.org/extensions/xep-0368.html: best first. */
async function lookUp(domain: string): Promise<Address[]> {
  const ask = async (service: string, kind: Address["kind"]) =>
    (await resolveSrv(`_${service}._tcp.${domain}`).catch(() => [])).map((found) => ({ ...found, host: found.name, kind }));
  const found = (await Promise.all([ask("xmpps-client", "direct"), ask("xmpp-client", "starttls")])).flat();
  found.sort((one, other) => one.priority - other.priority || other.weight - one.weight);
  // A lone dot says that there is none.
  return found.length > 0 ? found.filter(({ host }) => host !== "" && host !== ".") : [{ host: domain, port: 5222, kind: "starttls" }];
}

async function open({ host, port, kind }: Address, domain: string, ca: string | undefined, clock: Clock) {
  const cut = new AbortController();
  const cancel = clock.after(connectMs, () => cut.abort());
  const raw = connectPlain({ host, port }).on("error", () => {});
  let socket: Socket = raw;
  try {
    await once(raw, "connect", { signal: cut.signal });
    const refused = kind === "starttls" ? await startTls(raw, domain, cut.signal) : undefined;
    if (refused) throw new Error(refused);
    if (kind !== "plain") {
      const name = isIP(domain) ? {} : { servername: domain };
      socket = connectTls({ socket: raw, host: domain, ...name, minVersion: "TLSv1.2", ALPNProtocols: ["xmpp-client"], ...(ca && { ca }) });
      await once(socket, "secureConnect", { signal: cut.signal });
    }
    socket.setKeepAlive(true, 60_000);
    // Whole characters, however the bytes are cut.
    return ok(Object.assign(socket.setEncoding("utf8"), { secure: kind !== "plain" }));
  } catch (thrown) {
    for (const one of [raw, socket]) one.on("error", () => {}).destroy();
    const said = cut.signal.aborted ? `nothing in ${connectMs / 1000} s` : thrown instanceof Error ? thrown.message : String(thrown);
    return fail("channel-unreachable", `no connection to ${host}:${port} for ${domain}: ${said}`);
  } finally {
    cancel();
  }
}

/** https://www.rfc-editor.org/rfc/rfc6120#section-5.4: says why it can't be. What came unencrypted counts for nothing afterwards. */
async function startTls(socket: Socket, domain: string, signal: AbortSignal): Promise<string | undefined> {
  const stream = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
  socket.write(`<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' ${stream}>`);
  const features = await readUntil(socket, /<\/(?:\w+:)?(features|stream)>|<(?:\w+:)?features\/>/, signal);
  if (!/<starttls[\s/>]/.test(features)) return "the server offers no encryption (STARTTLS)";
  socket.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  return /<proceed\b/.test(await readUntil(socket, /<(proceed|failure)[^>]*>/, signal))
    ? undefined
    : "the server refused to encrypt (STARTTLS)";
}

async function readUntil(socket: Socket, end: RegExp, signal: AbortSignal): Promise<string> {
  let text = "";
  while (!end.test(text)) {
    if (text.length > maxHead || socket.readableEnded) throw new Error("the other side doesn't speak XMPP");
    const chunk: unknown = socket.read();
    if (chunk === null) await Promise.race([once(socket, "readable", { signal }), once(socket, "end", { signal })]);
    else text += String(chunk);
  }
  return text;
}
