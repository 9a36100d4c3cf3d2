// The same clock that replays run on.
export { VirtualClock as TestClock } from "../runtime/virtual-clock.ts";
