import type { Application } from "@network-personas/personas";
import type { RouterDriver, SupportFile } from "../driver/index.ts";
import type { Capabilities } from "../model/index.ts";
import { faultCases } from "./contract/faults.ts";
import { fieldCases } from "./contract/fields.ts";
import { harness } from "./contract/harness.ts";
import { leaseCases } from "./contract/leases.ts";
import { observingCases } from "./contract/observing.ts";
import { planningCases } from "./contract/planning.ts";
import { safetyCases } from "./contract/safety.ts";
import { undoCases } from "./contract/undo.ts";
import { wayBackCases } from "./contract/way-back.ts";
import { writingCases } from "./contract/writing.ts";

/** The parts of a test framework the kit uses; vitest, node:test, jest and mocha all have them. */
export interface TestFramework {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** Things that go wrong between a driver and its router, which a fixture can bring about. */
export const faults = [
  /** Nothing answers (connection refused). */
  "unreachable",
  /** The connection stands, no answer comes. */
  "hang",
  /** It answers something that is not its protocol. */
  "garbage",
  /** User name and password are refused. */
  "refuse-login",
  /** The next `apply` fails after some of its writes were made. */
  "fail-mid-apply",
] as const;
export type Fault = (typeof faults)[number];

/** A router (real, emulated or simulated) with a driver in front of it. Every case gets a fresh one. */
export interface RouterUnderTest {
  driver: RouterDriver;
  /** A second driver for the same router and data directory, as after a crash of the host. The first is not used any more. */
  restartDriver(): Promise<RouterDriver>;
  /** What the router really holds, seen past the driver: ours (tagged) and everything else. Without sessions, timers and counters. */
  snapshot(): Promise<{ owned: unknown; foreign: unknown }>;
  /** Lets time pass for driver and router. */
  advance(ms: number): Promise<void>;
  /** Number of requests that changed the router so far. */
  writes(): number;
  /** Brings a fault about until `null` ends it. */
  inject(fault: Fault | null): Promise<void>;
  /** Power off and on; required when the fixture says `reboots`. */
  reboot?(): Promise<void>;
  /** Time of what runs out; required when support.yaml says that restrictions do. */
  leases?: {
    /** Seconds each of them has left. */
    left(): Promise<readonly number[]>;
    /** Takes from their time until no more than this is left, s. */
    leave(seconds: number): Promise<void>;
    /** Waits until all have run out. */
    runOut(): Promise<void>;
  };
  stop(): Promise<void>;
}

/** What a driver under test must be created with. */
export interface Given {
  applications: ReadonlyMap<string, Application>;
  protectedMacs: ReadonlySet<string>;
}

/** How the kit gets at a driver. */
export interface DriverFixture {
  /** The driver's support.yaml, as it holds for the router of this fixture. */
  support: SupportFile;
  rollback: Capabilities["rollback"];
  /** Faults `inject` can bring about; there are no cases for the others. */
  faults: readonly Fault[];
  /** Its router can be restarted. */
  reboots: boolean;
  /** A tunnel the router has; required when device.tunnel is not impossible. */
  tunnel?: string;
  /** Texts that may appear nowhere: the password and tokens. */
  secrets: readonly string[];
  create(given: Given): Promise<RouterUnderTest>;
}

/**
 * Runs the cases every driver must pass against one driver, e.g.
 * `import { describe, it } from "vitest"; testRouterDriver("openwrt", fixture, { describe, it })`.
 */
export function testRouterDriver(name: string, fixture: DriverFixture, framework: TestFramework): void {
  framework.describe(`router driver contract: ${name}`, () => {
    const suite = harness(fixture, framework);
    for (const cases of [
      planningCases,
      fieldCases,
      writingCases,
      undoCases,
      wayBackCases,
      leaseCases,
      safetyCases,
      faultCases,
      observingCases,
    ])
      cases(suite);
  });
}
