import { z } from "zod";
import { type Command, UsageError } from "./command.ts";
import { dateTime } from "./format.ts";

export const pause: Command = {
  name: "pause",
  summary: "leaves the routers as they are for an hour; apply goes on before",
  options: { minutes: { type: "string", placeholder: "N", describe: "for so long instead" } },
  async run({ options, json, terminal, openHome }) {
    const minutes = z.coerce
      .number()
      .int()
      .min(1)
      .max(7 * 24 * 60)
      .safeParse(options.minutes ?? 60);
    if (!minutes.success) throw new UsageError(`--minutes "${options.minutes}" is not a number of minutes from 1 to ${7 * 24 * 60}`);
    const home = await openHome();
    try {
      const hold = await home.client.pause(minutes.data);
      const { timeZone } = (await home.client.state()).home;
      if (json) terminal.print(JSON.stringify(hold, null, 2));
      else if (hold.until === null) terminal.print("everything of ours was removed from the routers; nothing is applied until you apply");
      else terminal.print(`paused until ${dateTime(hold.until, timeZone)}; go on before with: network-personas apply`);
      return 0;
    } finally {
      await home.close();
    }
  },
};

export const forget: Command = {
  name: "forget",
  summary: "forgets a person's history and what was learned from it, or a day",
  options: {
    subject: { type: "string", placeholder: "ID", describe: "only of this person" },
    day: {
      type: "string",
      placeholder: "DATE",
      describe: "only this day, e.g. 2026-11-24; what was learned from it stays, as counts without a date",
    },
  },
  async run({ options, json, terminal, openHome }) {
    const { subject, day } = options as { subject?: string; day?: string };
    if (subject === undefined && day === undefined) throw new UsageError("say what: --subject ID, --day DATE, or both");
    const home = await openHome();
    try {
      const what = { ...(subject === undefined ? {} : { subject }), ...(day === undefined ? {} : { day }) };
      await home.client.forget(what);
      if (json) terminal.print(JSON.stringify({ forgotten: what }));
      else
        terminal.print(
          `forgotten: ${[subject ?? "everybody", ...(day === undefined ? ["with what was learned"] : [`on ${day}`])].join(", ")}. Backups still have it.`,
        );
      return 0;
    } finally {
      await home.close();
    }
  },
};
