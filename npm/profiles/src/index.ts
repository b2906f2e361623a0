export { environments, presets } from './presets.ts';
export type { PresetName } from './presets.ts';
