import { believeFor, describeActivity, type Looking, type Quiet, quietSince, type Said, signalsFrom, worthSaying } from "../adapt/index.ts";
import { between, type Instant, inEnglish, later, type ObservedActivity, type SignalInput } from "../model/index.ts";
import { nothingSeen, observeTraffic, type SeenTraffic, type TrafficMemory } from "../observe/index.ts";

/** What was seen stands for so long while nothing can be seen, ms. After that there is no more than a prediction. */
const standFor = 15 * 60_000;

/** What one router showed of the home's traffic, and what has been said of it. */
export class TrafficWatch {
  readonly router: string;
  #memory: TrafficMemory = nothingSeen;
  #quiet: Quiet = new Map();
  #said: Said = new Map();
  #activities: readonly ObservedActivity[] = [];
  #lookedAt: Instant | undefined;
  #last: readonly SignalInput[] = [];

  constructor(router: string) {
    this.router = router;
  }
  /** Undefined when it is too long since anything could be seen. */
  activitiesAt(at: Instant): readonly ObservedActivity[] | undefined {
    return this.#lookedAt !== undefined && between(this.#lookedAt, at) <= believeFor ? this.#activities : undefined;
  }

  /** Takes in one look at the router's traffic. Returns what is worth telling the engine, and which activities changed. */
  look(
    traffic: SeenTraffic,
    { home, personas, atHome, at, overridden }: Omit<Looking, "router"> & { overridden: ReadonlySet<string> },
  ): { signals: SignalInput[]; changed: { device: string; activity: ObservedActivity | null }[] } {
    // Nobody was quiet, and nothing went on, while nobody could look.
    if (this.activitiesAt(at) === undefined) {
      this.#memory = nothingSeen;
      this.#quiet = new Map();
    }
    this.#lookedAt = at;
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
    this.#last = signalsFrom(activities, { home, personas, router: this.router, atHome, quiet: this.#quiet, at });
    const signals = this.#worthSaying(this.#last, at);
    const same = (a: ObservedActivity, b: ObservedActivity) => a.device === b.device && a.kind === b.kind && a.since === b.since;
    const begun = this.#activities
      .filter((a) => !before.some((b) => same(a, b)))
      .map((activity) => ({ device: activity.device, activity }));
    const ended = before
      .filter((b) => !this.#activities.some((a) => a.device === b.device))
      .map(({ device }) => ({ device, activity: null }));
    return { signals, changed: [...begun, ...ended] };
  }

  /**
   * While nothing can be seen nothing is adapted either: what was seen last goes on as evidence for a while, so that a fault of a
   * router is not taken for the end of a game. It teaches nothing.
   */
  standing(at: Instant): SignalInput[] {
    if (this.#lookedAt === undefined || between(this.#lookedAt, at) > standFor) return [];
    const still = this.#last.filter(({ kind }) => kind === "evidence").map((s) => ({ ...s, at, expiresAt: later(at, believeFor) }));
    return this.#worthSaying(still, at);
  }

  #worthSaying(signals: readonly SignalInput[], at: Instant): SignalInput[] {
    const worth = worthSaying(signals, this.#said, at);
    this.#said = worth.said;
    return worth.signals;
  }
}
