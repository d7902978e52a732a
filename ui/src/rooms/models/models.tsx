import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { meQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateBadge } from "../../parts/state-badge.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { count, duration } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { modelsQuery } from "../agents/queries.ts";
import { Providers } from "./providers.tsx";

/** Model APIs and their models: how they are, what they cost, whether they answer. */
export function Models() {
  const { data: me } = useSuspenseQuery(meQuery);
  const { data, error, isPending, refetch } = useQuery(modelsQuery);
  const mayTest = atLeast(me.role, "operator");
  return (
    <Page title={words.rooms.models} lead={words.models.lead}>
      <Providers admin={atLeast(me.role, "admin")} />
      <Section title={words.models.models} flush>
        <p className="px-4 pb-2 text-row text-soft">
          {data?.length === 0 ? words.models.none : words.models.price} {mayTest && words.models.testHint}
        </p>
        {isPending && <SkeletonRows rows={2} />}
        {error && !data && <Failed error={error} retry={() => void refetch()} />}
        <ul className="divide-y divide-line">
          {data?.map((model) => (
            <li key={`${model.model} ${model.key ?? ""}`} className="grid gap-2 px-4 py-3">
              <Row model={model} mayTest={mayTest} />
            </li>
          ))}
          {mayTest && (
            <li className="px-4 py-3">
              <OtherModel />
            </li>
          )}
        </ul>
      </Section>
    </Page>
  );
}

function useTest() {
  return useMutation({
    mutationFn: (model: string) => take(api.POST("/api/models/test", { body: { model } })),
    onSuccess: ({ ms, input, output }) => say(words.models.tested(duration(ms), input + output)),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(modelsQuery),
  });
}

function Row({ model, mayTest }: { readonly model: Schemas["ModelHealth"]; readonly mayTest: boolean }) {
  const { model: name, key, agents, state, waitMs, fault, price } = model;
  const test = useTest();
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-48 flex-1 gap-0.5">
          <code className="break-all font-mono text-row">
            {name}
            {key !== undefined && ` (${key})`}
          </code>
          <span className="break-words text-faint text-meta">
            {words.models.agents} {agents.join(", ")}
          </span>
        </div>
        <Price price={price} />
        <StateBadge tone={state === "usable" ? "good" : "bad"}>
          {state === "usable" ? words.models.usable : words.models.failing}
        </StateBadge>
        {mayTest && (
          <Button size="small" busy={test.isPending} onClick={() => test.mutate(name)}>
            {words.models.test}
          </Button>
        )}
      </div>
      {state === "failing" && fault && (
        <Notice tone="bad" title={fault.message}>
          {fault.hint} {waitMs !== undefined && words.models.again(duration(waitMs))}
        </Notice>
      )}
    </>
  );
}

function Price({ price }: { readonly price: Schemas["ModelHealth"]["price"] }) {
  if (!price) return <span className="text-faint text-row">{words.models.noPrice}</span>;
  const units = Object.entries(price.perMillion);
  const said = units.map(([unit, amount]) => `${count(amount)} ${wordFor(words.models.units, unit)}`).join(", ");
  return (
    <span className="text-row tabular-nums" title={words.models.priceFrom(price.source)}>
      {units.length === 0 ? words.models.free : said}
    </span>
  );
}

/** One that no agent names yet. */
function OtherModel() {
  const [model, setModel] = useState("");
  const test = useTest();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (/^[^/\s]+\/\S+$/.test(model.trim())) test.mutate(model.trim());
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-wrap items-start gap-3">
      <div className="min-w-56 flex-1 sm:max-w-80">
        <Field label={words.models.other} hint={words.models.otherHint}>
          {(described) => <Input {...described} value={model} spellCheck={false} onChange={({ target }) => setModel(target.value)} />}
        </Field>
      </div>
      <Button type="submit" className="sm:mt-7" busy={test.isPending}>
        {words.models.test}
      </Button>
    </form>
  );
}
