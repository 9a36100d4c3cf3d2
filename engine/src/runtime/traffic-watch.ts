import { describeActivity, type Looking, type Quiet, quietSince, type Said, signalsFrom, worthSaying } from "../adapt/index.ts";
import { inEnglish, type ObservedActivity, type SignalInput } from "../model/index.ts";
import { nothingSeen, observeTraffic, type SeenTraffic, type TrafficMemory } from "../observe/index.ts";

/** What one router showed of the home's traffic, and what has been said of it. */
export class TrafficWatch {
  readonly router: string;
  #memory: TrafficMemory = nothingSeen;
  #quiet: Quiet = new Map();
  #said: Said = new Map();
  #activities: readonly ObservedActivity[] = [];

  constructor(router: string) {
    this.router = router;
  }
  get activities(): readonly ObservedActivity[] {
    return this.#activities;
  }

  /** Takes in one look at the router's traffic. Returns what is worth telling the engine, and which activities changed. */
  look(
    traffic: SeenTraffic,
    { home, personas, atHome, at, overridden }: Omit<Looking, "router"> & { overridden: ReadonlySet<string> },
  ): { signals: SignalInput[]; changed: { device: string; activity: ObservedActivity | null }[] } {
    const { activities, busy, memory } = observeTraffic(traffic, this.#memory, home, at);
    this.#memory = memory;
    // Whoever was forced into something does it, whatever can be seen of it.
    this.#quiet = new Map([...quietSince(this.#quiet, busy, { home, atHome, at })].filter(([person]) => !overridden.has(person)));
    const names = new Map(home.devices.map((device) => [device.id, device.name ?? device.id]));
    const before = this.#activities;
    this.#activities = activities.map(({ device, kind, since, probability, signs }) => {
      const said = describeActivity({ kind, signs }, names.get(device)!);
      return { device, router: this.router, kind, since, probability, why: inEnglish(said), said };
    });
    const worth = worthSaying(
      signalsFrom(activities, { home, personas, router: this.router, atHome, quiet: this.#quiet, at }),
      this.#said,
      at,
    );
    this.#said = worth.said;
    const same = (a: ObservedActivity, b: ObservedActivity) => a.device === b.device && a.kind === b.kind && a.since === b.since;
    const begun = this.#activities
      .filter((a) => !before.some((b) => same(a, b)))
      .map((activity) => ({ device: activity.device, activity }));
    const ended = before
      .filter((b) => !this.#activities.some((a) => a.device === b.device))
      .map(({ device }) => ({ device, activity: null }));
    return { signals: worth.signals, changed: [...begun, ...ended] };
  }
}
