import type { Clock, Log } from "@network-personas/engine/driver";
import { inEnglish, type Sentence, sentence } from "@network-personas/engine/model";
import type { Reader } from "./reader.ts";
import { checkRuleset, listClasses, listQdiscs, restartShaper, ruleset } from "./rights.ts";
import type { OwnSection } from "./sections.ts";
import { ratesOf, type ShaperRates } from "./shaper.ts";

/** What runs in the kernel, as far as it can be seen; undefined where it cannot. */
export interface LiveState {
  /** Titles of our rules in the loaded ruleset. */
  rules: ReadonlySet<string> | undefined;
  /** Rates of the shaper per device, kbit/s; only devices sqm shapes. */
  shapers: ReadonlyMap<string, { down: number; up: number }> | undefined;
}

const pollEvery = 250;
/** fw4 lands 1.2 s after an apply, sqm 1.5 s; a slow router gets several times that. */
const patience = 10_000;
/** Later than this sqm's event was lost. */
const lostAfter = 3_000;
/** Without the right to look, the time in which every change was seen to land. */
const blindWait = 2_500;
/** rpcd gives a command 30 s. */
const restartTakes = 35_000;
/** Rates are printed rounded. */
const tolerance = 0.01;

/** Looks at the kernel until it holds what the configuration says. */
export class LiveView {
  readonly #reader: Reader;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #router: string;

  constructor(reader: Reader, context: { clock: Clock; log: Log; router: string }) {
    this.#reader = reader;
    this.#clock = context.clock;
    this.#log = context.log;
    this.#router = context.router;
  }

  async look(devices: readonly string[]): Promise<LiveState> {
    return { rules: await this.#rules(), shapers: await this.#shapers(devices) };
  }

  /** What of the sections is not in force now, as far as it can be seen; `blind` when some of it cannot. */
  async missing(
    sections: readonly OwnSection[],
    before: readonly OwnSection[] = [],
  ): Promise<{ firewall: Sentence[]; shaper: Sentence[]; blind: boolean }> {
    const rates = ratesOf(sections);
    const old = ratesOf(before);
    const live = await this.look([rates, old].flatMap((r) => (r ? [r.device] : [])));
    return {
      firewall: missingRules(sections, live.rules),
      shaper: missingShaper(rates, old, live.shapers),
      blind: live.rules === undefined || live.shapers === undefined,
    };
  }

  /**
   * Waits until the sections are in force, and starts the shaper when the router missed its change.
   * The answer names what is still not in force when patience ends.
   */
  async settle(sections: readonly OwnSection[], before: readonly OwnSection[]): Promise<string[]> {
    const start = this.#clock.now();
    const waited = () => this.#clock.now() - start;
    let restarted = false;
    for (;;) {
      await this.#clock.sleep(pollEvery);
      const missing = await this.missing(sections, before);
      const all = [...missing.firewall, ...missing.shaper];
      if (all.length === 0) {
        if (!missing.blind || waited() >= blindWait) return [];
        continue;
      }
      if (missing.firewall.length === 0 && !restarted && waited() >= lostAfter && (await this.#reader.may(restartShaper))) {
        restarted = true;
        this.#log.info(`${this.#router}: the shaper missed its change; restarting it`);
        await this.restartShaper();
        continue;
      }
      if (waited() >= patience)
        return [...all.map((missing) => inEnglish(missing)), ...(missing.firewall.length > 0 ? await this.#reasons() : [])];
    }
  }

  async restartShaper(): Promise<void> {
    await this.#reader.run(restartShaper, { timeLimit: restartTakes });
  }

  async #rules(): Promise<ReadonlySet<string> | undefined> {
    if (!(await this.#reader.may(ruleset))) return undefined;
    const result = await this.#reader.run(ruleset);
    if (result?.code !== 0) return undefined;
    // A ruleset has thousands of lines of which only the comments of ours matter.
    return new Set([...result.stdout.matchAll(/"comment": ?"!fw4: (np [^"]*)"/g)].map((match) => match[1]!));
  }

  async #shapers(devices: readonly string[]): Promise<ReadonlyMap<string, { down: number; up: number }> | undefined> {
    if (!(await this.#reader.may(listQdiscs))) return undefined;
    const queues = await this.#reader.run(listQdiscs);
    if (queues?.code !== 0) return undefined;
    const found = new Map<string, { down: number; up: number }>();
    for (const device of new Set(devices)) {
      // sqm shapes downstream on a device of its own, which is there while it runs.
      const ingress = `ifb4${device}`.slice(0, 15);
      if (!queues.stdout.includes(` dev ${ingress} `)) continue;
      const up = await this.#rate(device, queues.stdout);
      const down = await this.#rate(ingress, queues.stdout);
      if (up !== undefined && down !== undefined) found.set(device, { down, up });
    }
    return found;
  }

  async #rate(device: string, queues: string): Promise<number | undefined> {
    const root = queues.split("\n").find((line) => line.includes(` dev ${device} root `)) ?? "";
    const direct = /\b(?:bandwidth|rate) (\d+(?:\.\d+)?)([KMG]?)bit/.exec(root);
    if (direct) return kilobits(direct);
    const classes = await this.#reader.run(listClasses(device));
    const first = /\brate (\d+(?:\.\d+)?)([KMG]?)bit/.exec(classes?.stdout ?? "");
    return first ? kilobits(first) : undefined;
  }

  /** Why fw4 leaves rules of ours out. */
  async #reasons(): Promise<string[]> {
    if (!(await this.#reader.may(checkRuleset))) return [];
    const result = await this.#reader.run(checkRuleset);
    if (!result) return [];
    const lines = result.stderr.split("\n");
    const about = lines.filter((line) => (result.code !== 0 && /Error:/.test(line)) || (/\bnp_/.test(line) && !/is disabled/.test(line)));
    return about.slice(0, 3).map((line) => `fw4 check: ${line.trim()}`);
  }
}

const scale: Record<string, number> = { "": 0.001, K: 1, M: 1000, G: 1_000_000 };
const kilobits = (match: RegExpExecArray): number => Number(match[1]) * scale[match[2]!]!;

function missingRules(sections: readonly OwnSection[], live: LiveState["rules"]): Sentence[] {
  if (!live) return [];
  const wanted = new Set(sections.filter((s) => s.config === "firewall" && s.options.enabled !== "0").map((s) => String(s.options.name)));
  return [
    ...[...wanted].filter((title) => !live.has(title)).map((title) => sentence("ruleNotInForce", { rule: title })),
    ...[...live].filter((title) => !wanted.has(title)).map((title) => sentence("ruleStillInForce", { rule: title })),
  ];
}

function missingShaper(rates: ShaperRates | null, before: ShaperRates | null, live: LiveState["shapers"]): Sentence[] {
  if (!live) return [];
  const close = (a: number, b: number) => Math.abs(a - b) <= Math.max(1, b * tolerance);
  const problems: Sentence[] = [];
  if (rates) {
    const seen = live.get(rates.device);
    if (!seen) problems.push(sentence("noShaperRuns", { device: rates.device }));
    else if (!close(seen.down, rates.down) || !close(seen.up, rates.up)) {
      problems.push(
        sentence("shaperAtOther", { device: rates.device, now: `${seen.down}/${seen.up}`, wanted: `${rates.down}/${rates.up}` }),
      );
    }
  }
  if (before && before.device !== rates?.device && live.has(before.device))
    problems.push(sentence("shaperStillRuns", { device: before.device }));
  return problems;
}
