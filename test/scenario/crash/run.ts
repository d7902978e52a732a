import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryHome } from "../../gateway-process.ts";
import { judge, type Verdict } from "./oracle.ts";
import type { CrashPlan } from "./plan.ts";
import { World, type WorldSize } from "./world.ts";

export interface Outcome extends Verdict {
  /** Planned boundaries that a life didn't reach. */
  readonly missed: readonly string[];
}

export interface LivesOptions {
  /** Milliseconds after which a life that is ready is killed from outside, if it didn't end by its plan. */
  readonly lifetime?: (index: number) => number;
  /** Milliseconds for the last life to answer what is left. */
  readonly settleMs?: number;
  readonly size?: WorldSize;
  readonly tell?: (life: { readonly index: number; readonly messages: number }) => void;
}

const lifeMs = 12_000;

/** One gateway through many lives on one data folder, while people write; then a life in peace, and the verdict. */
export async function runLives(plans: readonly Omit<CrashPlan, "log">[], more: LivesOptions = {}): Promise<Outcome> {
  await using home = await temporaryHome();
  const world = await World.open(home.path, more.size);
  const missed: string[] = [];
  const quiet = world.speak();
  for (const [index, plan] of plans.entries()) {
    const { crashed } = await world.live(plan, more.lifetime?.(index) ?? lifeMs);
    if (!crashed && plan.point) missed.push(`${plan.when} ${plan.point} #${plan.nth}`);
    more.tell?.({ index, messages: world.said.length });
  }
  const posted = quiet();
  await world.settle(more.settleMs ?? 180_000, () => world.said.every(({ acknowledged }) => acknowledged) && isIdle(home.path));
  const judged = {
    ...judge({ said: world.said, replies: world.replies(), kills: world.kills, asked: world.asked, ...shownIn(home.path) }),
    missed,
  };
  await world.close();
  await posted;
  return judged;
}

/** Nothing is under way in the gateway: only when to stop waiting, what came of it is judged from outside. */
function isIdle(home: string): boolean {
  const database = new DatabaseSync(join(home, "polylogue.db"), { readOnly: true });
  try {
    const open = "SELECT 1 FROM events WHERE ended_at IS NULL UNION ALL SELECT 1 FROM deliveries WHERE ended_at IS NULL LIMIT 1";
    return database.prepare(open).get() === undefined;
  } finally {
    database.close();
  }
}

/** What the gateway shows of itself: the messages whose delivery is `unknown`, and the receipts that it holds. */
function shownIn(home: string): { held: Set<number>; receipts: Set<string> } {
  const database = new DatabaseSync(join(home, "polylogue.db"), { readOnly: true });
  try {
    const unknown = database.prepare("SELECT content FROM deliveries WHERE state = 'unknown'").all() as { content: string }[];
    const known = database
      .prepare(
        "SELECT d.account, c.chat, d.receipt FROM deliveries d JOIN conversations c ON c.id = d.conversation WHERE d.receipt IS NOT NULL",
      )
      .all() as { account: string; chat: string; receipt: string }[];
    return {
      held: new Set(unknown.map(({ content }) => Number(/re:(\d+)/.exec(content)?.[1]))),
      receipts: new Set(known.map(({ account, chat, receipt }) => `${account}/${chat}/${receipt}`)),
    };
  } finally {
    database.close();
  }
}
