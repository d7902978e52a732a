import type { Command } from "commander";
import { isReference } from "../../config/shape.ts";
import { parsePath } from "../../config/tree.ts";
import type { Result } from "../../core/errors.ts";
import { type SecretWritten, secretName } from "../../vault/vault.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, type Opened, tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse, refused, table } from "../outcome.ts";
import type { Run } from "../run.ts";

const maxBytes = 64 * 2 ** 10;

export function secretsCommand(program: Command, run: Run): void {
  const secrets = program.command("secrets").description("the encrypted vault; secrets go in and never come out again");
  secrets
    .command("set")
    .description("put a secret in, or replace it; the value comes from standard input or a prompt, never from the command line")
    .argument("<name>")
    .action((name: string) => run((door) => set(door, name)));
  secrets
    .command("list")
    .description("names, when they were set, and the settings that use them")
    .action(() => run((door) => looking(door, list)));
  secrets
    .command("remove")
    .description("take a secret out for good")
    .argument("<name>")
    .option("--force", "even if a setting uses it")
    .action((name: string, options: { force?: boolean }) => run((door) => remove(door, name, options.force === true)));
  secrets
    .command("rotate")
    .description("replace one secret with a new value, or the master key that all are sealed with")
    .argument("[name]")
    .option("--master-key", "make a new master key and seal everything with it")
    .action((name: string | undefined, options: { masterKey?: boolean }) => run((door) => rotate(door, name, options.masterKey === true)));
  secrets
    .command("move")
    .description("move a secret that a setting holds in clear into the vault")
    .argument("<path>", "the setting, as in accounts.support-bot.token")
    .option("--name <name>", "what to call it; made from the path if absent")
    .action((path: string, options: { name?: string }) => run((door) => move(door, path, options.name)));
}

async function set(door: CommandDoor, name: string): Promise<Outcome> {
  return working(door, async (opened) => {
    const text = await readSecret(door, `Value of ${name}: `);
    if (typeof text !== "string") return text;
    const written = await opened.vault.write(name, text, actor);
    if (!written.ok) return refused(written.fault);
    const uses = usesOf(opened, name);
    const use =
      uses.length > 0
        ? `Used by ${uses.join(", ")}; a running gateway takes it up at once.`
        : `Write { vault: "${name}" } where a setting needs it.`;
    return done(
      { name, version: written.value.version, key: { ...written.value.key }, usedBy: uses },
      [`Sealed ${name}, version ${written.value.version}. ${use}`, ...keyLine(written)].join("\n"),
    );
  });
}

async function list(opened: Opened): Promise<Outcome> {
  if (opened.fault) return refuse(opened.fault.code, opened.fault.message);
  const all = ((await opened.vault?.list()) ?? []).map(({ name, updatedAt }) => ({ name, updatedAt, usedBy: usesOf(opened, name) }));
  if (all.length === 0) return done([], "The vault is empty. `polylogue secrets set <name>` puts something in.");
  return done(all, table(all.map(({ name, updatedAt, usedBy }) => [name, moment(updatedAt), usedBy.join(", ") || "not used"])));
}

async function remove(door: CommandDoor, name: string, force: boolean): Promise<Outcome> {
  return working(door, async (opened) => {
    const uses = usesOf(opened, name);
    if (uses.length > 0 && !force)
      return refuse("request-invalid", `\`${name}\` is used by ${uses.join(", ")}.`, "Change those settings first, or add --force.");
    if (await opened.vault.remove(name, actor)) return done({ name }, `Removed ${name}.`);
    return refuse("not-found", `The vault has no secret \`${name.slice(0, 200)}\`.`, "`polylogue secrets list` shows what there is.");
  });
}

