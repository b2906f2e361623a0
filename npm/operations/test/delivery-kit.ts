import assert from 'node:assert/strict';
import { opened } from '@fusewire/operations/alerts';
import type { AlertsOptions, Notifier } from '@fusewire/operations/alerts';
import { setup } from './alerts-kit.ts';
import type { Setup } from './alerts-kit.ts';
import { until } from './receivers.ts';

/** Returns alerts about one breaker, with notifiers. */
export function watched(notifiers: readonly Notifier[], options: AlertsOptions = {}) {
  const all = setup({ rules: [opened()], notifiers, coolDown: 0, ...options });
  return { ...all, mpesa: all.registry.create('mpesa') };
}

/** Returns the stats of the notifier of that name. */
export function statsOf({ watcher }: Pick<Setup, 'watcher'>, name: string) {
  const stats = watcher.getStats().notifiers.find((notifier) => notifier.name === name);
  assert.ok(stats);
  return stats;
}

/** Returns a notifier that counts its attempts. */
export function counted(notifier: Notifier): Notifier & { readonly attempts: number } {
  let attempts = 0;
  return {
    ...notifier,
    get attempts() {
      return attempts;
    },
    deliver(notification, attempt) {
      attempts++;
      return notifier.deliver(notification, attempt);
    },
  };
}

/** Waits for the outcome of each attempt, and lets only the delays between them pass, until no notification waits. */
export async function deliver(all: Setup, notifier: Notifier & { readonly attempts: number }): Promise<void> {
  const { name } = notifier;
  for (let attempt = 1; statsOf(all, name).waiting > 0 || attempt === 1; attempt++) {
    const isAttempted = () => notifier.attempts >= attempt;
    await until(isAttempted, all.clock, 100);
    await until(() => statsOf(all, name).failedAttempts >= attempt || statsOf(all, name).waiting === 0);
  }
}
