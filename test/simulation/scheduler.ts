import type { Clock } from "../../src/core/clock.ts";
import type { Random } from "./random.ts";

/** Whose work a task is. Once it is over, its tasks are too. */
export interface Owner {
  readonly name: string;
  over: boolean;
}

interface Task {
  readonly label: string;
  readonly owner: Owner;
  /** Not before this moment, in milliseconds of simulated time. */
  readonly at: number;
  readonly run: () => void;
}

/** How often time moves on although something could be done: everything there is then late. */
const lateness = 0.01;
/** How often a starved kind of task is passed over when its turn comes. */
const starvation = 0.9;

/**
 * All that ever happens in a simulation: tasks, of which the seed picks the next. Between two of them everything that the
 * code can do by itself is done (promises have settled), and no time passes but when nothing is left to do now.
 */
export class Scheduler {
  readonly #random: Random;
  readonly #tell: (line: string) => void;
  /** The beginning of the labels that have to wait for most others. */
  readonly #starved: string | undefined;
  #tasks: Task[] = [];
  #now = 0;
  #steps = 0;

  constructor(random: Random, tell: (line: string) => void, starved?: string) {
    this.#random = random;
    this.#tell = tell;
    this.#starved = starved;
  }

  /** Milliseconds of simulated time since the seed began. */
  get now(): number {
    return this.#now;
  }

  get steps(): number {
    return this.#steps;
  }

  add(owner: Owner, label: string, run: () => void, inMs = 0): () => void {
    const task = { label, owner, run, at: this.#now + Math.max(0, inMs) };
    if (!owner.over) this.#tasks.push(task);
    return () => {
      const index = this.#tasks.indexOf(task);
      if (index >= 0) this.#tasks.splice(index, 1);
    };
  }

  /** Resolves when the scheduler gets to it. */
  pass(owner: Owner, label: string, inMs = 0): Promise<void> {
    return new Promise((resolve) => this.add(owner, label, resolve, inMs));
  }

  /** The owner's memory is gone: nothing that it waited for happens. */
  end(owner: Owner): void {
    owner.over = true;
    this.#tasks = this.#tasks.filter((task) => task.owner !== owner);
  }

  /** Does one thing. False when nothing is left that could ever happen. */
  async step(): Promise<boolean> {
    await settled();
    const task = this.#next();
    if (!task) return false;
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
    this.#steps++;
    this.#tell(`${this.#now} ${task.owner.name}: ${task.label}`);
    task.run();
    await settled();
    return true;
  }

  #next(): Task | undefined {
    let ready = this.#tasks.filter(({ at }) => at <= this.#now);
    if (ready.length === 0 || this.#random.chance(lateness)) {
      const next = this.#tasks.reduce((soonest, { at }) => (at > this.#now && at < soonest ? at : soonest), Number.POSITIVE_INFINITY);
      if (next < Number.POSITIVE_INFINITY) this.#now = next;
      ready = this.#tasks.filter(({ at }) => at <= this.#now);
    }
    if (ready.length === 0) return undefined;
    const task = this.#random.pick(ready);
    const passed = this.#starved !== undefined && task.label.startsWith(this.#starved) && this.#random.chance(starvation);
    return passed ? this.#random.pick(ready) : task;
  }

  /** The clock of a process: `elapsed` starts somewhere, and the wall clock is `ahead` of simulated time. */
  clock(owner: Owner, start: number, ahead: () => number): Clock {
    return {
      now: () => Math.floor(ahead() + this.#now),
      elapsed: () => start + this.#now,
      after: (ms, run) => this.add(owner, `timer ${Math.ceil(ms)}`, run, ms),
    };
  }
}

/**
 * Resolves when no promise is left that could settle by itself. A tick's callback runs once the microtasks are done, all
 * those that they make included; the event loop, with what is real in it (timers, files, sockets), doesn't turn meanwhile.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