async function rotate(door: CommandDoor, name: string | undefined, masterKey: boolean): Promise<Outcome> {
  if (masterKey === (name !== undefined)) return refuse("usage", "Say what to rotate: the name of a secret, or --master-key.");
  if (name === undefined) {
    return working(door, async ({ vault }) => {
      const rotated = await vault.rotateMasterKey(actor);
      if (!rotated.ok) return refused(rotated.fault);
      const { secrets, source, where } = rotated.value;
      const next = source === "environment" ? ` Now set ${where} to the new key everywhere, and unset POLYLOGUE_NEXT_MASTER_KEY.` : "";
      return done(
        { ...rotated.value },
        `${secrets} secrets are sealed with a new master key (${where}). Backups from before need the old one: make a new backup.${next}`,
      );
    });
  }
  return working(door, async ({ vault }) => {
    if (!(await vault.list()).some((secret) => secret.name === name))
      return refuse("not-found", `The vault has no secret \`${name.slice(0, 200)}\`.`, "`polylogue secrets set` puts a new one in.");
    const text = await readSecret(door, `New value of ${name}: `);
    if (typeof text !== "string") return text;
    const written = await vault.write(name, text, actor);
    return written.ok
      ? done(
          { name, version: written.value.version },
          `Sealed ${name}, version ${written.value.version}. A running gateway takes it up at once.`,
        )
      : refused(written.fault);
  });
}

async function move(door: CommandDoor, path: string, wanted: string | undefined): Promise<Outcome> {
  return working(door, async (opened) => {
    const raw = parsePath(path) && opened.loaded.explained.written(path);
    const [setting] = opened.loaded.explained.explain(path);
    if (raw === undefined || !setting)
      return refuse("not-found", `There is no setting \`${path}\`.`, "`polylogue config explain` lists all.");
    if (!setting.secret || typeof raw !== "string")
      return refuse("request-invalid", `\`${path}\` is no secret in clear.`, "`polylogue config explain` shows what it is.");
    if (isReference(raw))
      return refuse("request-invalid", `\`${path}\` is a reference already; nothing stands in clear.`, "Nothing needs doing.");
    if (setting.source === "environment")
      return refuse(
        "request-invalid",
        `\`${path}\` comes from ${setting.origin}, which would stand over the vault.`,
        "Take the variable away first.",
      );
    door.mask.add(raw);
    const names = new Set((await opened.vault.list()).map(({ name }) => name));
    const name = wanted ?? freeName(path.split(".").slice(1).join("-"), names);
    if (!secretName.test(name) || names.has(name))
      return refuse(
        "request-invalid",
        `\`${name}\` can't be its name: ${names.has(name) ? "it is taken" : "use letters, digits, dots, - and _"}.`,
        "Choose another with --name.",
      );
    const written = await opened.vault.write(name, raw, actor);
    if (!written.ok) return refused(written.fault);
    await opened.store.records.putSetting(tenant, path, { vault: name }, actor, door.clock.now());
    const left = setting.source === "file" ? [`Now delete it from ${setting.origin}: there it still stands in clear.`] : [];
    return done(
      { path, name, version: written.value.version, stillInClear: left.length > 0 ? setting.origin : null },
      [`\`${path}\` is now { vault: "${name}" }.`, ...left, ...keyLine(written)].join("\n"),
    );
  });
}

/** The secret, or why there is none. */
async function readSecret({ terminal, mask }: CommandDoor, question: string): Promise<string | Outcome> {
  const typed = terminal.interactive ? await terminal.askHidden(question) : await terminal.readAll(maxBytes);
  if (typed === undefined)
    return terminal.interactive
      ? refuse("usage", "No value was typed.")
      : refuse("request-invalid", `The value is longer than ${maxBytes} bytes.`);
  const text = typed.replace(/\r?\n$/, "");
  if (text === "") return refuse("usage", "There is no value.", "Pipe it into standard input, or type it at the prompt.");
  mask.add(text);
  return text;
}

export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "secret";
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
  return name;
}

function usesOf({ loaded }: Opened, name: string): string[] {
  const uses = loaded.explained.explain().filter(({ path, value }) => path.endsWith(".vault") && value === name);
  return uses.map(({ path }) => path.slice(0, -".vault".length));
}

function keyLine(written: Result<SecretWritten>): string[] {
  if (!written.ok || written.value.key.note === undefined) return [];
  const { where, note } = written.value.key;
  return [`A master key was made in ${where}, because ${note}. Keep it apart from backups of this folder, or set POLYLOGUE_MASTER_KEY.`];
}
