import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import Plus from "lucide-react/icons/plus";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { meQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { count, dayAndTime } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";
import { AlertForm } from "./alert-form.tsx";
import { alertsQuery, firingsQuery } from "./queries.ts";
import { ruleWords } from "./rule-words.ts";

type Alert = Schemas["Alert"];

const dayMs = 86_400_000;

/** What operators want to be told of, where it stands, and when it fired. */
export function Alerts() {
  const { data: me } = useSuspenseQuery(meQuery);
  const admin = atLeast(me.role, "admin");
  const { data, error, isPending, refetch } = useQuery(alertsQuery);
  const { data: firings } = useQuery(firingsQuery);
  const config = useQuery({ ...configQuery, enabled: admin });
  const [adding, setAdding] = useState(false);
  const own = (id: string) => config.data?.find(({ path }) => path === `alerts.${id}.measure`)?.source === "app";
  return (
    <>
      <Section
        title={words.alerts.title}
        flush
        aside={
          admin && (
            <Button size="small" onClick={() => setAdding(true)}>
              <Plus aria-hidden />
              {words.alerts.add}
            </Button>
          )
        }
      >
        <p className="px-4 pb-2 text-row text-soft">
          {words.alerts.lead} {data?.length === 0 && words.alerts.none}
        </p>
        {isPending && <SkeletonRows rows={1} />}
        {error && !data && <Failed error={error} retry={() => void refetch()} />}
        <ul className="divide-y divide-line">
          {data?.map((alert) => (
            <li key={alert.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
              <Row alert={alert} role={me.role} own={own(alert.id)} known={config.data !== undefined} />
            </li>
          ))}
        </ul>
        {adding && <AlertForm taken={data?.map(({ id }) => id) ?? []} onClose={() => setAdding(false)} />}
      </Section>
      {firings && firings.length > 0 && <History firings={firings} />}
    </>
  );
}

interface RowProps {
  readonly alert: Alert;
  readonly role: Schemas["Role"];
  /** It was made in the app, and can be changed there. */
  readonly own: boolean;
  readonly known: boolean;
}

function Row({ alert, role, own, known }: RowProps) {
  const { id, state, since, value, toldAt, repeatHours } = alert;
  const [act, setAct] = useState<"change" | "remove">();
  const change = useMutation({
    mutationFn: (mutedUntil: string | undefined) => {
      const path = `alerts.${id}.mutedUntil`;
      return mutedUntil === undefined
        ? take(api.DELETE("/api/settings/{path}", { params: { path: { path } } }))
        : take(api.PUT("/api/settings/{path}", { params: { path: { path } }, body: { value: mutedUntil } }));
    },
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(alertsQuery),
  });
  const test = useMutation({
    mutationFn: () => take(api.POST("/api/alerts/{id}/test", { params: { path: { id } } })),
    onSuccess: (places) => {
      const refused = places.find(({ fault }) => fault)?.fault;
      say(refused ? refused.message : words.alerts.tested);
    },
    onError: sayFault,
  });
  const remove = async () => {
    if (alert.mutedUntil !== undefined) await change.mutateAsync(undefined);
    await take(api.DELETE("/api/settings/{path}", { params: { path: { path: `alerts.${id}` } } }));
    say(words.alerts.removed);
    await cache.invalidateQueries(alertsQuery);
  };
  const about = [
    since !== undefined && words.alerts.since(dayAndTime(since)),
    toldAt !== undefined && words.alerts.toldAt(dayAndTime(toldAt)),
    repeatHours !== undefined && words.alerts.repeats(repeatHours),
  ].filter(Boolean);
  const admin = atLeast(role, "admin");
  return (
    <>
      <div className="grid min-w-48 flex-1">
        <span className="font-medium">
          {id} <span className={state === "firing" ? "text-bad" : "font-normal text-soft"}>{words.alerts.states[state]}</span>
        </span>
        <span className="text-row">
          {ruleWords(alert)} · {words.alerts.now(value === undefined ? "–" : count(value))}
        </span>
        <span className="text-faint text-meta">{about.join(" · ")}</span>
        {admin && known && !own && <span className="text-faint text-meta">{words.alerts.fixed}</span>}
      </div>
      <div className="flex flex-wrap gap-2">
        {atLeast(role, "operator") && alert.to?.length !== 0 && (
          <Button size="small" busy={test.isPending} onClick={() => test.mutate()}>
            {words.alerts.test}
          </Button>
        )}
        {admin && (
          <Button
            size="small"
            busy={change.isPending}
            onClick={() => change.mutate(state === "muted" ? undefined : new Date(Date.now() + dayMs).toISOString())}
          >
            {state === "muted" ? words.alerts.unmute : words.alerts.mute}
          </Button>
        )}
        {admin && own && (
          <>
            <Button size="small" onClick={() => setAct("change")}>
              {words.alerts.change}
            </Button>
            <Button size="small" look="danger" onClick={() => setAct("remove")}>
              {words.alerts.remove}
            </Button>
          </>
        )}
      </div>
      {act === "change" && <AlertForm taken={[]} alert={alert} onClose={() => setAct(undefined)} />}
      <Confirm
        open={act === "remove"}
        onOpenChange={() => setAct(undefined)}
        title={words.alerts.removeTitle(id)}
        act={words.alerts.remove}
        onConfirm={remove}
      >
        {words.alerts.removeText}
      </Confirm>
    </>
  );
}

function History({ firings }: { readonly firings: readonly Schemas["AlertFiring"][] }) {
  const { alert, began, ended, value } = words.alerts.historyColumns;
  return (
    <Section title={words.alerts.history} flush>
      <table className="w-full text-row">
        <thead className="border-line border-b text-left text-faint text-meta">
          <tr>
            {[alert, began, ended, value].map((column) => (
              <th key={column} scope="col" className="px-4 py-2 font-medium">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {firings.map((firing) => (
            <tr key={`${firing.alert} ${firing.beganAt}`}>
              <th scope="row" className="break-all px-4 py-2 text-left font-normal">
                {firing.alert}
              </th>
              <td className="px-4 py-2">{dayAndTime(firing.beganAt)}</td>
              <td className="px-4 py-2">{firing.endedAt === undefined ? words.alerts.lasts : dayAndTime(firing.endedAt)}</td>
              <td className="px-4 py-2 tabular-nums">{count(firing.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
