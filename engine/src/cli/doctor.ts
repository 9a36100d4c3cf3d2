import type { Command } from "./command.ts";
import { findingLines } from "./format.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "checks the home, its routers and each right, calendars and the clock, and says what to do",
  async run({ json, terminal, openHome }) {
    const home = await openHome();
    try {
      const findings = await home.client.doctor();
      if (json) terminal.print(JSON.stringify(findings, null, 2));
      else for (const line of findings.flatMap(findingLines)) terminal.print(line);
      return findings.some((f) => f.status === "failed") ? 1 : 0;
    } finally {
      await home.close();
    }
  },
};
