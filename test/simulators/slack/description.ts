import { existsSync, readFileSync } from "node:fs";

const path = new URL("../../../../shared/specs/slack.json", import.meta.url);
const eventsPath = new URL("../../../../shared/specs/slack-events.json", import.meta.url);

/** Why `readSpec` gives nothing, for `skip`. */
export const specMissing =
  existsSync(path) && existsSync(eventsPath) ? undefined : `the published description of Slack's Web API is not at ${path.pathname}`;

interface Parameter {
  readonly name: string;
  readonly required?: boolean;
  readonly type?: string;
}

/** The published description: https://github.com/slackapi/slack-api-specs (2021). */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: readonly Parameter[] }>>>>;
}

export function readSpec(): Description | undefined {
  return specMissing ? undefined : (JSON.parse(readFileSync(path, "utf8")) as Description);
}

/** The fields that the wrapper of every event must have, by the published description of the Events API. */
export function readEventFields(): readonly string[] | undefined {
  if (specMissing) return undefined;
  const spec = JSON.parse(readFileSync(eventsPath, "utf8")) as {
    components: { schemas: { GenericEventWrapper: { required: readonly string[] } } };
  };
  return spec.components.schemas.GenericEventWrapper.required;
}

const text = (name: string, required = false): Parameter => ({ name, required, type: "string" });

/** Methods that are newer than the description, from their pages under https://docs.slack.dev/reference/methods/ */
const newer: Readonly<Record<string, readonly Parameter[]>> = {
  "apps.connections.open": [],
  "files.getUploadURLExternal": [
    text("filename", true),
    { name: "length", required: true, type: "integer" },
    text("alt_txt"),
    text("snippet_type"),
  ],
  "files.completeUploadExternal": [
    text("files", true),
    ...["channel_id", "thread_ts", "channels", "initial_comment", "blocks"].map((name) => text(name)),
  ],
  "assistant.threads.setStatus": [text("channel_id", true), text("thread_ts", true), text("status", true), text("loading_messages")],
};

/** What we call, for where the description is absent. */
const builtIn: Readonly<Record<string, readonly Parameter[]>> = {
  "auth.test": [],
  "chat.postMessage": ["channel", "text", "blocks", "thread_ts", "unfurl_links", "unfurl_media"].map((name) =>
    text(name, name === "channel"),
  ),
  "chat.update": ["channel", "ts", "text", "blocks"].map((name) => text(name, name === "channel" || name === "ts")),
  "chat.delete": ["channel", "ts"].map((name) => text(name)),
  "reactions.add": ["channel", "name", "timestamp"].map((name) => text(name, true)),
  "reactions.remove": ["channel", "name", "timestamp"].map((name) => text(name, name === "name")),
  "reactions.get": ["channel", "timestamp", "full"].map((name) => text(name)),
  "files.info": [text("file")],
  "files.delete": [text("file")],
};

/** What a call breaks of the description; nothing when it may be made so. */
export function violation(spec: Description | undefined, method: string, fields: Readonly<Record<string, string>>): string | undefined {
  const described = newer[method] ?? (spec ? Object.values(spec.paths[`/${method}`] ?? {})[0]?.parameters : builtIn[method]);
  if (!described) return `${method}: no such method`;
  for (const { name, required } of described) {
    if (required && name !== "token" && !fields[name]) return `${method}: ${name} is missing`;
  }
  for (const [name, value] of Object.entries(fields)) {
    const parameter = described.find((one) => one.name === name);
    if (name === "token" || !parameter) return `${method}: no parameter ${name}`;
    if (parameter.type === "boolean" && !/^(true|false|0|1)$/.test(value)) return `${method}: ${name} is no boolean: ${value}`;
    if (parameter.type === "integer" && !/^\d+$/.test(value)) return `${method}: ${name} is no integer: ${value}`;
    if (parameter.type === "number" && !/^\d+(\.\d+)?$/.test(value)) return `${method}: ${name} is no number: ${value}`;
  }
  return undefined;
}

interface Block {
  readonly type?: string;
  readonly text?: { readonly type?: string; readonly text?: string; readonly verbatim?: boolean; readonly emoji?: boolean };
  readonly elements?: readonly Element[];
}

export interface Element {
  readonly type?: string;
  readonly action_id?: string;
  readonly value?: string;
  readonly url?: string;
  readonly text?: { readonly type?: string; readonly text?: string };
}

/** https://docs.slack.dev/reference/block-kit/blocks: what makes Slack answer `invalid_blocks`. */
export function blocksProblem(blocks: unknown): string | undefined {
  if (!Array.isArray(blocks)) return "no list of blocks";
  if (blocks.length > 50) return "more than 50 blocks";
  const ids = new Set<string>();
  for (const block of blocks as readonly Block[]) {
    if (block.type === "section") {
      const { type, text: words = "" } = block.text ?? {};
      if (type !== "mrkdwn" && type !== "plain_text") return "a section without a text object";
      if (words.length < 1 || words.length > 3_000) return `a section's text of ${words.length} characters`;
      if (type === "plain_text" && block.text?.verbatim !== undefined) return "verbatim belongs to mrkdwn";
      if (type === "mrkdwn" && block.text?.emoji !== undefined) return "emoji belongs to plain_text";
    } else if (block.type === "actions") {
      const { elements = [] } = block;
      if (elements.length < 1 || elements.length > 25) return `${elements.length} elements in an actions block`;
      for (const { type, action_id: id = "", value = "", url, text: label } of elements) {
        if (type !== "button" || label?.type !== "plain_text" || !label.text || label.text.length > 75)
          return "a button without a label that fits";
        if (!id || id.length > 255 || ids.has(id)) return "an action_id that is missing, too long or there twice";
        if (value.length > 2_000 || (url !== undefined && (url.length > 3_000 || !URL.canParse(url)))) return "a button's value or url";
        ids.add(id);
      }
    } else return `a block of type ${block.type}`;
  }
  return undefined;
}

/** What a reader of the blocks sees of their words. */
export function wordsOf(blocks: unknown, text: string): string {
  const [first] = (Array.isArray(blocks) ? blocks : []) as readonly Block[];
  if (first?.type !== "section") return shown(text);
  return first.text?.type === "plain_text" ? (first.text.text ?? "") : shown(first.text?.text ?? "");
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping; marks stay as they are. */
function shown(mrkdwn: string): string {
  return mrkdwn
    .replace(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_, target: string, label?: string) => label ?? target)
    .replace(/&(lt|gt|amp);/g, (_, name: "lt" | "gt" | "amp") => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

export function buttonsOf(blocks: unknown): readonly Element[] {
  return ((Array.isArray(blocks) ? blocks : []) as readonly Block[]).flatMap(({ type, elements }) =>
    type === "actions" ? (elements ?? []) : [],
  );
}
