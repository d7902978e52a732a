import { readSpec, startTelegramSimulator, tooMany } from "../../../simulators/telegram.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(80, async (count) => {
  const simulator = await startTelegramSimulator({ spec: readSpec() });
  const chats = many(count, (index) => String(1_000 + index));
  for (const chat of chats) simulator.world.chat(Number(chat));
  return {
    ...{ chats, violations: simulator.violations },
    account: { ...common, token: simulator.token, apiRoot: simulator.url },
    say: (chat, text) => void simulator.say(Number(chat), Number(chat), text),
    seen: (chat) => simulator.seen(Number(chat)).map(({ text }) => text),
    disturb() {
      for (const what of [tooMany(1), { kind: "cut" }, { kind: "drop" }, { kind: "proxy", status: 502 }] as const) {
        simulator.arrange({ method: "sendMessage", what });
      }
      return { whole: 1 };
    },
    outage(on) {
      if (on) simulator.arrange({ method: "sendMessage", times: Number.POSITIVE_INFINITY, what: { kind: "cut" } });
      else simulator.calm();
    },
    close: () => simulator.close(),
  };
});
