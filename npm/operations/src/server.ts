/** `@fusewire/operations/server`: responses to rejected calls, and the signal of a request. Used by all framework packages. */
export { disconnectSignal, isDisconnect } from './server/disconnect.ts';
export { refusalOf, refusalResponse, refusalsWith } from './server/refusal.ts';
export { shutDown } from './server/shutdown.ts';

export type { ClosableResponse } from './server/disconnect.ts';
export type { Refusal, RefusalDocument, RefusalOf, RefusalOptions } from './server/refusal.ts';
export type { ClosableServer, ShutdownOptions } from './server/shutdown.ts';
