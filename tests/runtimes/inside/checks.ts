/** The public interface, once through: each check is a function of a build of the package. */
import { breakerChecks } from './breaker-checks.ts';
import { policyChecks } from './policy-checks.ts';
import type { Subject } from './suite.ts';

/** Something that holds of every build of the package in every runtime. */
export type Check = (subject: Subject) => void | Promise<void>;

export const checks: Readonly<Record<string, Check>> = { ...breakerChecks, ...policyChecks };
