import type { Command } from "commander";
import { isReplyName, replyLimits, replyNameHint, replyVariables, unknownVariables } from "../../core/canned-reply.ts";
import { escapeControls } from "../../ops/controls.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, tenant, working } from "../open.ts";
import { done, type Outcome, refuse, refused, table } from "../outcome.ts";
import type { Run } from "../run.ts";

export function repliesCommand(program: Command, run: Run): void {
  const replies = program.command("replies").description("canned replies: answers that operators write often");
  replies
    .command("list")
    .description("all of them, by name")
    .action(() => run(list));
  replies
    .command("add")
    .description(`add one, or replace the one of that name; variables: ${replyVariables.map((name) => `{{${name}}}`).join(", ")}`)
    .argument("<name>", "by which operators find it")
    .argument("<text>", "plain text")
    .action((name: string, text: string) => run((door) => add(door, name, text)));
  replies
    .command("remove")
    .description("take one away")
    .argument("<name>", "as `replies list` shows it")
    .action((name: string) => run((door) => remove(door, name)));
}

async function list(door: CommandDoor): Promise<Outcome> {
  return looking(door, async ({ store, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const replies = (await store?.records.cannedReplies(tenant)) ?? [];
    if (replies.length === 0) return done([], "There are no canned replies.");
    const rows = replies.map(({ name, text }) => [escapeControls(name), escapeControls(text.replaceAll("\n", " "))]);
    return done(
      replies.map((reply) => ({ ...reply })),
      table(rows),
    );
  });
}

async function add(door: CommandDoor, name: string, text: string): Promise<Outcome> {
  const trimmed = text.trim();
  if (!isReplyName(name)) return refuse("usage", `\`${escapeControls(name)}\` is no name.`, replyNameHint);
  if (trimmed === "" || trimmed.length > replyLimits.text)
    return refuse("usage", `The text has 1 to ${replyLimits.text} characters.`, "Put it in quotation marks.");
  return working(door, async ({ store }) => {
    const put = await store.records.putCannedReply(tenant, { name, text: trimmed }, actor, door.clock.now());
    if (!put.ok) return refused(put.fault);
    const unknown = unknownVariables(trimmed);
    const note = unknown.length > 0 ? ` Nothing stands for ${unknown.join(", ")}: operators fill that in.` : "";
    return done({ ...put.value, unknown: [...unknown] }, `${name} is there for operators.${note}`);
  });
}

async function remove(door: CommandDoor, name: string): Promise<Outcome> {
  return working(door, async ({ store }) => {
    if (await store.records.removeCannedReply(tenant, name, actor, door.clock.now()))
      return done({ name }, `${escapeControls(name)} is gone.`);
    return refuse("not-found", `There is no canned reply ${escapeControls(name)}.`, "`polylogue replies list` shows those there are.");
  });
}
