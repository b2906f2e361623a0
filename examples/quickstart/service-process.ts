// Handle of one service process, for the process that started it.

import { type ChildProcess, fork } from 'node:child_process';
import type { Fault } from './script.ts';
import type { Command, Report } from './service.ts';

export class ServiceProcess {
  readonly #child: ChildProcess;
  #report: Report = { port: 0, seen: 0, calls: [] };
  #calls: number[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves once the service listens. */
  static async start(): Promise<ServiceProcess> {
    const child = fork(new URL('./service.ts', import.meta.url));
    process.once('exit', () => child.kill('SIGKILL'));
    const service = new ServiceProcess(child);
    await service.#nextReport();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#report.port}`;
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  /** Number of requests that the service had received at its last report. */
  get seen(): number {
    return this.#report.seen;
  }

  /** Returns the numbers of the calls in the reports since the last call of this method. */
  takeCalls(): number[] {
    return this.#calls.splice(0);
  }

  /** Resolves once the service has the fault. */
  enter(fault: Fault): Promise<void> {
    return this.#command({ enter: fault });
  }

  /** Resolves once every connection is closed and the process has ended. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#command({ stop: true });
    await ended;
  }

  #command(command: Command): Promise<void> {
    const reported = this.#nextReport();
    this.#child.send(command, () => {}); // If the child has died, no report comes and #nextReport() rejects.
    return reported;
  }

  #nextReport(): Promise<void> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onMessage = (report: unknown) => {
        child.off('exit', onExit);
        this.#report = report as Report;
        this.#calls.push(...this.#report.calls);
        resolve();
      };
      const onExit = (code: number | null, signal: string | null) => {
        child.off('message', onMessage);
        reject(new Error(`the service process ended early (${signal ?? `exit code ${code}`})`));
      };
      if (child.exitCode !== null || child.signalCode !== null) return onExit(child.exitCode, child.signalCode);
      child.once('message', onMessage);
      child.once('exit', onExit);
    });
  }
}
