import { actorName } from "../../access/actor.ts";
import { fail, ok } from "../../core/errors.ts";
import type { AccountId, AgentId } from "../../core/ids.ts";
import { type AlertReport, alertFinding } from "../../ops/alerts.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { present, showPlace, showTest } from "../views.ts";

export function alertOperations({ alerts, notices }: HttpDoor): Operations<"alerts" | "alertFirings" | "previewAlert" | "testAlert"> {
  return {
    alerts: async () => ok((await alerts.list()).map(showAlert)),
    alertFirings: async ({ query }) => ok([...(await alerts.firings(query.limit))]),
    previewAlert: async ({ body }) => {
      const { account, agent, to: _, mutedUntil: __, ...rule } = body;
      if ((rule.above === undefined) === (rule.below === undefined))
        return fail("request-invalid", "there must be either `above` or `below`");
      const of = { account: account as AccountId | undefined, agent: agent as AgentId | undefined };
      const { value, past } = await alerts.preview({ ...rule, ...of, hours: rule.hours ?? 1 });
      const { times = 0, points = [], from } = past ?? {};
      return ok({ kept: past !== undefined, times, points: [...points], ...present({ from, value }) });
    },
    testAlert: async ({ actor, params, speak }) => {
      const found = (await alerts.list()).find(({ alert }) => alert.id === params.id);
      if (!found) return fail("not-found", "there is no alert with this name");
      const to = found.alert.to ?? notices.places();
      if (to.length === 0) return fail("notices-unset", "nobody is to be told of this alert");
      const tested = await notices.test(actorName(actor), to, alertFinding(found.alert, found.value));
      return ok(tested.map((one) => showTest(one, speak)));
    },
  };
}

function showAlert({ alert, standing, told, since, value }: AlertReport) {
  const { id, measure, hours, minutes, forMinutes, to, above, below, account, channel, agent, repeatHours, mutedUntil } = alert;
  const toldAt = told.length > 0 ? Math.max(...told.map(({ at }) => at)) : undefined;
  return {
    ...{ id, measure, hours, forMinutes, state: standing },
    ...present({ above, below, minutes, account, channel, agent, repeatHours, mutedUntil, since, value, toldAt, to: to?.map(showPlace) }),
  };
}
