import { createApi, hostPrincipal } from "../api/index.ts";
import { connectEmbedded } from "../client/index.ts";
import type { Log } from "../driver/port.ts";
import { dataDirOf } from "../runtime/data-dir.ts";
import { type HomeHandle, openEngine, openHome, systemClock } from "../runtime/index.ts";
import { Lock } from "../runtime/lock.ts";

/** For one command: a client of the engine that runs, else an engine that answers and goes again without running by itself. */
export async function openForCommand(options: { home: string; dataDir: string | undefined; log: Log }): Promise<HomeHandle> {
  const lock = Lock.take(dataDirOf(options.home, options.dataDir));
  if (!(lock instanceof Lock)) return openHome(options);
  try {
    const { engine, secrets } = await openEngine(options);
    const log = secrets.guard(options.log);
    const client = connectEmbedded(createApi({ service: engine, clock: systemClock, log }), hostPrincipal("command-line"));
    const close = async () => {
      await client.close();
      await engine.close();
      lock.release();
    };
    return { client, url: null, setupUrl: null, own: true, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
