export interface Sample {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Series of one counter at most; what comes later is counted without labels, so that nobody can fill the memory. */
const maxSeries = 1_000;

/** A number that only grows, by labels. */
export class Counter {
  readonly #about: Omit<Sample, "labels" | "value">;
  readonly #labels: readonly string[];
  readonly #series = new Map<string, { readonly values: readonly string[]; count: number }>();

  constructor(name: string, help: string, labels: readonly string[]) {
    this.#about = { name, help, type: "counter" };
    this.#labels = labels;
  }

  add(values: readonly string[]): void {
    const key = values.join("\0");
    const known = this.#series.get(key);
    if (known) known.count++;
    else if (this.#series.size < maxSeries) this.#series.set(key, { values, count: 1 });
    else {
      const rest = this.#series.get("") ?? { values: [], count: 0 };
      rest.count++;
      this.#series.set("", rest);
    }
  }

  samples(): Sample[] {
    return [...this.#series.values()].map(({ values, count }) => ({
      ...this.#about,
      labels: Object.fromEntries(this.#labels.map((label, index) => [label, values[index] ?? ""])),
      value: count,
    }));
  }
}

/** The samples of one name stand together, under its help and type. */
export function writeSamples(samples: readonly Sample[]): string {
  let text = "";
  for (const [name, group] of Map.groupBy(samples, (sample) => sample.name)) {
    const [first] = group;
    if (!first) continue;
    text += `# HELP ${name} ${first.help}\n# TYPE ${name} ${first.type}\n`;
    for (const { labels, value } of group) {
      const pairs = Object.entries(labels).map(([label, of]) => `${label}="${escapeLabel(of)}"`);
      text += `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${Number.isNaN(value) ? "NaN" : value}\n`;
    }
  }
  return text;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
