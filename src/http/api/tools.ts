import { actorName } from "../../access/actor.ts";
import { fail, ok } from "../../core/errors.ts";
import type { ServerTool } from "../../core/tool.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";

type Names = "tools" | "acceptTool";

export function toolOperations({ store, gateway, serverTools, clock }: HttpDoor): Operations<Names> {
  return {
    tools: () => ok(serverTools().map(showTool)),
    acceptTool: async ({ actor, body: { name, digest } }) => {
      const tool = serverTools().find((one) => one.name === name);
      if (!tool) return fail("not-found", "no MCP server that is connected has this tool");
      if (tool.digest !== digest) return fail("version-conflict", "the tool says something else by now");
      const slash = name.indexOf("/");
      const [server, own] = [name.slice(0, slash), name.slice(slash + 1)];
      await store.records.acceptTools(actor.tenant, server, new Map([[own, digest]]), actorName(actor), clock.now());
      gateway.wake();
      return ok(showTool({ ...tool, state: "accepted" }));
    },
  };
}

function showTool({ name, tool: { description, parameters = {} }, digest, state }: ServerTool) {
  return { name, description, parameters, digest, state };
}
