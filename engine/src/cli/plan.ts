import { describePlan } from "../compose/index.ts";
import type { PlanView } from "../model/index.ts";
import { atOption, instantOf } from "./at-option.ts";
import type { Command } from "./command.ts";
import { changeLine, omissionLines } from "./format.ts";

export const plan: Command = {
  name: "plan",
  summary: "what the network would be given and why, and what each router would be told; writes nothing",
  options: { at: atOption },
  async run({ options, json, terminal, openHome }) {
    const at = instantOf(options.at);
    const home = await openHome();
    try {
      const view = await home.client.plan(at ? { at } : {});
      if (json) terminal.print(JSON.stringify(view, null, 2));
      else for (const line of [...describePlan(view), ...routerLines(view)]) terminal.print(line);
      return view.routers.some((r) => r.error) ? 1 : 0;
    } finally {
      await home.close();
    }
  },
};

function routerLines(view: PlanView): string[] {
  return view.routers.flatMap((r) => [
    "",
    `router ${r.router} (${r.mode}): ${r.error ?? (r.changes.length === 0 ? "has this plan already" : `${r.changes.length} changes`)}`,
    ...r.changes.map((c) => `  ${changeLine(c)}`),
    ...omissionLines(r.omissions),
  ]);
}
