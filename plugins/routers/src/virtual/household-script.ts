import { type Household, presentAt, routines, type SimulatedDay, simulateDay } from "@network-personas/engine/testing/household";
import { everyday } from "@network-personas/personas";
import type { Script } from "./clients.ts";
import type { ClientSetting } from "./settings.ts";

/** Routines dealt out to owners in turn. */
const dealt = [routines.homeWorker, routines.player, routines.homebody];

/** Lets clients live the days of a simulated household; without one they say nothing by themselves. */
export function scriptOf(household: { seed: number } | undefined, clients: readonly ClientSetting[], timeZone: string): Script {
  if (!household) return () => undefined;
  const simulated = clients.filter((client) => client.kind !== undefined);
  const devicesOf = (owner: string | undefined) => simulated.filter((c) => c.owner === owner).map((c) => ({ id: c.mac, kind: c.kind! }));
  const owners = [...new Set(simulated.flatMap((c) => c.owner ?? []))];
  const home: Household = {
    seed: household.seed,
    timeZone,
    people: owners.map((id, i) => ({ id, devices: devicesOf(id), routine: dealt[i % dealt.length]! })),
    shared: devicesOf(undefined),
  };
  let today: { date: string; day: SimulatedDay } | undefined;
  const dateOf = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return (client, at) => {
    if (client.kind === undefined) return undefined;
    const date = dateOf.format(at);
    if (today?.date !== date) today = { date, day: simulateDay(home, date) };
    const instant = new Date(at).toISOString();
    const connected = presentAt(today.day, instant).has(client.mac);
    const used = today.day.activities.find((a) => a.device === client.mac && a.from <= instant && instant < a.to);
    return { connected, activity: used?.persona ?? everyday };
  };
}
