import { actorName } from "../../access/actor.ts";
import { type DeadFilter, type DeadPlace, type DeadState, type DeadVerdict, deadStates, settleAllDead } from "../../core/dead.ts";
import { fail, ok } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import { say } from "../../core/say.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { present, showDeadLetter, showEntry } from "../views.ts";

type Names = "deadLetters" | "deadLetter" | "retryDead" | "discardDead";

export function deadOperations({ store, gateway, clock }: HttpDoor): Operations<Names> {
  const { records } = store;
  const settle = (verdict: DeadVerdict): Operations<"retryDead">["retryDead"] => {
    return async ({ actor, body }) => {
      const who = { tenant: actor.tenant, by: actorName(actor), at: clock.now() };
      const settled =
        "ids" in body
          ? (await store.settleDead(who.tenant, { ids: [...new Set(body.ids)] }, verdict, who.by, who.at)).length
          : await settleAllDead(store, who, filterOf(body.all), verdict);
      if (settled > 0) gateway.wake();
      return ok({ settled });
    };
  };

  return {
    deadLetters: async ({ actor, query, speak }) => {
      const states = query.state?.split(",").filter(Boolean);
      const wrong = states?.find((state) => !(deadStates as readonly string[]).includes(state));
      if (wrong !== undefined) return fail("request-invalid", say`query.state: there is no state ${JSON.stringify(wrong)}`);
      const { account, code, limit } = query;
      const after = query.after === undefined ? undefined : placeOf(query.after);
      const filter = present({ states: states as DeadState[] | undefined, account: account as AccountId | undefined, code });
      const letters = await records.deadLetters(actor.tenant, { ...filter, ...present({ after }), limit });
      return ok(letters.map(({ place, ...letter }) => ({ ...showDeadLetter(letter, speak), cursor: `${place.delivery}.${place.event}` })));
    },
    deadLetter: async ({ actor, params, speak }) => {
      const letter = await records.deadLetter(actor.tenant, params.id);
      if (!letter) return fail("not-found", "nothing that was given up has this id");
      const entries = (await records.trace(actor.tenant, letter.trace))?.entries ?? [];
      return ok({ letter: showDeadLetter(letter, speak), entries: entries.filter((entry) => isOf(entry, letter.id)).map(showEntry) });
    },
    retryDead: settle("retry"),
    discardDead: settle("discard"),
  };
}

function placeOf(cursor: string): DeadPlace {
  const [delivery, event] = cursor.split(".").map(Number) as [number, number];
  return { delivery, event };
}

function filterOf({
  states,
  account,
  code,
}: {
  states?: DeadState[] | undefined;
  account?: string | undefined;
  code?: string | undefined;
}): DeadFilter {
  return present({ states, account: account as AccountId | undefined, code });
}

/** An event's story is the whole trace, up to its deliveries; a delivery's are the entries that name it. */
function isOf({ detail, trace }: LedgerEntry, id: string): boolean {
  return trace === id || detail?.delivery === id;
}
