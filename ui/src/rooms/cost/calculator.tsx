import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { channelsQuery } from "../../api/queries.ts";
import { Field, Input, Select } from "../../parts/field.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed } from "../../parts/states.tsx";
import { usd } from "../../words/money.ts";
import { count } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { modelsQuery } from "../agents/queries.ts";
import { calculationQuery } from "./queries.ts";

/** In the list of models: one that no agent names yet. */
const own = "own";

/** What so many messages a month would cost on a channel with a model. */
export function Calculator() {
  const channels = useQuery(channelsQuery);
  const models = useQuery(modelsQuery);
  const [messages, setMessages] = useState("10000");
  const [channel, setChannel] = useState("");
  const [chosen, setChosen] = useState("");
  const [named, setNamed] = useState("");
  const model = chosen === own ? named.trim() : chosen;
  const wrong = !/^\d{1,12}$/.test(messages.trim());
  return (
    <Section title={words.cost.calculator}>
      <p className="mb-4 max-w-[65ch] text-row text-soft">{words.cost.calculatorLead}</p>
      <div className="grid gap-4 sm:grid-cols-3">
        <Field label={words.cost.messages} error={wrong ? words.cost.messagesWrong : undefined}>
          {(described) => (
            <Input {...described} inputMode="numeric" value={messages} onChange={({ target }) => setMessages(target.value)} />
          )}
        </Field>
        <Field label={words.cost.onChannel}>
          {(described) => (
            <Select {...described} value={channel} onChange={({ target }) => setChannel(target.value)}>
              <option value="">{words.cost.anyChannel}</option>
              {channels.data?.map(({ kind, name }) => (
                <option key={kind} value={kind}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={words.cost.withModel}>
          {(described) => (
            <Select {...described} value={chosen} onChange={({ target }) => setChosen(target.value)}>
              <option value="">{words.cost.sameModel}</option>
              {[...new Set(models.data?.map(({ model: name }) => name))].map((name) => (
                <option key={name}>{name}</option>
              ))}
              <option value={own}>{words.cost.ownModel}</option>
            </Select>
          )}
        </Field>
        {chosen === own && (
          <Field label={words.cost.model} hint={words.cost.modelHint}>
            {(described) => <Input {...described} value={named} spellCheck={false} onChange={({ target }) => setNamed(target.value)} />}
          </Field>
        )}
      </div>
      {!wrong && (chosen !== own || /^[^/\s]+\/\S+$/.test(model)) && (
        <Answer messages={Number(messages.trim())} channel={channel} model={model} />
      )}
    </Section>
  );
}

function Answer(asked: { readonly messages: number; readonly channel: string; readonly model: string }) {
  const { messages, channel, model } = useDeferredValue(asked);
  const { data, error } = useQuery(calculationQuery({ messages, ...(channel && { channel }), ...(model && { model }) }));
  if (error) return <Failed error={error} className="mt-4" />;
  if (!data) return null;
  return (
    <div role="status" className="mt-4 grid gap-1 rounded-control bg-sunken px-4 py-3">
      {data.all !== undefined && data.each !== undefined ? (
        <p>
          <strong className="font-semibold text-lead tabular-nums">{words.cost.result(usd(data.all))}</strong>{" "}
          <span className="text-soft">{words.cost.resultEach(usd(data.each))}</span>
        </p>
      ) : (
        <p className="font-medium">{words.cost.noPrice}</p>
      )}
      <p className="text-faint text-row">
        {data.sample === 0 ? words.cost.resultGuess : words.cost.resultSample(data.sample, count(Math.round(data.calls * 100) / 100))}{" "}
        {data.sample > 0 &&
          words.cost.tokensHint(
            count(Math.round(data.tokens.input)),
            count(Math.round(data.tokens.cachedInput)),
            count(Math.round(data.tokens.output)),
          )}
      </p>
    </div>
  );
}
