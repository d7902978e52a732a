import { fail, ok, type Result } from "../../core/errors.ts";
import type { OperatorId } from "../../core/ids.ts";
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
  | "operators"
  | "setRole"
  | "removeOperator"
  | "makeResetLink"
  | "resetPassword"
  | "invitations"
  | "invite"
  | "takeBackInvitation"
  | "join"
  | "logins"
  | "endLogin"
  | "audit"
  | "verifyAudit";

export function accessOperations({ access, store, version }: HttpDoor): Operations<Names> {
  const { operators } = access;
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
    revokeToken: async ({ actor, params }) => done(await access.tokens.revoke(actor, params.id)),
    operators: async ({ actor }) => ok(await operators.list(actor)),
    setRole: ({ actor, params, body }) => operators.setRole(actor, params.id, body.role),
    removeOperator: async ({ actor, params }) => done(await operators.remove(actor, params.id)),
    makeResetLink: ({ actor, params }) => operators.resetLink(actor, params.id),
    resetPassword: async ({ body, origin, setLogin }) => {
      const made = await access.resetPassword(body, origin);
      if (!made.ok) return made;
      setLogin(made.value.secret);
      return ok(showActor(made.value.actor));
    },
    invitations: async ({ actor }) => ok(await operators.invitations(actor)),
    invite: ({ actor, body }) => operators.invite(actor, body),
    takeBackInvitation: async ({ actor, params }) => done(await operators.takeBackInvitation(actor, params.id)),
    join: async ({ body, origin, setLogin }) => {
      const made = await access.join(body, origin);
      if (!made.ok) return made;
      setLogin(made.value.secret);
      return ok(showActor(made.value.actor));
    },
    logins: async ({ actor }) => ok(await operators.logins(actor)),
    endLogin: async ({ actor, params }) => done(await operators.endLogin(actor, params.id)),
    audit: async ({ actor, query }) => {
      const { limit, ...filter } = query;
      const entries = await store.records.auditLog(actor.tenant, { limit, ...present(filter) });
      const names = await store.records.operatorNames(actor.tenant);
      return ok(
        entries.map(({ n, at, actor, action, subject, detail, hash }) => {
          return { n, at, actor, action, subject, hash, ...present({ detail, name: names.get(actor as OperatorId) }) };
        }),
      );
    },
    verifyAudit: async ({ actor }) => ok(await store.records.verifyAudit(actor.tenant)),
  };
}

function done(result: Result<undefined>): Result<{ ok: true }> {
  return result.ok ? ok({ ok: true }) : result;
}
