import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AlertChange, mostFirings } from "../../../src/core/alert.ts";
import { noon, type Open, other, tenant, using } from "./fixture.ts";

const none: AlertChange = { tenant, put: [], remove: [], began: [], ended: [], at: noon };

export function alertContract(open: Open): void {
  describe("alerts", () => {
    test(
      "where one stands is kept, and when it fired, for its tenant alone",
      using(open, async (_, { records }) => {
        assert.deepEqual(await records.alertStates(tenant), []);
        await records.changeAlerts({ ...none, put: [{ alert: "slow", firing: false, since: noon, turning: noon + 1 }] });
        assert.deepEqual(await records.alertStates(tenant), [{ alert: "slow", firing: false, since: noon, turning: noon + 1 }]);
        await records.changeAlerts({
          ...none,
          put: [{ alert: "slow", firing: true, since: noon + 2 }],
          began: [{ alert: "slow", beganAt: noon + 2, value: 31.5 }],
        });
        assert.deepEqual(await records.alertStates(tenant), [{ alert: "slow", firing: true, since: noon + 2 }]);
        assert.deepEqual(await records.alertFirings(tenant, 9), [{ alert: "slow", beganAt: noon + 2, value: 31.5 }]);
        assert.deepEqual(await records.alertFirings(other, 9), []);
        assert.deepEqual(await records.alertStates(other), []);
        await records.changeAlerts({ ...none, put: [{ alert: "slow", firing: false, since: noon + 5 }], ended: ["slow"], at: noon + 5 });
        assert.deepEqual(await records.alertFirings(tenant, 9), [{ alert: "slow", beganAt: noon + 2, endedAt: noon + 5, value: 31.5 }]);
      }),
    );

    test(
      "one whose rule goes is forgotten, and what lasts of it ends; what it was stays",
      using(open, async (_, { records }) => {
        const began = [{ alert: "slow", beganAt: noon, value: 1 }];
        await records.changeAlerts({ ...none, put: [{ alert: "slow", firing: true, since: noon }], began });
        await records.changeAlerts({ ...none, remove: ["slow"], at: noon + 7 });
        assert.deepEqual(await records.alertStates(tenant), []);
        assert.deepEqual(await records.alertFirings(tenant, 9), [{ alert: "slow", beganAt: noon, endedAt: noon + 7, value: 1 }]);
      }),
    );

    test(
      "the newest firings are kept, and those that last",
      using(open, async (_, { records }) => {
        await records.changeAlerts({ ...none, began: [{ alert: "lasts", beganAt: noon, value: 1 }] });
        const many = Array.from({ length: mostFirings + 5 }, (_, n) => ({ alert: "often", beganAt: noon + n, value: n }));
        await records.changeAlerts({ ...none, began: many });
        await records.changeAlerts({ ...none, ended: ["often"] });
        await records.changeAlerts({ ...none, began: [{ alert: "last", beganAt: noon, value: 0 }] });
        const kept = await records.alertFirings(tenant, 2 * mostFirings);
        assert.equal(kept.length, mostFirings + 1);
        assert.deepEqual([kept[0]?.alert, kept.at(-1)?.alert, kept.at(-2)?.value], ["last", "lasts", 6]);
      }),
    );
  });
}
