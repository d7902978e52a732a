import { fail, ok } from "../../core/errors.ts";
import { callsLookedAt, modelsNamed, outagesOf } from "../../core/outage.ts";
import type { Provider } from "../../core/provider.ts";
import { say } from "../../core/say.ts";
import { translationFor } from "../../core/translation.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { present, showFault } from "../views.ts";
import { inWords, settingsSchema } from "./channel-kinds.ts";

type Names = "models" | "testModel" | "providers" | "providerKinds";

const testMs = 30_000;
/** Enough for a word, also of a model that thinks first. */
const testTokens = 64;

export function modelOperations({ gateway, store, config, providers, prices, clock }: HttpDoor): Operations<Names> {
  return {
    models: async ({ actor, speak }) => {
      const named = modelsNamed(config.current());
      const outages = outagesOf(await store.records.endedCalls(actor.tenant, callsLookedAt));
      return ok(
        gateway.models().map(({ fault: now, ...health }) => {
          const { since, fault = now } = outages.get(health.model) ?? {};
          const shown = now ?? fault;
          const agents = [...(named.get(health.model) ?? [])];
          const price = priceOf(health.model);
          return { ...health, agents, ...present({ since, price }), ...(shown && { fault: showFault(shown, speak) }) };
        }),
      );
    },
    testModel: async ({ actor, body: { model } }) => {
      const provider = model.slice(0, model.indexOf("/"));
      if (![...config.current().providers.values()].some(({ id }) => id === provider))
        return fail("not-found", say`there is no provider ${JSON.stringify(provider)}`);
      const began = clock.elapsed();
      const done = await gateway.calls.complete(
        { purpose: "answer", spender: { tenant: actor.tenant, channel: "test", sender: actor.operator.id } },
        {
          models: [model],
          instructions: "Answer with the one word: ready",
          messages: [{ role: "user", content: [{ type: "text", text: "Are you ready?" }] }],
          maxOutputTokens: testTokens,
        },
        AbortSignal.timeout(testMs),
      );
      if (!done.ok) return done;
      const { text, usage } = done.value;
      return ok({ text: text.slice(0, 200), ms: Math.round(clock.elapsed() - began), input: usage.input, output: usage.output });
    },
    providers: () => ok([...config.current().providers.values()].map(({ id, kind }) => ({ id, kind }))),
    providerKinds: async ({ query }) => {
      const loaded = await Promise.all(providers.kinds.map((kind) => providers.load(kind)));
      return ok(loaded.filter((provider) => provider !== undefined).map((provider) => showProvider(provider, query.language)));
    },
  };

  function showProvider({ kind, name, settings, package: wanted, translations = {} }: Provider, language: string) {
    const translation = translationFor(translations, language);
    return {
      ...{ kind, name: translation?.name ?? name, settings: inWords(settingsSchema(settings), translation?.settings) },
      ...present({ package: wanted?.name }),
    };
  }

  function priceOf(model: string) {
    const slash = model.indexOf("/");
    const call = { provider: model.slice(0, slash), model: model.slice(slash + 1), at: clock.now() };
    const price = prices.cost(call, { input: 1, cachedInput: 0, output: 1 })?.price;
    return price && { source: price.source, perMillion: { ...price.perMillion } };
  }
}
