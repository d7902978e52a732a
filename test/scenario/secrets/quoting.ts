import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { makeCertificate } from "../../servers/certificate.ts";

/** Servers that refuse whatever they are asked, and quote in their refusals what they were sent: secrets, too. */
export interface QuotingServers extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly http: string;
  readonly imaps: string;
  readonly smtps: string;
  readonly ircs: string;
  readonly xmpps: string;
  /** PEM of the certificate that they show. */
  readonly ca: string;
  /** PEM of a certificate with its key. */
  readonly pem: string;
  /** All that was sent to them. */
  received(): string;
}

/** What is said to a client when it comes, and in answer to each of its lines; `visit` counts them. */
interface Speech {
  readonly greeting: string;
  begin(visit: number): (line: string) => string;
}

/** The words of SASL are base64: a server that quotes them may well quote what they mean. */
function plainly(line: string): string {
  const meant = (word: string) =>
    Buffer.from(word, "base64")
      .toString()
      .replace(/[^ -~]/g, " ");
  return line.replace(/[A-Za-z0-9+/=]{12,}/g, (word) => `${meant(word)} ${word}`);
}

/** So much before what is quoted that who cuts it off cuts at another place each time. */
const padding = (visit: number) => "x".repeat((visit * 37) % 200);

const imap: Speech = {
  greeting: "* OK [CAPABILITY IMAP4rev1] here\r\n",
  begin: (visit) => (line) => {
    const [tag = "*", command = ""] = line.split(" ");
    return /^capability$/i.test(command)
      ? `* CAPABILITY IMAP4rev1\r\n${tag} OK done\r\n`
      : `${tag} NO [AUTHENTICATIONFAILED] ${padding(visit)} ${line}\r\n`;
  },
};

const smtp: Speech = {
  greeting: "220 here ESMTP\r\n",
  begin: (visit) => (line) =>
    /^EHLO/i.test(line) ? "250-here\r\n250 AUTH PLAIN LOGIN\r\n" : `535 5.7.8 ${padding(visit)} ${plainly(line)}\r\n`,
};

const irc: Speech = {
  greeting: "",
  begin: (visit) => (line) => {
    const quoted = `${padding(visit)} ${/^AUTHENTICATE/.test(line) ? plainly(line) : line}`;
    if (/^CAP LS/.test(line)) return ":here CAP * LS :sasl=PLAIN,EXTERNAL\r\n";
    if (/^CAP REQ/.test(line)) return ":here CAP * ACK :sasl\r\n";
    if (/^CAP END/.test(line)) return ":here 001 polly :welcome\r\n:here 376 polly :end\r\n";
    if (/^AUTHENTICATE (PLAIN|EXTERNAL)$/.test(line)) return "AUTHENTICATE +\r\n";
    if (/^AUTHENTICATE/.test(line)) return `:here 904 polly :${quoted}\r\n`;
    if (/^PASS/.test(line)) return visit % 2 === 0 ? `:here 464 polly :${quoted}\r\nERROR :${quoted}\r\n` : "";
    return /^PRIVMSG|^JOIN/.test(line) ? `:NickServ!n@here NOTICE polly :Password incorrect ${quoted}\r\nERROR :${quoted}\r\n` : "";
  },
};

const stream = `<stream:stream from="localhost" id="1" version="1.0" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">`;
const sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
const xmpp: Speech = {
  greeting: "",
  begin: (visit) => (text) => {
    if (text.includes("<stream:stream"))
      return `${stream}<stream:features><mechanisms xmlns="${sasl}"><mechanism>PLAIN</mechanism></mechanisms></stream:features>`;
    const quoted = `${padding(visit)} ${plainly(text.replace(/<[^>]*>/g, (tag) => (tag.startsWith("</") ? "" : " ")))}`;
    return `<failure xmlns="${sasl}"><not-authorized/><text>${quoted}</text></failure></stream:stream>`;
  },
};

/** What a platform must be told first, so that it is told its other secrets at all. */
const welcomes: readonly (readonly [path: RegExp, answer: object])[] = [
  [/\/getMe$/, { ok: true, result: { id: 4711, is_bot: true, first_name: "Polly", username: "polly_bot" } }],
  [/\/auth\.test$/, { ok: true, url: "https://x.slack.com/", team: "x", user: "polly", team_id: "T1", user_id: "U1", bot_id: "B1" }],
];

export async function startQuotingServers(folder: string): Promise<QuotingServers> {
  const certificate = await makeCertificate(folder);
  const client = await makeCertificate(folder, "client");
  const sent: string[] = [];
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  let asked = 0;
  let visits = 0;

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  function speak({ greeting, begin }: Speech): Promise<number> {
    const server = createTlsServer({ cert: certificate.certificate, key: certificate.key, requestCert: true, rejectUnauthorized: false });
    server.on("secureConnection", (socket) => {
      socket.on("error", () => {});
      const answer = begin(visits++);
      socket.write(greeting);
      socket.setEncoding("utf8").on("data", (text: string) => {
        sent.push(text);
        for (const line of text.split(/\r?\n/)) if (line !== "" && socket.writable) socket.write(answer(line));
      });
    });
    server.on("tlsClientError", () => {});
    return listen(server);
  }

  const http = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray()).toString("utf8");
    const names = Object.entries(incoming.headers).filter(([name]) => !/^(host|user-agent|accept.*|connection|content-.*)$/.test(name));
    const headers = names.map(([name, value]) => `${name}: ${String(value)}`).join(" ");
    const basic = /Basic (\S+)/.exec(headers)?.[1];
    const parts = [`${headers} ${basic ? Buffer.from(basic, "base64").toString() : ""}`, String(incoming.url), body];
    sent.push(...parts);
    const turn = asked++;
    const welcome = turn % 3 > 0 && welcomes.find(([path]) => path.test(String(incoming.url)));
    if (welcome) return void outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(welcome[1]));
    // A client shows the beginning of such words at most: each part is once the first.
    const first = turn % parts.length;
    const said = [padding(turn), ...parts.slice(first), ...parts.slice(0, first)].join(" | ");
    const status = [401, 403, 400, 500, 200][turn % 5] as number;
    const error = turn % 2 === 0 ? said : { message: said, type: said, code: said, error_user_msg: said, status: said };
    outgoing.writeHead(status, { "content-type": "application/json" }).end(
      JSON.stringify({
        ...{ ok: false, success: false, status: "error", error, message: said, description: said, error_description: said },
        ...{ detail: said, title: said, reason: said, errcode: "M_UNKNOWN_TOKEN", error_code: status, errors: [{ message: said }] },
      }),
    );
  });
  http.on("upgrade", (incoming, socket) => {
    sent.push(JSON.stringify(incoming.headers));
    socket.end(`HTTP/1.1 401 ${String(incoming.headers.authorization)}\r\nconnection: close\r\n\r\n${incoming.url}`);
  });
  const [web, imaps, smtps, ircs, xmpps] = await Promise.all([listen(http), ...[imap, smtp, irc, xmpp].map(speak)]);
  return {
    http: `http://127.0.0.1:${web}`,
    ...{ imaps: `imaps://localhost:${imaps}`, smtps: `smtps://localhost:${smtps}`, ircs: `ircs://localhost:${ircs}` },
    ...{ xmpps: `xmpps://localhost:${xmpps}`, ca: certificate.certificate, pem: `${client.certificate}${client.key}` },
    received: () => sent.join("\n"),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
