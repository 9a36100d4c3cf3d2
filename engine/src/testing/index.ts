export { type DriverFixture, type Fault, faults, type Given, type RouterUnderTest, type TestFramework, testRouterDriver } from "./driver-contract.ts";
export { evening, fieldSample, gameConsole, inClass, laptop, neutralDevice, sampleApplications, sampleMacs, samplePlan, workAndPlay } from "./sample-plans.ts";
export { TestClock } from "./test-clock.ts";
