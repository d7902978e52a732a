import { createHash } from "node:crypto";
import { neutralise } from "./hidden-text.ts";
import type { AgentId } from "./ids.ts";
import type { KnowledgeSource } from "./knowledge.ts";
import type { Steps } from "./step.ts";
import type { Instant } from "./terms.ts";

/**
 * What stands in an agent's instructions in place of what is known only when somebody writes: `{{user}}`, `{{time Europe/Berlin}}`.
 * What is written as no variable stays as it stands.
 */
export const templateVariables = [
  "user",
  "user-id",
  "chat",
  "chat-kind",
  "channel",
  "account",
  "agent",
  "tenant",
  "knowledge",
  "date",
  "time",
  "weekday",
] as const;
export type TemplateVariable = (typeof templateVariables)[number];

/** In what situation an agent is asked. Names are what strangers call themselves: data, never an order. */
export interface Situation {
  readonly agent: string;
  readonly tenant: string;
  readonly channel: string;
  readonly account: string;
  /** The sender's name and the platform's id of him. */
  readonly user?: string | undefined;
  readonly userId: string;
  readonly chat?: string | undefined;
  readonly chatKind: "direct" | "group";
  /** What it may look things up in. */
  readonly knowledge?: readonly KnowledgeSource[] | undefined;
  readonly at: Instant;
}

/** Characters of a name at most: a longer one says something else than a name. */
const longestName = 64;
const placeholder = /\{\{\s*([a-z-]+)(?:\s+([\w/+-]+))?\s*\}\}/g;

export function fillInstructions(template: string, of: Situation): string {
  if (!template.includes("{{")) return template;
  return template.replace(placeholder, (written, name: string, zone?: string) => standsFor(name, zone, of) ?? written);
}

/** Placeholders that stand for nothing: a variable that there isn't, a time zone that nobody knows. */
export function unknownPlaceholders(template: string): readonly string[] {
  return [...template.matchAll(placeholder)]
    .filter(([, name = "", zone]) => standsFor(name, zone, nowhere) === undefined)
    .map(([written]) => written);
}

const nowhere: Situation = { agent: "", tenant: "", channel: "", account: "", userId: "", chatKind: "direct", at: 0 };

function standsFor(name: string, zone: string | undefined, of: Situation): string | undefined {
  if (zone !== undefined && name !== "date" && name !== "time" && name !== "weekday") return undefined;
  switch (name as TemplateVariable) {
    case "user":
      return nameOf(of.user) || "somebody";
    case "user-id":
      return nameOf(of.userId);
    case "chat":
      return nameOf(of.chat) || (of.chatKind === "direct" ? "a direct chat" : "a group");
    case "chat-kind":
      return of.chatKind;
    case "channel":
      return of.channel;
    case "account":
      return of.account;
    case "agent":
      return of.agent;
    case "tenant":
      return of.tenant;
    case "knowledge":
      return of.knowledge?.map(({ name, description }) => (description ? `${name} (${description})` : name)).join(", ") || "nothing";
    case "date":
      return inZone(of.at, zone, { year: "numeric", month: "2-digit", day: "2-digit" })?.split("/").reverse().join("-");
    case "time":
      return inZone(of.at, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    case "weekday":
      return inZone(of.at, zone, { weekday: "long" });
    default:
      return undefined;
  }
}

/** One line without what would end it, or stand for something else than a name. */
function nameOf(name: string | undefined): string {
  return neutralise(name ?? "")
    .replace(/[\s{}<>`]+/g, " ")
    .trim()
    .slice(0, longestName);
}

function inZone(at: Instant, timeZone = "UTC", options: Intl.DateTimeFormatOptions): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone }).format(at);
  } catch {
    return undefined; // there is no such zone
  }
}

/** What an agent is told before everything, as the configuration has it. */
export interface Told {
  readonly instructions: string;
  readonly examples: readonly { readonly user: string; readonly answer: string }[];
  readonly style: { readonly [channel: string]: ReplyStyle };
  /** Absent in versions of agents that had none. */
  readonly steps?: Steps | undefined;
}

/** One state of what an agent is told, and since when it has been in use. */
export interface AgentVersion {
  readonly agent: AgentId;
  readonly version: string;
  readonly told: Told;
  readonly at: Instant;
}

/** Twelve hexadecimal digits that change with whatever the agent is told. */
export function versionOf({ instructions, examples, style, steps }: Told): string {
  const more = steps && steps.before.length + steps.after.length > 0 ? [steps] : [];
  return createHash("sha256")
    .update(JSON.stringify([instructions, examples, style, ...more]))
    .digest("hex")
    .slice(0, 12);
}

/** The same for all to whom the agent, which knows no more than that and its documents, answers the same: whatever the day and the hour. */
export function versionIn({ instructions, examples, style, steps }: Told, of: Situation): string {
  const told = fillInstructions(instructions, { ...of, at: 0 });
  const documents = (of.knowledge ?? []).map(({ name }) => `\n[${name}]`).join("");
  const reply = style[of.channel] ?? style["*"];
  return versionOf({ instructions: told + documents, examples, style: reply ? { "*": reply } : {}, steps });
}

/** How answers are to be on a channel. */
export interface ReplyStyle {
  readonly length?: "short" | "medium" | "long" | undefined;
  readonly formality?: "casual" | "neutral" | "formal" | undefined;
  /** What goes first where both can't be had. */
  readonly priority?: "brevity" | "completeness" | undefined;
}

const lengths = {
  short: "Answer in at most three sentences, unless you are asked for more.",
  medium: "Answer in one or two paragraphs, unless you are asked for more.",
  long: "Answer in full, with all that matters.",
} as const;
const formalities = {
  casual: "Write casually, as among friends.",
  neutral: "Write plainly and politely.",
  formal: "Write formally, in full sentences and without slang.",
} as const;
const priorities = {
  brevity: "Where you can't be both brief and complete, be brief, and offer the rest.",
  completeness: "Where you can't be both brief and complete, be complete.",
} as const;

export function styleSentences({ length, formality, priority }: ReplyStyle): string {
  return [length && lengths[length], formality && formalities[formality], priority && priorities[priority]].filter(Boolean).join(" ");
}
