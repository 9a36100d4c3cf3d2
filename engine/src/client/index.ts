export type { PersonasClient, RequestOptions, StreamListener } from "./contract.ts";
export { connectEmbedded } from "./embedded.ts";
export { ApiError, type ApiProblem } from "./errors.ts";
export { connectRemote, type RemoteOptions } from "./remote.ts";
