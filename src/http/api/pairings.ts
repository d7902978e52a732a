import { actorName } from "../../access/actor.ts";
import { fail, ok } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import type { Pairing, PairingVerdict } from "../../core/pairing.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { present } from "../views.ts";

type Names = "pairings" | "approvePairing" | "denyPairing";

export function pairingOperations({ store, gateway, notices, clock }: HttpDoor): Operations<Names> {
  const settle = (verdict: PairingVerdict): Operations<"approvePairing">["approvePairing"] => {
    return async ({ actor, body }) => {
      if (!("code" in body) && !gateway.accounts.get(body.account)) return fail("account-unknown", "there is no account with this id");
      const choice = "code" in body ? body : { account: body.account as AccountId, sender: body.sender };
      const settled = await store.records.settlePairing(actor.tenant, choice, verdict, actorName(actor), clock.now());
      if (settled) notices.soon();
      return settled ? ok(showPairing(settled)) : fail("not-found", "no such code is valid now");
    };
  };
  return {
    pairings: async ({ actor }) => ok((await store.records.pairings(actor.tenant, clock.now())).map(showPairing)),
    approvePairing: settle("approved"),
    denyPairing: settle("denied"),
  };
}

function showPairing({ account, sender, name, handle, state, code, askedAt, expiresAt, by, decidedAt }: Pairing) {
  const asked = state === "asked" ? { code, expiresAt } : {};
  return { account, sender, state, askedAt, ...asked, ...present({ name, handle, by, decidedAt }) };
}
