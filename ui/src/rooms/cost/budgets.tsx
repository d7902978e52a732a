import { useMutation, useQuery } from "@tanstack/react-query";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Field, Input } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { say } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { usd } from "../../words/money.ts";
import { count } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";
import { BudgetForm } from "./budget-form.tsx";
import { budgetsQuery } from "./queries.ts";

type Budget = Schemas["Budget"];

/** What may be spent, and what is. */
export function Budgets({ role }: { readonly role: Schemas["Role"] }) {
  const { data, error, isPending, refetch } = useQuery(budgetsQuery);
  const admin = atLeast(role, "admin");
  const config = useQuery({ ...configQuery, enabled: admin });
  const [adding, setAdding] = useState(false);
  const sourceOf = (id: string) => config.data?.find(({ path }) => path.startsWith(`budgets.${id}.`))?.source;
  return (
    <Section
      title={words.cost.budgets}
      flush
      aside={
        admin && (
          <Button size="small" onClick={() => setAdding(true)}>
            <Plus aria-hidden />
            {words.cost.budgetAdd}
          </Button>
        )
      }
    >
      <p className="px-4 pb-2 text-row text-soft">
        {words.cost.budgetsLead} {data?.length === 0 && words.cost.budgetsNone}
      </p>
      {isPending && <SkeletonRows rows={1} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      <ul className="divide-y divide-line">
        {data?.map((budget) => (
          <li key={budget.id} className="grid gap-2 px-4 py-3">
            <Row budget={budget} canChange={admin} source={sourceOf(budget.id)} />
          </li>
        ))}
      </ul>
      {adding && <BudgetForm taken={data?.map(({ id }) => id) ?? []} onClose={() => setAdding(false)} />}
    </Section>
  );
}

interface RowProps {
  readonly budget: Budget;
  readonly canChange: boolean;
  readonly source: string | undefined;
}

function Row({ budget, canChange, source }: RowProps) {
  const { id, per, every, atLimit, windows } = budget;
  const [act, setAct] = useState<"change" | "remove">();
  const [raising, setRaising] = useState<string>();
  const limits = [
    budget.usd !== undefined && usd(budget.usd),
    budget.tokens !== undefined && `${count(budget.tokens)} ${words.cost.tokens}`,
  ];
  const where = [budget.agent, budget.account, budget.channel].filter(Boolean).join(", ");
  const remove = async () => {
    await take(api.DELETE("/api/settings/{path}", { params: { path: { path: `budgets.${id}` } } }));
    say(words.cost.budgetRemoved);
    await cache.invalidateQueries(budgetsQuery);
  };
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-48 flex-1">
          <span className="font-medium">
            {id} <span className="font-normal text-soft">{limits.filter(Boolean).join(", ")}</span>
          </span>
          <span className="text-faint text-meta">
            {wordFor(words.cost.every, every)} · {wordFor(words.cost.per, per)}
            {where && ` · ${where}`} · {wordFor(words.cost.atLimit, atLimit)}
          </span>
        </div>
        {canChange && source === "app" && (
          <div className="flex gap-2">
            <Button size="small" onClick={() => setAct("change")}>
              {words.cost.budgetChange}
            </Button>
            <Button size="small" look="danger" onClick={() => setAct("remove")}>
              {words.cost.budgetRemove}
            </Button>
          </div>
        )}
      </div>
      {windows.length === 0 && <p className="text-faint text-row">{words.cost.budgetUnused}</p>}
      {windows.slice(0, 5).map((window) => (
        <Spent key={window.key} budget={budget} window={window} {...(canChange && { onRaise: () => setRaising(window.key) })} />
      ))}
      {canChange && windows.length === 0 && per === "tenant" && (
        <Button size="small" className="justify-self-start" onClick={() => setRaising("")}>
          {words.cost.raise}
        </Button>
      )}
      {canChange && source !== undefined && source !== "app" && <p className="text-faint text-meta">{words.cost.budgetFixed}</p>}
      {act === "change" && <BudgetForm taken={[]} budget={budget} onClose={() => setAct(undefined)} />}
      <Confirm
        open={act === "remove"}
        onOpenChange={() => setAct(undefined)}
        title={words.cost.budgetRemoveTitle(id)}
        act={words.cost.budgetRemove}
        onConfirm={remove}
      >
        {words.cost.budgetRemoveText}
      </Confirm>
      {raising !== undefined && <Raise budget={budget} of={raising} onClose={() => setRaising(undefined)} />}
    </>
  );
}

interface SpentProps {
  readonly budget: Budget;
  readonly window: Schemas["BudgetWindow"];
  readonly onRaise?: () => void;
}

function Spent({ budget, window, onRaise }: SpentProps) {
  const money = budget.usd !== undefined;
  const spent = money ? usd(window.usd) : count(window.tokens);
  const limit = money ? usd((budget.usd ?? 0) + window.extraUsd) : count((budget.tokens ?? 0) + window.extraTokens);
  const held = money ? window.reservedUsd : window.reservedTokens;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-row">
      {window.key && <span className="min-w-0 break-all">{window.key}</span>}
      <meter
        aria-label={words.cost.budgetUsed(spent, limit)}
        className="cost-share max-w-60 flex-1"
        min={0}
        max={1}
        high={0.8}
        optimum={0}
        value={Math.min(1, window.used)}
      />
      <span className="tabular-nums">{words.cost.budgetUsed(spent, limit)}</span>
      {held > 0 && <span className="text-faint">{words.cost.budgetHeld(money ? usd(held) : count(held))}</span>}
      {onRaise && (
        <Button size="small" onClick={onRaise}>
          {words.cost.raise}
        </Button>
      )}
    </div>
  );
}

function Raise({
  budget: { id, usd: dollars },
  of,
  onClose,
}: {
  readonly budget: Budget;
  readonly of: string;
  readonly onClose: () => void;
}) {
  const [amount, setAmount] = useState("");
  const [tried, setTried] = useState(false);
  const money = dollars !== undefined;
  const value = Number(amount);
  const wrong = !(value > 0) || (!money && !Number.isInteger(value));
  const raise = useMutation({
    mutationFn: () =>
      take(
        api.POST("/api/budgets/{id}/raise", {
          params: { path: { id } },
          body: { key: of, usd: money ? value : 0, tokens: money ? 0 : value },
        }),
      ),
    onSuccess: async () => {
      say(words.cost.raised);
      onClose();
      await cache.invalidateQueries(budgetsQuery);
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={words.cost.raiseTitle(id)}
      lead={words.cost.raiseLead}
      act={words.cost.raise}
      busy={raise.isPending}
      error={raise.error}
      onSubmit={() => {
        setTried(true);
        if (!wrong) raise.mutate();
      }}
    >
      <Field label={money ? words.cost.budgetUsd : words.cost.budgetTokens} error={tried && wrong ? words.cost.messagesWrong : undefined}>
        {(described) => <Input {...described} inputMode="decimal" value={amount} onChange={({ target }) => setAmount(target.value)} />}
      </Field>
    </FormDialog>
  );
}
