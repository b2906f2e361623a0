/** `@fusewire/operations/contract`: the checks that every sink of events must pass, for any test runner. */
export { eventSinkContract } from './events/contract.ts';

export type { EventSinkCheck } from './events/contract.ts';
