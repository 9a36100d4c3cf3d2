import type { Command } from "./command.ts";
import { findingLines } from "./format.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "checks the home, its routers and each right, calendars and the clock, and says what to do",
  options: {
    "test-rollback": {
      type: "string",
      placeholder: "ROUTER",
      describe: "also write a harmless change to this router, and see that it goes away unconfirmed; about half a minute",
    },
  },
  async run({ json, terminal, options, openHome }) {
    const router = options["test-rollback"];
    const home = await openHome();
    try {
      const tested = typeof router === "string" ? await home.client.testRollback(router) : [];
      const findings = [...(await home.client.doctor()), ...tested];
      if (json) terminal.print(JSON.stringify(findings, null, 2));
      else for (const line of findings.flatMap(findingLines)) terminal.print(line);
      return findings.some((f) => f.status === "failed") ? 1 : 0;
    } finally {
      await home.close();
    }
  },
};
