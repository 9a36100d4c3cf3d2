export {
  type DriverFixture,
  type Fault,
  faults,
  type Given,
  type RouterUnderTest,
  type TestFramework,
  testRouterDriver,
} from "./driver-contract.ts";
export {
  type Appointment,
  activityAt,
  type Household,
  type PresenceInterval,
  presentAt,
  type RegularAppointment,
  type Routine,
  routines,
  type SimulatedDay,
  type SimulatedDevice,
  type SimulatedPerson,
  sampleHousehold,
  simulateDay,
  simulateHousehold,
  type TrueActivity,
  typicalRates,
} from "./household.ts";
export { MemoryDriver, type MemoryDriverOptions, MemoryRouter, memorySupport } from "./memory-driver.ts";
export { memoryJournal } from "./memory-journal.ts";
export {
  evening,
  fieldSample,
  gameConsole,
  inClass,
  laptop,
  neutralDevice,
  sampleApplications,
  sampleMacs,
  samplePlan,
  workAndPlay,
} from "./sample-plans.ts";
export { TestClock } from "./test-clock.ts";
