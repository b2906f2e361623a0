// Runs the steps that are out of date, in parallel if neither needs the other.

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { at } from './paths.mjs';
import { atExit, StepFailure, stopChildren } from './processes.mjs';
import { fingerprint, forget, isStale, remember } from './stamps.mjs';

/** Milliseconds after which a running step is printed. */
const PRINTED_AFTER = 300;

/**
 * Brings the steps called `wanted`, and all that they need, up to date.
 *
 * A step has `name`, `title` and `run`, and optionally `after` (steps whose results it reads), `helpers` (steps that run
 * only if this one has to run), and the fields that stamps.mjs reads. A step without `inputs`, `recipe` and `creates` has
 * no stamp: it runs whenever a step that it helps does.
 */
export async function bringUp(steps, wanted) {
  const byName = new Map(steps.map((step) => [step.name, step]));
  if (staleAmong(byName, wanted).size === 0) return;
  const unlock = await lock();
  try {
    await new Run(byName, staleAmong(byName, wanted)).all(wanted);
  } finally {
    unlock();
  }
}

/** Returns the names of the steps that may have to run: the stale ones, and every step that reads the results of one. */
function staleAmong(byName, wanted) {
  const stale = new Set();
  const seen = new Map();
  const visit = (name) => {
    if (!seen.has(name)) {
      const step = byName.get(name);
      const needs = (step.after ?? []).map(visit).some(Boolean);
      seen.set(name, needs || isStale(step));
      if (seen.get(name)) stale.add(name);
    }
    return seen.get(name);
  };
  wanted.forEach(visit);
  return stale;
}

class Run {
  #byName;
  #suspects;
  #started = new Map();
  #running = new Map();
  #failure;

  constructor(byName, suspects) {
    this.#byName = byName;
    this.#suspects = suspects;
  }

  async all(names) {
    const heartbeat = setInterval(() => this.#printRunningSteps(), 20_000);
    await Promise.allSettled(names.map((name) => this.#ensure(name)));
    clearInterval(heartbeat);
    if (this.#failure) throw this.#failure;
  }

  #ensure(name) {
    if (!this.#started.has(name)) this.#started.set(name, this.#bring(this.#byName.get(name)));
    return this.#started.get(name);
  }

  async #bring(step) {
    const before = (step.after ?? []).map((name) => this.#ensure(name));
    const stamped = hasStamp(step);
    if (stamped && !this.#suspects.has(step.name)) return void (await Promise.all(before));
    const helpers = (step.helpers ?? []).map((name) => this.#ensure(name));
    await Promise.all([...before, ...helpers]);
    if (stamped && !isStale(step)) return;
    if (this.#failure) throw this.#failure;
    await this.#execute(step, stamped);
  }

  async #execute(step, stamped) {
    const begun = performance.now();
    const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    const inputs = stamped ? fingerprint(step) : undefined;
    if (stamped) forget(step);
    let printed = false;
    const printing = setTimeout(() => {
      printed = true;
      say(`${step.title} …`);
    }, PRINTED_AFTER);
    this.#running.set(step.title, seconds);
    try {
      await step.run();
    } catch (error) {
      if (!this.#failure) {
        this.#failure =
          error instanceof StepFailure ? new StepFailure(`${error.message}\n\nset-up failed: ${step.title}`) : error;
        stopChildren();
      }
      throw this.#failure;
    } finally {
      this.#running.delete(step.title);
      clearTimeout(printing);
    }
    if (stamped) remember(step, inputs);
    if (printed) say(`${step.title}: done in ${seconds()}`);
  }

  #printRunningSteps() {
    for (const [title, seconds] of this.#running) say(`${title}: still at it after ${seconds()}`);
  }
}

const hasStamp = (step) => Boolean(step.inputs ?? step.recipe ?? step.creates);

function say(line) {
  console.error(`[set-up] ${line}`);
}

/** Takes the lock of the set-up, waiting for another set-up to end. Returns a function that releases it. */
async function lock() {
  const file = at('.tools/set-up.lock');
  mkdirSync(path.dirname(file), { recursive: true });
  for (let printed = false; ; printed = true) {
    try {
      const handle = openSync(file, 'wx');
      writeSync(handle, String(process.pid));
      closeSync(handle);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner === undefined ? isAbandoned(file) : !isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!printed) say(`waiting for another set-up (process ${owner ?? 'unknown'}) to finish`);
    await delay(300);
  }
  const unlock = () => rmSync(file, { force: true });
  const cancel = atExit(unlock);
  return () => {
    cancel();
    unlock();
  };
}

function readOwner(file) {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    return owner > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether the owner of a lock ended before it wrote its process number into it. */
function isAbandoned(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > 10_000;
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
