export { Application, PortSet } from "./application.ts";
export { DeviceKind, deviceKinds } from "./device-kind.ts";
export { describeIssues } from "./issues.ts";
export { applicablePersonas, everyday, Persona, type PersonaInput, type PersonaSet, Signs, type Weekday, weekdays } from "./persona.ts";
export {
  type BlendRule,
  baseProfile,
  blendRules,
  Demand,
  Demands,
  firewallLevels,
  NetworkProfile,
  type NetworkProfileInput,
  type ProfileField,
  profileFields,
} from "./profile.ts";
export { Duration, formatRate, Id, type Kbps, type Milliseconds, parseDuration, parseRate, Rate, TimeOfDay } from "./quantities.ts";
export { classTable, TrafficClass, trafficClasses } from "./traffic-class.ts";
export { TrafficKind, trafficKinds } from "./traffic-kind.ts";
