import type { ApplyOutcome } from "../model/index.ts";
import type { Command, CommandContext } from "./command.ts";
import { outcomeLines } from "./format.ts";

/** Prints outcomes; exit code 1 when one failed. */
function report({ json, terminal }: CommandContext, outcomes: readonly ApplyOutcome[]): number {
  if (json) terminal.print(JSON.stringify(outcomes, null, 2));
  else for (const line of outcomes.flatMap(outcomeLines)) terminal.print(line);
  if (!json && outcomes.length === 0) terminal.print("no router is configured; add one under routers in home.yaml");
  return outcomes.some((o) => o.result === "failed" || o.result === "rolled-back") ? 1 : 0;
}

export const apply: Command = {
  name: "apply",
  summary: "plans now and brings every router in live mode to the plan",
  async run(context) {
    const home = await context.openHome();
    try {
      return report(context, await home.client.apply());
    } finally {
      await home.close();
    }
  },
};

export const release: Command = {
  name: "release",
  summary: "removes everything of ours from the routers",
  async run(context) {
    const home = await context.openHome();
    try {
      return report(context, await home.client.release());
    } finally {
      await home.close();
    }
  },
};
