import { blend } from "@network-personas/engine/blend";
import { type ComposeResult, compose } from "@network-personas/engine/compose";
import { BadInput, type DevicePlan, type Distribution, NetworkPlan, samePlan } from "@network-personas/engine/model";
import { baseProfile, classTable, everyday, firewallLevels, trafficClasses } from "@network-personas/personas";
import { blended, composition, type Dice, hours, personas, type Scene, start } from "./households.ts";

const directions = ["down", "up"] as const;
const tolerance = 1e-6;

function claim(holds: boolean, message: () => string): void {
  if (!holds) throw new Error(message());
}
/** The devices on which two plans differ. */
const difference = (a: NetworkPlan, b: NetworkPlan): string =>
  a.devices.flatMap((device, i) => (show(device) === show(b.devices[i]!) ? [] : [`\n${show(device)}\n${show(b.devices[i]!)}`])).join("");
const show = (plan: DevicePlan) => JSON.stringify(plan);
/** Composes, or undefined when the third parties contradict each other, which has to be said by name. */
export function composeOrRefuse(input: Parameters<typeof compose>[0]): ComposeResult | undefined {
  try {
    return compose(input);
  } catch (error) {
    if (error instanceof BadInput && /^constraints\[\d+\]\.floor\.(down|up)$/.test(error.field ?? "")) return undefined;
    throw error;
  }
}

