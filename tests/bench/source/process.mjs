import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));
export const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** A measuring process: asked one thing at a time, over Node's message channel. */
export class MeasuringProcess {
  #child;
  /** @type {{ resolve: (value: any) => void, reject: (error: Error) => void } | undefined} */
  #waiting;
  #label;

  /** @param {{ node: string, nodeFlags?: readonly string[], label: string }} options */
  constructor({ node, nodeFlags = [], label }) {
    this.#label = label;
    this.#child = spawn(node, ['--no-warnings', ...nodeFlags, WORKER], {
      cwd: PACKAGE,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => this.#settle(message));
    this.#child.on('error', (error) => this.#fail(error.message));
    this.#child.on('exit', (code, signal) => this.#fail(`the process ended (${signal ?? code})`));
  }

  /**
   * @param {object} message
   * @param {number} [limitMs] the process is ended and the answer is an error after this long
   * @returns {Promise<any>}
   */
  ask(message, limitMs = 120_000) {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#fail(`no answer within ${limitMs / 1_000} s`);
        this.#child.kill('SIGKILL');
      }, limitMs);
      const done = (then) => (value) => {
        clearTimeout(limit);
        then(value);
      };
      this.#waiting = { resolve: done(resolve), reject: done(reject) };
      this.#child.send(message, (error) => error && this.#fail(error.message));
    });
  }

  /** Lets the process end by itself; resolves once it has. */
  end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    return ended;
  }

  #settle(message) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new Error(`${this.#label}: ${message.error}`));
  }

  #fail(reason) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(new Error(`${this.#label}: ${reason}`));
  }
}
