/** `@fusewire/operations/server`: the parts that all packages for frameworks share, for any server of Node. */
export { disconnectSignal, isDisconnect } from './server/disconnect.ts';
export { refusalOf, refusalResponse, refusalsWith } from './server/refusal.ts';
export { settleWithResponse } from './server/settle.ts';
export { closeIdleUntilClosed, shutDown } from './server/shutdown.ts';

export type { ClosableResponse } from './server/disconnect.ts';
export type { Refusal, RefusalDocument, RefusalOf, RefusalOptions } from './server/refusal.ts';
export type { RouteResponse } from './server/settle.ts';
export type { ClosableServer, IdleServer, ShutdownOptions } from './server/shutdown.ts';
