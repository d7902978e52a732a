import type { Command } from "commander";
import type { MessageId } from "../../core/ids.ts";
import type { Touch } from "../../core/touch.ts";
import type { CommandDoor } from "../door.ts";
import { actor, tenant, working } from "../open.ts";
import { done, type Outcome, refused } from "../outcome.ts";
import type { Run } from "../run.ts";

export function messagesCommand(program: Command, run: Run): void {
  const messages = program.command("messages").description("what is done to messages that are on the platform already");
  messages
    .command("react")
    .description("put the account's reaction on a message, or take it away")
    .argument("<id>", "the message (ms_…), as `trace` shows it")
    .argument("[emoji]", "one emoji that the platform allows; without it the reaction is taken away")
    .action((id: string, emoji?: string) => run((door) => touch(door, id, { kind: "react", ...(emoji && { reaction: emoji }) })));
  messages
    .command("take-back")
    .description("delete a message that was sent from here: on the platform, and from what agents know of the conversation")
    .argument("<id>", "the message (ms_…), as `trace` shows it")
    .action((id: string) => run((door) => touch(door, id, { kind: "take-back" })));
}

async function touch(door: CommandDoor, id: string, touch: Touch): Promise<Outcome> {
  return working(door, async ({ store, loaded }) => {
    const result = await door.touch(store, loaded.configuration, { tenant, message: id as MessageId, touch, by: actor });
    if (!result.ok) return refused(result.fault);
    const { lost } = result.value;
    if (touch.kind === "react")
      return done({ message: id }, touch.reaction ? `${id} has the reaction ${touch.reaction}.` : `${id} has no reaction of ours.`);
    const left = lost > 0 ? ` Of ${lost} of its pieces nobody knows whether they arrived: look on the platform.` : "";
    return done({ message: id, lost }, `${id} is taken back.${left}`);
  });
}
