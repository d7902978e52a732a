import { fail, ok } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";

export function routeOperations({ config, tryRoutes }: Pick<HttpDoor, "config" | "tryRoutes">): Operations<"tryRoutes"> {
  return {
    tryRoutes: ({ body: { text, ...where } }) => {
      const account = config.current().accounts.get(where.account as AccountId);
      if (!account) return fail("account-unknown", `there is no account ${JSON.stringify(where.account)}`);
      const { missed, ...found } = tryRoutes(text, { ...where, channel: account.channel });
      return ok({ ...found, missed: missed.map((names) => [...names]) });
    },
  };
}
