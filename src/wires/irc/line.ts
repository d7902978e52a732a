/** One message of the protocol: https://modern.ircdocs.horse/#message-format and https://ircv3.net/specs/extensions/message-tags */
export interface Line {
  readonly tags: ReadonlyMap<string, string>;
  /** Who it comes from: a nick with user and host, or a server's name alone. Absent: the server at the other end. */
  readonly source?: Source;
  /** In capitals, or three digits. */
  readonly command: string;
  readonly params: readonly string[];
}

export interface Source {
  readonly nick: string;
  readonly user?: string;
  readonly host?: string;
}

const shape = /^(?:@([^ ]+) +)?(?::([^ ]+) +)?([A-Za-z]+|\d{3})(?: +(.*))?$/s;

export function parseLine(text: string): Line | undefined {
  const [, tags, source, command, rest] = shape.exec(text) ?? [];
  if (command === undefined) return undefined;
  return {
    tags: new Map(tags?.split(";").map(parseTag)),
    ...(source === undefined ? {} : { source: parseSource(source) }),
    command: command.toUpperCase(),
    params: rest === undefined ? [] : parseParams(rest),
  };
}

function parseTag(tag: string): [string, string] {
  const at = tag.indexOf("=");
  return at < 0 ? [tag, ""] : [tag.slice(0, at), tag.slice(at + 1).replace(/\\(.?)/g, (_, sign: string) => escapes[sign] ?? sign)];
}

const escapes: Readonly<Record<string, string>> = { ":": ";", s: " ", r: "\r", n: "\n" };

function parseSource(text: string): Source {
  const [, nick = text, user, host] = /^([^!@]+)(?:!([^@]*))?(?:@(.*))?$/.exec(text) ?? [];
  return { nick, ...(user === undefined ? {} : { user }), ...(host === undefined ? {} : { host }) };
}

function parseParams(rest: string): string[] {
  const trailing = rest.startsWith(":") ? 0 : rest.indexOf(" :");
  const words = (trailing < 0 ? rest : rest.slice(0, trailing)).split(" ").filter(Boolean);
  return trailing < 0 ? words : [...words, rest.slice(trailing + (trailing === 0 ? 1 : 2))];
}

/**
 * A message as it is written, without its line end. Only the last parameter may hold blanks; nothing can end the line or begin another
 * parameter: what is wrong in a middle one is a bug of ours.
 */
export function formatLine(command: string, ...params: readonly string[]): string {
  const last = params.length - 1;
  const written = params.map((param, index) => {
    const safe = param.replace(/[\r\n\0]/g, " ");
    const needsColon = safe === "" || /^:| /.test(safe);
    if (index < last && needsColon) throw new Error(`${JSON.stringify(safe)} can't be a parameter of ${command}`);
    return needsColon ? `:${safe}` : safe;
  });
  return [command, ...written].join(" ");
}

/** Tags in front of a line: https://ircv3.net/specs/extensions/message-tags#escaping-values */
export function withTags(tags: Readonly<Record<string, string>>, line: string): string {
  const written = Object.entries(tags).map(([key, value]) => {
    const escaped = value.replace(/[\\; \r\n]/g, (sign) => `\\${{ "\\": "\\", ";": ":", " ": "s", "\r": "r", "\n": "n" }[sign]}`);
    return escaped === "" ? key : `${key}=${escaped}`;
  });
  return written.length === 0 ? line : `@${written.join(";")} ${line}`;
}

/** What a server says of itself (`RPL_ISUPPORT`): https://modern.ircdocs.horse/#rplisupport-005 */
export type Support = ReadonlyMap<string, string>;

export function parseSupport(params: readonly string[]): [string, string][] {
  return params.slice(1, -1).map((token) => {
    const at = token.indexOf("=");
    return at < 0 ? [token, ""] : [token.slice(0, at), token.slice(at + 1)];
  });
}

/** Two names are the same when they are folded alike: https://modern.ircdocs.horse/#casemapping-parameter */
export function fold(name: string, support: Support): string {
  const mapping = support.get("CASEMAPPING") ?? "rfc1459";
  if (mapping === "ascii") return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (!mapping.startsWith("rfc1459")) return name.toLowerCase();
  const lower = name.replace(/[A-Z[\]\\]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
  return mapping === "rfc1459-strict" ? lower : lower.replaceAll("~", "^");
}

/** The channel that a target names, without the sign for some of its members only (`@#kitchen`); nothing where it is a nick. */
export function channelOf(target: string, support: Support): string | undefined {
  const types = support.get("CHANTYPES") ?? "#&";
  const statuses = support.get("STATUSMSG") ?? "";
  const name = statuses.includes(target.charAt(0)) && types.includes(target.charAt(1)) ? target.slice(1) : target;
  return name !== "" && types.includes(name.charAt(0)) ? name : undefined;
}
