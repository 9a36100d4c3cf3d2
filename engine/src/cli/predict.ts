import { atOption, instantOf } from "./at-option.ts";
import type { Command } from "./command.ts";
import { predictionLines } from "./format.ts";

export const predict: Command = {
  name: "predict",
  summary: "what everybody is likely to do next, and why",
  options: { at: atOption, subject: { type: "string", placeholder: "ID", describe: "only this person or device" } },
  async run({ options, json, terminal, openHome }) {
    const at = instantOf(options.at);
    const subject = options.subject as string | undefined;
    const home = await openHome();
    try {
      const predictions = await home.client.predict({ ...(at ? { at } : {}), ...(subject ? { subject } : {}) });
      const names = new Map((await home.client.state()).subjects.map((s) => [s.subject, s.name]));
      if (json) terminal.print(JSON.stringify(predictions, null, 2));
      else
        for (const p of predictions)
          for (const line of [...predictionLines(p, names.get(p.subject) ?? p.subject), ""]) terminal.print(line);
      return 0;
    } finally {
      await home.close();
    }
  },
};
