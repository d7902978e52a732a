import type { Socket } from "node:net";
import type { Folder, MailWorld, StoredMail } from "./world.ts";

/** https://www.rfc-editor.org/rfc/rfc3501 with IDLE, MOVE and UIDPLUS, as far as a reader of mail needs it; anything else is BAD. */
export function imapConnection(socket: Socket, world: MailWorld): void {
  let buffer = "";
  let user: string | undefined;
  let name = "";
  let folder: Folder | undefined;
  let told = 0;
  let idling: string | undefined;
  let awaits: { tag: string } | undefined;
  const say = (text: string): undefined => {
    socket.write(`${text}\r\n`);
  };
  const tell = (): undefined => {
    if (!folder || folder.mails.length === told) return;
    told = folder.mails.length;
    say(`* ${told} EXISTS`);
  };
  const watch = () => idling !== undefined && tell();
  socket.on("close", () => folder?.watchers.delete(watch));

  const login = (tag: string, ok: boolean, who: string): undefined => {
    if (ok) user = who;
    say(ok ? `${tag} OK [CAPABILITY ${capabilities}] in` : `${tag} NO [AUTHENTICATIONFAILED] invalid credentials`);
  };
  const open = (tag: string, wanted: string, readOnly: boolean): undefined => {
    folder?.watchers.delete(watch);
    folder = world.folders.get(wanted);
    if (!folder) return say(`${tag} NO [NONEXISTENT] no such folder`);
    name = wanted;
    folder.watchers.add(watch);
    told = folder.mails.length;
    say("* FLAGS (\\Seen)");
    say(`* ${told} EXISTS`);
    say("* 0 RECENT");
    say(`* OK [UIDVALIDITY ${folder.uidValidity}] valid`);
    say(`* OK [UIDNEXT ${folder.uidNext}] next`);
    say(`${tag} OK [${readOnly ? "READ-ONLY" : "READ-WRITE"}] open`);
    folder.opened = true;
    for (const raw of folder.coming.splice(0)) folder.add(raw);
  };
  const uidCommand = (tag: string, rest: string): undefined => {
    if (!folder) return say(`${tag} BAD nothing is open`);
    const [, verb = "", more = ""] = /^(\S+) (.*)$/s.exec(rest) ?? [];
    const [, range = "", query = ""] = /^(\S+) ?(.*)$/s.exec(more) ?? [];
    switch (verb.toUpperCase()) {
      case "SEARCH":
        say(`* SEARCH ${found(folder, more).join(" ")}`.trimEnd());
        break;
      case "FETCH":
        for (const mail of picked(folder, range)) socket.write(fetched(folder, mail, query));
        break;
      case "STORE":
        for (const mail of picked(folder, range)) for (const flag of query.match(/\\\w+/g) ?? []) mail.flags.add(flag);
        break;
      case "MOVE": {
        const target = world.folders.get(query.replace(/^"|"$/g, ""));
        if (!target) return say(`${tag} NO [TRYCREATE] no such folder`);
        for (const mail of picked(folder, range)) {
          const seq = folder.mails.indexOf(mail) + 1;
          const moved = target.add(mail.raw, mail.at);
          folder.mails = folder.mails.filter((one) => one !== mail);
          told = folder.mails.length;
          say(`* OK [COPYUID ${target.uidValidity} ${mail.uid} ${moved.uid}] moved`);
          say(`* ${seq} EXPUNGE`);
        }
        break;
      }
      default:
        return say(`${tag} BAD ${verb}`);
    }
    say(`${tag} OK done`);
  };
  const command = (line: string): undefined => {
    if (idling !== undefined) {
      const tag = idling;
      idling = undefined;
      return say(/^done$/i.test(line) ? `${tag} OK idle ended` : `${tag} BAD in idle`);
    }
    if (awaits) {
      const { tag } = awaits;
      awaits = undefined;
      const [, who = "", password = ""] = Buffer.from(line, "base64").toString().split("\0");
      return login(tag, world.admits(who, password), who);
    }
    const [, tag = "", verb = "", rest = ""] = /^(\S+) (\S+) ?(.*)$/s.exec(line) ?? [];
    const strings = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"()]+)/g)].map(([, quoted, bare]) =>
      (quoted ?? bare ?? "").replace(/\\(.)/g, "$1"),
    );
    switch (verb.toUpperCase()) {
      case "CAPABILITY":
        say(`* CAPABILITY ${capabilities}`);
        return say(`${tag} OK done`);
      case "LOGIN":
        return login(tag, world.admits(strings[0] ?? "", strings[1] ?? ""), strings[0] ?? "");
      case "AUTHENTICATE": {
        const [, initial] = rest.split(" ");
        if (!/^PLAIN/i.test(rest)) return say(`${tag} NO only PLAIN`);
        if (initial === undefined) {
          awaits = { tag };
          return say("+ ");
        }
        const [, who = "", password = ""] = Buffer.from(initial, "base64").toString().split("\0");
        return login(tag, world.admits(who, password), who);
      }
      case "LOGOUT":
        say("* BYE");
        say(`${tag} OK out`);
        socket.end();
        return;
      case "NOOP":
        tell();
        return say(`${tag} OK done`);
    }
    if (user === undefined) return say(`${tag} BAD log in first`);
    switch (verb.toUpperCase()) {
      case "NAMESPACE":
        say('* NAMESPACE (("" "/")) NIL NIL');
        return say(`${tag} OK done`);
      case "LIST":
      case "LSUB":
        for (const one of world.folders.keys()) say(`* ${verb.toUpperCase()} () "/" "${one}"`);
        return say(`${tag} OK done`);
      case "SELECT":
      case "EXAMINE":
        return open(tag, strings[0] ?? "", verb.toUpperCase() === "EXAMINE");
      case "UID":
        uidCommand(tag, rest);
        return;
      case "IDLE":
        if (!folder) return say(`${tag} BAD nothing is open`);
        idling = tag;
        say("+ idling");
        return tell();
      case "CLOSE":
      case "UNSELECT":
        folder?.watchers.delete(watch);
        folder = undefined;
        return say(`${tag} OK ${name} closed`);
      default:
        return say(`${tag} BAD ${verb}`);
    }
  };
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    buffer += chunk;
    for (let end = buffer.indexOf("\r\n"); end >= 0; end = buffer.indexOf("\r\n")) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      command(line);
    }
  });
  say(`* OK [CAPABILITY ${capabilities}] simulator`);
}

const capabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR IDLE MOVE UIDPLUS NAMESPACE";

function picked(folder: Folder, range: string): StoredMail[] {
  return folder.mails.filter(({ uid }) => range.split(",").some((piece) => within(folder, uid, piece)));
}

/** `n:*` holds the newest mail, however small its UID is. */
function within(folder: Folder, uid: number, piece: string): boolean {
  const newest = folder.mails.at(-1)?.uid ?? 0;
  const [low = 0, high = low] = piece.split(":").map((end) => (end === "*" ? newest : Number(end)));
  return uid >= Math.min(low, high) && uid <= Math.max(low, high);
}

function found(folder: Folder, query: string): number[] {
  const header = /HEADER "?MESSAGE-ID"? "?([^"\s]+)"?/i.exec(query)?.[1];
  const since = /SINCE "?(\d{1,2}-\w{3}-\d{4})"?/i.exec(query)?.[1];
  const range = /UID (\S+)/i.exec(query)?.[1];
  const day = (date: Date) => Math.floor(date.getTime() / 86_400_000);
  return (range ? picked(folder, range) : folder.mails)
    .filter(({ raw }) => header === undefined || raw.toString("latin1").includes(header))
    .filter(({ at }) => since === undefined || day(at) >= day(new Date(`${since} UTC`)))
    .map(({ uid }) => uid);
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function fetched(folder: Folder, { uid, raw, at, flags }: StoredMail, query: string): Buffer {
  const two = (number: number) => String(number).padStart(2, "0");
  const date = `${two(at.getUTCDate())}-${months[at.getUTCMonth()]}-${at.getUTCFullYear()} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
  const pieces: Buffer[] = [Buffer.from(`* ${folder.mails.findIndex((mail) => mail.uid === uid) + 1} FETCH (UID ${uid}`)];
  if (/RFC822\.SIZE/i.test(query)) pieces.push(Buffer.from(` RFC822.SIZE ${raw.length}`));
  if (/INTERNALDATE/i.test(query)) pieces.push(Buffer.from(` INTERNALDATE "${date}"`));
  if (/FLAGS/i.test(query)) pieces.push(Buffer.from(` FLAGS (${[...flags].join(" ")})`));
  const body = /BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?/i.exec(query);
  if (body) {
    const from = Number(body[1] ?? 0);
    const part = raw.subarray(from, body[2] === undefined ? undefined : from + Number(body[2]));
    pieces.push(Buffer.from(` BODY[]${body[1] === undefined ? "" : `<${from}>`} {${part.length}}\r\n`), part);
  }
  return Buffer.concat([...pieces, Buffer.from(")\r\n")]);
}
