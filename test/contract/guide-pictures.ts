import { z } from "zod";
import type { Channel } from "../../src/core/channel.ts";
import type { PictureRow } from "../../src/core/guide-picture.ts";

const longest = { rows: 6, title: 48, label: 72, value: 48 };

/** What is wrong with a channel's pictures: they are small, point at one thing, and say what their step says. */
export function pictureViolations({ guide, pictures = [], settings }: Pick<Channel, "guide" | "pictures" | "settings">): string[] {
  const steps = stepsOf(guide);
  const keys = Object.keys(z.toJSONSchema(settings, { io: "input", unrepresentable: "any" }).properties ?? {});
  const found: string[] = [];
  let last = 0;
  for (const { step, title, rows } of pictures) {
    const complain = (what: string) => found.push(`step ${step}, ${title}: ${what}`);
    const text = steps[step - 1];
    if (text === undefined) complain("the guide has no such step");
    if (step < last) complain("stands behind a later step");
    last = step;
    if (pictures.filter((other) => other.step === step && other.title === title).length > 1)
      complain("another one of the step has its title");
    if (!title.trim() || title.length > longest.title) complain("its title is empty or long");
    if (rows.length === 0 || rows.length > longest.rows) complain(`has ${rows.length} rows`);
    if (new Set(rows.map(({ kind, label }) => `${kind} ${label}`)).size < rows.length) complain("two rows are alike");
    if (rows.filter(({ marked }) => marked).length > 1) complain("marks more than one row");
    for (const row of rows) for (const what of rowViolations(row, keys, text ?? "")) complain(`${row.label}: ${what}`);
  }
  return found;
}

function* rowViolations({ kind, label, value, on, marked, into }: PictureRow, keys: readonly string[], text: string): Generator<string> {
  if (!label.trim() || label.length > longest.label) yield "its label is empty or long";
  if (kind === "field" && value === undefined) yield "a field without a value";
  if (value !== undefined && kind !== "field" && kind !== "received") yield `a ${kind} has no value`;
  if (value !== undefined && (!value.trim() || value.length > longest.value)) yield "its value is empty or long";
  if (on && kind !== "switch" && kind !== "tick") yield `a ${kind} can't be on`;
  if (into !== undefined && !keys.includes(into)) yield `there is no setting ${into}`;
  if (marked && ![label, value].some((words) => words && text.includes(words.toLowerCase())))
    yield "is marked, and its step doesn't name it";
}

/** The steps of a guide, without marks and line breaks, in lower case. */
function stepsOf(guide: string): string[] {
  const steps = guide.split(/^\d+\. /m).slice(1);
  return steps.map((step) => step.replace(/[*`]/g, "").replace(/\s+/g, " ").toLowerCase());
}
