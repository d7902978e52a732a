import { fail, ok } from "../../core/errors.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { present, showActor } from "../views.ts";

type Names =
  | "status"
  | "setup"
  | "login"
  | "logout"
  | "me"
  | "changePassword"
  | "tokens"
  | "makeToken"
  | "revokeToken"
  | "audit"
  | "verifyAudit";

export function accessOperations({ access, store, version }: HttpDoor): Operations<Names> {
  return {
    status: async () => ok({ version, needsSetup: await access.needsSetup() }),
    setup: async ({ body, origin, setLogin }) => {
      const made = await access.setup(body, origin);
      if (!made.ok) return made;
      setLogin(made.value.secret);
      return ok(showActor(made.value.actor));
    },
    login: async ({ body, origin, setLogin }) => {
      if (await access.needsSetup()) return fail("setup-required", "there is no owner yet");
      const made = await access.login(body, origin);
      if (!made.ok) return made;
      setLogin(made.value.secret);
      return ok(showActor(made.value.actor));
    },
    logout: async ({ actor, setLogin }) => {
      await access.logout(actor);
      if (actor.via === "login") setLogin(undefined);
      return ok({ ok: true });
    },
    me: ({ actor }) => ok(showActor(actor)),
    changePassword: async ({ actor, body, origin, setLogin }) => {
      const made = await access.changePassword(actor, body, origin);
      if (!made.ok) return made;
      setLogin(made.value.secret);
      return ok(showActor(made.value.actor));
    },
    tokens: async ({ actor }) => ok(await access.tokens.list(actor)),
    makeToken: ({ actor, body }) => access.tokens.make(actor, body),
    revokeToken: async ({ actor, params }) => {
      const revoked = await access.tokens.revoke(actor, params.id);
      return revoked.ok ? ok({ ok: true }) : revoked;
    },
    audit: async ({ actor, query }) => {
      const { limit, before } = query;
      const entries = await store.records.auditLog(actor.tenant, { limit, ...present({ before }) });
      return ok(
        entries.map(({ n, at, actor, action, subject, detail, hash }) => ({ n, at, actor, action, subject, hash, ...present({ detail }) })),
      );
    },
    verifyAudit: async ({ actor }) => ok(await store.records.verifyAudit(actor.tenant)),
  };
}
