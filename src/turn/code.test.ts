import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maskCode } from "./code.ts";

const js = "```js\nlet a = 1;\n```";
const longer = "````md\n```\ninner\n```\n````";

describe("blocks of code", () => {
  for (const [name, text, masked] of [
    ["stand as marks", `See\n${js}\nand`, "See\n⟦1⟧\nand"],
    ["are counted", `${js}\n\n~~~\nx\n~~~`, "⟦1⟧\n\n⟦2⟧"],
    ["end with a fence of their own", `${longer}\nend`, "⟦1⟧\nend"],
    ["end with the text, where nothing closes them", "a\n```\nopen", "a\n⟦1⟧"],
    ["are no marks that somebody wrote", `⟦1⟧ ${"\n"}${js}`, `⟦1⟧ ${"\n"}${js}`],
    ["are nothing where there are none", "`a` and ⸨b⸩", "`a` and ⸨b⸩"],
  ] as const) {
    it(name, () => {
      const code = maskCode(text);
      assert.equal(code.text, masked);
      assert.equal(code.unmask(code.text), text);
    });
  }

  it("come back at the end where a model lost them, and only those", () => {
    const code = maskCode(`${js}\n\n~~~\nx\n~~~`);
    assert.equal(code.unmask("Siehe ⟦2⟧"), `Siehe ~~~\nx\n~~~\n\n${js}`);
    assert.equal(code.unmask("⟦7⟧"), `⟦7⟧\n\n${js}\n\n~~~\nx\n~~~`);
  });

  it("come as they are in what is shown letter by letter", () => {
    const show = maskCode(`a\n${js}\nb ⸨x⸩`).unmasking();
    assert.equal([..."A\n⟦1⟧\nB ⟦x"].map(show).join(""), `A\n${js}\nB `);
    assert.equal(show("yz⟧!"), "⟦xyz⟧!");
  });
});
