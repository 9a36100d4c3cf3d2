import { TestClock } from "@network-personas/engine/testing";
import { fakeService } from "../api/fake-service.ts";
import { startTime } from "../api/harness.ts";
import { realEngine } from "../api/real-engine.ts";
import { exampleSuite } from "./example-suite.ts";

exampleSuite("a stand-in", async () => {
  const clock = new TestClock(startTime);
  return { service: await fakeService({ clock }), clock };
});
exampleSuite("the engine", realEngine);
