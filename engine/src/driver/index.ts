export { CertificateMemory } from "./certificate.ts";
export { ConnectionLog, parseConntrack, type TrackedConnection } from "./conntrack.ts";
export * from "./errors.ts";
export * from "./guard.ts";
export * from "./port.ts";
export * from "./questions.ts";
export * from "./serial-queue.ts";
export * from "./support.ts";
export * from "./transport.ts";
