/** Every check of the public interface, by name. */
import { breakerChecks } from './breaker-checks.ts';
import type { Check } from './check.ts';
import { policyChecks } from './policy-checks.ts';

export const checks: Readonly<Record<string, Check>> = { ...breakerChecks, ...policyChecks };
