export { rules } from './rules.ts';

export type { ClientFacts, Facts } from './facts.ts';
export type { Diagnostic as Finding, Severity } from './diagnostic.ts';
export type { Rule } from './rule.ts';
