import { classTable } from "@network-personas/personas";
import {
  type ChangeSet,
  type Clock,
  type Finding,
  findingOf,
  ReadBackMismatch,
  type RouterDriver,
  type RouterState,
  troubleFinding,
  troubleOf,
} from "../driver/index.ts";
import { type DevicePlan, type Home, type NetworkPlan, neutralDevice, type Sentence, sentence } from "../model/index.ts";
import { type Bench, forget, takeBack } from "./change.ts";
import type { JournalEntry } from "./journal.ts";

/** Who could be given something harmless for a moment, and the time. */
export interface TrialSetting {
  home: Pick<Home, "home" | "devices">;
  clock: Clock;
}

/** A change that does nobody any harm while it lasts. */
interface Trial {
  plan: NetworkPlan;
  set: ChangeSet;
  /** Why it harms nobody. */
  harmless: Sentence;
}

/** Time a router gets to be confirmed, ms: it must do for writing and reading back. Some drivers make it longer. */
const shortestWait = 6_000;
/** How much longer than that its way back may take before it is given up, ms. */
const patience = 45_000;
const pollEvery = 2_000;
const confirmRepairWithin = 60_000;

/**
 * Writes a harmless change, leaves it unconfirmed, sees what was before come back (by the router itself where it can, else from our
 * notes) and reads that nothing is left of it. Noted like any change: a crash on the way is ended by the next start.
 * @throws DriverError when the router cannot be asked before anything is written
 */
export async function tryWayBack(bench: Bench, setting: TrialSetting): Promise<Finding[]> {
  const { driver, journal, router } = bench;
  const { clock } = setting;
  const [held, found, { rollback, applyMs }] = [await journal.confirmed(router), await driver.read(), await driver.capabilities()];
  const differing = (await driver.plan(held, found)).changes;
  if (differing.length > 0)
    return [findingOf("test change", "warning", sentence("trialDiffers", { changes: some(differing) }), sentence("applyThenTest"))];
  const trial = await harmlessTrial(driver, found, held, setting);
  if (!trial) return [findingOf("test change", "warning", sentence("trialNothing"), sentence("testUnderOtherPlan"))];

  const last = await journal.load(router);
  const entry: JournalEntry = {
    router,
    previous: held,
    desired: held,
    phase: "pending",
    at: new Date(clock.now()).toISOString(),
    ...(last ? { before: { previous: last.previous, desired: last.desired } } : {}),
  };
  await journal.save(entry);
  const findings: Finding[] = [];
  try {
    const confirmWithin = Math.max(shortestWait, 6 * applyMs);
    await driver.apply(trial.set, { confirmWithin });
    const missing = (await driver.plan(trial.plan, await driver.read())).changes;
    if (missing.length > 0)
      throw new ReadBackMismatch(
        missing.map(({ summary }) => summary),
        { router, request: "read back" },
      );
    const { harmless, set } = trial;
    findings.push(findingOf("test change", "ok", sentence("trialWritten", { changes: some(set.changes), harmless })));
    if (rollback === "router") findings.push(await seenBack(driver, found, clock, confirmWithin + patience));
  } catch (error) {
    findings.push(troubleFinding("test change", troubleOf(error), sentence("stayInPreview")));
  }
  const started = clock.now();
  try {
    await forget(bench, entry, await takeBack(bench, found, held, confirmRepairWithin));
    if (rollback === "engine")
      findings.push(findingOf("way back", "ok", sentence("backByEngine", { time: seconds(clock.now() - started) })));
    findings.push(traces((await driver.plan(held, await driver.read())).changes));
  } catch (error) {
    findings.push(troubleFinding("way back", troubleOf(error), sentence("backTriedAgain")));
  }
  return findings;
}

/** Waits until the router itself brought back what it held. */
async function seenBack(driver: RouterDriver, found: RouterState, clock: Clock, atMost: number): Promise<Finding> {
  const started = clock.now();
  const before = JSON.stringify(found.owned);
  // A router that reloads does not answer for a moment.
  const isBack = () =>
    driver.read().then(
      ({ owned }) => JSON.stringify(owned) === before,
      () => false,
    );
  while (clock.now() - started < atMost) {
    await clock.sleep(pollEvery);
    if (await isBack()) return findingOf("way back", "ok", sentence("backByRouter", { time: seconds(clock.now() - started) }));
  }
  return findingOf("way back", "failed", sentence("backNotByRouter", { time: seconds(atMost) }), sentence("noLiveWithoutWayBack"));
}

/** The first of a few harmless changes that this router has something for. */
async function harmlessTrial(
  driver: RouterDriver,
  found: RouterState,
  held: NetworkPlan | null,
  { home, clock }: TrialSetting,
): Promise<Trial | undefined> {
  // A router without a plan is given no line either: shaping is not for trying.
  const base = held ?? { version: 1 as const, home: home.home.id, at: new Date(clock.now()).toISOString(), lines: [], devices: [] };
  const taken = new Set([...base.devices, ...home.devices].flatMap(({ macs }) => macs.map((mac) => mac.toLowerCase())));
  const mac = strangers.find((one) => !taken.has(one));
  const stranger = (wishes: Partial<DevicePlan>) => ({
    device: { ...neutralDevice("np-way-back-test", [mac!]), ...wishes },
    harmless: sentence("trialStranger", { mac: mac! }),
  });
  const preferred = home.devices
    .filter(({ infrastructure, macs }) => !infrastructure && macs.length > 0)
    .map(({ id, macs }) => ({
      device: { ...(base.devices.find(({ device }) => device === id) ?? neutralDevice(id, macs)), ...goesFirst },
      harmless: sentence("trialFirst", { device: id }),
    }));
  const candidates = [...(mac ? [{ blocked: true }, { inboundClosed: true }, goesFirst].map(stranger) : []), ...preferred];
  for (const { device, harmless } of candidates) {
    const others = base.devices.filter((one) => one.device !== device.device);
    const plan: NetworkPlan = { ...base, devices: [...others, device].sort((a, b) => (a.device < b.device ? -1 : 1)) };
    const set = await driver.plan(plan, found);
    if (set.changes.length > 0) return { plan, set, harmless };
  }
  return undefined;
}

const goesFirst = { class: "realtime", dscp: classTable.realtime.dscp } as const;

/** Addresses no maker gives out: the bit for "locally administered" is set, and "np" follows. */
const strangers = Array.from({ length: 16 }, (_, i) => `02:6e:70:00:00:${i.toString(16).padStart(2, "0")}`);

const traces = (left: ChangeSet["changes"]): Finding =>
  left.length === 0
    ? findingOf("trace of the test", "ok", sentence("noTrace"))
    : findingOf("trace of the test", "failed", sentence("traceLeft", { changes: some(left) }), sentence("clearTrace"));

/** The first few changes, each as it can be said. */
const some = (changes: ChangeSet["changes"]): (Sentence | string)[] => [
  ...changes.slice(0, 3).map(({ said }) => said),
  ...(changes.length > 3 ? [`+${changes.length - 3}`] : []),
];
const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
