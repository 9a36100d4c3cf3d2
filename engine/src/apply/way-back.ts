import { classTable } from "@network-personas/personas";
import { type ChangeSet, type Clock, type Finding, ReadBackMismatch, type RouterDriver, type RouterState } from "../driver/index.ts";
import type { DevicePlan, Home, NetworkPlan } from "../model/index.ts";
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
  harmless: string;
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
    return [
      warning(
        "test change",
        `not written: the router does not hold what it was last brought to (${summaries(differing)})`,
        "`network-personas apply` puts that right; then test again.",
      ),
    ];
  const trial = await harmlessTrial(driver, found, held, setting);
  if (!trial)
    return [
      warning(
        "test change",
        "not written: there is nothing harmless this router could be told now",
        "Test again under another plan: a device of home.yaml that is on the network and does not go first already will do.",
      ),
    ];

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
    if (missing.length > 0) throw new ReadBackMismatch(summaries(missing).split("; "), { router, request: "read back" });
    findings.push(ok("test change", `written and left unconfirmed: ${summaries(trial.set.changes)}; ${trial.harmless}`));
    if (rollback === "router") findings.push(await seenBack(driver, found, clock, confirmWithin + patience));
  } catch (error) {
    findings.push(failed("test change", messageOf(error), "Until a test succeeds, leave this router in `mode: preview`."));
  }
  const started = clock.now();
  try {
    await forget(bench, entry, await takeBack(bench, found, held, confirmRepairWithin));
    if (rollback === "engine")
      findings.push(
        ok(
          "way back",
          `this router cannot take a change back by itself, so only changes that cannot touch the way to it are made; Network Personas brought back what was before from its notes, as its next start would, in ${seconds(clock.now() - started)}`,
        ),
      );
    findings.push(traces((await driver.plan(held, await driver.read())).changes));
  } catch (error) {
    findings.push(
      failed(
        "way back",
        messageOf(error),
        "It is tried again before the next change. See that the router can be reached, then test again.",
      ),
    );
  }
  return findings;
}

/** Waits until the router itself brought back what it held. */
async function seenBack(driver: RouterDriver, found: RouterState, clock: Clock, atMost: number): Promise<Finding> {
  const started = clock.now();
  const before = JSON.stringify(found.owned);
  let trouble = "";
  while (clock.now() - started < atMost) {
    await clock.sleep(pollEvery);
    try {
      if (JSON.stringify((await driver.read()).owned) === before)
        return ok("way back", `nobody confirmed the change, and the router took it back by itself after ${seconds(clock.now() - started)}`);
      trouble = "";
    } catch (error) {
      // A router that reloads does not answer for a moment.
      trouble = ` (${messageOf(error)})`;
    }
  }
  return failed(
    "way back",
    `the router did not take the change back within ${seconds(atMost)}${trouble}; Network Personas does so now`,
    "Leave this router in `mode: preview` until a test succeeds: a change that cuts it off would stay. `network-personas doctor` says what its way back needs.",
  );
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
    device: { ...neutral("np-way-back-test", [mac!]), ...wishes },
    harmless: `no device has the address ${mac}`,
  });
  const preferred = home.devices
    .filter(({ infrastructure, macs }) => !infrastructure && macs.length > 0)
    .map(({ id, macs }) => ({
      device: { ...(base.devices.find(({ device }) => device === id) ?? neutral(id, macs)), ...goesFirst },
      harmless: `"${id}" only goes first for a moment`,
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

const neutral = (device: string, macs: readonly string[]): DevicePlan => ({
  device,
  macs: [...macs],
  class: "default",
  dscp: 0,
  guarantee: { down: 0, up: 0 },
  ceiling: { down: null, up: null },
  weight: 1,
  latencyTarget: 60,
  blocked: false,
  cutEstablished: false,
  blockedApplications: [],
  allowedApplications: [],
  firewall: "open",
  inboundClosed: false,
  isolated: false,
  tunnel: null,
  malwareFilter: false,
  familyFilter: false,
});

const traces = (left: ChangeSet["changes"]): Finding =>
  left.length === 0
    ? ok("trace of the test", "none: read again, the router holds what it held before")
    : failed(
        "trace of the test",
        `the router does not hold what it held before: ${summaries(left)}`,
        "`network-personas release` removes everything of ours, `network-personas apply` brings back the plan; everything of ours on the router is named np.",
      );

const ok = (check: string, message: string): Finding => ({ check, status: "ok", message, remedy: "" });
const warning = (check: string, message: string, remedy: string): Finding => ({ check, status: "warning", message, remedy });
const failed = (check: string, message: string, remedy: string): Finding => ({ check, status: "failed", message, remedy });

const summaries = (changes: ChangeSet["changes"]): string =>
  [...changes.slice(0, 3).map(({ summary }) => summary), ...(changes.length > 3 ? [`and ${changes.length - 3} more`] : [])].join("; ");
const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
