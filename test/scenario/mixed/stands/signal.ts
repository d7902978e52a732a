import { startSignalSimulator } from "../../../simulators/signal.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(30, async (count) => {
  const simulator = await startSignalSimulator();
  const chats = many(count, (index) => `22222222-2222-4222-8222-${String(index).padStart(12, "0")}`);
  for (const chat of chats) simulator.people.add(chat);
  let said = 1_800_000_000_000;
  return {
    ...{ chats, violations: simulator.violations },
    account: { ...common, ...simulator.settings },
    say(sourceUuid, message) {
      const timestamp = ++said;
      const who = { source: sourceUuid, sourceUuid, sourceNumber: null };
      simulator.happen({ ...who, timestamp, dataMessage: { timestamp, message, expiresInSeconds: 0, viewOnce: false } });
    },
    seen: (chat) => simulator.seen(chat).map(({ text }) => text),
    disturb() {
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
