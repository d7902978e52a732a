import { after, test } from "node:test";
import { startModelSimulator } from "../simulators/model.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, until } from "./support/story.ts";

after(closeBrowser);

test("a provider is added with a wrong key, then given the right one; its models answer a test; it is removed", {
  skip: browserMissing,
}, async (t) => {
  const models = await startModelSimulator({ key: "sk-the-right-one" });
  t.after(() => models.close());
  const gateway = await startGateway(t);
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.goto(`${gateway.url}/models`);
  await page.getByText("demo/demo", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Add a provider" }).click();
  await page.getByLabel("Kind").selectOption("openai-compatible");
  await page.getByLabel("Name", { exact: true }).fill("demo");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("the name must be free", { exact: false }).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("hosted");
  const address = page.getByLabel(/^Base URL/);
  if (!(await address.isVisible())) await page.getByText(/more settings?$/).click();
  await address.fill(`${models.origin}/v1`);
  const key = page.getByLabel(/^API key/);
  await key.fill("sk-a-wrong-one");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("“hosted” can be asked now", { exact: false }).waitFor();
  await assertAccessible(page, "models");
  await assertFits(page, "models");

  await page.getByLabel("Another model").fill("hosted/echo");
  await page.getByRole("button", { name: "Test" }).last().click();
  await page
    .getByText(/401|refused|key/i)
    .first()
    .waitFor();
  forgive();

  await page.getByRole("listitem").filter({ hasText: "hosted" }).getByRole("button", { name: "New key" }).click();
  await page.getByRole("dialog").getByLabel("New key").fill("sk-the-right-one");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("The key is stored, and used from now on").waitFor();
  // The gateway takes a new secret up within a second or so.
  await until("the right key works", async () => {
    await page.getByRole("button", { name: "Test" }).last().click();
    return await page
      .getByText(/^It answered in .* tokens$/)
      .waitFor({ timeout: 1_500 })
      .then(() => true)
      .catch(() => false);
  });
  forgive();

  await page.getByRole("listitem").filter({ hasText: "hosted" }).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("“hosted” is removed").waitFor();
  await page.getByText("hosted", { exact: true }).waitFor({ state: "detached" });
  forgive();
  assertQuiet();
});
