import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { temporaryHome } from "../gateway-process.ts";
import { postgresMissing, startPostgres } from "../servers/postgres.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { password, setUp, startGateway, until } from "./support/story.ts";

after(closeBrowser);

test("an operator is invited, joins, gets another role, loses the password, and is removed", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const ada = await openWindow(t);
  const grace = await openWindow(t, { width: 360, height: 740 });
  await setUp(ada.page, gateway.url);
  const users = `${gateway.url}/users`;

  await t.test("the link is shown once and leads to a door of its own", async () => {
    const { page } = ada;
    await page.goto(users);
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByRole("button", { name: "Make the link" }).click();
    await page.getByText("Enter a word for whom it is.").waitFor();
    await page.getByLabel("Whom is it for?").fill("Grace of support");
    await page.getByLabel("What may they do?").selectOption("viewer");
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    assert.ok(link.startsWith(`${gateway.url}/#invite=`), link);
    await assertAccessible(page, "the link");
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.getByText("Grace of support").waitFor();
    assert.equal(await page.getByText(link).count(), 0);

    await grace.page.goto(link);
    await grace.page.getByRole("heading", { name: "Join" }).waitFor();
    assert.equal(new URL(grace.page.url()).hash, "", "the token stays in no history");
    await assertAccessible(grace.page, "join");
    await assertFits(grace.page, "join");
    await grace.page.getByLabel("Name", { exact: true }).fill("ada");
    await grace.page.getByLabel("Password", { exact: true }).fill(password);
    await grace.page.getByRole("button", { name: "Join" }).click();
    await grace.page.getByText("somebody here has this name already").waitFor();
    grace.forgive();
    await grace.page.getByLabel("Name", { exact: true }).fill("grace");
    await grace.page.getByRole("button", { name: "Join" }).click();
    await grace.page.getByRole("button", { name: /grace: account menu/ }).waitFor();
  });

  await t.test("a viewer sees own logins alone, and no room of administrators", async () => {
    await grace.page.goto(users);
    await grace.page.getByRole("heading", { name: "Signed in" }).waitFor();
    assert.equal(await grace.page.getByRole("heading", { name: "Operators" }).count(), 0);
    assert.equal(await grace.page.getByText("this window").count(), 1);
    await assertFits(grace.page, "users of a viewer");
  });

  await t.test("a new role counts at once, without signing in again", async () => {
    await ada.page.goto(users);
    await ada.page.getByLabel("Role of grace").selectOption("admin");
    await ada.page.getByText("grace: Administrator, from now on").waitFor();
    await grace.page.reload();
    await grace.page.getByRole("heading", { name: "Operators" }).waitFor();
    assert.equal(await grace.page.getByLabel("Role of ada").count(), 0, "nobody acts above their own role");
  });

  await t.test("a lost password: the link of an administrator lets choose another, and ends the old login", async () => {
    await ada.page.getByRole("button", { name: "grace: what can be done" }).click();
    await ada.page.getByRole("menuitem", { name: "Link for a new password" }).click();
    const link = await ada.page.getByLabel("Link", { exact: true }).inputValue();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    const phone = await openWindow(t);
    await phone.page.goto(link);
    await phone.page.getByLabel("Password", { exact: true }).fill("quite another password");
    await phone.page.getByRole("button", { name: "Set the password" }).click();
    await phone.page.getByRole("button", { name: /grace: account menu/ }).waitFor();
    await grace.page.reload();
    await grace.page.getByRole("button", { name: "Sign in" }).waitFor();
    await phone.page.goto(link);
    await phone.page.getByLabel("Password", { exact: true }).fill("quite another password");
    await phone.page.getByRole("button", { name: "Set the password" }).click();
    await phone.page.getByText("this link isn't valid").waitFor();
    await phone.page.goto(`${gateway.url}/users`);
    // A login that is ended from elsewhere is over in its window too.
    await ada.page.reload();
    await ada.page.getByRole("listitem").filter({ hasText: "grace ·" }).getByRole("button", { name: "Sign out" }).click();
    await ada.page.getByText("Signed out there").first().waitFor();
    await phone.page.getByText("Your login is over", { exact: false }).first().waitFor({ timeout: 40_000 });
  });

  await t.test("removed: the name stays in the audit log", async () => {
    const { page } = ada;
    await page.getByRole("button", { name: "grace: what can be done" }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("grace can't sign in any more").waitFor();
    await page.goto(`${gateway.url}/audit`);
    await page.getByRole("button", { name: "grace", exact: true }).first().click();
    await page.waitForURL(/actor=/);
    await page.getByText("chose a new password").waitFor();
    assert.equal(await page.getByText("gave a role").count(), 0, "only what grace did");
    await page.getByRole("button", { name: "No longer only: grace" }).click();
    await page.getByText("gave a role").waitFor();
    await page.getByRole("button", { name: "Check the chain" }).click();
    await page.getByText(/^All \d+ entries are as they were written$/).waitFor();
    ada.assertQuiet();
  });
});

