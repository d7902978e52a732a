import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { imapConnection } from "./mail/imap.ts";
import { smtpConnection } from "./mail/smtp.ts";
import { MailWorld } from "./mail/world.ts";

/** A mail server on this machine, SMTP and IMAP over one set of mailboxes. No TLS: that is for the real servers' scenario. */
export interface MailSimulator {
  readonly world: MailWorld;
  /** `imap://127.0.0.1:…` and `smtp://127.0.0.1:…` */
  readonly imap: string;
  readonly smtp: string;
  /** Ends every IMAP connection, as a server that restarts does. */
  cutImap(): void;
  close(): Promise<void>;
}

export async function startMailSimulator(): Promise<MailSimulator> {
  const world = new MailWorld();
  const sockets = { imap: new Set<Socket>(), smtp: new Set<Socket>() };
  const serve = (kind: keyof typeof sockets, speak: (socket: Socket, world: MailWorld) => void) =>
    createServer((socket) => {
      sockets[kind].add(socket);
      socket.on("close", () => sockets[kind].delete(socket));
      socket.on("error", () => {});
      speak(socket, world);
    });
  const imap = serve("imap", imapConnection);
  const smtp = serve("smtp", smtpConnection);
  const [imapPort, smtpPort] = await Promise.all([listening(imap), listening(smtp)]);
  const cut = (kind: keyof typeof sockets) => {
    for (const socket of sockets[kind]) socket.destroy();
  };
  return {
    world,
    imap: `imap://127.0.0.1:${imapPort}`,
    smtp: `smtp://127.0.0.1:${smtpPort}`,
    cutImap: () => cut("imap"),
    async close() {
      cut("imap");
      cut("smtp");
      await Promise.all([imap, smtp].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}
