/** What can be put into a sentence. A string is a name, a number, or another's own words: the same in every language. */
export type Said = string | number | Text | Refusal;

/** A `Fault`, as far as it is said. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly said?: Text;
}

/**
 * A sentence in English, and what is put into it: another language says it in its own order. `key` is the English with numbered gaps,
 * ``The account {0} is paused.``, by which `languages/` finds what it says instead.
 */
export class Text {
  readonly key: string;
  readonly values: readonly Said[];

  constructor(key: string, values: readonly Said[] = []) {
    this.key = key;
    this.values = values.map((value) => (isRefusal(value) ? refusalOf(value) : value));
  }

  /** In English. */
  toString(): string {
    return filled(this.key, this.values.map(inEnglish));
  }
}

/** Marks a sentence that an operator reads: say`The account ${id} is paused.` A test holds that every language has it. */
export function say(strings: TemplateStringsArray, ...values: readonly Said[]): Text {
  return new Text(
    strings.reduce((key, string, index) => `${key}{${index - 1}}${string}`),
    values,
  );
}

export function inEnglish(said: Said): string {
  return isRefusal(said) ? said.message : String(said);
}

/** A fault without its cause, which can be anything. */
export function refusalOf({ code, message, said }: Refusal): Refusal {
  return { code, message, ...(said && { said }) };
}

function isRefusal(said: Said): said is Refusal {
  return typeof said === "object" && "message" in said;
}

/** The sentence with its gaps filled. */
export function filled(sentence: string, values: readonly string[]): string {
  return sentence.replaceAll(/\{(\d+)\}/g, (gap, index) => values[Number(index)] ?? gap);
}
