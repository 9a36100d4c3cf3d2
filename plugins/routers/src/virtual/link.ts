import { type Clock, DriverError, Unreachable } from "@network-personas/engine/driver";

/** A request on its way to the router. `write` is true when it changes the router. */
export interface VirtualRequest {
  name: string;
  write: boolean;
}

/** What happens to a request on the way there and to its answer on the way back. Tests put trouble here. */
export interface Link {
  there(request: VirtualRequest): Promise<void>;
  back(request: VirtualRequest): Promise<void>;
}
export const goodLink: Link = { there: async () => {}, back: async () => {} };

/** How long a router may take to answer, ms. */
const answerWithin = 10_000;

/** Carries a request over a link: gives up in time, and says what failed in the driver's words. */
export async function carry<T>(link: Link, clock: Clock, router: string, request: VirtualRequest, work: () => Promise<T>): Promise<T> {
  const where = { router, request: request.name };
  const inTime = async (way: Promise<void>) => {
    const done = new AbortController();
    const late = clock.sleep(answerWithin, done.signal).then(() => {
      throw new Unreachable(`no answer within ${answerWithin / 1000} s`, where);
    });
    await Promise.race([way, late]).finally(() => {
      late.catch(() => {});
      done.abort();
    });
  };
  try {
    await inTime(link.there(request));
    // Only the way is timed: what the router has begun it finishes before anything else is asked of it.
    const answer = await work();
    await inTime(link.back(request));
    return answer;
  } catch (error) {
    throw error instanceof DriverError ? error : new Unreachable((error as Error).message, { ...where, cause: error });
  }
}
