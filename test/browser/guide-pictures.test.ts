import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertDecided, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway } from "./support/story.ts";

after(closeBrowser);

interface Kind {
  readonly kind: string;
  readonly name: string;
  readonly pictures: readonly { readonly step: number; readonly title: string; readonly rows: readonly { readonly label: string }[] }[];
}

/** Together they have every kind of row. */
const looked = ["telegram", "discord", "slack"];

test("a step in the wizard shows what the platform looks like there", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const kinds = (await page.evaluate(async () => (await fetch("/api/channels")).json())) as readonly Kind[];
  const pictured = kinds.filter(({ pictures }) => pictures.length > 0);
  const open = async (kind: string) => {
    await page.goto(`${gateway.url}/channels/add/${kind}`);
    await page.getByRole("button", { name: "Test the connection" }).waitFor();
  };

  await t.test("the token of a Telegram bot: where it comes from, and where it goes", async () => {
    await open("telegram");
    const step = page.getByRole("listitem").filter({ hasText: "BotFather answers with a token" });
    const picture = step.getByRole("img");
    assert.equal(
      await picture.getAttribute("aria-label"),
      "How it looks on Telegram, “BotFather”: /newbot; Please choose a name for your bot.; Help desk; example_help_bot; " +
        "Use this token to access the HTTP API:, 123456789:AAE…, goes into “Token”, this is the place",
    );
    for (const words of ["BotFather", "/newbot", "123456789:AAE…", "goes into “Token”"]) {
      assert.ok(await picture.getByText(words).last().isVisible(), words);
    }
    const frames = await page.evaluate(
      "[...document.querySelectorAll('[role=img] *')].filter((one) => getComputedStyle(one).outlineWidth === '2px').map((one) => one.innerText)",
    );
    assert.deepEqual(frames, ["Use this token to access the HTTP API:\n123456789:AAE…", "Disable", "Start"], "what is framed");
    const told = await step.locator("> div").boundingBox();
    const drawn = await picture.boundingBox();
    assert.ok(told && drawn && drawn.y >= told.y + told.height, "the picture is below the words");
  });

  await t.test("every kind's pictures stand in their steps", async () => {
    assert.ok(pictured.length >= 13, pictured.map(({ kind }) => kind).join());
    for (const { kind, name, pictures } of pictured) {
      await open(kind);
      assert.equal(await page.locator("ol > li br").count(), 0, `${kind}: a step is broken where its source is`);
      const steps = page
        .locator("ol")
        .filter({ has: page.getByRole("img") })
        .locator("> li");
      for (const { step, title, rows } of pictures) {
        const drawn = steps.nth(step - 1).getByRole("img", { name: `How it looks on ${name}, “${title}”: ${rows[0]?.label}` });
        assert.equal(await drawn.count(), 1, `${kind}, step ${step}, ${title}`);
      }
      assert.equal(await steps.getByRole("img").count(), pictures.length, kind);
    }
  });

  for (const width of [360, 1280]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await t.test(`${width} px, ${colorScheme}: accessible, fitting`, async () => {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        for (const { kind } of pictured) {
          await open(kind);
          await assertFits(page, `${kind} at ${width} px, ${colorScheme}`);
          if (!looked.includes(kind)) continue;
          await assertAccessible(page, `${kind} at ${width} px, ${colorScheme}`);
          await assertDecided(page, `${kind} at ${width} px, ${colorScheme}`);
        }
      });
    }
  }
  assertQuiet();
});
