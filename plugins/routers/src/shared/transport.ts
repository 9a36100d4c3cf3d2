import { CertificateMemory, type DriverContext, type HttpOptions, HttpTransport } from "@network-personas/engine/driver";

/** The way to a router as its settings say: with the certificate that was agreed on, or the one of the first use. */
export const transportFor = (
  { requestTimeout, certificate }: { requestTimeout: number; certificate?: string | undefined },
  { router, dataDir }: Pick<DriverContext, "router" | "dataDir">,
  limits: Pick<HttpOptions, "sizeLimit" | "keepAlive">,
): HttpTransport =>
  new HttpTransport({
    router,
    timeLimit: requestTimeout,
    ...limits,
    ...(certificate === undefined ? { firstUse: new CertificateMemory(dataDir) } : { certificate }),
  });
