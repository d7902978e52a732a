import { useMutation } from "@tanstack/react-query";
import LoaderCircle from "lucide-react/icons/loader-circle";
import SendHorizontal from "lucide-react/icons/send-horizontal";
import Square from "lucide-react/icons/square";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { Bubble } from "../../parts/bubble.tsx";
import { Button, IconButton } from "../../parts/button.tsx";
import { Composer } from "../../parts/composer.tsx";
import { Markdown } from "../../parts/markdown.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { Scroller } from "../../parts/scroller.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { useStickyEnd } from "../../parts/sticky-end.ts";
import { sayFault } from "../../parts/toast.ts";
import { usd } from "../../words/money.ts";
import { count, duration } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { hearPlay, nothingYet, type PlayedAnswer, type PlayedCall, type PlayedTool, textOf } from "./play.ts";
import { play } from "./play-stream.ts";

interface Exchange {
  readonly text: string;
  readonly answer: PlayedAnswer;
  /** It was asked as it stood in the form. */
  readonly edited: boolean;
}

interface PlaygroundProps {
  readonly id: string;
  /** What of the form isn't saved. */
  readonly draft: Schemas["AgentDraft"] | undefined;
}

/** A chat with an agent that is no conversation: it is kept by this page alone, until it is cleared or left. */
export function Playground({ id, draft }: PlaygroundProps) {
  const [said, setSaid] = useState<readonly Exchange[]>([]);
  const [text, setText] = useState("");
  const running = useRef<AbortController>(undefined);
  const busy = said.at(-1)?.answer.end === undefined && said.length > 0;
  const last = said.at(-1)?.answer;
  const end = useStickyEnd(`${said.length} ${last && textOf(last).length} ${last?.parts.length} ${last?.calls.length}`);
  // Nobody pays for an answer that nobody reads.
  useEffect(() => () => running.current?.abort(), []);

  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    const question = text.trim();
    if (!question || busy) return;
    setText("");
    const aborter = new AbortController();
    running.current = aborter;
    // What nobody answered is asked again by whoever wants to know it.
    const before = said.flatMap(({ text, answer }) => {
      const answered = textOf(answer);
      return answered
        ? [
            { from: "operator" as const, text },
            { from: "agent" as const, text: answered },
          ]
        : [];
    });
    let answer = nothingYet;
    const tell = (next: PlayedAnswer) => {
      answer = next;
      // Cleared meanwhile: nobody waits for it.
      if (running.current === aborter) setSaid([...said, { text: question, answer, edited: draft !== undefined }]);
    };
    tell(answer);
    try {
      const asked = { agent: id, channel: "webchat", said: [...before, { from: "operator" as const, text: question }] };
      await play({ ...asked, ...(draft && { draft }) }, aborter.signal, (heard) => tell(hearPlay(answer, heard)));
      if (answer.end === undefined) tell({ ...answer, end: "stopped" });
    } catch (thrown) {
      tell({ ...answer, ...(aborter.signal.aborted ? { end: "stopped" } : { end: "failed", fault: faultOf(thrown) }) });
    }
  };
  const clear = () => {
    running.current?.abort();
    running.current = undefined;
    setSaid([]);
  };

  return (
    <Section
      title={words.agents.play.title}
      aside={
        <Button size="small" look="quiet" disabled={said.length === 0} onClick={clear}>
          {words.agents.play.clear}
        </Button>
      }
    >
      <p className="mb-3 text-row text-soft">
        {words.agents.play.lead} {draft && words.agents.play.asEdited}
      </p>
      <Scroller boxRef={end.box} label={words.agents.play.title} className="max-h-[32rem] overflow-y-auto">
        <div role="log">
          <ol className="grid gap-4 pb-3 empty:hidden">
            {said.map((exchange, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: what was said stays in its place
              <li key={index} className="grid gap-4">
                <Bubble own head={<span className="font-medium text-soft">{words.talk.you}</span>}>
                  <p dir="auto" className="whitespace-pre-wrap break-words">
                    {exchange.text}
                  </p>
                </Bubble>
                <Answer {...exchange} />
              </li>
            ))}
          </ol>
        </div>
      </Scroller>
      <form onSubmit={(event) => void send(event)}>
        <Composer label={words.talk.write} value={text} onChange={setText} onSubmit={() => void send()} maxLength={50_000}>
          {busy ? (
            <IconButton look="primary" label={words.agents.play.stop} onClick={() => running.current?.abort()}>
              <Square aria-hidden />
            </IconButton>
          ) : (
            <IconButton type="submit" look="primary" label={words.talk.send}>
              <SendHorizontal aria-hidden />
            </IconButton>
          )}
        </Composer>
      </form>
    </Section>
  );
}

