import type { ConfigurationProblem } from './configuration-error.ts';

/** Takes a problem: what it is about, and how the sentence about that goes on. */
export type Report = (source: string, complaint: string) => void;

/** Collects problems, each of them once. */
export function collector(): { readonly problems: readonly ConfigurationProblem[]; readonly report: Report } {
  const problems: ConfigurationProblem[] = [];
  const report: Report = (source, complaint) => {
    const message = `${source} ${complaint}`;
    if (!problems.some((problem) => problem.message === message)) problems.push({ source, message });
  };
  return { problems, report };
}
