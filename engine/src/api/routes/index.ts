import type { Route } from "../route.ts";
import { applyRoutes } from "./apply.ts";
import { calendarRoutes } from "./calendar.ts";
import { constraintRoutes } from "./constraints.ts";
import { homeRoutes } from "./home.ts";
import { networkRoutes } from "./network.ts";
import { overrideRoutes } from "./overrides.ts";
import { personaRoutes } from "./personas.ts";
import { proposalRoutes } from "./proposals.ts";
import { queryRoutes } from "./queries.ts";
import { serviceRoutes } from "./service.ts";
import { setupRoutes } from "./setup.ts";
import { signalRoutes } from "./signals.ts";
import { stateRoutes } from "./state.ts";
import { tokenRoutes } from "./tokens.ts";

/** The whole API, in the order it is documented. */
export const routes: readonly Route[] = [
  ...serviceRoutes,
  ...stateRoutes,
  ...queryRoutes,
  ...signalRoutes,
  ...overrideRoutes,
  ...proposalRoutes,
  ...constraintRoutes,
  ...applyRoutes,
  ...networkRoutes,
  ...calendarRoutes,
  ...personaRoutes,
  ...homeRoutes,
  ...setupRoutes,
  ...tokenRoutes,
];
