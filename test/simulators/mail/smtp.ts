import type { Socket } from "node:net";
import type { MailWorld } from "./world.ts";

/** https://www.rfc-editor.org/rfc/rfc5321, with AUTH PLAIN (RFC 4954): one connection, refusing what a strict server refuses. */
export function smtpConnection(socket: Socket, world: MailWorld): void {
  let buffer: Buffer = Buffer.alloc(0);
  let authorised = false;
  let from: string | undefined;
  let to: string | undefined;
  let inData = false;
  const say = (text: string): undefined => {
    socket.write(`${text}\r\n`);
  };
  const fault = (at: string) => {
    const index = world.faults.findIndex((one) => one.at === at);
    return index < 0 ? undefined : world.faults.splice(index, 1)[0]?.what;
  };
  /** True when a fault was met. */
  const meets = (at: "MAIL" | "RCPT" | "DATA"): boolean => {
    const what = fault(at);
    if (what === undefined) return false;
    if (what === "drop") socket.destroy();
    else say(what);
    return true;
  };
  const command = (line: string): undefined => {
    const [, verb = "", rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    switch (verb.toUpperCase()) {
      case "EHLO":
        return say("250-simulator\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-SIZE 40000000\r\n250 AUTH PLAIN");
      case "AUTH": {
        const [, user = "", password = ""] = Buffer.from(rest.replace(/^PLAIN /i, ""), "base64")
          .toString()
          .split("\0");
        authorised = world.admits(user, password);
        return say(authorised ? "235 2.7.0 welcome" : "535 5.7.8 authentication credentials invalid");
      }
      case "MAIL":
        if (!authorised) return say("530 5.7.0 authentication required");
        if (meets("MAIL")) return;
        from = /^FROM:<([^<>\s]*)>/i.exec(rest)?.[1];
        return say(from === undefined ? "501 5.5.4 syntax" : "250 2.1.0 ok");
      case "RCPT": {
        if (meets("RCPT")) return;
        const wanted = /^TO:<([^<>\s]+)>/i.exec(rest)?.[1];
        if (from === undefined || wanted === undefined || to !== undefined) return say("503 5.5.1 one recipient, after MAIL");
        if (world.unknown.has(wanted)) return say("550 5.1.1 no such user");
        to = wanted;
        return say("250 2.1.5 ok");
      }
      case "DATA":
        if (to === undefined) return say("503 5.5.1 no recipient");
        if (meets("DATA")) return;
        inData = true;
        return say("354 go on");
      case "QUIT":
        say("221 2.0.0 bye");
        socket.end();
        return;
      default:
        return say("502 5.5.2 not known");
    }
  };
  const ended = (raw: Buffer): undefined => {
    const what = fault("END");
    if (what === "drop") {
      socket.destroy();
      return;
    }
    if (what === undefined || what === "take-and-drop") {
      // https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8: a line ends in CR LF, and neither stands alone.
      if (/(^|[^\r])\n|\r(?!\n)/.test(raw.toString("latin1"))) return say("550 5.6.0 bare CR or LF");
      world.accepted.push({ from: from ?? "", to: to ?? "", raw });
    }
    from = undefined;
    to = undefined;
    if (what === "take-and-drop") {
      socket.destroy();
      return;
    }
    say(what ?? "250 2.0.0 queued");
  };
  socket.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf(inData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const piece = buffer.subarray(0, inData ? end + 2 : end);
      buffer = buffer.subarray(end + (inData ? 5 : 2));
      if (inData) {
        inData = false;
        ended(Buffer.from(piece.toString("latin1").replace(/^\.\./gm, "."), "latin1"));
      } else command(piece.toString());
    }
  });
  say("220 simulator ESMTP");
}
