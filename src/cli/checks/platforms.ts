import type { Loaded } from "../../config/load.ts";
import { fault } from "../../core/errors.ts";
import { accountFinding, type Finding } from "../../core/finding.ts";
import type { CliDoor } from "../door.ts";
import { probeAccount, probeProvider } from "../probe.ts";
import { asFinding, type Check } from "./check.ts";

/** A real round trip with every account and provider, all at the same time. */
export async function checkPlatforms(door: CliDoor, { configuration }: Loaded): Promise<Check[]> {
  const accounts = [...configuration.accounts.values()].map(async ({ id, channel, settings }): Promise<Check> => {
    const name = `account ${id}`;
    const kind = await door.kinds.channel(channel);
    if (!kind) return { name, detail: channel, findings: [] };
    const probed = await probeAccount(door, kind, id, settings);
    if (probed.ok) return { name, detail: `connected as ${probed.value.name} (${channel})`, findings: [] };
    return { name, detail: `not connected (${channel})`, findings: [accountFinding(id, probed.fault)] };
  });
  const providers = [...configuration.providers.values()].map(async ({ id, kind, settings }): Promise<Check> => {
    const name = `provider ${id}`;
    const provider = await door.kinds.provider(kind);
    if (!provider) return { name, detail: kind, findings: [] };
    const wanted = provider.package;
    if (wanted && (await door.packages.installed(wanted.name)) === undefined) {
      const missing = fault(
        "package-missing",
        `The kind ${kind} needs the package ${wanted.name}: \`polylogue models add ${kind}\` installs it.`,
      );
      return { name, detail: `package missing (${kind})`, findings: [asFinding(missing, `providers.${id}`)] };
    }
    const models = await probeProvider(door, provider, id, settings);
    if (!models.ok) return { name, detail: `not reached (${kind})`, findings: [asFinding(models.fault, `providers.${id}`)] };
    return { name, detail: `${models.value.length} models (${kind})`, findings: absentModels(id, models.value, configuration) };
  });
  return Promise.all([...accounts, ...providers]);
}

/** Models that an agent names and the provider doesn't list. Some providers list nothing, or not everything. */
export function absentModels(provider: string, models: readonly string[], { agents }: Loaded["configuration"]): Finding[] {
  if (models.length === 0) return [];
  return [...agents.values()].flatMap((agent) =>
    agent.models
      .filter((model) => model.startsWith(`${provider}/`) && !models.includes(model.slice(provider.length + 1)))
      .map((model) => ({
        code: "model-absent",
        severity: "warning" as const,
        subject: `agents.${agent.id}.models`,
        message: `The provider ${provider} doesn't list the model ${model.slice(provider.length + 1)} of the agent ${agent.id}.`,
        hint: `It lists ${models.slice(0, 8).join(", ")}${models.length > 8 ? " …" : ""}.`,
      })),
  );
}
