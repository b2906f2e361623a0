import type { ConfigurationProblem } from './configuration-error.ts';

/** Adds a problem. The message is the source and then the complaint, such as `TIMEOUT` and `must be a whole number`. */
export type Report = (source: string, complaint: string) => void;

/** Returns a list of problems, and the function that adds to it. The same message is added only once. */
export function problemCollector(): { readonly problems: readonly ConfigurationProblem[]; readonly report: Report } {
  const problems: ConfigurationProblem[] = [];
  const report: Report = (source, complaint) => {
    const message = `${source} ${complaint}`;
    if (!problems.some((problem) => problem.message === message)) problems.push({ source, message });
  };
  return { problems, report };
}
