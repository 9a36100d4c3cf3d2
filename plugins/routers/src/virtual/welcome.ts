import type { DriverWelcome } from "@network-personas/engine/driver";

/** For trying things out. */
export const welcome: DriverWelcome = {
  name: "Virtual router",
  usualHosts: [],
  questions: [],
  prepare: {
    en: "A router that exists only here, to look around without one: nothing in your network changes.",
    de: "Ein Router, den es nur hier gibt, um sich ohne einen umzusehen: Im Netz ändert sich nichts.",
  },
};