test("a token for a machine works until it is revoked", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.goto(`${gateway.url}/users`);
  await page.getByRole("button", { name: "Make a token" }).click();
  await page.getByLabel("What is it for?").fill("monitoring");
  await page.getByRole("button", { name: "Make the token" }).click();
  const token = await page.getByLabel("Token", { exact: true }).inputValue();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  const ask = () => fetch(`${gateway.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(((await (await ask()).json()) as { readonly role: string }).role, "viewer");
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("Revoked").first().waitFor();
  assert.equal((await ask()).status, 401);
  assertQuiet();
});

test("a setting is found, refused with a reason, set, takes effect, and goes back; a secret goes in and never comes out", {
  skip: browserMissing,
}, async (t) => {
  const gateway = await startGateway(t, { limits: { turnTries: 4 } });
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.goto(`${gateway.url}/settings?q=turnTries`);
  const row = page.getByRole("listitem").filter({ hasText: "limits.turnTries" });
  await row.getByText("file", { exact: true }).waitFor();
  await row.getByText("Stands over built in: 5").waitFor();
  await row.getByRole("button", { name: "Change limits.turnTries" }).click();
  await page.getByLabel("Value").fill("many");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Enter a number.").waitFor();
  await page.getByLabel("Value").fill("-3");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").waitFor();
  forgive();
  assert.equal(await page.getByLabel("Value").inputValue(), "-3", "what was typed stays");
  await page.getByLabel("Value").fill("7");
  await page.getByRole("button", { name: "Save" }).click();
  await row.getByText("set here", { exact: true }).waitFor();
  await row.getByText(/Stands over file: 4 · built in: 5/).waitFor();
  await row.getByRole("button", { name: "Reset limits.turnTries" }).click();
  await row.getByText("file", { exact: true }).waitFor();
  await page.getByLabel("Search").fill("");

  await page.getByRole("button", { name: "Set a secret" }).click();
  await page.getByLabel("Name", { exact: true }).fill("desk-key");
  await page.getByLabel("Secret", { exact: true }).fill("hush-hush-hush");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("desk-key", { exact: true }).waitFor();
  assert.equal(await page.getByText("hush-hush-hush").count(), 0);
  await page.getByRole("listitem").filter({ hasText: "desk-key" }).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("“desk-key” is removed").waitFor();
  await until("it is gone from the list", async () => (await page.getByText("desk-key", { exact: true }).count()) === 0);
  assertQuiet();
});

test("a backup is made, checked, downloaded and removed; the schedule is a setting", { skip: browserMissing }, async (t) => {
  await workWithBackups(t, await startGateway(t));
});

test("so it is where the store is in PostgreSQL", { skip: browserMissing || postgresMissing() }, async (t) => {
  const server = await startPostgres();
  t.after(() => server[Symbol.asyncDispose]());
  const backups = await temporaryHome();
  t.after(() => backups[Symbol.asyncDispose]());
  const env = { POLYLOGUE_STORE: await server.database(), POLYLOGUE_BACKUPS: backups.path };
  await workWithBackups(t, await startGateway(t, undefined, env), backups.path);
});

async function workWithBackups(t: TestContext, gateway: Awaited<ReturnType<typeof startGateway>>, folder?: string): Promise<void> {
  const backups = folder ?? join(gateway.home, "backups");
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.goto(`${gateway.url}/backup`);
  await page.getByText("No backups yet").waitFor();
  await page.getByText(`They lie in ${backups}.`).waitFor();
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByText("Saved, with 0 messages").waitFor();
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText("It is whole", { exact: false }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).click()]);
  assert.match(download.suggestedFilename(), /^polylogue-.*\.tar$/);
  const tar = await readFile(await download.path());
  assert.ok(tar.includes("manifest.json") && tar.includes("SQLite format 3"));
  forgive();
  const [csv] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Messages", exact: true }).click()]);
  assert.match(await readFile(await csv.path(), "utf8"), /^\ufeffid,at,account,channel,/);
  await page.getByLabel("How often?").selectOption("24");
  await page.getByText("Every 24 hours; the newest 7 stay.").waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Removed").waitFor();
  await until("it is gone from the disk", async () => (await readdir(backups)).every((name) => name.endsWith("-auto")));
  assertQuiet();
}
