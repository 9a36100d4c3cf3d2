import { TestClock } from "@network-personas/engine/testing";
import { fakeService } from "./fake-service.ts";
import { startTime } from "./harness.ts";
import { realEngine } from "./real-engine.ts";
import { apiSuite } from "./suite.ts";

apiSuite("a stand-in", async () => {
  const clock = new TestClock(startTime);
  return { service: await fakeService({ clock }), clock };
});
apiSuite("the engine", realEngine);
