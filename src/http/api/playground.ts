import { roleAllows, roleText } from "../../access/roles.ts";
import { quotesMachine } from "../../config/unsaved.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { AgentId } from "../../core/ids.ts";
import type { Role } from "../../core/records.ts";
import type { Agent } from "../../core/route.ts";
import { say } from "../../core/say.ts";
import type { Json } from "../../core/terms.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import type { Trials } from "../playground.ts";
import { refuseReference } from "./account-settings.ts";

export function playgroundOperations({ config, gateway }: HttpDoor, trials: Trials): Operations<"play" | "allowTool"> {
  return {
    play: async ({ actor, body: { agent: id, draft, said, channel }, speak, left }) => {
      if (gateway.draining) return fail("draining", "the gateway is stopping");
      const agent = await draftedAgent(config, actor.role, id, draft);
      return agent.ok ? trials.open(actor, { agent: agent.value, said, channel }, speak, left()) : agent;
    },
    allowTool: ({ actor, body: { question, allow } }) => trials.answer(actor, question, allow),
  };
}

/** The agent as it would be with these settings. What can be saved can be tried, by whom it can be saved, and nothing else. */
export async function draftedAgent(
  config: HttpDoor["config"],
  role: Role,
  id: string,
  draft: { readonly [path: string]: unknown } = {},
): Promise<Result<Agent>> {
  const changes = new Map(Object.entries(draft).map(([path, value]) => [`agents.${id}.${path}`, value as Json]));
  if (changes.size > 0 && !roleAllows(role, "admin"))
    return fail("role-too-low", say`draft: this needs the role admin; yours is ${roleText(role)}`);
  const quoting = Object.entries(draft).find(([, value]) => quotesMachine(value));
  if (quoting) return refuseReference(`draft.${quoting[0]}`);
  if (!config.current().agents.has(id as AgentId)) return fail("not-found", "there is no agent of this name");
  const tried = changes.size > 0 ? await config.draft(changes) : ok(config.current());
  if (!tried.ok) return tried;
  const agent = tried.value.agents.get(id as AgentId);
  return agent ? ok(agent) : fail("not-found", "there is no agent of this name");
}
