export type { Admission, AdmissionConfig } from "./admission.ts";
export { type Api, type ApiOptions, createApi } from "./api.ts";
export { type Scope, scopes, type TokenRecord, type TokenRecords } from "./contract.ts";
export { type ErrorBody, statusOf } from "./errors.ts";
export type { StreamMessage } from "./follow.ts";
export { hostPrincipal, type Principal } from "./principal.ts";
export { routes } from "./routes/index.ts";
export { type ApiServer, type ApiServerOptions, startApi } from "./server.ts";
export { type TokenInfo, Tokens } from "./tokens.ts";
