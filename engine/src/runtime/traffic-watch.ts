import type { PersonaSet } from "@network-personas/personas";
import { describeActivity, type Said, signalsFrom, worthSaying } from "../adapt/index.ts";
import type { Flow, Home, Instant, ObservedActivity, SignalInput } from "../model/index.ts";
import { nothingSeen, observeTraffic, type TrafficMemory } from "../observe/index.ts";

/** What one router showed of the home's traffic, and what has been said of it. */
export class TrafficWatch {
  readonly router: string;
  #memory: TrafficMemory = nothingSeen;
  #said: Said = new Map();
  #activities: readonly ObservedActivity[] = [];

  constructor(router: string) {
    this.router = router;
  }
  get activities(): readonly ObservedActivity[] {
    return this.#activities;
  }

  /** Takes in one look at the router's connections. Returns what is worth telling the engine, and which activities changed. */
  look(
    flows: readonly Flow[],
    { home, personas, atHome, at }: { home: Home; personas: PersonaSet; atHome: ReadonlySet<string>; at: Instant },
  ): { signals: SignalInput[]; changed: { device: string; activity: ObservedActivity | null }[] } {
    const { activities, memory } = observeTraffic(flows, this.#memory, home, at);
    this.#memory = memory;
    const names = new Map(home.devices.map((device) => [device.id, device.name ?? device.id]));
    const before = this.#activities;
    this.#activities = activities.map(({ device, kind, since, probability, signs }) => ({
      device,
      router: this.router,
      kind,
      since,
      probability,
      why: describeActivity({ kind, signs }, names.get(device)!),
    }));
    const worth = worthSaying(signalsFrom(activities, { home, personas, router: this.router, atHome, at }), this.#said, at);
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
