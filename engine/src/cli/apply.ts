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

export const rollback: Command = {
  name: "rollback",
  summary: "undoes the last change of the routers, and leaves them as they are for an hour; once more, and it is done again",
  async run(context) {
    const home = await context.openHome();
    try {
      return report(context, await home.client.rollback());
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
      const outcomes = await home.client.release();
      const code = report(context, outcomes);
      if (code !== 0) context.terminal.complain("not everything could be removed: run release again once what is said above is mended");
      return code;
    } finally {
      await home.close();
    }
  },
};
