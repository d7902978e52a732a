import type { Reply, Said } from "./world.ts";

/** What was seen from outside, judged. Every list holds the numbers of the messages that it is about. */
export interface Verdict {
  readonly messages: number;
  readonly kills: number;
  /** Acknowledged, never answered, and nobody is told. */
  readonly lost: readonly number[];
  /** Acknowledged, not seen answered, and shown to the operator as unknown: only where the platform can't dedupe. */
  readonly shown: readonly number[];
  /** Answers that nobody asked for. */
  readonly unexpected: readonly number[];
  /** Answered again although no crash fell between the send and its receipt. */
  readonly unexplained: readonly number[];
  /** Answered again after a crash between the send and its receipt. */
  readonly explained: readonly number[];
  /** Answered after a later message of the same chat. */
  readonly inversions: readonly number[];
  /** The model was paid again although no crash came between. */
  readonly paidAgain: readonly number[];
}

/** What the platforms' side writes down may come this much later than it happened, on a busy machine. */
const lateMs = 2_000;

export function judge(seen: {
  readonly said: readonly Said[];
  readonly replies: readonly Reply[];
  readonly kills: readonly number[];
  readonly asked: readonly { readonly n: number; readonly at: number }[];
  /** Messages whose delivery the gateway holds as `unknown`, by what it shows of them. */
  readonly held: ReadonlySet<number>;
  /** The platforms' ids of messages that the gateway holds a receipt for, as `account/chat/id`. */
  readonly receipts: ReadonlySet<string>;
}): Verdict {
  const { said, replies, kills, asked, held, receipts } = seen;
  const numbers = new Set(said.map(({ n }) => n));
  const byNumber = Map.groupBy(replies, (reply) => reply.n);
  const unanswered = said.filter(({ n, acknowledged }) => acknowledged && !byNumber.has(n));
  const again = said.filter(({ n }) => (byNumber.get(n)?.length ?? 0) > 1);
  /** Each earlier copy is one whose receipt a kill kept from the store: had it come that far, nothing was sent again. */
  const explains = ({ n, account }: Said) => {
    const copies = byNumber.get(n) ?? [];
    const excused = (copy: Reply, index: number) =>
      !receipts.has(`${account}/${copy.chat}/${copy.id}`) && killBetween(kills, copy.at, (copies[index + 1] as Reply).at);
    return account !== "desk" && copies.slice(0, -1).every(excused);
  };
  return {
    messages: said.length,
    kills: kills.length,
    lost: unanswered.filter(({ n, account }) => !(account === "hold" && held.has(n))).map(({ n }) => n),
    shown: unanswered.filter(({ n, account }) => account === "hold" && held.has(n)).map(({ n }) => n),
    unexpected: [...byNumber.keys()].filter((n) => !numbers.has(n)),
    unexplained: again.filter((one) => !explains(one)).map(({ n }) => n),
    explained: again.filter(explains).map(({ n }) => n),
    inversions: inversions(replies),
    paidAgain: paidAgain(asked, kills),
  };
}

function killBetween(kills: readonly number[], one: number, next: number): boolean {
  return kills.some((kill) => kill >= one - lateMs && kill <= next);
}

function inversions(replies: readonly Reply[]): number[] {
  const latest = new Map<string, number>();
  return replies.flatMap(({ n, account, chat }) => {
    const lane = `${account}/${chat}`;
    const inverted = n < (latest.get(lane) ?? 0);
    latest.set(lane, Math.max(n, latest.get(lane) ?? 0));
    return inverted ? [n] : [];
  });
}

/** The model fails each seventh message once on purpose; that is asked again without a crash. */
function paidAgain(asked: readonly { readonly n: number; readonly at: number }[], kills: readonly number[]): number[] {
  return [...Map.groupBy(asked, ({ n }) => n)].flatMap(([n, calls]) => {
    const allowed = n % 7 === 0 ? 1 : 0;
    const unexcused = calls.slice(1).filter(({ at }, index) => !killBetween(kills, (calls[index] as { at: number }).at, at)).length;
    return unexcused > allowed ? [n] : [];
  });
}
