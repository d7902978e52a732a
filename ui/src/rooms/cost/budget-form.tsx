import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { Field, Input, Select } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { say } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";
import { budgetsQuery } from "./queries.ts";

interface BudgetFormProps {
  /** Absent: a new one. */
  readonly budget?: Schemas["Budget"];
  readonly taken: readonly string[];
  readonly onClose: () => void;
}

const everies = ["day", "month"] as const;
const pers = ["tenant", "agent", "account", "conversation", "sender"] as const;
/** Where cheaper models answer, they must be named: in the configuration. */
const policies = ["stop", "wait", "ask"] as const;

export function BudgetForm({ budget, taken, onClose }: BudgetFormProps) {
  const [id, setId] = useState(budget?.id ?? "");
  const [dollars, setDollars] = useState(budget?.usd === undefined ? "" : String(budget.usd));
  const [tokens, setTokens] = useState(budget?.tokens === undefined ? "" : String(budget.tokens));
  const [every, setEvery] = useState<string>(budget?.every ?? "month");
  const [per, setPer] = useState<string>(budget?.per ?? "tenant");
  const [atLimit, setAtLimit] = useState<string>(budget?.atLimit ?? "stop");
  const [tried, setTried] = useState(false);
  const nameWrong = !/^[\w-]{1,63}$/.test(id) || taken.includes(id);
  const limitWrong = dollars.trim() === "" && tokens.trim() === "";
  const save = useMutation({
    mutationFn: () => {
      const { agent, account, channel, models } = budget ?? {};
      const kept = { ...(agent && { agent }), ...(account && { account }), ...(channel && { channel }), ...(models?.length && { models }) };
      const limits = { ...(dollars.trim() && { usd: Number(dollars) }), ...(tokens.trim() && { tokens: Number(tokens) }) };
      const value = { every, per, atLimit, ...limits, ...kept };
      return take(api.PUT("/api/settings/{path}", { params: { path: { path: `budgets.${id}` } }, body: { value } }));
    },
    onSuccess: async () => {
      say(words.cost.budgetSaved);
      onClose();
      await Promise.all([cache.invalidateQueries(budgetsQuery), cache.invalidateQueries(configQuery)]);
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={budget?.id ?? words.cost.budgetAdd}
      act={words.forms.save}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => {
        setTried(true);
        if (!nameWrong && !limitWrong) save.mutate();
      }}
    >
      {!budget && (
        <Field label={words.cost.budgetName} error={tried && nameWrong ? words.cost.budgetNameWrong : undefined}>
          {(described) => (
            <Input {...described} value={id} maxLength={63} spellCheck={false} onChange={({ target }) => setId(target.value)} />
          )}
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={words.cost.budgetUsd} optional error={tried && limitWrong ? words.cost.budgetLimitMissing : undefined}>
          {(described) => <Input {...described} inputMode="decimal" value={dollars} onChange={({ target }) => setDollars(target.value)} />}
        </Field>
        <Field label={words.cost.budgetTokens} optional>
          {(described) => <Input {...described} inputMode="numeric" value={tokens} onChange={({ target }) => setTokens(target.value)} />}
        </Field>
        <Choice label={words.cost.budgetEvery} value={every} options={everies} names={words.cost.every} onChoose={setEvery} />
        <Choice label={words.cost.budgetPer} value={per} options={pers} names={words.cost.per} onChoose={setPer} />
      </div>
      <Choice
        label={words.cost.budgetAtLimit}
        value={atLimit}
        options={atLimit === "downgrade" ? [...policies, "downgrade"] : policies}
        names={words.cost.atLimit}
        onChoose={setAtLimit}
      />
    </FormDialog>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly names: { readonly [option: string]: string };
  readonly onChoose: (value: string) => void;
}

function Choice({ label, value, options, names, onChoose }: ChoiceProps) {
  return (
    <Field label={label}>
      {(described) => (
        <Select {...described} value={value} onChange={({ target }) => onChoose(target.value)}>
          {options.map((option) => (
            <option key={option} value={option}>
              {names[option]}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
