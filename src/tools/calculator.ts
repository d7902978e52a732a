import { z } from "zod";
import { fail, ok, type Result } from "../core/errors.ts";
import { defineTool } from "../core/tool.ts";

export default defineTool({
  name: "calculator",
  effect: "none",
  description: `Evaluates an arithmetic expression exactly as written: + - * / % ^ ( ), numbers such as 1.5e3, pi, e, and the functions ${"sqrt abs round floor ceil ln log sin cos tan exp min max"}. Angles are in radians.`,
  input: z.object({ expression: z.string().max(1000).describe("For example (2 + 3) * sqrt(16)") }),
  run: ({ expression }) => calculate(expression),
});

const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
const functions: Readonly<Record<string, { readonly takes: number; readonly of: (...values: number[]) => number }>> = {
  sqrt: { takes: 1, of: Math.sqrt },
  abs: { takes: 1, of: Math.abs },
  round: { takes: 1, of: Math.round },
  floor: { takes: 1, of: Math.floor },
  ceil: { takes: 1, of: Math.ceil },
  ln: { takes: 1, of: Math.log },
  log: { takes: 1, of: Math.log10 },
  sin: { takes: 1, of: Math.sin },
  cos: { takes: 1, of: Math.cos },
  tan: { takes: 1, of: Math.tan },
  exp: { takes: 1, of: Math.exp },
  min: { takes: Number.POSITIVE_INFINITY, of: Math.min },
  max: { takes: Number.POSITIVE_INFINITY, of: Math.max },
};
/** Of parentheses, signs and powers inside one another; keeps the recursion off the stack's end. */
const deepest = 100;

class Unreadable extends Error {}

/** The value as text, with at most 15 significant digits: what lies beyond is the noise of binary fractions. */
export function calculate(expression: string): Result<string> {
  try {
    const value = new Reader(expression).whole();
    if (!Number.isFinite(value)) return fail("request-invalid", "the result is not a finite number");
    return ok(String(Number(value.toPrecision(15))));
  } catch (error) {
    if (error instanceof Unreadable) return fail("request-invalid", error.message);
    throw error;
  }
}

/** Recursive descent: sum → product → sign → power → atom. A sign binds weaker than a power, as on paper: -2^2 is -4. */
class Reader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    const tokens = text.match(/\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[a-zA-Z]+|\*\*|\S/g) ?? [];
    this.#tokens = tokens.map((token) => (token === "**" ? "^" : token === "×" ? "*" : token === "÷" ? "/" : token === "−" ? "-" : token));
  }

  whole(): number {
    const value = this.#sum();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw new Unreadable(`can't read ${JSON.stringify(rest)} there`);
    return value;
  }

  #sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take("+")) value += this.#product();
      else if (this.#take("-")) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#sign();
    for (;;) {
      if (this.#take("*")) value *= this.#sign();
      else if (this.#take("/")) value /= this.#divisor();
      else if (this.#take("%")) value %= this.#divisor();
      else return value;
    }
  }

  #divisor(): number {
    const value = this.#sign();
    if (value === 0) throw new Unreadable("division by zero");
    return value;
  }

  #sign(): number {
    if (++this.#depth > deepest) throw new Unreadable("the expression is nested too deeply");
    const value = this.#take("-") ? -this.#sign() : this.#take("+") ? this.#sign() : this.#power();
    this.#depth--;
    return value;
  }

  #power(): number {
    const base = this.#atom();
    return this.#take("^") ? base ** this.#sign() : base;
  }

  #atom(): number {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Unreadable("the expression ends too early");
    if (/^[\d.]/.test(token) && token !== ".") return Number(token);
    if (token === "(") return this.#closed(this.#sum());
    const name = token.toLowerCase();
    if (Object.hasOwn(constants, name)) return constants[name] as number;
    const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!call) throw new Unreadable(`${JSON.stringify(token)} is unknown`);
    if (!this.#take("(")) throw new Unreadable(`${name} needs parentheses`);
    const values = [this.#sum()];
    while (this.#take(",")) values.push(this.#sum());
    if (values.length > call.takes) throw new Unreadable(`${name} takes ${call.takes} number`);
    return this.#closed(call.of(...values));
  }

  #closed(value: number): number {
    if (!this.#take(")")) throw new Unreadable("a closing parenthesis is missing");
    return value;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
}
