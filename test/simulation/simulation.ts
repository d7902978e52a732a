import { DatabaseSync } from "node:sqlite";
import { defaultTenant } from "../../src/core/ids.ts";
import { type Broken, brokenSchema } from "./broken.ts";
import { Judge, storiesOf } from "./judge.ts";
import { Operators, People } from "./people.ts";
import { planOf } from "./plan.ts";
import type { Breach } from "./witness.ts";
import { World } from "./world.ts";

export interface Outcome {
  readonly seed: number;
  readonly hash: string;
  readonly steps: number;
  /** Simulated. */
  readonly ms: number;
  readonly breaches: readonly Breach[];
  readonly trace: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface Options {
  readonly empty: Buffer;
  readonly trace?: boolean;
  readonly broken?: Broken;
}

/** Simulated time and steps within which everything must have come to its end once the trouble is over. */
const patience = { ms: 2 * 3_600_000, steps: 40_000 };
/** What would come twice has its chance to come. */
const afterwardsMs = 10_000;
const hour = 3_600_000;
const day = 24 * hour;

/** One seed: a world in trouble, then a fair one, then the judge. */
export async function simulate(seed: number, { empty, trace = false, broken }: Options): Promise<Outcome> {
  const plan = planOf(seed);
  const world = await World.open(plan, { trace, empty, ...(broken && { broken }) });
  breakSchema(world, broken);
  const people = new People(world);
  const operators = new Operators(world);
  try {
    world.begin();
    await trouble(world, agenda(world, people, operators));
    world.calm = true;
    world.witness.tell("── calm ──");
    await settle(world, people, operators);
    if (world.witness.breaches.length === 0 || world.life?.state === "up") await verdict(world, operators);
    const { witness, scheduler } = world;
    return {
      ...{ seed, hash: witness.hash(), steps: scheduler.steps, ms: Math.round(scheduler.now) },
      ...{ breaches: witness.breaches, trace: witness.lines, counts: countsOf(world) },
    };
  } finally {
    if (world.life) await world.crash("process");
    world.close();
  }
}

type Deed = () => void | Promise<void>;

/** What happens at which step while there is trouble. */
function agenda(world: World, people: People, operators: Operators): ReadonlyMap<number, readonly Deed[]> {
  const { plan, random } = world;
  const deeds = new Map<number, Deed[]>();
  const some = (times: number, deed: (index: number) => Deed) => {
    for (let index = 0; index < times; index++) {
      const step = random.between(1, plan.turbulence);
      deeds.set(step, [...(deeds.get(step) ?? []), deed(index)]);
    }
  };
  some(plan.messages, () => () => people.act());
  some(Math.ceil(plan.messages / 3), () => () => people.repeat());
  some(plan.takeovers, (index) => () => operators.act(index % 2 === 0 ? "takeover" : "handback"));
  some(plan.operators, () => () => operators.act(random.weighted({ takeover: 1, handback: 2, send: 3, settle: 4, pause: 1, resume: 2 })));
  some(plan.expiries, () => () => world.life?.expire());
  some(plan.jumps, () => () => world.jump(random.pick([-60_000, 60_000, -hour, hour, -400 * day, 400 * day])));
  some(plan.drains, () => () => void world.stop());
  some(plan.crashes, () => () => world.crash(random.pick(["power", "process"])));
  return deeds;
}

async function trouble({ plan, scheduler }: World, deeds: ReturnType<typeof agenda>): Promise<void> {
  for (let step = 1; step <= plan.turbulence; step++) {
    if (!(await scheduler.step())) return;
    for (const deed of deeds.get(step) ?? []) await deed();
  }
}

/** Until nothing is left to do. */
async function settle(world: World, people: People, operators: Operators): Promise<void> {
  const { scheduler, witness } = world;
  const until = { ms: scheduler.now + patience.ms, steps: scheduler.steps + patience.steps };
  /** False when nothing is left that could happen. */
  const go = async (steps: number) => {
    for (let step = 0; step < steps; step++) if (!(await scheduler.step())) return false;
    return true;
  };
  let resumed = false;
  while (!(await idle(world, people))) {
    if (!resumed && world.life?.state === "up") {
      resumed = true;
      void operators.resume();
    }
    const going = await go(20);
    if (going && scheduler.now <= until.ms && scheduler.steps <= until.steps) continue;
    witness.blame("nothing stays behind", `not at rest after ${Math.round(scheduler.now)} ms and ${scheduler.steps} steps`);
    return;
  }
  const last = scheduler.now + afterwardsMs;
  while (scheduler.now < last && (await go(1)));
}

async function idle({ life, network }: World, people: People): Promise<boolean> {
  if (life?.state !== "up" || !people.heard) return false;
  const { events, deliveries } = await life.real.records.counts(defaultTenant);
  return (
    events.queued + events.running + deliveries.queued + deliveries.sending === 0 && life.gateway.load().running === 0 && !network.busy
  );
}

async function verdict(world: World, operators: Operators): Promise<void> {
  const { life, scheduler, witness } = world;
  if (!life) return witness.blame("nothing stays behind", "no gateway is up");
  const stories = await storiesOf(life.real);
  new Judge(world, stories).judge(operators.said);
  const stopping = world.stop(false);
  for (let step = 0; world.life && step < 2_000; step++) await scheduler.step();
  if (world.life) return witness.blame("nothing stays behind", "the gateway doesn't stop");
  await stopping;
}

function breakSchema({ disk }: World, broken: Broken | undefined): void {
  const sql = broken && brokenSchema[broken];
  if (!sql) return;
  const database = new DatabaseSync(disk.file);
  database.exec(sql);
  database.close();
}

/** How much of what there was. */
function countsOf({ platforms, calls, plan }: World): Record<string, number> {
  return {
    events: platforms.reduce((sum, { happened }) => sum + happened.length, 0),
    shown: platforms.reduce((sum, { shown }) => sum + shown.length, 0),
    calls: [...calls.byDelivery.values()].reduce((sum, list) => sum + list.length, 0),
    models: [...calls.asked.values()].reduce((sum, times) => sum + times, 0),
    crashes: plan.crashes,
    drains: plan.drains,
  };
}
