const browsers = [
  [/\bEdgA?\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\bFirefox\/(\d+)/, "Firefox"],
  [/\b(?:Headless)?Chrome\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+).*Safari/, "Safari"],
] as const;

const systems = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
] as const;

/** What people call it: "Firefox 145, Windows". What says nothing that is known stands for itself, in short. */
export function browserName(agent: string): string | undefined {
  if (!agent || agent === "browser") return undefined;
  const browser = browsers.map(([pattern, name]) => [name, pattern.exec(agent)?.[1]] as const).find(([, version]) => version);
  if (!browser) return agent.slice(0, 60);
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
  return `${browser[0]} ${browser[1]}${system ? `, ${system}` : ""}`;
}
