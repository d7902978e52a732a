import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import type { Schemas } from "../../api/client.ts";
import { meQuery } from "../../api/queries.ts";
import { Input } from "../../parts/field.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { atLeast } from "../../shell/roles.ts";
import { wordFor, words } from "../../words/words.ts";
import { configQuery, configSchemaQuery } from "./queries.ts";
import { Secrets } from "./secrets.tsx";
import { SettingRow } from "./setting-row.tsx";
import { pathsIn, schemaAt } from "./setting-schema.ts";

/** Sections that are set here, value by value. */
const plain = ["handover", "limits", "retention", "http", "notices", "backups", "log"];

/** Sections that have a room of their own. */
const elsewhere: {
  readonly [section: string]: { readonly to: "/channels" | "/agents" | "/routes" | "/models" | "/cost"; readonly name: string };
} = {
  accounts: { to: "/channels", name: words.rooms.channels },
  agents: { to: "/agents", name: words.rooms.agents },
  routes: { to: "/routes", name: words.rooms.agents },
  providers: { to: "/models", name: words.rooms.models },
  budgets: { to: "/cost", name: words.rooms.cost },
};

/** Every setting with its value and where that comes from. */
export function Settings() {
  const { data: me } = useSuspenseQuery(meQuery);
  const config = useQuery(configQuery);
  const schema = useQuery(configSchemaQuery);
  const { q = "" } = useSearch({ from: "/inside/settings" });
  const navigate = useNavigate({ from: "/settings" });
  if (config.isPending || schema.isPending) return <Waiting />;
  const failed = config.error ?? schema.error;
  if (!config.data || !schema.data) {
    return (
      <Page title={words.rooms.settings}>
        <Failed error={failed} retry={() => void Promise.all([config.refetch(), schema.refetch()])} />
      </Page>
    );
  }
  const known = new Map(config.data.map((setting) => [setting.path, setting]));
  const described = schema.data;
  const wanted = q.trim().toLowerCase();
  const sections = [...new Set([...plain, ...config.data.map(({ path }) => path.split(".")[0] as string)])];
  const shown = sections
    .map((section) => {
      const set = config.data.filter(({ path }) => path === section || path.startsWith(`${section}.`));
      const open = plain.includes(section) ? pathsIn(described, section) : [];
      const unset = open.filter((path) => !known.has(path) && !set.some((setting) => setting.path.startsWith(`${path}.`)));
      const rows = [...set.map(({ path }) => path), ...unset].filter(
        (path) => !wanted || path.toLowerCase().includes(wanted) || schemaAt(described, path)?.description?.toLowerCase().includes(wanted),
      );
      return { section, rows };
    })
    .filter(({ rows }) => rows.length > 0);
  return (
    <Page title={words.rooms.settings} lead={words.settings.lead}>
      <Input
        type="search"
        aria-label={words.settings.search}
        placeholder={words.settings.search}
        className="max-w-sm"
        value={q}
        onChange={({ target }) => void navigate({ search: target.value ? { q: target.value } : {}, replace: true })}
      />
      {shown.length === 0 && <Empty icon={<SlidersHorizontal />} title={words.settings.none} />}
      {shown.map(({ section, rows }) => (
        <Section key={section} title={wordFor(words.settings.sections, section)} aside={<Elsewhere section={section} />} flush>
          <ul className="divide-y divide-line">
            {rows.map((path) => (
              <li key={path} className="px-4 py-3">
                <SettingRow
                  path={path}
                  setting={known.get(path) as Schemas["Setting"] | undefined}
                  schema={schemaAt(described, path)}
                  canChange={plain.includes(section) && atLeast(me.role, "admin")}
                />
              </li>
            ))}
          </ul>
        </Section>
      ))}
      {!wanted && <Secrets />}
    </Page>
  );
}

function Waiting() {
  return (
    <Page title={words.rooms.settings} lead={words.settings.lead}>
      <SkeletonRows />
    </Page>
  );
}

function Elsewhere({ section }: { readonly section: string }) {
  const room = elsewhere[section];
  if (!room) return null;
  return (
    <Link to={room.to} className="text-accent-ink text-row underline underline-offset-2">
      {words.settings.room(room.name)}
    </Link>
  );
}
