export { rules } from './rules.ts';

export type { Rule, Severity } from './rule.ts';
