import { readFileSync } from "node:fs";
import type { BotLine } from "./bots.ts";
import { type AccountName, type CrowdLine, isYes } from "./crowd.ts";
import { type Asked, answered } from "./model.ts";
import type { Fault } from "./plan.ts";
import type { SinkLine } from "./sink.ts";
import { type LifeLine, logOf } from "./world.ts";

/** What the witnesses wrote down, put together. Times are the witnesses' own, from one clock that never goes back. */
export interface Evidence {
  readonly said: readonly Said[];
  /** What platforms took, in the order in which it was sent: by life, then by arrival. */
  readonly sends: readonly Send[];
  /** What platforms refused or cut off before they did anything. */
  readonly refusals: readonly Refusal[];
  readonly asked: readonly Asked[];
  readonly lives: readonly Life[];
  /** Posts that were acknowledged: each is one whole way through the gateway and its disk. */
  readonly trips: readonly { readonly from: number; readonly at: number }[];
}

/** One message that somebody wrote. */
export interface Said {
  readonly n: number;
  readonly account: AccountName;
  readonly chat: number;
  /**
   * `waiting`: it has a sender that repeats it, and no acknowledgement yet. For the bots the platform repeats, and a
   * higher offset acknowledges. `indeterminate`: given up, nobody knows whether it was taken. `failed`: given up, and
   * every answer was no.
   */
  readonly fate: "acknowledged" | "waiting" | "indeterminate" | "failed";
}

export interface Send {
  readonly account: AccountName;
  readonly chat: number;
  readonly n: number;
  /** What the receiver tells copies apart by: the message's id, or the webhook-id by which it dedupes. */
  readonly id: string;
  readonly life: number;
  /** Of all that one platform heard, also refusals. */
  readonly order: number;
  readonly at: number;
  /** It was sent with the first words only, to be written over. */
  readonly draft: boolean;
  /** Since when the whole answer is visible under that id; absent: never. */
  readonly wholeAt?: number;
  /** When its receipt was handed to the network; absent: that time never came. */
  readonly answeredAt?: number;
  /** The receipt wasn't given, by an injected fault. */
  readonly withheld?: string;
  /** The life that sent it changed it later, so it had the receipt. */
  readonly edited: boolean;
}

export interface Refusal {
  readonly account: AccountName;
  readonly chat: number;
  readonly n: number;
  readonly life: number;
  readonly order: number;
  readonly what: string;
  /** The caller knows for sure that nothing was done. */
  readonly sure: boolean;
}

export interface Life {
  readonly life: number;
  readonly start: number;
  readonly end: number;
  /** `fell`: it ended by itself, with this code. */
  readonly how: "killed" | "stopped" | { readonly fell: string };
}

export function readEvidence(logs: string): Evidence {
  const read = <Line>(witness: Parameters<typeof logOf>[1]) => linesOf<Line>(logOf(logs, witness));
  const hold = botEvidence("hold", read<BotLine>("hold"));
  const resend = botEvidence("resend", read<BotLine>("resend"));
  const desk = deskEvidence(read<SinkLine>("desk"));
  const { said, trips } = crowdEvidence(read<CrowdLine>("crowd"), new Set([...hold.confirmed, ...resend.confirmed]));
  return {
    said,
    trips,
    sends: [...hold.sends, ...resend.sends, ...desk.sends].sort((a, b) => a.life - b.life || a.order - b.order),
    refusals: [...hold.refusals, ...resend.refusals, ...desk.refusals],
    asked: read<Asked>("model").sort((a, b) => a.by - b.by || a.at - b.at),
    lives: livesOf(read<LifeLine>("lives"), new Set(read<{ life: number }>("crashes").map(({ life }) => life))),
  };
}

function linesOf<Line>(path: string): Line[] {
  const text = readFileSync(path, "utf8").trimEnd();
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line) as Line);
}

function crowdEvidence(lines: readonly CrowdLine[], confirmed: ReadonlySet<number>): Pick<Evidence, "said" | "trips"> {
  const posts = Map.groupBy(
    lines.filter((line) => line.kind === "post"),
    ({ n }) => n,
  );
  const fateOf = ({ n, account, tries }: Extract<CrowdLine, { kind: "said" }>): Said["fate"] => {
    if (account !== "desk") return confirmed.has(n) ? "acknowledged" : "waiting";
    const own = posts.get(n) ?? [];
    if (own.some(({ came }) => isYes(came))) return "acknowledged";
    if (tries === undefined || own.length < tries) return "waiting";
    return own.some(({ came }) => came === "cut") ? "indeterminate" : "failed";
  };
  return {
    said: lines.flatMap((line) =>
      line.kind === "said" ? [{ n: line.n, account: line.account, chat: line.chat, fate: fateOf(line) }] : [],
    ),
    trips: lines.flatMap((line) => (line.kind === "post" && isYes(line.came) ? [{ from: line.from, at: line.at }] : [])),
  };
}

