import { existsSync } from 'node:fs';
import { once } from '@fusewire/next';
import { eventLog, memoryEventSink } from '@fusewire/operations/events';

/** Event log that writes nothing by itself for a minute. */
export const events = once('events', () => eventLog({ sinks: memoryEventSink(), batchDelay: 60_000 }));

once('started', () => console.log(`operations started: ${existsSync('.')}`));