function Answer({ answer, edited }: Exchange) {
  const { parts, asked, failed, end, fault } = answer;
  const comes = end === undefined;
  const head = (
    <>
      <span className="font-medium text-soft">{answer.calls.at(-1)?.model ?? asked}</span>
      {edited && <Tag>{words.agents.play.edited}</Tag>}
    </>
  );
  return (
    <div aria-busy={comes} className="grid gap-1.5">
      <Bubble own={false} head={head}>
        {parts.map((part, index) =>
          typeof part === "string" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts are only ever added at the end
            <Markdown key={index} draft={comes} text={part} />
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts are only ever added at the end
            <Tool key={index} tool={part} over={!comes} />
          ),
        )}
        {comes && parts.length === 0 && (
          <span role="status" className="inline-flex items-center gap-2 text-faint">
            <LoaderCircle aria-hidden className="size-4 animate-spin" />
            {words.talk.thinking}
          </span>
        )}
        {fault !== undefined && (
          <Notice tone="bad" live title={(fault as { message: string }).message}>
            {(fault as { hint: string }).hint}
          </Notice>
        )}
        {end && end !== "stop" && end !== "failed" && <p className="text-row text-soft">{words.agents.play.ends[end]}</p>}
      </Bubble>
      {failed.length > 0 && <p className="text-faint text-meta">{words.agents.play.failed(failed.join(", "))}</p>}
      <Figures calls={answer.calls} />
    </div>
  );
}

/** What the calls of an answer came to, together where there were several. */
function Figures({ calls }: Pick<PlayedAnswer, "calls">) {
  const [first] = calls;
  if (!first) return null;
  const sum = (of: (call: PlayedCall) => number) => calls.reduce((total, call) => total + of(call), 0);
  const priced = calls.every(({ cost }) => cost);
  // What is free has no prices to tell of.
  const prices = new Map(
    calls.flatMap(({ model, cost }) => (cost && Object.keys(cost.perMillion).length > 0 ? [[model, cost] as const] : [])),
  );
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-faint text-meta tabular-nums">
      <span>{words.agents.play.tokens(count(sum(({ input }) => input)), count(sum(({ output }) => output)))}</span>
      <span>{words.agents.play.times(duration(first.firstMs), duration(sum(({ ms }) => ms)))}</span>
      {calls.length > 1 && <span>{words.agents.play.calls(calls.length)}</span>}
      <span>{priced ? usd(sum(({ cost }) => cost?.usd ?? 0)) : words.agents.play.unpriced}</span>
      {[...prices].map(([model, { source, perMillion }]) => (
        <span key={model}>
          {words.agents.play.price(
            Object.entries(perMillion)
              .map(([unit, price]) => `${wordFor(words.models.units, unit)} ${usd(price)}`)
              .join(", "),
            source,
          )}
        </span>
      ))}
    </p>
  );
}

function Tool({ tool: { call, state, question, result }, over }: { readonly tool: PlayedTool; readonly over: boolean }) {
  const answer = useMutation({
    mutationFn: (allow: boolean) => take(api.POST("/api/playground/tools", { body: { question: question ?? "", allow } })),
    onError: sayFault,
  });
  const asks = state === "asks" && !over;
  const shown = (
    <pre className="overflow-x-auto whitespace-pre-wrap break-all rounded-control bg-sunken px-2.5 py-1.5 font-mono text-meta">
      {call.input || "{}"}
      {result !== undefined && `\n→ ${result}`}
    </pre>
  );
  if (asks)
    return (
      <Notice
        tone="warn"
        live
        title={words.agents.play.asks(call.name)}
        actions={
          <>
            <Button size="small" disabled={answer.isPending || answer.isSuccess} onClick={() => answer.mutate(true)}>
              {words.agents.play.allow}
            </Button>
            <Button size="small" disabled={answer.isPending || answer.isSuccess} onClick={() => answer.mutate(false)}>
              {words.agents.play.refuse}
            </Button>
          </>
        }
      >
        {shown}
      </Notice>
    );
  return (
    <details className="min-w-0">
      <summary className="cursor-pointer font-medium text-row text-soft">
        {call.name}: {words.agents.play.toolStates[state]}
      </summary>
      {shown}
    </details>
  );
}
