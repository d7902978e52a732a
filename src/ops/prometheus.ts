export interface Sample {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Of a histogram: what its line adds to the name. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Series of one metric at most; what comes later is counted without labels, so that nobody can fill the memory. */
const maxSeries = 1_000;

/** Something by the values of its labels. */
class Series<One extends object> {
  readonly #labels: readonly string[];
  readonly #most: number;
  readonly #fresh: () => One;
  readonly #all = new Map<string, { readonly values: readonly string[]; readonly one: One }>();

  constructor(labels: readonly string[], most: number, fresh: () => One) {
    this.#labels = labels;
    this.#most = most;
    this.#fresh = fresh;
  }

  of(values: readonly string[]): One {
    const key = values.join("\0");
    const known = this.#all.get(key);
    if (known) return known.one;
    // The rest has its own place past the most, whatever came before it.
    const [place, named] = this.#all.size < this.#most ? [key, values] : ["\0rest", []];
    const rest = this.#all.get(place);
    if (rest) return rest.one;
    const one = this.#fresh();
    this.#all.set(place, { values: named, one });
    return one;
  }

  list(): { readonly labels: Readonly<Record<string, string>>; readonly one: One }[] {
    return [...this.#all.values()].map(({ values, one }) => ({
      labels: Object.fromEntries(this.#labels.map((label, index) => [label, values[index] ?? ""])),
      one,
    }));
  }
}

/** A number that only grows, by labels. */
export class Counter {
  readonly #about: Pick<Sample, "name" | "help" | "type">;
  readonly #series: Series<{ count: number }>;

  constructor(name: string, help: string, labels: readonly string[]) {
    this.#about = { name, help, type: "counter" };
    this.#series = new Series(labels, maxSeries, () => ({ count: 0 }));
  }

  add(values: readonly string[], by = 1): void {
    this.#series.of(values).count += by;
  }

  samples(): Sample[] {
    return this.#series.list().map(({ labels, one }) => ({ ...this.#about, labels, value: one.count }));
  }
}

/** How long things took, by labels: how many took at most so many seconds. */
export class Histogram {
  readonly #about: Pick<Sample, "name" | "help" | "type">;
  readonly #bounds: readonly number[];
  readonly #series: Series<{ readonly counts: number[]; sum: number; count: number }>;

  /** `bounds` in seconds, growing; the last step, without a bound, is added. */
  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    this.#about = { name, help, type: "histogram" };
    this.#bounds = bounds;
    // Each is as many lines as there are bounds.
    this.#series = new Series(labels, Math.floor(maxSeries / bounds.length), () => ({ counts: bounds.map(() => 0), sum: 0, count: 0 }));
  }

  add(values: readonly string[], seconds: number): void {
    const into = this.#series.of(values);
    const step = this.#bounds.findIndex((bound) => seconds <= bound);
    if (step >= 0) into.counts[step] = (into.counts[step] ?? 0) + 1;
    into.sum += seconds;
    into.count += 1;
  }

  samples(): Sample[] {
    return this.#series.list().flatMap(({ labels, one: { counts, sum, count } }) => {
      let upTo = 0;
      const buckets = this.#bounds.map((bound, step): Sample => {
        upTo += counts[step] ?? 0;
        return { ...this.#about, suffix: "_bucket", labels: { ...labels, le: String(bound) }, value: upTo };
      });
      return [
        ...buckets,
        { ...this.#about, suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
        { ...this.#about, suffix: "_sum", labels, value: sum },
        { ...this.#about, suffix: "_count", labels, value: count },
      ];
    });
  }
}

/** The samples of one name stand together, under its help and type. */
export function writeSamples(samples: readonly Sample[]): string {
  let text = "";
  for (const [name, group] of Map.groupBy(samples, (sample) => sample.name)) {
    const [first] = group;
    if (!first) continue;
    text += `# HELP ${name} ${first.help}\n# TYPE ${name} ${first.type}\n`;
    for (const { suffix = "", labels, value } of group) {
      const pairs = Object.entries(labels).map(([label, of]) => `${label}="${escapeLabel(of)}"`);
      text += `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${Number.isNaN(value) ? "NaN" : value}\n`;
    }
  }
  return text;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
