import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import BotMessageSquare from "lucide-react/icons/bot-message-square";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { agentsQuery, meQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { Time } from "../../parts/time.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { atLeast } from "../../shell/roles.ts";
import { dayAndTime } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { configQuery, configSchemaQuery } from "../settings/queries.ts";
import { SettingRow } from "../settings/setting-row.tsx";
import { pathsIn, schemaAt } from "../settings/setting-schema.ts";
import { putSetting, versionsQuery } from "./queries.ts";
import { isInForm, Workbench } from "./workbench.tsx";

/** One agent: its settings, what a model reads first, what it was told before. */
export function AgentRoom() {
  const { id } = useParams({ from: "/inside/agents/$id" });
  const { data: me } = useSuspenseQuery(meQuery);
  const { data, error, isPending, refetch } = useQuery(agentsQuery);
  const admin = atLeast(me.role, "admin");
  const known = data?.find((agent) => agent.id === id);
  return (
    <Page title={id} width="wide" back={<Back to="/agents">{words.rooms.agents}</Back>} actions={admin && known && <Remove id={id} />}>
      {isPending && <SkeletonRows rows={3} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      {data && !known && <Empty icon={<BotMessageSquare />} title={words.agents.unknown(id)} />}
      {known && (
        <>
          <Workbench key={id} agent={known} role={me.role} />
          {admin && <Settings id={id} />}
          <Versions id={id} canRestore={admin} />
        </>
      )}
    </Page>
  );
}

function Settings({ id }: { readonly id: string }) {
  const config = useQuery(configQuery);
  const schema = useQuery(configSchemaQuery);
  if (!config.data || !schema.data) return <SkeletonRows />;
  const section = `agents.${id}`;
  const open = pathsIn(schema.data, section);
  const set = config.data.filter(({ path }) => path.startsWith(`${section}.`));
  const further = set.filter(({ path }) => !open.some((known) => path === known || path.startsWith(`${known}.`)));
  const rows = [...open, ...further.map(({ path }) => path)].filter((path) => !isInForm(path.slice(section.length + 1)));
  return (
    <Section title={words.agents.settings} flush>
      <ul className="divide-y divide-line">
        {rows.map((path) => (
          <li key={path} className="px-4 py-3">
            <SettingRow
              path={path}
              name={path.slice(section.length + 1)}
              setting={set.find((setting) => setting.path === path) ?? under(set, path)}
              schema={schemaAt(schema.data, path)}
              inherited={forAll(config.data, path.slice(section.length + 1))}
              canChange
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** What is set for all agents, of what one of them may have otherwise. */
function forAll(set: readonly Schemas["Setting"][], path: string): Schemas["Setting"] | undefined {
  return path.startsWith("handover.") ? set.find((setting) => setting.path === path) : undefined;
}

/** What is written value by value below a path, as one value. */
function under(set: readonly Schemas["Setting"][], path: string): Schemas["Setting"] | undefined {
  const inner = set.filter((setting) => setting.path.startsWith(`${path}.`));
  const [first] = inner;
  if (!first) return undefined;
  const value: { [key: string]: unknown } = {};
  for (const setting of inner) {
    const keys = setting.path.slice(path.length + 1).split(".");
    let at = value;
    for (const key of keys.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as { [key: string]: unknown };
    }
    at[keys.at(-1) as string] = setting.value;
  }
  return { ...first, path, value, overrides: [] };
}

function Versions({ id, canRestore }: { readonly id: string; readonly canRestore: boolean }) {
  const { data } = useQuery(versionsQuery(id));
  const restore = useMutation({
    mutationFn: (instructions: string) => putSetting(`agents.${id}.instructions`, instructions),
    onSuccess: () => say(words.agents.restored),
    onError: sayFault,
    onSettled: () => Promise.all([cache.invalidateQueries(agentsQuery), cache.invalidateQueries(configQuery)]),
  });
  if (!data || data.length === 0) return null;
  return (
    <Section title={words.agents.versions} flush>
      <p className="px-4 pb-2 text-row text-soft">{words.agents.versionsLead}</p>
      <ol className="divide-y divide-line">
        {data.map(({ version, at, told }, index) => (
          <li key={`${version} ${at}`} className="grid gap-2 px-4 py-3">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <Time at={at} format={dayAndTime} className="text-row" />
              <code className="font-mono text-faint text-meta">{version}</code>
              {index === 0 && <Tag>{words.agents.now}</Tag>}
              {canRestore && index > 0 && told.instructions !== data[0]?.told.instructions && (
                <Button size="small" className="ml-auto" busy={restore.isPending} onClick={() => restore.mutate(told.instructions)}>
                  {words.agents.restore}
                </Button>
              )}
            </div>
            <p className="line-clamp-4 whitespace-pre-wrap break-words text-row text-soft">{told.instructions}</p>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** Only what was made in the app can be removed here. */
function Remove({ id }: { readonly id: string }) {
  const { data } = useQuery(configQuery);
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const set = data?.filter(({ path }) => path.startsWith(`agents.${id}.`)) ?? [];
  const made =
    set.length > 0 && set.every(({ source, overrides }) => source !== "file" && overrides.every((under) => under.source !== "file"));
  if (!made || !set.some(({ path, source }) => path === `agents.${id}.models` && source === "app")) return null;
  const remove = async () => {
    await take(api.DELETE("/api/settings/{path}", { params: { path: { path: `agents.${id}` } } }));
    say(words.agents.removed(id));
    await navigate({ to: "/agents", ignoreBlocker: true });
    await cache.invalidateQueries(agentsQuery);
  };
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
        {words.agents.remove}
      </Button>
      <Confirm open={asking} onOpenChange={setAsking} title={words.agents.removeTitle(id)} act={words.agents.remove} onConfirm={remove}>
        {words.agents.removeText}
      </Confirm>
    </>
  );
}
