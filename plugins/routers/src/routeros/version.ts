import { type Sentence, sentence } from "@network-personas/engine/model";

/** Before it, REST needs a certificate and what our queues are made of is not there. */
const oldest = { major: 7, minor: 9 };

/** "7.16.2 (stable)" is not, "7.8" is. What is no version is taken for a new one. */
export function isTooOld(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor);
}

export const tooOld = (version: string): Sentence => sentence("rosTooOld", { version, oldest: `${oldest.major}.${oldest.minor}` });
