export { breakersOf, protect } from './protect.ts';
export type { ProtectOptions } from './protect.ts';
