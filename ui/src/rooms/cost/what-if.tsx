import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Input } from "../../parts/field.tsx";
import { Section } from "../../parts/page.tsx";
import { sayFault } from "../../parts/toast.ts";
import { usd } from "../../words/money.ts";
import { words } from "../../words/words.ts";

/** This period's traffic at another model's prices. */
export function WhatIf({ days }: { readonly days: { readonly from: string; readonly to: string } }) {
  const [model, setModel] = useState("");
  const compare = useMutation({
    mutationFn: (other: string) =>
      take(api.GET("/api/cost/what-if", { params: { query: { ...days, model: other } } })).then((found) => ({ ...found, other })),
    onError: sayFault,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (model.trim()) compare.mutate(model.trim());
  };
  return (
    <Section title={words.cost.whatIf}>
      <p className="mb-4 max-w-[65ch] text-row text-soft">{words.cost.whatIfLead}</p>
      <form noValidate onSubmit={submit} className="flex flex-wrap items-start gap-3">
        <div className="min-w-56 flex-1 sm:max-w-80">
          <Field label={words.cost.model} hint={words.cost.modelHint}>
            {(described) => <Input {...described} value={model} spellCheck={false} onChange={({ target }) => setModel(target.value)} />}
          </Field>
        </div>
        <Button type="submit" className="sm:mt-7" busy={compare.isPending}>
          {words.cost.compare}
        </Button>
      </form>
      {compare.data && (
        <p role="status" className="mt-4 rounded-control bg-sunken px-4 py-3">
          {compare.data.instead === undefined ? (
            words.cost.noPrice
          ) : (
            <>
              <strong className="font-semibold tabular-nums">
                {words.cost.whatIfInstead(usd(compare.data.instead), compare.data.other)}
              </strong>{" "}
              <span className="text-soft">{words.cost.whatIfPaid(usd(compare.data.usd))}</span>
            </>
          )}
        </p>
      )}
    </Section>
  );
}
