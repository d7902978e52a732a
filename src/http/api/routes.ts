import { roleAllows, roleText } from "../../access/roles.ts";
import { quotesMachine } from "../../config/unsaved.ts";
import { fail, ok } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import { say } from "../../core/say.ts";
import type { Json } from "../../core/terms.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { refuseReference } from "./account-settings.ts";

export function routeOperations({ config, tryRoutes }: Pick<HttpDoor, "config" | "tryRoutes">): Operations<"tryRoutes"> {
  return {
    tryRoutes: async ({ actor, body: { text, routes, ...where } }) => {
      // What can be saved can be tried, by whom it can be saved, and nothing else.
      if (routes && !roleAllows(actor.role, "admin"))
        return fail("role-too-low", say`routes: this needs the role admin; yours is ${roleText(actor.role)}`);
      if (routes && quotesMachine(routes)) return refuseReference("routes");
      const draft = routes ? await config.draft(new Map([["routes", routes as Json]])) : ok(config.current());
      if (!draft.ok) return draft;
      const account = draft.value.accounts.get(where.account as AccountId);
      if (!account) return fail("account-unknown", say`there is no account ${JSON.stringify(where.account)}`);
      const { missed, ...found } = tryRoutes(text, { ...where, channel: account.channel }, draft.value);
      return ok({ ...found, missed: missed.map((names) => [...names]) });
    },
  };
}
