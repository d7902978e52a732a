/** A route's `when`, as it is written in the configuration. All of it must hold. */
export interface When {
  readonly [condition: string]: unknown;
}

export interface TimeCondition {
  readonly days?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
}

/** What there is, the frequent ones first. */
export const conditionNames = ["channel", "account", "kind", "text", "language", "time", "chat", "sender", "tenant"] as const;
export type ConditionName = (typeof conditionNames)[number];

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export function isKnown(name: string): name is ConditionName {
  return (conditionNames as readonly string[]).includes(name);
}

/** Those of which there may be several: one of them must be it. */
export function isList(name: string): boolean {
  return name === "chat" || name === "sender" || name === "language";
}

/** Whether the form has a field for what is written there; what it hasn't stays as it is, and is changed as JSON. */
export function hasField(name: string, value: unknown): boolean {
  if (!isKnown(name)) return false;
  if (name === "time") return isTime(value);
  if (!isList(name)) return typeof value === "string";
  // An id with a comma or a blank in it would be read as two.
  const items: readonly unknown[] = [value].flat();
  return isTexts(items) && !items.some((item) => /[\s,]/.test(item));
}

/** Where a new condition begins. */
export function freshCondition(name: ConditionName): unknown {
  if (name === "kind") return "direct";
  return name === "time" ? { zone: Intl.DateTimeFormat().resolvedOptions().timeZone } : "";
}

/** One word as it is, several as a list: as people write it. */
export function readList(typed: string): string | readonly string[] {
  const items = typed.split(/[\s,]+/).filter(Boolean);
  return items.length > 1 ? items : (items[0] ?? "");
}

export function showList(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** What is wrong with it, as far as it can be told here; the gateway knows the rest. */
export function wrongIn(name: string, value: unknown): "empty" | "language" | "zone" | "never" | undefined {
  if (name === "time") {
    const { zone = "UTC", from = "00:00", to = "24:00" } = value as TimeCondition;
    if (!isZone(zone)) return "zone";
    return from === to ? "never" : undefined;
  }
  if (value === "" || (Array.isArray(value) && value.length === 0)) return "empty";
  const codes = name === "language" ? [value].flat() : [];
  return codes.every((code) => /^[a-z]{2}$/.test(String(code))) ? undefined : "language";
}

/** Conditions as JSON text; nothing where it is none. */
export function readWhen(text: string): When | undefined {
  if (!text.trim()) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? (value as When) : undefined;
  } catch {
    return undefined;
  }
}

export function showWhen(when: When): string {
  return Object.keys(when).length === 0 ? "" : JSON.stringify(when, undefined, 2);
}

function isTime(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { days, ...texts } = value as { readonly [key: string]: unknown };
  const isDays = days === undefined || (isTexts(days) && days.every((day) => (weekdays as readonly string[]).includes(day)));
  return isDays && Object.entries(texts).every(([key, text]) => ["from", "to", "zone"].includes(key) && typeof text === "string");
}

function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
