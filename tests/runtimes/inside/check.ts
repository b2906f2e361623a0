/** A check of the public interface, and the build of the package that it runs on. */
import type * as Fusewire from 'fusewire';
import type * as Queue from 'fusewire/queue';
import type { Engine } from '../../conformance/engines.ts';

/** A build of the package, as this runtime loaded it. */
export interface Subject {
  readonly fusewire: typeof Fusewire;
  readonly queue: typeof Queue;
  readonly backend: Fusewire.BackendKind;
  /** The engine of that backend, as the package ships it. */
  readonly engine: Engine;
  /** Whether the native addon is installed. */
  readonly hasAddon: boolean;
}

/** Throws or rejects if the build of the package does not behave as the name of the check says. */
export type Check = (subject: Subject) => void | Promise<void>;
