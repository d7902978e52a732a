import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { readFields, type SettingField } from "../../ui/src/rooms/channels/setting-fields.ts";
import { stands } from "../scenario/mixed/stands.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway } from "./support/story.ts";

after(closeBrowser);

/** Settings of an account that the wizard asks for elsewhere. */
const common = new Set(["streaming", "access", "onUnknown"]);

async function fill(page: Page, field: SettingField, value: unknown): Promise<void> {
  const control = page
    .getByLabel(field.label, { exact: true })
    .or(page.getByLabel(`${field.label}optional`, { exact: true }))
    .first();
  if (!(await control.isVisible())) await page.getByText(/more settings?$/).click();
  if (field.kind === "switch") return control.setChecked(value === true);
  if (field.kind === "choice") return void (await control.selectOption(String(value)));
  await control.fill(
    field.kind === "list" ? (value as readonly string[]).join("\n") : typeof value === "string" ? value : JSON.stringify(value),
  );
}

test("each channel is added in the wizard: a wrong secret is refused with a reason, the right one connects, and it runs", {
  skip: browserMissing,
}, async (t) => {
  const gateway = await startGateway(t);
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const kinds = (await page.evaluate(async () => (await fetch("/api/channels")).json())) as readonly {
    readonly kind: string;
    readonly settings: { readonly [key: string]: unknown };
  }[];
  const added = new Set(["webchat"]);

  for (const { kind: stood, open } of stands) {
    const stand = await open(1, `${gateway.url}/hooks`);
    t.after(() => stand.close());
    added.add(stood);
    await t.test(stood, async () => {
      const schema = kinds.find(({ kind }) => kind === stood)?.settings ?? {};
      const given = Object.entries(stand.account).filter(([key]) => !common.has(key));
      const fields = readFields(schema);
      await page.goto(`${gateway.url}/channels/add/${stood}`);
      await page.getByRole("button", { name: "Test the connection" }).waitFor();
      for (const [key, value] of given) await fill(page, fields.find((field) => field.key === key) as SettingField, value);
      const credential = fields.find(({ key, kind }) => kind === "secret" && given.some(([name]) => name === key));
      // Whoever posts to a webhook of ours proves it with each request: there is nobody to ask.
      if (credential && stood !== "webhook") {
        const right = given.find(([key]) => key === credential.key)?.[1] as string;
        await fill(page, credential, `${right.slice(0, -4)}0000`);
        await page.getByRole("button", { name: "Test the connection" }).click();
        await page.getByRole("alert").or(page.locator("[aria-invalid=true]")).first().waitFor();
        assert.equal(await page.getByText("Connected as", { exact: false }).count(), 0);
        await assertAccessible(page, `${stood}, refused`);
        await fill(page, credential, right);
      }
      await page.getByRole("button", { name: "Test the connection" }).click();
      await page.getByText("Connected as", { exact: false }).waitFor();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByLabel("Name of the account").fill(`my-${stood}`);
      await page.getByRole("button", { name: "Save and start" }).click();
      await page.getByText(`“my-${stood}” is saved and started`).waitFor();
      await page.getByText("Connected", { exact: true }).waitFor();
      forgive();
      await page.getByRole("link", { name: "Open the account" }).click();
      await page.getByRole("heading", { name: "What it can do" }).waitFor();
      await assertAccessible(page, `the account of ${stood}`);
      await assertFits(page, `the account of ${stood}`);
      assertQuiet();
      assert.deepEqual(stand.violations, []);
    });
  }
  assert.deepEqual(
    kinds.map(({ kind }) => kind).filter((kind) => !added.has(kind)),
    [],
    "every kind was added",
  );
});
