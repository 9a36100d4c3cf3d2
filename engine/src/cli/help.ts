import type { Command, OptionSpec } from "./command.ts";

/** Options every command takes. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  home: { type: "string", placeholder: "FILE", describe: "the home (default: $NETWORK_PERSONAS_HOME, else home.yaml)" },
  data: { type: "string", placeholder: "DIR", describe: "what the home remembers (default: .network-personas beside it)" },
  json: { type: "boolean", describe: "print JSON" },
  verbose: { type: "boolean", describe: "log what happens on standard error" },
  help: { type: "boolean", short: "h", describe: "print this" },
};

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((c) => c.name.length));
  return [
    "network-personas: a home network that is already configured for what you are about to do",
    "",
    ...commands.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`),
    "",
    "network-personas COMMAND --help tells more about one.",
  ].join("\n");
}

export function describeCommand(command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions });
  const left = ([name, o]: [string, OptionSpec]) => `--${name}${o.placeholder ? ` ${o.placeholder}` : ""}`;
  const width = Math.max(...options.map((o) => left(o).length));
  return [
    `network-personas ${command.name}${command.positionals ? ` ${command.positionals}` : ""}`,
    `  ${command.summary}`,
    "",
    ...options.map((o) => `  ${left(o).padEnd(width)}  ${o[1].describe}`),
  ].join("\n");
}
