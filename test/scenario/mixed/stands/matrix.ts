import { startMatrixSimulator } from "../../../simulators/matrix.ts";
import { common, many, standOf } from "../stand.ts";

/** Its conversations are threads of one room. */
export default standOf(80, async (count) => {
  const simulator = await startMatrixSimulator();
  const chats = many(count, (index) => `$thread${index}`);
  const relation = (chat: string) => ({ rel_type: "m.thread", event_id: chat, is_falling_back: true, "m.in_reply_to": { event_id: chat } });
  return {
    ...{ chats, violations: simulator.violations, exact: true },
    account: { ...common, homeserver: simulator.url, token: simulator.token },
    say: (chat, body) =>
      simulator.addOnceSeen(simulator.event(`@p${chat.slice(7)}:example.com`, { msgtype: "m.text", body, "m.relates_to": relation(chat) })),
    seen: (chat) =>
      simulator.timeline.flatMap(({ sender, content }) => {
        const { event_id: of } = (content["m.relates_to"] ?? {}) as { event_id?: string };
        return sender === simulator.user && of === chat ? [String(content.body)] : [];
      }),
    disturb() {
      const limited = { status: 429, body: { errcode: "M_LIMIT_EXCEEDED", error: "slow down" }, headers: { "retry-after": "1" } };
      for (const what of [limited, "cut", "do-and-cut", { status: 502, body: "bad gateway" }] as const)
        simulator.faults.push({ on: "send", what });
      simulator.cut();
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
