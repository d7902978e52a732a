import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import ArrowDown from "lucide-react/icons/arrow-down";
import ArrowUp from "lucide-react/icons/arrow-up";
import Pencil from "lucide-react/icons/pencil";
import Plus from "lucide-react/icons/plus";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { agentsQuery, meQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { Button, IconButton } from "../../parts/button.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, SkeletonRows } from "../../parts/states.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { wordFor, words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";
import { weekdayName } from "./condition-row.tsx";
import { hasField, showList, type TimeCondition } from "./conditions.ts";
import { putSetting, routesFaultQuery, type WrittenRoute } from "./queries.ts";
import { RouteForm } from "./route-form.tsx";
import { RouteTest, type Trial } from "./route-test.tsx";
import { useSettled } from "./settled.ts";

/** Which agent answers what, in order, and a test of it. */
export function Routes() {
  const { data: me } = useSuspenseQuery(meQuery);
  const admin = atLeast(me.role, "admin");
  const config = useQuery({ ...configQuery, enabled: admin });
  const [trial, setTrial] = useState<Trial>();
  const setting = config.data?.find(({ path }) => path === "routes");
  const routes = Array.isArray(setting?.value) ? (setting.value as readonly WrittenRoute[]) : [];
  const [editing, setEditing] = useState<Editing>();
  const draft = editing && routes.toSpliced(editing.index, 1, editing.route);
  return (
    <Page title={words.agents.routes} lead={words.agents.routesLead} back={<Back to="/agents">{words.rooms.agents}</Back>}>
      {admin && config.isPending && <SkeletonRows rows={2} />}
      {admin && config.data && (
        <List {...{ routes, editing, draft, trial }} fixed={setting?.source === "environment"} onEdit={setEditing} />
      )}
      <RouteTest draft={draft} onTried={setTrial} />
      {!admin && trial === undefined && <Empty icon={<ArrowDown />} title={words.agents.test} />}
    </Page>
  );
}

/** A route that is being changed, or a new one behind the others. */
interface Editing {
  readonly index: number;
  readonly route: WrittenRoute;
}

interface ListProps {
  readonly routes: readonly WrittenRoute[];
  readonly editing: Editing | undefined;
  /** The routes with what is being changed. */
  readonly draft: readonly WrittenRoute[] | undefined;
  readonly onEdit: (editing: Editing | undefined) => void;
  readonly fixed: boolean;
  readonly trial: Trial | undefined;
}

function List({ routes, editing, draft, fixed, trial, onEdit }: ListProps) {
  const agents = useQuery(agentsQuery);
  const settled = useSettled(draft);
  const check = useQuery({ ...routesFaultQuery(settled ?? []), enabled: settled !== undefined });
  const save = useMutation({
    mutationFn: (next: readonly WrittenRoute[]) => putSetting("routes", next),
    onSuccess: () => say(words.agents.routeSaved),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(configQuery),
  });
  const move = (from: number, to: number) => {
    const next = [...routes];
    next.splice(to, 0, ...next.splice(from, 1));
    save.mutate(next);
  };
  const shown = draft ?? routes;
  const close = () => onEdit(undefined);
  const always = shown.findIndex(({ when }) => when === undefined || Object.keys(when).length === 0);
  return (
    <Section
      flush
      title={words.agents.routes}
      aside={
        !fixed && (
          <Button
            size="small"
            disabled={editing !== undefined}
            onClick={() => onEdit({ index: routes.length, route: { agent: agents.data?.[0]?.id ?? "main" } })}
          >
            <Plus aria-hidden />
            {words.agents.addRoute}
          </Button>
        )
      }
    >
      {fixed && <p className="px-4 pb-2 text-row text-soft">{words.agents.routesFixed}</p>}
      <ol className="divide-y divide-line">
        {shown.map((route, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a route is its place
          <li key={index} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
            <span className="w-5 text-faint text-row tabular-nums">{index + 1}</span>
            <span className="grid min-w-40 flex-1 gap-0.5">
              <span className="font-medium">{route.agent}</span>
              <span className="break-words text-faint text-row">{conditionsOf(route)}</span>
              {always !== -1 && index > always && <span className="text-row text-warn">{words.agents.never}</span>}
              <Verdict trial={trial} index={index} />
            </span>
            {!fixed && !editing && (
              <span className="flex">
                <IconButton
                  size="small-square"
                  label={words.agents.moveOf(words.agents.up, index + 1)}
                  disabled={index === 0 || save.isPending}
                  onClick={() => move(index, index - 1)}
                >
                  <ArrowUp aria-hidden />
                </IconButton>
                <IconButton
                  size="small-square"
                  label={words.agents.moveOf(words.agents.down, index + 1)}
                  disabled={index === routes.length - 1 || save.isPending}
                  onClick={() => move(index, index + 1)}
                >
                  <ArrowDown aria-hidden />
                </IconButton>
                <IconButton
                  size="small-square"
                  label={words.agents.moveOf(words.agents.edit, index + 1)}
                  onClick={() => onEdit({ index, route })}
                >
                  <Pencil aria-hidden />
                </IconButton>
                <IconButton
                  size="small-square"
                  label={words.agents.moveOf(words.agents.routeRemove, index + 1)}
                  disabled={routes.length === 1 || save.isPending}
                  onClick={() => save.mutate(routes.filter((_, at) => at !== index))}
                >
                  <Trash2 aria-hidden />
                </IconButton>
              </span>
            )}
            {editing?.index === index && (
              <RouteForm
                route={route}
                fault={check.data}
                onChange={(changed) => onEdit({ index, route: changed })}
                onClose={close}
                onSave={() => putSetting("routes", shown)}
              />
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Verdict({ trial, index }: { readonly trial: Trial | undefined; readonly index: number }) {
  const missed = trial?.missed[index];
  if (!missed) return null;
  if (trial?.route === index) return <span className="font-medium text-good text-row">{words.agents.matched}</span>;
  const why = missed.map((name) => wordFor(words.agents.conditions, name)).join(", ");
  return <span className="text-faint text-row">{why ? words.agents.missed(why) : words.agents.matches}</span>;
}

function conditionsOf({ when }: WrittenRoute): string {
  const written = Object.entries(when ?? {});
  if (written.length === 0) return words.agents.always;
  return written.map(([name, value]) => `${wordFor(words.agents.conditions, name)}: ${inWords(name, value)}`).join(" · ");
}

function inWords(name: string, value: unknown): string {
  if (!hasField(name, value)) return JSON.stringify(value);
  if (name === "kind") return wordFor(words.agents.kinds, String(value));
  if (name !== "time") return showList(value);
  const { days = [], from = "00:00", to = "24:00", zone = "UTC" } = value as TimeCondition;
  return [days.map((day) => weekdayName(day)).join(", "), `${from}–${to}`, `(${zone})`].filter(Boolean).join(" ");
}
