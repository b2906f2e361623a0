export { rules } from './rules.ts';

export type { ClientFacts, Facts } from './facts.ts';
export type { Finding, Rule, Severity } from './rule.ts';