const pick = <T>(list: readonly T[], dice: Dice): T => list[Math.min(list.length - 1, Math.floor(dice.roll() * list.length))]!;
const shuffled = <T>(list: readonly T[], dice: Dice): T[] =>
  list
    .map((item) => ({ item, key: dice.roll() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

/** The plan of a scene from nothing, which most properties look at. */
function fresh(scene: Scene): ComposeResult | undefined {
  if (!results.has(scene)) results.set(scene, composeOrRefuse(composition(scene)));
  return results.get(scene);
}
const results = new WeakMap<Scene, ComposeResult | undefined>();

/** What must hold for every household, by name. Each throws when it does not. */
export const properties: Record<string, (scene: Scene, dice: Dice) => void> = {
  "guarantees stay inside 90 % of a direction, realtime inside 35 %, every class inside its share": (scene) => {
    const result = fresh(scene);
    if (result) checkShares(scene, result);
  },

  "nobody is below the floor, or a router that cannot guarantee is told of": (scene) => {
    const result = fresh(scene);
    if (!result) return;
    const { devices } = result.plan;
    if (scene.capabilities.fields["device.guarantee"] === "impossible") {
      claim(
        result.omissions.some((omission) => omission.field === "device.guarantee"),
        () => "no omission for floors",
      );
      return;
    }
    for (const plan of devices) {
      for (const direction of directions) {
        const line = scene.home.wan[direction] * 0.95;
        const floor = Math.min(64, Math.floor((line * 0.98) / 2 / devices.length));
        claim(plan.guarantee[direction] >= floor, () => `${plan.device} ${direction} is below ${floor}: ${show(plan)}`);
        claim(
          (plan.ceiling[direction] ?? Number.POSITIVE_INFINITY) >= plan.guarantee[direction],
          () => `ceiling below guarantee: ${show(plan)}`,
        );
      }
      // A third party that caps the upstream takes the acknowledgements with it.
      if (scene.constraints.some((constraint) => constraint.cap?.up !== undefined)) continue;
      const share = Math.floor((scene.home.wan.up * 0.95 * 0.98) / 2 / devices.length);
      claim(
        plan.guarantee.up >= Math.min(0.025 * plan.guarantee.down, share) - 1,
        () => `${plan.device} cannot acknowledge its downloads: ${show(plan)}`,
      );
    }
  },

  "management devices are never blocked, limited, isolated or routed elsewhere": (scene) => {
    const result = fresh(scene);
    for (const { id } of scene.home.devices.filter((device) => device.infrastructure)) {
      const plan = result?.plan.devices.find((candidate) => candidate.device === id);
      if (!plan) continue;
      const { blocked, blockedApplications, firewall, inboundClosed, isolated, tunnel, malwareFilter, familyFilter, ceiling } = plan;
      const touched =
        blocked ||
        blockedApplications.length > 0 ||
        firewall !== "open" ||
        inboundClosed ||
        isolated ||
        tunnel !== null ||
        malwareFilter ||
        familyFilter;
      claim(!touched && ceiling.down === null && ceiling.up === null, () => `infrastructure is touched: ${show(plan)}`);
    }
    for (const id of scene.home.policy.neverBlock) {
      const plan = result?.plan.devices.find((candidate) => candidate.device === id);
      claim(
        !plan || (!plan.blocked && plan.blockedApplications.length === 0 && plan.firewall !== "strict"),
        () => `${id} must never be blocked`,
      );
    }
  },

  "priority classes never run without a cap: 35 % realtime, 60 % interactive": (scene) => {
    const result = fresh(scene);
    if (!result || scene.capabilities.fields["device.ceiling"] === "impossible") return;
    for (const plan of result.plan.devices) {
      const cap = plan.class === "realtime" ? 0.35 : plan.class === "interactive" ? 0.6 : undefined;
      if (cap === undefined || !scene.capabilities.classes.includes(plan.class)) continue;
      for (const direction of directions)
        claim((plan.ceiling[direction] ?? Infinity) <= scene.home.wan[direction] * cap + tolerance, () => `beyond the cap: ${show(plan)}`);
    }
  },

  "the order of people, devices, profiles and constraints does not matter": (scene, dice) => {
    const input = composition(scene);
    if (!fresh(scene)) return;
    const previous = composeOrRefuse(composition(moved(scene, dice)))?.plan ?? null;
    const { home } = scene;
    const mixed = {
      ...input,
      home: {
        ...home,
        people: shuffled(home.people, dice).map((person) => ({ ...person, devices: shuffled(person.devices, dice) })),
        devices: shuffled(home.devices, dice),
      },
      profiles: shuffled(input.profiles, dice),
      constraints: shuffled(scene.constraints, dice),
      present: new Set(shuffled([...scene.present], dice)),
    };
    const at = pick([start, hours(2)], dice);
    const a = compose({ ...input, previous, at });
    const b = compose({ ...mixed, previous, at });
    claim(samePlan(a.plan, b.plan), () => `order matters: ${difference(a.plan, b.plan)}`);
  },

  "composing again changes nothing": (scene, dice) => {
    const before = composeOrRefuse(composition(moved(scene, dice)))?.plan ?? null;
    const input = { ...composition(scene), previous: pick([null, before], dice), at: pick([start, hours(2)], dice) };
    const first = composeOrRefuse(input);
    if (!first) return;
    checkShares(scene, first);
    const again = compose({ ...input, previous: first.plan });
    claim(again.plan === first.plan, () => `not idempotent at once: ${difference(first.plan, again.plan)}`);
    const settled = compose({ ...input, previous: first.plan, at: hours(5) });
    const stable = compose({ ...input, previous: settled.plan, at: hours(10) });
    claim(stable.plan === settled.plan, () => `not idempotent after the dwell: ${difference(settled.plan, stable.plan)}`);
    // As the engine does it: what waits is remembered from one plan to the next.
    const held = compose({ ...input, previous: first.plan, at: hours(5), waiting: first.waiting });
    checkShares(scene, held);
    const same = compose({ ...input, previous: held.plan, at: hours(5), waiting: held.waiting });
    claim(same.plan === held.plan, () => `not idempotent while waiting: ${difference(held.plan, same.plan)}`);
  },

  "one's own guarantee never falls when the own probability rises": (scene, dice) => {
    const calm = { ...scene, overridden: new Set<string>() };
    const subject = pick([...scene.distributions.keys()], dice);
    const distribution = subject === undefined ? undefined : scene.distributions.get(subject)!;
    if (!distribution?.[everyday]) return;
    const persona = pick(Object.keys(distribution), dice);
    if (persona === everyday) return;
    // What a third party wants for it is not its own, and yields to its own.
    if (scene.constraints.some((constraint) => constraint.subject === subject && constraint.floor)) return;
    const shift = distribution[everyday] * dice.roll();
    const likelier = { ...distribution, [everyday]: distribution[everyday] - shift, [persona]: (distribution[persona] ?? 0) + shift };
    const own = (change: Distribution) => {
      const result = composeOrRefuse(composition(calm, blended(calm, {}, new Map(scene.distributions).set(subject, change))));
      return result && ownGuarantee(scene, subject, result);
    };
    const [a, b] = [own(distribution), own(likelier)];
    if (!a || !b) return;
    for (const direction of directions) {
      // A promise is rounded down to steps of at most 2 %.
      claim(
        b[direction] >= a[direction] * 0.97 - 3,
        () =>
          `${subject} ${direction} fell from ${a[direction]} to ${b[direction]} as ${persona} rose by ${shift} from ${JSON.stringify(distribution)}`,
      );
    }
  },

  "an admitted realtime need is never shrunk for a newcomer": (scene, dice) => {
    const newcomer = pick([...scene.distributions.keys()], dice);
    if (newcomer === undefined) return;
    // Some play already; the newcomer wants what is worth more to the home.
    const playing = [...scene.distributions].map(([subject, given]) => [subject, pick([given, { gamer: 1 }], dice)] as const);
    const distributions = new Map<string, Distribution>(playing).set(newcomer, { everyday: 1 });
    const quiet = { ...scene, constraints: [], overridden: new Set<string>(), distributions };
    // On a line that they nearly fill, nobody can be admitted but at their cost.
    const realtime = compose(composition(quiet)).plan.devices.filter((plan) => plan.class === "realtime");
    const filled = (direction: "down" | "up") => realtime.reduce((sum, { guarantee }) => sum + guarantee[direction], 0) / 0.3;
    const wan = { ...scene.home.wan, down: Math.max(500, Math.ceil(filled("down"))), up: Math.max(200, Math.ceil(filled("up"))) };
    const tight = { ...quiet, home: { ...scene.home, wan } };
    const before = compose(composition(tight)).plan;
    const joined = { ...tight, distributions: new Map(distributions).set(newcomer, { "cloud-gamer": 1 }) };
    const input = { ...composition(joined), urgent: new Set([newcomer]) };
    const first = compose({ ...input, previous: before, at: hours(2) });
    // What is released slowly is released by then.
    const after = compose({ ...input, previous: first.plan, waiting: first.waiting, at: hours(4) }).plan;
    for (const old of before.devices.filter((plan) => plan.class === "realtime")) {
      const plan = after.devices.find((candidate) => candidate.device === old.device)!;
      const needs = Math.min(wan.down, realtimeNeed({ ...scene, distributions }, old.device));
      claim(
        plan.guarantee.down >= Math.min(old.guarantee.down, needs) * 0.98 - 2,
        () => `${old.device} shrank for ${newcomer}:\n${show(old)}\n${show(plan)}`,
      );
    }
  },

  "probabilities that move by less than the quantum change nothing": (scene, dice) => {
    const calm = { ...scene, overridden: new Set<string>() };
    const profiles = blended(calm, { atStart: false });
    const first = composeOrRefuse(composition(calm, profiles));
    if (!first) return;
    const nudged = profiles.map((previous) => {
      const ids = Object.keys(previous.distribution);
      const [from, to] = [pick(ids, dice), pick(ids, dice)];
      const shift = Math.min(0.009 * dice.roll(), previous.distribution[from]!, 1 - previous.distribution[to]!);
      const distribution: Record<string, number> = { ...previous.distribution };
      distribution[from] = distribution[from]! - shift;
      distribution[to] = distribution[to]! + shift;
      return blend({
        subject: previous.subject,
        distribution,
        personas,
        confidenceFloor: scene.home.policy.confidenceFloor,
        overridden: false,
        atStart: false,
        previous,
      });
    });
    const at = pick([start, hours(2)], dice);
    const settled = compose({ ...composition(calm, profiles), previous: first.plan, at }).plan;
    const again = compose({ ...composition(calm, nudged), previous: settled, at }).plan;
    claim(samePlan(settled, again), () => `noise changed the plan: ${difference(settled, again)}`);
  },

  "protection is never weaker than the strictest suspected persona": (scene) => {
    for (const { subject, profile, distribution, overridden } of blended(scene)) {
      for (const [id, p] of Object.entries(distribution)) {
        if (p < 0.1 && !overridden) continue;
        const { security, dns } = personas.get(id)!.profile;
        const weaker =
          firewallLevels.indexOf(profile.security.firewall) < firewallLevels.indexOf(security.firewall) ||
          (security.inboundClosed && !profile.security.inboundClosed) ||
          (security.isolated && !profile.security.isolated) ||
          (dns.malwareFilter && !profile.dns.malwareFilter);
        claim(!weaker, () => `${subject} is less protected than ${id} at ${p} asks`);
      }
    }
  },

  "the blend of one certain persona is that persona": (_, dice) => {
    const persona = pick([...personas.values()], dice);
    const result = blend({
      subject: "alice",
      distribution: { [persona.id]: 1 },
      personas,
      confidenceFloor: 0.4,
      overridden: false,
      atStart: true,
    });
    claim(
      JSON.stringify(result.profile) === JSON.stringify({ ...baseProfile, ...persona.profile }),
      () => `${persona.id} is ${JSON.stringify(result.profile)}`,
    );
  },

  "every number has its reason, and a plan is a plan": (scene) => {
    const result = fresh(scene);
    if (!result) return;
    const problems = NetworkPlan.safeParse(result.plan);
    claim(problems.success, () => JSON.stringify(problems.error?.issues));
    const told = new Set(result.reasons.map((reason) => `${reason.device} ${reason.field}`));
    for (const plan of result.plan.devices) {
      const fields = [
        "guarantee.down",
        "guarantee.up",
        "class",
        "weight",
        "latencyTarget",
        ...directions.filter((way) => plan.ceiling[way] !== null).map((way) => `ceiling.${way}`),
      ];
      if (plan.blocked) fields.push("blocked");
      if (plan.blockedApplications.length > 0) fields.push("blockedApplications");
      for (const field of ["inboundClosed", "isolated", "malwareFilter", "familyFilter"] as const) if (plan[field]) fields.push(field);
      if (plan.tunnel !== null) fields.push("tunnel");
      if (plan.firewall !== "open") fields.push("firewall");
      for (const field of fields) claim(told.has(`${plan.device} ${field}`), () => `no reason for ${field} of ${show(plan)}`);
      claim(!plan.cutEstablished || plan.blocked || plan.blockedApplications.length > 0, () => `cuts without a block: ${show(plan)}`);
    }
  },
};

function checkShares(scene: Scene, { plan }: ComposeResult): void {
  for (const direction of directions) {
    const line = scene.home.wan[direction];
    const sum = (list: readonly DevicePlan[]) => list.reduce((total, device) => total + device.guarantee[direction], 0);
    claim(sum(plan.devices) <= line * 0.9 + tolerance, () => `${sum(plan.devices)} of ${line} ${direction} guaranteed`);
    // On a router without classes everybody is in the same one.
    if (scene.capabilities.fields["device.class"] === "impossible") continue;
    for (const trafficClass of trafficClasses) {
      // Where the router lacks a class its needs are lowered into the next one.
      if (!scene.capabilities.classes.includes(trafficClass) || scene.capabilities.classes.length < trafficClasses.length) continue;
      // Everybody has a floor, and most are in the default class: there the share is of what is promised beyond floors.
      const floors = trafficClass === "default" ? floorsIn(scene, direction) : new Map<string, number>();
      const members = plan.devices.filter((device) => device.class === trafficClass);
      const used = sum(members) - members.reduce((total, { device }) => total + (floors.get(device) ?? 0), 0);
      claim(used <= line * classTable[trafficClass].guaranteeCap + tolerance, () => `${trafficClass} has ${used} of ${line} ${direction}`);
    }
  }
}

/** What every device has when nobody wants anything. */
function floorsIn(scene: Scene, direction: "down" | "up"): Map<string, number> {
  const { plan } = compose({ ...composition(scene), profiles: [], constraints: [] });
  return new Map(plan.devices.map((device) => [device.device, device.guarantee[direction]]));
}

/**
 * Guarantees of a subject's own devices, and of shared ones that were given to it alone. Undefined where it shares a
 * device's guarantee with others, because then nobody can say whose it is.
 */
function ownGuarantee(scene: Scene, subject: string, { plan, reasons }: ComposeResult): { down: number; up: number } | undefined {
  const person = scene.home.people.find((candidate) => candidate.id === subject);
  const own = new Set(person?.devices ?? [subject]);
  const total = { down: 0, up: 0 };
  for (const device of plan.devices) {
    for (const direction of directions) {
      const because = reasons.find((reason) => reason.device === device.device && reason.field === `guarantee.${direction}`)!.because;
      const receivers = / for ([\w -]+?)(?:;|$)/.exec(because)?.[1]?.split(" and ") ?? [];
      if (receivers.length > 1 && (receivers.includes(subject) || own.has(device.device))) return undefined;
      if (own.has(device.device) && receivers.length === 1 && receivers[0] !== subject) return undefined;
      if (own.has(device.device) || receivers[0] === subject) total[direction] += device.guarantee[direction];
    }
  }
  return total;
}

/** The largest insured realtime need that likely personas of anybody have. */
function realtimeNeed(scene: Scene, device: string): number {
  const subject = scene.home.people.find((person) => person.devices.includes(device))?.id ?? device;
  const distribution = scene.distributions.get(subject) ?? {};
  return Math.max(
    0,
    ...Object.entries(distribution).map(
      ([id, p]) => (personas.get(id)!.profile.qos.demands.realtime?.need.down[0] ?? 0) * Math.min(1, p / 0.5),
    ),
  );
}

/** The same household a while before, when everybody did something else. */
function moved(scene: Scene, dice: Dice): Scene {
  const all = [...scene.distributions.values()];
  const subjects = [...scene.distributions.keys()];
  const isPerson = (id: string) => scene.home.people.some((person) => person.id === id);
  return {
    ...scene,
    distributions: new Map(
      subjects.map((id) => [
        id,
        pick(
          subjects.flatMap((other, i) => (isPerson(other) === isPerson(id) ? [all[i]!] : [])),
          dice,
        ),
      ]),
    ),
  };
}
