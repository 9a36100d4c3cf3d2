import { type Finding, findingOf, type Words } from "@network-personas/engine/driver";

export const ok = (check: string, message: Words): Finding => findingOf(check, "ok", message);
export const warning = (check: string, message: Words, remedy: Words): Finding => findingOf(check, "warning", message, remedy);
export const failed = (check: string, message: Words, remedy: Words): Finding => findingOf(check, "failed", message, remedy);
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
