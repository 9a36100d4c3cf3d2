import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, packageResolver, silentLog } from "@network-personas/engine";
import { TestClock } from "@network-personas/engine/testing";
import { serveEngine } from "../../test/api/harness.ts";
import { Controller } from "../../test/e2e/homebridge/support/controller.ts";
import { homeYaml } from "../../test/e2e/homebridge/support/engine.ts";
import { makeHomebridge } from "../../test/e2e/homebridge/support/homebridge.ts";
import { until } from "../../test/e2e/homebridge/support/wait.ts";
import { startOpenWrt } from "../../test/emulators/openwrt/index.ts";
import { type Spread, spread } from "../pipeline/statistics.ts";
import { openTap } from "./tap.ts";

/** The router lives this many times faster than a real one: its seconds of reloading say nothing about us. */
const timeScale = 0.02;
const acl = new URL("../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url);

export interface ToggleTimes {
  /** A write that changes nothing: pairing session, Homebridge and HAP alone. */
  idleWrite: Spread;
  /** From the controller's write to HomeKit's answer. */
  answer: Spread;
  /** From the controller's write to the first byte at the router: our own share, HomeKit's included. */
  firstByte: Spread;
  /** From the controller's write to the confirmed plan. */
  confirmed: Spread;
  /** The same requests sent to the router bare. */
  bare: Spread;
  /** confirmed / bare of the same round, median. */
  ratio: number;
  requests: number;
}

/** A controller that toggles a persona in a real Homebridge, whose engine drives the OpenWrt emulator. */
export async function toggleBench(rounds: number): Promise<ToggleTimes> {
  const router = await startOpenWrt({ acl: JSON.parse(await readFile(acl, "utf8")), timeScale });
  const tap = await openTap(router.url);
  const folder = await mkdtemp(join(tmpdir(), "np-bench-homekit-"));
  await writeFile(join(folder, "password"), router.password);
  const main = `{ id: main, driver: openwrt, url: "${tap.url}", username: ${router.username}, password: { file: ./password }, mode: live }`;
  await writeFile(join(folder, "home.yaml"), homeYaml(0, `[${main}]`));
  const { engine } = await openEngine({
    home: join(folder, "home.yaml"),
    log: silentLog,
    clock: router.time.clock,
    resolver: packageResolver(folder),
  });
  const served = await serveEngine(engine, new TestClock(Date.now()));
  const homebridge = await makeHomebridge({
    platform: {
      url: served.server.url,
      token: await served.token(["control"]),
      wholeHome: false,
      people: [
        { id: "ben", personas: ["gamer", "everyday"] },
        { id: "ann", personas: ["gamer"] },
      ],
    },
  });
  const times = { idleWrite: [], answer: [], firstByte: [], confirmed: [], bare: [] } as Record<
    "idleWrite" | "answer" | "firstByte" | "confirmed" | "bare",
    number[]
  >;
  let requests = 0;
  let controller: Controller | undefined;
  try {
    await engine.apply();
    await homebridge.start();
    await until("the accessories", () => homebridge.log().includes("added: ") || undefined, homebridge.log);
    controller = await Controller.pair(homebridge.bridge);
    // Warm-up, and a plan that the first round changes.
    for (const name of ["Ben Gamer", "Ben Everyday"]) {
      const applied = nextApply(engine);
      await controller.set(name, true);
      await applied;
    }
    for (let round = 0; round < rounds; round++) {
      const idle = performance.now();
      await controller.set("Ann Gamer", false);
      times.idleWrite.push(performance.now() - idle);
      tap.seen.length = 0;
      const applied = nextApply(engine);
      const begin = performance.now();
      await controller.set(round % 2 === 0 ? "Ben Gamer" : "Ben Everyday", true);
      times.answer.push(performance.now() - begin);
      times.confirmed.push((await applied) - begin);
      times.firstByte.push(tap.seen[0]!.at - begin);
      const sent = [...tap.seen];
      requests += sent.length;
      times.bare.push(await tap.repeat(sent));
    }
  } finally {
    await controller?.close();
    await homebridge.dispose();
    await served.close();
    await engine.close();
    await tap.close();
    await router.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    idleWrite: spread(times.idleWrite),
    answer: spread(times.answer),
    firstByte: spread(times.firstByte),
    confirmed: spread(times.confirmed),
    bare: spread(times.bare),
    ratio: spread(times.confirmed.map((confirmed, round) => confirmed / times.bare[round]!)).median,
    requests: requests / rounds,
  };
}

/** When the next plan is confirmed. */
function nextApply(engine: Awaited<ReturnType<typeof openEngine>>["engine"]): Promise<number> {
  return new Promise((resolve, reject) => {
    const stop = engine.subscribe((event) => {
      if (event.type !== "applied") return;
      stop();
      if (event.data.result === "confirmed") resolve(performance.now());
      else reject(new Error(`apply ended as ${event.data.result}: ${event.data.error?.message}`));
    });
  });
}
