import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { accountsQuery, agentsQuery } from "../../api/queries.ts";
import { Field, Input, Select } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { say } from "../../parts/toast.ts";
import { count, dayAndTime } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";
import { alertsQuery, previewQuery } from "./queries.ts";
import { isCounted } from "./rule-words.ts";

interface AlertFormProps {
  /** Absent: a new one. */
  readonly alert?: Schemas["Alert"];
  readonly taken: readonly string[];
  readonly onClose: () => void;
}

type Measure = Schemas["Alert"]["measure"];

const measures = Object.keys(words.alerts.measures) as Measure[];
const ofAll: readonly Measure[] = ["queued", "undelivered", "waiting", "waiting-minutes"];
/** What comes has no agent yet, and an account has none of its own. */
const ofNoAgent: readonly Measure[] = [...ofAll, "accounts-down", "received"];
const units = { hours: 168, minutes: 59 };
// No account has these names.
const [asAll, nobody, kept] = [".all", ".nobody", ".kept"];
const isWhole = (text: string, least: number, most: number) => /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most;

export function AlertForm({ alert, taken, onClose }: AlertFormProps) {
  const accounts = useQuery(accountsQuery);
  const agents = useQuery(agentsQuery);
  const one = alert?.to?.length === 1 ? alert.to[0] : undefined;
  const before = alert?.to === undefined ? asAll : alert.to.length === 0 ? nobody : one && one.thread === undefined ? one.account : kept;
  const [id, setId] = useState(alert?.id ?? "");
  const [measure, setMeasure] = useState<Measure>(alert?.measure ?? "failed");
  const [compare, setCompare] = useState(alert?.below === undefined ? "above" : "below");
  const [threshold, setThreshold] = useState(String(alert?.above ?? alert?.below ?? ""));
  const [unit, setUnit] = useState<keyof typeof units>(alert?.minutes === undefined ? "hours" : "minutes");
  const [span, setSpan] = useState(String(alert?.minutes ?? alert?.hours ?? 1));
  const [minutes, setMinutes] = useState(String(alert?.forMinutes ?? 5));
  const [repeat, setRepeat] = useState(String(alert?.repeatHours ?? ""));
  const [only, setOnly] = useState({ account: alert?.account ?? "", channel: alert?.channel ?? "", agent: alert?.agent ?? "" });
  const [teller, setTeller] = useState(before);
  const [chat, setChat] = useState(one?.chat ?? "");
  const [tried, setTried] = useState(false);
  const counted = isCounted(measure);
  const ofPlaces = !ofAll.includes(measure);
  const ofAgents = !ofNoAgent.includes(measure);
  // Conversations end a day after their last message.
  const over = measure === "handed-share" ? "hours" : unit;
  const toChat = ![asAll, nobody, kept].includes(teller);
  const wrong = {
    name: !alert && (!/^[\w-]{1,63}$/.test(id) || taken.includes(id)),
    threshold: !/^\d+(\.\d+)?$/.test(threshold),
    span: counted && !isWhole(span, 1, units[over]),
    repeat: repeat !== "" && !isWhole(repeat, 1, 8760),
    minutes: !isWhole(minutes, 0, 1440),
    chat: toChat && chat.trim() === "",
  };
  const valid = !Object.values(wrong).includes(true);
  const watched = {
    ...(compare === "above" ? { above: Number(threshold) } : { below: Number(threshold) }),
    ...{ measure, forMinutes: Number(minutes) },
    ...(counted && { [over]: Number(span) }),
    ...(ofPlaces && { ...(only.account && { account: only.account }), ...(only.channel && { channel: only.channel }) }),
    ...(ofAgents && only.agent && { agent: only.agent }),
  };
  // Muted is a setting of its own, and stands over this one.
  const rule = {
    ...watched,
    ...(repeat !== "" && { repeatHours: Number(repeat) }),
    ...(teller === kept && alert?.to && { to: alert.to }),
    ...(teller === nobody && { to: [] }),
    ...(toChat && { to: [{ account: teller, chat: chat.trim() }] }),
  };
  // Whatever it is called and whoever is told.
  const known = !(wrong.threshold || wrong.span || wrong.minutes);
  const preview = useQuery({ ...previewQuery(watched), enabled: known });
  const save = useMutation({
    mutationFn: () => take(api.PUT("/api/settings/{path}", { params: { path: { path: `alerts.${id}` } }, body: { value: rule } })),
    onSuccess: async () => {
      say(words.alerts.saved);
      onClose();
      await Promise.all([cache.invalidateQueries(alertsQuery), cache.invalidateQueries(configQuery)]);
    },
  });
  const text = (label: string, value: string, set: (value: string) => void, error: string | false) => (
    <Field label={label} error={error || undefined}>
      {(described) => <Input {...described} value={value} spellCheck={false} onChange={({ target }) => set(target.value)} />}
    </Field>
  );
  const choice = (label: string, value: string, set: (value: string) => void, options: ReactNode) => (
    <Field label={label}>
      {(described) => (
        <Select {...described} value={value} onChange={({ target }) => set(target.value)}>
          {options}
        </Select>
      )}
    </Field>
  );
  const option = (value: string, label = value) => (
    <option key={value} value={value}>
      {label}
    </option>
  );
  const names = accounts.data?.map((each) => option(each.id));
  const narrow = <Known,>(key: keyof typeof only, known: readonly Known[] = [], nameOf: (one: Known) => string) =>
    choice(words.alerts.only[key], only[key], (value) => setOnly({ ...only, [key]: value }), [
      option("", words.alerts.everything),
      // One that is gone stays until another is chosen.
      [...new Set([...known.map(nameOf), only[key]])].filter(Boolean).map((name) => option(name)),
    ]);
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={alert?.id ?? words.alerts.add}
      act={words.forms.save}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => {
        setTried(true);
        if (valid) save.mutate();
      }}
    >
      {!alert && text(words.alerts.name, id, setId, (tried || id !== "") && wrong.name && words.alerts.nameWrong)}
      {choice(
        words.alerts.measure,
        measure,
        (value) => setMeasure(value as Measure),
        measures.map((each) => option(each, words.alerts.measures[each])),
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {choice(words.alerts.compare, compare, setCompare, [option("above", words.alerts.above), option("below", words.alerts.below)])}
        {text(
          words.alerts.threshold,
          threshold,
          setThreshold,
          (tried || threshold !== "") && wrong.threshold && words.alerts.thresholdWrong,
        )}
        {text(words.alerts.forMinutes, minutes, setMinutes, wrong.minutes && words.alerts.minutesWrong)}
        {text(words.alerts.repeat, repeat, setRepeat, wrong.repeat && words.alerts.wholeWrong(8760))}
        {counted &&
          choice(
            words.alerts.over,
            over,
            (value) => setUnit(value as typeof unit),
            (["hours", "minutes"] as const).map(
              (each) => (each === "hours" || measure !== "handed-share") && option(each, words.alerts.units[each]),
            ),
          )}
        {counted && text(words.alerts.window[over], span, setSpan, wrong.span && words.alerts.wholeWrong(units[over]))}
        {ofPlaces && narrow("account", accounts.data, ({ id }) => id)}
        {ofPlaces && narrow("channel", accounts.data, ({ channel }) => channel)}
        {ofAgents && narrow("agent", agents.data, ({ id }) => id)}
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        {choice(words.alerts.tellAccount, teller, setTeller, [
          option(asAll, words.alerts.tellDefault),
          option(nobody, words.alerts.tellNobody),
          before === kept && option(kept, words.alerts.tellKept),
          names,
        ])}
        {toChat && text(words.alerts.chat, chat, setChat, tried && wrong.chat && words.alerts.chatWrong)}
      </div>
      <p aria-live="polite" className="min-h-5 text-row text-soft">
        {known && preview.data && <Past preview={preview.data} ofMinutes={counted && over === "minutes"} />}
      </p>
    </FormDialog>
  );
}

/** Of minutes a day is known; less where an older gateway kept fewer of them. */
const wholeDayMs = 86_400_000 - 120_000;

function Past({ preview, ofMinutes }: { readonly preview: Schemas["AlertPreview"]; readonly ofMinutes: boolean }) {
  const { kept, times, from = 0, value } = preview;
  const { inDays7, inHours24, sinceThen, would, noPast, nowIs } = words.alerts;
  const when = !ofMinutes ? inDays7 : Date.now() - from >= wholeDayMs ? inHours24 : sinceThen(dayAndTime(from));
  return (
    <>
      {value !== undefined && nowIs(count(value))} {kept ? would(times, when) : noPast}
    </>
  );
}
