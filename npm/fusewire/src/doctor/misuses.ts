import { reportFault } from '../logging.ts';
import type { Logger } from '../logging.ts';
import { isDeadline } from '../run/abort-signals.ts';
import type { CallContext } from '../run/call-context.ts';
import type { CallWatch } from '../run/call-watch.ts';
import { subjectOf } from './diagnose.ts';
import type { Diagnostic } from './diagnostic.ts';
import { toDiagnostics } from './rule.ts';
import { abortWithoutSignal, promiseRejected, workNotEnded } from './rules/calls.ts';
import type { CallRule } from './rules/calls.ts';

/** Finds mistakes that only calls reveal, and reports each as a diagnostic. */
export class MisuseWatch implements CallWatch {
  readonly #report: (diagnostic: Diagnostic, logger: Logger | undefined) => void;

  constructor(report: (diagnostic: Diagnostic, logger: Logger | undefined) => void) {
    this.#report = report;
  }

  onWork(context: CallContext, running: Promise<unknown>, logger: Logger | undefined): void {
    const check = () => {
      if (isDeadline(context.missedAbort?.reason)) this.#found(workNotEnded, `Work of ${context.breaker}`, logger);
    };
    running.then(check, check);
  }

  onForeignAbort(breaker: string, logger: Logger | undefined): void {
    this.#found(abortWithoutSignal, subjectOf(breaker), logger);
  }

  onPromiseRejected(breaker: string, logger: Logger | undefined): void {
    this.#found(promiseRejected, subjectOf(breaker), logger);
  }

  #found(rule: CallRule, subject: string, logger: Logger | undefined): void {
    try {
      for (const diagnostic of toDiagnostics(rule, subject, rule.message)) this.#report(diagnostic, logger);
    } catch (error) {
      // A diagnosis that fails must not fail the program.
      reportFault(undefined, 'fusewire: the diagnosis failed', error);
    }
  }
}
