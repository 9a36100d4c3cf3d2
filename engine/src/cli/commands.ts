import { apply, release, rollback } from "./apply.ts";
import { calendarExpandCommand } from "./calendar-expand-command.ts";
import { clients } from "./clients.ts";
import type { Command } from "./command.ts";
import { doctor } from "./doctor.ts";
import { exportHome, importHome } from "./export-import.ts";
import { forget, pause } from "./keeping.ts";
import { personasValidate } from "./personas-validate.ts";
import { plan } from "./plan.ts";
import { predict } from "./predict.ts";
import { replay } from "./replay.ts";
import { serve } from "./serve.ts";
import { tokenCreate, tokenList, tokenRevoke } from "./token.ts";

/** Every command, in the order the help lists them. */
export const commands: readonly Command[] = [
  serve,
  predict,
  plan,
  apply,
  pause,
  rollback,
  release,
  clients,
  doctor,
  calendarExpandCommand,
  replay,
  personasValidate,
  tokenCreate,
  tokenList,
  tokenRevoke,
  forget,
  exportHome,
  importHome,
];