interface PlatformEvidence {
  readonly sends: readonly Send[];
  readonly refusals: readonly Refusal[];
}

type Writable<Of> = { -readonly [key in keyof Of]: Of[key] };

/** Numbers of messages whose updates were confirmed come with it. */
function botEvidence(account: "hold" | "resend", lines: readonly BotLine[]): PlatformEvidence & { readonly confirmed: readonly number[] } {
  const updates = new Map<number, number>();
  const confirmed: number[] = [];
  const sends = new Map<string, Writable<Send>>();
  const byEntry = new Map<number, Writable<Send>>();
  const refusals: Refusal[] = [];
  for (const line of lines) {
    if (line.kind === "said") updates.set(line.update, Number(line.text));
    if (line.kind === "confirmed") confirmed.push(updates.get(line.update) ?? Number.NaN);
    if (line.kind === "answered") {
      const send = byEntry.get(line.of);
      if (send) send.answeredAt = line.at;
    }
    if (line.kind === "trouble" && line.method !== "sendMessage" && line.method !== "editMessageText") continue;
    if (line.kind === "trouble") {
      const { chat = 0, n: order, by } = line;
      const what = line.status === undefined ? "cut" : `${line.status}${line.what === "proxy" ? " of a proxy" : ""}`;
      const { n } = answered(line.text ?? "");
      refusals.push({ account, chat, n, life: Number(by), order, what, sure: line.status === 429 });
    }
    if (line.kind !== "effect" || line.text === undefined) continue;
    const { n, whole } = answered(line.text);
    const name = `${line.chat}/${line.message}`;
    const life = Number(line.by);
    if (line.method === "sendMessage") {
      const send: Writable<Send> = {
        ...{ account, chat: line.chat ?? 0, n, id: String(line.message), life, order: line.n, at: line.at, draft: !whole, edited: false },
        ...(whole ? { wholeAt: line.at } : {}),
        ...(line.answered ? {} : { withheld: "answer withheld" }),
      };
      sends.set(name, send);
      byEntry.set(line.n, send);
    } else if (line.method === "editMessageText") {
      const send = sends.get(name);
      if (!send) continue;
      send.edited ||= send.life === life;
      if (whole) send.wholeAt ??= line.at;
    }
  }
  return { sends: [...sends.values()], refusals, confirmed };
}

function deskEvidence(lines: readonly SinkLine[]): PlatformEvidence {
  const answeredAt = new Map(lines.flatMap((line) => (line.kind === "answered" ? [[line.of, line.at] as const] : [])));
  const account = "desk";
  const sends = lines.flatMap((line): Send[] => {
    if (line.kind !== "taken") return [];
    const { chat, n, id, by: life, order, at, whole, withheld } = line;
    const handed = answeredAt.get(order);
    return [
      {
        ...{ account, chat, n, id, life, order, at, draft: !whole, edited: false },
        ...(whole ? { wholeAt: at } : {}),
        ...(handed === undefined ? {} : { answeredAt: handed }),
        ...(withheld === undefined ? {} : { withheld: "answer withheld" }),
      },
    ];
  });
  const refusals = lines.flatMap((line): Refusal[] => {
    if (line.kind !== "trouble") return [];
    const { chat, n, by: life, order, what } = line;
    return [{ account, chat, n, life, order, what: refused[what] ?? what, sure: what === "too-many" }];
  });
  return { sends, refusals };
}

const refused: Readonly<Partial<Record<Fault, string>>> = { "too-many": "429", error: "503", proxy: "502 of a proxy" };

function livesOf(lines: readonly LifeLine[], crashed: ReadonlySet<number>): Life[] {
  return [...Map.groupBy(lines, ({ life }) => life)].map(([life, own]) => {
    const at = (kind: LifeLine["kind"]) => own.find((line) => line.kind === kind)?.at;
    const end = own.find((line) => line.kind === "end");
    const killed = crashed.has(life) || (at("kill") !== undefined && end?.code === "SIGKILL");
    const stopped = at("stop") !== undefined && end?.code === 0;
    const how = killed ? "killed" : stopped ? "stopped" : { fell: String(end?.code ?? "no end") };
    return { life, start: at("start") ?? Number.NaN, end: end?.at ?? Number.POSITIVE_INFINITY, how };
  });
}
