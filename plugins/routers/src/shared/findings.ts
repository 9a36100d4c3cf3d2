import { type Finding, findingOf, troubleFinding, troubleOf } from "@network-personas/engine/driver";
import type { Sentence } from "@network-personas/engine/model";

export const ok = (check: string, message: Sentence): Finding => findingOf(check, "ok", message);
export const warning = (check: string, message: Sentence, remedy: Sentence): Finding => findingOf(check, "warning", message, remedy);
export const failed = (check: string, message: Sentence, remedy: Sentence): Finding => findingOf(check, "failed", message, remedy);
/** The same of what could not be asked. */
export const failedBy = (check: string, error: unknown, remedy: Sentence): Finding => troubleFinding(check, troubleOf(error), remedy);
export const warningBy = (check: string, error: unknown, remedy: Sentence): Finding =>
  troubleFinding(check, troubleOf(error), remedy, "warning");
